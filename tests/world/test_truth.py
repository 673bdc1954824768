"""The truth: what is so, to be compared with what a client made of the events."""

from msgspec import json

from pvws.world.alerts import DEFAULT_THRESHOLDS
from pvws.world.truth import CopyTruth, Truth, truth
from tests.world.stagehand import MEBIBYTE, QUARTERS, SECOND, Stagehand


def test_a_world_without_anything_has_nothing_to_say(hand: Stagehand) -> None:
    said = truth(hand.world)
    assert (said.peers, said.files, said.alerts) == ([], [], [])
    assert (said.total_space, said.used_space, said.file_count, said.active_connections) == (0, 0, 0, 0)


def test_a_story_of_all_events_knows_it(hand: Stagehand) -> None:
    a, b, *_ = hand.peers(5)
    for number in range(4):
        hand.upload(f"f{number}")
    hand.passes(SECOND // 2)
    hand.leave(b)
    hand.world.crash(a)
    for seconds in (1, 16, 20, 20):
        hand.passes(seconds * SECOND)
        hand.told()
        assert hand.story.against(truth(hand.world)) == []


def test_a_story_that_missed_something_differs(hand: Stagehand) -> None:
    """The canary: the comparison can fail."""
    hand.peers(3)
    hand.upload()
    hand.passes(5 * SECOND)
    said = truth(hand.world)
    for file in hand.story.files.values():
        file.holders.popitem()
    assert {problem.partition(":")[0] for problem in hand.story.against(said)} == {"used space", "copies"}


def test_a_peer_is_described_with_its_figures(hand: Stagehand) -> None:
    peer = hand.peer("anna", latency=10_000, phase=0)
    hand.upload(node=peer)
    hand.passes(12 * SECOND)
    (said,) = truth(hand.world).peers
    assert (said.id, said.name, said.address, said.port) == (peer.id, "anna", "10.0.0.1", 8000)
    assert (said.capacity, said.used, said.connected, said.status) == (peer.capacity, MEBIBYTE, True, "ONLINE")
    assert (said.response_time, said.uptime, said.cluster) == (0.02, 12, 0)
    assert said.last_heartbeat.text == "2024-01-01T00:00:10.000Z"


def test_a_peer_that_has_just_joined_is_not_up_for_less_than_no_time(hand: Stagehand) -> None:
    hand.passes(999)
    hand.peer("a")
    assert truth(hand.world).peers[0].uptime == 0


def test_who_is_away_is_known_with_its_disk_and_is_not_up(hand: Stagehand) -> None:
    peer = hand.peer("a")
    hand.upload(node=peer)
    hand.passes(5 * SECOND)
    hand.leave(peer)
    said = truth(hand.world)
    (away,), (file,) = said.peers, said.files
    assert (away.connected, away.status, away.used, away.uptime) == (False, "OFFLINE", MEBIBYTE, 0)
    assert (file.copies, said.file_count, said.used_space) == ([], 0, 0)


def test_sides_of_a_partition_are_numbered(hand: Stagehand) -> None:
    peers = hand.peers(5)
    hand.cut(peers[:2], peers[2:])
    assert [peer.cluster for peer in truth(hand.world).peers] == [1, 1, 0, 0, 0]


def test_a_copy_on_its_way_has_got_so_far(hand: Stagehand) -> None:
    a, b = hand.peers(2)
    hand.upload(node=a)
    progress = []
    for _ in range(3):
        (file,) = truth(hand.world).files
        assert file.copies[0] == CopyTruth(a.id, "SYNCED", 1.0)
        progress.append(file.copies[1])
        hand.passes(SECOND // 2)
    expected = [("SYNCING", 0), ("SYNCING", 0.5), ("SYNCED", 1)]
    assert progress == [CopyTruth(b.id, status, share) for status, share in expected]  # type: ignore[arg-type]


def test_a_copy_that_waits_has_got_nowhere() -> None:
    hand = Stagehand(replication=2, repairs_at_once=1)
    a, b = hand.peers(2)
    for number in range(2):
        hand.upload(f"f{number}", 100 * MEBIBYTE // 10, a)
    hand.passes(20 * SECOND)
    hand.peer()
    hand.leave(b)
    hand.passes(15 * SECOND)
    copies = [file.copies[1] for file in truth(hand.world).files]
    assert [(copy.status, copy.progress) for copy in copies] == [("SYNCING", 0.5), ("PENDING", 0)]


def test_a_file_is_described_as_its_events_do(hand: Stagehand) -> None:
    hand.peer("a")
    file = hand.upload()
    (said,) = truth(hand.world).files
    words = hand.world.descriptions
    assert (said.key, said.size, said.checksum) == (file.key, MEBIBYTE, file.key)
    assert (said.name, said.owner) == (words.file_name(file.key), words.owner(file.key))
    assert said.tags == list(words.tags(file.key))
    hand.store.update(file, ("red",), content=True)
    (told,) = hand.told("file_updated")
    (said,) = truth(hand.world).files
    assert (said.tags, said.checksum, said.content_type) == (told["tags"], told["checksum"], told["contentType"])


def test_alerts_that_were_not_cleared_are_named_as_they_were_told() -> None:
    hand = Stagehand(1, {**DEFAULT_THRESHOLDS, "storage_usage": QUARTERS, "peer_storage_usage": QUARTERS})
    a, _ = hand.peers(2, capacity=MEBIBYTE)
    hand.upload(node=a)
    alerts = hand.told("storage_alert")
    said = [(alert.metric, alert.level, alert.node) for alert in truth(hand.world).alerts]
    assert sorted(said, key=str) == sorted(
        [(told["metric"], told["level"], told.get("node")) for told in alerts], key=str
    )
    assert len(said) == 2


def test_totals_are_those_of_the_metrics(hand: Stagehand) -> None:
    hand.peers(4)
    hand.upload()
    hand.passes(5 * SECOND)
    said = truth(hand.world)
    assert said.active_connections == hand.world.overlay.links
    assert said.total_bytes_transferred == 3 * MEBIBYTE
    assert (said.total_space, said.used_space, said.file_count) == (256 * MEBIBYTE, 3 * MEBIBYTE, 1)
    assert said.at.text == "2024-01-01T00:00:05.000Z"


def test_it_goes_over_a_wire_in_the_words_of_the_api(hand: Stagehand) -> None:
    hand.peers(2)
    hand.upload()
    said = json.decode(json.encode(truth(hand.world), enc_hook=str))
    assert set(said) == {*Truth.__struct_encode_fields__}
    assert said["peers"][0]["lastHeartbeat"] == "2024-01-01T00:00:00.000Z"
    assert said["files"][0]["contentType"]
