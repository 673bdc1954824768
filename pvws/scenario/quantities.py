"""The values of the scenario language that have a notation of their own."""

from typing import Annotated, TypeAlias

from msgspec import Meta

from pvws import units
from pvws.limits import INTEGER_MAX, SPEED_MAX
from pvws.notation.quantities import Duration, Size
from pvws.notation.reader import Unit
from pvws.scenario.distributions import Quantity, distribution_form
from pvws.timestamp import Timestamp

__all__ = ["DurationDistribution", "NumberDistribution", "SizeDistribution", "Speed", "Start", "speed", "start"]


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
        return units.factor(text)
    except ValueError:
        raise ValueError('a factor above 0 such as 1 or 0.5, or "max"') from None


Start: TypeAlias = Annotated[
    int | None,
    Unit(
        start,
        label="start",
        schema={
            "description": "A time as RFC 3339 writes it, or now: that of the wall clock.",
            "examples": ["2024-01-01T00:00:00Z", "now"],
            "type": "string",
            "pattern": r"^(now|\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d))$",
        },
        write=lambda micros: "now" if micros is None else Timestamp(micros).text,
    ),
]
"""An instant in microseconds, written as an RFC 3339 time; None, written as `now`, is the wall clock's."""

Speed: TypeAlias = Annotated[
    float | None,
    Unit(
        speed,
        label="speed",
        schema={
            "description": "A factor of real time, or max: as fast as it goes.",
            "examples": [1, 0.5, "max"],
            "anyOf": [
                {"type": "string", "pattern": r"^(max|\s*([0-9]{1,16}(\.[0-9]{0,9})?|\.[0-9]{1,9})\s*)$"},
                {"type": "number", "exclusiveMinimum": 0, "maximum": SPEED_MAX},
            ],
        },
        write=lambda factor: "max" if factor is None else units.number_notation(factor),
    ),
]
"""A factor of real time; None, written as `max`, is as fast as it goes."""

SizeDistribution: TypeAlias = Annotated[Quantity, distribution_form("size", Size, least=1)]
"""Sizes that chance decides, in bytes: `2 MiB`, or `{lognormal: {median: 2 MiB, sigma: 1.5, max: 4 GiB}}`."""

DurationDistribution: TypeAlias = Annotated[Quantity, distribution_form("duration", Duration)]
"""Durations that chance decides, in microseconds: `45s`, or `{exponential: 45s}`."""

NumberDistribution: TypeAlias = Annotated[
    Quantity, distribution_form("number", Annotated[float, Meta(ge=0, le=INTEGER_MAX)])
]
"""Numbers from 0 on that chance decides: `3`, or `{uniform: {from: 1, to: 5}}`."""
