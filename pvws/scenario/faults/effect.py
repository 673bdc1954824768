"""What a message-level fault does to the messages of one client. Pure: time and chance are arguments."""

from collections import Counter, deque
from collections.abc import Callable, Sequence

from pvws.scenario.faults.message import Message
from pvws.sim.agenda import Instant
from pvws.sim.chance import Stream

__all__ = ["Did", "Effect", "Queue", "Sometimes", "Trigger"]


class Did:
    """Counts what a fault did, by a word in the past tense, wherever that is to be known: `did("dropped")`.

    `told` is called with the word as well.
    """

    __slots__ = ("_hears", "counters")

    def __init__(self, *counters: Counter[str], told: Callable[[str], object] | None = None) -> None:
        self.counters = counters
        self._hears = told

    def __call__(self, what: str, times: int = 1) -> None:
        """It did something so many times more."""
        for counter in self.counters:
            counter[what] += times
        if self._hears is not None:
            self._hears(what)


class Effect:
    """What a fault does to one client's messages, in their order. Times are stage time, and never fall.

    Order of calls: `take` for each message that the fault concerns, `release` whenever `due` has come, and in the end
    `flush`, which gives all that is still held. What is given leaves at once, in that order; what never will, is
    counted in `lost`. This one lets everything pass.
    """

    __slots__ = ("bytes_held", "did", "lost", "messages_held")

    passes_control = False
    """Whether control frames are its business as well, as they are of what slows a whole connection down."""

    def __init__(self, did: Did) -> None:
        self.did = did
        self.lost = 0
        """Events that the client will never get."""
        self.messages_held = 0
        self.bytes_held = 0

    def take(self, message: Message, now: Instant) -> Sequence[Message]:
        """A message comes; what leaves now."""
        return (message,)

    def spare(self, most: int) -> int:
        """How many of the next messages, at most so many, pass as they are. They need not be given to `take` then; the
        one behind them is to be given to `touch`, if they are fewer.
        """
        return 0

    def touch(self, message: Message, now: Instant) -> Sequence[Message]:
        """The message comes which was not spared; what leaves now."""
        return self.take(message, now)

    def due(self) -> Instant | None:
        """When something that is held is to leave; None if nothing is, or nothing of it by itself."""
        return None

    def release(self, now: Instant) -> Sequence[Message]:
        """What is due by now."""
        return ()

    def flush(self) -> Sequence[Message]:
        """All that is held, since the fault ends."""
        return ()

    def forget(self) -> Message | None:
        """Lose the oldest message that is held, since too much is; None if there is none."""
        return None

    def comes(self, message: Message) -> None:
        """A message is held from now on."""
        self.messages_held += 1
        self.bytes_held += len(message.text)

    def goes(self, message: Message) -> None:
        """A message is held no longer."""
        self.messages_held -= 1
        self.bytes_held -= len(message.text)


class Sometimes(Effect):
    """An effect that changes a share of the messages, by chance, and lets the others pass."""

    __slots__ = ("_share", "chance")

    def __init__(self, share: float, chance: Stream, did: Did) -> None:
        super().__init__(did)
        self._share = share
        self.chance = chance

    def take(self, message: Message, now: Instant) -> Sequence[Message]:
        """A message comes, and chance decides: one number is drawn for that in any case."""
        return self.change(message) if self.chance.random() < self._share else (message,)

    def spare(self, most: int) -> int:
        """Those until chance chooses one: the same numbers are drawn as if each had come."""
        random, share = self.chance.random, self._share
        for spared in range(most):
            if random() < share:
                return spared
        return most

    def touch(self, message: Message, now: Instant) -> Sequence[Message]:
        """Chance has chosen it."""
        return self.change(message)

    def change(self, message: Message) -> Sequence[Message]:
        """What is made of a message that chance has chosen."""
        raise NotImplementedError(f"{type(self).__name__} changes nothing")


class Trigger(Effect):
    """Lets every message pass, and has something done behind it: what a fault of the connection waits with."""

    __slots__ = ("_act",)

    def __init__(self, did: Did, act: Callable[[], None]) -> None:
        super().__init__(did)
        self._act = act

    def take(self, message: Message, now: Instant) -> Sequence[Message]:
        """It comes, and something is done."""
        self._act()
        return (message,)


class Queue(Effect):
    """An effect that holds messages in their order, each until an instant of its own."""

    __slots__ = ("_queue",)

    def __init__(self, did: Did) -> None:
        super().__init__(did)
        self._queue: deque[tuple[Instant, Message]] = deque()

    def hold(self, message: Message, until: Instant) -> None:
        """Hold a message until an instant; no message overtakes the one before it."""
        if self._queue:
            until = max(until, self._queue[-1][0])
        self._queue.append((until, message))
        self.comes(message)

    def due(self) -> Instant | None:
        """When the first one is to leave."""
        return self._queue[0][0] if self._queue else None

    def release(self, now: Instant) -> Sequence[Message]:
        """Those that are due by now."""
        leaving: list[Message] = []
        while self._queue and self._queue[0][0] <= now:
            leaving.append(self._first())
        return leaving

    def flush(self) -> Sequence[Message]:
        """All of them."""
        return [self._first() for _ in range(len(self._queue))]

    def forget(self) -> Message | None:
        """Lose the oldest."""
        return self._first() if self._queue else None

    def _first(self) -> Message:
        message = self._queue.popleft()[1]
        self.goes(message)
        return message
