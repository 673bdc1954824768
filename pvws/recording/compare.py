"""Two recordings side by side: what is missing, extra, changed, in another order or late.

Messages are compared one by one, joined ones taken apart. They belong together by connection, direction, topic and the
thing that they are about; what changes from run to run, such as timestamps, does not count.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence, Set
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct, structs

from pvws.limits import MESSAGE_DEPTH_MAX
from pvws.recording.concern import concern_of, parts_of
from pvws.recording.format import Close, Entry, Message
from pvws.recording.nesting import deeper_than
from pvws.recording.pairing import longest_rising, pairs_in_time
from pvws.recording.partners import partners

__all__ = ["VOLATILE", "Change", "Comparison", "Difference", "Item", "Kind", "compare", "items_of"]

VOLATILE = ("timestamp", "clientId", "lastHeartbeat")
"""Fields that differ from run to run, by their names, wherever they stand."""

_CLOSE = "close frame"  # the type of what is no message
_ENTITIES = ("key", "id", "metric", "category")  # what a payload is about, by the first of these fields that it has

Kind: TypeAlias = Literal["missing", "extra", "changed", "reordered", "late", "early"]
"""What is different: of the second recording as seen from the first."""


class Item(Struct, frozen=True, gc=False):
    """One message to compare. `line` is where it stands, `t` when it came, in microseconds.

    `key` is what it belongs to: connection, direction, topic and what it is about. `type` is what it is, and `content`
    what counts of it: two with the same are the same.
    """

    line: int
    t: int
    key: tuple[str, str, str, str]
    type: str
    content: bytes

    @property
    def label(self) -> str:
        """What a person calls it."""
        _, _, topic, entity = self.key
        if self.type == _CLOSE:
            return f"close {self.content.decode()}"
        return " ".join(each for each in (self.type or "a message", entity, f"({topic})" if topic else "") if each)


class Change(Struct, frozen=True):
    """A field that has another value. What is not there is None."""

    path: str
    first: str | None
    second: str | None


class Difference(Struct, frozen=True):
    """One difference. Of what is missing there is no `second`, of what is extra no `first`.

    `micros` is how much later than expected it came, negative for earlier; 0 where that is not the difference.
    """

    kind: Kind
    first: Item | None
    second: Item | None
    changes: tuple[Change, ...] = ()
    micros: int = 0


class Comparison(Struct, frozen=True):
    """All differences, in the order of the first recording's time; and how many messages are the same.

    `offset` is how much later than the first the second began, in microseconds: half of what they share came that
    much later or less.
    """

    differences: list[Difference]
    same: int
    offset: int

    def counts(self) -> dict[str, int]:
        """How many differences there are of each kind."""
        counts: dict[str, int] = {}
        for difference in self.differences:
            counts[difference.kind] = counts.get(difference.kind, 0) + 1
        return counts


def items_of(lines: Iterable[tuple[int, Entry]], *, ignore: Sequence[str] = (), exact: bool = False) -> list[Item]:
    """What is to be compared of entries with their lines: messages of either direction, and closes.

    `ignore` are further fields that don't count: names, wherever they stand, or dotted paths. With `exact` the bytes of
    whole messages count, as they are.
    """
    ignored = None if exact else _Ignored(ignore)
    items = []
    conns: dict[int, str] = {}  # connections are counted as they come: a proxy may have given them other numbers
    for line, entry in lines:
        conn = conns.setdefault(entry.conn, str(len(conns) + 1)) if isinstance(entry, Message | Close) else ""
        match entry:
            case Message():
                parts = [entry.data] if exact else parts_of(entry.data)
                items += [_item(line, entry, part, conn, ignored) for part in parts]
            case Close():
                code = "without a code" if entry.code is None else str(entry.code)
                content = f"{code} {entry.reason}".rstrip().encode()
                items.append(Item(line, entry.t, (conn, entry.dir, "", ""), _CLOSE, content))
            case _:
                pass  # pings come by the clock, and marks and gaps were nothing on the wire
    return items


class _Ignored:
    """The fields that don't count."""

    def __init__(self, more: Sequence[str]) -> None:
        self._names = (*VOLATILE, *(name for name in more if "." not in name))
        self._paths = [path.split(".") for path in more if "." in path]

    def drop_from(self, value: Any) -> None:
        """Take them out of a value."""
        self._drop_names(value)
        for path in self._paths:
            _drop(value, path)

    def _drop_names(self, value: Any) -> None:
        if type(value) is dict:
            for name in self._names:
                value.pop(name, None)
            value = value.values()
        for each in value:
            if type(each) is dict or type(each) is list:
                self._drop_names(each)


