"""What a script consists of when it is to become shorter: parts that can go, numbers that can be less, times. Pure."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from pvws import units
from pvws.notation.document import Node, scalar
from pvws.notation.tree import Path, at_path, put, without

__all__ = [
    "Amount",
    "amounts",
    "cut",
    "entries_at",
    "instants",
    "moved_up",
    "parts",
    "size_of",
    "spelled_out",
    "tidied",
]

_SECTIONS = ("network", "behaviours", "alerts", "timeline")  # what is played; not what is expected
_EMPTY = ("network", "behaviours", "alerts", "timeline", "expect")
_LEVELS_MAX = 8
_MILLISECOND = 1_000
_KEPT = frozenset((("network", "peers"), ("duration",)))
_WHOLE = frozenset(
    ("peers", "files", "times", "copies", "count", "attempts", "nth", "window", "messages", "parallel", "replication")
)
_LASTING = frozenset(("for", "over", "down", "in", "within", "lifetime", "downtime", "delay"))


class Amount(NamedTuple):
    """A number in a script: where, how much, how it is written, and by how much less is worth a try."""

    path: Path
    value: int
    write: Callable[[int], str]
    grain: int

    def put(self, root: Node, value: int) -> Node:
        """The script with another one."""
        return put(root, self.path, scalar(self.write(value), "shrink"))


def spelled_out(root: Node, duration: int, peers: int) -> Node:
    """A script that says how long it is and how many peers there are, so that both can be less; and nothing of what
    concerns people alone.
    """
    root = without(root, [("description",)])
    if at_path(root, ("duration",)) is None:
        root = put(root, ("duration",), scalar(units.duration_notation(duration), "shrink"))
    if at_path(root, ("network", "peers")) is None:
        root = put(root, ("network", "peers"), scalar(str(peers), "shrink"))
    return root


def tidied(root: Node) -> Node:
    """A script without empty sections, and without expectations that wait for what its timeline does no more."""
    landmarks = set[str]()
    for step in _items(root, "timeline"):
        do, name = at_path(step, ("do",)), at_path(step, ("name",))
        landmarks.update(str(each.value) for each in (do, name) if each is not None)
    awaited = [(number, at_path(each, ("after",))) for number, each in enumerate(_items(root, "expect"))]
    gone = [("expect", number) for number, after in awaited if after is not None and str(after.value) not in landmarks]
    root = without(root, gone)
    return without(root, [(key,) for key in _EMPTY if (node := at_path(root, (key,))) is not None and not node.value])


def parts(root: Node) -> list[Path]:
    """What may be left out whole: behaviours, steps, alerts, single peers, and what of the root has a default."""
    found: list[Path] = [("behaviours", name) for name in _keys(root, ("behaviours",))]
    found += [("timeline", number) for number in range(len(_items(root, "timeline")))]
    found += [("alerts", name) for name in _keys(root, ("alerts",))]
    peers = at_path(root, ("network", "peers"))
    if peers is not None and isinstance(peers.value, list):
        found += [("network", "peers", number) for number in range(len(peers.value))]
    return found + [(key,) for key in ("start", "seed") if at_path(root, (key,)) is not None]


def entries_at(root: Node, level: int) -> list[Path]:
    """All keys and items of what is played, so many levels below the root; those of the timeline's steps are on 3."""
    if level > _LEVELS_MAX:
        return []
    return [path for path in _below(root, ()) if len(path) == level and path[0] in _SECTIONS and path not in _KEPT]


def amounts(root: Node) -> list[Amount]:
    """The numbers of what is played of which less is simpler: how many, how often, for how long."""
    found = [amount for path in _below(root, ()) if path[0] in _SECTIONS and (amount := _amount(root, path))]
    return sorted(found, key=lambda amount: amount.path != ("network", "peers"))


def instants(root: Node) -> list[int]:
    """When steps are taken, in microseconds, each once, in order."""
    return sorted({at for at, _ in _times(root)})


def moved_up(root: Node, since: int, by: int) -> Node:
    """A script in which everything from an instant on comes so much earlier, and which is so much shorter."""
    for at, path in _times(root):
        if at >= since:
            root = put(root, path, scalar(units.duration_notation(at - by), "shrink"))
    return _with_duration(root, _duration(root) - by)


def cut(root: Node, duration: int) -> Node:
    """A script that ends earlier, without the steps that would come behind its end."""
    late = [path[:2] for at, path in _times(root) if at > duration]
    return _with_duration(without(root, late), duration)


def size_of(root: Node) -> tuple[int, int]:
    """How large a script is: how many values there are in what is played, and the sum of its amounts and times."""
    values = sum(1 for path in _below(root, ()) if path[0] != "expect")
    numbers = sum(amount.value for amount in amounts(root)) + sum(at for at, _ in _times(root))
    return values, numbers + _duration(root)


def _with_duration(root: Node, duration: int) -> Node:
    return put(root, ("duration",), scalar(units.duration_notation(max(_MILLISECOND, duration)), "shrink"))


def _duration(root: Node) -> int:
    node = at_path(root, ("duration",))
    assert node is not None, "it was spelled out"
    return units.duration(node.source)


def _amount(root: Node, path: Path) -> Amount | None:
    node, key = at_path(root, path), path[-1]
    if node is None or isinstance(node.value, dict | list) or "data" in path:
        return None
    if key in _WHOLE and isinstance(node.value, int) and not isinstance(node.value, bool) and node.value > 0:
        return Amount(path, node.value, str, 1)
    if key in _LASTING and isinstance(node.value, str):
        return _read(path, node, units.duration, units.duration_notation, 8)
    if key == "rate":
        return _read(path, node, lambda text: int(units.rate(text)), lambda value: f"{value}/s", 8)
    return None


def _read(
    path: Path, node: Node, read: Callable[[str], int], write: Callable[[int], str], grains: int
) -> Amount | None:
    try:
        value = read(node.source)
    except ValueError:
        return None  # a distribution, or a template
    return Amount(path, value, write, max(1, value // grains)) if value > 0 else None


def _times(root: Node) -> Iterator[tuple[int, Path]]:
    for number, step in enumerate(_items(root, "timeline")):
        for key in ("at", "from"):
            node = at_path(step, (key,))
            if node is not None:
                yield units.duration(node.source), ("timeline", number, key)


def _items(root: Node, key: str) -> list[Node]:
    node = at_path(root, (key,))
    return node.value if node is not None and isinstance(node.value, list) else []


def _keys(root: Node, path: Path) -> Iterable[str]:
    node = at_path(root, path)
    return node.value if node is not None and isinstance(node.value, dict) else ()


def _below(node: Node, path: Path) -> Iterator[Path]:
    """The paths of everything below a node."""
    entries: Iterable[tuple[str | int, Node]] = ()
    if isinstance(node.value, dict):
        entries = node.value.items()
    elif isinstance(node.value, list):
        entries = enumerate(node.value)
    for key, each in entries:
        yield (*path, key)
        yield from _below(each, (*path, key))
