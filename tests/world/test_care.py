"""Care: health is looked at with heartbeats, and told when it is another."""

import pytest

from pvws.world.entities import Peer
from pvws.world.health import HEARTBEAT_MICROS
from tests.world.stagehand import MEBIBYTE, SECOND, Stagehand

MILLISECOND = 1_000


def changes(hand: Stagehand) -> list[tuple[str, str, str]]:
    """Name, health before and health after, of the changes told since the last question."""
    names = {peer.id: peer.name for peer in hand.world.peers}
    return [(names[data["id"]], data["previousStatus"], data["status"]) for data in hand.told("peer_health_changed")]


def settled(hand: Stagehand, *peers: Peer) -> None:
    """Let the news of the beginning pass."""
    hand.passes(SECOND)
    hand.told()


def test_while_nothing_changes_nothing_is_told_and_nothing_is_even_due(hand: Stagehand) -> None:
    hand.peers(20)
    hand.upload()
    hand.passes(10 * SECOND)
    assert hand.kernel.peek() is None
    hand.told()
    hand.passes(86_400 * SECOND)
    assert hand.told() == []


def test_a_peer_that_is_well_is_not_even_looked_at(hand: Stagehand) -> None:
    hand.peers(20)
    assert len(hand.kernel) == 1, "the topology is to be told"


def test_a_peer_that_crashed_is_unknown_after_three_heartbeats_and_given_up_after_six(hand: Stagehand) -> None:
    crashed, *_ = hand.peer("a", phase=2 * SECOND), *hand.peers(3)
    hand.passes(23 * SECOND)
    hand.told()
    hand.world.crash(crashed)  # last heard after 22 s
    hand.passes(14 * SECOND - 1)
    assert hand.kinds() == ["network_topology_changed"]
    hand.passes(1)
    (told,) = hand.told()
    assert (told["status"], told["previousStatus"], told["isHealthy"]) == ("UNKNOWN", "ONLINE", False)
    assert told["errors"] == ["no heartbeat for 15 s"]
    assert told["lastHeartbeat"] == "2024-01-01T00:00:22.000Z"
    assert told["uptime"] == 37
    hand.passes(15 * SECOND - 1)
    assert hand.told() == []
    hand.passes(1)
    told, gone, *_ = hand.told()
    assert (told["status"], told["errors"]) == ("OFFLINE", ["no heartbeat for 30 s"])
    assert (gone["id"], gone["reason"]) == (crashed.id, "timeout")
    assert (crashed.connected, crashed.crashed) == (False, False)


def test_a_peer_that_answers_again_in_time_was_never_away(hand: Stagehand) -> None:
    crashed = hand.peer("a", phase=2 * SECOND)
    hand.peers(3)
    hand.passes(3 * SECOND)
    hand.world.crash(crashed)
    hand.passes(20 * SECOND)
    assert changes(hand) == [("a", "ONLINE", "UNKNOWN")]
    hand.back(crashed)
    hand.passes(4 * SECOND - 1)
    assert changes(hand) == [], "with its next heartbeat it is heard"
    hand.passes(60 * SECOND)
    assert changes(hand) == [("a", "UNKNOWN", "ONLINE")]
    assert crashed.connected


def test_a_peer_that_was_silent_for_a_moment_has_the_same_health(hand: Stagehand) -> None:
    crashed = hand.peer("a")
    hand.world.crash(crashed)
    hand.passes(9 * SECOND)
    hand.back(crashed)
    hand.passes(60 * SECOND)
    assert changes(hand) == []


def test_who_crashes_again_is_silent_from_then_on(hand: Stagehand) -> None:
    crashed = hand.peer("a", phase=0)
    hand.passes(1)
    hand.world.crash(crashed)
    hand.passes(14 * SECOND)
    hand.back(crashed)
    hand.passes(2 * SECOND)  # past the instant at which the first silence would have been noticed
    hand.world.crash(crashed)
    assert changes(hand) == []
    hand.passes(28 * SECOND)
    assert changes(hand) == [("a", "ONLINE", "UNKNOWN")]
    hand.passes(SECOND)
    assert changes(hand) == [("a", "UNKNOWN", "OFFLINE")]


