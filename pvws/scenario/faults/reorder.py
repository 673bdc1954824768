"""reorder: messages overtake each other, within a window."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from pvws.notation.quantities import Duration
from pvws.scenario.faults.effect import Did, Effect
from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.message import Message
from pvws.sim.agenda import Instant
from pvws.sim.chance import Stream

__all__ = ["Reorder"]

_WINDOW_MAX = 1_000


class Reorder(MessageFault, frozen=True):
    """Messages overtake each other: each comes at most so many places later than it was sent.

    To be overtaken they have to be held: the first ones until there are more than the window, and what nothing comes
    behind until the time in `within` is over.

    A client sees timestamps that go back, and an end before its beginning. Counted as `reordered`, for each message
    that overtakes.
    """

    window: Annotated[
        int, Meta(ge=0, le=_WINDOW_MAX, description="How many others may overtake a message.", examples=[4])
    ]
    within: Annotated[Duration, Meta(description="How long a message is held at most, in stage time.")] = 1_000_000

    @property
    def never(self) -> bool:
        """In a window of 0 nothing overtakes anything."""
        return self.window == 0

    def effect(self, chance: Stream, did: Did) -> Effect:
        """Mix messages up."""
        return _Mixing(self.window, self.within, chance, did)


class _Waiting:
    __slots__ = ("message", "overtaken", "until")

    def __init__(self, message: Message, until: Instant) -> None:
        self.message = message
        self.until = until
        self.overtaken = 0


class _Mixing(Effect):
    __slots__ = ("_chance", "_waiting", "_window", "_within")

    def __init__(self, window: int, within: int, chance: Stream, did: Did) -> None:
        super().__init__(did)
        self._window = window
        self._within = within
        self._chance = chance
        self._waiting: list[_Waiting] = []

    def take(self, message: Message, now: Instant) -> Sequence[Message]:
        self._waiting.append(_Waiting(message, now + self._within))
        self.comes(message)
        if len(self._waiting) <= self._window:
            return ()
        place = self._chance.below(len(self._waiting))
        if self._waiting[0].overtaken >= self._window:
            place = 0
        return (self._leave(place),)

    def due(self) -> Instant | None:
        return self._waiting[0].until if self._waiting else None

    def release(self, now: Instant) -> Sequence[Message]:
        leaving = []
        while self._waiting and self._waiting[0].until <= now:
            leaving.append(self._leave(0))
        return leaving

    def flush(self) -> Sequence[Message]:
        return [self._leave(0) for _ in range(len(self._waiting))]

    def forget(self) -> Message | None:
        return self._leave(0) if self._waiting else None

    def _leave(self, place: int) -> Message:
        for overtaken in self._waiting[:place]:
            overtaken.overtaken += 1
        if place:
            self.did("reordered")
        message = self._waiting.pop(place).message
        self.goes(message)
        return message
