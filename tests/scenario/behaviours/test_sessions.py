"""Peers come and go by clocks of their own."""

from collections import defaultdict
from itertools import pairwise
from statistics import mean
from typing import Any

import pytest

from pvws.wire.events import PeerConnected, PeerDisconnected

SECOND = 1_000_000
BOTH = (PeerConnected, PeerDisconnected)


def by_peer(told: list[tuple[int, Any]]) -> dict[str, list[tuple[int, bool]]]:
    """When each peer came (True) and went, by id."""
    found = defaultdict(list)
    for at, payload in told:
        found[payload.id].append((at, isinstance(payload, PeerConnected)))
    return found


def test_each_peer_stays_for_a_session_and_is_away_for_a_while(rehearsal: Any) -> None:
    told = rehearsal(peers=5).add("sessions: {session: 60s, downtime: 10s, least: 0}").told(600 * SECOND, BOTH)
    for turns in by_peer(told).values():
        gone, *rest = turns
        assert not gone[1]
        assert gone[0] <= 60 * SECOND
        assert [at - gone[0] for at, _ in rest[:3]] == [10 * SECOND, 70 * SECOND, 80 * SECOND]


def test_they_do_not_all_go_at_once(rehearsal: Any) -> None:
    told = rehearsal(peers=50).add("sessions: {session: 60s, downtime: 1h}").told(60 * SECOND, PeerDisconnected)
    firsts = [at for at, _ in told]
    assert len(set(firsts)) == 49, "one always stays"
    assert mean(firsts) == pytest.approx(30 * SECOND, rel=0.2)


def test_a_peer_s_clock_does_not_depend_on_how_many_others_there_are(rehearsal: Any) -> None:
    script = "sessions: {session: {exponential: 60s}, downtime: {exponential: 20s}, least: 0}"
    few, many = (by_peer(rehearsal(peers=peers).add(script).told(600 * SECOND, BOTH)) for peers in (3, 30))
    assert len(few) == 3
    assert few.items() <= many.items()


def test_sessions_last_as_long_as_asked_for_on_average(rehearsal: Any) -> None:
    script = "sessions: {session: {lognormal: {median: 60s, sigma: 0.5}}, downtime: 20s, least: 0}"
    stays = []
    for turns in by_peer(rehearsal(peers=40).add(script).told(3_000 * SECOND, BOTH)).values():
        came = None
        for at, is_coming in turns:
            if came is not None and not is_coming:
                stays.append(at - came)
            came = at if is_coming else None
    assert mean(stays) == pytest.approx(60 * SECOND * 1.133, rel=0.03)  # e^(σ²/2) times the median


def test_so_many_always_stay_for_another_session(rehearsal: Any) -> None:
    play = rehearsal(peers=5).add("sessions: {session: 5s, downtime: 60s, least: 3}")
    for second in range(1, 120):
        play.told(second * SECOND)
        assert len(play.peers()) >= 3


def test_peers_that_join_later_have_sessions_too(rehearsal: Any) -> None:
    play = rehearsal(peers=0).add("sessions: {session: 30s, downtime: 5s, least: 0}")
    play.told(12 * SECOND)
    peer = play.join()
    told = play.told(60 * SECOND, BOTH)
    assert [(at, type(payload)) for at, payload in told] == [
        (12 * SECOND, PeerConnected),
        (50 * SECOND, PeerDisconnected),  # it was noticed at 20 s
        (55 * SECOND, PeerConnected),
    ]
    assert {payload.id for _, payload in told} == {peer.id}


def test_a_newcomer_has_one_session_at_a_time(rehearsal: Any) -> None:
    play = rehearsal(peers=10).add("sessions: {session: 20s, downtime: 1s, newcomers: 30%, least: 0}")
    turns = by_peer(play.told(600 * SECOND, BOTH))
    assert len(play.world.peers) > 60
    for turn in turns.values():
        stays = [gone - came for (came, is_coming), (gone, _) in pairwise(turn) if is_coming]
        assert set(stays) <= {20 * SECOND}


def test_a_peer_that_somebody_else_sends_away_goes_on_with_the_next_session(rehearsal: Any) -> None:
    play = rehearsal(peers=1).add("sessions: {session: 10s, downtime: 5s, least: 0}")
    (peer,) = play.peers()
    play.told(SECOND)
    play.world.disconnect(peer, "evicted")
    play.told(30 * SECOND, BOTH)
    play.world.connect(peer, play.chance.stream("test"))
    assert [type(payload) for _, payload in play.told(60 * SECOND, PeerDisconnected)], "its clock has gone on"


def test_it_runs_from_its_beginning_to_its_end(rehearsal: Any) -> None:
    play = rehearsal(peers=20).add("sessions: {session: 10s, downtime: 5s, from: 60s, until: 120s}")
    told = play.told(600 * SECOND, BOTH)
    gone = [at for at, payload in told if isinstance(payload, PeerDisconnected)]
    assert 60 * SECOND < gone[0] < 70 * SECOND
    assert 110 * SECOND < gone[-1] <= 120 * SECOND
    assert len(play.peers()) == 20, "whoever is away then comes back"


def test_twice_as_often_is_half_the_session_also_of_one_that_has_begun(rehearsal: Any) -> None:
    script = "sessions: {session: 100s, downtime: 1h, least: 0}"
    plain = rehearsal(peers=10).add(script).told(100 * SECOND, PeerDisconnected)
    play = rehearsal(peers=10).add(script)
    play.behaviours["sessions"].set_factor(2)
    assert [at for at, _ in play.told(100 * SECOND, PeerDisconnected)] == pytest.approx(
        [at / 2 for at, _ in plain], abs=1
    )


def test_a_factor_of_nothing_keeps_everybody_until_the_next_one(rehearsal: Any) -> None:
    play = rehearsal(peers=5).add("sessions: {session: 10s, downtime: 1s}")
    play.behaviours["sessions"].set_factor(0)
    assert play.told(600 * SECOND, BOTH) == []
    play.behaviours["sessions"].set_factor(1)
    assert len(play.told(610 * SECOND, PeerDisconnected)) >= 4
