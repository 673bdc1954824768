"""A subscriber: one client's place in an audience or in a lane, and a way to write to its transport."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pvws.limits import TURN_BYTES_MAX
from pvws.server.account import Account
from pvws.server.delivery import Delivery
from pvws.server.encoder import Encoder
from pvws.server.gate import Gate
from pvws.server.lane import Lane
from pvws.server.settings import SlowConsumer
from pvws.sim.source import Timed
from pvws.wire.frames import Opcode

if TYPE_CHECKING:
    from pvws.server.audience import Audience

__all__ = ["Subscriber"]


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
        "gate",
        "lane",
        "name",
        "overflow",
        "paused",
        "resumes",
        "stallers",
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
        self.lane: Lane | None = None
        """Its own way to its transport, past an audience, while faults touch its messages."""
        self.stallers: tuple[str, ...] = ()
        """The ids of the faults that have it written nothing."""
        self.gate: Gate | None = None
        """What lets its bytes pass only slowly, if a fault does."""
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
        if self.lane is not None:
            self.lane.control(frame)
            return
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

    def reply(self, payload: bytes, opcode: Opcode, type: str) -> None:  # noqa: A002 - the API's word
        """Send a message of this type to this member alone."""
        if self.lane is not None:
            self.lane.reply(payload, opcode, type)
        else:
            self.send(self.encoder.reply(payload, opcode))

    def tell(self, event: Timed) -> None:
        """Send an event to this member alone."""
        if self.lane is not None:
            self.lane.event(event)
        else:
            self.send(self.encoder.event(event))

    def give(self, frames: Sequence[bytes], ledger: Delivery, events: int) -> None:
        """Write what its lane lets through, so many events among it, or keep it until the transport takes it."""
        if self.idle and not self._holding and sum(map(len, frames)) <= TURN_BYTES_MAX:
            self.write(self.encoder.joined(frames))
            ledger.passed(self.account, events)
            return
        self.keep(frames)
        self.account.passes(ledger, events)
        if not self.paused and not self._holding:
            self._catch_up()

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
        if self.gate is not None:
            self.gate.choke()
        self.stall()

    def stall(self) -> None:
        """It is to be written nothing more for now."""
        self.paused = True
        if self.audience is not None:
            self.audience.stall(self)

    def resume(self) -> None:
        """The transport has passed on all it was given: catch up as far as it takes it."""
        if self.gate is not None and not self.gate.unchoke():
            return
        self.paused = False
        self.resumes += 1
        self._catch_up()

    def _catch_up(self) -> None:
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

    def let_go(self) -> None:
        """Its transport is gone: refer to nothing of it any more. What is written from now on goes nowhere."""
        self.write, self.overflow, self._unsent = _nowhere, _nothing, _none
        self.drained = None
        self.gate = None

    @property
    def holding(self) -> bool:
        """Whether what came from the client in one piece is being answered just now."""
        return self._holding

    @property
    def idle(self) -> bool:
        """Whether nothing waits: all that was sent has been handed to the kernel."""
        return not self.paused and not self._own

    @property
    def topics(self) -> frozenset[str]:
        """What it is subscribed to."""
        if self.lane is not None:
            return self.lane.topics or frozenset()
        return frozenset() if self.audience is None else self.audience.topics

    @property
    def held_back(self) -> bool:
        """Whether it has not got everything because of a fault: its transport would take more."""
        held = self.gate is not None and self.gate.size > 0 and not self.gate.choked
        return held or bool(self.stallers) or (self.lane is not None and self.lane.holds)

    @property
    def holders(self) -> tuple[str, ...]:
        """The ids of the faults that hold something back from it."""
        holders = self.stallers if self.lane is None else (*self.stallers, *self.lane.chain.holders())
        return holders if self.gate is None or not self.gate.size else (*holders, *self.gate.names)

    def behind(self) -> tuple[int, int]:
        """How many messages and bytes wait for it here, beside what its transport holds."""
        messages, size = len(self._own or ()), self._own_bytes
        if self.lane is not None:
            held, held_bytes = self.lane.waiting()
            return messages + held, size + held_bytes
        if self.audience is not None and self.audience.lags(self):
            behind, behind_bytes = self.audience.behind(self.cursor)
            messages, size = messages + behind, size + behind_bytes
        return messages, size

    def waiting(self) -> tuple[int, int]:
        """How many messages and bytes wait for it, those bytes that its transport holds included."""
        messages, size = self.behind()
        return messages, size + self._unsent() + (0 if self.gate is None else self.gate.size)

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
        lane = self.lane
        while lane is not None and messages > 1 and (messages > bounds.max_messages or size > bounds.max_bytes):
            gone = lane.forget()
            if gone is None:
                break
            messages, size, self.dropped = messages - 1, size - gone, self.dropped + 1

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


def _nowhere(data: bytes) -> None:
    """Nobody is there."""


def _nothing() -> None:
    """Nobody is too slow who is gone."""


def _none() -> int:
    """No bytes are held."""
    return 0
