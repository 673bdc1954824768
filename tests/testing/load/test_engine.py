from msgspec import structs

from pvws.scenario.director import Director
from pvws.scenario.schema import DEFAULT_START
from pvws.sim.source import Timed
from pvws.stage.shipped import find_scenario
from pvws.testing.load.engine import measure_engine

QUICKSTART = structs.replace(find_scenario("quickstart"), duration=10_000_000, start=None)


def test_what_is_made_is_what_the_scenario_has() -> None:
    director = Director(QUICKSTART, start=DEFAULT_START, seed=QUICKSTART.seed, duration=QUICKSTART.duration)
    events: list[Timed] = []
    while director.peek() is not None:
        events += [event for event in director.take(None, 256) if isinstance(event, Timed)]
    told: list[int] = []
    made = measure_engine(QUICKSTART, 60.0, lambda count, seconds: told.append(count))
    assert (made.scenario, made.events, made.ended) == ("quickstart", len(events), True)
    assert made.size == sum(len(event.text) for event in events)
    assert told[-1] == made.events
    assert 0 < made.played <= QUICKSTART.duration
    assert made.events_a_second > 0


def test_it_ends_after_its_time() -> None:
    made = measure_engine(find_scenario("firehose"), 0.001)
    assert not made.ended
    assert made.seconds >= 0.001
