"""A fault as a script, a control plane or a command line says it: one kind with its value, and its scope.

Whoever writes a new kind gives it a key here; see docs/writing-a-fault.md.
"""

from collections.abc import Collection, Iterable
from typing import Annotated, Any, TypeVar

from msgspec import Meta

from pvws.errors import InputError, Problem
from pvws.notation.document import Node, parse
from pvws.notation.forms import fields, notes
from pvws.notation.nearest import nearest
from pvws.notation.reader import INVALID, Reader
from pvws.notation.schema import json_schema
from pvws.notation.written import flow, written
from pvws.scenario.faults.bandwidth import Bandwidth
from pvws.scenario.faults.close import Close
from pvws.scenario.faults.corrupt import Corrupt
from pvws.scenario.faults.drop import Drop
from pvws.scenario.faults.duplicate import Duplicate
from pvws.scenario.faults.empty import Empty
from pvws.scenario.faults.fault import Fault, written_as
from pvws.scenario.faults.fragment import Fragment
from pvws.scenario.faults.half_close import HalfClose
from pvws.scenario.faults.hang import Hang
from pvws.scenario.faults.join import JoinMessages
from pvws.scenario.faults.latency import Latency
from pvws.scenario.faults.no_pong import NoPong
from pvws.scenario.faults.oversize import Oversize
from pvws.scenario.faults.rate_limit import RateLimit
from pvws.scenario.faults.refuse import Refuse
from pvws.scenario.faults.reorder import Reorder
from pvws.scenario.faults.reset import Reset
from pvws.scenario.faults.restart import Restart
from pvws.scenario.faults.revoke import Revoke
from pvws.scenario.faults.scope import Scope
from pvws.scenario.faults.slow_handshake import SlowHandshake
from pvws.scenario.faults.stale import Stale
from pvws.scenario.faults.stall import Stall
from pvws.scenario.faults.status import Status
from pvws.scenario.faults.unknown_type import UnknownType
from pvws.scenario.timeline.action import Keys, Mistake

__all__ = ["KINDS", "SCOPE_KEYS", "FaultSpec", "fault_schema", "read_fault"]

_ALWAYS = frozenset({"for", "name", "seed"})


