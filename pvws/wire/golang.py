"""How Go writes and reads values: JSON as its `encoding/json` does, times as `time.Time` does there (Go 1.27)."""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

__all__ = ["go_json", "go_timestamp", "is_go_time", "zone_named"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_ESCAPES = {chr(code): f"\\u{code:04x}" for code in (*range(0x20), *map(ord, "<>&\u2028\u2029"))}
_ESCAPES |= {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# A Go string is UTF-8, so its reader has put this in the place of half a surrogate pair long before.
_ESCAPES |= {chr(code): _REPLACEMENT for code in range(0xD800, 0xE000)}
_HALF = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile('["\\\\\x00-\x1f<>&\u2028\u2029\ud800-\udfff]')

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[+-](\d\d):(\d\d))",
    re.ASCII,
)


def go_json(value: object) -> bytes:
    """A JSON value (None, bool, int, float, str, list, dict with str keys) as `json.Marshal` writes it.

    Compact, keys in the order of their bytes, `<`, `>`, `&`, U+2028 and U+2029 escaped, everything else outside
    ASCII raw. A float of a whole number has no decimals, an int keeps all its digits. Raises ValueError for the
    infinities and NaN, as Go refuses them.
    """
    return _written(value).encode()


def _written(value: Any) -> str:
    if isinstance(value, str):
        return _string(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, dict):
        # Code points have the order of their UTF-8 bytes, by which Go sorts.
        return f"{{{','.join([f'{_string(name)}:{_written(value[name])}' for name in sorted(value, key=_whole)])}}}"
    assert isinstance(value, list), f"{type(value)} is no JSON value"
    return f"[{','.join([_written(inner) for inner in value])}]"


def _string(text: str) -> str:
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES[match[0]]


def _whole(text: str) -> str:
    return text if text.isascii() else _HALF.sub(_REPLACEMENT, text)


def _float(value: float) -> str:
    """`floatEncoder`: the shortest digits, as ECMAScript prints a number (ECMA-262, "Number::toString")."""
    if not isfinite(value):
        raise ValueError("a number that JSON has")
    text = repr(value)  # has the shortest digits, too; only where it puts the exponent is another matter
    if "e" in text:
        if value == 0 or 1e-6 <= abs(value) < 1e21:
            return f"{Decimal(text):f}"
        mantissa, _, exponent = text.partition("e")
        return f"{mantissa}e{int(exponent):+d}"
    return text.removesuffix(".0")


def go_timestamp(micros: int, nanos_below: int, zone: tzinfo) -> str:
    """An instant as `time.Time` is written: RFC 3339 in a zone, up to nine decimals, trailing zeros cut.

    `micros` is whole microseconds since the epoch, in the years 1 to 9999; `nanos_below` is the three digits below
    them. The suffix is `Z` wherever the offset is none, so in London in winter, too.
    """
    assert 0 <= nanos_below < 1000, "three digits"
    seconds, below = divmod(micros, 1_000_000)
    head, offset = _second(seconds, zone)
    decimals = f"{below * 1000 + nanos_below:09d}".rstrip("0")
    return f"{head}.{decimals}{offset}" if decimals else f"{head}{offset}"


@lru_cache(maxsize=1024)
def _second(seconds: int, zone: tzinfo) -> tuple[str, str]:
    """A second's text up to its decimals, and what comes behind them: looked up, since hundreds of events share one."""
    moment = _EPOCH + timedelta(seconds=seconds)
    try:
        local = moment.astimezone(zone)
    except OverflowError:  # the year 0 or 10000 there, of which Go says an error; UTC serves as well
        local = moment
    offset = local.utcoffset()
    assert offset is not None, "a zone has an offset"
    head = local.replace(tzinfo=None).isoformat(timespec="seconds")
    if not offset:
        return head, "Z"
    # Seconds of the offsets of old are cut towards zero, as by Go's division.
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    sign = "-" if offset <= timedelta(minutes=-1) else "+"
    return head, f"{sign}{hours:02d}:{minutes:02d}"


def is_go_time(text: str) -> bool:
    """Whether `time.Time` takes this text from JSON.

    Stricter than RFC 3339, which has small letters and leap seconds, too; and looser where Go says of itself that it
    is: an hour of one digit, a comma before the decimals, an offset of up to 24:60 (go.dev/issue/54580).
    """
    match = _TIME.fullmatch(text)
    if match is None:
        return False
    year, month, day, hour, minute, second, offset_hours, offset_minutes = (int(part or 0) for part in match.groups())
    return (
        1 <= month <= 12
        and 1 <= day <= monthrange(year, month)[1]
        and hour < 24
        and minute < 60
        and second < 60
        and offset_hours <= 24
        and offset_minutes <= 60
    )


@lru_cache
def zone_named(name: str) -> tzinfo:
    """The zone of an IANA name. Raises ValueError, saying what was expected, where there is none."""
    if name == "UTC":
        return UTC  # also where there is no zone database
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; not even a name; a folder of the database
        raise ValueError('an IANA time zone such as "Europe/Berlin"') from None
