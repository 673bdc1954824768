"""What every fault has in common: at which level it acts, how its value is written, and whom it acts upon."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Literal, TypeAlias

from msgspec import Struct

from pvws.notation.document import Node
from pvws.notation.forms import Builder, Form, fields
from pvws.notation.reader import INVALID, Reader
from pvws.notation.reference import tables
from pvws.notation.written import written
from pvws.scenario.faults.effect import Did, Effect
from pvws.scenario.faults.refusal import Refusal
from pvws.scenario.faults.victim import House, Victim
from pvws.scenario.timeline.action import Mistake
from pvws.sim.agenda import Instant
from pvws.sim.chance import Stream

__all__ = [
    "ConnectionFault",
    "Fault",
    "HandshakeFault",
    "Level",
    "ListenerFault",
    "MessageFault",
    "written_as",
]

Level: TypeAlias = Literal["message", "connection", "handshake", "listener"]
"""What a fault acts upon: the messages of a client, its connection, its handshake, or the whole server."""

_WHO = frozenset({"client", "clients"})
_WHICH = frozenset({"topics", "types", "nth", "count"})


class Fault(Struct, frozen=True):
    """A fault without its scope: what a script says under its kind. Each kind is a Struct in a file of its own.

    With one field its value stands alone under the kind (`latency: 200ms`), with several a mapping does, or the first
    field's value alone (`close: 1012`); without any, `on` does (`half_close: on`).
    """

    level: ClassVar[Level]
    momentary: ClassVar[bool] = False
    """Whether it is over once it has been done; with `for` it is done to everybody who comes meanwhile, too."""
    scopes: ClassVar[frozenset[str]] = frozenset()
    """Which scope keys make sense with it, beside `name`, `seed` and `for`, which always do."""

    @property
    def never(self) -> bool:
        """Whether it says that it never does anything: zero means never."""
        return False

    def mistakes(self) -> Iterable[Mistake]:
        """What is wrong with it, although each value is right; places are within its own value."""
        return ()


class MessageFault(Fault, frozen=True):
    """A fault of single messages: it acts on their way to a client."""

    level = "message"
    scopes = _WHO | _WHICH

    def effect(self, chance: Stream, did: Did) -> Effect:
        """What it does to the messages of one client, whose chance this is. `did` counts what it did."""
        raise NotImplementedError(f"{type(self).__name__} does nothing")


class ConnectionFault(Fault, frozen=True):
    """A fault of a connection that is open. With `topics`, `types` or `nth` it waits for such a message."""

    level = "connection"
    scopes = _WHO | _WHICH
    renewed: ClassVar[bool] = False
    """Whether it begins anew with each message for which it waited, even while it lasts."""

    def begin(self, victim: Victim, chance: Stream, did: Did) -> Callable[[], None] | None:
        """Do it to a connection, whose chance this is. What is given back undoes it, once."""
        raise NotImplementedError(f"{type(self).__name__} does nothing")


class HandshakeFault(Fault, frozen=True):
    """A fault of a handshake: it acts once the head of the request is read."""

    level = "handshake"
    scopes = _WHO | {"attempts"}
    word: ClassVar[str]
    """What was done to a handshake, as it is counted."""

    def delay(self, chance: Stream) -> int | None:
        """How many microseconds of stage time the answer takes; None: as long as the fault lasts."""
        return 0

    def refusal(self, chance: Stream) -> Refusal | None:
        """What is answered instead of a WebSocket, if anything."""
        return None


class ListenerFault(Fault, frozen=True):
    """A fault of the whole server: it can't be aimed at anybody."""

    level = "listener"

    @property
    def lasts(self) -> Instant | None:
        """How long it lasts by itself, in microseconds of stage time; None: as `for` says, or until it is removed."""
        return None

    def begin(self, house: House, did: Did) -> Callable[[], None]:
        """Do it to a server. What is given back undoes it, once."""
        raise NotImplementedError(f"{type(self).__name__} does nothing")


def written_as(kind: type[Fault]) -> Form:
    """How the value of a kind is written."""
    own = fields(kind)

    def read(reader: Reader, node: Node, path: str) -> Any:
        found = _value(reader, node, path)
        if found is INVALID:
            return INVALID
        wrong = list(found.mistakes())
        for mistake in wrong:
            reader.problem(node, path, mistake.expected, mistake.found, mistake.hint)
        return INVALID if wrong else found

    def _value(reader: Reader, node: Node, path: str) -> Any:
        if not own:
            # What YAML reads as a word is a text in JSON.
            return kind() if node.value is True or node.value == "on" else reader.problem(node, path, "on")
        if len(own) > 1 and isinstance(node.value, dict):
            return reader.struct(node, kind, path)
        value = reader.read(node, own[0].kind, path)
        return INVALID if value is INVALID else kind(**{own[0].name: value})

    def schema(builder: Builder) -> dict[str, Any]:
        if not own:
            return {"enum": [True, "on"]}
        alone = builder.fragment(own[0].kind)
        return alone if len(own) == 1 else {"anyOf": [alone, builder.struct(kind)]}

    def write(fault: Any) -> Any:
        if fault is None or not own:
            return None if fault is None else True
        first = written(own[0].kind, getattr(fault, own[0].name))
        rest = any(getattr(fault, each.name) != each.default for each in own[1:])
        return written(kind, fault) if rest else first

    noun = tables(kind)[0].written if own else "on"
    return Form(read, label=noun if len(own) < 2 else f"{noun}, or a mapping", schema=schema, write=write)