class FaultSpec(Scope, frozen=True, kw_only=True):
    """A fault with its scope: `{latency: 200ms +- 50ms, topics: [alerts], for: 30s}`. Exactly one kind is given."""

    # Faults of single messages.
    latency: Annotated[Latency | None, written_as(Latency), Meta(description="Messages come late.")] = None
    bandwidth: Annotated[
        Bandwidth | None, written_as(Bandwidth), Meta(description="Bytes come no faster than over a narrow line.")
    ] = None
    drop: Annotated[Drop | None, written_as(Drop), Meta(description="Messages never come.")] = None
    duplicate: Annotated[Duplicate | None, written_as(Duplicate), Meta(description="Messages come more than once.")] = (
        None
    )
    reorder: Annotated[Reorder | None, written_as(Reorder), Meta(description="Messages overtake each other.")] = None
    corrupt: Annotated[Corrupt | None, written_as(Corrupt), Meta(description="Messages are broken.")] = None
    stale: Annotated[
        Stale | None, written_as(Stale), Meta(description="Messages say that they are older than they are.")
    ] = None
    unknown_type: Annotated[
        UnknownType | None,
        written_as(UnknownType),
        Meta(description="Messages are of a type that nobody has heard of."),
    ] = None
    join: Annotated[
        JoinMessages | None, written_as(JoinMessages), Meta(description="Several messages come as one.")
    ] = None
    fragment: Annotated[Fragment | None, written_as(Fragment), Meta(description="Messages come in several frames.")] = (
        None
    )
    empty: Annotated[Empty | None, written_as(Empty), Meta(description="Messages come without a text.")] = None
    oversize: Annotated[Oversize | None, written_as(Oversize), Meta(description="Messages are very large.")] = None
    # Faults of a connection.
    stall: Annotated[Stall | None, written_as(Stall), Meta(description="The server neither reads nor writes.")] = None
    no_pong: Annotated[NoPong | None, written_as(NoPong), Meta(description="Control pings stay unanswered.")] = None
    close: Annotated[Close | None, written_as(Close), Meta(description="The connection is closed.")] = None
    reset: Annotated[Reset | None, written_as(Reset), Meta(description="The connection is reset (RST).")] = None
    half_close: Annotated[
        HalfClose | None, written_as(HalfClose), Meta(description="The server's stream ends, and it reads on.")
    ] = None
    revoke: Annotated[
        Revoke | None, written_as(Revoke), Meta(description="The token is good no more: AUTH_FAILED, then 1008.")
    ] = None
    rate_limit: Annotated[
        RateLimit | None, written_as(RateLimit), Meta(description="What the client sends is too much, whatever it is.")
    ] = None
    # Faults of a handshake.
    hang: Annotated[Hang | None, written_as(Hang), Meta(description="The handshake is never answered.")] = None
    slow_handshake: Annotated[
        SlowHandshake | None, written_as(SlowHandshake), Meta(description="The handshake is answered late.")
    ] = None
    status: Annotated[
        Status | None, written_as(Status), Meta(description="The handshake is refused with an HTTP status.")
    ] = None
    # Faults of the whole server.
    refuse: Annotated[Refuse | None, written_as(Refuse), Meta(description="Nobody can connect.")] = None
    restart: Annotated[
        Restart | None, written_as(Restart), Meta(description="The server goes, and comes back on the same port.")
    ] = None

    @property
    def kind(self) -> str:
        """The word of its kind."""
        return next(word for word in KINDS if getattr(self, word) is not None)

    @property
    def fault(self) -> Fault:
        """What it does."""
        found: Fault = getattr(self, self.kind)
        return found

    @property
    def never(self) -> bool:
        """Whether it can't ever do anything."""
        return self.fault.never or self.clients == 0 or self.lasting == 0

    def written(self) -> dict[str, Any]:
        """As the language writes it: the kind first, and no key that says nothing."""
        entries: dict[str, Any] = written(type(self), self)
        kind = self.kind
        return {kind: entries[kind]} | {key: value for key, value in entries.items() if key != kind}

    def __str__(self) -> str:
        return flow(self.written())[1:-1]

    def mistakes(self, keys: Collection[str]) -> Iterable[Mistake]:
        """What is wrong with it, although each value is right. `keys` are those that are written."""
        words = [word for word in KINDS if word in keys]
        if len(words) != 1:
            place: Keys = (words[1],) if words else ()
            found = " and ".join(f'"{word}"' for word in words) if words else "none of them"
            yield Mistake(place, f"one kind of fault: {', '.join(KINDS)}", found, of_key=bool(words))
            return
        (word,) = words
        known = KINDS[word].scopes | _ALWAYS
        for key in SCOPE_KEYS:
            if key in keys and key not in known:
                whole = KINDS[word].level == "listener" and key in ("client", "clients")
                hint = f"{word} concerns the whole server" if whole else None
                said = ", ".join(each for each in SCOPE_KEYS if each in known)
                yield Mistake((key,), f"with {word} one of {said}", f'"{key}"', hint, of_key=True)
        if "client" in keys and "clients" in keys:
            yield Mistake(("clients",), 'nothing beside "client"', of_key=True)


_Spec = TypeVar("_Spec", bound=FaultSpec)

KINDS: dict[str, type[Fault]] = {
    field.key: next(part for part in field.kind.__origin__.__args__ if part is not type(None))
    for field in fields(FaultSpec)
    if field.key not in {each.key for each in fields(Scope)}
}
"""Every kind of fault by its word: those of messages first, then of connections, handshakes and the listener."""

SCOPE_KEYS: tuple[str, ...] = tuple(field.key for field in fields(Scope))
"""The keys that say whom a fault concerns, which messages, and for how long."""


