"""What differs between two recordings, and what is none of a difference."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from pvws.recording.compare import Change, Comparison, Difference, compare, items_of
from pvws.recording.format import Close, Entry, Mark, Message, Ping
from tests.recording.entries import recordings

SECOND = 1_000_000


def event(t: float, kind: str = "file_uploaded", topic: str = "file_operations", /, **data: Any) -> Message:
    stamp = f"2024-01-01T00:00:{int(t):02d}Z"
    whole = {"type": kind, "topic": topic, "data": data | {"timestamp": stamp}, "timestamp": stamp}
    return Message(int(t * SECOND), "recv", json.dumps(whole).encode())


def compared(first: list[Message], second: list[Message], tolerance: float | None = None, **how: Any) -> Comparison:
    ones, others = (items_of(enumerate(entries, 2), **how) for entries in (first, second))
    return compare(ones, others, tolerance=None if tolerance is None else int(tolerance * SECOND))


def told(comparison: Comparison) -> list[tuple[str, int | None, int | None]]:
    return [
        (each.kind, None if each.first is None else each.first.line, None if each.second is None else each.second.line)
        for each in comparison.differences
    ]


FILES = [event(1, key="a", size=1), event(2, key="b", size=1), event(3, key="c", size=1), event(4, key="a", size=2)]


def test_a_recording_does_not_differ_from_itself_nor_from_one_of_another_day() -> None:
    later = [event(entry.t / SECOND + 30, **_data(entry)) for entry in FILES]
    for other in (FILES, later):
        assert compared(FILES, other, tolerance=0) == Comparison([], 4, other[0].t - FILES[0].t)


def _data(entry: Message) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(entry.data)["data"]
    del data["timestamp"]
    return data


def test_what_is_not_there_is_missing_and_what_was_not_there_is_extra() -> None:
    other = [FILES[0], *FILES[2:], event(5, key="d", size=1)]
    assert told(compared(FILES, other)) == [("missing", 3, None), ("extra", None, 5)]


def test_what_has_another_value_is_changed_and_its_fields_are_told() -> None:
    one = event(1, "storage_metrics", "system", usedSpace=5, more={"a": [1, 2], "gone": None})
    other = event(1, "storage_metrics", "system", usedSpace=6, more={"a": [1, 3], "new": "x"})
    (difference,) = compared([one], [other]).differences
    assert difference.kind == "changed"
    assert difference.changes == (
        Change("data.more.a[1]", "2", "3"),
        Change("data.more.gone", "null", None),
        Change("data.more.new", None, '"x"'),
        Change("data.usedSpace", "5", "6"),
    )


def test_what_changed_is_found_among_others_of_its_thing() -> None:
    other = [FILES[0], FILES[1], FILES[2], event(4, key="a", size=9)]
    assert told(compared(FILES, other)) == [("changed", 5, 5)]


def test_another_order_within_a_topic_is_told_of_the_fewest() -> None:
    other = [FILES[1], FILES[2], FILES[0], FILES[3]]
    assert told(compared(FILES, other)) == [("reordered", 2, 4)]
    peers = event(2, "peer_connected", "peer_network", id="p")
    assert told(compared([*FILES[:2], peers], [peers, *FILES[:2]])) == [], "topics have no order among each other"


def test_late_and_early_are_told_beyond_a_tolerance() -> None:
    other = [FILES[0], FILES[1], event(3.2, key="c", size=1), event(3.9, key="a", size=2)]
    comparison = compared(FILES, other, tolerance=0.05)
    assert [(each.kind, each.micros) for each in comparison.differences] == [("late", 200_000), ("early", -100_000)]
    assert compared(FILES, other, tolerance=0.2).differences == []
    assert compared(FILES, other).differences == []


def test_of_many_alike_the_one_that_is_missing_is_told_and_no_other_is_late() -> None:
    same = [event(t, "peer_health_changed", "peer_network", id="p", status="ONLINE") for t in range(10)]
    comparison = compared(same, [*same[:3], *same[4:]], tolerance=0)
    assert told(comparison) == [("missing", 5, None)]


def test_joined_messages_are_compared_one_by_one_unless_whole_ones_are_wanted() -> None:
    joined = [Message(SECOND, "recv", b"\n".join(entry.data for entry in FILES))]
    assert compared(FILES, joined).same == 4
    assert {kind for kind, *_ in told(compared(FILES, joined, exact=True))} == {"missing", "extra"}


def test_exactly_means_byte_for_byte() -> None:
    spaced = [Message(entry.t, "recv", entry.data.replace(b'", "', b'","')) for entry in FILES]
    assert compared(FILES, spaced).differences == []
    assert len(compared(FILES, spaced, exact=True).differences) == 4


def test_fields_that_are_ignored_do_not_count_by_name_or_path() -> None:
    other = [event(entry.t / SECOND, **(_data(entry) | {"size": 7})) for entry in FILES]
    assert len(compared(FILES, other).differences) == 4
    assert compared(FILES, other, ignore=["size"]).differences == []
    assert compared(FILES, other, ignore=["data.size"]).differences == []
    assert len(compared(FILES, other, ignore=["size.data"]).differences) == 4


def test_closes_and_what_a_client_sends_count_and_pings_and_marks_do_not() -> None:
    entries: list[Entry] = [
        Ping(1, "recv"),
        Mark(2, "m"),
        Message(3, "send", b'{"type":"ping"}'),
        Close(4, "recv", 1001),
    ]
    ones = items_of(enumerate(entries))
    assert [item.label for item in ones] == ["ping", "close 1001"]
    others = items_of(enumerate([*entries[:3], Close(4, "recv", 1012)]))
    assert [each.kind for each in compare(ones, others).differences] == ["changed"]


def test_connections_are_told_apart_by_their_order_and_not_by_their_numbers() -> None:
    ones = items_of([(2, Message(1, "recv", b"x", 1)), (3, Message(2, "recv", b"y", 2))])
    others = items_of([(2, Message(1, "recv", b"x", 7)), (3, Message(2, "recv", b"y", 9))])
    assert compare(ones, others).differences == []


def test_clients_that_came_in_another_order_are_known_by_what_they_received() -> None:
    files = [Message(entry.t, "recv", entry.data, 1) for entry in FILES]
    peers = [Message(t, "recv", event(t, "peer_connected", "peer_network", id=str(t)).data, 2) for t in range(5, 9)]
    ones = items_of(enumerate([*files, *peers]))
    swapped = [*(structs.replace(entry, conn=4, t=entry.t - 5) for entry in peers), *files[1:]]
    comparison = compare(ones, items_of(enumerate(swapped)))
    assert [each.kind for each in comparison.differences] == ["missing"]


def test_what_is_nested_too_deep_for_a_message_is_compared_as_it_is() -> None:
    one, other = (Message(1, "recv", b'{"a":' + b"[" * 900 + inner + b"]" * 900 + b"}") for inner in (b"1", b"2"))
    assert compared([one], [one]).same == 1
    assert compared([one], [other]).counts() == {"changed": 1}


def test_what_is_no_json_is_compared_as_it_is() -> None:
    (difference,) = compared([Message(1, "recv", b"one")], [Message(1, "recv", b"two")]).differences
    assert difference.changes == (Change("", "one", "two"),)


@pytest.mark.parametrize(
    ("data", "label"), [({"metric": "cpu", "node": "n"}, "cpu of n"), ({"category": "c"}, "c"), ({}, "")]
)
def test_a_message_is_about_the_thing_that_its_payload_names(data: dict[str, str], label: str) -> None:
    (item,) = items_of([(1, event(0, "x", "t", **data))])
    assert item.label == " ".join(each for each in ("x", label, "(t)") if each)


@given(recordings, st.data())
def test_every_message_is_the_same_or_told_of_once(entries: list[Entry], data: st.DataObject) -> None:
    items = items_of(enumerate(entries))
    assert compare(items, items, tolerance=0).differences == []
    kept = data.draw(st.lists(st.sampled_from(range(len(items))), unique=True).map(sorted)) if items else []
    comparison = compare(items, [items[place] for place in kept])
    alone: list[Difference] = [each for each in comparison.differences if each.kind in ("missing", "extra")]
    changed = comparison.counts().get("changed", 0)
    assert comparison.same + changed + len(alone) == len(items)
