"""The tests of fit see what does not fit: without that, no test that uses them could fail."""

import math
from collections import Counter

from pvws.sim.chance import Stream
from tests.sim.fit import fits, is_about, is_as_often_as

DRAWS = 20_000


def test_what_fits_passes_and_what_is_a_few_percent_off_does_not() -> None:
    stream = Stream(1, "fit")
    values = [-math.log(1 - stream.random()) for _ in range(DRAWS)]
    assert fits(values, lambda x: 1 - math.exp(-x))
    assert not fits(values, lambda x: 1 - math.exp(-x * 1.06))
    assert is_about(values, 1, 1)
    assert not is_about(values, 1.04, 1)


def test_counts_pass_with_their_own_weights_only() -> None:
    stream = Stream(1, "fit")
    counts = Counter(int(stream.random() * 10) for _ in range(DRAWS))
    assert is_as_often_as(counts, dict.fromkeys(range(10), 1))
    assert not is_as_often_as(counts, dict.fromkeys(range(10), 1) | {3: 1.15})


def test_counts_that_are_too_even_pass_for_they_may_be() -> None:
    assert is_as_often_as(dict.fromkeys(range(10), 100), dict.fromkeys(range(10), 1))
