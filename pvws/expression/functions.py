"""The functions of the language. None of them fails: what has no result is missing."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from msgspec import Struct

from pvws.expression.arithmetic import reckoned
from pvws.expression.comparison import alike
from pvws.expression.values import MISSING, members_of, number_of, text_of
from pvws.limits import EXPRESSION_CHARACTERS_MAX, MESSAGE_BYTES_MAX

__all__ = ["FUNCTIONS", "Function"]

_DECIMALS_MAX = 15  # more than a double has


class Function(Struct, frozen=True):
    """A function: what is written to call it, how many arguments it takes, and what it does with values.

    `run` is given no missing value: with one of those the call gives `of_missing`.
    """

    form: str
    run: Callable[..., Any]
    least: int = 1
    most: int | None = 1
    of_missing: Any = MISSING


def _extreme(right_is_better: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    def extreme(*values: Any) -> Any:
        if len(values) == 1 and type(values[0]) is list:
            values = tuple(values[0])
        best = values[0] if values else MISSING
        for value in values:
            pair = alike(best, value)
            if pair is None:
                return MISSING
            if right_is_better(*pair):
                best = value
        return best

    return extreme


def _of_number(operation: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def run(value: Any) -> Any:
        number = number_of(value)
        return MISSING if number is None else reckoned(operation, number)

    return run


def _round(value: Any, decimals: Any = None) -> Any:
    number = number_of(value)
    if number is None or not (decimals is None or (type(decimals) is int and 0 <= decimals <= _DECIMALS_MAX)):
        return MISSING
    return reckoned(round, number, decimals)


def _len(value: Any) -> Any:
    counted = value if isinstance(value, str | list) else members_of(value)
    return MISSING if counted is None else len(counted)


def _of_text(operation: Callable[[str], str]) -> Callable[[Any], Any]:
    def run(value: Any) -> Any:
        # Some letters become up to three: ΐ in capitals.
        return operation(value) if type(value) is str and 3 * len(value) <= MESSAGE_BYTES_MAX else MISSING

    return run


def _on_texts(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda text, part: type(text) is str and type(part) is str and test(text, part)


def _matches(text: str, glob: str) -> bool:
    return len(glob) <= EXPRESSION_CHARACTERS_MAX and _pattern(glob).fullmatch(text) is not None


@lru_cache(maxsize=256)
def _pattern(glob: str) -> re.Pattern[str]:
    """A glob as a pattern that never goes back further than one piece: `*a*a*a*b` takes no longer than it should."""
    pieces = ["".join("." if letter == "?" else re.escape(letter) for letter in piece) for piece in glob.split("*")]
    if len(pieces) == 1:
        return re.compile(pieces[0], re.DOTALL)
    first, *middle, last = pieces
    return re.compile(f"{first}{''.join(f'(?>.*?{piece})' for piece in middle if piece)}.*{last}", re.DOTALL)


FUNCTIONS: dict[str, Function] = {
    "abs": Function("abs(number)", _of_number(abs)),
    "ends_with": Function("ends_with(text, end)", _on_texts(str.endswith), 2, 2, of_missing=False),
    "float": Function("float(value)", _of_number(float)),
    "has": Function("has(name)", lambda value: True, of_missing=False),
    "int": Function("int(value)", _of_number(int)),
    "len": Function("len(value)", _len),
    "lower": Function("lower(text)", _of_text(str.lower)),
    "matches": Function("matches(text, glob)", _on_texts(_matches), 2, 2, of_missing=False),
    "max": Function("max(value, …)", _extreme(lambda best, value: value > best), 1, None),
    "min": Function("min(value, …)", _extreme(lambda best, value: value < best), 1, None),
    "round": Function("round(number, decimals)", _round, 1, 2),
    "starts_with": Function("starts_with(text, start)", _on_texts(str.startswith), 2, 2, of_missing=False),
    "text": Function("text(value)", text_of),
    "upper": Function("upper(text)", _of_text(str.upper)),
}
"""Every function by its name, sorted."""
