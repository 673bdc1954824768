"""The values of requests that have a notation of their own."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Annotated, Any, TypeAlias

from msgspec import Meta

from pvws import units
from pvws.errors import InputError, Problem
from pvws.expression.expression import Expression
from pvws.expression.trouble import ExpressionError
from pvws.notation.document import Node
from pvws.notation.forms import Form
from pvws.notation.reader import Reader, nearest
from pvws.timestamp import Timestamp

__all__ = ["Instant", "Seconds", "Timeout", "Words", "check_expression", "check_words"]

_TIMEOUT_MAX_S = 3_600  # an hour: who waits longer has forgotten it
_A_TIMEOUT = 'a duration like "10s", or seconds as a number, up to an hour'


def _instant(reader: Reader, node: Node, path: str) -> Any:
    if not isinstance(node.value, str):
        return reader.problem(node, path, "an RFC 3339 time such as 2024-01-01T00:00:00.000Z")
    try:
        return Timestamp.parse(node.value)
    except ValueError as error:
        return reader.problem(node, path, str(error))


Instant: TypeAlias = Annotated[
    Timestamp, Form(_instant, label="instant", schema={"type": "string", "format": "date-time"})
]
"""A point in time, written as RFC 3339 has it."""


def _seconds(reader: Reader, node: Node, path: str) -> Any:
    found: float | None = None
    if isinstance(node.value, int | float) and not isinstance(node.value, bool):
        found = float(node.value)
    elif isinstance(node.value, str):
        with suppress(ValueError):
            found = units.duration(node.value) / 1_000_000
    if found is None or not 0 <= found <= _TIMEOUT_MAX_S:
        return reader.problem(node, path, _A_TIMEOUT)
    return found


Seconds: TypeAlias = Annotated[
    float,
    Form(
        _seconds,
        label="duration",
        schema={
            "anyOf": [
                {"type": "string", "examples": ["10s"]},
                {"type": "number", "minimum": 0, "maximum": _TIMEOUT_MAX_S},
            ]
        },
        write=lambda seconds: seconds,
    ),
]
"""A length of real time in seconds: a number of them, or a text such as `10s`."""

Timeout: TypeAlias = Annotated[Seconds, Meta(description="How much real time it may take.", examples=["10s"])]
"""How long a call may take."""


def _words(reader: Reader, node: Node, path: str) -> Any:
    found = tuple(word.strip() for word in node.source.split(",") if word.strip())
    return found or reader.problem(node, path, "words with commas between")


Words: TypeAlias = Annotated[tuple[str, ...], Form(_words, label="words", schema={"type": "string"}, write=",".join)]
"""Words of a query, with commas between."""


def check_words(path: str, words: Iterable[str], known: Sequence[str]) -> None:
    """Raise InputError for every word that is not one of those that are known."""
    expected = f"one of {', '.join(known)}"
    wrong = [Problem(path, expected, f'"{word}"', hint=nearest(word, known)) for word in words if word not in known]
    if wrong:
        raise InputError(*wrong)


def check_expression(path: str, text: str) -> None:
    """Raise InputError for a text that is no expression, with where in it."""
    try:
        Expression.parse(text)
    except ExpressionError as error:
        raise InputError(
            Problem(path, f"{error.expected} at column {error.column}", error.found, hint=error.hint)
        ) from None
