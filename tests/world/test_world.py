"""The world never contradicts itself, and neither does what it tells."""

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from pvws.world.alerts import Thresholds
from pvws.world.world import World

MEBIBYTE = 1024**2
SECOND = 1_000_000
SWARM = 1_000 if os.environ.get("PVWS_HYPOTHESIS") == "deep" else 48
QUARTERS = Thresholds(warning=50, critical=75, clear=25)


def random_script(seed: int) -> str:
    """A scenario in which much happens, and much can't: too small, too few, too often."""
    draw = random.Random(seed)
    peers = draw.choice([0, 1, 2, 3, 5, 8])
    size = draw.choice(["1 B", "{lognormal: {median: 200 KiB, sigma: 2}}", "2 MiB"])
    leave = draw.choice([f"peer: peer-{max(1, peers)}", f"peers: {draw.randint(1, 5)}"]) if peers else "peers: 2"
    steps = [
        f"at: {draw.randint(0, 9)}s, do: join, peers: {draw.randint(1, 4)}, over: {draw.randint(0, 4)}s",
        f"at: {draw.randint(0, 19)}s, do: leave, {leave}, for: {draw.randint(0, 9000)}ms",
        f"at: {draw.randint(0, 19)}s, do: leave, peers: {draw.randint(1, 9)}",
        f"at: {draw.randint(5, 15)}s, do: fill, to: {draw.choice([50, 90, 100])}%, over: {draw.choice([0, 1, 4])}s",
    ]
    behaviours = [
        f"uploads: {{rate: {draw.choice([0.5, 5, 20])}/s, size: {size}}}",
        f"deletes: {{rate: {draw.choice([0.1, 2, 20])}/s}}",
        f"churn: {{rate: {draw.choice([6, 60, 180])}/min, downtime: {draw.choice([0, 500, 5000])}ms}}",
        "metrics: {every: 700ms}",
    ]
    lines = ["pvws: 1", f"scenario: random-{seed}", f"seed: {seed}", "duration: 20s"]
    lines += ["network:", f"  peers: {peers}", f"  capacity: {draw.choice([1, 4, 24])} MiB"]
    lines += [f"  replication: {draw.randint(1, 5)}", "alerts: {storage_usage: {warning: 50, critical: 80, clear: 40}}"]
    lines += ["behaviours:"] + [f"  {each}" for each in draw.sample(behaviours, draw.randint(1, 4))]
    lines += ["timeline:"] + [f"  - {{{each}}}" for each in draw.sample(steps, draw.randint(1, 4))]
    return "\n".join(lines)


# To repeat one that failed: pytest 'tests/world/test_world.py::test_no_random_scenario_contradicts_itself[SEED]'


@pytest.mark.parametrize("seed", range(SWARM))
def test_no_random_scenario_contradicts_itself(seed: int, run_checked: Callable[..., Any]) -> None:
    run_checked(random_script(seed))


def test_the_swarm_meets_all_that_can_happen(run_checked: Callable[..., Any]) -> None:
    told = {kind for seed in range(12) for kind in run_checked(random_script(seed)).told}
    assert told == {
        *("file_uploaded", "file_deleted", "file_replicated", "peer_connected", "peer_disconnected"),
        *("system_metrics", "storage_metrics", "network_metrics", "performance_metrics", "storage_alert"),
    }


# Canaries: what is wrong on purpose must be found


def corrupt_used(world: World) -> None:
    world.used_space += 1


def corrupt_peer(world: World) -> None:
    world.connected[0].used -= 1


def corrupt_reserved(world: World) -> None:
    world.reserved_space -= 1


def corrupt_total(world: World) -> None:
    world.total_space += 1


def corrupt_capacity(world: World) -> None:
    world.total_space -= world.connected[0].capacity
    world.connected[0].capacity = 0


def corrupt_links(world: World) -> None:
    del world.connected[0].links[world.connected[1]]


def corrupt_presence(world: World) -> None:
    world.connected[0].connected = False


def corrupt_available(world: World) -> None:
    world.available.remove(world.available[0])


def corrupt_copies(world: World) -> None:
    file = world.available[0]
    file.copies[next(peer for peer in world.connected if peer not in file.copies)] = None


