"""A client's own view of the network beside the truth: what differs, field by field."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import isclose
from typing import Any, TypeAlias, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct, structs

from pvws.errors import InputError, Problem
from pvws.notation.nearest import nearest
from pvws.timestamp import Timestamp
from pvws.world.truth import AlertTruth, CopyTruth, FileTruth, PeerTruth, Truth

__all__ = ["NOTHING", "Difference", "compare"]


class _Nothing:
    """Stands for what is not there."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING: Any = _Nothing()
"""What is expected, or found, where there is nothing."""

_Json: TypeAlias = Mapping[str, Any]
_Id: TypeAlias = tuple[object, ...]

_KEYS: dict[type[Struct], tuple[str, ...]] = {
    PeerTruth: ("id",),
    FileTruth: ("key",),
    CopyTruth: ("node",),
    AlertTruth: ("metric", "node"),
}
"""By what the items of a list are told apart."""

_TOLERANCE = 1e-6  # what six decimals lose


class Difference(Struct, frozen=True):
    """At a path of a client's view something else was `found` than is true; either may be `NOTHING`."""

    path: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.path}: expected {_shown(self.expected)}, found {_shown(self.found)}"


def compare(view: _Json, truth: Truth, *, partial: bool = False) -> list[Difference]:
    """What of a view is not so, in the order of the view: it has the fields of `Truth` by their names on the wire.

    What the view has not is not compared. Its lists are: peers are matched by `id`, files by `key`, copies by `node`,
    alerts by `metric` and `node`, or the view has mappings by these; and unless it is `partial` whatever is missing
    from a list differs, but for peers that are not connected. Numbers that are not whole may differ by a millionth.
    Raises InputError for a field that there is not, or a value that can't be compared.
    """
    problems: list[Problem] = []
    whole = msgspec.to_builtins(truth, enc_hook=str)
    found = list(_struct(view, whole, Truth, "", partial=partial, problems=problems))
    if problems:
        raise InputError(*problems)
    return found


def _struct(
    view: Any, true: _Json, kind: type[Struct], path: str, *, partial: bool, problems: list[Problem]
) -> Iterator[Difference]:
    if not isinstance(view, Mapping):
        problems.append(Problem(path, "an object", _shown(view)))
        return
    types = _types(kind)
    for name, value in view.items():
        where = f"{path}.{name}" if path else str(name)
        if name not in types:
            names = tuple(types)
            problems.append(Problem(where, f"one of {', '.join(names)}", f'"{name}"', hint=nearest(name, names)))
            continue
        inner = _item(types[name])
        if inner is not None:
            yield from _items(value, true[name], inner, where, partial=partial, problems=problems)
        elif isinstance(true[name], list):
            yield from _values(value, true[name], where)
        elif not _same(value, true[name]):
            yield Difference(where, true[name], value)


def _items(
    view: Any, true: Sequence[_Json], kind: type[Struct], path: str, *, partial: bool, problems: list[Problem]
) -> Iterator[Difference]:
    keys = _KEYS[kind]
    left = {_id(each, keys): each for each in true}
    for item, where in _listed(view, keys, path, problems):
        if not isinstance(item, Mapping) or any(key not in item and key != "node" for key in keys):
            problems.append(Problem(where, f"an object with {' and '.join(keys)}", _shown(item)))
            continue
        identity = _id(item, keys)
        named = f"{path}[{'/'.join(str(each) for each in identity if each is not None)}]"
        if identity not in left:
            yield Difference(named, NOTHING, dict(item))
        else:
            yield from _struct(item, left.pop(identity), kind, named, partial=partial, problems=problems)
    if not partial:
        for identity, each in left.items():
            if each.get("connected", True):
                named = f"{path}[{'/'.join(str(part) for part in identity if part is not None)}]"
                yield Difference(named, each, NOTHING)


def _listed(view: Any, keys: tuple[str, ...], path: str, problems: list[Problem]) -> Iterator[tuple[Any, str]]:
    """The items of a list, or of a mapping by their first key."""
    if isinstance(view, Mapping) and len(keys) == 1:
        for name, item in view.items():
            yield ({keys[0]: name} | dict(item) if isinstance(item, Mapping) else item), f"{path}.{name}"
    elif isinstance(view, Sequence) and not isinstance(view, str | bytes):
        for place, item in enumerate(view):
            yield item, f"{path}[{place}]"
    else:
        expected = "a list of objects" + (f", or an object of them by {keys[0]}" if len(keys) == 1 else "")
        problems.append(Problem(path, expected, _shown(view)))


def _values(view: Any, true: Sequence[Any], path: str) -> Iterator[Difference]:
    """Lists of which the order says nothing: capabilities, tags."""
    try:
        same = isinstance(view, Sequence) and not isinstance(view, str) and Counter(view) == Counter(true)
    except TypeError:  # something in it that is no text
        same = False
    if not same:
        yield Difference(path, list(true), view)


def _same(view: Any, true: Any) -> bool:
    if isinstance(view, bool) or isinstance(true, bool):
        return view is true
    if isinstance(view, float) or isinstance(true, float):
        numbers = isinstance(view, int | float) and isinstance(true, int | float)
        return numbers and isclose(view, true, rel_tol=1e-9, abs_tol=_TOLERANCE)
    if isinstance(view, str) and isinstance(true, str) and view != true:
        return _same_instant(view, true)
    return bool(view == true)


def _same_instant(view: str, true: str) -> bool:
    """Whether both are the same millisecond: events have no more of an instant."""
    try:
        return Timestamp.parse(view).micros // 1000 == Timestamp.parse(true).micros // 1000
    except ValueError:
        return False


def _id(item: _Json, keys: tuple[str, ...]) -> _Id:
    return tuple(_hashable(item.get(key)) for key in keys)


def _hashable(value: Any) -> object:
    return value if isinstance(value, str | int | float | None) else repr(value)


def _types(kind: type[Struct]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.encode_name: hints[field.name] for field in structs.fields(kind)}


def _item(kind: Any) -> type[Struct] | None:
    """The Struct that a list holds."""
    if get_origin(kind) is not list:
        return None
    inner = get_args(kind)[0]
    return inner if isinstance(inner, type) and issubclass(inner, Struct) else None


def _shown(value: Any) -> str:
    if value is NOTHING:
        return "nothing"
    try:
        text = msgspec.json.encode(value).decode()
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