def read_fault(source: str | Node, file: str = "fault", kind: type[_Spec] = FaultSpec) -> _Spec:  # type: ignore[assignment]
    """The fault in a YAML mapping, of which a flow mapping may come without its braces: `drop: 10%, client: 3`.

    Raises InputError with every problem found; `file` is told of those that know no other. `kind` may have keys of its
    own beside those of every fault.
    """
    braced = isinstance(source, str) and _lacks_braces(source)
    node = parse("{" + source + "}" if braced else source, file) if isinstance(source, str) else source
    reader = Reader(file)
    if isinstance(node.value, str):
        _tell_word(reader, node)
    entries = None if reader.problems else reader.mapping(node, "")
    if entries is not None and not any(word in entries for word in KINDS):
        _tell_no_kind(reader, node, list(entries))
    spec = INVALID if reader.problems else reader.struct(node, kind, "")
    if spec is not INVALID and entries is not None:
        for mistake in spec.mistakes(entries.keys()):
            key = str(mistake.keys[0]) if mistake.keys else ""
            reader.problem(_key(node, key), key, mistake.expected, mistake.found, mistake.hint)
    if reader.problems:
        raise InputError(*(map(_unbraced, reader.problems) if braced else reader.problems))
    found: _Spec = spec
    return found


def fault_schema(schema_id: str | None = None) -> dict[str, Any]:
    """The JSON Schema of a fault. Its kinds stand in `x-kinds`, those of each level in `x-levels`, and in `x-scopes`
    which scope keys make sense with each.
    """
    schema = json_schema(FaultSpec, title="Fault", schema_id=schema_id)
    for key, fragment in schema["properties"].items():
        fragment.setdefault("title", key)
        own = fields(KINDS[key]) if key in KINDS else ()
        examples = notes(own[0].kind).examples if own else []
        if examples:
            fragment.setdefault("examples", examples)
    levels = dict.fromkeys(kind.level for kind in KINDS.values())
    kinds = {level: [word for word, kind in KINDS.items() if kind.level == level] for level in levels}
    scopes = {word: [key for key in SCOPE_KEYS if key in kind.scopes | _ALWAYS] for word, kind in KINDS.items()}
    either = [{"required": [word]} for word in KINDS]
    return schema | {"oneOf": either, "x-kinds": list(KINDS), "x-levels": kinds, "x-scopes": scopes}


def _lacks_braces(text: str) -> bool:
    return not text.lstrip().startswith(("{", "[")) and "\n" not in text.strip() and ":" in text


def _unbraced(problem: Problem) -> Problem:
    """A problem of a text to which a brace was put, where it stands without."""
    if problem.column is None:
        return problem
    said = problem.path, problem.expected, problem.found
    return Problem(*said, hint=problem.hint, file=problem.file, line=problem.line, column=max(problem.column - 1, 1))


def _tell_word(reader: Reader, node: Node) -> None:
    word = node.source.strip()
    own = fields(KINDS[word]) if word in KINDS else ()
    examples = notes(own[0].kind).examples if own else None
    value = examples[0] if examples else "on"
    hint = f'write "{word}: {value}"' if word in KINDS else nearest(word, [*KINDS])
    reader.problem(node, "", 'a kind of fault with its value, like "drop: 10%"', f'"{word}"', hint)


def _tell_no_kind(reader: Reader, node: Node, keys: list[str]) -> None:
    words = [*KINDS, *SCOPE_KEYS]
    for key in keys:
        if key not in words:
            reader.problem(_key(node, key), "", f"a kind of fault: {', '.join(KINDS)}", f'"{key}"', nearest(key, words))
    if not reader.problems:
        reader.problem(node, "", f"a kind of fault: {', '.join(KINDS)}", "none of them")


def _key(node: Node, key: str) -> Node:
    """A key of a mapping, as what a problem is about; the mapping itself without one."""
    if not key or not isinstance(node.value, dict):
        return node
    value = node.value[key]
    line, column = node.key_places.get(key, (value.line, value.column))
    return Node(key, line, column, key, value.origin, value.file)
