"""The values of the scenario language that have a notation or a shape of their own."""

from typing import Annotated, Any, TypeAlias, assert_never

from msgspec import Meta, Struct

from pvws import units
from pvws.limits import SPEED_MAX
from pvws.scenario.document import Node
from pvws.scenario.reader import INVALID, Form, Reader, Unit
from pvws.sim.chance import Stream
from pvws.timestamp import Timestamp

__all__ = [
    "Constant",
    "Duration",
    "Lognormal",
    "Percentage",
    "Period",
    "Rate",
    "Size",
    "SizeDistribution",
    "Speed",
    "Start",
    "draw_size",
    "period",
    "speed",
    "start",
]


def period(text: str) -> int:
    """Microseconds from one time to the next, at least 1. Raises ValueError, saying what was expected."""
    micros = units.duration(text)
    if micros < 1:
        raise ValueError('a duration above 0 like "5s"')
    return micros


def start(text: str) -> int | None:
    """The instant of a start; None for `now`. Raises ValueError, saying what was expected."""
    if text == "now":
        return None
    try:
        return Timestamp.parse(text).micros
    except ValueError:
        raise ValueError('"now" or an RFC 3339 time such as 2024-01-01T00:00:00Z') from None


def speed(text: str) -> float | None:
    """The factor of a speed; None for `max`. Raises ValueError, saying what was expected."""
    if text == "max":
        return None
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 0 < factor <= SPEED_MAX:
        raise ValueError('a factor above 0 such as 1 or 0.5, or "max"')
    return factor


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

Start: TypeAlias = Annotated[int | None, Unit(start)]
"""An instant in microseconds, written as an RFC 3339 time; None, written as `now`, is the wall clock's."""

Speed: TypeAlias = Annotated[float | None, Unit(speed)]
"""A factor of real time; None, written as `max`, is as fast as it goes."""


class Constant(Struct, frozen=True):
    """Always this many bytes."""

    value: Size


class Lognormal(Struct, frozen=True):
    """Many small ones, a few large ones: as sizes of files are. `sigma` is the spread of the logarithm."""

    median: Size
    sigma: Annotated[float, Meta(ge=0, le=5)] = 1.0
    max: Size = 4 * 1024**3


class _Shape(Struct, frozen=True):
    lognormal: Lognormal


def _distribution(reader: Reader, node: Node, path: str) -> Any:
    if not isinstance(node.value, dict):
        value = reader.read(node, Size, path)
        return INVALID if value is INVALID else Constant(value)
    shape = reader.read(node, _Shape, path)
    return INVALID if shape is INVALID else shape.lognormal


SizeDistribution: TypeAlias = Annotated[Constant | Lognormal, Form(_distribution)]
"""Sizes that chance decides: `2 MiB`, or `{lognormal: {median: 2 MiB, sigma: 1.5, max: 4 GiB}}`."""


def draw_size(distribution: Constant | Lognormal, chance: Stream) -> int:
    """One size, in whole bytes, at least 1."""
    match distribution:
        case Constant():
            return max(1, distribution.value)
        case Lognormal():
            return max(1, min(distribution.max, int(chance.lognormal(distribution.median, distribution.sigma))))
        case _:
            assert_never(distribution)
