"""drop: some messages never come."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from pvws.notation.quantities import Percentage
from pvws.scenario.faults.effect import Did, Effect
from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.message import Message
from pvws.sim.agenda import Instant
from pvws.sim.chance import Stream

__all__ = ["Drop"]


class Drop(MessageFault, frozen=True):
    """Some messages never come: the stream goes on behind them as if nothing had been there."""

    share: Annotated[
        Percentage, Meta(description="Which share of the messages is lost, by chance.", examples=["10%", "100%"])
    ]

    @property
    def never(self) -> bool:
        """A share of 0 drops nothing."""
        return self.share == 0

    def effect(self, chance: Stream, did: Did) -> Effect:
        """Lose messages."""
        return _Losing(self.share, chance, did)


class _Losing(Effect):
    __slots__ = ("_chance", "_share")

    def __init__(self, share: float, chance: Stream, did: Did) -> None:
        super().__init__(did)
        self._share = share
        self._chance = chance

    def take(self, message: Message, now: Instant) -> Sequence[Message]:
        if self._chance.random() >= self._share:
            return (message,)
        self.did("dropped")
        self.lost += message.events
        return ()