def corrupt_deletion(world: World) -> None:
    world.available[0].deleted = True


def corrupt_transfer(world: World) -> None:
    peer = next(peer for peer in world.connected if peer.transfers)
    next(iter(peer.transfers)).live = False


@pytest.mark.parametrize(
    ("corrupt", "said"),
    [
        (corrupt_used, "used_space, by peers is"),
        (corrupt_peer, "which is not what it holds"),
        (corrupt_reserved, "reserved_space is"),
        (corrupt_total, "total_space is"),
        (corrupt_capacity, "holds more than it can"),
        (corrupt_links, "is none in the other direction"),
        (corrupt_presence, "which is away or has none"),
        (corrupt_available, "available is"),
        (corrupt_copies, "which is away or has none"),
        (corrupt_deletion, "is stored and deleted"),
        (corrupt_transfer, "has ended and is on its way"),
    ],
)
def test_a_world_that_is_corrupted_on_purpose_is_found(
    corrupt: Callable[[World], None], said: str, stagehand: Any, invariants: Callable[[World], list[str]]
) -> None:
    hand = stagehand(replication=2)
    for name in "abcd":
        hand.peer(name)
    hand.upload("done")
    hand.passes(10 * SECOND)
    hand.upload("on its way")
    assert invariants(hand.world) == []
    corrupt(hand.world)
    assert said in "\n".join(invariants(hand.world))


UPLOAD = ("file_uploaded", {"key": "k", "size": 60, "node": "a"})
COPY = {"key": "k", "size": 60, "source": "a", "node": "b", "replicas": 2, "status": "SYNCED"}
ALERT = {"level": "warning", "value": 60.0, "threshold": 50}
SPACE = {"totalSpace": 200, "usedSpace": 60, "availableSpace": 140}
JOINED = [("peer_connected", {"id": "a"}), ("peer_connected", {"id": "b"})]


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([("peer_connected", {"id": "a"})], "a peer connects that is here"),
        ([("peer_disconnected", {"id": "c"})], "a peer disconnects that is not here"),
        ([("file_uploaded", {"key": "k", "size": 60, "node": "c"})], "an upload to a peer that is not here"),
        ([UPLOAD, UPLOAD], "a file is uploaded that is stored"),
        ([("file_deleted", {"key": "k", "node": "a"})], "a file is deleted that is not stored"),
        ([UPLOAD, ("file_deleted", {"key": "k", "node": "b"})], "a deletion at a peer that is away or has no copy"),
        ([("file_replicated", COPY)], "a copy of a file that is not stored"),
        ([UPLOAD, ("file_replicated", COPY | {"replicas": 3})], "3 replicas, not 2"),
        ([UPLOAD, ("file_replicated", COPY | {"node": "c"})], "a copy on a peer that is not here"),
        ([UPLOAD, ("file_replicated", COPY | {"source": "b"})], "a copy from where there is none"),
        ([UPLOAD, ("file_replicated", COPY | {"node": "a"})], "a copy to where there is one"),
        ([UPLOAD, ("file_replicated", COPY | {"status": "FAILED", "replicas": 1})], "fails between peers that are"),
        ([UPLOAD, ("storage_alert", ALERT)], "an alert at 60.0%, and it is 30.0%"),
        ([("storage_alert", ALERT | {"level": "info", "threshold": 25, "value": 0.0})], "well again without a reason"),
        ([("storage_alert", ALERT | {"value": 0.0})], "warning without a crossing"),
        ([UPLOAD, ("file_replicated", COPY)], "no warning at 60.0%"),
        ([UPLOAD, ("system_metrics", {"storage": SPACE | {"usedSpace": 61}})], "61 used, not 60"),
        ([UPLOAD, ("system_metrics", {"storage": SPACE | {"availableSpace": 1}})], "used + available is not total"),
        ([UPLOAD, ("system_metrics", {"storage": SPACE | {"totalSpace": 1}})], "another total"),
    ],
)
def test_a_story_that_is_corrupted_on_purpose_is_found(
    events: list[tuple[str, dict[str, Any]]], said: str, story: Any
) -> None:
    told = story(100, QUARTERS)
    for kind, data in JOINED + events:
        told.tell(kind, data)
    told.rest()
    assert said in "\n".join(told.problems)