def test_peers_on_other_sides_are_unknown_and_not_given_up(hand: Stagehand) -> None:
    peers = hand.peers(4)
    hand.cut(peers[:3], peers[3:])
    hand.passes(15 * SECOND)
    assert changes(hand) == [("p3", "ONLINE", "UNKNOWN")]
    hand.passes(600 * SECOND)
    assert changes(hand) == []
    hand.heal()
    hand.passes(HEARTBEAT_MICROS)
    assert changes(hand) == [("p3", "UNKNOWN", "ONLINE")]


@pytest.mark.parametrize("seconds", [1, 40])
def test_who_crashes_on_another_side_is_given_up_too(hand: Stagehand, seconds: int) -> None:
    """Once nobody has heard it anyway, and once before that."""
    peers = hand.peers(4)
    hand.cut(peers[:3], peers[3:])
    hand.passes(seconds * SECOND)
    hand.world.crash(peers[3])
    hand.passes(31 * SECOND)
    assert [data["reason"] for data in hand.told("peer_disconnected")] == ["timeout"]
    assert not peers[3].connected


def test_who_crashed_on_another_side_is_given_up_when_all_is_healed_as_well(hand: Stagehand) -> None:
    peers = hand.peers(4)
    hand.cut(peers[:3], peers[3:])
    hand.passes(40 * SECOND)
    hand.world.crash(peers[3])
    hand.heal()
    hand.passes(31 * SECOND)
    assert changes(hand) == [("p3", "ONLINE", "UNKNOWN"), ("p3", "UNKNOWN", "OFFLINE")]


def test_who_joins_on_another_side_is_not_heard(hand: Stagehand) -> None:
    peers = hand.peers(4)
    hand.cut(peers[:3], peers[3:])
    hand.leave(peers[3])
    hand.back(peers[3])
    hand.passes(20 * SECOND)
    assert changes(hand) == [("p3", "ONLINE", "UNKNOWN")]


def test_slowness_degrades_with_the_next_heartbeat_and_ends_with_one(hand: Stagehand) -> None:
    slow = hand.peer("a", latency=10 * MILLISECOND, phase=0)
    settled(hand)
    hand.world.burden(slow, slowness=30)
    hand.passes(4 * SECOND - 1)
    assert hand.told() == []
    hand.passes(1)
    (told,) = hand.told()
    assert (told["status"], told["responseTime"], told["errors"]) == ("DEGRADED", 0.6, ["slow responses"])
    hand.world.burden(slow, slowness=22)  # 0.44 s: between the two thresholds
    hand.passes(60 * SECOND)
    assert hand.told() == []
    hand.world.burden(slow, slowness=19)
    hand.passes(60 * SECOND)
    (told,) = hand.told()
    assert (told["status"], told["responseTime"], told["errors"]) == ("ONLINE", 0.38, [])


def test_however_many_causes_there_are_a_peer_is_looked_at_once_a_heartbeat(hand: Stagehand) -> None:
    peer = hand.peer("a", latency=10_000)
    settled(hand)
    for slowness in (30, 1, 30):
        hand.world.burden(peer, slowness=slowness)
    assert len(hand.kernel) == 1


def test_load_from_outside_degrades_as_well(hand: Stagehand) -> None:
    busy = hand.peer("a", latency=10 * MILLISECOND)
    hand.world.burden(busy, load=0.99)
    hand.passes(5 * SECOND)
    assert changes(hand) == [("a", "ONLINE", "DEGRADED")]
    hand.world.burden(busy, load=0)
    hand.passes(5 * SECOND)
    assert changes(hand) == [("a", "DEGRADED", "ONLINE")]


