"""Quantities as people write them: durations, sizes, rates, percentages, factors; and durations as Go prints them.

What reads is named by the quantity; `…_notation` writes what that reads; `…_text` is for people to look at.
"""

import re
from decimal import Decimal

__all__ = [
    "duration",
    "duration_notation",
    "duration_text",
    "factor",
    "number_notation",
    "percent",
    "percentage",
    "percentage_notation",
    "rate",
    "rate_notation",
    "size",
    "size_notation",
    "size_text",
]

_DURATION_UNITS = {
    "ns": Decimal("0.001"),
    "us": Decimal(1),
    "µs": Decimal(1),
    "μs": Decimal(1),  # U+03BC, which Go takes beside U+00B5
    "ms": Decimal(1_000),
    "s": Decimal(1_000_000),
    "m": Decimal(60_000_000),
    "h": Decimal(3_600_000_000),
}
_SIZE_UNITS = {"B": 1} | {
    f"{letter}{suffix}": base**power
    for power, letter in enumerate("KMGTP", 1)
    for suffix, base in (("iB", 1024), ("B", 1000))
}
_RATE_UNITS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "d": 86_400,
    "day": 86_400,
}

_NUMBER = r"(\d{1,16}(?:\.\d{0,9})?|\.\d{1,9})"
_DURATION_PART = re.compile(rf"{_NUMBER}(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_SIZE = re.compile(rf"{_NUMBER}\s*([A-Za-z]*)", re.ASCII)
_RATE = re.compile(rf"{_NUMBER}\s*/\s*([a-z]+)", re.ASCII)
_PERCENTAGE = re.compile(rf"{_NUMBER}\s*%", re.ASCII)
_PERCENT = re.compile(rf"{_NUMBER}\s*%?", re.ASCII)
_FACTOR = re.compile(_NUMBER, re.ASCII)

_DURATION_MAX = 100 * 365 * 86_400 * 1_000_000  # a century, in microseconds
_SIZE_MAX = 2**53 - 1
_RATE_MAX = 1_000_000
_FACTOR_MAX = 1_000_000
_PLACES = Decimal("1e-9")  # as many decimals as a number may be written with


def duration(text: str) -> int:
    """Microseconds of a duration in Go's notation (`30s`, `1m30s`, `500ms`), rounded down to whole ones.

    Raises ValueError, saying what was expected.
    """
    total, at = Decimal(0), 0
    while part := _DURATION_PART.match(text, at):
        total += Decimal(part[1]) * _DURATION_UNITS[part[2]]
        at = part.end()
    if text == "0":
        return 0
    if at == 0 or at != len(text):
        raise ValueError('a duration like "30s", "1m30s" or "500ms"')
    if total > _DURATION_MAX:
        raise ValueError("a duration of at most 100 years")
    return int(total)


def duration_notation(micros: int) -> str:
    """A duration, 0 or more, as one would write it: `1h`, `1m30s`, `2.5ms`, `0s`."""
    if micros < 1_000_000:
        return f"{_trimmed(micros, 1_000)}ms" if micros >= 1_000 else f"{micros}us" if micros else "0s"
    hours, minutes, seconds = micros // 3_600_000_000, micros // 60_000_000 % 60, micros % 60_000_000
    parts = (f"{hours}h" if hours else "", f"{minutes}m" if minutes else "")
    return "".join(parts) + (f"{_trimmed(seconds, 1_000_000)}s" if seconds else "")


def duration_text(micros: int) -> str:
    """A duration as Go prints it: `1h2m3.4s`, `2.5ms`, `0s` (what `uptime` looks like on the real server)."""
    if micros < 0:
        return f"-{duration_text(-micros)}"
    if micros < 1_000:
        return f"{micros}µs" if micros else "0s"
    if micros < 1_000_000:
        return f"{_trimmed(micros, 1_000)}ms"
    minutes, rest = divmod(micros, 60_000_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{_trimmed(rest, 1_000_000)}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return f"{hours}h{text}" if hours else text


def _trimmed(value: int, unit: int) -> str:
    whole, part = divmod(value, unit)
    digits = f"{part:0{len(str(unit)) - 1}d}".rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)


def size(text: str) -> int:
    """Bytes of a size such as `64 GiB`, `1.5 MB` or `1024`; below a byte is cut.

    Raises ValueError, saying what was expected.
    """
    match = _SIZE.fullmatch(text.strip())
    unit = match and _SIZE_UNITS.get(match[2] or "B")
    if match is None or unit is None:
        raise ValueError('a size like "64 GiB", "500 MB" or "1024"')
    value = int(Decimal(match[1]) * unit)
    if value > _SIZE_MAX:
        raise ValueError("a size below 8 PiB")
    return value


def size_notation(value: int) -> str:
    """A size as one would write it, to the byte: `64 GiB`, `500 MB`, `1001 B`."""
    texts = [f"{value // unit} {name}" for name, unit in _SIZE_UNITS.items() if value % unit == 0]
    return min(texts, key=len) if value else "0 B"


def size_text(value: int) -> str:
    """A size for people, in binary units short to read: `1.5 MiB`, `64 GiB`, `512 B`."""
    amount, unit = float(value), "B"
    for letter in "KMGTP":
        if amount < 1024:
            break
        amount, unit = amount / 1024, f"{letter}iB"
    if unit == "B" or amount >= 100 or amount == int(amount):
        return f"{amount:.0f} {unit}"
    return f"{amount:.1f} {unit}"


def rate(text: str) -> float:
    """Occurrences a second of a rate such as `2/s`, `0.3/s`, `1/min` or `20/h`.

    Raises ValueError, saying what was expected.
    """
    match = _RATE.fullmatch(text.strip())
    unit = match and _RATE_UNITS.get(match[2])
    if match is None or unit is None:
        raise ValueError('a rate like "2/s", "0.5/s" or "10/min"')
    value = float(Decimal(match[1]) / unit)
    if value > _RATE_MAX:
        raise ValueError("a rate of at most 1000000/s")
    return value


def rate_notation(per_second: float) -> str:
    """A rate as one would write it: `2/s`, `10/min`, `1/d`; the nearest where nine decimals don't do."""
    texts = [f"{number_notation(per_second * _RATE_UNITS[unit])}/{unit}" for unit in ("s", "min", "h", "d")]
    return next((text for text in texts if rate(text) == per_second), texts[0])


def percentage(text: str) -> float:
    """A share between 0 and 1 of a percentage such as `92%`.

    Raises ValueError, saying what was expected.
    """
    match = _PERCENTAGE.fullmatch(text.strip())
    if match is None or (value := float(Decimal(match[1]) / 100)) > 1:
        raise ValueError('a percentage between "0%" and "100%"')
    return value


def percentage_notation(share: float) -> str:
    """A share from 0 to 1 as a percentage: `92%`, `12.5%`; the nearest where nine decimals don't do."""
    return f"{_digits(Decimal(repr(share)) * 100)}%"


def percent(text: str) -> float:
    """A number between 0 and 100 of a percentage such as `80%` or `80`.

    Raises ValueError, saying what was expected.
    """
    match = _PERCENT.fullmatch(text.strip())
    if match is None or (value := float(match[1])) > 100:
        raise ValueError('a percentage from 0 to 100 like "80%" or "80"')
    return value


def factor(text: str) -> float:
    """A number above 0 such as `2` or `0.5`.

    Raises ValueError, saying what was expected.
    """
    match = _FACTOR.fullmatch(text.strip())
    if match is None or (value := float(match[1])) == 0:
        raise ValueError('a factor above 0 like "2" or "0.5"')
    if value > _FACTOR_MAX:
        raise ValueError(f"a factor of at most {_FACTOR_MAX}")
    return value


def number_notation(value: float) -> str:
    """A number, 0 or more, in decimals as one would write it: `80`, `0.5`; the nearest where nine of them don't do."""
    return _digits(Decimal(repr(value)))


def _digits(value: Decimal) -> str:
    return f"{value.quantize(_PLACES).normalize():f}"
