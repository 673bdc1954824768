"""Quantities of scenarios and configurations, as they stand in YAML."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pvws.errors import InputError
from pvws.notation.document import parse
from pvws.notation.forms import Unit, notes
from pvws.notation.quantities import Duration, Factor, Percentage, PercentNumber, Period, Rate, Size, period
from pvws.notation.reader import INVALID, Reader

ALL = [Duration, Factor, PercentNumber, Percentage, Period, Rate, Size]


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
        ("1/d", Rate, pytest.approx(1 / 86_400)),
        ("92%", Percentage, 0.92),
        ("80%", PercentNumber, 80.0),
        ("80", PercentNumber, 80.0),
        ("12.5", PercentNumber, 12.5),
        ("'80'", PercentNumber, 80.0),
        ("2", Factor, 2.0),
        ("0.5", Factor, 0.5),
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
        ("120", PercentNumber, 'a percentage from 0 to 100 like "80%" or "80", got 120'),
        ("on", PercentNumber, 'a percentage from 0 to 100 like "80%" or "80", got on'),
        ("0", Factor, 'a factor above 0 like "2" or "0.5", got 0'),
        ("-1", Factor, 'a factor above 0 like "2" or "0.5", got -1'),
        ("1000001", Factor, "a factor of at most 1000000, got 1000001"),
        ("30 s", Duration, 'a duration like "30s", "1m30s" or "500ms", got "30 s" (did you mean "30s"?)'),
        ("0 sec", Period, 'a duration like "30s", "1m30s" or "500ms", got "0 sec"'),
        ("64gib", Size, 'a size like "64 GiB", "500 MB" or "1024", got "64gib" (did you mean "64 GiB"?)'),
        ("2", Rate, 'a rate like "2/s", "0.5/s" or "10/min", got 2'),
        ("2/S", Rate, 'a rate like "2/s", "0.5/s" or "10/min", got "2/S" (did you mean "2/s"?)'),
        ("92", Percentage, 'a percentage between "0%" and "100%", got 92'),
        ("0.92", Percentage, 'a percentage between "0%" and "100%", got 0.92 (did you mean "92%"?)'),
        ("2x", Factor, 'a factor above 0 like "2" or "0.5", got "2x" (did you mean "2"?)'),
    ],
)
def test_what_is_no_quantity_is_told_with_what_would_be_one(text: str, kind: Any, said: str) -> None:
    assert read(text, kind) == (INVALID, [f"f.yaml:1:1: key: expected {said}"])


def unit(kind: Any) -> Unit:
    own = notes(kind).own
    assert isinstance(own, Unit)
    return own


def value_of(text: str) -> Any:
    return parse(text, "f.yaml").value


@pytest.mark.parametrize("kind", ALL)
def test_every_quantity_says_how_it_is_written(kind: Any) -> None:
    own = unit(kind)
    assert own.label
    assert own.schema is not None
    Draft202012Validator.check_schema(own.schema)
    assert own.schema["description"].endswith(".")
    for example in own.schema["examples"]:
        value, problems = read(str(example), kind)
        assert not problems
        assert Draft202012Validator(own.schema).is_valid(example)
        assert own.write is not None
        assert own.read(own.write(value)) == value, "what is written is read"


@pytest.mark.parametrize("kind", ALL)
@given(
    st.from_regex(r"[ ]?[\d.]{0,5} ?(ns|us|µs|ms|s|m|h|1h2m|%|/s|/min|/day|/ d|[KMGTP]i?B)? ?", fullmatch=True)
    | st.text(max_size=5)
    | st.integers().map(str)
    | st.floats(0, 2e6).map(lambda value: f"{value:.3f}")
)
def test_what_a_quantity_is_read_from_is_valid_by_its_schema(kind: Any, text: str) -> None:
    for quoted in (text, f'"{text}"' if text.isprintable() and not set('"\\') & set(text) else "~"):
        try:
            value = value_of(quoted)
        except InputError:
            continue
        if isinstance(value, str | int | float) and not read(quoted, kind)[1]:
            schema = unit(kind).schema
            assert schema is not None
            assert Draft202012Validator(schema).is_valid(value), repr(value)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Duration, ["30", "5d", "", 30, "1 s", True, None]),
        (Period, ["0", 0, "30"]),
        (Size, ["64 gib", "-1", -1, "1 kB", [], True]),
        (Rate, ["2", 2, "2/week", "/s"]),
        (Percentage, ["92", 92, 0.92, "-5%"]),
        (PercentNumber, ["-5", 101, -1, "5 percent"]),
        (Factor, [0, -1, 1_000_001, "2x", "50%"]),
    ],
)
def test_the_schema_of_a_quantity_refuses_what_is_none(kind: Any, values: list[Any]) -> None:
    schema = unit(kind).schema
    assert schema is not None
    assert [value for value in values if Draft202012Validator(schema).is_valid(value)] == []
