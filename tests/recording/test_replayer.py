import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.recording.concern import concern_of
from pvws.recording.format import Close, Entry, Gap, Mark, Message, Open, Ping
from pvws.recording.replayer import Choice, Replayer, Track, whom
from pvws.sim.source import ClientInput, Cue, Timed, Verbatim

START = 1_000_000_000


def event(kind: str = "storage_alert", topic: str = "alerts", **more: Any) -> bytes:
    return json.dumps({"type": kind, "topic": topic, **more}, separators=(",", ":")).encode()


def recv(t: int, data: bytes, conn: int = 1, **more: Any) -> Message:
    return Message(t, "recv", data, conn, **more)


def played(entries: Sequence[Entry], *more: Sequence[Entry], limit: int = 3, **choice: Any) -> list[Timed | Cue]:
    tracks = [Track(lambda each=each: each) for each in (entries, *more)]  # type: ignore[misc]
    return all_of(Replayer(tracks, START, Choice(**choice)), limit)


def all_of(replayer: Replayer, limit: int = 3, most: int = 100) -> list[Timed | Cue]:
    given: list[Timed | Cue] = []
    while replayer.peek() is not None and len(given) < most:
        given += replayer.take(None, limit)
    return given


def texts(given: Sequence[Timed | Cue]) -> list[tuple[int, bytes]]:
    return [(each.at - START, each.text) for each in given if not isinstance(each, Cue)]


def test_what_clients_received_is_given_out_in_time_and_numbered() -> None:
    entries = [
        Open(0),
        Message(1, "send", b'{"type":"subscribe","topic":"alerts"}'),
        recv(2, event()),
        Ping(3, "recv"),
        recv(4, event("file_deleted", "file_operations")),
        Close(5, "recv", 1000),
    ]
    assert played(entries) == [
        Verbatim(START + 2, 0, "alerts", "storage_alert", event(), ("alerts",)),
        Verbatim(
            START + 4,
            1,
            "file_operations",
            "file_deleted",
            event("file_deleted", "file_operations"),
            ("file_operations",),
        ),
    ]
    assert played(entries, exact=False)[0] == Timed(START + 2, 0, "alerts", "storage_alert", event())


def test_nothing_is_given_out_before_it_is_due() -> None:
    replayer = Replayer([Track(lambda: [recv(2, event()), recv(2, event()), recv(9, event())])], START)
    assert replayer.peek() == START + 2
    assert replayer.take(START + 1, 10) == []
    assert len(replayer.take(START + 5, 1)) == 1
    assert len(replayer.take(START + 5, 10)) == 1
    assert replayer.peek() == START + 9
    assert len(replayer.take(None, 10)) == 1
    assert replayer.peek() is None
    assert replayer.tell(ClientInput(START, 1, "connects")) is None


def test_answers_to_the_recorded_client_are_left_out_and_counted() -> None:
    answers = [b'{"type":"pong","clientId":"x"}', b'{"type":"error","data":{}}']
    joined = b"\n".join(answers)
    for choice in (Choice(), Choice(split=True)):
        replayer = Replayer([Track(lambda: [recv(1, each) for each in (*answers, joined)])], START, choice)
        assert all_of(replayer) == []
        assert replayer.left_out in (3, 4)


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        (event() + b"\n" + event("x", "system"), ("alerts", "system")),
        (b'{"type":"pong"}\n' + event(), ("alerts",)),
        (event("never_heard_of"), ("alerts",)),
        (event("x", "elsewhere"), ("elsewhere",)),
        (b'{"type":"file_uploaded","topic":"file_operations","data":{"k', ("file_operations",)),
        (b"\xff\x00", ("file_operations", "peer_network", "system", "alerts")),
        (b'{"type":"file_uploaded","data":{}}', ("file_operations", "peer_network", "system", "alerts")),
    ],
)
def test_what_is_not_one_event_goes_whole_to_all_topics_in_it(text: bytes, topics: tuple[str, ...]) -> None:
    (given,) = (
        played([recv(1, text)], exact=False) if topics != ("alerts",) or b"\n" in text else played([recv(1, text)])
    )
    assert isinstance(given, Verbatim)
    assert given.text == text
    assert given.topics == topics
    assert whom(concern_of(text), text) == topics


def test_fragments_and_binary_messages_stay_as_they_were() -> None:
    (given, other) = played([recv(1, event(), fragments=(5, len(event()) - 5)), recv(2, b"\0", opcode="binary")])
    assert isinstance(given, Verbatim)
    assert given.fragments == (5, len(event()) - 5)
    assert isinstance(other, Verbatim)
    assert other.binary


def test_joined_messages_are_cut_on_request_and_chosen_one_by_one() -> None:
    parts = [event(number=number) for number in range(3)] + [event("x", "system")]
    entries = [recv(1, b"\n".join(parts), fragments=(1, len(b"\n".join(parts)) - 1))]
    assert texts(played(entries)) == [(1, b"\n".join(parts))]
    assert texts(played(entries, split=True)) == [(1, part) for part in parts]
    assert texts(played(entries, split=True, topics=frozenset({"system"}))) == [(1, parts[3])]
    assert [each.sequence for each in played(entries, split=True) if isinstance(each, Timed)] == [0, 1, 2, 3]
    pretty = b'{"type":"storage_alert",\n"topic":"alerts"}'
    assert texts(played([recv(1, pretty)], split=True)) == [(1, pretty)]


def test_topics_and_types_are_chosen() -> None:
    entries = [recv(1, event()), recv(2, event("a", "system")), recv(3, event("b", "system")), recv(4, b"broken")]
    assert [t for t, _ in texts(played(entries, topics=frozenset({"system"})))] == [2, 3]
    assert [t for t, _ in texts(played(entries, types=frozenset({"b", "storage_alert"})))] == [1, 3]


