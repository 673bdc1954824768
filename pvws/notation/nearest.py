"""What a word or a quantity that is nearly right was probably meant to be.

Of a number without its unit nothing is said: the error says what units look like, and which was meant nobody knows.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from difflib import get_close_matches

from pvws import units
from pvws.limits import EXCERPT_CHARACTERS_MAX

__all__ = [
    "nearest",
    "nearest_duration",
    "nearest_factor",
    "nearest_percentage",
    "nearest_rate",
    "nearest_size",
    "suggestion",
]

_QUANTITY = re.compile(r"([0-9]{1,16}(?:\.[0-9]{0,9})?)\s*(.*)", re.ASCII)
_PER = re.compile(r"(?:/|per|an?)\s*([a-z]+)", re.ASCII)
_TIMES = {
    "ms": ("ms", "msec", "msecs", "millis", "millisecond", "milliseconds"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
}
_TIME_UNITS = {word: unit for unit, words in _TIMES.items() for word in words}
_SIZE_UNITS = {"b": "B", "byte": "B", "bytes": "B"} | {
    f"{letter}{suffix}": f"{letter.upper()}{written}"
    for letter in "kmgtp"
    for suffix, written in (("", "iB"), ("ib", "iB"), ("b", "B"))
}


def nearest(word: object, words: Sequence[str]) -> str | None:
    """A hint with the word that was probably meant, whatever its capitals; None if none is near."""
    if not isinstance(word, str) or len(word) > EXCERPT_CHARACTERS_MAX:
        return None
    folded = {each.casefold(): each for each in reversed(words)}
    written = word.casefold()
    near = [written] if written in folded else get_close_matches(written, folded, 1)
    return suggestion(folded[near[0]]) if near else None


def suggestion(text: str) -> str:
    """The hint that another text was probably meant."""
    return f'did you mean "{text}"?'


def nearest_duration(text: str) -> str | None:
    """The duration that a text was probably meant to be: `30s` of `30 sec`, `48h` of `2 days`."""
    return _near(text, units.duration, _durations)


def _durations(text: str) -> Iterator[str]:
    yield "".join(text.split())
    amount, word = _parts(text)
    unit = _TIME_UNITS.get(word)
    if unit == "d":
        yield f"{_product(amount, 24)}h"
    elif unit is not None:
        yield f"{amount}{unit}"


def nearest_size(text: str) -> str | None:
    """The size that a text was probably meant to be: `64 GiB` of `64 gib` or `64G`."""
    return _near(text, units.size, _sizes)


def _sizes(text: str) -> Iterator[str]:
    amount, word = _parts(text)
    if word in _SIZE_UNITS:
        yield f"{amount} {_SIZE_UNITS[word]}"


def nearest_rate(text: str) -> str | None:
    """The rate that a text was probably meant to be: `2/s` of `2/S`, `10/min` of `10 per minute`."""
    return _near(text, units.rate, _rates)


def _rates(text: str) -> Iterator[str]:
    amount, rest = _parts(text)
    per = _PER.fullmatch(rest)
    unit = "s" if rest == "hz" else per and _TIME_UNITS.get(per[1])
    if unit:
        yield f"{amount}/{'min' if unit == 'm' else unit}"


def nearest_percentage(text: str) -> str | None:
    """The percentage that a text was probably meant to be: `92%` of `92 percent` or `0.92`."""
    return _near(text, units.percentage, _percentages)


def _percentages(text: str) -> Iterator[str]:
    amount, word = _parts(text)
    if word == "" and "." in amount and Decimal(amount) <= 1:
        yield f"{_product(amount, 100)}%"
    elif word in ("percent", "pct"):
        yield f"{amount}%"


def nearest_factor(text: str) -> str | None:
    """The factor that a text was probably meant to be: `2` of `2x`, `1.5` of `150%`."""
    return _near(text, units.factor, _factors)


def _factors(text: str) -> Iterator[str]:
    amount, word = _parts(text)
    if word in ("x", "times"):
        yield amount
    elif word == "%":
        yield f"{(Decimal(amount) / 100).normalize():f}"


def _near(text: str, read: Callable[[str], object], candidates: Callable[[str], Iterator[str]]) -> str | None:
    """The first of some candidates that can be read."""
    if len(text) > EXCERPT_CHARACTERS_MAX:
        return None
    for candidate in candidates(text.strip().casefold()):
        try:
            read(candidate)
        except ValueError:
            continue
        return candidate if candidate != text else None
    return None


def _parts(text: str) -> tuple[str, str]:
    """A number and the word behind it; two words that are no unit if there is no number."""
    match = _QUANTITY.fullmatch(text)
    return (match[1], match[2].rstrip()) if match else ("?", "?")


def _product(amount: str, factor: int) -> str:
    return f"{(Decimal(amount) * factor).normalize():f}"
