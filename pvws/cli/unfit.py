"""Holds a server to one profile: what only servers of the other one send is no message."""

from typing import Literal

from pvws.client.happenings import Received
from pvws.errors import MessageError
from pvws.terminal.head import head_of
from pvws.wire.events import EVENT_TYPES

__all__ = ["Unfit", "held_to"]

_BROADCAST = "broadcast"  # docs/upstream-profile.md, B1: what the shipped server calls every event of a topic


class Unfit(Received):
    """A message that does not belong to the profile; `trouble` says why, and there is no `message`."""

    __slots__ = ("_why",)

    def __init__(self, received: Received, why: MessageError) -> None:
        super().__init__(received.text, received.at)
        self._why = why

    @property
    def message(self) -> None:
        """None."""
        return None

    @property
    def trouble(self) -> MessageError:
        """What the profile has instead."""
        return self._why


def held_to(profile: Literal["documented", "upstream"], received: Received) -> Received:
    """The message, or the same text as no message, where a server of the profile would not have sent it."""
    head = head_of(received.text)
    if head is None:
        return received
    if profile == "documented" and (head.type == _BROADCAST or (head.type in EVENT_TYPES and head.topic is None)):
        return Unfit(received, MessageError("type", "the event's type and its topic", f'"{head.type}"'))
    if profile == "upstream" and head.type in EVENT_TYPES and head.topic is not None:
        return Unfit(received, MessageError("type", f'"{_BROADCAST}" for an event of a topic', f'"{head.type}"'))
    return received
