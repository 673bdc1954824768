"""empty: some messages come without a text."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, structs

from pvws.notation.quantities import Percentage
from pvws.scenario.faults.effect import Did, Effect, Sometimes
from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.message import Message
from pvws.sim.chance import Stream

__all__ = ["Empty"]


class Empty(MessageFault, frozen=True):
    """Some messages come without a text: in a frame of no bytes, which is a message like any other.

    What was in them is lost.

    A client that reads JSON sees a text of no characters, which is none. Counted as `emptied`, and events as lost.
    """

    share: Annotated[Percentage, Meta(description="Which share of the messages is empty, by chance.", examples=["5%"])]

    @property
    def never(self) -> bool:
        """A share of 0 empties nothing."""
        return self.share == 0

    def effect(self, chance: Stream, did: Did) -> Effect:
        """Empty messages."""
        return _Emptying(self.share, chance, did)


class _Emptying(Sometimes):
    __slots__ = ()

    def change(self, message: Message) -> Sequence[Message]:
        self.did("emptied")
        self.lost += message.events
        return (structs.replace(message, text=b"", events=0, verbatim=True, fragments=None),)
