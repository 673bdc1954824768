"""How distributions are written, and what is drawn from them."""

import json
import pickle
from statistics import mean, median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec import Struct

from pvws.errors import InputError
from pvws.limits import INTEGER_MAX
from pvws.notation.document import parse
from pvws.notation.forms import notes
from pvws.notation.reader import INVALID, Reader
from pvws.notation.schema import json_schema
from pvws.notation.written import flow, written
from pvws.scenario.distributions import VALUES_MAX, Quantity
from pvws.scenario.quantities import DurationDistribution, NumberDistribution, SizeDistribution
from pvws.sim.chance import Stream
from pvws.sim.distributions import (
    Choice,
    Constant,
    Exponential,
    Lognormal,
    Normal,
    Pareto,
    Uniform,
    Values,
)

A_SIZE = 'a size like "64 GiB", "500 MB" or "1024"'
WORDS = "uniform, normal, lognormal, pareto, exponential, choice, values"


class Holder(Struct):
    size: SizeDistribution
    duration: DurationDistribution
    number: NumberDistribution


def read(text: str, kind: Any = SizeDistribution) -> tuple[Any, list[str]]:
    reader = Reader("f.yaml")
    value = reader.read(parse(text, "f.yaml"), kind, "size")
    assert (value is INVALID) == bool(reader.problems)
    return value, [str(problem).removeprefix("f.yaml:") for problem in reader.problems]


