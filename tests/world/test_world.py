"""The world: peers come and go, the network falls apart and is healed, and what follows is told in order."""

from itertools import pairwise
from typing import Any

import pytest

from pvws.world import world as world_module
from pvws.world.alerts import DEFAULT_THRESHOLDS, Thresholds
from pvws.world.entities import Peer
from pvws.world.topology import survey
from tests.world.stagehand import MEBIBYTE, QUARTERS, SECOND, Stagehand, new_peer

DELAY = 10 * SECOND
REACH = {"unreachable_peers": DEFAULT_THRESHOLDS["unreachable_peers"]}


def topologies(hand: Stagehand) -> list[dict[str, Any]]:
    return hand.told("network_topology_changed")


# Peers come and go


def test_a_peer_that_joins_says_who_it_is(hand: Stagehand) -> None:
    peer = hand.peer("a")
    (told,) = hand.told()
    assert told == {
        "id": peer.id,
        "address": "10.0.0.1",
        "port": 8000,
        "capabilities": ["storage"],
        "timestamp": "2024-01-01T00:00:00.000Z",
    }
    assert (peer.connected, peer.health, peer.joined) == (True, "ONLINE", hand.kernel.now)
    assert hand.world.find("a") is peer
    assert hand.world.find("b") is None


def test_connecting_twice_changes_nothing_and_neither_does_leaving_twice(hand: Stagehand) -> None:
    peer = hand.peer("a")
    hand.world.connect(peer, hand.chance)
    assert len(hand.told()) == 1
    hand.leave(peer, "shutdown")
    hand.leave(peer, "timeout")
    assert [data["reason"] for data in hand.told()] == ["shutdown"]


def test_a_peer_keeps_its_number_name_and_disk_while_it_is_away(hand: Stagehand) -> None:
    a, _ = hand.peer("a"), hand.peer("b")
    file = hand.upload(node=a)
    hand.passes(5 * SECOND)
    hand.leave(a)
    assert (a.used, list(a.held), hand.world.peers[0], hand.world.find("a")) == (MEBIBYTE, [file.key], a, a)
    hand.back(a)
    assert (a.number, len(hand.world.peers)) == (0, 2)
    assert hand.holders(file) == {"a", "b"}


def test_peers_are_numbered_in_the_order_in_which_they_join(hand: Stagehand) -> None:
    with pytest.raises(AssertionError, match="numbered in the order in which they join"):
        hand.world.connect(new_peer(1), hand.chance)


def test_two_peers_of_one_name_are_our_own_mistake(hand: Stagehand) -> None:
    hand.peer("a")
    with pytest.raises(AssertionError, match="two peers are called a"):
        hand.world.connect(new_peer(1, "a"), hand.chance)


def test_what_follows_from_a_departure_is_told_behind_it() -> None:
    hand = Stagehand(2, REACH | {"storage_usage": QUARTERS})
    a, *_ = hand.peers(3, capacity=4 * MEBIBYTE)
    hand.upload("f", 2 * MEBIBYTE, a)
    hand.passes(5 * SECOND)
    hand.upload("g", MEBIBYTE, a)
    hand.told()
    hand.leave(a)
    assert hand.kinds()[:3] == ["peer_disconnected", "file_replicated", "network_alert"]


def test_usage_also_rises_when_peers_leave() -> None:
    hand = Stagehand(2, {"storage_usage": QUARTERS})
    peers = hand.peers(3, capacity=1_000)
    file = hand.upload("f", 600)
    hand.passes(5 * SECOND)
    assert hand.told("storage_alert") == []
    hand.leave(next(peer for peer in peers if peer.number not in file.copies), "evicted")
    assert [alert["level"] for alert in hand.told("storage_alert")] == ["warning"]


