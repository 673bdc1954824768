"""Trees of nodes from JSON values, and back: what comes from a program is read by the same reader as a text."""

import json
from typing import Any

from pvws.notation.document import Node

__all__ = ["node_of", "plain_value"]


def node_of(value: Any, origin: str) -> Node:
    """The tree of a JSON value. `origin` says where it comes from, in the place of a file."""
    match value:
        case dict():
            return Node({str(key): node_of(each, origin) for key, each in value.items()}, origin=origin)
        case list() | tuple():
            return Node([node_of(each, origin) for each in value], origin=origin)
        case str():
            return Node(value, source=value, origin=origin)
        case None | bool() | int() | float():
            return Node(value, source=json.dumps(value), origin=origin)
        case _:
            raise TypeError(f"{type(value).__name__} is no JSON value")


def plain_value(node: Node) -> Any:
    """The JSON value of a tree."""
    match node.value:
        case dict():
            return {key: plain_value(each) for key, each in node.value.items()}
        case list():
            return [plain_value(each) for each in node.value]
        case _:
            return node.value