@pytest.mark.parametrize(
    ("text", "distribution", "canonical"),
    [
        ("2 MiB", Constant(2 * 2**20), "2 MiB"),
        ("{uniform: {from: 1 KiB, to: 4 KiB}}", Uniform(1024, 4096), {"uniform": {"from": "1 KiB", "to": "4 KiB"}}),
        (
            "{normal: {mean: 5 B, deviation: 2 B, min: 1 B, max: 9 B}}",
            Normal(5, 2, min=1, max=9),
            {"normal": {"mean": "5 B", "deviation": "2 B", "min": "1 B", "max": "9 B"}},
        ),
        ("{lognormal: {median: 2 MiB}}", Lognormal(2 * 2**20, 1.0), {"lognormal": {"median": "2 MiB"}}),
        (
            "{lognormal: {median: 2 MiB, sigma: 1.5, max: 4 GiB}}",
            Lognormal(2 * 2**20, 1.5, max=4 * 2**30),
            {"lognormal": {"median": "2 MiB", "sigma": 1.5, "max": "4 GiB"}},
        ),
        (
            "{pareto: {least: 1 KiB, shape: 1.2, max: 1 GiB}}",
            Pareto(1024, 1.2, max=2**30),
            {"pareto": {"least": "1 KiB", "shape": 1.2, "max": "1 GiB"}},
        ),
        ("{exponential: 1 KiB}", Exponential(1024), {"exponential": {"mean": "1 KiB"}}),
        (
            "{exponential: {mean: 1 KiB, max: 2 KiB}}",
            Exponential(1024, max=2048),
            {"exponential": {"mean": "1 KiB", "max": "2 KiB"}},
        ),
        ("{choice: [4 KiB, 1 MiB]}", Choice((4096, 2**20)), {"choice": ["4 KiB", "1 MiB"]}),
        (
            "{choice: [4 KiB, 1 MiB], weights: [3, 1]}",
            Choice((4096, 2**20), (3.0, 1.0)),
            {"choice": ["4 KiB", "1 MiB"], "weights": [3, 1]},
        ),
        ("{values: [4 KiB, 4 KiB]}", Values((4096, 4096)), {"values": ["4 KiB", "4 KiB"], "order": "random"}),
        ("{values: [1 B], order: cycle}", Values((1,), "cycle"), {"values": ["1 B"], "order": "cycle"}),
    ],
)
def test_every_distribution_is_read_and_written(text: str, distribution: Any, canonical: object) -> None:
    quantity, problems = read(text)
    assert problems == []
    assert quantity == Quantity(distribution, least=1)
    assert written(SizeDistribution, quantity) == canonical
    assert read(flow(canonical)) == (quantity, [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("many", f'1:1: size: expected {A_SIZE}, got "many"'),
        ("[]", f"1:1: size: expected {A_SIZE}, got a list"),
        ("{}", f"1:1: size: expected one of {WORDS}, got none of them"),
        ("{weights: [1]}", f"1:1: size: expected one of {WORDS}, got none of them"),
        ("{choice: [1], uniform: {from: 1, to: 2}}", f"1:1: size: expected one of {WORDS}, got uniform and choice"),
        ("{uniform: {from: 5 MiB, to: 4 MiB}}", '1:29: size.uniform.to: expected a size from 5 MiB on, got "4 MiB"'),
        ("{uniform: {from: 5 MiB}}", "1:11: size.uniform.to: expected a value, got nothing"),
        ("{uniform: 5 MiB}", '1:11: size.uniform: expected a mapping, got "5 MiB"'),
        (
            "{normal: {mean: 1, deviation: 1, min: 3, max: 2}}",
            "1:47: size.normal.max: expected a size from 3 B on, got 2",
        ),
        ("{normal: {mean: 1, deviation: wide}}", f'1:31: size.normal.deviation: expected {A_SIZE}, got "wide"'),
        ("{lognormal: {median: 0}}", "1:22: size.lognormal.median: expected a size above 0 B, got 0"),
        ("{lognormal: {median: 1, sigma: 5.5}}", "1:32: size.lognormal.sigma: expected a number from 0 to 5, got 5.5"),
        ("{pareto: {least: 1, shape: 0}}", "1:28: size.pareto.shape: expected a number above 0 and at most 100, got 0"),
        ("{pareto: {least: 9, shape: 1, max: 8}}", "1:36: size.pareto.max: expected a size from 9 B on, got 8"),
        ("{exponential: soon}", f'1:15: size.exponential: expected {A_SIZE}, got "soon"'),
        ("{choice: []}", "1:10: size.choice: expected at least 1 of them, got 0"),
        ("{choice: [1, x]}", f'1:14: size.choice[1]: expected {A_SIZE}, got "x"'),
        ("{choice: [1, 2], weights: [1]}", "1:27: size.weights: expected 2 weights, one for each choice, got 1"),
        ("{choice: [1, 2], weights: [0, 0]}", "1:27: size.weights: expected a weight above 0, got none"),
        ("{choice: [1], weights: [-1]}", "1:25: size.weights[0]: expected a number from 0 to 1000000, got -1"),
        ("{choice: [1], order: cycle}", '1:22: size.order: expected nothing without "values", got "cycle"'),
        ("{values: [1], weights: [1]}", '1:24: size.weights: expected nothing without "choice", got a list'),
        ("{values: [1], order: sorted}", '1:22: size.order: expected one of random, cycle, got "sorted"'),
        ("{values: [1], column: x}", '1:23: size.column: expected nothing without "csv", got "x"'),
        ("{csv: sizes.csv, column: size}", "1:7: size.csv: expected a file that has been read, got none"),
    ],
)
def test_what_is_no_distribution_is_told_with_what_would_be_one(text: str, said: str) -> None:
    assert [problem.partition(" (did you")[0] for problem in read(text)[1]] == [said]


def test_a_word_that_is_near_is_a_hint_and_the_only_problem() -> None:
    (problem,) = read("{lognorml: {median: 1}}")[1]
    assert problem.endswith('got "lognorml" (did you mean "lognormal"?)')


def test_problems_are_in_the_unit() -> None:
    (problem,) = read("{uniform: {from: 90s, to: 1m}}", DurationDistribution)[1]
    assert problem.endswith('expected a duration from 1m30s on, got "1m"')
    (problem,) = read("{uniform: {from: 2.5, to: 1}}", NumberDistribution)[1]
    assert problem.endswith("expected a number from 2.5 on, got 1")


def test_a_list_may_be_as_long_as_a_day_of_seconds_and_not_without_end() -> None:
    assert read(f"{{values: [{'1, ' * (VALUES_MAX - 1)}1]}}")[1] == []
    (problem,) = read(f"{{values: [{'1, ' * VALUES_MAX}1]}}")[1]
    assert problem == f"1:10: size.values: expected at most {VALUES_MAX} of them, got {VALUES_MAX + 1}"


