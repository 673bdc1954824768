"""Values as one would write them, for defaults in schemas and references.

What is told is true: it has been read again and found the same.
"""

import json
import re
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from msgspec import Struct

from pvws.errors import InputError
from pvws.notation.document import parse, scalar
from pvws.notation.forms import Field, Form, Unit, alternatives, fields, notes
from pvws.notation.reader import Reader

__all__ = ["UNWRITTEN", "default", "flow", "key_text", "written"]


class _Unwritten:
    """Stands for a value whose notation nobody knows."""


UNWRITTEN: Any = _Unwritten()
"""What `written` gives for a value whose notation nobody knows."""

_PLAIN = re.compile(r"[\w+/]([\w.+/% :-]*[\w.+/%-])?")
_FLOAT_DIGITS_MAX = 17  # behind the point, of a number that YAML takes for one


def written(kind: Any, value: Any) -> Any:
    """What a value of a type is written as: a text, a number, a bool, None, or a list or mapping of those.

    A Struct is written without the keys that have their default. UNWRITTEN if reading it would not give the value.
    """
    found = _written(kind, value)
    if found is UNWRITTEN:
        return UNWRITTEN
    reader = Reader("")
    try:
        again = reader.read(parse(flow(found), ""), kind, "")
    except InputError:
        return UNWRITTEN
    return found if not reader.problems and again == value else UNWRITTEN


def default(field: Field) -> Any:
    """What the default of a key is written as; UNWRITTEN if nobody knows, or if there is nothing to tell.

    That is so of an empty list or mapping, of a Struct that says nothing either, and of None where it means: left out.
    """
    told = written(field.kind, field.default)
    return UNWRITTEN if told is None or told in ([], {}) else told


def flow(value: Any) -> str:
    """YAML on one line, of what `written` gives; it is read as the same again."""
    match value:
        case None:
            return "null"
        case bool():
            return "on" if value else "off"
        case int():
            return str(value)
        case float():
            return _number(value)
        case str():
            return _text(value)
        case list():
            return f"[{', '.join(map(flow, value))}]"
        case dict():
            return f"{{{', '.join(f'{key_text(key)}: {flow(each)}' for key, each in value.items())}}}"
        case _:
            raise AssertionError(f"nothing is written as a {type(value).__name__}")


def key_text(key: str) -> str:
    """A key of a mapping as YAML has it; it is read as the same again."""
    return key if _PLAIN.fullmatch(key) and ": " not in key and key.isprintable() else _quoted(key)


def _written(kind: Any, value: Any) -> Any:
    base, own, _ = notes(kind)
    match own:
        case Unit():
            # YAML makes a number of what looks like one: a factor is `2`, not `"2"`.
            return UNWRITTEN if own.write is None else scalar(own.write(value), "").value
        case Form() if own.write is not None:
            return own.write(value)
    origin = get_origin(base)
    if len(alternatives(base)) > 1:
        return _optional(base, value)
    if origin is Literal or base in (str, int, float, bool):
        return int(value) if isinstance(value, float) and value.is_integer() else value
    if origin in (list, tuple) and isinstance(value, list | tuple):
        return _all([_written(get_args(base)[0], each) for each in value])
    if origin is dict and isinstance(value, dict):
        entries = {key: _written(get_args(base)[1], each) for key, each in value.items()}
        return UNWRITTEN if UNWRITTEN in entries.values() else entries
    if isinstance(base, type) and issubclass(base, Struct) and isinstance(value, base):
        return _struct(base, value)
    return UNWRITTEN


def _optional(base: Any, value: Any) -> Any:
    if value is None:
        return None if type(None) in alternatives(base) else UNWRITTEN
    kinds = [kind for kind in alternatives(base) if kind is not type(None)]
    return _written(kinds[0], value) if len(kinds) == 1 else UNWRITTEN


def _all(values: list[Any]) -> Any:
    return UNWRITTEN if UNWRITTEN in values else values


def _struct(kind: type[Struct], value: Struct) -> Any:
    entries = {}
    for field in fields(kind):
        own = getattr(value, field.name)
        if field.is_required or own != field.default:
            entries[field.key] = _written(field.kind, own)
    return UNWRITTEN if UNWRITTEN in entries.values() else entries


def _number(value: float) -> str:
    digits = f"{Decimal(repr(value)):.{_FLOAT_DIGITS_MAX}f}".rstrip("0")
    return f"{digits}0" if digits.endswith(".") else digits


def _text(text: str) -> str:
    is_plain = _PLAIN.fullmatch(text) and ": " not in text and isinstance(scalar(text, "").value, str)
    return text if is_plain and text.isprintable() else _quoted(text)


def _quoted(text: str) -> str:
    """A text in double quotes, as JSON writes it, but for what YAML doesn't want to see as it is."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(each if each.isprintable() else f"\\U{ord(each):08X}" for each in quoted)
