"""One performance of a scenario: its source on the main stage, and all that listens to it but clients."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pvws.cli.journal import Journal
from pvws.cli.progress import Look
from pvws.cli.standard import note
from pvws.cli.tally import Tally, moment
from pvws.files.recorder import Recorder
from pvws.scenario.director import Director
from pvws.scenario.loop import Loop
from pvws.scenario.schema import Scenario
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Cue, Exchange, Order, Source, Timed
from pvws.stage.observer import Observer
from pvws.stage.stage import Stage
from pvws.terminal.output import Output
from pvws.world.world import World

if TYPE_CHECKING:
    from pvws.stage.leading import Leading

__all__ = ["Deaf", "Performance"]


class Deaf:
    """A `Source` that plays a run of which all inputs are known: what clients do now changes nothing."""

    def __init__(self, director: Director) -> None:
        self.director = director

    def peek(self) -> Instant | None:
        """When the next thing happens."""
        return self.director.peek()

    def take(self, until: Instant | None, limit: int) -> list[Timed | Cue]:
        """What happens up to and including an instant."""
        return self.director.take(until, limit)

    def tell(self, deed: ClientInput) -> None:
        """A client has done something, which has no effect."""

    def order(self, order: Order) -> None:
        """A controller would do something, which is refused."""


class Performance(Observer):
    """What is played on the main stage from `start` on, what is counted of it and where it is written.

    `view` is where a client of our own shows it: while its reader is slow no more is played at speed max. Everything
    happens within an event loop.
    """

    def __init__(self, scenario: Scenario, start: Instant, source: Source, view: Output | None = None) -> None:
        self.scenario = scenario
        self.start = start
        self.source = source
        self.tally = Tally()
        self.journal: Journal | None = None
        self.output: Output | None = None
        """Where events are written, if they are."""
        self.recorder: Recorder | None = None
        """And what records them."""
        self.bus: Leading | None = None
        """And what sends them to other servers."""
        self.sha256: str | None = None
        """Of what was written, once that is all."""
        self._view = view
        self._clock = asyncio.get_running_loop().time
        self._began: float | None = None
        self._ended: float | None = None

    def begin(self) -> None:
        """It begins to be played, or has: real time is taken from the first call on."""
        if self._began is None:
            self._began = self._clock()

    def published(self, events: Sequence[Timed], real: Instant) -> None:
        """Count events, and write their texts as lines, in one go."""
        self.begin()
        self.tally.saw(events)
        if self.output is not None:
            lines = b"\n".join([event.text for event in events])
            self.output.write_bytes(lines)
            self.tally.wrote(lines)

    def noted(self, deed: ClientInput) -> None:
        """Write down what a client did, where that is wanted."""
        if self.journal is not None:
            self.journal.note(deed)

    def ordered(self, order: Order) -> None:
        """Write down what a controller did, where that is wanted."""
        if self.journal is not None:
            self.journal.note(order)

    def exchanged(self, exchange: Exchange) -> None:
        """Something else plays: write that down, where it is wanted, and go on counting."""
        self._ended = None
        if self.journal is not None:
            self.journal.note(exchange)

    def cued(self, cue: Cue) -> None:
        """Tell of a mark."""
        if cue.kind == "mark":
            after = cue.at - self.start
            self.tally.marked(cue.name, after)
            note(f"mark {self.tally.last_mark} at {moment(after)}")

    def lead(self, bus: "Leading") -> None:
        """Have a bus send it to other servers."""
        self.bus = bus

    def full(self) -> bool:
        """Whether a reader is so slow that more would pile up."""
        return any(each is not None and each.full for each in (self.output, self._view, self.recorder, self.bus))

    def end(self) -> None:
        """All was played."""
        self._ended = self._clock()

    def look(self, stage: Stage) -> Look:
        """How far it is."""
        world = self._world(stage)
        if world is None:
            return Look(self._played(stage), self.tally.total, len(stage.hub), 0, None, 0, self.tally.last_mark)
        space = world.store.total_space
        return Look(
            played=self._played(stage),
            events=self.tally.total,
            clients=len(stage.hub),
            peers=len(world.store.connected),
            storage=world.store.used_space / space if space else None,
            alerts=len(world.watch.uncleared()),
            mark=self.tally.last_mark,
        )

    def summary(self, stage: Stage) -> list[str]:
        """The lines to leave with."""
        ended = self._clock() if self._ended is None else self._ended
        real_s = 0.0 if self._began is None else ended - self._began
        return self.tally.summary(self.scenario.scenario, self._played(stage), real_s, list(self._alerts(stage)))

    def _alerts(self, stage: Stage) -> Iterator[str]:
        """What still alarms."""
        world = self._world(stage)
        for metric, level, number in () if world is None else world.watch.uncleared():
            where = "" if number is None or world is None else f" of {world.peers[number].name}"
            yield f"{metric}{where} ({level})"

    def _played(self, stage: Stage) -> Instant:
        """How much stage time has gone by."""
        played = stage.now().micros - self.start
        if isinstance(self.source, Loop):
            return played
        return self.scenario.duration if self._ended is not None else min(played, self.scenario.duration)

    def _world(self, stage: Stage) -> World | None:
        """The network that is played, which is another than ours once the clock was set back; None while nothing is."""
        return stage.controller.world
