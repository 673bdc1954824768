"""The store: files come in, are copied, lost, repaired and deleted, and the space adds up all the while."""

from typing import Any

import pytest

from pvws.world import store as store_module
from pvws.world.entities import Peer
from pvws.world.places import PLACES_ASKED_MAX, PLACES_TRIED
from pvws.world.reading import Window
from tests.world.stagehand import MEBIBYTE, QUARTERS, SECOND, Stagehand, key_of

DELAY = 10 * SECOND
"""How long a peer may be away before what it held is copied again."""


class Asked(list[Peer]):
    """Peers that count how often one of them is looked at."""

    looks = 0

    def __getitem__(self, place: Any) -> Any:
        self.looks += 1
        return super().__getitem__(place)


def named(hand: Stagehand, *names: str, **figures: Any) -> list[Peer]:
    return [hand.peer(name, **figures) for name in names]


# Files come in


def test_a_file_is_copied_as_often_as_it_should_be(hand: Stagehand) -> None:
    named(hand, *"abcde")
    file = hand.upload()
    hand.passes(DELAY)
    told = hand.statuses()
    assert [(status, replicas) for status, _, replicas in told] == [
        ("SYNCING", 1),
        ("SYNCING", 1),
        ("SYNCED", 2),
        ("SYNCED", 3),
    ]
    assert {name for _, name, _ in told} == hand.holders(file) - {hand.world.peers[file.copies[0]].name}
    assert len(hand.holders(file)) == 3


def test_a_copy_that_takes_less_than_a_second_is_told_of_when_it_is_there(hand: Stagehand) -> None:
    named(hand, *"abc")
    hand.upload(size=MEBIBYTE - 1)
    hand.passes(DELAY)
    assert [status for status, *_ in hand.statuses()] == ["SYNCED", "SYNCED"]


