"""Whole values: the same as one by one, and what a copy goes on with."""

import pickle
from typing import Any

import pytest
from msgspec.structs import replace

from pvws.sim.chance import Stream
from pvws.sim.distributions import Lognormal, draw_whole, fresh
from pvws.sim.wholes import Wholes
from tests.sim.test_distributions import EVERY


@pytest.mark.parametrize("bounds", [{}, {"min": 2.5}, {"max": 6.0}, {"min": 3.0, "max": 5.0}])
@pytest.mark.parametrize("distribution", EVERY)
def test_they_are_the_same_as_one_by_one(distribution: Any, bounds: dict[str, float]) -> None:
    bounded = replace(distribution, **bounds)
    wholes, chance, one = Wholes(bounded, Stream(7, "whole"), 4), Stream(7, "whole"), fresh(bounded)
    assert [wholes.next() for _ in range(200)] == [draw_whole(one, chance, 4) for _ in range(200)]


def test_wholes_that_were_put_away_go_on_where_they_were() -> None:
    wholes = Wholes(Lognormal(1e6, 2.0), Stream(7, "test"), 1)
    wholes.next()
    copy = pickle.loads(pickle.dumps(wholes))
    assert [copy.next() for _ in range(200)] == [wholes.next() for _ in range(200)]