def test_the_alarm_of_a_peer_ends_when_it_comes_back_without_what_was_deleted() -> None:
    hand = Stagehand(2, {"peer_storage_usage": QUARTERS})
    a, b = hand.peers(2, capacity=MEBIBYTE)
    file = hand.upload(node=a)
    hand.passes(5 * SECOND)
    assert [alert["node"] for alert in hand.told("storage_alert")] == [a.id, b.id]
    hand.leave(a)
    hand.store.delete(file)
    assert [(alert["node"], alert["level"]) for alert in hand.told("storage_alert")] == [(b.id, "info")]
    hand.back(a)
    assert [(alert["node"], alert["level"]) for alert in hand.told("storage_alert")] == [(a.id, "info")]


# Who is missing


@pytest.mark.parametrize(
    ("reason", "missing"), [("timeout", 1), ("network_error", 1), ("partition", 1), ("shutdown", 0), ("evicted", 0)]
)
def test_who_says_goodbye_is_not_missing(hand: Stagehand, reason: str, missing: int) -> None:
    peer, _ = hand.peers(2)
    hand.leave(peer, reason)
    assert hand.world.missing == missing
    hand.back(peer)
    assert hand.world.missing == 0


def test_too_many_missing_peers_alarm_until_they_are_back() -> None:
    hand = Stagehand(thresholds=REACH)
    peers = hand.peers(5)
    hand.told()
    for peer in peers[:3]:
        hand.leave(peer, "network_error")
    told = hand.told("network_alert")
    assert [(alert["level"], alert["value"]) for alert in told] == [("warning", 40), ("critical", 60)]
    assert told[1]["peers"] == [peer.id for peer in peers[:3]]
    for peer in peers[:3]:
        hand.back(peer)
    (told,) = hand.told("network_alert")
    assert (told["level"], told["value"], told["peers"]) == ("info", 0, [])


def test_who_is_on_another_side_is_missing_and_not_disconnected() -> None:
    hand = Stagehand(thresholds=REACH)
    peers = hand.peers(4)
    hand.told()
    hand.cut(peers[:3], peers[3:])
    assert hand.world.missing == 1
    (told,) = hand.told()
    assert (told["level"], told["peers"]) == ("warning", [peers[3].id])
    hand.heal()
    assert [alert["level"] for alert in hand.told("network_alert")] == ["info"]


# Crashes


def test_a_crash_is_told_to_nobody_but_the_links_are_gone(hand: Stagehand) -> None:
    peers = hand.peers(4)
    hand.passes(2 * SECOND)
    hand.told()
    hand.world.crash(peers[0])
    hand.passes(SECOND)
    (told,) = hand.told()
    assert (told["connectedNodes"], [cluster["size"] for cluster in told["clusters"]]) == (4, [3])
    assert peers[0].connected


def test_who_is_away_or_has_crashed_can_not_crash(hand: Stagehand) -> None:
    a, b = hand.peers(2)
    hand.leave(a)
    hand.world.crash(a)
    assert not a.crashed
    hand.world.crash(b)
    hand.world.crash(b)
    hand.passes(60 * SECOND)
    assert len(hand.told("peer_disconnected")) == 2


def test_who_is_well_has_nothing_to_recover_from(hand: Stagehand) -> None:
    peer = hand.peer()
    hand.told()
    hand.back(peer)
    assert hand.told() == []


def test_who_has_left_comes_back_by_recovering(hand: Stagehand) -> None:
    peer = hand.peer()
    hand.leave(peer)
    hand.told()
    hand.back(peer)
    assert hand.kinds() == ["peer_connected"]


def test_who_has_crashed_may_still_leave(hand: Stagehand) -> None:
    a, _ = hand.peers(2)
    hand.world.crash(a)
    hand.leave(a, "evicted")
    assert (a.connected, a.crashed) == (False, False)
    hand.passes(60 * SECOND)
    assert [data["reason"] for data in hand.told("peer_disconnected")] == ["evicted"]


# The network falls apart


def apart(hand: Stagehand, *sizes: int) -> list[list[Any]]:
    """Sides of so many peers each."""
    sides = [hand.peers(size) for size in sizes]
    hand.passes(2 * SECOND)
    hand.cut(*sides)
    hand.passes(2 * SECOND)
    hand.told()
    return sides