def _drop(value: Any, path: Sequence[str]) -> None:
    """Take out of it what stands under a path, which arrays are no step of."""
    if isinstance(value, list):
        for each in value:
            _drop(each, path)
    elif isinstance(value, dict):
        if len(path) == 1:
            value.pop(path[0], None)
        else:
            _drop(value.get(path[0]), path[1:])


def _item(line: int, message: Message, part: bytes, conn: str, ignored: _Ignored | None) -> Item:
    """What is to be compared of a message, or of a part of one; None is ignored where the bytes count."""
    value = _value(part)
    if type(value) is dict:
        topic, kind = _text(value, "topic"), _text(value, "type")
    else:
        topics, types = concern_of(part)
        topic, kind = topics[0] if topics else "", types[0] if types else ""
    entity = _entity(value)
    content = part
    if ignored is not None and isinstance(value, dict | list):
        ignored.drop_from(value)
        content = _encode(value)
    return Item(line, message.t, (conn, message.dir, topic, entity), kind, content)


def _text(fields: dict[str, Any], name: str) -> str:
    text = fields.get(name)
    return text if type(text) is str else ""


def _entity(value: Any) -> str:
    """What a message is about; `""` for what is about the whole network."""
    data = value.get("data") if type(value) is dict else None
    if type(data) is not dict:
        return data if type(data) is str else ""
    for name in _ENTITIES:
        if found := _text(data, name):
            node = _text(data, "node") if name == "metric" else ""
            return f"{found} of {node}" if node else found
    return ""


def compare(first: Sequence[Item], second: Sequence[Item], *, tolerance: int | None = None) -> Comparison:
    """What differs between the items of two recordings.

    Connections are those of the first in their order, or where they share too little, by what they share. Of what
    belongs together, the same contents are taken for each other first, those that came at about the same time;
    of the rest what is of the same type, as changed; what is left is missing or extra. Whatever has its partner, but
    not its place among the others of its direction and topic, is reordered. With a `tolerance`, in microseconds, what
    came later or earlier than that is late or early.
    """
    second = _renamed(first, second)
    alike = _grouped(first, second, _by_content)
    offset = _median([second[b[0]].t - first[a[0]].t for a, b in alike if len(a) == len(b) == 1])
    pairs = _paired(first, second, alike, offset)
    ones, others = {a for a, _ in pairs}, {b for _, b in pairs}
    pairs += _paired(first, second, _grouped(first, second, _by_type, ones, others), offset)
    offset = _median([second[b].t - first[a].t for a, b in pairs])
    differences = [*_alone(first, second, pairs), *_different(first, second, pairs, tolerance, offset)]
    differences.sort(key=_order)
    changed = sum(first[a].content != second[b].content for a, b in pairs)
    return Comparison(differences, len(pairs) - changed, offset)


def _renamed(first: Sequence[Item], second: Sequence[Item]) -> Sequence[Item]:
    """The second with each connection called as that of the first which it is."""
    if len({item.key[0] for items in (first, second) for item in items}) < 2:
        return second
    found = partners(*([(item.key[0], (*item.key[1:], item.content)) for item in items] for items in (first, second)))
    if all(name == partner for name, partner in found.items()):
        return second
    names = {item.key[0]: found.get(item.key[0], f"{item.key[0]} of the second") for item in second}
    return [structs.replace(item, key=(names[item.key[0]], *item.key[1:])) for item in second]


