"""One run of `pvws replay`."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from pvws import __version__
from pvws.cli.controlled import announce_control, controlled
from pvws.cli.logged import log_to_stderr
from pvws.cli.ready import told_ready
from pvws.cli.recorded import header_of, recording_to
from pvws.cli.run import Stop, unless_stopped
from pvws.cli.standard import note
from pvws.cli.tally import Tally, moment
from pvws.cli.wishes import Wishes
from pvws.files.recorder import Recorder
from pvws.recording.format import Gap
from pvws.recording.prompter import Prompter
from pvws.recording.replayer import Replayer
from pvws.server.settings import Configuration
from pvws.sim.agenda import Instant
from pvws.sim.source import Cue, Timed
from pvws.stage.observer import Observer
from pvws.stage.record import StageRecord
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from pvws.timestamp import Timestamp
from pvws.units import duration_text
from pvws.wire.profiles import DOCUMENTED

if TYPE_CHECKING:
    from pvws.stage.leading import Leading

__all__ = ["Replaying"]


class Replaying(Struct, frozen=True):
    """Call it with the `Stop` of the command; it gives the exit code.

    That is 1 when a synchronized client did not say what was recorded or the recording made of it failed, and 2 when
    lines of a recording had to be left out.
    """

    wishes: Wishes
    configuration: Configuration | None
    stay: bool = False
    record: str | None = None
    wait_for_client: bool = False
    ready_file: str | None = None
    verbose: bool = False
    bus: str | None = None

    async def __call__(self, stop: Stop) -> int:
        """Serve, play and report."""
        log_to_stderr(verbose=self.verbose)
        run = _Run(self)
        async with AsyncExitStack() as recording, self._bused(run, stop), self._served(run, stop):
            if self.record is not None:  # not before the address is ours: no file is lost to a busy port
                header = header_of(
                    "replay",
                    profile=self._profile,
                    start=Timestamp(self.wishes.start),
                    note=f"a replay of {self.wishes.name}",
                )
                run.record(await recording.enter_async_context(recording_to(self.record, header, "--record")))
            await run.play(stop)
        note("\n".join(run.summary()))
        return stop.exit_code or run.exit_code

    @property
    def _profile(self) -> str:
        return self.wishes.profile if self.configuration is None else self.configuration.profile

    def _bused(self, run: "_Run", stop: Stop) -> AbstractAsyncContextManager[object]:
        """For as long as this is entered what is replayed goes to all nodes of a bus, if that is wished."""
        if self.bus is None:
            return nullcontext()
        from pvws.cli.bused import bused

        return bused(self.bus, run.stage, run.lead, stop)

    @asynccontextmanager
    async def _served(self, run: "_Run", stop: Stop) -> AsyncIterator[None]:
        configuration = self.configuration
        if configuration is None:
            yield
            return
        async with (
            Venue(run.stage, configuration, make=run.world) as venue,
            controlled(venue, configuration, partial(stop.request, 0)) as control,
        ):
            self._announce(venue.url)
            announce_control(control)
            with told_ready(self.ready_file, venue.url, control):
                yield

    def _announce(self, url: str) -> None:
        wishes = self.wishes
        note(f"pvws {__version__} serves {url}; Ctrl-C ends it")
        pace = "as fast as it goes" if wishes.speed is None else f"at speed {wishes.speed:g}"
        since = f" from {duration_text(wishes.choice.since)}" if wishes.choice.since else ""
        again = " in a loop," if wishes.choice.loop else ""
        waiting = " once a client has subscribed" if self.wait_for_client else ""
        note(f"replaying {wishes.name} ({self._profile}){since}{again} {pace}{waiting}")
        if wishes.talk is not None:
            note(f"waiting for each of the {len(wishes.talk.lines):,} messages that clients sent")
        if wishes.profile == "upstream" and self._profile != "upstream":
            note("it was recorded from the shipped server: its messages go out as they are, whatever the profile")


class _Run(Observer):
    """A replay on the main stage, and what is counted of it."""

    def __init__(self, replaying: Replaying) -> None:
        self._replaying = replaying
        wishes = self._wishes = replaying.wishes
        self._tally = Tally()
        self._clock = asyncio.get_running_loop().time
        self._began = self._ended = self._clock()
        self._last = wishes.start
        self._recorder: Recorder | None = None
        self._prompter: Prompter | None = None
        self._bus: Leading | None = None
        self._replayer = replayer = self._made()
        if wishes.talk is not None:
            self._prompter = Prompter(replayer, wishes.talk, wishes.start)
        self.stage = self._stage("main", replayer)

    @property
    def exit_code(self) -> int:
        """0 when all went as it should."""
        if self._prompter is not None and self._prompter.report:
            return 1
        if self._recorder is not None and self._recorder.trouble is not None:
            return 1
        return 2 if any(source.problems for source in self._wishes.sources) else 0

    def record(self, recorder: Recorder) -> None:
        """Have it recorded from now on."""
        configuration = self._replaying.configuration
        quirks = DOCUMENTED if configuration is None else configuration.settings.quirks
        self._recorder = recorder
        self.stage.observe(StageRecord(recorder.record, self._wishes.start, quirks))

    def lead(self, bus: "Leading") -> None:
        """Have it sent to the nodes of a bus from now on."""
        self._bus = bus

    def world(self, name: str) -> Stage:
        """A stage beside the main one, on which the same is played."""
        return self._stage(name, self._made())

    async def play(self, stop: Stop) -> None:
        """Play to the end, or until there is a reason to stop."""
        await unless_stopped(stop, self._play())
        self._ended = self._clock()

    def published(self, events: Sequence[Timed], real: Instant) -> None:
        """Count events."""
        if not self._tally.total:
            self._began = self._clock()
        self._tally.saw(events)
        self._last = events[-1].at

    def cued(self, cue: Cue) -> None:
        """Tell of a mark."""
        if cue.kind == "mark":
            after = cue.at - self._wishes.start
            self._tally.marked(cue.name, after)
            note(f"mark {self._tally.last_mark} at {moment(after)}")

    def heard(self, client: int, message: str | bytes, at: Instant, real: Instant) -> None:
        """A client has sent a message, which may be waited for."""
        if self._prompter is not None:
            self._prompter.heard(client, message, at)

    def summary(self) -> list[str]:
        """The lines to leave with."""
        lines = self._tally.summary(self._wishes.name, self._last - self._wishes.start, self._ended - self._began)
        if self._replayer.left_out:
            lines.append(f"  {self._replayer.left_out:,} messages were answers to the recorded client or not chosen")
        if not self._tally.total and self._wishes.choice.since:
            lines.append(f"  nothing was recorded from {duration_text(self._wishes.choice.since)} on")
        if self._prompter is not None:
            left = self._prompter.left
            if self._prompter.report:
                lines += self._prompter.report
            elif left:
                lines.append(f"  {len(left):,} messages of clients did not come; next: {left[0].shown}")
            else:
                lines.append("  clients sent everything that was recorded")
        return lines

    async def _play(self) -> None:
        await self.stage.play()
        failed = self._prompter is not None and self._prompter.report
        if self._replaying.stay and not failed:
            self._ended = self._clock()
            note(f"{self._wishes.name} has ended; still serving, but nothing plays")
            await asyncio.Event().wait()

    def _made(self) -> Replayer:
        return Replayer(self._wishes.tracks, self._wishes.start, self._wishes.choice, gap=self._tell_gap)

    def _stage(self, name: str, replayer: Replayer) -> Stage:
        wishes, is_main = self._wishes, name == "main"
        prompter = self._prompter if is_main else None

        def welcome(topic: str) -> Sequence[Timed]:
            source = stage.source  # after a seek another than it began with
            return source.welcome(topic) if isinstance(source, Replayer | Prompter) else ()

        stage = Stage(
            replayer if prompter is None else prompter,
            name=name,
            wait_for=frozenset() if self._replaying.wait_for_client else None,
            start=wishes.start,
            speed=wishes.speed,
            remake=None if prompter is not None else lambda inputs: self._made(),
            observers=(self,) if is_main else (),
            held_up=self._held_up if is_main else None,
            welcome=welcome,
        )
        return stage

    def _held_up(self) -> bool:
        """At speed max: whether a reader of ours is slow, or a client is waited for, or a node of the bus."""
        recorder, prompter, bus = self._recorder, self._prompter, self._bus
        slow = (recorder is not None and recorder.full) or (bus is not None and bus.full)
        return slow or (prompter is not None and prompter.waiting)

    def _tell_gap(self, gap: Gap) -> None:
        lost = "" if gap.messages is None else f", {gap.messages:,} messages lost"
        note(f"a gap in the recording at {moment(gap.t)}: {gap.reason}{lost}")
