"""Whether events reach everybody who is subscribed, told by comparing what the clients of one process got. Pure.

The API numbers no events, so one client alone cannot know that it has missed one. But a server tells all subscribers
of a topic the same, byte for byte (contract, "Envelope"), and each what is older first. So what others got, and one
has not although it got what is newer, it has missed.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["EVENTS_BEHIND_MAX", "EVENTS_KEPT", "NEWER_S", "Place", "Reach", "Reached", "Took"]

NEWER_S = 5.0
"""Who gets an event that others got so many seconds later than one that it has not, has missed that: what overtakes a
few others does not make them lost."""

EVENTS_KEPT = 4_096
"""So many events that have reached everybody are remembered, for those who begin to listen: 4 s at 1,000 a second."""

EVENTS_BEHIND_MAX = 65_536
"""Who is further behind the others than that is not compared any more: it is a minute at 1,000 a second."""


class Reached(NamedTuple):
    """Everybody has got an event, or is known to have missed it.

    `spread_s` is the time from the first who got it to the last, `of` how many were to get it, `missed` how many of
    them did not.
    """

    topic: str
    spread_s: float
    missed: int
    of: int


class Took(NamedTuple):
    """What an event tells of its client: so many older ones it has `missed`; and it had this one already (`again`)."""

    missed: int = 0
    again: bool = False


_NOTHING = Took()
_AGAIN = Took(again=True)


class _Told:
    """One event of a topic, and how many are still to get it."""

    __slots__ = ("first_at", "key", "last_at", "missed", "number", "of", "waited_for")

    def __init__(self, key: int, number: int, at: float) -> None:
        self.key = key
        self.number = number  # in the order in which they came first to anybody
        self.first_at = self.last_at = at
        self.of = self.waited_for = self.missed = 0


class _Stream:
    """The events of a topic, as those who listen have shown them so far."""

    def __init__(self, topic: str, tell: Callable[[Reached], None]) -> None:
        self._topic = topic
        self._tell = tell
        self._log: deque[_Told] = deque()
        self._by_key: dict[int, _Told] = {}  # by the hashes of their texts
        self._next = 0
        self._places: dict[Place, None] = {}  # of those who have got something

    def took(self, place: "Place", text: str, at: float) -> Took:
        key = hash(text)
        told = self._by_key.get(key)
        # What nobody else has got yet may be very old: the others may have missed it, and this client be far behind.
        is_dated = told is not None
        told = told or self._append(key, at)
        began = self._begin(place, told) if place.began is None else place.began
        if place.lacks.pop(told.number, None) is None:
            return _AGAIN if told.number >= began else _NOTHING
        if told.waited_for:
            told.last_at = at
            self._wait_for_one_less(told)
        missed = self._judge(place, told) if place.lacks and is_dated else 0
        return Took(missed) if missed else _NOTHING

    def _append(self, key: int, at: float) -> _Told:
        """An event that nobody had before: all who listen are to get it."""
        told = _Told(key, self._next, at)
        self._next += 1
        self._log.append(told)
        self._by_key[key] = told
        told.of = told.waited_for = len(self._places)
        hopeless = []
        for place in self._places:
            place.lacks[told.number] = told
            if len(place.lacks) > EVENTS_BEHIND_MAX:
                hopeless.append(place)
        for place in hopeless:
            self.leave(place, None)
            place.compared = False
        while len(self._log) > EVENTS_KEPT and not self._log[0].waited_for:
            del self._by_key[self._log.popleft().key]
        return told

    def _begin(self, place: "Place", first: _Told) -> int:
        """With its first event it is known where in the order it stands: what comes behind that it is to get, too."""
        place.began = first.number
        is_new = first.number == self._next - 1 and not first.of
        for told in [each for each in self._log if each.number >= first.number]:
            place.lacks[told.number] = told
            if told.waited_for or (is_new and told is first):
                told.of += 1
                told.waited_for += 1
        self._places[place] = None
        return first.number

    def _judge(self, place: "Place", told: _Told) -> int:
        """Having got this one, how many older ones has it missed?"""
        missed = 0
        while place.lacks:
            oldest = next(iter(place.lacks.values()))
            if told.first_at - oldest.first_at < NEWER_S:
                break
            del place.lacks[oldest.number]
            self._miss(oldest)
            missed += 1
        return missed

    def _miss(self, told: _Told) -> None:
        if told.waited_for:
            told.missed += 1
            self._wait_for_one_less(told)

    def _wait_for_one_less(self, told: _Told) -> None:
        told.waited_for -= 1
        if not told.waited_for and told.of:
            self._tell(Reached(self._topic, told.last_at - told.first_at, told.missed, told.of))

    def leave(self, place: "Place", asked_at: float | None) -> int:
        lacks, place.lacks = place.lacks, {}
        self._places.pop(place, None)
        place.began = None
        missed = 0
        for told in lacks.values():
            if asked_at is not None and told.first_at <= asked_at:
                missed += 1
                self._miss(told)
            elif told.waited_for:
                told.of -= 1
                self._wait_for_one_less(told)
        return missed


class Place:
    """What one client has of a topic: from its first event on, until it leaves."""

    __slots__ = ("_stream", "began", "compared", "lacks")

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream
        self.began: int | None = None
        """The number of its first event."""
        self.lacks: dict[int, _Told] = {}
        """What others have got since then, and it has not: the oldest first."""
        self.compared = True
        """Whether it is compared with the others: not any more once it has fallen far behind."""

    def took(self, text: str, at: float) -> Took:
        """It has got an event, at a moment in seconds of a clock that all share."""
        return self._stream.took(self, text, at) if self.compared else _NOTHING

    def leave(self, asked_at: float | None = None) -> int:
        """It listens no more: what it has not got by now it need not get.

        If the server has answered its goodbye, or its wish to hear no more, it has got everything that was for it. Then
        `asked_at` is when it said so, and what others had got by then it has missed: returns how many events those are.
        """
        return self._stream.leave(self, asked_at)


class Reach:
    """The clients of one server that listen in this process. `tell` hears of each event that is settled.

    Events are told apart by their texts; two with the same text are one that has come again.
    """

    def __init__(self, tell: Callable[[Reached], None]) -> None:
        self._tell = tell
        self._streams: dict[str, _Stream] = {}

    def join(self, topic: str) -> Place:
        """A client begins to listen to a topic. It is compared with the others from its first event on."""
        stream = self._streams.get(topic)
        if stream is None:
            stream = self._streams[topic] = _Stream(topic, self._tell)
        return Place(stream)