def test_it_begins_and_ends_where_one_likes() -> None:
    entries = [*(recv(t, event(t=t)) for t in range(0, 100, 10)), Mark(95, "late")]
    assert texts(played(entries, since=30, until=50)) == [(0, event(t=30)), (10, event(t=40)), (20, event(t=50))]


def test_silences_are_capped() -> None:
    entries = [recv(5, event()), recv(6, event()), Mark(50, "m"), recv(90, event()), recv(91, event())]
    assert [each.at - START for each in played(entries, max_gap=3)] == [3, 4, 7, 10, 11]


def test_a_mark_is_a_cue_and_the_last_of_its_list() -> None:
    replayer = Replayer([Track(lambda: [recv(1, event()), Mark(1, "here"), recv(1, event())])], START)
    assert replayer.take(None, 10)[-1] == Cue(START + 1, "mark", "here")
    assert len(replayer.take(None, 10)) == 1


def test_gaps_are_told() -> None:
    told: list[Gap] = []
    gap = Gap(2, "slow", messages=3)
    replayer = Replayer([Track(lambda: [recv(1, event()), gap])], START, gap=told.append)
    assert len(all_of(replayer)) == 1
    assert told == [gap]


def test_a_loop_begins_again_behind_its_last_message_and_numbers_go_on() -> None:
    replayer = Replayer([Track(lambda: [recv(5, event()), recv(7, event())])], START, Choice(loop=True))
    given = all_of(replayer, most=6)
    assert [each.at - START for each in given] == [5, 7, 13, 15, 21, 23]
    assert [each.sequence for each in given if isinstance(each, Timed)] == [0, 1, 2, 3, 4, 5]
    assert Replayer([Track(list)], START, Choice(loop=True)).peek() is None


def test_ids_are_others_in_every_round_and_the_same_within_one() -> None:
    key = "a" * 64
    track = Track(lambda: [recv(1, event(key=key)), recv(2, event(key=key))])
    given = all_of(Replayer([track], START, Choice(loop=True, remap=True)), most=4)
    keys = [json.loads(text)["key"] for _, text in texts(given)[:4]]
    assert keys[0] == keys[1] != keys[2] == keys[3]
    assert key not in keys


def test_timestamps_move_with_the_stage() -> None:
    entries = [recv(0, event(timestamp="2024-01-01T00:00:10.000Z")), recv(60_000_000, event())]
    entries.append(recv(60_000_000, event(timestamp="2024-01-01T00:01:10.000Z")))
    base = 1_704_067_210_000_000
    replayer = Replayer([Track(lambda: entries, base)], base + 3_600_000_000, Choice(shift=True, max_gap=1_000_000))
    stamps = [json.loads(each.text).get("timestamp") for each in all_of(replayer) if not isinstance(each, Cue)]
    assert stamps == ["2024-01-01T01:00:10.000Z", None, "2024-01-01T01:00:11.000Z"]


def test_several_recordings_are_played_with_their_offsets() -> None:
    one, two = [recv(0, event(n=1)), recv(20, event(n=2))], [recv(5, event(n=3)), recv(6, event(n=4))]
    tracks = [Track(lambda: one), Track(lambda: two, offset=10)]
    assert texts(all_of(Replayer(tracks, START))) == [
        (0, event(n=1)),
        (15, event(n=3)),
        (16, event(n=4)),
        (20, event(n=2)),
    ]


@pytest.mark.parametrize("choice", [{}, {"max_gap": 10**9}], ids=["plain", "chosen"])
def test_what_several_clients_received_is_published_once(choice: dict[str, int]) -> None:
    entries = [
        Open(0, 1),
        Open(0, 2),
        recv(1, event(n=1), 2),
        recv(2, event(n=1), 1),
        recv(3, event(n=2), 1),
        recv(4, event(n=2), 2),
        recv(5, event(n=2), 1),
    ]
    assert texts(played(entries, **choice)) == [(1, event(n=1)), (3, event(n=2)), (5, event(n=2))]


def test_a_late_joiner_is_told_what_is_there_also_from_before_the_beginning() -> None:
    up = [event("peer_connected", "peer_network", data={"id": name}) for name in "abc"]
    down = event("peer_disconnected", "peer_network", data={"id": "a"})
    entries = [recv(0, up[0]), recv(1, up[1]), recv(10, down), recv(20, up[2])]
    replayer = Replayer([Track(lambda: entries)], START, Choice(since=5, catch_up=True))
    assert replayer.peek() == START + 5
    assert [each.text for each in replayer.welcome("peer_network")] == up[:2]
    replayer.take(START + 5, 10)
    assert [each.text for each in replayer.welcome("peer_network")] == [up[1]], "what is next is not told before"
    replayer.take(None, 10)
    assert [each.text for each in replayer.welcome("peer_network")] == up[1:]
    assert Replayer([Track(lambda: entries)], START).welcome("peer_network") == []


@given(
    st.lists(st.tuples(st.integers(0, 50), st.sampled_from([event(), event("x", "system"), b"?", b'{"type":"pong"}']))),
    st.integers(1, 5),
)
def test_the_quick_way_and_the_general_one_give_the_same(moments: list[tuple[int, bytes]], limit: int) -> None:
    entries = [recv(t, data) for t, data in sorted(moments, key=lambda moment: moment[0])]
    assert played(entries, limit=limit) == played(entries, limit=7, max_gap=10**12)
    assert played(entries, exact=False) == played(entries, exact=False, max_gap=10**12)
