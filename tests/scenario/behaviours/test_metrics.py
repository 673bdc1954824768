"""The network is measured every so often, behind all else of the same instant."""

from typing import Any

from pvws.wire.events import FileUploaded, NetworkMetrics, PerformanceMetrics, StorageMetrics, SystemMetrics

SECOND = 1_000_000
KINDS = (SystemMetrics, StorageMetrics, NetworkMetrics, PerformanceMetrics)


def test_all_four_kinds_are_told_every_so_often(rehearsal: Any) -> None:
    told = rehearsal().add("metrics: {every: 2s}").told(7 * SECOND)
    assert [(at, type(payload)) for at, payload in told] == [
        (second * SECOND, kind) for second in (2, 4, 6) for kind in KINDS
    ]


def test_kinds_may_be_chosen_and_ordered(rehearsal: Any) -> None:
    told = rehearsal().add("metrics: {every: 1s, kinds: [network_metrics, system_metrics]}").told(SECOND)
    assert [type(payload) for _, payload in told] == [NetworkMetrics, SystemMetrics]


def test_any_period_is_kept_to_the_microsecond(rehearsal: Any) -> None:
    for micros in (1, 7, 333_333, 1_000_003):
        told = rehearsal().add(f"metrics: {{every: {micros}us, kinds: [system_metrics]}}").told(100 * micros)
        assert [at for at, _ in told] == [micros * number for number in range(1, 101)]


def test_what_happens_at_the_same_instant_is_measured(rehearsal: Any) -> None:
    play = rehearsal().add("metrics: {every: 1s}\nuploads: {rate: 1/s, arrivals: fixed, size: 100}")
    told = [payload for _, payload in play.told(SECOND)]
    assert isinstance(told[0], FileUploaded)
    assert isinstance(told[1], SystemMetrics)
    assert told[1].storage.used_space == 100


def test_each_has_a_window_of_its_own(rehearsal: Any) -> None:
    play = rehearsal(peers=1).add("""
        uploads: {rate: 10/s, arrivals: fixed, size: 1, until: 3s}
        metrics: {every: 1s, kinds: [system_metrics]}
        slow: {kind: metrics, every: 4s, kinds: [performance_metrics]}
    """)
    told = play.told(4 * SECOND, (SystemMetrics, PerformanceMetrics))
    rates = [each.performance.requests_per_second for _, each in told if isinstance(each, SystemMetrics)]
    assert rates == [10, 10, 10, 0]
    assert [each.requests_per_second for _, each in told if isinstance(each, PerformanceMetrics)] == [30 / 4]


def test_the_first_window_begins_when_measuring_does(rehearsal: Any) -> None:
    play = rehearsal(peers=1).add("""
        uploads: {rate: 10/s, arrivals: fixed, size: 1, from: 10s}
        metrics: {every: 1s, kinds: [system_metrics], from: 10s, until: 12s}
    """)
    told = play.told(20 * SECOND, SystemMetrics)
    assert [at for at, _ in told] == [11 * SECOND, 12 * SECOND]
    assert told[0][1].performance.requests_per_second == 10


def test_they_can_be_sped_up(rehearsal: Any) -> None:
    play = rehearsal().add("metrics: {every: 1s, kinds: [system_metrics]}")
    play.behaviours["metrics"].set_factor(2)
    assert [at for at, _ in play.told(2 * SECOND)] == [500_000, 1_000_000, 1_500_000, 2_000_000]