def test_a_story_that_is_true_passes(story: Any) -> None:
    told = story(100, QUARTERS)
    for kind, data in [*JOINED, UPLOAD, ("file_replicated", COPY), ("storage_alert", ALERT)]:
        told.tell(kind, data)
    told.rest()
    assert told.problems == []


# What each verb does


def test_a_file_is_copied_as_often_as_it_should_be(stagehand: Any) -> None:
    hand = stagehand(replication=3)
    names = {f"id of {hand.peer(name).name}" for name in "abcde"}
    file = hand.upload("f")
    hand.passes(10 * SECOND)
    copies = hand.told("file_replicated")
    assert [(copy["status"], copy["replicas"]) for copy in copies] == [("SYNCED", 2), ("SYNCED", 3)]
    assert {copy["node"] for copy in copies} | {copies[0]["source"]} <= names
    assert len(file.copies) == 3


def test_copies_take_the_time_of_the_slower_of_two_peers(stagehand: Any) -> None:
    hand = stagehand(replication=2)
    hand.peer("a")
    hand.peer("b").bandwidth = MEBIBYTE // 2
    hand.upload("f")
    hand.passes(2 * SECOND + 19_999)
    assert hand.told("file_replicated") == []
    hand.passes(1)  # two seconds for a mebibyte, and both latencies of 10 ms
    assert len(hand.told("file_replicated")) == 1


def test_a_network_too_small_for_all_copies_makes_as_many_as_it_can(stagehand: Any) -> None:
    hand = stagehand(replication=3)
    hand.peer("a")
    hand.peer("b")
    file = hand.upload("f")
    hand.passes(10 * SECOND)
    assert len(file.copies) == 2


def test_space_is_reserved_from_the_moment_that_a_copy_is_on_its_way(stagehand: Any) -> None:
    hand = stagehand(replication=2)
    hand.peer("a", capacity=2 * MEBIBYTE)
    hand.peer("b", capacity=2 * MEBIBYTE)
    hand.upload("f")
    assert (hand.world.used_space, hand.world.reserved_space) == (MEBIBYTE, MEBIBYTE)
    hand.passes(10 * SECOND)
    assert (hand.world.used_space, hand.world.reserved_space) == (2 * MEBIBYTE, 0)


def test_an_upload_that_nobody_has_room_for_is_a_failed_request_and_no_event(stagehand: Any) -> None:
    hand = stagehand()
    hand.peer("a", capacity=10)
    hand.told()
    assert hand.world.upload("f", 11, hand.chance) is None
    assert hand.told() == []
    hand.world.measure()
    assert hand.told("network_metrics")[0]["errorRate"] == 1


def test_the_roomiest_peer_is_found_when_chance_finds_none(stagehand: Any) -> None:
    hand = stagehand(replication=1)
    for number in range(200):
        hand.peer(f"small-{number}", capacity=1)
    big = hand.peer("big", capacity=MEBIBYTE)
    assert list(hand.upload("f").copies) == [big]


def test_an_upload_without_any_peer_fails(stagehand: Any) -> None:
    hand = stagehand()
    assert hand.world.upload("f", 1, hand.chance) is None
    assert hand.told() == []


def test_a_name_is_stored_once(stagehand: Any) -> None:
    hand = stagehand()
    hand.peer("a")
    hand.upload("f")
    assert hand.world.upload("f", 1, hand.chance) is None


def test_connecting_twice_changes_nothing_and_neither_does_leaving_twice(stagehand: Any) -> None:
    hand = stagehand()
    peer = hand.peer("a")
    hand.world.connect(peer, hand.chance)
    assert len(hand.told()) == 1
    hand.world.disconnect(peer, "shutdown")
    hand.world.disconnect(peer, "timeout")
    assert [data["reason"] for data in hand.told()] == ["shutdown"]