def test_whole_values_are_rounded_bounded_and_at_least_one_byte() -> None:
    sampler = read("{uniform: {from: 0, to: 3}}")[0].sampler()
    drawn = [sampler.draw_whole(Stream(seed, "test")) for seed in range(200)]
    assert set(drawn) == {1, 2, 3}
    assert all(type(value) is int for value in drawn)


def test_values_as_they_come_are_not_rounded() -> None:
    sampler = read("{uniform: {from: 0, to: 1}}", NumberDistribution)[0].sampler()
    assert 0 < sampler.draw(Stream(1, "test")) < 1


def test_sizes_are_spread_around_their_median() -> None:
    sampler = read("{lognormal: {median: 10000, sigma: 1.5, max: 50000}}")[0].sampler()
    chance = Stream(1, "test")
    drawn = [sampler.draw_whole(chance) for _ in range(4_000)]
    assert median(drawn) == pytest.approx(10_000, rel=0.1)
    assert max(drawn) == 50_000


def test_a_duration_that_is_exponential_has_its_mean() -> None:
    sampler = read("{exponential: 45s}", DurationDistribution)[0].sampler()
    chance = Stream(1, "test")
    assert mean(sampler.draw_whole(chance) for _ in range(8_000)) == pytest.approx(45_000_000, rel=0.05)


def test_who_goes_through_a_list_goes_on_where_it_was_and_disturbs_nobody() -> None:
    quantity, _ = read("{values: [1, 2, 3], order: cycle}")
    chance = Stream(1, "test")
    one, other = quantity.sampler(), quantity.sampler()
    assert [one.draw_whole(chance) for _ in range(2)] == [1, 2]
    copy = pickle.loads(pickle.dumps(one))
    for sampler in (one, copy):
        assert [sampler.draw_whole(chance) for _ in range(2)] == [3, 1]
    assert other.draw_whole(chance) == 1


def test_a_quantity_is_a_value() -> None:
    quantity, again = (read("{choice: [1, 2], weights: [1, 2]}")[0] for _ in range(2))
    quantity.sampler().draw(Stream(1, "test"))
    assert quantity == again
    assert hash(quantity) == hash(again)
    assert pickle.loads(pickle.dumps(quantity)) == quantity
    with pytest.raises(AttributeError):
        quantity.least = 2


def test_its_notation_has_a_name() -> None:
    own = notes(SizeDistribution).own
    assert own is not None
    assert own.label == "size or distribution"


scalars = st.one_of(
    st.sampled_from(["2 MiB", "45s", "1m", "0s", "x", "", "5%", "1/s"]),
    st.integers(-5, 10**18),
    st.floats(-1, 1e6).map(lambda value: round(value, 6)),
    st.booleans(),
    st.none(),
)
keys = st.sampled_from(
    ["from", "to", "mean", "deviation", "min", "max", "median", "sigma", "least", "shape", "weights", "order", "else"]
)
shapes = st.one_of(scalars, st.dictionaries(keys, scalars, max_size=4), st.lists(scalars, max_size=4))
mappings = st.dictionaries(
    st.sampled_from([*WORDS.split(", "), "weights", "order", "csv", "column", "else"]), shapes, max_size=2
)
VALIDATOR = Draft202012Validator(json_schema(Holder, title="holder"))


@given(st.sampled_from(["size", "duration", "number"]), st.one_of(shapes, mappings))
def test_anything_is_read_or_refused_and_what_is_read_can_be_drawn_and_is_in_the_schema(key: str, value: Any) -> None:
    kind = {"size": SizeDistribution, "duration": DurationDistribution, "number": NumberDistribution}[key]
    reader = Reader("f.yaml")
    quantity = reader.read(parse(flow(value), "f.yaml"), kind, key)
    assert (quantity is INVALID) == bool(reader.problems)
    if quantity is INVALID:
        return
    sampler, chance = quantity.sampler(), Stream(1, "test")
    assert all(quantity.least <= sampler.draw_whole(chance) <= INTEGER_MAX for _ in range(20))
    whole = {"size": 1, "duration": "1s", "number": 1} | {key: value}
    assert VALIDATOR.is_valid(json.loads(json.dumps(whole)))


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        node = parse(text, "f.yaml")
    except InputError:
        return
    reader = Reader("f.yaml")
    quantity = reader.read(node, SizeDistribution, "size")
    assert (quantity is INVALID) == bool(reader.problems)
