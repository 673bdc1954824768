"""Every kind of behaviour, and how a script says which it means."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias, get_args

from pvws.notation.document import Node
from pvws.notation.forms import Builder, Form
from pvws.notation.nearest import nearest
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.behaviours.churn import Churn
from pvws.scenario.behaviours.deletes import Deletes
from pvws.scenario.behaviours.incidents import Incidents
from pvws.scenario.behaviours.metrics import Metrics
from pvws.scenario.behaviours.reads import Reads
from pvws.scenario.behaviours.sessions import Sessions
from pvws.scenario.behaviours.slowdowns import Slowdowns
from pvws.scenario.behaviours.touching import Touching
from pvws.scenario.behaviours.updates import Updates
from pvws.scenario.behaviours.uploads import Uploads

__all__ = ["BEHAVIOUR_KINDS", "Behaviour", "NamedBehaviours"]

Behaviour: TypeAlias = Uploads | Updates | Reads | Deletes | Churn | Sessions | Slowdowns | Incidents | Metrics
"""An open-ended process."""

BEHAVIOUR_KINDS: dict[str, type[Behaviour]] = {kind.__name__.lower(): kind for kind in get_args(Behaviour)}
"""Every kind of behaviour by its word."""

_WORDS = tuple(BEHAVIOUR_KINDS)


def _read(reader: Reader, node: Node, path: str) -> Any:
    entries = reader.mapping(node, path)
    if entries is None:
        return INVALID
    behaviours = {name: _read_one(reader, each, f"{path}.{name}", name) for name, each in entries.items()}
    if any(each is INVALID for each in behaviours.values()):
        return INVALID
    if not all(_is_followed(reader, entries[name], f"{path}.{name}", name, behaviours) for name in behaviours):
        return INVALID
    return behaviours


def _read_one(reader: Reader, node: Node, path: str, name: str) -> Any:
    entries = reader.mapping(node, path)
    if entries is None:
        return INVALID
    if "kind" in entries:
        word = reader.word(entries["kind"], _WORDS, f"{path}.kind")
    elif name in _WORDS:
        word = name
    else:
        expected = f"a kind, one of {', '.join(_WORDS)}, since the name is none"
        word = reader.problem(node, f"{path}.kind", expected, "nothing", hint=nearest(name, _WORDS))
    behaviour: Any = INVALID if word is INVALID else reader.struct(node, BEHAVIOUR_KINDS[word], path, beside=("kind",))
    if behaviour is INVALID:
        return INVALID
    mistakes = list(behaviour.mistakes())
    for keys, expected in mistakes:
        reader.problem(_at(node, keys), ".".join((path, *keys)), expected)
    return INVALID if mistakes else behaviour


def _at(node: Node, keys: tuple[str, ...]) -> Node:
    for key in keys:
        assert isinstance(node.value, dict), "what is wrong stands somewhere"
        node = node.value[key]
    return node


def _is_followed(reader: Reader, node: Node, path: str, name: str, behaviours: Mapping[str, Behaviour]) -> bool:
    """Whether the uploads whose files a behaviour touches are there, if it says which."""
    behaviour = behaviours[name]
    if not isinstance(behaviour, Touching) or behaviour.of is None:
        return True
    known = [other for other, each in behaviours.items() if isinstance(each, Uploads)]
    if behaviour.of in known:
        return True
    expected = f"uploads of this script: {', '.join(known)}" if known else "nothing, since this script has no uploads"
    hint = nearest(behaviour.of, known)
    reader.problem(_at(node, ("of",)), f"{path}.of", expected, hint=hint)
    return False


def _schema(builder: Builder) -> dict[str, Any]:
    """A behaviour is of the kind that it says, or else of that which its name is."""
    named = {
        word: {"if": {"required": ["kind"]}, "else": builder.fragment(kind)} for word, kind in BEHAVIOUR_KINDS.items()
    }
    said = {"if": {"required": ["kind"]}, "then": builder.choice("kind", BEHAVIOUR_KINDS)}
    unnamed = {"type": "object", "required": ["kind"]}
    return {
        "type": "object",
        "properties": named,
        "additionalProperties": unnamed,
        "allOf": [{"additionalProperties": said}],
    }


NamedBehaviours: TypeAlias = Annotated[
    dict[str, Behaviour], Form(_read, label="mapping of names to behaviours", schema=_schema)
]
"""Behaviours by name; the name is the kind unless `kind` says another."""
