"""unknown_type: some messages are of a type that nobody has heard of."""

import json
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, structs

from pvws.notation.quantities import Percentage
from pvws.scenario.faults.effect import Did, Effect, Sometimes
from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.members import members, set_value
from pvws.scenario.faults.message import Message
from pvws.scenario.timeline.texts import Label
from pvws.sim.chance import Stream

__all__ = ["UnknownType"]


class UnknownType(MessageFault, frozen=True):
    """Some messages are of a type that nobody has heard of, as a newer server may send; all else is as it was.

    A client is to pass over what it does not know, and to go on. Counted as `renamed`.
    """

    share: Annotated[Percentage, Meta(description="Which share of the messages, by chance.", examples=["10%"])]
    type: Annotated[Label, Meta(description="The type that they say they are of.")] = "not_yet_invented"

    @property
    def never(self) -> bool:
        """A share of 0 renames nothing."""
        return self.share == 0

    def effect(self, chance: Stream, did: Did) -> Effect:
        """Rename messages."""
        return _Renaming(self.share, self.type, chance, did)


class _Renaming(Sometimes):
    __slots__ = ("_type",)

    def __init__(self, share: float, type: str, chance: Stream, did: Did) -> None:  # noqa: A002 - the API's word
        super().__init__(share, chance, did)
        self._type = json.dumps(type).encode()

    def change(self, message: Message) -> Sequence[Message]:
        for member in members(message.text) or ():
            if member.path == ("type",):
                self.did("renamed")
                return (structs.replace(message, text=set_value(message.text, member, self._type)),)
        return (message,)
