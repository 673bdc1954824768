"""Peers go and come back, at a rate."""

from statistics import mean
from typing import Any

import pytest

from pvws.wire.events import PeerConnected, PeerDisconnected

SECOND = 1_000_000
BOTH = (PeerConnected, PeerDisconnected)


def departures(play: Any, until: int) -> list[tuple[int, PeerDisconnected]]:
    return play.told(until, PeerDisconnected)  # type: ignore[no-any-return]


def test_every_peer_that_goes_comes_back(rehearsal: Any) -> None:
    play = rehearsal(peers=10).add("churn: {rate: 1/s, downtime: {exponential: 2s}}")
    away = set()
    for _, payload in play.told(100 * SECOND, BOTH):
        if isinstance(payload, PeerDisconnected):
            assert payload.id not in away
            away.add(payload.id)
        else:
            away.remove(payload.id)
    assert len(away) == 10 - len(play.peers()) < 10


def test_peers_go_at_the_times_that_were_asked_for(rehearsal: Any) -> None:
    play = rehearsal(peers=10).add("churn: {rate: 0.5/s, arrivals: fixed, downtime: 1s}")
    told = play.told(20 * SECOND, BOTH)
    assert [at for at, payload in told if isinstance(payload, PeerDisconnected)] == [
        2 * SECOND * number for number in range(1, 11)
    ]
    assert [at for at, payload in told if isinstance(payload, PeerConnected)] == [
        2 * SECOND * number + SECOND for number in range(1, 10)
    ]


def test_they_are_away_for_the_downtime_on_average(rehearsal: Any) -> None:
    play = rehearsal(peers=50).add("churn: {rate: 2/s, downtime: {exponential: 3s}}")
    left: dict[str, int] = {}
    downtimes = []
    for at, payload in play.told(500 * SECOND, BOTH):
        if isinstance(payload, PeerDisconnected):
            left[payload.id] = at
        else:
            downtimes.append(at - left.pop(payload.id))
    assert len(downtimes) == pytest.approx(1_000, rel=0.1)
    assert mean(downtimes) == pytest.approx(3 * SECOND, rel=0.1)


@pytest.mark.parametrize("peers", [0, 1, 2])
def test_one_peer_always_stays(peers: int, rehearsal: Any) -> None:
    play = rehearsal(peers=peers).add("churn: {rate: 10/s, downtime: 60s}")
    play.told(60 * SECOND)
    assert len(play.peers()) >= min(peers, 1)


def test_as_many_stay_as_the_script_says(rehearsal: Any) -> None:
    play = rehearsal(peers=6).add("churn: {rate: 10/s, downtime: 60s, least: 4, crash: 50%}")
    for second in range(1, 60):
        play.told(second * SECOND)
        assert len(play.peers()) >= 4
    none = rehearsal(peers=6).add("churn: {rate: 10/s, downtime: 60s, least: 0}")
    none.told(30 * SECOND)
    assert none.peers() == []


def test_without_downtime_they_are_back_at_once(rehearsal: Any) -> None:
    told = rehearsal(peers=3).add("churn: {rate: 1/s, arrivals: fixed, downtime: 0s}").told(SECOND + 1, BOTH)
    assert [(at, type(payload)) for at, payload in told] == [(SECOND, PeerDisconnected), (SECOND + 1, PeerConnected)]


def test_all_reasons_of_a_peer_s_own_occur_unless_the_script_says(rehearsal: Any) -> None:
    play = rehearsal(peers=5).add("churn: {rate: 5/s, downtime: 1s}")
    assert {payload.reason for _, payload in departures(play, 20 * SECOND)} == {"timeout", "shutdown", "network_error"}
    play = rehearsal(peers=5).add("churn: {rate: 5/s, downtime: 1s, reasons: evicted}")
    assert {payload.reason for _, payload in departures(play, 20 * SECOND)} == {"evicted"}


def test_peers_that_crash_are_told_of_by_their_heartbeats_alone(rehearsal: Any) -> None:
    play = rehearsal(peers=8).add("churn: {rate: 0.1/s, arrivals: fixed, downtime: 120s, crash: 100%, until: 30s}")
    told = departures(play, 90 * SECOND)
    assert [payload.reason for _, payload in told] == ["timeout"] * 3
    assert all(15 * SECOND < at - gone <= 30 * SECOND for (at, _), gone in zip(told, (10e6, 20e6, 30e6), strict=True))


def test_newcomers_keep_the_network_as_large_as_it_is(rehearsal: Any) -> None:
    play = rehearsal(peers=10).add("churn: {rate: 1/s, downtime: 1s, newcomers: 50%}")
    play.told(120 * SECOND)
    assert len(play.peers()) >= 7
    assert len(play.world.peers) == pytest.approx(10 + 60, abs=20)


def test_who_is_here_moves_no_time_and_no_downtime(rehearsal: Any) -> None:
    script = "churn: {rate: 1/s, downtime: {exponential: 2s}, crash: 0%, reasons: {timeout: 1, shutdown: 1}}"
    few, many = (
        [(at, each.reason) for at, each in departures(rehearsal(peers=peers).add(script), 60 * SECOND)]
        for peers in (2, 40)
    )
    assert len(few) < len(many)
    assert set(few) <= set(many)
