"""Health: what heartbeats and load say of a peer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.world.entities import Transfer
from pvws.world.health import (
    BUSY_AT,
    HEARTBEAT_MICROS,
    HEARTBEATS_UNHEARD,
    delay_micros,
    is_slow,
    is_straining,
    judge,
    last_heartbeat,
    next_heartbeat,
    response_micros,
)
from tests.world.stagehand import SECOND, START, new_peer

MILLISECOND = 1_000


def test_a_peer_with_nothing_to_do_answers_after_the_way_there_and_back() -> None:
    assert response_micros(new_peer(0, latency=7 * MILLISECOND)) == 14 * MILLISECOND


def test_the_more_a_peer_does_the_longer_it_takes_and_never_for_ever() -> None:
    peer, times = new_peer(0, latency=10 * MILLISECOND), []
    for outgoing in (0, 16, 32, 48, 63, 64, 1_000):
        peer.outgoing = outgoing
        times.append(response_micros(peer) / MILLISECOND)
    assert times == pytest.approx([20, 20 / 0.75, 40, 80, 1_000, 1_000, 1_000])


def test_copies_to_it_keep_a_peer_as_busy_as_those_from_it() -> None:
    peer, other = new_peer(0, latency=10), new_peer(1, latency=10)
    peer.outgoing = 3
    other.incoming = {key: Transfer(key, 1, 0, 1, 0, 1) for key in "abc"}
    assert response_micros(peer) == response_micros(other)


def test_copies_that_wait_for_their_turn_are_no_work() -> None:
    peer = new_peer(0, latency=10)
    peer.outgoing, peer.waiting = 63, 63
    assert response_micros(peer) == 20
    assert not is_straining(peer)


def test_slowness_and_load_make_the_way_longer() -> None:
    peer = new_peer(0, latency=10)
    peer.slowness = 3
    assert delay_micros(peer) == 60
    peer.load = 0.5
    assert delay_micros(peer) == 120
    peer.load = 1.0
    assert delay_micros(peer) == pytest.approx(60 / 0.02, abs=1)


@pytest.mark.parametrize(
    ("health", "response", "expected"),
    [
        ("ONLINE", 0.499_998, "ONLINE"),
        ("ONLINE", 0.5, "DEGRADED"),
        ("DEGRADED", 0.499_998, "DEGRADED"),
        ("DEGRADED", 0.4, "DEGRADED"),
        ("DEGRADED", 0.399_998, "ONLINE"),
        ("UNKNOWN", 0.45, "ONLINE"),
        ("UNKNOWN", 0.5, "DEGRADED"),
    ],
)
def test_who_is_degraded_has_to_become_quite_fast_again(health: str, response: float, expected: str) -> None:
    peer = new_peer(0, latency=round(response / 2 * SECOND))
    peer.health = health  # type: ignore[assignment]
    judgement = judge(peer, START)
    assert (judgement.status, judgement.response_time) == (expected, response)
    assert judgement.troubles == (() if expected == "ONLINE" else ("slow responses",))


def test_after_three_heartbeats_missed_nobody_knows_how_a_peer_is() -> None:
    peer = new_peer(0)
    peer.health, peer.heard = "ONLINE", START
    assert judge(peer, START + HEARTBEATS_UNHEARD * HEARTBEAT_MICROS - 1).status == "ONLINE"
    judgement = judge(peer, START + HEARTBEATS_UNHEARD * HEARTBEAT_MICROS)
    assert (judgement.status, judgement.troubles) == ("UNKNOWN", ("no heartbeat for 15 s",))


def test_a_peer_is_slow_when_it_would_be_degraded_with_nothing_to_do() -> None:
    assert not is_slow(new_peer(0, latency=249_999))
    assert is_slow(new_peer(0, latency=250_000))


def test_a_peer_is_straining_when_it_does_much_or_is_degraded_and_does_anything() -> None:
    peer = new_peer(0)
    assert not is_straining(peer)
    peer.outgoing = BUSY_AT - 1
    assert not is_straining(peer)
    peer.health = "DEGRADED"
    assert is_straining(peer)
    peer.outgoing = 0
    assert not is_straining(peer)
    peer.health, peer.outgoing = "ONLINE", BUSY_AT
    assert is_straining(peer)


@given(st.integers(0, HEARTBEAT_MICROS - 1), st.integers(0, 10**9))
def test_heartbeats_come_in_their_period_and_phase(phase: int, after: int) -> None:
    peer, now = new_peer(0, phase=phase), START + after
    coming, last = next_heartbeat(peer, now), last_heartbeat(peer, now)
    assert last <= now < coming <= now + HEARTBEAT_MICROS
    assert last == coming - HEARTBEAT_MICROS
    assert coming % HEARTBEAT_MICROS == phase  # the beginning of 2024 is a multiple of the period


def test_the_heartbeats_of_peers_do_not_come_all_at_once() -> None:
    assert len({next_heartbeat(new_peer(number), START) for number in range(100)}) == 100


def test_who_has_just_joined_was_heard_when_it_joined() -> None:
    peer = new_peer(0, phase=0)
    peer.joined = START + 7
    assert last_heartbeat(peer, START + 9) == START + 7
    assert last_heartbeat(peer, START + HEARTBEAT_MICROS + 1) == START + HEARTBEAT_MICROS


def test_who_is_silent_was_heard_when_it_was_heard() -> None:
    peer = new_peer(0, phase=0)
    peer.heard = START - 3 * HEARTBEAT_MICROS
    assert last_heartbeat(peer, START + 9) == peer.heard
