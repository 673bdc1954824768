"""The metrics: read off the world, by each reader for itself."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.world.alerts import DEFAULT_THRESHOLDS
from pvws.world.metrics import METRICS_KINDS, figures, measure
from pvws.world.reading import Reading, Window
from tests.world.stagehand import MEBIBYTE, SECOND, Stagehand


def test_metrics_are_what_is_there_and_what_has_happened() -> None:
    hand = Stagehand(replication=2)
    reading = hand.world.reading()
    hand.peers(3, latency=5_000)
    hand.upload("f")
    hand.upload("g")
    hand.passes(10 * SECOND)
    hand.told()
    measure(hand.world, reading)
    system, storage, network, performance = hand.told()
    space = {"totalSpace": 192 * MEBIBYTE, "usedSpace": 4 * MEBIBYTE, "availableSpace": 188 * MEBIBYTE}
    assert system["storage"] == space
    assert {name: storage[name] for name in space} == space
    assert (storage["fileCount"], storage["replicationFactor"]) == (2, 2)
    assert system["network"] == {"activeConnections": 3, "totalBytesTransferred": 4 * MEBIBYTE}
    assert (network["activeConnections"], network["totalBytesTransferred"]) == (3, 4 * MEBIBYTE)
    assert (network["averageBandwidth"], network["errorRate"]) == (pytest.approx(4 * MEBIBYTE / 10), 0)
    assert system["performance"] == {"averageResponseTime": 0.01, "requestsPerSecond": 0.4}
    assert (performance["averageResponseTime"], performance["requestsPerSecond"]) == (0.01, 0.4)


def test_a_world_without_peers_has_metrics_too(hand: Stagehand) -> None:
    measure(hand.world, hand.world.reading())
    system, storage, network, performance = hand.told()
    assert set(system["storage"].values()) == {0}
    assert (storage["fileCount"], storage["replicationFactor"], network["activeConnections"]) == (0, 0, 0)
    assert (performance["memoryUsage"], performance["cpuUsage"]) == (18, 4)


@pytest.mark.parametrize("kinds", [(), ("storage_metrics",), METRICS_KINDS, METRICS_KINDS[::-1]])
def test_those_kinds_are_told_that_are_asked_for_in_that_order(hand: Stagehand, kinds: Any) -> None:
    measure(hand.world, hand.world.reading(), kinds)
    assert hand.kinds() == list(kinds)


def test_two_readings_do_not_disturb_each_other(hand: Stagehand) -> None:
    a = hand.peer("a")
    often, seldom = hand.world.reading(), hand.world.reading()
    for number in range(10):
        hand.upload(f"f{number}", node=a)
        hand.passes(SECOND)
        measure(hand.world, often, ("performance_metrics",))
    rates = [data["requestsPerSecond"] for data in hand.told("performance_metrics")]
    assert rates == [1] * 10
    measure(hand.world, seldom, ("performance_metrics",))
    assert hand.told("performance_metrics")[0]["requestsPerSecond"] == 1


def test_files_that_are_away_do_not_count() -> None:
    hand = Stagehand(replication=1)
    a, b = hand.peers(2)
    hand.upload("f", node=a)
    hand.upload("g", node=b)
    hand.leave(a)
    measure(hand.world, hand.world.reading(), ("storage_metrics",))
    (told,) = hand.told("storage_metrics")
    assert (told["fileCount"], told["replicationFactor"], told["usedSpace"]) == (1, 1, MEBIBYTE)


def judged(hand: Stagehand, reading: Reading, *, answered: int = 0, failed: int = 0) -> list[tuple[str, str, float]]:
    """The alerts after a second with so many requests, which took a second each: figure, level and value."""
    for _ in range(answered):
        hand.store.traffic.request(0, SECOND)
    for _ in range(failed):
        hand.store.traffic.failure()
    hand.passes(SECOND)
    measure(hand.world, reading)
    return [(alert["metric"], alert["level"], alert["value"]) for alert in hand.told("performance_alert")]


def test_what_the_metrics_say_is_judged_behind_them() -> None:
    hand = Stagehand(thresholds=DEFAULT_THRESHOLDS)
    reading = hand.world.reading()
    for _ in range(10):
        hand.store.traffic.failure()
    hand.passes(SECOND)
    measure(hand.world, reading)
    assert hand.kinds() == [*METRICS_KINDS, "performance_alert"]
    hand.store.traffic.request(0, 1)
    hand.passes(SECOND)
    measure(hand.world, reading, ("performance_metrics",))
    _, alert = hand.told()
    assert (alert["level"], alert["metric"], alert["value"]) == ("info", "error_rate", 0)


def test_a_few_requests_that_failed_alarm_nobody() -> None:
    hand = Stagehand(thresholds=DEFAULT_THRESHOLDS)
    reading = hand.world.reading()
    assert judged(hand, reading, failed=9) == []
    assert judged(hand, reading, failed=10) == [("error_rate", "critical", 1)]
    assert judged(hand, reading, answered=1, failed=8) == [("response_time", "warning", 1)]
    assert judged(hand, reading, answered=1) == [("error_rate", "info", 0)]


def test_what_nobody_answered_is_neither_fast_nor_slow() -> None:
    hand = Stagehand(thresholds=DEFAULT_THRESHOLDS)
    reading = hand.world.reading()
    assert judged(hand, reading, answered=1) == [("response_time", "warning", 1)]
    assert judged(hand, reading) == []
    assert judged(hand, reading, failed=1) == []
    hand.store.traffic.request(0, 1)
    assert judged(hand, reading) == [("response_time", "info", 1e-6)]


@given(
    st.integers(0, 3),
    st.floats(0, 1e12),
    st.floats(0, 1e9),
    st.integers(0, 64 * MEBIBYTE),
    st.integers(0, 500),
)
def test_figures_stay_within_their_ranges_and_rise_with_their_causes(
    peers: int, moved: float, asked: float, used: int, transfers: int
) -> None:
    hand = Stagehand(replication=1)
    for _ in range(peers):
        hand.peer()
    if peers:
        hand.store.used_space = used
        hand.store.transfers = transfers
    quiet, busy = figures(hand.world, Window(0, 0, 0, 0)), figures(hand.world, Window(asked, 0, moved, 0))
    assert 4 == quiet.cpu_usage <= busy.cpu_usage <= 100
    assert 18 <= quiet.memory_usage == busy.memory_usage <= 100


def test_what_is_stored_and_on_its_way_takes_memory() -> None:
    hand, nothing = Stagehand(replication=2), Window(0, 0, 0, 0)
    a, *_ = hand.peers(2)
    before = figures(hand.world, nothing).memory_usage
    hand.upload(node=a)
    under_way = figures(hand.world, nothing).memory_usage
    hand.passes(2 * SECOND)
    assert before < figures(hand.world, nothing).memory_usage < under_way
