"""Times of day for people. Pure but for the machine's time zone, where none is given."""

from datetime import UTC, datetime, tzinfo
from functools import lru_cache

__all__ = ["since", "time_of_day"]


def time_of_day(micros: int, zone: tzinfo | None) -> str:
    """`12:00:03.417` of an instant in a zone; None is the machine's."""
    second, part = divmod(micros, 1_000_000)
    return f"{_second(second, zone)}.{part // 1000:03d}"


def since(micros: int) -> str:
    """`+12.345` of a time that has passed, in microseconds, twelve columns wide up to a hundred days."""
    sign, micros = ("-", -micros) if micros < 0 else ("+", micros)
    return f"{sign}{micros // 1_000_000}.{micros // 1000 % 1000:03d}".rjust(12)


@lru_cache(maxsize=1024)
def _second(second: int, zone: tzinfo | None) -> str:
    """`12:00:03` of a second since the epoch; hundreds of events share one."""
    try:
        moment = datetime.fromtimestamp(second, UTC).astimezone(zone)
    except (ValueError, OverflowError, OSError):  # in the first or last hours that there are, or outside
        second %= 86_400
        return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    return moment.strftime("%H:%M:%S")
