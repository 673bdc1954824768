"""What `serve` and `simulate` share: a test-bed that serves, plays, and says on stderr what it does.

What not every server needs, such as scenarios, clients and recordings, is imported where that is wished for: a server
in which nothing plays is ready in half the time.
"""

import asyncio
import logging
import secrets
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct, structs

from pvws import __version__
from pvws.cli.allowance import with_room
from pvws.cli.controlled import announce_control, controlled, controlled_from_afar
from pvws.cli.delivered import delivered
from pvws.cli.files import opened
from pvws.cli.judged import judged
from pvws.cli.logged import log_to_stderr
from pvws.cli.ready import told_ready
from pvws.cli.reloading import Current, reloaded
from pvws.cli.run import Stop
from pvws.cli.standard import LAST_WRITE_S, note, tell_failure, terminal_at
from pvws.errors import PvwsError
from pvws.server.settings import Configuration
from pvws.session.access import Token
from pvws.sim.source import Input
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from pvws.terminal.output import Output
from pvws.units import duration_text
from pvws.wire.profiles import DOCUMENTED
from pvws.wire.topics import TOPICS

if TYPE_CHECKING:
    from pvws.cli.performance import Performance
    from pvws.cli.staging import Staging
    from pvws.client.client import Client
    from pvws.files.recorder import Recorder
    from pvws.scenario.expectations import Kind
    from pvws.scenario.schema import Scenario
    from pvws.stage.loading import Loading

__all__ = ["LAST_DELIVERY_S", "PERFORMANCE_PERIOD_S", "Serving"]

LAST_DELIVERY_S = 30.0
"""How long clients that read slowly are waited for when a scenario has ended: the contract's write timeout."""

PERFORMANCE_PERIOD_S = 10.0
"""How often a verbose server tells how it is doing."""


class _Written(NamedTuple):
    """Something that is written to, and what a person calls it."""

    output: Output
    name: str


