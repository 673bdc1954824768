"""What a step of the timeline asks about the run: which peers its conditions and templates name."""

from collections.abc import Collection, Iterator

from pvws.notation.document import Node
from pvws.scenario.timeline.texts import template
from pvws.scenario.triggers import condition

__all__ = ["peers_asked_about"]

_ANY = ("random", "first", "last")
_CONDITIONS = ("when", "if")


def peers_asked_about(step: Node, path: str, known: Collection[str]) -> Iterator[tuple[Node, str, str]]:
    """Where a step says `peer.NAME` of a name that is not known: the place, its path, and the name.

    The step has been read, so that all its texts can be parsed.
    """
    assert isinstance(step.value, dict), "the schema was read from it"
    for key, node in step.value.items():
        if key in _CONDITIONS and isinstance(node.value, str):
            yield from _unknown(node, f"{path}.{key}", condition(node.value).names, known)
        else:
            yield from _below(node, f"{path}.{key}", known)


def _below(node: Node, path: str, known: Collection[str]) -> Iterator[tuple[Node, str, str]]:
    match node.value:
        case dict():
            for key, each in node.value.items():
                yield from _below(each, f"{path}.{key}", known)
        case list():
            for place, each in enumerate(node.value):
                yield from _below(each, f"{path}[{place}]", known)
        case str() if "${" in node.value:
            yield from _unknown(node, path, template(node.value).names, known)
        case _:
            pass  # asks nothing


def _unknown(node: Node, path: str, names: tuple[str, ...], known: Collection[str]) -> Iterator[tuple[Node, str, str]]:
    assert isinstance(node.value, str), "the caller has looked"
    for name in names:
        root, _, asked = name.partition(".")
        if root == "peer" and asked and not any(f"{asked}.".startswith(f"{each}.") for each in (*_ANY, *known)):
            peer = asked.partition(".")[0]
            yield node.letter(node.value.find(peer) + 1) or node, path, peer
