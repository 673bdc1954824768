"""Peers go and come back, and one always stays."""

from statistics import mean
from typing import Any

import pytest

from pvws.scenario.behaviours.churn import Churn
from pvws.wire.events import PeerConnected, PeerDisconnected

SECOND = 1_000_000


def test_every_peer_that_goes_comes_back(rehearsal: Any) -> None:
    play = rehearsal(peers=10)
    Churn(1.0, "fixed", downtime=2 * SECOND).begin("c", play)
    away = set()
    for _, payload in play.told(100 * SECOND):
        if isinstance(payload, PeerDisconnected):
            assert payload.id not in away
            away.add(payload.id)
        elif isinstance(payload, PeerConnected):
            away.remove(payload.id)
    assert len(away) == 10 - len(play.peers()) < 10


def test_peers_leave_at_even_times_if_so_asked(rehearsal: Any) -> None:
    play = rehearsal(peers=10)
    Churn(0.5, "fixed", downtime=SECOND).begin("c", play)
    left = [at for at, payload in play.told(20 * SECOND) if isinstance(payload, PeerDisconnected)]
    assert left == [2 * SECOND * number for number in range(1, 11)]


def test_they_are_away_for_the_downtime_on_average(rehearsal: Any) -> None:
    play = rehearsal(peers=50)
    Churn(2.0, downtime=3 * SECOND).begin("c", play)
    left: dict[str, int] = {}
    downtimes = []
    for at, payload in play.told(500 * SECOND):
        if isinstance(payload, PeerDisconnected):
            left[payload.id] = at
        elif isinstance(payload, PeerConnected):
            downtimes.append(at - left.pop(payload.id))
    assert len(downtimes) == pytest.approx(1_000, rel=0.1)
    assert mean(downtimes) == pytest.approx(3 * SECOND, rel=0.1)


@pytest.mark.parametrize("peers", [0, 1, 2])
def test_one_peer_always_stays(peers: int, rehearsal: Any) -> None:
    play = rehearsal(peers=peers)
    Churn(10.0, downtime=60 * SECOND).begin("c", play)
    play.told(60 * SECOND)
    assert len(play.peers()) >= min(peers, 1)


def test_without_downtime_they_are_back_at_once(rehearsal: Any) -> None:
    play = rehearsal(peers=3)
    Churn(1.0, "fixed", downtime=0).begin("c", play)
    told = [(at, type(payload)) for at, payload in play.told(SECOND + 1)]
    assert told == [(SECOND, PeerDisconnected), (SECOND + 1, PeerConnected)]


def test_all_reasons_of_a_peer_s_own_occur(rehearsal: Any) -> None:
    play = rehearsal(peers=5)
    Churn(5.0, downtime=SECOND).begin("c", play)
    reasons = {payload.reason for _, payload in play.told(20 * SECOND) if isinstance(payload, PeerDisconnected)}
    assert reasons == {"timeout", "shutdown", "network_error"}


def test_rate_zero_is_never(rehearsal: Any) -> None:
    play = rehearsal()
    Churn(0.0).begin("c", play)
    assert play.kernel.peek() is None
