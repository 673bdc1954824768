"""Logarithm and exponential of our own: as exact as they say, and the same everywhere."""

import math
from hashlib import sha256
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.sim.logarithm import exp, ln


@given(st.floats(min_value=5e-324, allow_infinity=False))
def test_ln_is_the_logarithm_within_its_stated_error(x: float) -> None:
    assert ln(x) == pytest.approx(math.log(x), rel=1e-14, abs=0)


@given(st.floats(-700, 700))
def test_exp_is_the_exponential_within_its_stated_error(x: float) -> None:
    assert exp(x) == pytest.approx(math.exp(x), rel=1e-13, abs=0)


def test_ln_is_as_exact_everywhere() -> None:
    chance = Random(1)
    values = [math.ldexp(0.5 + chance.random() / 2, chance.randrange(-1073, 1024)) for _ in range(20_000)]
    values += [1 + sign * 2.0**-power for power in range(1, 53) for sign in (-1, 1)]
    values += [5e-324, 2.2250738585072014e-308, 0.5, 0.7071067811865475, 0.7071067811865476, 2.0, math.e, 1.797e308]
    assert max(abs(ln(x) - math.log(x)) / abs(math.log(x)) for x in values) < 1e-14
    assert ln(1) == 0


def test_exp_is_as_exact_everywhere_and_more_so_than_it_promises() -> None:
    chance = Random(2)
    values = [chance.uniform(-700, 700) for _ in range(20_000)] + [chance.uniform(-1, 1) for _ in range(2_000)]
    values += [math.nextafter(step * math.log(2) / 128, to) for step in range(-999, 999, 2) for to in (-800, 800)]
    values += [-700, 700, 1, -1, 1e-300, 0.34657359027997264, -0.34657359027997264]
    assert max(abs(exp(x) - math.exp(x)) / math.exp(x) for x in values) < 1e-15
    assert exp(0) == 1


def test_both_have_the_same_bits_as_ever() -> None:
    # If this fails, every scenario in the world plays differently: that is a new major version.
    chance = Random(3)
    numbers = [chance.random() for _ in range(1_000)]
    values = [*(ln(1 - number) for number in numbers), *(exp(1400 * number - 700) for number in numbers)]
    digest = sha256("\n".join(value.hex() for value in values).encode()).hexdigest()
    assert digest == "03f65205b3f3c0b9f7b609b663c2cc68fb28cf1f06fd8096fa34c8a03acb158d"


@pytest.mark.parametrize("x", [701, -701, math.inf, math.nan])
def test_exp_outside_its_range_is_our_own_mistake(x: float) -> None:
    with pytest.raises(AssertionError):
        exp(x)


@pytest.mark.parametrize("x", [0.0, -1.0, math.nan])
def test_ln_of_what_is_not_positive_is_our_own_mistake(x: float) -> None:
    with pytest.raises(AssertionError):
        ln(x)
