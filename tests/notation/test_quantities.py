"""Quantities of scenarios and configurations, as they stand in YAML."""

from typing import Any

import pytest

from pvws.notation.document import parse
from pvws.notation.quantities import Duration, Percentage, Period, Rate, Size, period
from pvws.notation.reader import INVALID, Reader


def read(text: str, kind: Any) -> tuple[Any, list[str]]:
    reader = Reader("f.yaml")
    value = reader.read(parse(text, "f.yaml"), kind, "key")
    return value, [str(problem) for problem in reader.problems]


def test_a_period_is_a_duration_above_zero() -> None:
    assert period("1m30s") == 90_000_000
    for text in ("0", "0s", "1ns"):
        with pytest.raises(ValueError, match=r'^a duration above 0 like "5s"$'):
            period(text)
    with pytest.raises(ValueError, match=r'^a duration like "30s", "1m30s" or "500ms"$'):
        period("5")


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("500ms", Duration, 500_000),
        ("0", Duration, 0),
        ("1m30s", Period, 90_000_000),
        ("64 GiB", Size, 64 * 2**30),
        ("1024", Size, 1024),
        ("10/min", Rate, pytest.approx(1 / 6)),
        ("92%", Percentage, 0.92),
    ],
)
def test_a_quantity_is_read_by_its_notation(text: str, kind: Any, value: object) -> None:
    assert read(text, kind) == (value, [])


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("5", Duration, 'a duration like "30s", "1m30s" or "500ms", got 5'),
        ("0", Period, 'a duration above 0 like "5s", got 0'),
        ("on", Period, 'a duration like "30s", "1m30s" or "500ms", got on'),
        ("many", Size, 'a size like "64 GiB", "500 MB" or "1024", got "many"'),
        ("fast", Rate, 'a rate like "2/s", "0.5/s" or "10/min", got "fast"'),
        ("120%", Percentage, 'a percentage between "0%" and "100%", got "120%"'),
        ("[]", Percentage, 'a percentage between "0%" and "100%", got a list'),
    ],
)
def test_what_is_no_quantity_is_told_with_what_would_be_one(text: str, kind: Any, said: str) -> None:
    assert read(text, kind) == (INVALID, [f"f.yaml:1:1: key: expected {said}"])
