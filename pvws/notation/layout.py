"""Trees written as YAML for people to read and edit: what fits stands on one line, what does not is laid out. Pure.

What is written is read as the same values again; comments, anchors and the way quotes were put are gone.
"""

from collections.abc import Iterator

from pvws.notation.document import Node
from pvws.notation.written import flow, key_text

__all__ = ["laid_out", "on_one_line"]

_COLUMNS_MAX = 120
_INDENT = "  "


def laid_out(root: Node) -> str:
    """The text of a document whose root is a mapping, in whole lines.

    Lists of mappings are laid out, an item a line; so is a mapping under the root that holds others.
    """
    assert isinstance(root.value, dict), "a script is a mapping"
    return "".join(f"{line}\n" for line in _mapping(root.value, "")) or "{}\n"


def on_one_line(node: Node) -> str:
    """A value on one line. Numbers, `on` and `off` stand as they were written."""
    match node.value:
        case dict():
            return f"{{{', '.join(f'{key_text(key)}: {on_one_line(each)}' for key, each in node.value.items())}}}"
        case list():
            return f"[{', '.join(map(on_one_line, node.value))}]"
        case str() | None:
            return flow(node.value)
        case _:
            return node.source or flow(node.value)


def _mapping(entries: dict[str, Node], indent: str) -> Iterator[str]:
    for key, node in entries.items():
        head = f"{indent}{key_text(key)}:"
        line = f"{head} {on_one_line(node)}"
        if len(line) <= _COLUMNS_MAX and (indent or _is_short(node)):
            yield line
        elif isinstance(node.value, dict) and node.value:
            yield head
            yield from _mapping(node.value, indent + _INDENT)
        elif isinstance(node.value, list) and node.value:
            yield head
            yield from _list(node.value, indent + _INDENT)
        else:
            yield line


def _list(items: list[Node], indent: str) -> Iterator[str]:
    for node in items:
        line = f"{indent}- {on_one_line(node)}"
        if isinstance(node.value, dict) and node.value and len(line) > _COLUMNS_MAX:
            first, *others = _mapping(node.value, indent + _INDENT)
            yield f"{indent}- {first.lstrip(' ')}"
            yield from others
        else:
            yield line


def _is_short(node: Node) -> bool:
    """Whether it is read at a glance: a scalar, a list of scalars, or a mapping of both."""
    match node.value:
        case dict():
            return all(not isinstance(each.value, dict) and _is_short(each) for each in node.value.values())
        case list():
            return all(not isinstance(each.value, dict | list) for each in node.value)
        case _:
            return True
