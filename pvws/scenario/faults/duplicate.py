"""duplicate: some messages come more than once."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, structs

from pvws.notation.quantities import Percentage
from pvws.scenario.faults.effect import Did, Effect, Sometimes
from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.message import Message
from pvws.sim.chance import Stream

__all__ = ["Duplicate"]

_COPIES_MAX = 1_000


class Duplicate(MessageFault, frozen=True):
    """Some messages come more than once, byte for byte the same, one right behind the other.

    A client that counts, or adds up, is wrong; one that goes by keys is not. Counted as `duplicated`, once a copy.
    """

    share: Annotated[
        Percentage, Meta(description="Which share of the messages is doubled, by chance.", examples=["10%"])
    ]
    copies: Annotated[int, Meta(ge=0, le=_COPIES_MAX, description="How often each of them comes beside itself.")] = 1

    @property
    def never(self) -> bool:
        """A share of 0, or no copy, doubles nothing."""
        return self.share == 0 or self.copies == 0

    def effect(self, chance: Stream, did: Did) -> Effect:
        """Double messages."""
        return _Doubling(self.share, self.copies, chance, did)


class _Doubling(Sometimes):
    __slots__ = ("_copies",)

    def __init__(self, share: float, copies: int, chance: Stream, did: Did) -> None:
        super().__init__(share, chance, did)
        self._copies = copies

    def change(self, message: Message) -> Sequence[Message]:
        self.did("duplicated", self._copies)
        # The ledger owes an event once, so it is in the first one alone.
        return (message, *[structs.replace(message, events=0)] * self._copies)
