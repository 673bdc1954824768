"""The watch: figures are looked at when they may have crossed a threshold, and alerts tell the crossings."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pvws.limits import ALERT_PEERS_MAX
from pvws.sim.kernel import Kernel
from pvws.world.alerts import DEFAULT_THRESHOLDS, METRICS, Thresholds
from pvws.world.entities import Peer
from pvws.world.herald import Herald
from pvws.world.watch import Watch
from tests.world.stagehand import QUARTERS, SECOND, START, new_peer


class Lookout:
    """A watch of its own, and what it tells."""

    def __init__(self, **thresholds: Thresholds) -> None:
        self.kernel = Kernel(START)
        self.herald = Herald(self.kernel)
        self.watch = Watch(self.kernel, self.herald, thresholds)

    def told(self) -> list[Any]:
        """The alerts since the last question."""
        told = list(self.herald.outbox)
        self.herald.outbox.clear()
        return told


def levels(told: list[Any]) -> list[str]:
    return [alert.level for alert in told]


def test_storage_alarms_exactly_at_its_thresholds_and_is_well_below_the_last() -> None:
    lookout = Lookout(storage_usage=QUARTERS)
    told = []
    for used in (499, 500, 749, 750, 1_000, 500, 250, 249, 400):
        lookout.watch.storage(used, 1_000)
        told.append(levels(lookout.told()))
    assert told == [[], ["warning"], [], ["critical"], [], [], [], ["info"], []]


def test_an_alert_says_all_that_the_contract_asks_for() -> None:
    lookout = Lookout(storage_usage=QUARTERS)
    lookout.watch.storage(600, 1_000)
    (alert,) = lookout.told()
    assert (alert.level, alert.metric, alert.value, alert.threshold) == ("warning", "storage_usage", 60.0, 50)
    assert alert.message == "Storage usage is 60%, at or above 50%"
    assert alert.timestamp.text == "2024-01-01T00:00:00.000Z"


def test_the_storage_of_a_peer_is_another_figure_than_that_of_the_network() -> None:
    lookout, peer = Lookout(storage_usage=QUARTERS, peer_storage_usage=QUARTERS), new_peer(0, "anna", capacity=1_000)
    peer.room = 400
    lookout.watch.peer(peer)
    lookout.watch.storage(600, 10_000)
    (alert,) = lookout.told()
    assert (alert.node, alert.metric, alert.value) == (peer.id, "storage_usage", 60.0)
    assert alert.message == "Storage usage of anna is 60%, at or above 50%"
    assert lookout.watch.uncleared() == [("storage_usage", "warning", 0)]


def test_without_thresholds_or_space_nothing_alarms() -> None:
    lookout, peer = Lookout(), new_peer(0, capacity=10)
    peer.room = 0
    lookout.watch.peer(peer)
    lookout.watch.storage(10, 10)
    lookout.watch.performance({"cpu_usage": 100.0})
    lookout.watch.reach(9, 10, list)
    lookout.watch.incident("auth_failure", "10.0.0.1", 1_000)
    assert lookout.told() == []
    empty = Lookout(storage_usage=QUARTERS, peer_storage_usage=QUARTERS)
    empty.watch.storage(0, 0)
    empty.watch.peer(new_peer(0, capacity=0))
    assert empty.told() == []


@pytest.mark.parametrize(
    ("used", "total", "message"),
    [
        (94_999_999, 100_000_000, "Storage usage is 94.999999%, below 95%"),
        (2_499, 10_000, "Storage usage is 24.99%, below 95%"),
    ],
)
def test_a_message_never_contradicts_itself_by_rounding(used: int, total: int, message: str) -> None:
    lookout = Lookout(storage_usage=Thresholds(warning=95, critical=95, clear=95))
    lookout.watch.storage(total, total)
    lookout.watch.storage(used, total)
    assert lookout.told()[-1].message == message


# The short cut: between `low` and `high` nobody looks


def percentages() -> st.SearchStrategy[Thresholds]:
    """Thresholds as a script may give them, with any number of decimals."""
    figure = st.one_of(st.integers(0, 100).map(float), st.decimals(0, 100, places=2).map(float), st.floats(0, 100))
    return (
        st.lists(figure, min_size=3, max_size=3).map(sorted).map(lambda three: Thresholds(three[1], three[2], three[0]))
    )


@st.composite
def usages(draw: st.DrawFn) -> tuple[Thresholds, int, list[int]]:
    """Thresholds, a total, and figures of which many lie just beside a threshold."""
    thresholds, total = draw(percentages()), draw(st.integers(1, 2**45))
    edges = [int(total * each / 100) for each in (thresholds.clear, thresholds.warning, thresholds.critical)]
    near = st.tuples(st.sampled_from(edges), st.integers(-4, 4), st.sampled_from([1, 10**3, 10**6, 10**9]))
    beside = near.map(lambda drawn: min(total, max(0, drawn[0] + drawn[1] * drawn[2] * total // 2**45 + drawn[1])))
    return thresholds, total, draw(st.lists(st.one_of(beside, st.integers(0, total)), max_size=12))


ROUNDED_UP = (Thresholds(warning=80, critical=95, clear=75), 10**12, [800_000_000_000 - 4_000, 950_000_000_000 - 4_000])
"""Both are 4e-7 percent below a threshold: rounded to six decimals they are there."""


@given(usages())
@example(ROUNDED_UP)
@example((Thresholds(50, 60, 40.0000004), 10**12, [500_000_000_000, 400_000_003_500]))
def test_no_crossing_of_the_network_is_missed_by_looking_only_when_it_may_be_one(
    drawn: tuple[Thresholds, int, list[int]],
) -> None:
    thresholds, total, figures = drawn
    always, seldom = Lookout(storage_usage=thresholds), Lookout(storage_usage=thresholds)
    seldom.watch.storage(0, total)
    always.watch.storage(0, total)
    for used in figures:
        always.watch.storage(used, total)
        if used >= seldom.watch.high or used < seldom.watch.low:
            seldom.watch.storage(used, total)
        assert seldom.told() == always.told()


@given(usages())
@example(ROUNDED_UP)
def test_no_crossing_of_a_peer_is_missed_by_looking_only_when_it_may_be_one(
    drawn: tuple[Thresholds, int, list[int]],
) -> None:
    thresholds, total, figures = drawn
    always, seldom = Lookout(peer_storage_usage=thresholds), Lookout(peer_storage_usage=thresholds)
    one, other = new_peer(0, capacity=total), new_peer(0, capacity=total)
    always.watch.peer(one)
    seldom.watch.peer(other)
    for used in figures:
        one.room = other.room = total - used
        always.watch.peer(one)
        if used >= other.high or used < other.low:
            seldom.watch.peer(other)
        assert seldom.told() == always.told()


def test_before_there_is_any_space_nothing_deserves_a_look() -> None:
    watch = Lookout(storage_usage=QUARTERS).watch
    assert watch.low <= 0 < 2**53 <= watch.high


def test_in_a_calm_network_nobody_looks() -> None:
    lookout = Lookout(storage_usage=DEFAULT_THRESHOLDS["storage_usage"])
    lookout.watch.storage(0, 10**12)
    assert lookout.watch.low < 0
    assert 0.79 * 10**12 < lookout.watch.high <= 0.8 * 10**12
    lookout.watch.storage(96 * 10**10, 10**12)
    assert 0.75 * 10**12 <= lookout.watch.low < 0.76 * 10**12
    assert lookout.watch.high > 10**15


# The other figures


@pytest.mark.parametrize("name", ["memory_usage", "cpu_usage", "response_time", "error_rate"])
def test_every_figure_of_performance_has_its_alerts_life(name: str) -> None:
    limits = DEFAULT_THRESHOLDS[name]
    lookout, told = Lookout(**DEFAULT_THRESHOLDS), []
    for value in (limits.clear, limits.warning, limits.clear, limits.critical, limits.warning, limits.clear / 2, 0.0):
        lookout.watch.performance({name: value})
        alerts = lookout.told()
        told.append(levels(alerts))
        assert all((alert.metric, alert.value, alert.type) == (name, value, "performance_alert") for alert in alerts)
    assert told == [[], ["warning"], [], ["critical"], [], ["info"], []]


def test_figures_are_told_in_words_with_their_unit() -> None:
    lookout = Lookout(**DEFAULT_THRESHOLDS)
    lookout.watch.performance({"response_time": 0.75, "error_rate": 0.1, "cpu_usage": 81.25})
    assert [alert.message for alert in lookout.told()] == [
        "Average response time is 0.75 s, at or above 0.5 s",
        "Error rate is 0.1, at or above 0.05",
        "CPU usage is 81.25%, at or above 80%",
    ]


def test_the_share_of_missing_peers_alarms_and_says_who_they_are() -> None:
    lookout, peers = Lookout(**DEFAULT_THRESHOLDS), [new_peer(number) for number in range(10)]
    asked: list[int] = []

    def who(number: int) -> list[Peer]:
        asked.append(number)
        return peers[:number]

    told = []
    for missing in (2, 3, 4, 5, 1, 0):
        lookout.watch.reach(missing, 10, lambda missing=missing: who(missing))
        told += lookout.told()
    assert levels(told) == ["warning", "critical", "info"]
    assert [alert.value for alert in told] == [30, 50, 0]
    assert [alert.peers for alert in told] == [[peer.id for peer in peers[:number]] for number in (3, 5, 0)]
    assert asked == [3, 5, 0], "they are looked for only when they are told"


def test_an_alert_names_so_many_peers_and_no_more() -> None:
    lookout, peers = Lookout(**DEFAULT_THRESHOLDS), [new_peer(number) for number in range(ALERT_PEERS_MAX + 50)]
    lookout.watch.reach(len(peers), 1_000, lambda: peers)
    lookout.watch.reach(len(peers), 200, lambda: peers)
    (alert,) = lookout.told()
    assert alert.peers == [peer.id for peer in peers[:ALERT_PEERS_MAX]]


def test_a_network_of_nobody_misses_nobody() -> None:
    lookout = Lookout(**DEFAULT_THRESHOLDS)
    lookout.watch.reach(0, 0, list)
    assert lookout.told() == []


@pytest.mark.parametrize("category", ["auth_failure", "unknown_peer", "integrity_violation", "rate_abuse"])
def test_incidents_alarm_by_their_number_within_a_minute_and_are_forgotten(category: Any) -> None:
    limits = METRICS[category].thresholds
    lookout = Lookout(**DEFAULT_THRESHOLDS)
    lookout.watch.incident(category, "10.0.0.1", int(limits.warning))
    lookout.kernel.run(START + 30 * SECOND)
    lookout.watch.incident(category, "10.0.0.2", int(limits.critical - limits.warning))
    told = lookout.told()
    assert [(alert.level, alert.source, alert.category) for alert in told] == [
        ("warning", "10.0.0.1", category),
        ("critical", "10.0.0.2", category),
    ]
    lookout.kernel.run(START + 90 * SECOND - 1)
    assert lookout.told() == []
    assert lookout.watch.uncleared() == [(category, "critical", None)]
    lookout.kernel.run(START + 90 * SECOND)
    assert levels(lookout.told()) == ["info"]
    assert lookout.watch.uncleared() == []
    assert lookout.kernel.peek() is None


def test_incidents_of_one_kind_are_none_of_another() -> None:
    lookout = Lookout(**DEFAULT_THRESHOLDS)
    lookout.watch.incident("auth_failure", "10.0.0.1", 4)
    lookout.watch.incident("rate_abuse", "10.0.0.1", 4)
    assert lookout.told() == []
    assert [lookout.watch.incidents(each) for each in ("auth_failure", "rate_abuse", "unknown_peer")] == [4, 4, 0]


@pytest.mark.parametrize(("source", "written"), [("10.100.200.254", "10.100.200.254"), ("a" * 64, "aaaaaaaa…")])
def test_a_message_shortens_the_id_of_a_peer_and_no_address(source: str, written: str) -> None:
    lookout = Lookout(**DEFAULT_THRESHOLDS)
    lookout.watch.incident("unknown_peer", source, 1)
    (alert,) = lookout.told()
    assert alert.message == f"Unknown peers in a minute, latest from {written} is 1, at or above 1"
    assert alert.source == source
