"""Which client a step is about: one by its name or number, or the one that has done what the step waited for."""

from typing import Annotated, Any, TypeAlias

from msgspec import Meta

from pvws.errors import InputError, Problem
from pvws.notation.document import Node
from pvws.notation.forms import Form
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.observations import Observations
from pvws.scenario.timeline.texts import Label

__all__ = ["SENDER", "Addressee", "addressed"]

SENDER = "sender"
"""The client that has done what the step waited for."""

_Number: TypeAlias = Annotated[int, Meta(ge=1)]


def _addressee(reader: Reader, node: Node, path: str) -> Any:
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        return reader.read(node, _Number, path)
    name = reader.read(node, Label, path)
    return name if name is not INVALID else INVALID


Addressee: TypeAlias = Annotated[
    str | int,
    Form(
        _addressee,
        label="name or number of a client, or sender",
        schema={"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "minLength": 1}]},
        write=lambda whom: whom,
    ),
]
"""A client: the name that it has given itself (`?client=NAME`), the how-manieth it was, or `sender`."""


def addressed(whom: str | int, observations: Observations, path: str) -> tuple[int | None, str]:
    """A client by its number, or if that is not known by its name. Raises InputError where there is no `sender`."""
    if isinstance(whom, int):
        return whom, ""
    if whom != SENDER:
        return None, whom
    if observations.deed is None:
        hint = "when: {client: …} takes a step because of one"
        raise InputError(Problem(path, "a client that the step is taken because of", "none", hint=hint))
    return observations.deed.client, ""