def test_copies_take_the_pace_of_the_slower_of_two_peers_and_the_way_between_them() -> None:
    hand = Stagehand(replication=2)
    a = hand.peer("a", latency=10_000)
    hand.peer("b", bandwidth=MEBIBYTE // 2, latency=20_000)
    hand.upload(node=a)
    hand.passes(2 * SECOND + 29_999)
    assert [status for status, *_ in hand.statuses()] == ["SYNCING"]
    hand.passes(1)
    assert [status for status, *_ in hand.statuses()] == ["SYNCED"]


def test_a_network_that_is_too_small_makes_as_many_copies_as_it_can_and_the_others_later(hand: Stagehand) -> None:
    named(hand, *"ab")
    file = hand.upload()
    hand.passes(DELAY)
    assert (hand.holders(file), list(hand.store.lacking)) == ({"a", "b"}, [file.key])
    hand.peer("c")
    hand.passes(3 * SECOND)
    assert hand.holders(file) == {"a", "b", "c"}
    assert not hand.store.lacking


def test_one_copy_is_enough_where_no_more_are_asked_for() -> None:
    hand = Stagehand(replication=1)
    named(hand, *"abc")
    hand.upload()
    hand.passes(DELAY)
    assert hand.statuses() == []


def test_space_is_kept_free_from_the_moment_that_a_copy_is_on_its_way() -> None:
    hand = Stagehand(replication=2)
    a, b = named(hand, *"ab", capacity=2 * MEBIBYTE)
    hand.upload(node=a)
    assert (hand.store.used_space, hand.store.reserved_space) == (MEBIBYTE, MEBIBYTE)
    assert (a.room, b.room, b.used) == (MEBIBYTE, MEBIBYTE, 0)
    hand.passes(DELAY)
    assert (hand.store.used_space, hand.store.reserved_space) == (2 * MEBIBYTE, 0)
    assert (b.room, b.used) == (MEBIBYTE, MEBIBYTE)


def test_what_is_kept_free_for_one_copy_is_not_promised_to_another() -> None:
    hand = Stagehand(replication=2)
    a, b = named(hand, *"ab", capacity=2 * MEBIBYTE)
    first, second = hand.upload("f", MEBIBYTE + 1, a), hand.store.upload(key_of("g"), MEBIBYTE + 1, hand.chance, b)
    assert second is None
    assert [transfer.target for transfer in first.coming] == [b.number]


def test_an_upload_that_nobody_has_room_for_is_a_failed_request_and_no_event(hand: Stagehand) -> None:
    hand.peer("a", capacity=10)
    hand.told()
    reading = hand.world.reading()
    assert hand.store.upload(key_of("f"), 11, hand.chance) is None
    assert hand.told() == []
    hand.passes(SECOND)
    assert reading.look(hand.kernel.now) == Window(1.0, 0.0, 0.0, 1.0, requests=1, failures=1)


def test_an_upload_to_a_peer_that_is_away_full_or_crashed_fails(hand: Stagehand) -> None:
    away, full, crashed, _ = named(hand, *"abcd", capacity=MEBIBYTE)
    hand.leave(away)
    hand.world.crash(crashed)
    full.room -= 1
    for peer in (away, full, crashed):
        assert hand.store.upload(key_of("f"), MEBIBYTE, hand.chance, peer) is None
    full.room += 1
    assert hand.upload(node=full).copies == [full.number]


def test_an_upload_without_any_peer_fails(hand: Stagehand) -> None:
    assert hand.store.upload(key_of("f"), 1, hand.chance) is None
    assert hand.told() == []


def test_a_key_is_stored_once(hand: Stagehand) -> None:
    hand.peer("a")
    hand.upload()
    assert hand.store.upload(key_of("f"), 1, hand.chance) is None
    assert hand.store.traffic.failures == 1


def test_uploads_and_copies_keep_away_from_who_has_crashed(hand: Stagehand) -> None:
    peers = hand.peers(6)
    for peer in peers[:3]:
        hand.world.crash(peer)
    for number in range(20):
        file = hand.upload(f"f{number}", 1)
        hand.passes(SECOND)
        assert hand.holders(file) == {"p3", "p4", "p5"}


def test_where_copies_go_is_decided_by_the_key_alone(hand: Stagehand) -> None:
    """What another behaviour uploads first moves no copy."""
    other = Stagehand()
    for each, before in ((hand, 0), (other, 5)):
        peers = each.peers(9)
        for number in range(before):
            each.upload(f"other {number}", 1)
        for number in range(20):
            each.upload(f"f{number}", 1, peers[0])
        each.passes(SECOND)
    for number in range(20):
        first, second = hand.store.files[key_of(f"f{number}")], other.store.files[key_of(f"f{number}")]
        assert hand.holders(first) == other.holders(second)
    places = [tuple(sorted(file.copies)) for file in hand.store.files.values()]
    assert len(set(places)) > 3, "and not all at the same peers"


# What it costs to find a place


def test_where_nobody_has_room_an_upload_asks_a_few_peers_however_many_there_are(hand: Stagehand) -> None:
    hand.peers(5_000, capacity=0)
    hand.store.connected = asked = Asked(hand.store.connected)
    assert hand.store.upload(key_of("f"), 1, hand.chance) is None
    assert asked.looks <= PLACES_ASKED_MAX + PLACES_TRIED


def test_where_nobody_has_room_a_copy_asks_a_few_peers_however_many_there_are(hand: Stagehand) -> None:
    hand.peers(5_000, capacity=0)
    node = hand.peer("a")
    side = hand.world.overlay.sides[0] = Asked(hand.world.overlay.sides[0])
    file = hand.store.upload(key_of("f"), 1, hand.chance, node)
    assert file is not None
    assert side.looks <= PLACES_ASKED_MAX
    assert list(hand.store.lacking) == [file.key]


def test_where_there_is_room_an_upload_asks_no_more_than_it_needs(hand: Stagehand) -> None:
    hand.peers(5_000)
    side = hand.world.overlay.sides[0] = Asked(hand.world.overlay.sides[0])
    hand.store.connected = connected = Asked(hand.store.connected)
    for number in range(100):
        hand.store.upload(key_of(f"f{number}"), 1, hand.chance)
    assert connected.looks == 100
    assert side.looks <= 3 * 100, "two copies each, and now and then the peer that has the first one"


# Files go


def test_a_deletion_takes_all_copies_and_ends_those_on_their_way_in_silence(hand: Stagehand) -> None:
    a, *_ = named(hand, *"abc")
    file = hand.upload(node=a)
    hand.passes(SECOND // 2)
    hand.told()
    hand.store.delete(file)
    assert [data["node"] for data in hand.told()] == [a.id]
    assert (hand.store.used_space, hand.store.reserved_space, hand.store.copies, hand.store.transfers) == (0, 0, 0, 0)
    assert (hand.store.files, hand.store.available, file.place) == ({}, [], -1)
    hand.passes(DELAY)
    assert hand.told() == []


def test_a_deletion_is_answered_by_the_first_copy_that_answers(hand: Stagehand) -> None:
    a, b, c = named(hand, *"abc")
    file = hand.upload(node=b)
    hand.passes(3 * SECOND)
    hand.world.crash(b)
    hand.told()
    hand.store.delete(file)
    (told,) = hand.told("file_deleted")
    assert told["node"] in (a.id, c.id)


def test_of_a_file_that_is_deleted_no_copy_gets_a_turn() -> None:
    """It has one repair under way and one that waits, and so has another file."""
    hand = Stagehand(replication=3, repairs_at_once=1)
    a, b, c = named(hand, *"abc")
    file, other = hand.upload("f", node=a), hand.upload("g", node=a)
    hand.passes(3 * SECOND)
    for peer in (b, c):
        hand.leave(peer)
    named(hand, *"de")
    hand.passes(DELAY)
    hand.told()
    assert [transfer.status for each in (file, other) for transfer in each.coming].count("PENDING") == 3
    hand.store.delete(file)
    told = [(data["key"], data.get("status")) for data in hand.told()]
    assert told == [(other.key, "SYNCING"), (file.key, None)]


def test_the_place_of_a_file_that_goes_is_taken_by_the_last_one(hand: Stagehand) -> None:
    hand.peer("a")
    files = [hand.upload(f"f{number}", 1) for number in range(4)]
    hand.store.delete(files[1])
    assert hand.store.available == [files[0], files[3], files[2]]
    assert [file.place for file in hand.store.available] == [0, 1, 2]


# Files are changed and read


def test_an_update_tells_of_other_tags(hand: Stagehand) -> None:
    hand.peer("a")
    file = hand.upload()
    hand.told()
    hand.store.update(file, ("red", "round"), content=False)
    (told,) = hand.told()
    assert told["tags"] == ["red", "round"]
    assert (told["size"], told["checksum"]) == (MEBIBYTE, file.key)
    assert told["contentType"] == hand.world.descriptions.content_type(file.key)


def test_other_content_has_another_checksum_each_time_and_is_moved_to_all_copies(hand: Stagehand) -> None:
    named(hand, *"abc")
    file = hand.upload()
    hand.passes(3 * SECOND)
    moved = hand.store.traffic.bytes
    for _ in range(2):
        hand.store.update(file, ("red",), content=True)
    checksums = [data["checksum"] for data in hand.told("file_updated")]
    assert len({file.key, *checksums}) == 3
    assert hand.store.traffic.bytes - moved == 2 * 3 * MEBIBYTE


def test_reads_are_traffic_and_no_events(hand: Stagehand) -> None:
    hand.peer("a", latency=5_000)
    file = hand.upload()
    hand.told()
    reading = hand.world.reading()
    hand.store.read(file, hand.chance)
    hand.passes(SECOND)
    assert hand.told("file_updated") == []
    assert reading.look(hand.kernel.now) == Window(1.0, 0.01, MEBIBYTE, 0.0, requests=1)


def test_a_read_at_a_peer_that_crashed_fails(hand: Stagehand) -> None:
    peer = hand.peer("a")
    file = hand.upload()
    hand.world.crash(peer)
    hand.store.read(file, hand.chance)
    assert hand.store.traffic.failures == 1


# Peers are lost, and with them copies


def stored(hand: Stagehand, *names: str, files: int = 1) -> list[Peer]:
    """Peers, and files that all of them hold."""
    peers = named(hand, *names)
    for number in range(files):
        hand.upload(f"f{number}", node=peers[0])
    hand.passes(5 * SECOND)
    hand.told()
    return peers


def test_what_a_lost_peer_held_is_copied_again_after_a_while(hand: Stagehand) -> None:
    *_, lost = stored(hand, *"abc")
    hand.peer("d")
    hand.leave(lost)
    hand.passes(DELAY - 1)
    assert hand.statuses() == []
    hand.passes(1)
    assert hand.statuses() == [("SYNCING", "d", 2)]
    hand.passes(SECOND)
    assert hand.statuses() == [("SYNCED", "d", 3)]


def test_a_peer_that_is_back_before_that_has_cost_nothing(hand: Stagehand) -> None:
    *_, lost = stored(hand, *"abc")
    hand.peer("d")
    hand.leave(lost)
    hand.passes(DELAY - 1)
    hand.back(lost)
    hand.passes(10 * DELAY)
    assert hand.statuses() == []
    assert hand.store.copies == 3


def test_the_time_begins_anew_when_a_peer_was_back_meanwhile(hand: Stagehand) -> None:
    *_, lost = stored(hand, *"abc")
    hand.peer("d")
    for wait in (DELAY // 2, DELAY - 1):
        hand.leave(lost)
        hand.passes(wait)
        hand.back(lost)
    assert hand.statuses() == []


def test_repairs_wait_for_their_turn() -> None:
    hand = Stagehand(replication=2, repairs_at_once=1)
    _, lost = stored(hand, *"ab", files=3)
    hand.peer("d")
    hand.leave(lost)
    hand.passes(DELAY)
    assert [status for status, *_ in hand.statuses()] == ["SYNCING", "PENDING", "PENDING"]
    for _ in range(2):
        hand.passes(SECOND)
        assert hand.statuses() == [("SYNCING", "d", 1), ("SYNCED", "d", 2)]
    hand.passes(SECOND)
    assert hand.statuses() == [("SYNCED", "d", 2)]


def test_a_repair_takes_as_long_as_its_peers_need_when_it_gets_its_turn() -> None:
    hand = Stagehand(replication=2, repairs_at_once=1)
    keeps, lost = named(hand, *"ab", latency=10_000)
    for number in range(2):
        hand.upload(f"f{number}", node=keeps)
    hand.passes(5 * SECOND)
    hand.peer("c")
    hand.world.burden(keeps, slowness=100)  # the way takes a second longer
    hand.leave(lost)
    hand.passes(DELAY)
    hand.world.burden(keeps, slowness=1)
    hand.told()
    hand.passes(2 * SECOND)
    assert [status for status, *_ in hand.statuses()] == ["SYNCING", "SYNCED"]
    hand.passes(SECOND + 10_000)
    assert [status for status, *_ in hand.statuses()] == ["SYNCED"]


def test_of_a_large_loss_so_much_is_begun_at_once_and_the_others_second_by_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What waits is told of: all of it at an instant would be more than clients may lag behind."""
    assert store_module.RETRY_FILES_MAX <= 8_192 / 4, "a contract's backlog of messages is far from full"
    monkeypatch.setattr(store_module, "RETRY_FILES_MAX", 20)
    hand = Stagehand(replication=2, repairs_at_once=4)
    lost, _ = named(hand, *"ab")
    count = 2 * 20 + 10
    for number in range(count):
        hand.upload(f"f{number}", 1, lost)
    hand.passes(5 * SECOND)
    hand.peer("c")
    hand.leave(lost)
    hand.passes(DELAY - 1)
    hand.told()
    told = []
    for _ in range(3):
        hand.passes(1)
        told.append(len({data["key"] for data in hand.told("file_replicated")}))
        hand.passes(SECOND - 1)
        hand.told()
    assert told == [20, 20, 10]
    assert hand.store.copies == 2 * count


def test_when_the_peer_is_back_the_rest_of_its_loss_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "RETRY_FILES_MAX", 20)
    hand = Stagehand(replication=2, repairs_at_once=4)
    lost, _ = named(hand, *"ab")
    for number in range(30):
        hand.upload(f"f{number}", 1, lost)
    hand.passes(5 * SECOND)
    hand.peer("c")
    hand.leave(lost)
    hand.passes(DELAY)
    hand.told()
    hand.back(lost)
    hand.passes(10 * SECOND)
    assert hand.statuses() == []


def test_a_peer_that_is_back_keeps_what_is_still_on_its_way_to_others() -> None:
    hand = Stagehand(replication=2, repairs_at_once=1)
    _, lost = stored(hand, *"ab", files=3)
    hand.peer("c")
    hand.leave(lost)
    hand.passes(DELAY + SECOND)  # one of three has arrived
    assert hand.store.copies == 4
    hand.told()
    hand.back(lost)
    assert sorted(hand.statuses()) == [("FAILED", "c", 2), ("FAILED", "c", 2)]
    assert (hand.store.copies, hand.store.transfers, len(lost.held)) == (6, 0, 2)
    assert hand.store.traffic.failures == 0, "it was called off"
    hand.passes(10 * SECOND)
    assert hand.statuses() == []


def test_a_peer_that_is_back_drops_copies_of_which_there_are_enough(hand: Stagehand) -> None:
    *_, lost = stored(hand, *"abc")
    hand.peer("d")
    hand.leave(lost)
    hand.passes(DELAY + 2 * SECOND)
    assert lost.used == MEBIBYTE
    hand.back(lost)
    assert (lost.used, lost.room, lost.held) == (0, lost.capacity, {})
    assert hand.store.copies == 3


def test_a_peer_that_is_back_drops_what_was_deleted_and_keeps_the_rest() -> None:
    hand = Stagehand(replication=2)
    stays, away = stored(hand, *"ab", files=2)
    hand.leave(away)
    assert (away.used, hand.store.used_space) == (2 * MEBIBYTE, 2 * MEBIBYTE)
    hand.store.delete(hand.store.files[key_of("f0")])
    hand.back(away)
    assert list(away.held) == list(stays.held) == [key_of("f1")]
    assert (away.used, hand.store.used_space) == (MEBIBYTE, 2 * MEBIBYTE)
    hand.told()


def test_what_only_absent_peers_hold_is_not_available_until_one_is_back() -> None:
    hand = Stagehand(replication=1)
    (holder,) = stored(hand, "a")
    file = hand.store.files[key_of("f0")]
    hand.leave(holder)
    assert (hand.store.available, file.place, file.key in hand.store.files) == ([], -1, True)
    hand.back(holder)
    assert hand.store.available == [file]
    hand.told()


def test_what_nobody_was_there_to_copy_is_copied_when_somebody_is_back(hand: Stagehand) -> None:
    peers = stored(hand, *"abc")
    named(hand, *"de")
    for peer in peers:
        hand.leave(peer)
    hand.passes(2 * DELAY)
    hand.back(peers[0])
    hand.passes(5 * SECOND)
    assert hand.holders(hand.store.files[key_of("f0")]) == {"a", "d", "e"}


def test_a_file_whose_only_holder_was_away_for_a_moment_gets_its_copies(hand: Stagehand) -> None:
    a, *_ = named(hand, *"abc")
    file = hand.upload(node=a)
    hand.leave(a)
    hand.passes(SECOND // 2)
    hand.back(a)
    hand.passes(5 * SECOND)
    assert hand.holders(file) == {"a", "b", "c"}


# Copies on their way fail


def test_a_copy_to_a_peer_that_leaves_fails_and_another_peer_gets_one() -> None:
    hand = Stagehand(replication=2)
    a, *_ = named(hand, *"abc")
    file = hand.upload(node=a)
    target = hand.world.peers[file.coming[0].target]
    hand.told()
    hand.leave(target)
    assert hand.statuses()[0] == ("FAILED", target.name, 1)
    hand.passes(DELAY)
    ((status, name, replicas),) = hand.statuses()
    assert (status, replicas) == ("SYNCED", 2)
    assert name not in ("a", target.name)
    assert hand.store.traffic.failures == 1


def test_a_copy_from_a_peer_that_leaves_fails_and_goes_on_from_another(hand: Stagehand) -> None:
    source, _, slow = hand.peer("a"), hand.peer("b"), hand.peer("slow", bandwidth=MEBIBYTE // 100)
    file = hand.upload(node=source)
    hand.passes(2 * SECOND)
    assert [transfer.target for transfer in file.coming] == [slow.number]
    hand.told()
    hand.leave(source)
    hand.passes(200 * SECOND)
    assert hand.statuses() == [("FAILED", "slow", 1), ("SYNCING", "slow", 1), ("SYNCED", "slow", 2)]


def test_a_copy_whose_only_source_has_left_fails() -> None:
    hand = Stagehand(replication=2)
    a, _ = named(hand, *"ab")
    hand.upload(node=a)
    hand.told()
    hand.leave(a)
    hand.passes(DELAY)
    assert hand.statuses() == [("FAILED", "b", 0)]


def test_a_failed_copy_is_replaced_at_once_and_a_lost_one_in_its_time(hand: Stagehand) -> None:
    """The peer that leaves is the source of the one, and has the other."""
    source, _, slow = hand.peer("a"), hand.peer("b"), hand.peer("slow", bandwidth=MEBIBYTE // 100)
    file = hand.upload(node=source)
    hand.passes(2 * SECOND)
    named(hand, *"de")
    hand.leave(source)
    assert len(file.coming) == 1
    hand.passes(DELAY - 1)
    assert len(file.copies) + len(file.coming) == 2
    hand.passes(1)
    assert len(file.copies) + len(file.coming) == 3
    assert slow.connected


def test_a_repair_that_fails_is_replaced_by_a_repair() -> None:
    hand = Stagehand(replication=3, repairs_at_once=1)
    first, _, lost = stored(hand, *"abc", files=5)
    named(hand, *"de")
    hand.leave(lost)
    hand.passes(DELAY)
    hand.told()
    hand.leave(first)
    told = [status for status, *_ in hand.statuses()]
    assert told == ["FAILED"] * 5 + ["SYNCING"] + ["PENDING"] * 4
    assert hand.store.traffic.failures == 1, "the others had not begun"


# Crashes


def test_a_crash_interrupts_copies_and_nobody_is_told_before_somebody_notices() -> None:
    hand = Stagehand(replication=2)
    a, b = named(hand, *"ab")
    hand.upload(node=a)
    hand.told()
    hand.world.crash(b)
    hand.passes(5 * SECOND)
    assert hand.statuses() == []
    assert (hand.store.transfers, b.room) == (1, b.capacity - MEBIBYTE)
    hand.back(b)
    assert hand.statuses() == [("FAILED", "b", 1), ("SYNCING", "b", 1)]
    hand.passes(SECOND)
    assert hand.statuses() == [("SYNCED", "b", 2)]


def test_copies_from_a_peer_that_is_given_up_go_on_from_another(hand: Stagehand) -> None:
    source, _, slow = hand.peer("a"), hand.peer("b"), hand.peer("slow", bandwidth=MEBIBYTE // 100)
    file = hand.upload(node=source)
    hand.passes(2 * SECOND)
    hand.world.crash(source)
    hand.passes(120 * SECOND)
    assert hand.holders(file) == {"b"}
    assert [hand.world.peers[transfer.source].name for transfer in file.coming] == ["b"]
    hand.passes(60 * SECOND)
    assert hand.holders(file) == {"b", "slow"}
    assert slow.connected


def test_nothing_is_copied_from_a_peer_that_crashed(hand: Stagehand) -> None:
    a, *_ = named(hand, *"ab")
    file = hand.upload(node=a)
    hand.passes(2 * SECOND)
    hand.world.crash(a)
    hand.peer("c")
    hand.passes(5 * SECOND)
    assert hand.holders(file) == {"a", "b", "c"}
    assert hand.store.traffic.failures == 0


def test_a_file_that_only_crashed_peers_have_gets_its_copies_when_one_answers_again(hand: Stagehand) -> None:
    a = hand.peer("a")
    file = hand.upload(node=a)
    hand.world.crash(a)
    named(hand, *"bc")
    hand.passes(5 * SECOND)
    assert hand.holders(file) == {"a"}
    hand.back(a)
    hand.passes(5 * SECOND)
    assert hand.holders(file) == {"a", "b", "c"}


# Corrupt copies


def spoil(hand: Stagehand, *names: str) -> None:
    """The copies of the first file at these peers are corrupt from now on."""
    file = hand.store.available[0]
    for name in names:
        peer = hand.world.find(name)
        assert peer is not None
        hand.world.corrupt(file, peer, hand.chance)


def read(hand: Stagehand, times: int = 100) -> None:
    """The first file is read, so often that each copy is met."""
    for _ in range(times):
        hand.store.read(hand.store.available[0], hand.chance)


def test_a_corrupt_copy_is_found_out_when_it_is_read_and_replaced(hand: Stagehand) -> None:
    stored(hand, *"abc")
    spoil(hand, "b")
    assert hand.told() == []
    read(hand)
    assert hand.statuses() == [("FAILED", "b", 2), ("SYNCING", "b", 2)]
    hand.passes(SECOND)
    assert hand.statuses() == [("SYNCED", "b", 3)]
    assert not hand.store.corrupt


def test_a_corrupt_copy_is_found_out_by_itself_within_the_time_of_a_scrub(hand: Stagehand) -> None:
    stored(hand, *"abc", files=20)
    for file in hand.store.available:
        hand.world.corrupt(file, hand.world.peers[file.copies[1]], hand.chance)
    hand.passes(15 * SECOND)
    found = [status for status, *_ in hand.statuses()].count("FAILED")
    assert 3 <= found <= 17
    hand.passes(15 * SECOND)
    assert found + [status for status, *_ in hand.statuses()].count("FAILED") == 20


def test_finding_one_is_an_incident_at_its_peer() -> None:
    hand = Stagehand(thresholds={"integrity_violation": QUARTERS})
    peers = stored(hand, *"abc", files=60)
    for file in hand.store.available:
        hand.world.corrupt(file, peers[1], hand.chance)
    hand.passes(30 * SECOND)
    assert [(alert["level"], alert["source"]) for alert in hand.told("security_alert")] == [("warning", peers[1].id)]


def test_the_last_copy_stays_even_when_it_is_corrupt(hand: Stagehand) -> None:
    stored(hand, "a")
    spoil(hand, "a")
    read(hand, 3)
    hand.passes(60 * SECOND)
    read(hand, 1)
    assert hand.statuses() == []
    assert hand.world.watch.incidents("integrity_violation") == 2, "the scrub's and the last read's are of that minute"
    assert hand.holders(hand.store.available[0]) == {"a"}


def test_a_copy_of_a_bad_copy_is_bad(hand: Stagehand) -> None:
    stored(hand, "a")
    spoil(hand, "a")
    named(hand, *"bc")
    hand.passes(5 * SECOND)
    assert hand.store.corrupt.has(hand.store.available[0].key, 1)


def test_copies_on_their_way_from_a_bad_copy_end_with_it(hand: Stagehand) -> None:
    a, _, slow = hand.peer("a"), hand.peer("b"), hand.peer("slow", bandwidth=MEBIBYTE // 100)
    hand.upload(node=a)
    hand.passes(2 * SECOND)
    spoil(hand, "a")
    hand.told()
    read(hand)
    told = hand.statuses()
    assert told[:2] == [("FAILED", "a", 1), ("FAILED", "slow", 1)]
    assert sorted(told[2:]) == [("SYNCING", "a", 1), ("SYNCING", "slow", 1)]
    assert slow.used == 0


def test_new_content_makes_copies_whole_again(hand: Stagehand) -> None:
    stored(hand, *"abc")
    spoil(hand, "a", "b")
    hand.store.update(hand.store.available[0], ("red",), content=False)
    assert hand.store.corrupt
    hand.store.update(hand.store.available[0], ("red",), content=True)
    assert not hand.store.corrupt


def test_who_is_back_tells_what_of_its_disk_is_corrupt(hand: Stagehand) -> None:
    _, b, _ = stored(hand, *"abc")
    spoil(hand, "b")
    hand.leave(b)
    hand.passes(DELAY // 2)
    hand.told()
    hand.back(b)
    assert hand.kinds() == ["peer_connected", "file_replicated", "file_replicated"]
    hand.passes(SECOND)
    assert hand.holders(hand.store.available[0]) == {"a", "b", "c"}


def test_the_disk_of_who_has_crashed_is_looked_at_when_it_answers_again(hand: Stagehand) -> None:
    _, b, _ = stored(hand, *"abc")
    spoil(hand, "b")
    hand.world.crash(b)
    hand.passes(20 * SECOND)
    read(hand)
    assert hand.statuses() == []
    hand.back(b)
    assert hand.statuses() == [("FAILED", "b", 2), ("SYNCING", "b", 2)]


def test_nothing_is_left_of_a_corrupt_copy_whose_file_is_deleted_or_which_is_dropped(hand: Stagehand) -> None:
    _, b, _ = stored(hand, *"abc", files=2)
    for file in hand.store.available:
        hand.world.corrupt(file, b, hand.chance)
    hand.leave(b)
    hand.store.delete(hand.store.available[0])
    hand.peer("d")
    hand.passes(DELAY + 3 * SECOND)
    hand.told()
    hand.back(b)
    assert not hand.store.corrupt
    assert hand.statuses() == [], "of the one there are enough, the other is gone"


def test_only_copies_that_are_there_become_corrupt_and_once(hand: Stagehand) -> None:
    stored(hand, *"abc")
    file, other = hand.store.available[0], hand.peer("d")
    spoil(hand, "d", "b", "b")
    assert hand.store.corrupt == {file.key: [1]}
    hand.store.delete(file)
    for peer in (other, hand.world.peers[0]):
        hand.world.corrupt(file, peer, hand.chance)
    assert not hand.store.corrupt


# Files that lack copies get them when there is room


def full(hand: Stagehand) -> tuple[Any, Any]:
    """Two files at peers of which only one has room for the copy of one of them: the other lacks its copy."""
    a, b = hand.peer("a", capacity=2 * MEBIBYTE), hand.peer("b", capacity=MEBIBYTE)
    files = hand.upload("f", node=a), hand.upload("g", node=a)
    hand.passes(3 * SECOND)
    assert list(hand.store.lacking) == [files[1].key]
    assert b.room == 0
    return files


def test_a_deletion_makes_room() -> None:
    hand = Stagehand(replication=2)
    first, second = full(hand)
    hand.store.delete(first)
    hand.passes(3 * SECOND)
    assert hand.holders(second) == {"a", "b"}
    assert not hand.store.lacking


def test_a_peer_that_joins_brings_room() -> None:
    hand = Stagehand(replication=2)
    _, second = full(hand)
    hand.peer("c")
    hand.passes(3 * SECOND)
    assert hand.holders(second) == {"a", "c"}


def test_a_copy_that_is_dropped_since_it_was_corrupt_makes_room() -> None:
    hand = Stagehand(replication=2)
    first, second = full(hand)
    hand.peer("c", capacity=MEBIBYTE - 1)
    hand.world.corrupt(first, hand.world.peers[1], hand.chance)
    assert hand.holders(first) == {"a", "b"}
    hand.passes(40 * SECOND)
    assert (len(first.copies), len(second.copies)) in ((1, 2), (2, 1))


def test_a_file_that_lacks_a_copy_and_is_deleted_lacks_nothing() -> None:
    hand = Stagehand(replication=2)
    _, second = full(hand)
    hand.store.delete(second)
    assert not hand.store.lacking


def test_who_comes_back_with_a_copy_ends_the_lack_of_it() -> None:
    hand = Stagehand(replication=2)
    a, b = named(hand, *"ab", capacity=MEBIBYTE)
    file = hand.upload(node=a)
    hand.passes(3 * SECOND)
    hand.leave(b)
    hand.passes(2 * DELAY)
    assert list(hand.store.lacking) == [file.key]
    hand.back(b)
    assert not hand.store.lacking
