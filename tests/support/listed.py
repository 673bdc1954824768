"""A source for tests: what it gives out is written down beforehand."""

from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Cue, Timed


class Listed:
    """Gives out an event at each of some instants, and cues as they are. What it is told is in `told`.

    It answers what it is told at `answers`, if that is not None, with one more event at that instant.
    """

    def __init__(self, *given: Instant | Cue, answers: Instant | None = None) -> None:
        self._left: list[Timed | Cue] = [
            Timed(each, number, "alerts", "test", b"text") if isinstance(each, int) else each
            for number, each in enumerate(given)
        ]
        self._answers = answers
        self.told: list[ClientInput] = []

    def peek(self) -> Instant | None:
        return self._left[0].at if self._left else None

    def take(self, until: Instant | None, limit: int) -> list[Timed | Cue]:
        given: list[Timed | Cue] = []
        while self._left and (until is None or self._left[0].at <= until) and len(given) < limit:
            given.append(self._left.pop(0))
            if isinstance(given[-1], Cue):
                break
        return given

    def tell(self, deed: ClientInput) -> ClientInput | None:
        self.told.append(deed)
        if self._answers is None:
            return None
        self._left.append(Timed(self._answers, len(self._left), "alerts", "answer", b"text"))
        self._left.sort(key=lambda each: each.at)
        return deed
