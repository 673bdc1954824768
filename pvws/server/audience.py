"""An audience: subscribers with the same topics and encoding, and one bounded log of ready frames for all of them."""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from itertools import accumulate
from operator import itemgetter

from pvws.limits import TURN_BYTES_MAX
from pvws.server.account import Account
from pvws.server.delivery import Delivery
from pvws.server.encoder import Encoder
from pvws.server.settings import SlowConsumer

__all__ = ["Audience", "Subscriber"]

_end_of_mark = itemgetter(0)

_TRIM_AT_LEAST = 256  # frames that the log may hold beyond what is needed, so that trimming costs little


class Subscriber:
    """A member of an audience: a cursor into its log, and a way to write.

    `write` hands bytes to the transport, which calls `pause` from within it when it could not pass them all
    to the kernel, and `resume` when it could. While paused a member lags: the log keeps its frames. Frames
    meant for it alone, and what it had not got of an audience that it left, wait in its own queue, which goes
    first. Past `bounds` the oldest of them are dropped, or `overflow` is called, as their policy says. `unsent` tells
    how many bytes the transport holds.
    """

    __slots__ = (
        "_bounds",
        "_holding",
        "_own",
        "_own_bytes",
        "_progress_seen",
        "_taken_at",
        "_unsent",
        "account",
        "audience",
        "cursor",
        "drained",
        "dropped",
        "encoder",
        "name",
        "overflow",
        "paused",
        "resumes",
        "write",
    )

    def __init__(
        self,
        write: Callable[[bytes], None],
        encoder: Encoder,
        bounds: SlowConsumer,
        overflow: Callable[[], None],
        unsent: Callable[[], int] = lambda: 0,
    ) -> None:
        self.name = ""
        """The client's id."""
        self.account = Account()
        """What the ledger knows of it alone."""
        self.write = write
        self.encoder = encoder
        self.overflow = overflow
        self.paused = False
        self.resumes = 0
        """How often the transport has passed on all it was given."""
        self.audience: Audience | None = None
        self.cursor = 0
        self.drained: Callable[[], object] | None = None
        """Called, once, when everything that was sent has been handed to the kernel."""
        self.dropped = 0
        """Messages that it was never sent, because it was too slow."""
        self._bounds = bounds
        self._holding = False
        self._unsent = unsent
        self._progress_seen = 0, 0
        self._taken_at = 0.0
        self._own: deque[bytes] | None = None
        self._own_bytes = 0

    def send(self, frame: bytes) -> None:
        """Send a frame to this member alone, after everything that was published before."""
        if self.audience is not None:
            self.audience.write_out()
        if self.idle and not self._holding:
            self.write(self.encoder.joined([frame]))
            return
        if self.audience is not None:
            if self.audience.lags(self):
                self.audience.hand_over(self)
            self.cursor = self.audience.end
        self.keep([frame])
        if self.paused:  # else it is only held, and the transport takes it in a moment
            self.judge()

    def hold(self) -> None:
        """Keep what is sent until `release`: the answers to what came in one piece leave in one write."""
        self._holding = True

    def release(self) -> None:
        """Write what was kept since `hold`, if the transport takes it."""
        self._holding = False
        if self._own and not self.paused:
            self.resume()

    def keep(self, frames: Sequence[bytes]) -> None:
        """Put frames behind what waits in the member's own queue."""
        if frames:
            if self._own is None:
                self._own = deque()
            self._own.extend(frames)
            self._own_bytes += sum(map(len, frames))

    def pause(self) -> None:
        """The transport could not pass on all it was given."""
        self.paused = True
        if self.audience is not None:
            self.audience.stall(self)

    def resume(self) -> None:
        """The transport has passed on all it was given: catch up as far as it takes it."""
        self.paused = False
        self.resumes += 1
        while self._own:
            self.write(self._own_turn())
            if self.paused:
                return
        self._own = None
        self.account.drained()
        if self.audience is not None:
            self.audience.catch_up(self)
        if not self.paused and self.drained is not None:
            drained, self.drained = self.drained, None
            drained()

    def drop(self) -> None:
        """Forget everything that waits in the member's own queue."""
        self._own = None
        self._own_bytes = 0
        self.account.dropped()

    @property
    def idle(self) -> bool:
        """Whether nothing waits: all that was sent has been handed to the kernel."""
        return not self.paused and not self._own

    def behind(self) -> tuple[int, int]:
        """How many messages and bytes wait for it here, beside what its transport holds."""
        messages, size = len(self._own or ()), self._own_bytes
        if self.audience is not None and self.audience.lags(self):
            behind, behind_bytes = self.audience.behind(self.cursor)
            messages, size = messages + behind, size + behind_bytes
        return messages, size

    def waiting(self) -> tuple[int, int]:
        """How many messages and bytes wait for it, those bytes that its transport holds included."""
        messages, size = self.behind()
        return messages, size + self._unsent()

    def progress(self) -> tuple[int, int]:
        """Something that changes whenever its transport passes on bytes while it lags, and only then.

        For while it is paused it is given nothing that could make up for what was taken.
        """
        return self.resumes, self._unsent()

    def catching_up(self, now: float) -> bool:
        """Whether it is more than half its backlog behind and has taken bytes within the last second."""
        progress = self.progress()
        if progress != self._progress_seen:
            self._progress_seen, self._taken_at = progress, now
        messages, size = self.behind()
        half = messages > self._bounds.max_messages // 2 or size > self._bounds.max_bytes // 2
        return half and now - self._taken_at < 1.0

    def judge(self) -> None:
        """Do what the policy says if it is too far behind."""
        messages, size = self.behind()
        if messages <= self._bounds.max_messages and size <= self._bounds.max_bytes:
            return
        if self._bounds.policy == "disconnect":
            self.overflow()
            return
        self._drop_oldest(messages, size)

    def _drop_oldest(self, messages: int, size: int) -> None:
        """Forget the oldest of so many messages and bytes, until no more wait than may: but for the last one."""
        bounds = self._bounds
        while self._own and messages > 1 and (messages > bounds.max_messages or size > bounds.max_bytes):
            frame = self._own.popleft()
            self._own_bytes -= len(frame)
            self.account.dropped(1)
            messages, size, self.dropped = messages - 1, size - len(frame), self.dropped + 1
        if self.audience is not None and not self._own and self.audience.lags(self):
            cursor = self.audience.within(self.cursor, bounds.max_messages, bounds.max_bytes)
            self.dropped += cursor - self.cursor
            self.account.missed(self.audience, self.cursor, cursor)
            self.cursor = cursor

    def _own_turn(self) -> bytes:
        assert self._own, "called while something waits"
        frames = [self._own.popleft()]
        size = len(frames[0])
        while self._own and size + len(self._own[0]) <= TURN_BYTES_MAX:
            frame = self._own.popleft()
            frames.append(frame)
            size += len(frame)
        self._own_bytes -= size
        return self.encoder.joined(frames)


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

    def backlog(self, cursor: int, most: int | None = None) -> list[bytes]:
        """The frames from a cursor to the end, at most so many."""
        place = cursor - self._first
        return self._log[place:] if most is None else self._log[place : place + most]

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
