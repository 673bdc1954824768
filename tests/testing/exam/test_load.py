from collections import Counter

from pvws.testing.exam.load import CASES
from pvws.wire.topics import TOPICS
from tests.support.playing import START, director_of, events

BY_ID = {case.id: case for case in CASES}


def test_the_load_is_as_large_as_is_said() -> None:
    burst = events(director_of(BY_ID["load.burst"].scenario()))
    assert Counter(event.topic for event in burst) == dict.fromkeys(TOPICS, 500)
    assert max(event.at for event in burst) - START < 1_200_000
    steady = events(director_of(BY_ID["load.steady-stream"].scenario()))
    assert Counter(event.topic for event in steady) == dict.fromkeys(TOPICS, 200)
    assert max(event.at for event in steady) - min(event.at for event in steady) == 1_990_000


def test_penalties_are_short_and_begin_before_anybody_comes() -> None:
    for name in ("load.retry-after", "load.subscribes-after-penalty"):
        (step,) = BY_ID[name].scenario().timeline
        assert step.trigger.at == 0  # type: ignore[union-attr]
        assert BY_ID[name].begin == "handshake"
