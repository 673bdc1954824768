"""A director without a story: a network without peers, in which nothing happens but what a controller has it do."""

from collections.abc import Sequence

from pvws.scenario.director import Director
from pvws.scenario.schema import Network, Scenario
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Input, Order
from pvws.timestamp import LAST_INSTANT

__all__ = ["nobody"]

_STORY = Scenario(scenario="nothing", network=Network(peers=0))


def nobody(start: Instant, inputs: Sequence[Input] = ()) -> Director:
    """One from an instant on, until the calendar ends."""
    director = Director(_STORY, start=start, seed=0, duration=LAST_INSTANT - start)
    director.take(start, 1)
    for each in inputs:
        if isinstance(each, Order):
            director.order(each)
        elif isinstance(each, ClientInput):
            director.tell(each)
    return director