def test_a_peer_that_is_far_away_is_degraded_from_the_start(hand: Stagehand) -> None:
    hand.peer("a", latency=300 * MILLISECOND)
    hand.passes(5 * SECOND)
    assert changes(hand) == [("a", "ONLINE", "DEGRADED")]


def test_a_slow_peer_that_comes_back_is_looked_at_again(hand: Stagehand) -> None:
    slow = hand.peer("a", latency=10 * MILLISECOND)
    hand.world.burden(slow, slowness=30)
    hand.passes(5 * SECOND)
    hand.leave(slow)
    hand.back(slow)
    hand.passes(5 * SECOND)
    assert changes(hand) == [("a", "ONLINE", "DEGRADED")] * 2


def test_copies_degrade_who_sends_them_until_they_have_arrived() -> None:
    """First many, then few enough for nobody to look, but too many to be fast again, then none."""
    hand = Stagehand(replication=2)
    sender = hand.peer("a", latency=175 * MILLISECOND, capacity=1024 * MEBIBYTE, phase=0)
    hand.peer("b", capacity=1024 * MEBIBYTE)
    for number in range(20):
        hand.upload(f"f{number}", (7 if number < 12 else 12) * MEBIBYTE, sender)
    hand.passes(5 * SECOND)
    assert changes(hand) == [("a", "ONLINE", "DEGRADED")]
    hand.passes(5 * SECOND)
    assert sender.outgoing == 8
    assert changes(hand) == []
    hand.passes(5 * SECOND)
    assert changes(hand) == [("a", "DEGRADED", "ONLINE")]
    assert hand.kernel.peek() is None


def repairing(repairs_at_once: int) -> Stagehand:
    """Two peers far away have 40 files to send to a third: 20 of one, which take 8 s each, then 20 of the other."""
    hand = Stagehand(replication=3, repairs_at_once=repairs_at_once)
    a, b = (hand.peer(name, latency=175 * MILLISECOND, capacity=1024 * MEBIBYTE) for name in "ab")
    lost = hand.peer("c", capacity=1024 * MEBIBYTE)
    for number in range(40):
        hand.upload(f"f{number}", 8 * MEBIBYTE, a if number < 20 else b)
    hand.passes(60 * SECOND)
    hand.peer("d", capacity=1024 * MEBIBYTE)
    hand.leave(lost)
    hand.passes(10 * SECOND)
    hand.told()
    return hand


def test_copies_that_wait_for_their_turn_degrade_nobody() -> None:
    hand = repairing(repairs_at_once=5)
    hand.passes(100 * SECOND)
    assert changes(hand) == []


def test_copies_that_waited_degrade_who_sends_them_when_they_begin() -> None:
    hand = repairing(repairs_at_once=20)
    hand.passes(7 * SECOND)
    assert changes(hand) == [("a", "ONLINE", "DEGRADED")]
    hand.passes(30 * SECOND)
    assert sorted(changes(hand)) == [
        ("a", "DEGRADED", "ONLINE"),
        ("b", "DEGRADED", "ONLINE"),
        ("b", "ONLINE", "DEGRADED"),
    ]


def test_a_peer_that_is_looked_at_right_after_it_joined_is_not_up_for_less_than_no_time(hand: Stagehand) -> None:
    hand.passes(300)
    hand.peer("a", latency=300 * MILLISECOND, phase=500)
    hand.passes(SECOND)
    (told,) = hand.told("peer_health_changed")
    assert told["uptime"] == 0.0002


def test_degraded_peers_are_counted_while_they_are_here(hand: Stagehand) -> None:
    slow = hand.peer("a", latency=300 * MILLISECOND)
    hand.peer("b")
    hand.passes(5 * SECOND)
    assert hand.world.care.degraded == 1
    hand.leave(slow)
    assert hand.world.care.degraded == 0
    hand.back(slow)
    hand.passes(5 * SECOND)
    hand.world.crash(slow)
    hand.passes(20 * SECOND)
    assert (slow.health, hand.world.care.degraded) == ("UNKNOWN", 0)
