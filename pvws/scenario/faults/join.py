"""join: several messages come as one, with newlines between, as the shipped server sends them under load."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, structs

from pvws.notation.quantities import Duration
from pvws.scenario.faults.effect import Did, Effect
from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.message import Message
from pvws.sim.agenda import Instant
from pvws.sim.chance import Stream

__all__ = ["JoinMessages"]

_MESSAGES_MAX = 10_000


class JoinMessages(MessageFault, frozen=True):
    """Several messages come as one WebSocket message, with newlines between: as the real server sends them under load.

    A message waits for the others, but not longer than `within`. Binary ones are joined with none.

    A client that reads one JSON text a message fails; with the real server it would as well. Counted as `joined`,
    for each message.
    """

    messages: Annotated[int, Meta(ge=0, le=_MESSAGES_MAX, description="How many messages come as one.", examples=[3])]
    within: Annotated[Duration, Meta(description="How long a message waits at most, in stage time.")] = 1_000_000

    @property
    def never(self) -> bool:
        """One alone is joined with nothing."""
        return self.messages < 2

    def effect(self, chance: Stream, did: Did) -> Effect:
        """Join messages."""
        return _Joining(self.messages, self.within, did)


class _Joining(Effect):
    __slots__ = ("_most", "_until", "_waiting", "_within")

    def __init__(self, most: int, within: int, did: Did) -> None:
        super().__init__(did)
        self._most = most
        self._within = within
        self._until: Instant = 0
        self._waiting: list[Message] = []

    def take(self, message: Message, now: Instant) -> Sequence[Message]:
        if message.binary:
            return (*self.flush(), message)
        if not self._waiting:
            self._until = now + self._within
        self._waiting.append(message)
        self.comes(message)
        return self.flush() if len(self._waiting) >= self._most else ()

    def due(self) -> Instant | None:
        return self._until if self._waiting else None

    def release(self, now: Instant) -> Sequence[Message]:
        return self.flush() if self._waiting and self._until <= now else ()

    def flush(self) -> Sequence[Message]:
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            self.goes(message)
        if len(waiting) < 2:
            return waiting
        self.did("joined", len(waiting))
        topics = tuple(dict.fromkeys(topic for message in waiting for topic in message.topics))
        return (
            structs.replace(
                waiting[0],
                text=b"\n".join(message.text for message in waiting),
                kind="event" if topics else "reply",
                topics=topics,
                events=sum(message.events for message in waiting),
                verbatim=True,
                fragments=None,
            ),
        )

    def forget(self) -> Message | None:
        if not self._waiting:
            return None
        message = self._waiting.pop(0)
        self.goes(message)
        return message
