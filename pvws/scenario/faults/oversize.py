"""oversize: some messages are larger than a client may be ready for."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, structs

from pvws.limits import RECORDING_LINE_BYTES_MAX
from pvws.notation.quantities import Percentage, Size
from pvws.scenario.faults.effect import Did, Effect, Sometimes
from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.message import Message
from pvws.sim.chance import Stream

__all__ = ["Oversize"]


class Oversize(MessageFault, frozen=True):
    """Some messages are larger than a client may be ready for: a member `padding` makes a JSON object so large.

    Another text is padded with blanks. Many clients take 1 MiB; past their bound they close with 1009.

    What is compressed is small on the wire and large behind it. Counted as `oversized`.
    """

    size: Annotated[
        Size,
        Meta(
            le=RECORDING_LINE_BYTES_MAX // 2,
            description="How many bytes the text of a message has; one that has more stays as it is.",
            examples=["2 MiB"],
        ),
    ]
    share: Annotated[Percentage, Meta(description="Which share of the messages, by chance.")] = 1.0

    @property
    def never(self) -> bool:
        """A size of 0 makes nothing larger."""
        return self.size == 0 or self.share == 0

    def effect(self, chance: Stream, did: Did) -> Effect:
        """Make messages large."""
        return _Padding(self.share, self.size, chance, did)


class _Padding(Sometimes):
    __slots__ = ("_size",)

    def __init__(self, share: float, size: int, chance: Stream, did: Did) -> None:
        super().__init__(share, chance, did)
        self._size = size

    def change(self, message: Message) -> Sequence[Message]:
        text = message.text
        missing = self._size - len(text)
        if missing <= 0:
            return (message,)
        self.did("oversized")
        head = b',"padding":"'
        if text.startswith(b'{"') and text.endswith(b"}") and missing > len(head):
            text = text[:-1] + head + b"x" * (missing - len(head) - 1) + b'"}'
        else:
            text += b" " * missing
        return (structs.replace(message, text=text, verbatim=True, fragments=None),)
