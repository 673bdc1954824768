"""What an expression works with: values, what has none, names in values, and values as truths, numbers and texts.

A value is null, a boolean, a number, a text, a list or a mapping; a `Timestamp` is its text, a Struct the mapping that
it is on the wire. Anything else is a thing without a value: it may be asked for names, if it offers `look_up`, and
equals itself alone.

Every rule of the language about what is missing or of the wrong kind:

- What isn't there is missing: a name that nothing has, an index past the end, a number that can't be (`1 / 0`).
- A comparison with something missing is false; that goes for `!=` and `not in`, too.
- What is computed from something missing is missing. Alone, it counts as false.
- Of different kinds, nothing is equal, and nothing is less or greater.
- Where a number meets a text, the text is read as a number: a size in bytes, a duration in seconds, a percentage
  or a plain number. A text that is none of these is of a different kind.
"""

import json
import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from math import isfinite
from typing import Any, Final, Protocol

from msgspec import UNSET, Struct, structs

from pvws import units
from pvws.limits import MESSAGE_BYTES_MAX, MESSAGE_DEPTH_MAX
from pvws.timestamp import Timestamp

__all__ = [
    "MISSING",
    "NUMBERS",
    "PLAIN",
    "Missing",
    "Named",
    "instant_of",
    "item",
    "member",
    "members_of",
    "number_of",
    "plain",
    "text_of",
    "truth",
]


class Missing:
    """What has no value. There is one, `MISSING`; it counts as false."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "missing"


class Named(Protocol):
    """A thing that says itself which names an expression may use of it."""

    def look_up(self, name: str) -> object:
        """What it calls by this name. Raises KeyError where it has no such name."""
        ...


MISSING: Final = Missing()
"""The value of what isn't there."""

NUMBERS: Final = frozenset((int, float))
"""The types of numbers; a boolean is none."""

PLAIN: Final = frozenset((str, int, float, bool, type(None), list, dict))
"""The types of JSON values."""

_TEXT_OF_QUANTITY_MAX = 40  # "8191.999999999999 TiB" and a few spaces: whatever is longer is no quantity or time
_PLAIN_NUMBER = re.compile(r"(?:(\d+)|\d*\.\d+|\d+\.)([eE][-+]?\d{1,3})?", re.ASCII)
_PERCENTAGE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*%", re.ASCII)


def plain(value: Any) -> Any:
    """A value as the language knows it, which is as JSON has it: enumerated ones and times are their texts.

    Raises nothing, as nothing in this module does.
    """
    if type(value) in PLAIN:
        return value
    if type(value) is Timestamp:
        return value.text
    if value is UNSET:
        return MISSING
    if isinstance(value, Enum):
        return plain(value.value)
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return list(value) if isinstance(value, tuple) else value


def member(value: Any, name: str) -> Any:
    """What a mapping holds under a key, a Struct in a field called so on the wire, or a `Named` thing by a name.

    No other attribute of anything is ever read, and no method but `look_up` is ever called.
    """
    if type(value) is dict:
        found = value.get(name, MISSING)
    elif hasattr(type(value), "look_up"):
        try:
            found = value.look_up(name)
        except KeyError:
            return MISSING
    elif isinstance(value, Struct):
        attribute = _fields(type(value)).get(name)
        found = MISSING if attribute is None else getattr(value, attribute, MISSING)
    elif isinstance(value, Mapping):
        found = value.get(name, MISSING)
    else:
        return MISSING
    return found if type(found) in PLAIN else plain(found)


def members_of(value: Any) -> Mapping[Any, Any] | None:
    """The members of a mapping, or of a Struct by their names on the wire; None for everything else."""
    if isinstance(value, Mapping):
        return value
    if not isinstance(value, Struct) or hasattr(type(value), "look_up"):
        return None
    members = {name: member(value, name) for name in _fields(type(value))}
    return {name: inner for name, inner in members.items() if inner is not MISSING}


@lru_cache(maxsize=256)
def _fields(kind: type[Struct]) -> dict[str, str]:
    """The attribute of each name on the wire."""
    return {each.encode_name: each.name for each in structs.fields(kind) if not each.name.startswith("_")}


def item(value: Any, index: Any) -> Any:
    """An item of a list by its whole number, from the end if that is negative; a member by a text."""
    if type(index) is str:
        return member(value, index)
    if type(index) is int and type(value) is list and -len(value) <= index < len(value):
        return plain(value[index])
    return MISSING


def truth(value: Any) -> bool:
    """False for what is missing, null, false, zero or empty; true for everything else."""
    if type(value) in PLAIN:
        return bool(value)
    if isinstance(value, Mapping):
        return len(value) > 0
    return value is not MISSING


def number_of(value: Any) -> int | float | None:
    """A number, or what a text says if it is read as one; None if there is none."""
    if type(value) in NUMBERS:
        return value  # type: ignore[no-any-return]
    if type(value) is str and len(value) <= _TEXT_OF_QUANTITY_MAX:
        return _quantity(value)
    return None


@lru_cache(maxsize=4096)
def _quantity(text: str) -> int | float | None:
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    if not digits[:1].isdigit() and not digits.startswith("."):
        return None
    if number := _PLAIN_NUMBER.fullmatch(digits):
        value = int(digits) if number[1] and not number[2] else float(digits)
        return sign * value if isfinite(value) else None
    try:
        return sign * units.size(digits)
    except ValueError:
        pass
    try:
        return sign * units.duration(digits) / 1_000_000
    except ValueError:
        pass
    percentage = _PERCENTAGE.fullmatch(digits)
    return None if percentage is None else sign * float(percentage[1])


def instant_of(text: str) -> int | None:
    """Microseconds since the epoch of an RFC 3339 time; None if the text is none."""
    if 20 <= len(text) <= _TEXT_OF_QUANTITY_MAX and text[10] in "Tt ":
        return _instant(text)
    return None


@lru_cache(maxsize=4096)
def _instant(text: str) -> int | None:
    try:
        return Timestamp.parse(text).micros
    except ValueError:
        return None


def text_of(value: Any) -> Any:
    """The text of a value, as a template writes it; MISSING for a thing that has none, or a text past a message's size.

    Numbers are as short as they can be, null is empty, a list or a mapping is JSON.
    """
    value = plain(value)
    match value:
        case str():
            text = value
        case None:
            text = ""
        case _:
            try:
                text = _json(value, 0)
            except ValueError:
                return MISSING
    return text if len(text) <= MESSAGE_BYTES_MAX else MISSING


def _json(value: Any, depth: int) -> str:
    """JSON of a value. Raises ValueError where there is none: for a thing, NaN, or what is nested too deep."""
    if depth > MESSAGE_DEPTH_MAX:
        raise ValueError("a value that a message can hold")
    value = plain(value)
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False)
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case int():
            return str(value)  # ValueError of its own past 4,300 digits
        case float():
            return _number_text(_finite(value))
        case list():
            return f"[{','.join([_json(inner, depth + 1) for inner in value])}]"
        case _:
            pass  # a mapping, or nothing that JSON has
    members = members_of(value)
    if members is None:
        raise ValueError("a value, and no thing")
    written = [
        f"{json.dumps(str(name), ensure_ascii=False)}:{_json(inner, depth + 1)}" for name, inner in members.items()
    ]
    return f"{{{','.join(written)}}}"


def _number_text(value: float) -> str:
    return str(int(value)) if abs(value) < 1e16 and value == int(value) else repr(value)


def _finite(value: float) -> float:
    if not isfinite(value):
        raise ValueError("a number that JSON has")
    return value
