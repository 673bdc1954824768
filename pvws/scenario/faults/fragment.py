"""fragment: messages come in several frames."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, structs

from pvws.notation.quantities import Size
from pvws.scenario.faults.effect import Did, Effect
from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.message import Message
from pvws.sim.agenda import Instant
from pvws.sim.chance import Stream

__all__ = ["Fragment"]


class Fragment(MessageFault, frozen=True):
    """Messages come in several frames, which every client has to put together (RFC 6455, section 5.4).

    Compressed ones are compressed as a whole, and their data is cut. With `illegal` each frame is marked as the first
    of a message, and as compressed if it is: a client must fail the connection with 1002.

    A client's library puts them together, and its code notices nothing. Counted as `fragmented`.
    """

    size: Annotated[Size, Meta(description="How many bytes a frame has at most; 0 cuts nothing.", examples=[16, 1024])]
    illegal: Annotated[bool, Meta(description="Whether the frames break the protocol.")] = False

    @property
    def never(self) -> bool:
        """Frames of 0 bytes there are none."""
        return self.size == 0

    def effect(self, chance: Stream, did: Did) -> Effect:
        """Cut messages."""
        return _Cutting(self.size, did, illegal=self.illegal)


class _Cutting(Effect):
    __slots__ = ("_illegal", "_size")

    def __init__(self, size: int, did: Did, *, illegal: bool) -> None:
        super().__init__(did)
        self._size = size
        self._illegal = illegal

    def take(self, message: Message, now: Instant) -> Sequence[Message]:
        if not self._size or len(message.text) <= self._size:
            return (message,)
        self.did("fragmented")
        return (structs.replace(message, frame_size=self._size, fragments=None, illegal=self._illegal),)
