"""close: the server closes the connection, with any code and reason."""

from collections.abc import Iterable
from typing import Annotated, Any, TypeAlias

from msgspec import Meta

from pvws.notation.document import Node
from pvws.notation.forms import Form
from pvws.notation.reader import Reader
from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.fault import ConnectionFault
from pvws.scenario.faults.victim import Victim
from pvws.scenario.timeline.action import Mistake
from pvws.scenario.timeline.telling import CloseReason
from pvws.sim.chance import Stream

__all__ = ["AnyCloseCode", "Close"]

_CODE_MAX = 65_535  # it has two bytes


def _read(reader: Reader, node: Node, path: str) -> Any:
    if node.source.strip() == "none":
        return None
    value = node.value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _CODE_MAX:
        return value
    return reader.problem(node, path, f"a close code from 0 to {_CODE_MAX}, or none")


AnyCloseCode: TypeAlias = Annotated[
    int | None,
    Form(
        _read,
        label="close code, or none",
        schema={"anyOf": [{"type": "integer", "minimum": 0, "maximum": _CODE_MAX}, {"const": "none"}]},
        write=lambda code: "none" if code is None else code,
    ),
]
"""A code for a close frame, whether it may stand in one or not (RFC 6455, section 7.4); `none` is a frame without."""


class Close(ConnectionFault, frozen=True):
    """The server closes the connection with a close frame, behind everything that was sent before.

    Codes that may not be on the wire, such as 1005, 1006, 1015 or 0, are sent as they stand, a frame that is wrong
    on purpose.

    A client sees the code and the reason; of one that may not be it is to say that the server is wrong, with 1002.
    Without `for` it happens once, to those who are there; with it, to everybody who comes meanwhile. Counted as
    `closed`.
    """

    momentary = True

    code: Annotated[AnyCloseCode, Meta(description="The code of the close frame.", examples=[1012, 4000, 1006])]
    reason: Annotated[CloseReason, Meta(description="The reason in the close frame.")] = ""

    def mistakes(self) -> Iterable[Mistake]:
        """A reason stands behind a code."""
        if self.code is None and self.reason:
            yield Mistake(("reason",), "a code, with which alone a close frame has a reason", "none")

    def begin(self, victim: Victim, chance: Stream, did: Did) -> None:
        """Close it."""
        did("closed")
        victim.part(self.code, self.reason)