class Serving(Struct, frozen=True):
    """One run of a test-bed. Call it with the `Stop` of the command; it gives the exit code.

    With a scenario it ends when that has been played, unless it is a `loop` or is to `stay`; without one it serves
    until it is stopped, and shows what is played on its `bus`, where it has one. `start` is the scenario's beginning in
    microseconds, and `inputs` are what clients did in the run that is to be played again. Without a `configuration`
    there is no server. Events are written to `out`, where `-` is stdout, and what clients do to `save_inputs`; all that
    plays is recorded to `record` and sent to a `bus`; with `show` a view of a client of its own is on stdout, with
    `progress` a line on a terminal says how far it is. `loading` is how the scenario is read again, with `reload`
    whenever one of its files changes. What worlds other than the main one play is the scenario, or what stands
    `beside` the main one where that shows what comes by a bus.
    """

    scenario: "Scenario | None"
    configuration: Configuration | None
    start: int = 0
    loop: bool = False
    paranoid: bool = False
    inputs: tuple[Input, ...] | None = None
    stay: bool = False
    wait_for_client: bool = False
    ready_file: str | None = None
    out: str | None = None
    save_inputs: str | None = None
    record: str | None = None
    show: Literal["log", "dashboard"] | None = None
    progress: bool = False
    echo: bool = False
    verbose: bool = False
    loading: "Loading | None" = None
    reload: bool = False
    bus: str | None = None
    beside: "Scenario | None" = None

    async def __call__(self, stop: Stop) -> int:
        """Serve, play and report."""
        log_to_stderr(verbose=self.verbose)
        if sys.stdout is None and (self.show or self.out == "-"):
            raise PvwsError("standard output is closed")
        view = None
        if self.show is not None:
            from pvws.cli.views import view_on

            view = view_on(sys.stdout, "", self.show)
        performance = self._performance(None if view is None else view.output)
        stage = Stage() if performance is None else self._staging.main(performance)
        own = secrets.token_urlsafe()
        async with (
            self._bused(stage, performance, stop) as tell,
            self._served(stage, own, stop) as url,
            self._recorded(performance, stage) as recorder,
        ):
            tell(url)
            # Not before the address is ours: no file is lost to a busy port.
            with self._writing(performance) as outputs, judged(stage, self._expected) as verdicts:
                showing = None
                if view is not None and url is not None:
                    from pvws.cli.following import follow

                    showing = asyncio.ensure_future(follow(self._client(url, own), view, stop))
                try:
                    async with self._progressing(performance, stage):
                        await self._run(performance, stage, outputs, showing, stop)
                except BaseException:
                    if showing is not None:
                        showing.cancel()
                    raise
                await _finish(performance, outputs)
        if showing is not None:
            await showing  # it ends by itself: the server has said goodbye
        if performance is not None:
            self._sum_up(performance, stage, verdicts)
        return stop.exit_code or int(recorder is not None and recorder.trouble is not None)

    @property
    def _expected(self) -> "tuple[Kind, ...]":
        """What is expected of clients; nothing of one that is ours."""
        if self.scenario is None or self.configuration is None or self.show is not None:
            return ()
        return tuple(self.scenario.expect)

    def _performance(self, view: Output | None) -> "Performance | None":
        scenario = self.scenario
        if scenario is None:
            return None
        from pvws.cli.journal import Journal
        from pvws.cli.performance import Performance

        performance = Performance(scenario, self.start, self._staging.source(scenario), view)
        if self.save_inputs is not None:
            performance.journal = Journal(scenario, self.start)
        return performance

    @property
    def _staging(self) -> "Staging":
        from pvws.cli.staging import Staging

        return Staging(
            start=self.start,
            loop=self.loop,
            paranoid=self.paranoid,
            inputs=self.inputs,
            wait_for_client=self.wait_for_client,
            shown=self.show is not None,
            loading=self.loading,
        )

    def _world(self, current: Current, name: str) -> Stage:
        """A stage beside the main one, on which the same is played as it was read last."""
        return Stage(name=name) if current.scenario is None else self._staging.world(current.scenario, name)

    def _bused(
        self, stage: Stage, performance: "Performance | None", stop: Stop
    ) -> AbstractAsyncContextManager[Callable[[str | None], None]]:
        if self.bus is None:
            return nullcontext(lambda url: None)
        from pvws.cli.bused import bused

        return bused(self.bus, stage, None if performance is None else performance.lead, stop)

    @asynccontextmanager
    async def _served(self, stage: Stage, own: str, stop: Stop) -> AsyncIterator[str | None]:
        """The URL of a server for the stage, for as long as this is entered; `own` is a token for our own client."""
        configuration = self.configuration
        if configuration is None:
            async with controlled_from_afar(stage, partial(stop.request, 0)):
                yield None
            return
        auth = configuration.auth
        if auth.tokens and self.show is not None:
            auth = structs.replace(auth, tokens=(*auth.tokens, Token(own)))
            configuration = structs.replace(configuration, auth=auth)
        configuration = with_room(configuration)
        current = Current(self.scenario or self.beside)
        async with (
            Venue(stage, configuration, echo=self.echo, make=partial(self._world, current)) as venue,
            controlled(venue, configuration, partial(stop.request, 0)) as control,
            reloaded(self.loading if self.reload else None, current, lambda: venue.stages.values()),
        ):
            self._announce(venue.url)
            announce_control(control)
            with told_ready(self.ready_file, venue.url, control):
                yield venue.url

    @asynccontextmanager
    async def _recorded(self, performance: "Performance | None", stage: Stage) -> "AsyncIterator[Recorder | None]":
        """For as long as this is entered everything that plays on the main stage is recorded, if that is wished."""
        if self.record is None:
            yield None
            return
        from pvws.cli.recorded import header_of, recording_to
        from pvws.stage.record import StageRecord

        profile = "documented" if self.configuration is None else self.configuration.profile
        quirks = DOCUMENTED if self.configuration is None else self.configuration.settings.quirks
        start, scenario = stage.now(), self.scenario
        header = header_of("serve" if scenario is None else "simulate", profile=profile, start=start, topics=TOPICS)
        if scenario is not None:
            header = structs.replace(header, scenario=scenario.scenario, seed=scenario.seed)
        async with recording_to(self.record, header, "--record") as recorder:
            stage.observe(StageRecord(recorder.record, start.micros, quirks))
            if performance is not None:
                performance.recorder = recorder
            yield recorder

    def _client(self, url: str, own: str) -> "Client":
        """A client of our own server: it has a token, and need not be shown a certificate to believe it."""
        from pvws.client.client import Client

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
        elif scenario is None and self.bus is None:
            note("nothing plays, so no events will come; add --scenario quickstart, or run: pvws ctl load quickstart")
        if self.beside is not None:
            note(f"worlds under ?world= play {self.beside.scenario}, each by itself; main shows what comes by the bus")
        if scenario is None:
            return
        speed = "as fast as it goes" if scenario.speed is None else f"at speed {scenario.speed:g}"
        again = " in a loop," if self.loop else ""
        waiting = " once a client has subscribed" if self.wait_for_client else ""
        note(f"playing {scenario.scenario}, {duration_text(scenario.duration)}{again} {speed}{waiting}")
        if self.inputs is not None:
            note(f"with {len(self.inputs):,} inputs of the journal; what clients do now changes nothing")

    @contextmanager
    def _writing(self, performance: "Performance | None") -> Iterator[list[_Written]]:
        """What is written to for as long as this is entered, each with what a person calls it."""
        with ExitStack() as files:
            outputs = list[_Written]()
            if self.out == "-":
                sys.stdout.flush()
                outputs.append(_Written(Output(sys.stdout.fileno()), "standard output"))
            elif self.out is not None:
                file = files.enter_context(opened("--out", self.out))
                outputs.append(_Written(Output(file.fileno()), self.out))
            if performance is not None:
                performance.output = outputs[0].output if outputs else None
                if self.save_inputs is not None and performance.journal is not None:
                    file = files.enter_context(opened("--save-inputs", self.save_inputs))
                    outputs.append(_Written(Output(file.fileno()), self.save_inputs))
                    performance.journal.open(outputs[-1].output)
            yield outputs

    @asynccontextmanager
    async def _progressing(self, performance: "Performance | None", stage: Stage) -> AsyncIterator[None]:
        """For as long as this is entered a line says how far it is, if there is a terminal that it fits on."""
        taken = self.show is not None or self.verbose or (self.out == "-" and terminal_at(sys.stdout))
        if performance is None or not self.progress or taken or not terminal_at(sys.stderr):
            yield
            return
        from pvws.cli.progress import show_progress

        scenario, looking = performance.scenario, partial(performance.look, stage)
        duration = None if self.loop else scenario.duration
        showing = asyncio.ensure_future(show_progress(scenario.scenario, duration, looking))
        try:
            yield
        finally:
            showing.cancel()
            await asyncio.wait({showing})

    async def _run(
        self,
        performance: "Performance | None",
        stage: Stage,
        outputs: Sequence[_Written],
        showing: "asyncio.Future[int] | None",
        stop: Stop,
    ) -> None:
        """Return when there is nothing more to do, or a reason to stop. Raises what went wrong."""
        playing = asyncio.ensure_future(self._play(performance, stage, outputs))
        telling = asyncio.ensure_future(_tell_performance(stage)) if self.verbose else None
        failing = {asyncio.ensure_future(each.output.failed()): each.name for each in outputs}
        stopping = asyncio.ensure_future(stop.wait())
        reasons = {playing, stopping, *failing} | (set() if showing is None else {showing})
        try:
            await asyncio.wait(reasons, return_when=asyncio.FIRST_COMPLETED)
            failed = [task for task in failing if task.done()]
            for task in failed:
                tell_failure(task.result(), failing[task])
            if playing.done() and not failed:
                playing.result()
        finally:
            for each in (playing, stopping, telling, *failing):
                if each is not None:
                    each.cancel()

    async def _play(self, performance: "Performance | None", stage: Stage, outputs: Sequence[_Written]) -> None:
        if performance is not None and not (self.wait_for_client or self.show):
            performance.begin()  # else with the first event
        await stage.play()
        if performance is None:
            await stage.play_on()  # a controller may load something
            return
        performance.end()
        if self.configuration is not None:
            for straggler in await stage.settle(LAST_DELIVERY_S):
                note(f"{straggler}; it is not waited for")
        for each in outputs:
            await each.output.drain()
        if self.stay:
            note(f"{performance.scenario.scenario} has ended; still serving, but nothing plays")
            await stage.play_on()

    def _sum_up(self, performance: "Performance", stage: Stage, verdicts: Sequence[str]) -> None:
        lines = [*performance.summary(stage), *delivered(stage), *verdicts]
        if performance.sha256 is not None:
            lines.append(f"  sha256 {performance.sha256} of {'standard output' if self.out == '-' else self.out}")
        note("\n".join(lines))


async def _finish(performance: "Performance | None", outputs: Sequence[_Written]) -> None:
    """After a signal: write what was already played, unless its reader has stopped; then the digest is known."""
    draining = [asyncio.ensure_future(each.output.drain()) for each in outputs]
    if not draining:
        return
    await asyncio.wait(draining, timeout=LAST_WRITE_S)
    for task in draining:
        task.cancel()
    if performance is not None and performance.output is not None and performance.output.written:
        performance.sha256 = performance.tally.sha256


async def _tell_performance(stage: Stage) -> None:
    """Log, every so often, what the server is doing."""
    logger, before = logging.getLogger("pvws.server"), 0
    while True:
        await asyncio.sleep(PERFORMANCE_PERIOD_S)
        published = sum(stage.hub.published.values())
        rate = (published - before) / PERFORMANCE_PERIOD_S
        logger.info("performance: %d clients, %.1f events/s, %d events in all", len(stage.hub), rate, published)
        for line in delivered(stage):
            logger.info("performance: %s", line.strip())
        before = published
