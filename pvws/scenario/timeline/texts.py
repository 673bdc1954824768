"""Texts of a script that are more than they say: conditions and templates, which ask about the run."""

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, TypeAlias

from pvws.expression.template import Template
from pvws.expression.trouble import ExpressionError
from pvws.notation.document import Node
from pvws.notation.forms import Form
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.observations import OBSERVATIONS
from pvws.scenario.triggers import condition

__all__ = ["Condition", "Label", "TemplateText", "is_template", "read_template", "template"]


@lru_cache(maxsize=16_384)
def template(text: str) -> Template:
    """The template that a text is; parsed once, and not kept by a run, which so can be pickled. Raises what parsing
    does.
    """
    return Template.parse(text, known=OBSERVATIONS)


def is_template(text: str) -> bool:
    """Whether a text, which can be parsed, asks about the run: other texts are always the same."""
    return "${" in text and not template(text).is_plain


def read_template(reader: Reader, node: Node, path: str) -> Any:
    """The text of a node, whose templates can be parsed; or INVALID."""
    return _parsed(reader, node, path, template)


def _condition(reader: Reader, node: Node, path: str) -> Any:
    return _parsed(reader, node, path, condition)


def _parsed(reader: Reader, node: Node, path: str, parse: Callable[[str], object]) -> Any:
    text = reader.read(node, str, path)
    if text is INVALID:
        return INVALID
    try:
        parse(text)
    except ExpressionError as error:
        place = node.letter(error.column) or node
        return reader.problem(place, path, error.expected, error.found, error.hint)
    return text


def _label(reader: Reader, node: Node, path: str) -> Any:
    text = reader.read(node, str, path)
    if text is INVALID or (text.strip() and text.isprintable()):
        return text
    return reader.problem(node, path, "a name of printable characters")


Condition: TypeAlias = Annotated[
    str,
    Form(
        _condition,
        label="condition",
        schema={"type": ["string", "number"], "minLength": 1, "examples": ["storage_usage > 90"]},
    ),
]
"""An expression about the run that is true or false, such as `storage_usage > 90 and peers > 3`."""

TemplateText: TypeAlias = Annotated[
    str, Form(read_template, label="text or template", schema={"type": ["string", "number"]})
]
"""A text, in which `${…}` stands for what an expression about the run is worth."""

Label: TypeAlias = Annotated[str, Form(_label, label="name", schema={"type": ["string", "number"], "minLength": 1})]
"""A name of printable characters."""
