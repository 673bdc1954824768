"""Quantities with a notation, as the scenario language and the configuration write them."""

from typing import Annotated, Any, TypeAlias

from pvws import units
from pvws.notation import nearest
from pvws.notation.forms import Unit

__all__ = ["Duration", "Factor", "PercentNumber", "Percentage", "Period", "Rate", "Size", "period"]

_NUMBER = r"([0-9]{1,16}(\.[0-9]{0,9})?|\.[0-9]{1,9})"
_DURATION = rf"({_NUMBER}(ns|us|µs|μs|ms|s|m|h))+"


def _schema(description: str, examples: list[Any], pattern: str, number: dict[str, Any] | None = None) -> Any:
    """The schema of texts with a pattern; and of numbers, where the notation allows one without a unit."""
    said = {"description": description, "examples": examples}
    text = {"type": "string", "pattern": f"^{pattern}$"}
    return said | (text if number is None else {"anyOf": [text, number]})


def period(text: str) -> int:
    """Microseconds from one time to the next, at least 1. Raises ValueError, saying what was expected."""
    micros = units.duration(text)
    if micros < 1:
        raise ValueError('a duration above 0 like "5s"')
    return micros


Duration: TypeAlias = Annotated[
    int,
    Unit(
        units.duration,
        label="duration",
        schema=_schema(
            "A duration in hours, minutes, seconds or parts of one, like 1m30s.",
            ["30s", "1m30s", "500ms"],
            f"(0|{_DURATION})",
            {"const": 0},
        ),
        write=units.duration_notation,
        near=nearest.nearest_duration,
    ),
]
"""Microseconds, written as `30s`, `1m30s` or `500ms`."""

Period: TypeAlias = Annotated[
    int,
    Unit(
        period,
        label="duration above 0",
        schema=_schema("A duration above 0, like 5s.", ["5s", "1m30s", "500ms"], _DURATION),
        write=units.duration_notation,
        near=nearest.nearest_duration,
    ),
]
"""Microseconds above 0, written as a duration."""

Size: TypeAlias = Annotated[
    int,
    Unit(
        units.size,
        label="size",
        schema=_schema(
            "A size in bytes, or in binary or decimal units, like 64 GiB.",
            ["64 GiB", "500 MB", 1024],
            rf"\s*{_NUMBER}\s*(B|[KMGTP]i?B)?\s*",
            {"type": "number", "minimum": 0},
        ),
        write=units.size_notation,
        near=nearest.nearest_size,
    ),
]
"""Bytes, written as `64 GiB`, `500 MB` or `1024`."""

Rate: TypeAlias = Annotated[
    float,
    Unit(
        units.rate,
        label="rate",
        schema=_schema(
            "How often, per second, minute, hour or day, like 2/s.",
            ["2/s", "0.5/s", "10/min"],
            rf"\s*{_NUMBER}\s*/\s*(s|sec|second|min|minute|h|hour|d|day)\s*",
        ),
        write=units.rate_notation,
        near=nearest.nearest_rate,
    ),
]
"""Occurrences a second, written as `2/s`, `10/min` or `0.5/s`."""

Percentage: TypeAlias = Annotated[
    float,
    Unit(
        units.percentage,
        label="percentage",
        schema=_schema("A share, from 0% to 100%.", ["92%", "12.5%"], rf"\s*{_NUMBER}\s*%\s*"),
        write=units.percentage_notation,
        near=nearest.nearest_percentage,
    ),
]
"""A share from 0 to 1, written as `92%`."""

PercentNumber: TypeAlias = Annotated[
    float,
    Unit(
        units.percent,
        label="percentage",
        schema=_schema(
            "A percentage from 0 to 100, with or without its sign.",
            ["80%", 80],
            rf"\s*{_NUMBER}\s*%?\s*",
            {"type": "number", "minimum": 0, "maximum": 100},
        ),
        write=lambda value: f"{units.number_notation(value)}%",
    ),
]
"""A number from 0 to 100, written as `80%` or `80`."""

Factor: TypeAlias = Annotated[
    float,
    Unit(
        units.factor,
        label="number above 0",
        schema=_schema(
            "A number above 0.",
            [2, 0.5],
            rf"\s*{_NUMBER}\s*",
            {"type": "number", "exclusiveMinimum": 0, "maximum": 1_000_000},
        ),
        write=units.number_notation,
        near=nearest.nearest_factor,
    ),
]
"""A number above 0, at most a million, written as `2` or `0.5`."""
