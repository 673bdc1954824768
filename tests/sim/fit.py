"""Does a sample come from a distribution? The two classical tests, by hand.

Streams are seeded, so a test that passes always passes. The bounds are those that one honest sample in a thousand
exceeds.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")


def fits(values: Iterable[float], distribution: Callable[[float], float]) -> bool:
    """Whether values are spread as a continuous distribution says (Kolmogorov and Smirnov)."""
    return distance(values, distribution) < 1.949


def distance(values: Iterable[float], distribution: Callable[[float], float]) -> float:
    """How far the share of values up to x lies from the distribution at most, times the root of their number."""
    shares = [distribution(value) for value in sorted(values)]
    number = len(shares)
    farthest = max(max((place + 1) / number - share, share - place / number) for place, share in enumerate(shares))
    return farthest * math.sqrt(number)


def is_as_often_as(counts: Mapping[T, int], weights: Mapping[T, float]) -> bool:
    """Whether things were counted as often as their weights say (Pearson's chi-square)."""
    total, weight = sum(counts.values()), math.fsum(weights.values())
    assert set(counts) <= set(weights), "something was counted that has no weight"
    expected = {thing: share * total / weight for thing, share in weights.items()}
    assert min(expected.values()) >= 5, "too few to be judged"
    square = math.fsum((counts.get(thing, 0) - mean) ** 2 / mean for thing, mean in expected.items())
    freedom = len(expected) - 1
    spread = 2 / (9 * freedom)
    return square < freedom * (1 - spread + 3.09 * math.sqrt(spread)) ** 3  # Wilson and Hilferty


def is_about(values: Iterable[float], mean: float, deviation: float) -> bool:
    """Whether the average of values lies within four standard errors of a mean."""
    sample = list(values)
    return abs(math.fsum(sample) / len(sample) - mean) < 4 * deviation / math.sqrt(len(sample))
