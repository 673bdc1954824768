"""Popularity as scripts write it."""

import pytest

from pvws.notation.document import parse
from pvws.notation.reader import INVALID, Reader
from pvws.notation.written import written
from pvws.scenario.behaviours.touching import Exponent


@pytest.mark.parametrize(
    ("text", "exponent", "canonical"),
    [
        ("uniform", 0.0, "uniform"),
        ("zipf", 1.0, "zipf"),
        ("{zipf: 1.1}", 1.1, {"zipf": 1.1}),
        ("{zipf: 0}", 0.0, "uniform"),
        ("{zipf: 2}", 2.0, {"zipf": 2}),
    ],
)
def test_popularity_is_a_word_or_an_exponent(text: str, exponent: float, canonical: object) -> None:
    reader = Reader("f.yaml")
    assert reader.read(parse(text, "f.yaml"), Exponent, "popularity") == exponent
    assert not reader.problems
    assert written(Exponent, exponent) == canonical


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("zipfy", '1:1: popularity: expected one of uniform, zipf, got "zipfy" (did you mean "zipf"?)'),
        ("3", "1:1: popularity: expected one of uniform, zipf, got 3"),
        ("{zipf: 11}", "1:8: popularity.zipf: expected a number from 0 to 10, got 11"),
        ("{}", "1:1: popularity.zipf: expected a value, got nothing"),
    ],
)
def test_what_is_no_popularity_is_told(text: str, said: str) -> None:
    reader = Reader("f.yaml")
    assert reader.read(parse(text, "f.yaml"), Exponent, "popularity") is INVALID
    assert [str(problem) for problem in reader.problems] == [f"f.yaml:{said}"]
