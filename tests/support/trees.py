"""Trees of a document without the places of their values."""

from typing import Any

from pvws.notation.document import Node


def plain(node: Node) -> Any:
    """The values of a tree, as YAML has them."""
    match node.value:
        case dict():
            return {key: plain(each) for key, each in node.value.items()}
        case list():
            return [plain(each) for each in node.value]
        case _:
            return node.value