def test_a_deletion_takes_all_copies_and_ends_those_on_their_way_in_silence(stagehand: Any) -> None:
    hand = stagehand()
    for name in "abc":
        hand.peer(name)
    file = hand.upload("f")
    hand.told()
    hand.world.delete(file)
    hand.passes(10 * SECOND)
    assert [data["key"] for data in hand.told()] == [file.key]
    assert (hand.world.used_space, hand.world.reserved_space) == (0, 0)


def test_a_peer_that_returns_drops_what_was_deleted_and_keeps_the_rest(stagehand: Any) -> None:
    hand = stagehand(replication=2)
    away, stays = hand.peer("a"), hand.peer("b")
    gone, kept = hand.upload("gone"), hand.upload("kept")
    hand.passes(10 * SECOND)
    hand.world.disconnect(away, "timeout")
    assert (away.used, hand.world.used_space) == (2 * MEBIBYTE, 2 * MEBIBYTE)
    hand.world.delete(gone)
    hand.world.connect(away, hand.chance)
    assert (list(away.held), list(stays.held)) == ([kept], [kept])
    assert (away.used, hand.world.used_space) == (MEBIBYTE, 2 * MEBIBYTE)
    hand.told()


def test_what_only_absent_peers_hold_is_not_available_until_one_is_back(stagehand: Any) -> None:
    hand = stagehand(replication=1)
    hand.peer("a")
    file = hand.upload("f")
    (holder,) = file.copies
    hand.world.disconnect(holder, "network_error")
    assert file not in hand.world.available
    assert file.key in hand.world.files
    hand.world.connect(holder, hand.chance)
    assert file in hand.world.available
    hand.told()


def test_a_transfer_to_a_peer_that_leaves_fails_and_another_peer_gets_the_copy(stagehand: Any) -> None:
    hand = stagehand(replication=2)
    for name in "abc":
        hand.peer(name)
    file = hand.upload("f")
    (target,) = file.coming
    hand.told()
    hand.world.disconnect(target, "network_error")
    hand.passes(10 * SECOND)
    failed, synced = hand.told("file_replicated")
    assert (failed["status"], failed["node"], failed["replicas"]) == ("FAILED", target.id, 1)
    assert (synced["status"], synced["replicas"]) == ("SYNCED", 2)
    assert synced["node"] != target.id


def test_a_transfer_from_a_peer_that_leaves_fails_and_goes_on_from_another(stagehand: Any) -> None:
    hand = stagehand(replication=3)
    slow = hand.peer("slow")
    slow.bandwidth = MEBIBYTE // 100
    hand.peer("b")
    hand.peer("c")
    files = [hand.upload(f"f{number}") for number in range(9)]
    file = next(file for file in files if slow not in file.copies)  # it went to one of the fast ones
    (source,) = file.copies
    hand.passes(10 * SECOND)
    assert list(file.coming) == [slow]
    hand.told()
    hand.world.disconnect(source, "timeout")
    hand.passes(200 * SECOND)
    copies = [data for data in hand.told("file_replicated") if data["key"] == file.key]
    assert [(copy["status"], copy["node"], copy["replicas"]) for copy in copies] == [
        ("FAILED", slow.id, 1),
        ("SYNCED", slow.id, 2),
    ]
    assert copies[0]["source"] == source.id != copies[1]["source"]


def test_a_transfer_whose_only_copy_has_left_fails_for_good(stagehand: Any) -> None:
    hand = stagehand(replication=2)
    hand.peer("a")
    hand.peer("b")
    file = hand.upload("f")
    (source,) = file.copies
    hand.world.disconnect(source, "timeout")
    hand.passes(10 * SECOND)
    assert [(data["status"], data["replicas"]) for data in hand.told("file_replicated")] == [("FAILED", 0)]


def test_where_copies_go_is_decided_by_the_file_alone(stagehand: Any) -> None:
    """What another behaviour uploads first moves no copy."""
    places = []
    for others in (0, 5):
        hand = stagehand(replication=3)
        for number in range(9):
            hand.peer(f"p{number}")
        for number in range(others):
            hand.upload(f"other-{number}")
        file = hand.upload("f")
        places.append({peer.name for peer in file.coming} | {peer.name for peer in file.copies})
    assert len(places[0] & places[1]) >= 2, "the place of the upload itself is chance"


