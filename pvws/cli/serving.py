"""What `serve` and `simulate` share: a test-bed that serves, plays, and says on stderr what it does."""

import asyncio
import json
import logging
import os
import secrets
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from msgspec import Struct, structs

from pvws import __version__
from pvws.cli.following import LogView, follow, note, tell_failure
from pvws.cli.run import Stop
from pvws.client.client import Client
from pvws.errors import InputError, Problem, PvwsError
from pvws.scenario.director import Director
from pvws.scenario.schema import Scenario
from pvws.server.room import MAIN
from pvws.server.settings import Configuration
from pvws.session.access import Token
from pvws.sim.source import Timed
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from pvws.terminal.output import Output
from pvws.units import duration_text
from pvws.wire.topics import TOPICS

__all__ = ["PERFORMANCE_PERIOD_S", "Serving"]

PERFORMANCE_PERIOD_S = 10.0
"""How often a verbose server tells how it is doing."""


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
        if sys.stdout is None and (self.show or self.out == "-"):
            raise PvwsError("standard output is closed")
        view = LogView(sys.stdout) if self.show else None
        out = _Out(None if view is None else view.output)
        stage = self._stage(out)
        own = secrets.token_urlsafe()
        async with self._served(stage, own) as url:
            with _opened(self.out) as out.output:  # not before the address is ours: a file is not lost to a busy port
                showing = None
                if view is not None and url is not None:
                    showing = asyncio.ensure_future(follow(self._client(url, own), view, stop))
                try:
                    await self._run(stage, out.output, showing, stop)
                except BaseException:
                    if showing is not None:
                        showing.cancel()
                    raise
        if showing is not None:
            await showing  # it ends by itself: the server has said goodbye
        if self.scenario is not None:
            _tell_counts(self.scenario, stage)
        return stop.exit_code

    def _stage(self, out: "_Out | None", name: str = MAIN) -> Stage:
        """A stage on which the scenario is played afresh; what happens on the main one goes to `out`."""
        if self.scenario is None:
            return Stage(name=name)
        scenario = self.scenario
        return Stage(
            Director(scenario, start=self.start, seed=scenario.seed, duration=scenario.duration),
            name=name,
            wait_for=self._topics_awaited(out),
            start=self.start,
            speed=scenario.speed,
            seed=scenario.seed,
            heard=None if out is None or self.out is None else out.hear,
            held_up=None if out is None else out.full,
        )

    def _topics_awaited(self, out: "_Out | None") -> frozenset[str] | None:
        if self.show and out is not None:  # the main stage begins when our own view has all
            return frozenset(TOPICS)
        return frozenset() if self.wait_for_client else None

    def _world(self, name: str) -> Stage:
        return self._stage(None, name)

    @asynccontextmanager
    async def _served(self, stage: Stage, own: str) -> AsyncIterator[str | None]:
        """The URL of a server for the stage, for as long as this is entered; `own` is a token for our own client."""
        configuration = self.configuration
        if configuration is None:
            yield None
            return
        auth = configuration.auth
        if auth.tokens and self.show:
            auth = structs.replace(auth, tokens=(*auth.tokens, Token(own)))
            configuration = structs.replace(configuration, auth=auth)
        ready = self.ready_file
        async with Venue(stage, configuration, echo=self.echo) as venue:
            self._announce(venue.url)
            if ready is not None:
                _write_whole(ready, json.dumps({"url": venue.url, "pid": os.getpid()}) + "\n")
            try:
                yield venue.url
            finally:
                if ready is not None:
                    _remove(ready)

    def _client(self, url: str, own: str) -> Client:
        """A client of our own server: it has a token, and need not be shown a certificate to believe it."""
        assert self.configuration is not None, "there is a server"
        context = None
        if self.configuration.tls is not None:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        query = f"?token={own}" if self.configuration.auth.tokens else ""
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
        playing = asyncio.ensure_future(self._play(stage, output))
        telling = asyncio.ensure_future(_tell_performance(stage)) if self.verbose else None
        failing = asyncio.ensure_future(_never() if output is None else output.failed())
        stopping = asyncio.ensure_future(stop.wait())
        reasons = {playing, failing, stopping} | (set() if showing is None else {showing})
        try:
            await asyncio.wait(reasons, return_when=asyncio.FIRST_COMPLETED)
            if failing.done():
                tell_failure(failing.result(), "standard output" if self.out == "-" else str(self.out))
            elif playing.done():
                playing.result()
        finally:
            for task in (playing, failing, stopping, telling):
                if task is not None:
                    task.cancel()

    async def _play(self, stage: Stage, output: Output | None) -> None:
        await stage.play()
        if output is not None:
            await output.drain()
        if self.scenario is None:
            await _never()
        elif self.stay:
            note(f"{self.scenario.scenario} has ended; serving on, quietly")
            await _never()


class _Out:
    """Where events are written, and whether it would rather get no more for now."""

    __slots__ = ("_view", "output")

    def __init__(self, view: Output | None) -> None:
        self._view = view
        self.output: Output | None = None

    def hear(self, event: Timed) -> None:
        """Write an event's text as a line."""
        if self.output is not None:
            self.output.write_bytes(event.text)

    def full(self) -> bool:
        """Whether a reader is so slow that more would pile up."""
        return any(output is not None and output.full for output in (self.output, self._view))


async def _tell_performance(stage: Stage) -> None:
    """Log, every so often, what the server is doing."""
    logger, before = logging.getLogger("pvws.server"), 0
    while True:
        await asyncio.sleep(PERFORMANCE_PERIOD_S)
        published = sum(stage.hub.published.values())
        rate = (published - before) / PERFORMANCE_PERIOD_S
        logger.info("performance: %d clients, %.1f events/s, %d events in all", len(stage.hub), rate, published)
        before = published


async def _never() -> OSError:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets that event")


def _remove(path: str) -> None:
    """Nobody is to find a server that is gone."""
    Path(path).unlink(missing_ok=True)


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
        try:
            file = Path(out).open("wb")  # noqa: SIM115 - closed below; only opening it is the user's mistake
        except OSError as error:
            raise _not_writable("--out", out, error) from None
        with file:
            yield Output(file.fileno())


def _not_writable(option: str, path: str, error: OSError) -> InputError:
    trouble = (error.strerror or str(error)).lower()
    return InputError(Problem(option, "a file that can be written", f'"{path}" ({trouble})'))


def _write_whole(path: str, text: str) -> None:
    """Write a file so that whoever waits for it never sees a part of it."""
    try:
        part = Path(f"{path}.part")
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise _not_writable("--ready-file", path, error) from None


def _tell_counts(scenario: Scenario, stage: Stage) -> None:
    published = stage.hub.published
    counts = ", ".join(f"{topic} {count:,}" for topic, count in published.items())
    note(f"{scenario.scenario}: {sum(published.values()):,} events ({counts})")
