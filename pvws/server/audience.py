"""An audience: subscribers with the same topics and encoding, and one bounded log of ready frames for all of them."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from operator import itemgetter

from pvws.limits import TURN_BYTES_MAX
from pvws.server.delivery import Delivery
from pvws.server.encoder import Encoder
from pvws.server.subscriber import Subscriber

__all__ = ["Audience"]

_end_of_mark = itemgetter(0)

_TRIM_AT_LEAST = 256  # frames that the log may hold beyond what is needed, so that trimming costs little


class Audience:
    """Frames are appended, and written at `flush`: the same joined bytes to every member that is not lagging.

    The log is counted from the first frame ever: `end` is the number of the next one. Members that keep up
    share one place in it and need no cursor; only a lagging member has its own.
    """

    __slots__ = (
        "_first",
        "_lagging",
        "_log",
        "_marks",
        "_ready",
        "_sizes_before",
        "_trim_at",
        "_written",
        "delivery",
        "encoder",
        "topics",
    )

    def __init__(self, topics: frozenset[str], encoder: Encoder, delivery: Delivery | None = None) -> None:
        self.topics = topics
        self.encoder = encoder
        self.delivery = Delivery() if delivery is None else delivery
        """The ledger of whatever is delivered here."""
        self._marks: list[tuple[int, int]] = []  # where what was published together ends, and when it was due
        self._log: list[bytes] = []
        self._sizes_before = [0]  # bytes of all frames ever before each one in the log, and before the next one
        self._first = 0  # the number of the log's first frame
        self._written = 0  # the number of the first frame that the ready members have not got
        self._ready: dict[Subscriber, None] = {}
        self._lagging: dict[Subscriber, None] = {}
        self._trim_at = _TRIM_AT_LEAST

    def __len__(self) -> int:
        return len(self._ready) + len(self._lagging)

    @property
    def end(self) -> int:
        """The number of the next frame."""
        return self._first + len(self._log)

    @property
    def ready(self) -> int:
        """How many members keep up."""
        return len(self._ready)

    @property
    def lagging(self) -> tuple[Subscriber, ...]:
        """The members that have not got everything."""
        return tuple(self._lagging)

    @property
    def members(self) -> tuple[Subscriber, ...]:
        """Everybody who is in it."""
        return (*self._ready, *self._lagging)

    def lags(self, member: Subscriber) -> bool:
        """Whether this member has not got everything."""
        return member in self._lagging

    def join(self, member: Subscriber) -> None:
        """Take in a member: it gets what is published from now on."""
        self.write_out()
        member.audience = self
        if member.idle:
            self._ready[member] = None
            self.delivery.in_step(member.account, self.topics)
        else:
            member.cursor = self.end
            self._lagging[member] = None

    def leave(self, member: Subscriber) -> None:
        """Let a member go; what it has not got of what was published goes to its own queue."""
        self.write_out()
        if member in self._lagging:
            self.hand_over(member)
            del self._lagging[member]
        else:
            del self._ready[member]
            self.delivery.out_of_step(member.account)
        member.audience = None
        if not len(self):
            self._trim()  # the ledger may remember this audience for a while, but not what it said

    def hand_over(self, member: Subscriber) -> None:
        """What a lagging member has not got goes to its own queue."""
        member.account.moved(self, member.cursor, self.end)
        member.keep(self.backlog(member.cursor))
        member.cursor = self.end

    def append(self, frame: bytes) -> None:
        """Publish a frame; it is written at the next `flush`."""
        self.extend((frame,))

    def extend(self, frames: Sequence[bytes]) -> None:
        """Publish frames; they are written at the next `flush`."""
        self._log += frames
        self._sizes_before += accumulate(map(len, frames), initial=self._sizes_before.pop())

    def mark(self, end: int, due: int) -> None:
        """What was published since the last mark, up to this end, was due at this instant of real time or after."""
        self._marks.append((end, due))

    def dues(self, first: int, end: int) -> list[tuple[int, int]]:
        """When some frames were due, and how many in a row were due then."""
        found: list[tuple[int, int]] = []
        place = bisect_right(self._marks, first, key=_end_of_mark)
        while first < end and place < len(self._marks):
            until, due = self._marks[place]
            until = min(until, end)
            found.append((due, until - first))
            first, place = until, place + 1
        return found

    def write_out(self) -> None:
        """Write what was published to every member whose transport takes it."""
        end = self.end
        while self._written < end:
            first, members, ready = self._written, len(self), tuple(self._ready)
            data, self._written = self._turn(first, end)
            for member in ready:
                member.write(data)
            self.delivery.wrote(self._written - first, len(ready), members)

    def flush(self) -> None:
        """End a turn: write out, tell those that are too far behind, and forget what everybody has."""
        self.write_out()
        for member in self.lagging:
            member.judge()
        if len(self._log) >= self._trim_at or not self._lagging:
            self._trim()

    def stall(self, member: Subscriber) -> None:
        """A member's transport is full: from here on it has a cursor of its own."""
        if member in self._ready:
            del self._ready[member]
            member.cursor = self._written
            self._lagging[member] = None
            self.delivery.out_of_step(member.account, self.end - self._written)

    def catch_up(self, member: Subscriber) -> None:
        """A lagging member's transport takes bytes again."""
        if member not in self._lagging:
            return
        self.write_out()  # the others get what was published in this turn, so that all are as far behind it
        while member.cursor < self._written and not member.paused:
            first = member.cursor
            data, member.cursor = self._turn(first, self._written)
            member.write(data)
            member.account.caught_up(self, first, member.cursor)
        if not member.paused:
            del self._lagging[member]
            self._ready[member] = None
            self.delivery.in_step(member.account, self.topics)

    def backlog(self, cursor: int) -> list[bytes]:
        """The frames from a cursor to the end."""
        return self._log[cursor - self._first :]

    def behind(self, cursor: int) -> tuple[int, int]:
        """How many messages and bytes there are from a cursor to the end."""
        place = cursor - self._first
        return len(self._log) - place, self._sizes_before[-1] - self._sizes_before[place]

    def within(self, cursor: int, messages: int, size: int) -> int:
        """The first cursor from there on that is so many messages and bytes behind at most, or just one message."""
        last = len(self._log)
        fitting = max(last - messages, bisect_left(self._sizes_before, self._sizes_before[-1] - size))
        return self._first + max(cursor - self._first, min(fitting, last - 1))

    def _turn(self, cursor: int, until: int) -> tuple[bytes, int]:
        """Frames between two cursors, joined, as many as go to a transport at once; and the cursor behind them."""
        start, last = cursor - self._first, until - self._first
        sizes = self._sizes_before
        # Where as many bytes as may go have gone, or at least one frame.
        place = max(start + 1, bisect_right(sizes, sizes[start] + TURN_BYTES_MAX, start, last + 1) - 1)
        frames = self._log[start:place] if start or place < len(self._log) else self._log
        return self.encoder.joined(frames), self._first + place

    def _trim(self) -> None:
        """Forget the frames that everybody has got."""
        keep = min((member.cursor for member in self._lagging), default=self._written)
        gone = min(keep, self._written) - self._first
        del self._log[:gone], self._sizes_before[:gone]
        self._first += gone
        del self._marks[: bisect_right(self._marks, self._first, key=_end_of_mark)]
        self._trim_at = 2 * len(self._log) + _TRIM_AT_LEAST
