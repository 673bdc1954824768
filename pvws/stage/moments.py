"""Points and lengths of stage time as whoever moves a clock may say them, in microseconds."""

from datetime import datetime, timedelta
from typing import TypeAlias

from pvws import units
from pvws.errors import InputError, Problem
from pvws.sim.agenda import Instant
from pvws.timestamp import LAST_INSTANT, Timestamp

__all__ = ["Moment", "Span", "instant_of", "span_micros"]

Span: TypeAlias = int | str | timedelta
"""A length of stage time: microseconds, or a text such as `1m30s`."""

Moment: TypeAlias = int | str | datetime | Timestamp
"""A point in stage time: microseconds since the epoch, or a text such as `2024-01-01T00:00:30Z`."""


def span_micros(by: Span, name: str = "by") -> int:
    """The microseconds of a span. Raises InputError, with the `name` of what was said."""
    if isinstance(by, timedelta):
        by = by // timedelta(microseconds=1)
    try:
        micros = units.duration(by) if isinstance(by, str) else by
    except ValueError as error:
        raise InputError(Problem(name, str(error), f'"{by}"')) from None
    if micros < 0:
        raise InputError(Problem(name, "a span that is not negative, for seek goes back", f"{micros} µs"))
    return micros


def instant_of(to: Moment, name: str = "to") -> Instant:
    """The microseconds since the epoch of a moment. Raises InputError, with the `name` of what was said."""
    if isinstance(to, datetime):
        if to.utcoffset() is None:
            raise InputError(Problem(name, "a datetime that says its zone", repr(to)))
        to = Timestamp.of(to)
    try:
        micros = Timestamp.parse(to).micros if isinstance(to, str) else to if isinstance(to, int) else to.micros
    except ValueError as error:
        raise InputError(Problem(name, str(error), f'"{to}"')) from None
    if not 0 <= micros <= LAST_INSTANT:
        raise InputError(Problem(name, "an instant from 1970 to the year 9999", f"{micros} µs"))
    return micros
