"""Values from one to another, as a script writes them: `{from: 1/s, to: 50/s}`. Pure."""

import re
from collections.abc import Callable
from math import floor

from msgspec import Struct

from pvws import units

__all__ = ["Span"]

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,15})", re.ASCII)
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,8})\.[0-9]{1,9}|0|[1-9][0-9]{0,8}", re.ASCII)
_GRAINS = 1_000  # a span has about so many values: nobody wants to read 1.234567s


def _whole(text: str) -> int:
    if _INTEGER.fullmatch(text) is None:
        raise ValueError("a whole number")
    return int(text)


def _number(text: str) -> float:
    if _NUMBER.fullmatch(text) is None:
        raise ValueError("a number")
    return float(text)


_NOTATIONS: tuple[tuple[Callable[[str], float], Callable[[float], str]], ...] = (
    (_whole, lambda value: str(int(value))),
    (units.duration, lambda value: units.duration_notation(int(value))),
    (_number, units.number_notation),
    (units.size, lambda value: units.size_notation(int(value))),
    (units.rate, units.rate_notation),
    (units.percentage, units.percentage_notation),
)


class Span(Struct, frozen=True):
    """Any value from `low` to `high`, both included, in the notation that both have: of whole numbers, durations,
    sizes, rates, percentages or numbers.
    """

    low: str
    high: str

    def check(self) -> None:
        """Raises ValueError, saying what was expected, where there is no such span."""
        self._read()

    def at(self, share: float) -> str:
        """The value at a share of it from 0 up to 1, at whose borders stand the border values. A round one."""
        low, high, write = self._read()
        if isinstance(low, int) and isinstance(high, int):
            grain = 10 ** max(0, len(str((high - low) // _GRAINS)) - 1)
            value = low + floor(share * ((high - low) // grain + 1)) * grain
            return self.high if value >= high else write(value)
        if share >= 1:
            return self.high
        return write(round(low + (high - low) * floor(share * _GRAINS) / (_GRAINS - 1), 9)) if share else self.low

    def _read(self) -> tuple[float, float, Callable[[float], str]]:
        for read, write in _NOTATIONS:
            try:
                low, high = read(self.low), read(self.high)
            except ValueError:
                continue
            if low > high:
                raise ValueError(f'a value that is not below "from", {self.low}')
            return low, high, write
        raise ValueError("two numbers, durations, sizes, rates or percentages")
