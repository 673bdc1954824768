"""A lane: what one client gets that is under faults of messages, past all that shares its audience."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

from pvws.scenario.faults.chain import Chain, Untouched
from pvws.scenario.faults.effect import Effect
from pvws.scenario.faults.message import Message
from pvws.scenario.faults.scope import Scope
from pvws.sim.agenda import Instant
from pvws.sim.source import Timed, Verbatim
from pvws.wire.frames import Opcode

if TYPE_CHECKING:
    from pvws.server.delivery import Delivery
    from pvws.server.encoder import Encoder
    from pvws.server.subscriber import Subscriber

__all__ = ["Frames", "Lane", "Wake", "Wakes"]


class Wake(Protocol):
    """Has something done at an instant of stage time; `cancel` thinks better of it."""

    def cancel(self) -> None:
        """Don't."""
        ...


Wakes: TypeAlias = Callable[[Instant, Callable[[Instant], None]], Wake]
"""Has something called at an instant of stage time, with the time it is then."""

Frames: TypeAlias = "dict[Encoder, bytes]"
"""What was made of an event that is being published, by encoding."""


class Lane:
    """The way of one client's messages: event → faults → frames → transport. Replies and control frames go it too.

    It has `member` for itself: what leaves goes to the member's own queue, in one write at the end of a turn. `clock`
    is stage time, and `wake` has something called at an instant of that, with the time it is then. `soon` has `flush`
    called at the end of this turn of the event loop.
    """

    __slots__ = (
        "_afterwards",
        "_clock",
        "_events",
        "_ledger",
        "_lost",
        "_now",
        "_ready",
        "_soon",
        "_wake",
        "_waking",
        "chain",
        "member",
        "topics",
    )

    def __init__(
        self,
        member: "Subscriber",
        clock: Callable[[], Instant],
        wake: Wakes,
        ledger: "Delivery",
        soon: Callable[["Lane"], None],
    ) -> None:
        self.member = member
        """Whose lane it is."""
        self.topics: frozenset[str] | None = None
        """What the member is subscribed to; None before it has joined and after it has left."""
        self.chain = Chain()
        """The faults on the way."""
        self._clock = clock
        self._wake = wake
        self._ledger = ledger
        self._soon = soon
        self._now: Instant = 0
        self._waking: tuple[Instant, Wake] | None = None
        self._afterwards: list[Callable[[], None]] = []
        self._ready: list[bytes] = []
        self._events = 0  # in what is ready
        self._lost = 0  # of the chain's, that the ledger knows

    @property
    def holds(self) -> bool:
        """Whether faults hold something."""
        return self.chain.waiting()[0] > 0

    def waiting(self) -> tuple[int, int]:
        """How many messages and bytes faults hold, or leave at the end of this turn."""
        messages, size = self.chain.waiting()
        return messages + len(self._ready), size + sum(map(len, self._ready))

    def event(self, event: Timed) -> None:
        """An event comes for the member."""
        self.events((event,), ({},))

    def events(self, events: Sequence[Timed], made: Sequence[Frames]) -> None:
        """Events of the member's topics were published; beside each of them what was made of it for anybody, to which
        what is made of it here is added. One that no fault touches is a frame like everybody's.
        """
        self._ledger.owes(len(events))
        leaving = self.chain.take_events(events, self._told, self._now)
        self._time(events[-1].at)
        self._keep(leaving, events, made)
        self._arrange()

    def reply(self, payload: bytes, opcode: Opcode, type: str) -> None:  # noqa: A002 - the API's word
        """A message for the member alone."""
        self._take(Message(payload, "reply", type=type, binary=opcode is Opcode.BINARY), self._clock())

    def control(self, frame: bytes) -> None:
        """A control frame, ready to be written."""
        self._take(Message(frame, "control"), self._clock())

    def add(self, name: str, scope: Scope, effect: Effect) -> None:
        """One more fault on the way."""
        self.chain.add(name, scope, effect)

    def remove(self, name: str) -> None:
        """A fault ends: what it holds goes on."""
        self._leave(self.chain.remove(name, self._time(self._clock())))

    def afterwards(self, act: Callable[[], None]) -> None:
        """Have something done behind the message that is on its way just now, before any other."""
        self._afterwards.append(act)

    def release(self, now: Instant) -> None:
        """Stage time has come to an instant: what is due leaves."""
        self._waking = None
        self._leave(self.chain.release(self._time(now)))

    def flush(self) -> None:
        """The end of a turn: what is ready is written, or waits in the member's own queue while it takes nothing."""
        if self._ready:
            ready, events = self._ready, self._events
            self._ready, self._events = [], 0
            self.member.give(ready, self._ledger, events)
        self._account()
        if self.topics is not None:
            self.member.judge()

    def forget(self) -> int | None:
        """Lose the oldest message that faults hold: how many bytes that was; None if they hold none."""
        message = self.chain.forget()
        self._account()
        return None if message is None else len(message.text)

    def end(self, *, keep: bool = True) -> None:
        """Everything that is held leaves at once, or is lost without `keep`; and nothing comes any more."""
        if self._waking is not None:
            self._waking[1].cancel()
            self._waking = None
        self.topics = None
        if keep:
            self._keep(self.chain.flush(self._time(self._clock())))
            self.flush()
            return
        while self.forget() is not None:
            pass
        self._ledger.lose_passing(self.member.account, self._events)
        self._ready, self._events = [], 0

    def set_back(self) -> None:
        """Stage time was set back: what was held for later leaves now."""
        self._leave(self.chain.flush(self._time(self._clock())))
        self._now = 0

    def _told(self, event: Timed) -> Message:
        text = self.member.encoder.said(event)
        if not isinstance(event, Verbatim):
            return Message(text, topics=(event.topic,), type=event.type, events=1)
        return Message(
            text,
            topics=event.topics,
            type=event.type,
            events=1,
            verbatim=True,
            binary=event.binary,
            fragments=event.fragments,
        )

    def _take(self, message: Message, now: Instant) -> None:
        self._leave(self.chain.take(message, self._time(now)))

    def _time(self, now: Instant) -> Instant:
        """Time as the chain has it: it never falls."""
        self._now = max(self._now, now)
        return self._now

    def _leave(self, messages: list[Message]) -> None:
        self._keep(messages)
        self._arrange()

    def _arrange(self) -> None:
        """Something may have been kept: see to it that it leaves, and what is held when it is due."""
        self._soon(self)
        due = self.chain.due()
        if self._waking is not None and (due is None or due < self._waking[0]):
            self._waking[1].cancel()
            self._waking = None
        if due is not None and self._waking is None:
            self._waking = due, self._wake(due, self.release)
        if self._afterwards:
            acts, self._afterwards = self._afterwards, []
            for act in acts:
                act()

    def _keep(
        self, leaving: Iterable[Message | Untouched], events: Sequence[Timed] = (), made: Sequence[Frames] = ()
    ) -> None:
        encoder, ready = self.member.encoder, self._ready
        for each in leaving:
            if isinstance(each, int):
                frame = made[each].get(encoder)
                if frame is None:
                    frame = made[each][encoder] = encoder.event(events[each])
                ready.append(frame)
                self._events += 1
            else:
                ready.append(encoder.control(each.text) if each.kind == "control" else encoder.message(each))
                self._events += each.events

    def _account(self) -> None:
        """Tell the ledger what the member will never get."""
        lost = self.chain.lost - self._lost
        if lost:
            self._lost += lost
            self._ledger.lose_passing(self.member.account, lost)
