"""The values of the scenario language that have a notation or a shape of their own."""

from typing import Annotated, Any, TypeAlias, assert_never

from msgspec import Meta, Struct

from pvws.limits import SPEED_MAX
from pvws.notation.document import Node
from pvws.notation.quantities import Size
from pvws.notation.reader import INVALID, Form, Reader, Unit
from pvws.sim.chance import Stream
from pvws.timestamp import Timestamp

__all__ = [
    "Constant",
    "Lognormal",
    "SizeDistribution",
    "Speed",
    "Start",
    "draw_size",
    "speed",
    "start",
]


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
