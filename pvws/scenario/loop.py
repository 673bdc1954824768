"""A scenario again and again: a fresh world from the same seed each time, while stage time goes on."""

from pvws.scenario.director import Director
from pvws.scenario.schema import Scenario
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Cue, Order, Timed
from pvws.timestamp import LAST_INSTANT
from pvws.world.names import DEFAULT_NAMES, Names

__all__ = ["Loop"]


class Loop:
    """A `Source` without an end: behind the last instant of a round the next begins, and its numbers go on.

    A round that has asked for faults takes them with it: the next begins with an `unfault`.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        start: Instant,
        seed: int,
        duration: Instant,
        names: Names = DEFAULT_NAMES,
        sequence: int = 0,
        paranoid: bool = False,
    ) -> None:
        self._scenario = scenario
        self._start = start
        self._seed = seed
        self._duration = duration
        self._names = names
        self._paranoid = paranoid
        self._rules: dict[str, Order] = {}
        self._faults = False  # whether this round has asked for any
        self._faults_left = False  # whether those of the last one are still to end
        self.director = self._round(sequence)
        """The round that is being played."""

    def peek(self) -> Instant | None:
        """When the next thing happens: never None, unless the calendar ends."""
        if self._faults_left:
            return self._start
        at = self.director.peek()
        if at is not None:
            return at
        after = self._start + self._duration + 1
        return after if after + self._duration <= LAST_INSTANT else None

    def take(self, until: Instant | None, limit: int) -> list[Timed | Cue]:
        """What happens up to and including an instant; see `Source`. It stops at the end of a round."""
        at = self.peek()
        if at is None or (until is not None and at > until):
            return []
        self._go_on(at)
        if self._faults_left:
            self._faults_left = False
            return [Cue(at, "unfault")]
        given = self.director.take(until, limit)
        if given and isinstance(given[-1], Cue) and given[-1].kind == "fault":  # nothing is given behind a cue
            self._faults = True
        return given

    def tell(self, deed: ClientInput) -> ClientInput | None:
        """A client has done something: the round hears of it that is played at that instant."""
        at = self.peek()
        if at is not None and at <= deed.at:
            self._go_on(at)
        return self.director.tell(deed)

    def order(self, order: Order) -> Order | None:
        """A controller has done something, in the round that is played then. Rules hold in all that follow."""
        at = self.peek()
        if at is not None and at <= order.at:
            self._go_on(at)
        obeyed = self.director.order(order)
        if obeyed is not None and obeyed.rule:
            self._rules.pop(obeyed.rule, None)
            if obeyed.step is not None:
                self._rules[obeyed.rule] = obeyed
        return obeyed

    def _go_on(self, at: Instant) -> None:
        """Begin the next round if nothing is left of this one, and `at` is its first instant."""
        if self.director.peek() is None:
            self._start = at
            self._faults, self._faults_left = False, self._faults
            self.director = self._round(self.director.sequence)

    def _round(self, sequence: int) -> Director:
        return Director(
            self._scenario,
            start=self._start,
            seed=self._seed,
            duration=self._duration,
            names=self._names,
            inputs=tuple(self._rules.values()),
            sequence=sequence,
            paranoid=self._paranoid,
        )
