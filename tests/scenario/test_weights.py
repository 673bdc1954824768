"""Words of which chance takes one."""

import pickle
from collections import Counter
from typing import Annotated, Any

import pytest
from jsonschema import Draft202012Validator
from msgspec import Struct

from pvws.notation.document import parse
from pvws.notation.reader import INVALID, Reader
from pvws.notation.schema import json_schema
from pvws.notation.written import written
from pvws.scenario.weights import Weighted, weighted_form
from pvws.sim.chance import Stream

Fruit = Annotated[Weighted, weighted_form("FruitWeights", ("apple", "pear", "plum"))]


class Basket(Struct):
    fruit: Fruit


def read(text: str) -> tuple[Any, list[str]]:
    reader = Reader("f.yaml")
    value = reader.read(parse(text, "f.yaml"), Fruit, "fruit")
    assert (value is INVALID) == bool(reader.problems)
    return value, [str(problem).removeprefix("f.yaml:") for problem in reader.problems]


@pytest.mark.parametrize(
    ("text", "value", "canonical"),
    [
        ("pear", Weighted.of("pear"), "pear"),
        ("{plum: 1, apple: 2.5}", Weighted(("apple", "plum"), (2.5, 1.0)), {"apple": 2.5, "plum": 1}),
        ("{plum: 3, apple: 0}", Weighted(("plum",), (3.0,)), "plum"),
    ],
)
def test_it_is_a_word_or_weights_by_word(text: str, value: Weighted, canonical: object) -> None:
    read_value, problems = read(text)
    assert (read_value, problems) == (value, [])
    assert written(Fruit, Weighted.of("pear")) == "pear"
    if len(value.words) > 1:
        assert written(Fruit, value) == canonical


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("peer", '1:1: fruit: expected one of apple, pear, plum, got "peer" (did you mean "pear"?)'),
        ("{peer: 1}", '1:2: fruit: expected one of apple, pear, plum, got "peer" (did you mean "pear"?)'),
        ("{pear: much}", '1:8: fruit.pear: expected a number, got "much"'),
        ("{pear: -1}", "1:8: fruit.pear: expected a number from 0 to 1000000, got -1"),
        ("{pear: 0}", "1:1: fruit: expected a weight above 0, got none"),
        ("{}", "1:1: fruit: expected a weight above 0, got none"),
        ("[pear]", "1:1: fruit: expected one of apple, pear, plum, got a list"),
    ],
)
def test_what_is_neither_is_told_with_what_would_be(text: str, said: str) -> None:
    assert read(text)[1] == [said]


def test_words_come_as_often_as_their_weights_say() -> None:
    weighted, chance = Weighted(("apple", "pear", "plum"), (3.0, 0.0, 1.0)), Stream(1, "test")
    counts = Counter(weighted.draw(chance) for _ in range(8_000))
    assert counts.keys() == {"apple", "plum"}
    assert counts["apple"] / counts["plum"] == pytest.approx(3, rel=0.1)


def test_every_draw_takes_one_number() -> None:
    chance, twin = Stream(1, "test"), Stream(1, "test")
    Weighted.of("apple").draw(chance)
    Weighted(("apple", "pear"), (1.0, 2.0)).draw(chance)
    assert [twin.random() for _ in range(3)][2] == chance.random()


class Highest(Stream):
    """Draws the largest number below 1."""

    def __init__(self) -> None:
        super().__init__(1, "test")
        self.random = lambda: 1 - 2**-53


def test_a_word_without_weight_is_never_drawn_not_even_by_rounding() -> None:
    weighted = Weighted(("apple", "pear", "plum"), (0.1, 0.2, 0.0))
    assert weighted.draw(Highest()) == "pear"


@pytest.mark.parametrize(
    ("fruit", "is_right"),
    [("pear", True), ({"pear": 1, "plum": 2}, True), ("peer", False), ({"peer": 1}, False), ({"pear": -1}, False)],
)
def test_the_schema_is_of_one_mind_with_the_reader(fruit: object, is_right: bool) -> None:
    assert Draft202012Validator(json_schema(Basket, title="basket")).is_valid({"fruit": fruit}) is is_right


def test_it_is_a_value() -> None:
    weighted = Weighted.of("apple", "plum")
    assert pickle.loads(pickle.dumps(weighted)) == weighted
    assert {weighted: 1}[Weighted(("apple", "plum"), (1.0, 1.0))] == 1
