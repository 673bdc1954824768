"""Trees made of other trees: one laid over another, one with a value set, one with its scalars changed. Pure.

None of these changes a tree that it was given, but what they give shares nodes with it: treat both as read only.
"""

import re
from collections.abc import Callable, Collection
from typing import TypeAlias

from pvws.limits import YAML_DEPTH_MAX
from pvws.notation.document import Node

__all__ = ["Path", "at_path", "merge", "put", "replaced", "transformed", "without"]

Path: TypeAlias = tuple[str | int, ...]
"""Where something stands in a tree: keys of mappings and places in lists, from the root on."""

_STEP = re.compile(r"(?:^|\.)(?P<key>[^.\[\]]+)|\[(?P<index>0|[1-9][0-9]{0,8})\]", re.ASCII)


def merge(base: Node, over: Node, *, concatenate: frozenset[str] = frozenset()) -> Node:
    """A tree laid over another, as a file is over one that it includes.

    Mappings are merged key by key, however deep; lists under the keys of the root that are in `concatenate` are joined,
    those of `base` first; of everything else that both have, what `over` has counts. Keys keep their order, those of
    `base` first. What is merged stands where `over` has it, and each value where it was written.
    """
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return over
    merged = Node(dict(base.value), over.line, over.column, over.source, over.origin, over.file)
    assert isinstance(merged.value, dict), "it was made of one"
    merged.key_places = base.key_places | over.key_places
    for key, node in over.value.items():
        beneath = base.value.get(key)
        if beneath is None:
            merged.value[key] = node
        elif key in concatenate and isinstance(beneath.value, list) and isinstance(node.value, list):
            joined = beneath.value + node.value
            merged.value[key] = Node(joined, node.line, node.column, node.source, node.origin, node.file)
        else:
            merged.value[key] = merge(beneath, node)
    return merged


def replaced(root: Node, path: str, node: Node) -> Node:
    """A tree with another value at a dotted path such as `network.peers` or `timeline[3].at`.

    Mappings that are missing on the way are made; they, and the keys, stand where `node` does. Raises ValueError with
    a sentence if the path is none, goes through something that is no mapping or list, or past the end of a list.
    """
    return _replaced(root, "", _steps(path), node)


def put(root: Node, path: Path, node: Node) -> Node:
    """A tree with another value at a path; as `replaced`, for keys of any letters."""
    return _replaced(root, "", list(path), node)


def at_path(root: Node, path: Path) -> Node | None:
    """What stands at a path of a tree; None where there is nothing."""
    found: Node | None = root
    for step in path:
        value = None if found is None else found.value
        if isinstance(value, dict):
            found = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int):
            found = value[step] if step < len(value) else None
        else:
            return None
    return found


def without(root: Node, paths: Collection[Path]) -> Node:
    """A tree without what stands at some paths, places in lists being those in the tree as it is given."""
    return _without(root, (), frozenset(paths), {path[:length] for path in paths for length in range(len(path))})


def transformed(root: Node, change: Callable[[Node, str], Node | None]) -> Node:
    """A tree with other values in place of some scalars.

    `change` gets every scalar with its dotted path, in the order of the text, and gives what is to stand there
    instead, or None to leave it. What it gives keeps the place of the scalar, and isn't looked at again.
    """
    return _transformed(root, "", change)


def _without(node: Node, path: Path, gone: Collection[Path], on_the_way: Collection[Path]) -> Node:
    if path not in on_the_way:
        return node
    changed = Node(node.value, node.line, node.column, node.source, node.origin, node.file)
    if isinstance(node.value, dict):
        entries = {key: (*path, key) for key in node.value if (*path, key) not in gone}
        changed.value = {key: _without(node.value[key], there, gone, on_the_way) for key, there in entries.items()}
        changed.key_places = node.key_places
    elif isinstance(node.value, list):
        items = [(each, (*path, place)) for place, each in enumerate(node.value)]
        changed.value = [_without(each, there, gone, on_the_way) for each, there in items if there not in gone]
    return changed


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    at = 0
    while (step := _STEP.match(path, at)) and step.end() > at:
        steps.append(int(step["index"]) if step["key"] is None else step["key"])
        at = step.end()
    if not steps or at < len(path) or path.startswith("."):
        raise ValueError('a path is keys and numbers, like "network.peers" or "timeline[3].at"')
    if len(steps) > YAML_DEPTH_MAX:
        raise ValueError(f"a path has at most {YAML_DEPTH_MAX} steps")
    return steps


def _replaced(node: Node | None, path: str, steps: list[str | int], new: Node) -> Node:
    if not steps:
        return new
    step, *rest = steps
    if isinstance(step, int):
        if node is None or not isinstance(node.value, list):
            raise ValueError(f"{_name(path)} is {_kind(node)}, so it has no [{step}]")
        if step >= len(node.value):
            count = len(node.value)
            raise ValueError(f"{_name(path)} has {count} {'entry' if count == 1 else 'entries'}, so it has no [{step}]")
        items = list(node.value)
        items[step] = _replaced(items[step], f"{path}[{step}]", rest, new)
        return Node(items, node.line, node.column, node.source, node.origin, node.file)
    if node is None or node.value is None:
        made = Node({}, new.line, new.column, "", new.origin, new.file)
    elif isinstance(node.value, dict):
        made = Node(dict(node.value), node.line, node.column, node.source, node.origin, node.file)
        made.key_places = dict(node.key_places)
    else:
        raise ValueError(f'{_name(path)} is {_kind(node)}, so it has no "{step}"')
    assert isinstance(made.value, dict), "it was made of one"
    old = made.value.get(step)
    if old is None or old.value is None or not rest:
        made.key_places[step] = new.line, new.column  # a key stands in the file of its value
    made.value[step] = _replaced(old, f"{path}.{step}" if path else step, rest, new)
    return made


def _name(path: str) -> str:
    return path or "the whole"


def _kind(node: Node | None) -> str:
    return "not there" if node is None else node.describe()


def _transformed(node: Node, path: str, change: Callable[[Node, str], Node | None]) -> Node:
    if isinstance(node.value, dict):
        entries = {}
        for key, each in node.value.items():
            entries[key] = _transformed(each, f"{path}.{key}" if path else key, change)
        if all(entries[key] is each for key, each in node.value.items()):
            return node
        changed = Node(entries, node.line, node.column, node.source, node.origin, node.file)
        changed.key_places = node.key_places
        return changed
    if isinstance(node.value, list):
        items = [_transformed(each, f"{path}[{place}]", change) for place, each in enumerate(node.value)]
        if all(item is each for item, each in zip(items, node.value, strict=True)):
            return node
        return Node(items, node.line, node.column, node.source, node.origin, node.file)
    new = change(node, path)
    return node if new is None or new is node else _placed(new, node)


def _placed(new: Node, old: Node) -> Node:
    """A tree with all of it standing where another node stands."""
    placed = Node(new.value, old.line, old.column, new.source, old.origin, old.file)
    if isinstance(new.value, dict):
        placed.value = {key: _placed(each, old) for key, each in new.value.items()}
        placed.key_places = dict.fromkeys(new.value, (old.line, old.column))
    elif isinstance(new.value, list):
        placed.value = [_placed(each, old) for each in new.value]
    return placed
