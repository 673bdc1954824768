"""What a reference says of each key, made of the very types that the reader reads. Pure."""

from collections.abc import Iterator
from inspect import cleandoc
from typing import Any, Literal, NamedTuple, get_args, get_origin

from msgspec import Struct

from pvws.notation.forms import Form, Unit, alternatives, bounded, fields, notes, summary
from pvws.notation.written import UNWRITTEN, default, flow

__all__ = ["Chapter", "Row", "chapters", "tables"]

_NOUNS = {str: "text", int: "whole number", float: "number", bool: "on or off"}


class Row(NamedTuple):
    """One key: how its value is written, its default as written, and what it means.

    `default` is None of a key that is required, and `""` where nothing is to tell.
    """

    key: str
    written: str
    default: str | None
    description: str


class Chapter(NamedTuple):
    """All about one Struct: its name, the paragraphs of its docstring, and its keys."""

    name: str
    paragraphs: list[str]
    rows: list[Row]


def tables(kind: type[Struct]) -> list[Row]:
    """The keys of a Struct in their order."""
    rows = []
    for field in fields(kind):
        told = UNWRITTEN if field.is_required else default(field)
        text = "" if told is UNWRITTEN else flow(told)
        rows.append(Row(field.key, _written(field.kind), None if field.is_required else text, _description(field.kind)))
    return rows


def chapters(kind: type[Struct]) -> list[Chapter]:
    """A Struct and every other that its types name, each once, in the order in which they are first named."""
    found: dict[type[Struct], None] = {}
    _collect(kind, found)
    return [Chapter(_name(each), _paragraphs(each), tables(each)) for each in found]


def _collect(kind: Any, found: dict[type[Struct], None]) -> None:
    if _is_struct(kind):
        if kind not in found:
            found[kind] = None
            for field in fields(kind):
                _collect(field.kind, found)
        return
    for part in _parts(notes(kind).base):
        _collect(part, found)


def _parts(kind: Any) -> Iterator[Any]:
    if _is_struct(kind):
        yield kind
    elif get_origin(kind) is not Literal:
        yield from get_args(kind)


def _written(kind: Any) -> str:
    base, own, metas = notes(kind)
    if own is not None and own.label:
        noun = own.label
    elif isinstance(own, Unit):
        noun = "text"
    else:
        noun = _plain(base)
    write = own.write if isinstance(own, Unit) and own.write is not None else str
    for meta in metas if not isinstance(own, Form) else ():
        noun = bounded(noun, meta, write)
        if meta.max_length is not None:
            noun += f" of at most {meta.max_length} characters" if base is str else f", at most {meta.max_length}"
    return noun


def _plain(kind: Any) -> str:
    origin = get_origin(kind)
    if origin is Literal:
        return _or([str(word) for word in get_args(kind)])
    if len(alternatives(kind)) > 1:
        return _or([_written(each) for each in alternatives(kind) if each is not type(None)])
    if origin in (list, tuple):
        return f"list of {_written(get_args(kind)[0])}"
    if origin is dict:
        return f"mapping of names to {_written(get_args(kind)[1])}"
    return _name(kind) if _is_struct(kind) else _NOUNS.get(kind, "value")


def _or(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _description(kind: Any) -> str:
    """What is said of a key, or else of the Struct that stands there."""
    found = notes(kind)
    structs = [part for part in alternatives(found.base) if _is_struct(part)]
    return found.description or (summary(structs[0]) if len(structs) == 1 else "")


def _paragraphs(kind: type[Struct]) -> list[str]:
    return [" ".join(each.split()) for each in cleandoc(kind.__doc__ or "").split("\n\n") if each.strip()]


def _name(kind: Any) -> str:
    return str(kind.__name__).lstrip("_")


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)