def test_alerts_come_when_storage_crosses_a_threshold_and_say_so(stagehand: Any) -> None:
    hand = stagehand(replication=1, thresholds=QUARTERS)
    hand.peer("a", capacity=1000)
    files = [hand.upload(f"f{number}", 249) for number in range(4)]
    for file in files:
        hand.world.delete(file)
    alerts = hand.told("storage_alert")
    assert [(alert["level"], alert["value"], alert["threshold"]) for alert in alerts] == [
        ("warning", 74.7, 50),
        ("critical", 99.6, 75),
        ("info", 24.9, 25),
    ]
    assert [alert["message"] for alert in alerts] == [
        "Storage usage is 74.7%, at or above 50%",
        "Storage usage is 99.6%, at or above 75%",
        "Storage usage is 24.9%, below 25%",
    ]
    assert {alert["metric"] for alert in alerts} == {"storage_usage"}
    assert not any("node" in alert for alert in alerts), "it is about the whole network"


def test_an_alerts_message_never_contradicts_itself_by_rounding(stagehand: Any) -> None:
    hand = stagehand(replication=1, thresholds=QUARTERS)
    hand.peer("a", capacity=10_000)
    first, _ = hand.upload("f", 5_000), hand.upload("g", 2_499)
    hand.world.delete(first)
    assert hand.told("storage_alert")[-1]["message"] == "Storage usage is 24.99%, below 25%"


def test_usage_also_rises_when_peers_leave(stagehand: Any) -> None:
    hand = stagehand(replication=2, thresholds=QUARTERS)
    for name in "abc":
        hand.peer(name, capacity=1000)
    file = hand.upload("f", 600)
    hand.passes(10 * SECOND)
    assert hand.told("storage_alert") == []
    hand.world.disconnect(next(peer for peer in hand.world.peers.values() if peer not in file.copies), "evicted")
    assert [alert["level"] for alert in hand.told("storage_alert")] == ["warning"]


def test_a_world_without_thresholds_never_alarms(stagehand: Any) -> None:
    hand = stagehand(replication=1)
    hand.peer("a", capacity=10)
    hand.upload("f", 10)
    assert hand.told("storage_alert") == []


def test_metrics_are_read_off_the_world(stagehand: Any) -> None:
    hand = stagehand(replication=2)
    for name in "abc":
        hand.peer(name)
    hand.upload("f")
    hand.upload("g")
    hand.passes(10 * SECOND)
    hand.told()
    hand.world.measure()
    system, storage, network, performance = hand.told()
    space = {"totalSpace": 192 * MEBIBYTE, "usedSpace": 4 * MEBIBYTE, "availableSpace": 188 * MEBIBYTE}
    assert system["storage"] == space
    assert {name: storage[name] for name in space} == space
    assert (storage["fileCount"], storage["replicationFactor"]) == (2, 2)
    assert system["network"] == {"activeConnections": 3, "totalBytesTransferred": 4 * MEBIBYTE}
    assert network["activeConnections"] == 3
    assert network["averageBandwidth"] == pytest.approx(4 * MEBIBYTE / 10)
    assert system["performance"]["requestsPerSecond"] == performance["requestsPerSecond"] == 0.4
    assert system["performance"]["averageResponseTime"] == performance["averageResponseTime"] > 0


def test_a_world_without_peers_has_metrics_too(stagehand: Any) -> None:
    hand = stagehand()
    hand.world.measure()
    system, storage, *_ = hand.told()
    assert set(system["storage"].values()) == {0}
    assert (storage["fileCount"], storage["replicationFactor"]) == (0, 0)


@pytest.mark.parametrize("peers", [1, 2, 5, 40])
def test_every_peer_is_linked_and_links_are_counted_once(peers: int, stagehand: Any) -> None:
    hand = stagehand()
    for number in range(peers):
        hand.peer(f"p{number}")
    links = sum(len(peer.links) for peer in hand.world.connected)
    assert links % 2 == 0
    hand.told()
    hand.world.measure()
    assert hand.told("network_metrics")[0]["activeConnections"] == links // 2
    assert all(peer.links for peer in hand.world.connected) or peers == 1
