"""Copies on their way, and the accounts of what they take; test_store.py has what becomes of whole files."""

from tests.world.stagehand import MEBIBYTE, QUARTERS, SECOND, Stagehand

LIMITED = {"storage_usage": QUARTERS, "peer_storage_usage": QUARTERS}


def test_what_is_on_its_way_takes_room_and_alarms_nobody_before_it_is_there() -> None:
    hand = Stagehand(replication=2, thresholds=LIMITED)
    a, b = (hand.peer(name, capacity=4 * MEBIBYTE, bandwidth=MEBIBYTE, latency=0) for name in "ab")
    hand.upload(size=2 * MEBIBYTE, node=a)
    assert (b.room, b.used, hand.store.taken_space, hand.store.used_space) == (
        2 * MEBIBYTE,
        0,
        4 * MEBIBYTE,
        2 * MEBIBYTE,
    )
    hand.passes(2 * SECOND - 1)
    assert [alert.get("node") for alert in hand.told("storage_alert")] == [a.id]
    hand.passes(1)
    assert [alert.get("node") for alert in hand.told("storage_alert")] == [b.id, None]


def test_an_alarm_ends_by_what_is_used_though_more_is_taken() -> None:
    hand = Stagehand(replication=2, thresholds=LIMITED)
    a, b = (hand.peer(name, capacity=4 * MEBIBYTE, bandwidth=MEBIBYTE, latency=0) for name in "ab")
    file = hand.upload("f", 2 * MEBIBYTE, a)
    hand.passes(2 * SECOND)
    hand.upload("g", MEBIBYTE // 2, b)
    hand.told()
    hand.store.delete(file)
    assert {alert.get("node") for alert in hand.told("storage_alert") if alert["level"] == "info"} == {a.id, b.id, None}
    assert (hand.store.used_space, hand.store.reserved_space) == (MEBIBYTE // 2, MEBIBYTE // 2)


def test_copies_and_the_space_they_take_are_those_that_are_here_settled_or_not() -> None:
    hand = Stagehand(replication=2)
    a, b = hand.peers(2)
    file = hand.upload(node=a)
    for settled in (False, True):
        if settled:
            hand.store.traffic.settle()
        assert (hand.store.copies, hand.store.used_space, hand.store.transfers) == (1, MEBIBYTE, 1)
    hand.passes(5 * SECOND)
    assert (hand.store.copies, hand.store.used_space, hand.store.transfers) == (2, 2 * MEBIBYTE, 0)
    hand.leave(b)
    assert (hand.store.copies, hand.store.used_space) == (1, MEBIBYTE)
    hand.back(b)
    assert (hand.store.copies, hand.store.used_space) == (2, 2 * MEBIBYTE)
    hand.store.delete(file)
    assert (hand.store.copies, hand.store.used_space, hand.store.traffic.bytes) == (0, 0, 2 * MEBIBYTE)
