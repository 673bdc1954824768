"""Instants on the wire: RFC 3339 texts, held as whole microseconds since the epoch."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

__all__ = ["LAST_INSTANT", "Timestamp", "timestamp_text"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))", re.ASCII
)


@lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.").rjust(20, "0")


_THOUSANDTHS = [f"{number:03d}Z" for number in range(1000)]


@lru_cache(maxsize=64)  # the same millisecond is written by who simulates it, and by who tells of it
def timestamp_text(millis: int) -> str:
    """How the API writes an instant in milliseconds since 1970-01-01T00:00:00Z: `2024-01-01T00:00:00.000Z`."""
    return _second(millis // 1000) + _THOUSANDTHS[millis % 1000]


class Timestamp:
    """An instant as the API writes it: UTC, three decimals rounded down, `2024-01-01T00:00:00.000Z`.

    `micros` is whole microseconds since 1970-01-01T00:00:00Z; who has the text of them already gives it along.
    Equality and order are those of the instant.
    """

    __slots__ = ("micros", "text")

    def __init__(self, micros: int, text: str = "") -> None:
        self.micros = micros
        self.text = text or timestamp_text(micros // 1000)
        """The instant in the contract's form: a plain attribute, which an encoder can fetch without us."""

    def __reduce__(self) -> tuple[type["Timestamp"], tuple[int]]:
        return Timestamp, (self.micros,)

    def as_datetime(self) -> datetime:
        """The same instant for the standard library, aware, in UTC."""
        return _EPOCH + timedelta(microseconds=self.micros)

    @property
    def exact(self) -> str:
        """The instant with six decimals, none of which is lost: `2024-01-01T00:00:00.000000Z`."""
        return f"{self.text[:20]}{self.micros % 1_000_000:06d}Z"

    @classmethod
    def of(cls, moment: datetime) -> "Timestamp":
        """The instant of an aware `datetime`."""
        return cls((moment - _EPOCH) // _MICROSECOND)

    @classmethod
    def parse(cls, text: str) -> "Timestamp":
        """Read any RFC 3339 form (section 5.6); decimals past the sixth are cut, second 60 is the next second's 0.

        Raises ValueError, saying what was expected.
        """
        if (
            len(text) == 24
            and text[19] == "."
            and text[23] == "Z"
            and (millis := text[20:23]).isascii()
            and millis.isdecimal()
            and text[17] != "6"  # a leap second, which loses its decimals
        ):
            # The contract's own form: the second is looked up, since hundreds of events share one.
            return cls(_micros_of_second(text[:19]) + int(millis) * 1000, text)
        return cls(cls._micros(text))

    @staticmethod
    def _micros(text: str) -> int:
        match = _RFC3339.fullmatch(text)
        if match is None:
            raise ValueError("an RFC 3339 time such as 2024-01-01T00:00:00.000Z")
        year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
        offset = timedelta(0)
        if match[9] is not None:
            offset = timedelta(hours=int(match[10]), minutes=int(match[11]))
            if int(match[10]) > 23 or int(match[11]) > 59:
                raise ValueError("a zone offset between -23:59 and +23:59")
            offset = -offset if match[9] == "-" else offset
        leap = second == 60  # RFC 3339, section 5.7: a leap second may be written as :60
        try:
            moment = datetime(year, month, day, hour, minute, 59 if leap else second, tzinfo=timezone(offset))
            micros = (moment - _EPOCH) // _MICROSECOND
        except (ValueError, OverflowError):
            raise ValueError("a date and a time of day that exist, in the years 1 to 9999") from None
        fraction = int((match[7] or "0").ljust(6, "0")[:6])
        micros += 1_000_000 if leap else fraction
        if not _FIRST <= micros <= LAST_INSTANT:
            raise ValueError("an instant in the years 1 to 9999")
        return micros

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timestamp) and self.micros == other.micros

    def __lt__(self, other: "Timestamp") -> bool:
        return self.micros < other.micros

    def __le__(self, other: "Timestamp") -> bool:
        return self.micros <= other.micros

    def __hash__(self) -> int:
        return hash(self.micros)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Timestamp({self.micros})"


@lru_cache(maxsize=1024)
def _micros_of_second(text: str) -> int:
    return Timestamp._micros(f"{text}Z")


_FIRST = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
LAST_INSTANT = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
"""The end of the year 9999 in microseconds since the epoch: RFC 3339 has four digits for a year."""