def test_two_sides_do_not_replicate_to_each_other(hand: Stagehand) -> None:
    ours, theirs = apart(hand, 3, 2)
    here, there = hand.upload("f", node=ours[0]), hand.upload("g", node=theirs[0])
    hand.passes(60 * SECOND)
    assert hand.holders(here) == {peer.name for peer in ours}
    assert hand.holders(there) == {peer.name for peer in theirs}
    assert list(hand.store.lacking) == [there.key]


def test_healing_gives_files_the_copies_that_they_lack(hand: Stagehand) -> None:
    _, theirs = apart(hand, 3, 1)
    file = hand.upload(node=theirs[0])
    hand.passes(5 * SECOND)
    assert len(file.copies) == 1
    hand.heal()
    hand.passes(5 * SECOND)
    assert len(file.copies) == 3


def test_copies_on_their_way_across_fail_and_go_elsewhere(hand: Stagehand) -> None:
    ours = hand.peers(3)
    theirs = hand.peers(2, bandwidth=MEBIBYTE // 100)
    files = [hand.upload(f"f{number}", node=ours[0]) for number in range(10)]
    hand.passes(5 * SECOND)
    crossing = sum(len(file.coming) for file in files)
    assert crossing > 0
    hand.told()
    hand.cut(ours, theirs)
    statuses = hand.statuses()
    assert [status for status, *_ in statuses].count("FAILED") == crossing
    hand.passes(5 * SECOND)
    assert all(hand.holders(file) <= {peer.name for peer in ours} and len(file.copies) == 3 for file in files)


def test_what_is_lost_on_one_side_is_repaired_there(hand: Stagehand) -> None:
    ours, theirs = apart(hand, 5, 4)
    file = hand.upload(node=theirs[0])
    hand.passes(5 * SECOND)
    hand.leave(hand.world.peers[file.copies[1]])
    hand.passes(DELAY + 2 * SECOND)
    assert len(file.copies) == 3
    assert not hand.holders(file) & {peer.name for peer in ours}


def test_the_largest_side_is_where_we_look_from(hand: Stagehand) -> None:
    theirs, ours = apart(hand, 2, 4)
    assert [peer.group for peer in (*ours, *theirs)] == [0, 0, 0, 0, 1, 1]
    assert [peer.missed for peer in (*ours, *theirs)] == [False] * 4 + [True] * 2


def test_a_network_that_is_cut_again_is_cut_elsewhere(hand: Stagehand) -> None:
    first, second = apart(hand, 3, 3)
    hand.cut(first[:1], [*first[1:], *second])
    hand.passes(20 * SECOND)
    (told,) = topologies(hand)
    assert [cluster["size"] for cluster in told["clusters"]] == [5, 1]
    assert {peer.name for peer in hand.world.peers if peer.health == "UNKNOWN"} == {first[0].name}


def test_who_was_away_when_the_network_was_cut_comes_back_to_ours(hand: Stagehand) -> None:
    peers = hand.peers(5)
    hand.leave(peers[4])
    hand.cut(peers[:3], peers[3:4])
    hand.back(peers[4])
    assert (peers[4].group, hand.world.missing) == (0, 1)


def test_who_leaves_another_side_comes_back_to_it(hand: Stagehand) -> None:
    _, theirs = apart(hand, 3, 2)
    hand.leave(theirs[0], "shutdown")
    assert hand.world.missing == 1
    hand.back(theirs[0])
    assert (theirs[0].group, hand.world.missing) == (1, 2)


def test_healing_what_is_whole_changes_nothing(hand: Stagehand) -> None:
    hand.peers(3)
    hand.passes(2 * SECOND)
    hand.told()
    hand.heal()
    hand.passes(60 * SECOND)
    assert hand.told() == []


# The topology


def test_a_topology_says_what_the_graph_looks_like(hand: Stagehand) -> None:
    peers = hand.peers(5, latency=10_000)
    hand.leave(peers[4])
    hand.passes(0)
    (told,) = topologies(hand)
    assert (told["totalNodes"], told["connectedNodes"]) == (5, 4)
    assert (told["averageLatency"], told["networkDiameter"]) == (0.02, survey(hand.world.overlay, peers[:4]).diameter)
    assert told["clusters"] == [
        {
            "id": f"cluster-{peers[0].id[:8]}",
            "nodes": [peer.id for peer in peers[:4]],
            "leader": peers[0].id,
            "size": 4,
        }
    ]


def test_it_is_told_at_most_once_a_second_and_the_last_one_is_what_is_so(
    hand: Stagehand, monkeypatch: pytest.MonkeyPatch
) -> None:
    surveys = []

    def counted(*arguments: Any) -> Any:
        surveys.append(hand.now)
        return survey(*arguments)

    monkeypatch.setattr(world_module, "survey", counted)
    hand.peers(3)
    for _ in range(50):
        hand.passes(SECOND // 10)
        hand.peer()
    hand.passes(10 * SECOND)
    told = topologies(hand)
    assert len(told) == len(surveys) == 7
    assert [later - earlier for earlier, later in pairwise(surveys)] == [SECOND] * 6
    assert told[-1]["connectedNodes"] == 53


def test_after_a_quiet_time_a_change_is_told_at_once_and_behind_all_else_of_its_instant(hand: Stagehand) -> None:
    hand.peer()
    hand.passes(60 * SECOND)
    hand.told()
    hand.peer()
    hand.peer()
    hand.passes(0)
    assert hand.kinds() == ["peer_connected", "peer_connected", "network_topology_changed"]


def test_of_many_peers_the_leader_and_some_are_named_and_of_many_clusters_the_largest(hand: Stagehand) -> None:
    peers = hand.peers(60)
    hand.cut(peers[:40], *[[peer] for peer in peers[40:]])
    hand.passes(SECOND)
    clusters = topologies(hand)[-1]["clusters"]
    assert [(cluster["size"], len(cluster["nodes"])) for cluster in clusters] == [(40, 32)] + [(1, 1)] * 15


def test_who_has_been_there_longest_leads(hand: Stagehand) -> None:
    peers = []
    for _ in range(3):
        hand.passes(SECOND)
        peers.append(hand.peer())
    hand.leave(peers[0])
    hand.back(peers[0])
    hand.passes(SECOND)
    assert topologies(hand)[-1]["clusters"][0]["leader"] == peers[1].id


def test_a_network_of_nobody_has_a_topology(hand: Stagehand) -> None:
    hand.leave(hand.peer())
    hand.passes(0)
    (told,) = topologies(hand)
    assert (told["totalNodes"], told["connectedNodes"], told["clusters"]) == (1, 0, [])
    assert (told["averageLatency"], told["networkDiameter"]) == (0, 0)


# Strain


def test_a_burden_on_a_peer_that_is_away_waits_for_it(hand: Stagehand) -> None:
    peer = hand.peer("a", latency=10_000)
    hand.leave(peer)
    hand.world.burden(peer, slowness=50)
    hand.passes(60 * SECOND)
    hand.told()
    hand.back(peer)
    hand.passes(5 * SECOND)
    assert [data["status"] for data in hand.told("peer_health_changed")] == ["DEGRADED"]


def test_slowness_and_load_are_set_each_by_itself(hand: Stagehand) -> None:
    peer = hand.peer("a", latency=10_000)
    hand.world.burden(peer, slowness=2)
    hand.world.burden(peer, load=0.5)
    assert (peer.slowness, peer.load, peer.delay) == (2, 0.5, 80_000)
    hand.world.burden(peer, slowness=1)
    assert peer.delay == 40_000


def test_slow_peers_take_longer_for_what_they_are_asked() -> None:
    hand = Stagehand(replication=2)
    a, _ = hand.peers(2, latency=10_000)
    hand.world.burden(a, slowness=100)
    hand.upload(node=a)
    hand.passes(2 * SECOND + 9_999)
    assert [status for status, *_ in hand.statuses()] == ["SYNCING"]
    hand.passes(1)
    assert [status for status, *_ in hand.statuses()] == ["SYNCED"]


def test_a_world_without_thresholds_never_alarms(hand: Stagehand) -> None:
    peers = hand.peers(4, capacity=MEBIBYTE)
    hand.upload()
    for peer in peers:
        hand.leave(peer)
    hand.world.watch.incident("auth_failure", "10.0.0.1", 1_000)
    hand.passes(60 * SECOND)
    assert not {"storage_alert", "network_alert", "security_alert"} & set(hand.kinds())


def test_thresholds_may_be_anything() -> None:
    hand = Stagehand(1, {"storage_usage": Thresholds(0, 0, 0), "peer_storage_usage": Thresholds(100, 100, 100)})
    a = hand.peer("a", capacity=MEBIBYTE)
    file = hand.upload(node=a)
    hand.store.delete(file)
    assert [(alert.get("node"), alert["level"]) for alert in hand.told("storage_alert")] == [
        (None, "critical"),
        (a.id, "critical"),
        (a.id, "info"),
    ]


# Who is away for good

MINUTE = 60 * SECOND


def full_peer(**rules: Any) -> tuple[Stagehand, Peer]:
    """A world in which one of four peers is full, and its alarm is told."""
    hand = Stagehand(thresholds=DEFAULT_THRESHOLDS, replication=1, **rules)
    hand.peers(3)
    peer = hand.peer(capacity=MEBIBYTE)
    hand.upload(node=peer)
    (alert,) = hand.told("storage_alert")
    assert (alert["node"], alert["level"]) == (peer.id, "critical")
    return hand, peer


def test_the_alert_of_an_evicted_peer_is_over_with_it_and_comes_back_with_it() -> None:
    hand, peer = full_peer()
    hand.leave(peer, "evicted")
    (alert,) = hand.told("storage_alert")
    assert (alert["node"], alert["level"], alert["value"], alert["threshold"]) == (peer.id, "info", 0, 85)
    assert alert["message"] == f"Storage usage of {peer.name}, which is gone, is 0%, below 85%"
    assert hand.world.watch.uncleared() == []
    hand.passes(10 * MINUTE)
    assert hand.told("storage_alert") == []
    hand.back(peer)
    assert [(alert["node"], alert["level"]) for alert in hand.told("storage_alert")] == [(peer.id, "critical")]


def test_who_is_missing_for_long_is_gone_and_not_missing_any_more() -> None:
    hand, peer = full_peer()
    hand.leave(peer)
    hand.passes(5 * MINUTE - 1)
    assert [alert["level"] for alert in hand.told("network_alert")] == ["warning"]
    assert hand.world.missing == 1
    hand.passes(1)
    assert [alert["level"] for alert in hand.told("network_alert")] == ["info"]
    assert hand.world.missing == 0
    assert hand.world.watch.uncleared() == []
    hand.back(peer)
    assert hand.world.missing == 0


def test_who_is_back_in_time_is_not_forgotten_because_of_an_earlier_absence() -> None:
    hand, peer = full_peer()
    hand.leave(peer)
    hand.passes(4 * MINUTE)
    hand.back(peer)
    hand.leave(peer)
    hand.passes(2 * MINUTE)
    assert hand.world.missing == 1
    assert ("storage_usage", "critical", peer.number) in hand.world.watch.uncleared()
    hand.passes(3 * MINUTE)
    assert hand.world.missing == 0
    assert hand.world.watch.uncleared() == []


def test_who_says_goodbye_keeps_its_own_alert_as_long_as_it_may_be_back() -> None:
    hand, peer = full_peer()
    hand.leave(peer, "shutdown")
    hand.passes(5 * MINUTE - 1)
    assert hand.told("storage_alert") == []
    hand.passes(1)
    assert [alert["level"] for alert in hand.told("storage_alert")] == ["info"]
