"""Notes on the types of a schema: which values have a notation or a shape of their own, and what to say of them.

They stand in `Annotated[…]`, beside `msgspec.Meta`, whose bounds, description and examples count as well. The reader
reads by them, and the JSON Schema and the reference are made of them.
"""

import types
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Protocol, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, Meta, Struct

if TYPE_CHECKING:
    from pvws.notation.document import Node
    from pvws.notation.reader import Reader

__all__ = ["Builder", "Field", "Form", "Notes", "Unit", "alternatives", "bounded", "fields", "notes", "summary"]


class Builder(Protocol):
    """Gives the JSON Schema of types, to a `Form` that is made of some."""

    def fragment(self, kind: Any) -> dict[str, Any]:
        """What a value of a type looks like; Structs and units by reference."""

    def struct(
        self,
        kind: type[Struct],
        beside: Mapping[str, dict[str, Any]] | None = None,
        required: Sequence[str] = (),
    ) -> dict[str, Any]:
        """The mapping that a Struct is read from, in full. Keys in `beside` are someone else's.

        Of those, the ones in `required` must be there.
        """

    def choice(self, key: str, kinds: Mapping[str, type[Struct]]) -> dict[str, Any]:
        """A mapping whose `key` has one of some words, each of which stands for a Struct: `do: join`."""


class Unit:
    """A scalar with a notation, such as `30s`: `read` makes the value of its text, or raises ValueError saying
    what was expected. Numbers are given to it as text, too.

    `label` is a noun for the notation and `write` gives the text of a value; `schema` is the JSON Schema of what
    YAML makes of the texts, which is a number where they look like one. `near` gives the right text of one that is
    nearly right, or None.
    """

    __slots__ = ("label", "near", "read", "schema", "write")

    def __init__(
        self,
        read: Callable[[str], Any],
        *,
        label: str = "",
        schema: Mapping[str, Any] | None = None,
        write: Callable[[Any], str] | None = None,
        near: Callable[[str], str | None] | None = None,
    ) -> None:
        self.read = read
        self.label = label
        self.schema = schema
        self.write = write
        self.near = near


class Form:
    """A value with a shape of its own: `read` gets the reader, the node and its path, and gives the value.

    `label` says how it is written. `schema` is its JSON Schema, or makes it with a `Builder`; without one the schema
    allows anything. `write` gives what a value is written as: texts, numbers, lists and mappings.
    """

    __slots__ = ("label", "read", "schema", "write")

    def __init__(
        self,
        read: "Callable[[Reader, Node, str], Any]",
        *,
        label: str = "",
        schema: Mapping[str, Any] | Callable[[Builder], dict[str, Any]] | None = None,
        write: Callable[[Any], Any] | None = None,
    ) -> None:
        self.read = read
        self.label = label
        self.schema = schema
        self.write = write


class Notes(NamedTuple):
    """What stands beside a type: its unit or form, if it has one, and what `Meta` says."""

    base: Any
    own: Unit | Form | None
    metas: tuple[Meta, ...]

    @property
    def description(self) -> str:
        """What it means, in a sentence; `""` if nobody says. What is said last counts: it is the nearest to the key."""
        return next((meta.description for meta in reversed(self.metas) if meta.description), "")

    @property
    def examples(self) -> list[Any]:
        """Values as they are written."""
        return next((list(meta.examples) for meta in reversed(self.metas) if meta.examples), [])


def notes(kind: Any) -> Notes:
    """The notes on a type; without any, itself alone."""
    if get_origin(kind) is not Annotated:
        return Notes(kind, None, ())
    own, metas = None, []
    for note in kind.__metadata__:
        if type(note) is Meta:
            metas.append(note)
        elif own is None and isinstance(note, Unit | Form):
            own = note
    return Notes(kind.__origin__, own, tuple(metas))


def summary(kind: type[Struct]) -> str:
    """The first line of a Struct's docstring; `""` without one."""
    return (kind.__doc__ or "").strip().partition("\n")[0]


def alternatives(kind: Any) -> tuple[Any, ...]:
    """The types of which a value may be any, None's among them: those of `int | None`; of another type itself alone."""
    return get_args(kind) if get_origin(kind) in (types.UnionType, Union) else (kind,)


class Field(NamedTuple):
    """One key of a Struct: as a script writes it, as the Struct names it, its type and its default, if it has one."""

    key: str
    name: str
    kind: Any
    is_required: bool
    default: Any


@cache
def fields(kind: type[Struct]) -> tuple[Field, ...]:
    """The keys of a Struct in their order."""
    hints = get_type_hints(kind, include_extras=True)
    found = []
    for field in msgspec.structs.fields(kind):
        is_required = field.default is NODEFAULT and field.default_factory is NODEFAULT
        made = field.default_factory is not NODEFAULT
        default = None if is_required else field.default_factory() if made else field.default
        found.append(Field(field.encode_name, field.name, hints[field.name], is_required, default))
    return tuple(found)


def bounded(noun: str, meta: Meta, write: Callable[[Any], str] = str) -> str:
    """A noun with the bounds of its value: `a whole number from 1 to 9`; a value alone if there is but one."""
    if meta.ge is not None and meta.ge == meta.le:
        return write(meta.ge)
    low = f" from {write(meta.ge)}" if meta.ge is not None else ""
    low = f" above {write(meta.gt)}" if meta.gt is not None else low
    if meta.le is not None:
        high = f" to {write(meta.le)}" if meta.ge is not None else f" of at most {write(meta.le)}"
        high = f" and at most {write(meta.le)}" if meta.gt is not None else high
    elif meta.lt is not None:
        high = f" and below {write(meta.lt)}" if low else f" below {write(meta.lt)}"
    else:
        high = " on" if meta.ge is not None else ""
    return f"{noun}{low}{high}"
