"""Reckoning that never fails: what has no result is missing, and no result is larger than a double."""

from collections.abc import Callable
from operator import add, floordiv, mod, mul, sub, truediv
from typing import Any

from pvws.expression.values import MISSING, NUMBERS, number_of
from pvws.limits import EXPRESSION_INTEGER_MAX, MESSAGE_BYTES_MAX

__all__ = ["OPERATIONS", "negative", "reckoned"]


def reckoned(operation: Callable[..., Any], *numbers: Any) -> Any:
    """The number that an operation on numbers gives: MISSING if there is none, a float if it is a very large one."""
    try:
        result = operation(*numbers)
        if type(result) is int and -EXPRESSION_INTEGER_MAX <= result <= EXPRESSION_INTEGER_MAX:
            return result
        result = float(result)
    except (ArithmeticError, ValueError):  # a division by zero, an integer past every double; NaN made a whole number
        return MISSING
    return result if result - result == 0 else MISSING  # neither infinite nor NaN


def negative(value: Any) -> Any:
    """A number with its sign turned."""
    number = number_of(value)
    return MISSING if number is None else reckoned(lambda: -number)


def _on_numbers(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def reckon(left: Any, right: Any) -> Any:
        if type(left) in NUMBERS or type(right) in NUMBERS:
            one, other = number_of(left), number_of(right)
            if one is not None and other is not None:
                return reckoned(operation, one, other)
        return MISSING

    return reckon


def _plus(left: Any, right: Any) -> Any:
    if type(left) is str and type(right) is str:
        return left + right if len(left) + len(right) <= MESSAGE_BYTES_MAX else MISSING
    return _sum(left, right)


_sum = _on_numbers(add)

OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": _plus,
    "-": _on_numbers(sub),
    "*": _on_numbers(mul),
    "/": _on_numbers(truediv),
    "//": _on_numbers(floordiv),
    "%": _on_numbers(mod),
}
"""What each operator makes of two values that are both there. `+` joins texts; nothing else is done to two texts."""
