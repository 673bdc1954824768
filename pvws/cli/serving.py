"""What `serve` and `simulate` share: a test-bed that serves, plays, and says on stderr what it does."""

import asyncio
import json
import logging
import os
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct

from pvws import __version__
from pvws.cli.following import LogView, follow, note, tell_failure
from pvws.cli.run import Stop
from pvws.client.client import Client
from pvws.errors import InputError, Problem
from pvws.scenario.director import Director
from pvws.scenario.schema import Scenario
from pvws.server.settings import Configuration
from pvws.sim.source import Timed
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from pvws.terminal.output import Output
from pvws.units import duration_text
from pvws.wire.topics import TOPICS

__all__ = ["Serving"]


class Serving(Struct, frozen=True):
    """One run of a test-bed. Call it with the `Stop` of the command; it gives the exit code.

    With a scenario it ends when that has been played, unless it is to `stay`; without one it serves until it is
    stopped. `start` is the scenario's beginning in microseconds. Without a `configuration` there is no server. Events
    are written to `out`, where `-` is stdout; with `show` the log of a client of its own goes there.
    """

    scenario: Scenario | None
    configuration: Configuration | None
    start: int = 0
    stay: bool = False
    wait_for_client: bool = False
    ready_file: str | None = None
    out: str | None = None
    show: bool = False
    echo: bool = False
    verbose: bool = False

    async def __call__(self, stop: Stop) -> int:
        """Serve, play and report."""
        _log_to_stderr(verbose=self.verbose)
        with _opened(self.out) as output:
            stage = self._stage(output)
            async with self._served(stage) as url:
                showing = None
                if self.show and url is not None:
                    showing = asyncio.ensure_future(follow(self._client(url), LogView(sys.stdout), stop))
                await self._run(stage, output, showing, stop)
            if showing is not None:
                await showing  # it ends by itself: the server has said goodbye
        if self.scenario is not None:
            _tell_counts(self.scenario, stage)
        return stop.exit_code

    def _stage(self, output: Output | None) -> Stage:
        if self.scenario is None:
            return Stage()
        scenario = self.scenario
        director = Director(scenario, start=self.start, seed=scenario.seed, duration=scenario.duration)
        return Stage(
            director,
            start=self.start,
            speed=scenario.speed,
            seed=scenario.seed,
            heard=None if output is None else _Writer(output),
            held_up=None if output is None else lambda: output.full,
        )

    @asynccontextmanager
    async def _served(self, stage: Stage) -> AsyncIterator[str | None]:
        """The URL of a server for the stage, for as long as this is entered."""
        if self.configuration is None:
            yield None
            return
        async with Venue(stage, self.configuration, echo=self.echo) as venue:
            self._announce(venue.url)
            if self.ready_file is not None:
                _write_whole(self.ready_file, json.dumps({"url": venue.url, "pid": os.getpid()}) + "\n")
            yield venue.url

    def _client(self, url: str) -> Client:
        """A client of our own server: it knows a token, and need not be shown a certificate to believe it."""
        assert self.configuration is not None, "there is a server"
        tokens = self.configuration.auth.tokens
        context = None
        if self.configuration.tls is not None:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        query = f"?token={quote(tokens[0].token)}" if tokens else ""
        return Client(url + query, TOPICS, reconnect=False, tls=context)

    def _announce(self, url: str) -> None:
        note(f"pvws {__version__} serves {url}; Ctrl-C ends it")
        scenario = self.scenario
        if self.echo:
            note("every message is answered by itself; this is no PeerVault server")
        elif scenario is None:
            note("nothing plays, so no events will come; add --scenario quickstart to have some")
        if scenario is None:
            return
        speed = "as fast as it goes" if scenario.speed is None else f"at speed {scenario.speed:g}"
        waiting = " once a client has subscribed" if self.wait_for_client else ""
        note(f"playing {scenario.scenario}, {duration_text(scenario.duration)} {speed}{waiting}")

    async def _run(
        self, stage: Stage, output: Output | None, showing: "asyncio.Future[int] | None", stop: Stop
    ) -> None:
        """Return when there is nothing more to do, or a reason to stop. Raises what went wrong."""
        playing = asyncio.ensure_future(self._play(stage))
        failing = asyncio.ensure_future(_never() if output is None else output.failed())
        stopping = asyncio.ensure_future(stop.wait())
        reasons = {playing, failing, stopping} | (set() if showing is None else {showing})
        try:
            await asyncio.wait(reasons, return_when=asyncio.FIRST_COMPLETED)
            if failing.done():
                tell_failure(failing.result())
            elif playing.done():
                playing.result()
                if output is not None:
                    await asyncio.wait(
                        {asyncio.ensure_future(output.drain()), stopping, failing}, return_when=asyncio.FIRST_COMPLETED
                    )
        finally:
            for task in (playing, failing, stopping):
                task.cancel()

    async def _play(self, stage: Stage) -> None:
        if self.show:
            await stage.hub.subscriber(frozenset(TOPICS))
        elif self.wait_for_client:
            await stage.hub.subscriber()
        await stage.play()
        if self.stay or self.scenario is None:
            await _never()


class _Writer:
    """Writes each event's text as a line."""

    __slots__ = ("_write",)

    def __init__(self, output: Output) -> None:
        self._write = output.write

    def __call__(self, event: Timed) -> None:
        self._write(event.text.decode())


async def _never() -> OSError:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets that event")


def _log_to_stderr(*, verbose: bool) -> None:
    """Have the server's log on stderr, or nowhere."""
    logger = logging.getLogger("pvws")
    logger.propagate = False
    handler: logging.Handler = logging.StreamHandler() if verbose else logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s"))
    logger.handlers = [handler]
    logger.setLevel(logging.DEBUG if verbose else logging.CRITICAL)


@contextmanager
def _opened(out: str | None) -> Iterator[Output | None]:
    """Where events are written to, `-` being stdout."""
    if out is None:
        yield None
    elif out == "-":
        sys.stdout.flush()
        yield Output(sys.stdout.fileno())
    else:
        with _creating("--out", out), Path(out).open("wb") as file:
            yield Output(file.fileno())


@contextmanager
def _creating(option: str, path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        trouble = (error.strerror or str(error)).lower()
        raise InputError(Problem(option, "a file that can be written", f'"{path}" ({trouble})')) from None


def _write_whole(path: str, text: str) -> None:
    """Write a file so that whoever waits for it never sees a part of it."""
    with _creating("--ready-file", path):
        part = Path(f"{path}.part")
        part.write_text(text, encoding="utf-8")
        part.replace(path)


def _tell_counts(scenario: Scenario, stage: Stage) -> None:
    published = stage.hub.published
    counts = ", ".join(f"{topic} {count:,}" for topic, count in published.items())
    note(f"{scenario.scenario}: {sum(published.values()):,} events ({counts})")
