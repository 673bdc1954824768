"""Quantities as the scenario language and the configuration write them."""

from typing import Annotated, TypeAlias

from pvws import units
from pvws.notation.reader import Unit

__all__ = ["Duration", "Percentage", "Period", "Rate", "Size", "period"]


def period(text: str) -> int:
    """Microseconds from one time to the next, at least 1. Raises ValueError, saying what was expected."""
    micros = units.duration(text)
    if micros < 1:
        raise ValueError('a duration above 0 like "5s"')
    return micros


Duration: TypeAlias = Annotated[int, Unit(units.duration)]
"""Microseconds, written as `30s`, `1m30s` or `500ms`."""

Period: TypeAlias = Annotated[int, Unit(period)]
"""Microseconds above 0, written as a duration."""

Size: TypeAlias = Annotated[int, Unit(units.size)]
"""Bytes, written as `64 GiB`, `500 MB` or `1024`."""

Rate: TypeAlias = Annotated[float, Unit(units.rate)]
"""Occurrences a second, written as `2/s`, `10/min` or `0.5/s`."""

Percentage: TypeAlias = Annotated[float, Unit(units.percentage)]
"""A share from 0 to 1, written as `92%`."""
