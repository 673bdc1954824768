"""A source of events at even intervals: what is measured by it knows when each of them was due."""

from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Cue, Timed
from pvws.timestamp import Timestamp
from pvws.wire.codec import encode_event
from pvws.wire.events import FileUploaded
from pvws.wire.topics import Topic

__all__ = ["FIRST_DUE_MICROS", "Metronome"]

FIRST_DUE_MICROS = 100_000
"""When the first event is due, so that whoever waits for it has time to be told when it began."""

_NODE = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"


class Metronome:
    """So many events a second of stage time, of the size of a documented one, each with its number in its key.

    The first is due a tenth of a second from the beginning; without a rate all are due at once. It ends after so many
    `events`, and gives no more than so many `at_once`.
    """

    def __init__(self, topic: Topic, rate: float | None, events: int | None = None, at_once: int | None = None) -> None:
        self._topic = topic
        self._rate = rate
        self._events = events
        self._at_once = at_once
        self._next = 0

    def peek(self) -> Instant | None:
        """When the next event is due."""
        return None if self._next == self._events else self._due(self._next)

    def take(self, until: Instant | None, limit: int) -> list[Timed | Cue]:
        """The events that are due by then."""
        given = list[Timed | Cue]()
        limit = limit if self._at_once is None else min(limit, self._at_once)
        while len(given) < limit and self._next != self._events:
            at = self._due(self._next)
            if until is not None and at > until:
                break
            given.append(Timed(at, self._next, self._topic, "file_uploaded", self._text(self._next, at)))
            self._next += 1
        return given

    def tell(self, deed: ClientInput) -> None:
        """Nothing changes it."""

    def _due(self, number: int) -> Instant:
        return 0 if self._rate is None else FIRST_DUE_MICROS + int(number / self._rate * 1_000_000)

    def _text(self, number: int, at: Instant) -> bytes:
        return encode_event(FileUploaded(f"{number:064x}", 2_097_152, _NODE, Timestamp(at)), Timestamp(at))
