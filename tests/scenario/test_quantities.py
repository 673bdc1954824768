"""Quantities of the scenario language: their notations, and in which units chance decides."""

from typing import Annotated, Any

import pytest
from jsonschema import Draft202012Validator
from msgspec import Meta, Struct

from pvws.notation.document import parse
from pvws.notation.reader import Reader
from pvws.notation.schema import json_schema
from pvws.notation.written import written
from pvws.scenario.quantities import (
    DurationDistribution,
    NumberDistribution,
    SizeDistribution,
    Speed,
    Start,
    speed,
    start,
)
from pvws.sim.chance import Stream


class Times(Struct):
    start: Start = 0
    speed: Speed = 1.0


def read(text: str, kind: Any) -> tuple[Any, list[str]]:
    reader = Reader("f.yaml")
    value = reader.read(parse(text, "f.yaml"), kind, "key")
    return value, [str(problem) for problem in reader.problems]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("now", None),
        ("1970-01-01T00:00:00Z", 0),
        ("2024-01-01T00:00:00Z", 1_704_067_200_000_000),
        ("2024-01-01T02:00:00.5+02:00", 1_704_067_200_500_000),
    ],
)
def test_a_start_is_now_or_a_time(text: str, instant: int | None) -> None:
    assert start(text) == instant


@pytest.mark.parametrize(
    "text", ["", "Now", "2024-01-01", "2024-13-01T00:00:00Z", "1704067200", "0000-01-01T00:00:00Z"]
)
def test_what_is_no_start_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'^"now" or an RFC 3339 time such as 2024-01-01T00:00:00Z$'):
        start(text)


@pytest.mark.parametrize(
    ("text", "factor"), [("max", None), ("1", 1.0), ("0.5", 0.5), ("1000000", 1e6), ("0.001", 0.001)]
)
def test_a_speed_is_a_factor_or_max(text: str, factor: float | None) -> None:
    assert speed(text) == factor


@pytest.mark.parametrize("text", ["", "0", "-1", "fast", "nan", "inf", "1000001", "Max", "1x", "1_000", "1e3"])
def test_what_is_no_speed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'^a factor above 0 such as 1 or 0\.5, or "max"$'):
        speed(text)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Start, None, "now"),
        (Start, 1_704_067_200_500_000, "2024-01-01T00:00:00.500Z"),
        (Speed, None, "max"),
        (Speed, 10.0, 10),
        (Speed, 0.25, 0.25),
    ],
)
def test_a_start_and_a_speed_are_written_as_they_are_read(kind: Any, value: object, text: object) -> None:
    assert written(kind, value) == text


@pytest.mark.parametrize(
    ("times", "is_right"),
    [
        ({"start": "now", "speed": "max"}, True),
        ({"start": "2024-01-01T00:00:00.5+02:00", "speed": 0.5}, True),
        ({"speed": "10"}, True),
        ({"start": "2024-01-01"}, False),
        ({"speed": 0}, False),
        ({"speed": "fast"}, False),
    ],
)
def test_the_schema_is_of_one_mind_with_the_reader(times: dict[str, Any], is_right: bool) -> None:
    assert Draft202012Validator(json_schema(Times, title="times")).is_valid(times) is is_right


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (SizeDistribution, "2 MiB", 2 * 1024**2),
        (SizeDistribution, "0", 1),
        (DurationDistribution, "1m30s", 90_000_000),
        (DurationDistribution, "0s", 0),
        (NumberDistribution, "3", 3),
        (NumberDistribution, "0.4", 0),
        (NumberDistribution, "{choice: [2.6]}", 3),
    ],
)
def test_whole_values_are_in_the_unit_and_no_file_is_smaller_than_a_byte(kind: Any, text: str, value: int) -> None:
    quantity, problems = read(text, kind)
    assert not problems
    assert quantity.sampler().draw_whole(Stream(1, "test")) == value


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (SizeDistribution, "many", 'a size like "64 GiB", "500 MB" or "1024", got "many"'),
        (DurationDistribution, "45", 'a duration like "30s", "1m30s" or "500ms", got 45 (did you mean "45s"?)'),
        (NumberDistribution, "-1", "a number from 0 to 9007199254740991, got -1"),
        (NumberDistribution, "[1]", "a number, got a list"),
    ],
)
def test_what_is_no_quantity_is_told_with_what_would_be_one(kind: Any, text: str, said: str) -> None:
    _, problems = read(text, kind)
    assert [problem.partition("expected ")[2] for problem in problems] in ([said], [said.partition(" (did")[0]])


def test_a_description_may_stand_beside_a_distribution() -> None:
    assert read("45s", Annotated[DurationDistribution | None, Meta(description="How long.")])[1] == []
