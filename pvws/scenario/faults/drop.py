"""drop: some messages never come."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from pvws.notation.quantities import Percentage
from pvws.scenario.faults.effect import Did, Effect, Sometimes
from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.message import Message
from pvws.sim.chance import Stream

__all__ = ["Drop"]


class Drop(MessageFault, frozen=True):
    """Some messages never come: the stream goes on behind them as if nothing had been there.

    A client sees nothing; only from what other events say can it tell that something is missing. Counted as
    `dropped`, and events as lost.
    """

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


class _Losing(Sometimes):
    __slots__ = ()

    def change(self, message: Message) -> Sequence[Message]:
        self.did("dropped")
        self.lost += message.events
        return ()
