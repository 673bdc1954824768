"""Peers get slower for a while, and their health shows it."""

from statistics import mean
from typing import Any

import pytest

from pvws.wire.events import PeerHealthChanged

SECOND = 1_000_000


def slow(play: Any) -> dict[str, float]:
    return {peer.name: peer.slowness for peer in play.world.peers if peer.slowness != 1}


def test_peers_get_slower_one_after_the_other_and_each_recovers(rehearsal: Any) -> None:
    play = rehearsal().add("slowdowns: {rate: 1/s, arrivals: fixed, factor: 30, for: 1500ms, until: 2s}")
    play.told(SECOND)
    assert list(slow(play).values()) == [30]
    play.told(2 * SECOND)
    assert list(slow(play).values()) == [30, 30]
    play.told(4 * SECOND)
    assert slow(play) == {}


def test_a_peer_that_is_much_slower_is_degraded_for_a_while(rehearsal: Any) -> None:
    play = rehearsal(peers=1).add("slowdowns: {rate: 1/s, arrivals: fixed, factor: 100, for: 20s, until: 1s}")
    told = play.told(60 * SECOND, PeerHealthChanged)
    assert [payload.status for _, payload in told] == ["DEGRADED", "ONLINE"]


def test_whoever_is_slow_is_spared(rehearsal: Any) -> None:
    play = rehearsal(peers=1).add("slowdowns: {rate: 10/s, factor: {uniform: {from: 2, to: 9}}, for: 30s}")
    seen = set()
    for second in range(1, 29):
        play.told(second * SECOND)
        seen.update(slow(play).values())
    assert len(seen) == 1


def test_what_somebody_else_has_made_of_a_peer_meanwhile_stays(rehearsal: Any) -> None:
    play = rehearsal(peers=1).add("slowdowns: {rate: 1/s, arrivals: fixed, factor: 5, for: 3s, until: 1s}")
    play.told(2 * SECOND)
    play.world.burden(play.world.peers[0], slowness=play.holds.take(("slowness", 0), "another", 7.0))
    play.told(10 * SECOND)
    assert slow(play) == {"peer-1": 7.0}


def test_they_last_as_long_as_asked_for_on_average(rehearsal: Any) -> None:
    play = rehearsal(peers=200).add("slowdowns: {rate: 2/s, factor: 2, for: {exponential: 5s}}")
    play.told(60 * SECOND)
    shares = []
    for second in range(61, 361):
        play.told(second * SECOND)
        shares.append(len(slow(play)))
    assert mean(shares) == pytest.approx(10, rel=0.15), "arrivals a second times how long they last (Little's law)"


def test_without_peers_nothing_happens(rehearsal: Any) -> None:
    play = rehearsal(peers=0).add("slowdowns: {rate: 10/s}")
    assert play.told(10 * SECOND) == []


def test_those_that_the_language_has_by_itself_degrade_most_peers(rehearsal: Any) -> None:
    play = rehearsal(peers=50).add("slowdowns: {rate: 1/s, for: 60s}")
    told = [payload.status for _, payload in play.told(60 * SECOND, PeerHealthChanged)]
    assert told.count("DEGRADED") > 15
