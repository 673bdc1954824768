"""Scripts that stand alone: nothing is included, and what was put in is in its place. Pure."""

from pvws.notation.document import Node
from pvws.notation.forms import fields
from pvws.notation.layout import laid_out
from pvws.notation.tree import without
from pvws.scenario.preparation import Read, prepare
from pvws.scenario.schema import Scenario

__all__ = ["alone", "standalone", "written_out"]

_ORDER = {field.key: place for place, field in enumerate(fields(Scenario))}


def alone(root: Node) -> Node:
    """A script that has been prepared, without what has been put into it, and without its bounds for exploring."""
    return without(root, [("include",), ("parameters",), ("explore",)])


def standalone(text: str, file: str, read: Read, given: tuple[tuple[str, str], ...] = ()) -> Node:
    """The tree of a script that stands alone and plays the same. Raises InputError where that can't be made."""
    return alone(prepare(text, file, read, given).root)


def written_out(root: Node, *comments: str) -> str:
    """A script as YAML, its keys in the order of the reference, behind comments of a line each."""
    assert isinstance(root.value, dict), "a script is a mapping"
    entries = sorted(root.value.items(), key=lambda entry: _ORDER.get(entry[0], len(_ORDER)))
    return "".join(f"# {comment}\n" for comment in comments) + laid_out(Node(dict(entries)))