_Group: TypeAlias = tuple[list[int], list[int]]


def _by_content(item: Item) -> Hashable:
    return (item.key, item.type, item.content)


def _by_type(item: Item) -> Hashable:
    return (item.key, item.type)


def _grouped(
    first: Sequence[Item],
    second: Sequence[Item],
    by: Callable[[Item], Hashable],
    taken_first: Set[int] = frozenset(),
    taken_second: Set[int] = frozenset(),
) -> list[_Group]:
    """The places in each of what is the same by that function and not taken."""
    groups: defaultdict[Hashable, _Group] = defaultdict(lambda: ([], []))
    for place, item in enumerate(first):
        if place not in taken_first:
            groups[by(item)][0].append(place)
    for place, item in enumerate(second):
        if place not in taken_second:
            groups[by(item)][1].append(place)
    return list(groups.values())


def _paired(
    first: Sequence[Item], second: Sequence[Item], groups: Iterable[_Group], offset: int
) -> list[tuple[int, int]]:
    """Pairs, by their places, of what is in a group."""
    found = []
    for ones, others in groups:
        times = pairs_in_time([first[a].t + offset for a in ones], [second[b].t for b in others])
        found += [(ones[a], others[b]) for a, b in times]
    return found


def _median(values: list[int]) -> int:
    return sorted(values)[len(values) // 2] if values else 0


def _alone(first: Sequence[Item], second: Sequence[Item], pairs: Sequence[tuple[int, int]]) -> list[Difference]:
    partners_first, partners_second = {a for a, _ in pairs}, {b for _, b in pairs}
    missing = [Difference("missing", item, None) for a, item in enumerate(first) if a not in partners_first]
    extra = [Difference("extra", None, item) for b, item in enumerate(second) if b not in partners_second]
    return missing + extra


def _different(
    first: Sequence[Item],
    second: Sequence[Item],
    pairs: Sequence[tuple[int, int]],
    tolerance: int | None,
    offset: int,
) -> Iterable[Difference]:
    streams: defaultdict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for a, b in sorted(pairs):
        streams[first[a].key[:3]].append((a, b))
        one, other = first[a], second[b]
        if one.content != other.content:
            changes = tuple(_changes(_value(one.content), _value(other.content), ""))
            yield Difference("changed", one, other, changes or (Change("", _quoted(one), _quoted(other)),))
        late = other.t - one.t - offset
        if tolerance is not None and abs(late) > tolerance:
            yield Difference("late" if late > 0 else "early", one, other, micros=late)
    for stream in streams.values():
        in_place = longest_rising([b for _, b in stream])
        for place, (a, b) in enumerate(stream):
            if place not in in_place:
                yield Difference("reordered", first[a], second[b])


def _changes(first: Any, second: Any, path: str) -> Iterable[Change]:
    if isinstance(first, dict) and isinstance(second, dict):
        for key in sorted({*first, *second}):
            where = f"{path}.{key}" if path else key
            if key not in second:
                yield Change(where, _shown(first[key]), None)
            elif key not in first:
                yield Change(where, None, _shown(second[key]))
            else:
                yield from _changes(first[key], second[key], where)
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        for place, (one, other) in enumerate(zip(first, second, strict=True)):
            yield from _changes(one, other, f"{path}[{place}]")
    elif first != second or type(first) is not type(second):
        yield Change(path, _shown(first), _shown(second))


def _order(difference: Difference) -> tuple[int, int, int]:
    item = difference.first or difference.second
    assert item is not None, "a difference is about something"
    return item.t, difference.first is None, item.line


def _value(text: bytes) -> Any:
    """The JSON value that a text is; None of what is none, or too deep for a message."""
    if deeper_than(text, MESSAGE_DEPTH_MAX):
        return None
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _quoted(item: Item) -> str:
    return item.content.decode(errors="replace")


def _shown(value: Any) -> str:
    return _encode(value).decode()


_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="sorted").encode  # keys have no order
