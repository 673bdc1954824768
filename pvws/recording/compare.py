"""Two recordings side by side: what is missing, extra, changed, in another order or late.

Messages are compared one by one, joined ones taken apart. They belong together by connection, direction, topic and the
thing that they are about; what changes from run to run, such as timestamps, does not count.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct

from pvws.recording.concern import concern_of, parts_of
from pvws.recording.format import Close, Entry, Message
from pvws.recording.pairing import longest_rising, pairs_in_time

__all__ = ["VOLATILE", "Change", "Comparison", "Difference", "Item", "Kind", "compare", "items_of"]

VOLATILE = ("timestamp", "clientId", "lastHeartbeat")
"""Fields that differ from run to run, by their names, wherever they stand."""

_ENTITIES = ("key", "id", "metric", "category")  # what a payload is about, by the first of these fields that it has

Kind: TypeAlias = Literal["missing", "extra", "changed", "reordered", "late", "early"]
"""What is different: of the second recording as seen from the first."""


class Item(Struct, frozen=True, gc=False):
    """One message to compare. `line` is where it stands, `t` when it came, in microseconds.

    `key` is what it belongs to, `type` what it is, `label` what a person calls it; `content` is what counts of it: two
    with the same are the same.
    """

    line: int
    t: int
    key: tuple[str, ...]
    type: str
    label: str
    content: bytes


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
    names = frozenset((*VOLATILE, *(name for name in ignore if "." not in name)))
    paths = frozenset(tuple(path.split(".")) for path in ignore if "." in path)
    items = []
    conns: dict[int, str] = {}  # connections are counted as they come: a proxy may have given them other numbers
    for line, entry in lines:
        conn = conns.setdefault(entry.conn, str(len(conns) + 1)) if isinstance(entry, Message | Close) else ""
        match entry:
            case Message():
                parts = [entry.data] if exact else parts_of(entry.data)
                items += [_item(line, entry, part, names, paths, exact=exact, conn=conn) for part in parts]
            case Close():
                label = f"close {'without a code' if entry.code is None else entry.code}"
                content = f"{label} {entry.reason}".encode()
                items.append(Item(line, entry.t, (conn, entry.dir, "close"), "close", label, content))
            case _:
                pass  # pings come by the clock, and marks and gaps were nothing on the wire
    return items


def _item(
    line: int,
    message: Message,
    part: bytes,
    names: frozenset[str],
    paths: frozenset[tuple[str, ...]],
    *,
    exact: bool,
    conn: str,
) -> Item:
    value = _value(part)
    topics, types = concern_of(part)
    topic, kind = topics[0] if topics else "", types[0] if types else ""
    entity = _entity(value)
    place = (conn, message.dir, topic, entity)
    label = " ".join(each for each in (kind or "a message", entity, f"({topic})" if topic else "") if each)
    if exact or value is None:
        return Item(line, message.t, place, kind, label, part)
    return Item(line, message.t, place, kind, label, _encode(_counting(value, names, paths, ())))


def _entity(value: Any) -> str:
    """What a message is about; `""` for what is about the whole network."""
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, dict):
        return data if isinstance(data, str) else ""
    found = next((data[name] for name in _ENTITIES if isinstance(data.get(name), str)), "")
    node = data.get("node")
    return f"{found} of {node}" if "metric" in data and isinstance(node, str) else str(found)


def _counting(value: Any, names: frozenset[str], paths: frozenset[tuple[str, ...]], path: tuple[str, ...]) -> Any:
    """The value without what does not count; keys have no order."""
    if isinstance(value, dict):
        kept = {
            key: _counting(each, names, paths, (*path, key))
            for key, each in value.items()
            if key not in names and (*path, key) not in paths
        }
        return dict(sorted(kept.items()))
    if isinstance(value, list):
        return [_counting(each, names, paths, path) for each in value]
    return value


def compare(first: Sequence[Item], second: Sequence[Item], *, tolerance: int | None = None) -> Comparison:
    """What differs between the items of two recordings.

    Of what belongs together, the same contents are taken for each other first, those that came at about the same time;
    of the rest what is of the same type, as changed; what is left is missing or extra. Whatever has its partner, but
    not its place among the others of its direction and topic, is reordered. With a `tolerance`, in microseconds, what
    came later or earlier than that is late or early.
    """
    pairs: list[tuple[int, int]] = []
    offset = _offset(first, second)
    for by in (_by_content, _by_type):
        pairs += _paired(first, second, pairs, by, offset)
    offset = _median([second[b].t - first[a].t for a, b in pairs])
    differences = [*_alone(first, second, pairs), *_different(first, second, pairs, tolerance, offset)]
    differences.sort(key=_order)
    changed = sum(first[a].content != second[b].content for a, b in pairs)
    return Comparison(differences, len(pairs) - changed, offset)


def _by_content(item: Item) -> tuple[Any, ...]:
    return (item.key, item.type, item.content)


def _by_type(item: Item) -> tuple[Any, ...]:
    return (item.key, item.type)


def _paired(
    first: Sequence[Item], second: Sequence[Item], known: Sequence[tuple[int, int]], by: Any, offset: int
) -> list[tuple[int, int]]:
    """Pairs, by their places, of what is the same by that function and has no partner yet."""
    taken_first, taken_second = {a for a, _ in known}, {b for _, b in known}
    groups: defaultdict[Any, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for place, item in enumerate(first):
        if place not in taken_first:
            groups[by(item)][0].append(place)
    for place, item in enumerate(second):
        if place not in taken_second:
            groups[by(item)][1].append(place)
    found = []
    for ones, others in groups.values():
        times = pairs_in_time([first[a].t + offset for a in ones], [second[b].t for b in others])
        found += [(ones[a], others[b]) for a, b in times]
    return found


def _offset(first: Sequence[Item], second: Sequence[Item]) -> int:
    """How much later the second began, by what is there once in each."""
    seen: defaultdict[Any, list[list[int]]] = defaultdict(lambda: [[], []])
    for number, items in enumerate((first, second)):
        for item in items:
            seen[_by_content(item)][number].append(item.t)
    return _median([later[0] - earlier[0] for earlier, later in seen.values() if len(earlier) == len(later) == 1])


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
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _quoted(item: Item) -> str:
    return item.content.decode(errors="replace")


def _shown(value: Any) -> str:
    return _encode(value).decode()


_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
