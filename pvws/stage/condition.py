"""What a held clock can run until: an event of some kind, or a mark."""

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from pvws.expression.expression import Expression
from pvws.sim.source import Cue, Timed

__all__ = ["Condition", "Until", "until"]

Condition: TypeAlias = str | Callable[[Timed], object]
"""An expression on the message, such as `type == 'storage_alert' and data.level == 'critical'`, or a function."""

Until: TypeAlias = Callable[[Timed | Cue], bool]
"""Whether this is what is waited for."""

_decode = msgspec.json.Decoder().decode


def until(condition: Condition | None, mark: str | None) -> tuple[Until, str]:
    """What is waited for, and how to call it. One of the two is given.

    Raises ExpressionError, with the column, for an expression that is none.
    """
    if mark is not None:
        assert condition is None, "a condition or a mark"
        return lambda given: isinstance(given, Cue) and given.kind == "mark" and given.name == mark, f'mark "{mark}"'
    assert condition is not None, "a condition or a mark"
    if isinstance(condition, str):
        holds = Expression.parse(condition).holds
        return lambda given: isinstance(given, Timed) and holds(_message(given)), f'"{condition}"'
    name = getattr(condition, "__name__", "what was waited for")
    return lambda given: isinstance(given, Timed) and bool(condition(given)), name


def _message(event: Timed) -> dict[str, Any]:
    """The message as a client would read it; of one that is no JSON object only what is known without reading it."""
    try:
        message = _decode(event.text)
    except (ValueError, RecursionError):
        message = None
    return message if isinstance(message, dict) else {"type": event.type, "topic": event.topic}
