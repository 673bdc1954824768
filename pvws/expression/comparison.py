"""How values compare: two numbers, two texts, or a number and a text that can be read as one are less or greater."""

from collections.abc import Callable
from typing import Any

from pvws.expression.values import MISSING, NUMBERS, instant_of, member, members_of, number_of, plain
from pvws.limits import MESSAGE_DEPTH_MAX

__all__ = ["ORDERS", "alike", "contains", "equal"]

_INSTANT_CHARACTERS_MIN = 20  # 2024-01-01T00:00:00Z; most texts that are compared are shorter words


def alike(left: Any, right: Any) -> tuple[Any, Any] | None:
    """Two comparable values as Python compares them; None if they are not comparable.

    Two texts that are RFC 3339 times are instants, other texts go letter by letter.
    """
    left, right = plain(left), plain(right)
    kind, other = type(left), type(right)
    if kind in NUMBERS and other in NUMBERS:
        return left, right
    if kind is str and other is str:
        one = instant_of(left)
        two = None if one is None else instant_of(right)
        return (left, right) if two is None else (one, two)
    if (kind in NUMBERS and other is str) or (kind is str and other in NUMBERS):
        pair = number_of(left), number_of(right)
        return None if None in pair else pair
    return None


def equal(left: Any, right: Any, depth: int = 0) -> bool:
    """Whether two values are equal; of different kinds they never are. Raises nothing, as nothing here does."""
    if type(left) is str and type(right) is str:
        return left == right or (len(left) >= _INSTANT_CHARACTERS_MIN <= len(right) and _same_instant(left, right))
    pair = alike(left, right)
    if pair is not None:
        return bool(pair[0] == pair[1])
    if depth > MESSAGE_DEPTH_MAX:
        return False  # no message is so deep
    left, right = plain(left), plain(right)
    if type(left) is list and type(right) is list:
        return len(left) == len(right) and all(equal(one, two, depth + 1) for one, two in zip(left, right, strict=True))
    one, other = members_of(left), members_of(right)
    if one is None or other is None:
        return left is right  # null, booleans, and things
    return one.keys() == other.keys() and all(equal(one[name], other[name], depth + 1) for name in one)


def _same_instant(left: str, right: str) -> bool:
    instant = instant_of(left)
    return instant is not None and instant == instant_of(right)


def contains(outer: Any, inner: Any) -> bool:
    """Whether a list has an item that equals a value, a text has another in it, or a mapping or thing has a name."""
    if type(outer) is list:
        return any(equal(inner, each) for each in outer)
    if type(inner) is not str:
        return False
    return inner in outer if type(outer) is str else member(outer, inner) is not MISSING


def _less(left: Any, right: Any) -> bool:
    if type(left) in NUMBERS and type(right) in NUMBERS:
        less: bool = left < right
        return less
    pair = alike(left, right)
    return pair is not None and pair[0] < pair[1]


def _less_or_equal(left: Any, right: Any) -> bool:
    if type(left) in NUMBERS and type(right) in NUMBERS:
        less_or_equal: bool = left <= right
        return less_or_equal
    pair = alike(left, right)
    return pair is not None and pair[0] <= pair[1]


ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": _less,
    "<=": _less_or_equal,
    ">": lambda left, right: _less(right, left),
    ">=": lambda left, right: _less_or_equal(right, left),
    "in": lambda inner, outer: contains(outer, inner),
    "not in": lambda inner, outer: not contains(outer, inner),
}
"""What each operator says of two values that are both there."""
