import json
from typing import Any

import pytest

from pvws.recording.format import Close, Entry, Message, Open
from pvws.recording.prompter import Closing, Line, Prompter, Talk, talk_of
from pvws.recording.replayer import Choice, Replayer, Track
from pvws.sim.source import ClientInput, Cue
from pvws.timestamp import LAST_INSTANT

START = 1_000


def say(t: int, conn: int = 1, **message: Any) -> Message:
    return Message(t, "send", json.dumps(message).encode(), conn)


def event(t: int, **data: Any) -> Message:
    return Message(t, "recv", json.dumps({"type": "storage_alert", "topic": "alerts", "data": data}).encode())


TALK: list[Entry] = [
    event(0, n=0),
    say(10, type="subscribe", topic="alerts"),
    say(11, type="subscribe", topic="system"),
    say(12, type="ping"),
    event(20, n=1),
    event(25, n=2),
    say(30, type="unsubscribe", topic="system", timestamp="2024-01-01T00:00:00Z"),
    event(40, n=3),
]


def prompter(entries: list[Entry] = TALK, **choice: Any) -> Prompter:
    talk = talk_of([(entry, f"x:{number}") for number, entry in enumerate(entries, 2)])
    return Prompter(Replayer([Track(lambda: entries)], START, Choice(**choice)), talk, START)


def given(source: Prompter, until: int | None = None) -> list[tuple[int, int]]:
    """When and what was given out."""
    found = []
    while events := source.take(until, 10):
        found += [(each.at - START, json.loads(each.text)["data"]["n"]) for each in events if not isinstance(each, Cue)]
    return found


def say_to(source: Prompter, at: int, client: int = 1, **message: Any) -> bool:
    """Have a client say something; whether that was news to who waits."""
    source.heard(client, json.dumps(message), START + at)
    return source.tell(ClientInput(START + at, client, "sends")) is not None


def test_nothing_comes_before_the_client_has_said_what_it_said_then() -> None:
    source = prompter()
    assert source.peek() == START
    assert given(source) == [(0, 0)]
    assert source.peek() == LAST_INSTANT
    assert source.waiting
    assert say_to(source, 100, type="subscribe", topic="system")
    assert source.waiting, "in another order, but not all of it"
    assert say_to(source, 110, type="subscribe", topic="alerts")
    assert not source.waiting
    assert source.peek() == START + 120, "time goes on from when it was said"
    assert given(source, START + 119) == []
    assert given(source) == [(120, 1), (125, 2)]
    assert say_to(source, 500, topic="system", type="unsubscribe", clientId="x")
    assert given(source) == [(510, 3)]
    assert source.peek() is None
    assert not source.report
    assert not source.left


def test_what_is_said_early_counts_and_holds_nothing_up() -> None:
    source = prompter()
    for topic in ("alerts", "system"):
        say_to(source, 0, type="subscribe", topic=topic)
    say_to(source, 1, type="unsubscribe", topic="system")
    assert given(source) == [(0, 0), (20, 1), (25, 2), (40, 3)]
    assert source.peek() is None


@pytest.mark.parametrize(
    "message",
    [
        {"type": "subscribe", "topic": "alerts", "data": "alerts"},
        {"type": "subscribe", "data": "alerts"},
        {"topic": "alerts", "type": "subscribe", "clientId": "me"},
    ],
)
def test_a_subscription_is_the_same_in_every_form(message: dict[str, str]) -> None:
    source = prompter()
    assert say_to(source, 0, **message)
    assert not source.report


def test_pings_are_nothing_that_is_waited_for() -> None:
    source = prompter()
    assert not say_to(source, 0, type="ping")
    assert not source.report


def test_another_message_ends_it_and_the_report_says_what_differs() -> None:
    source = prompter()
    say_to(source, 5, type="subscribe", topic="alerts")
    assert say_to(source, 9, type="subscribe", topic="sistem")
    assert source.peek() is None
    assert given(source) == []
    assert source.report == [
        "message 2 of client 1 is not what was recorded",
        '  expected  {"type": "subscribe", "topic": "system"}   (x:4 at 0.000011)',
        '  got       {"type": "subscribe", "topic": "sistem"}',
        '  topic: expected "system", got "sistem"',
    ]
    assert not say_to(source, 9, type="anything"), "the first mistake is told"


def test_a_missing_and_a_further_field_are_named() -> None:
    source = prompter([say(1, type="auth", data={"a": 1})])
    say_to(source, 1, type="auth", more=2)
    assert source.report[3:] == ['  data: expected {"a":1}, got nothing', "  more: expected nothing, got 2"]


def test_one_message_more_than_was_recorded_is_told() -> None:
    source = prompter([say(1, type="subscribe", topic="alerts"), event(9, n=1)])
    for _ in range(2):
        say_to(source, 1, type="subscribe", topic="alerts")
    assert source.report[0] == "message 2 of client 1 is one more than was recorded"


def test_a_client_that_leaves_early_is_told_with_what_is_missing() -> None:
    source = prompter()
    assert source.tell(ClientInput(START, 2, "disconnects")) is None, "of whom nothing was expected"
    assert source.tell(ClientInput(START, 1, "disconnects")) is not None
    assert source.report[0] == "client 1 has left before it sent everything"
    assert len(source.report) == 4
    assert source.peek() is None


def test_a_redacted_token_is_any_token_and_none_is_shown() -> None:
    recorded = [say(1, type="auth", data={"token": "REDACTED"}), say(2, type="subscribe", topic="alerts")]
    source = prompter(recorded)
    assert say_to(source, 1, type="auth", data={"token": "hunter2"})
    assert not source.report
    say_to(source, 1, type="auth", data={"token": "hunter2"})
    assert "hunter2" not in "".join(source.report)
    assert source.report


def test_each_client_stands_for_the_one_that_came_as_early() -> None:
    talk: list[Entry] = [say(1, 7, type="a"), say(2, 9, type="b"), event(3, n=1)]
    source = prompter(talk)
    say_to(source, 5, client=2, type="b")
    assert source.waiting
    say_to(source, 6, client=1, type="a")
    assert given(source) == [(8, 1)]
    assert not say_to(source, 6, client=3, type="anything")
    assert not source.report


def test_lines_count_from_where_the_replay_begins() -> None:
    placed = [(entry, "") for entry in TALK]
    assert talk_of(placed, since=11, until=29) == Talk([Line(1, 0, b'{"type": "subscribe", "topic": "system"}')], [])


def test_a_client_is_counted_from_when_it_came_though_it_says_nothing() -> None:
    came: list[Entry] = [Open(0, 1, status=403), Open(1, 2), Open(2, 3), say(3, 3, type="a")]
    assert [line.client for line in talk_of([(entry, "") for entry in came]).lines] == [2]


@pytest.mark.parametrize(
    ("closed", "expected"),
    [
        ([Close(5, "recv", 1013, "later"), Close(6, "send", 1013)], [Closing(1, 5, 1013, "later")]),
        ([Close(5, "recv", None)], [Closing(1, 5, 1000)]),
        ([Close(5, "send", 1000), Close(6, "recv", 1000)], []),
        ([Close(5, "recv", 1006, "the connection was reset")], []),
        ([Close(2, "recv", 1013)], []),
    ],
)
def test_whom_the_server_closed_by_itself_is_closed_and_said_nothing_afterwards(
    closed: list[Entry], expected: list[Closing]
) -> None:
    talk = talk_of([(entry, "") for entry in [*closed, say(7, type="a")]], since=3)
    assert [closing.t + 3 for closing in talk.closings] == [closing.t for closing in expected]
    assert [(each.code, each.reason) for each in talk.closings] == [(each.code, each.reason) for each in expected]
    assert not talk.lines


def test_a_closing_comes_behind_what_came_before_it_and_waits_as_that_does() -> None:
    source = prompter([event(1, n=1), say(5, type="a"), event(10, n=2), Close(10, "recv", 1012, "x"), event(20, n=3)])
    assert given(source) == [(1, 1)]
    assert source.waiting
    say_to(source, 105, type="a")
    assert source.peek() == START + 110
    (sent,) = source.take(None, 10)
    assert sent.at == START + 110
    assert source.take(START + 109, 10) == []
    assert source.take(START + 110, 10) == [Cue(START + 110, "disconnect", code=1012, reason="x", client=1)]
    assert given(source) == [(120, 3)]
    assert source.peek() is None


def test_what_is_no_json_is_compared_byte_by_byte() -> None:
    source = prompter([Message(1, "send", b"\xff\x00", opcode="binary"), event(2, n=1)])
    source.heard(1, b"\xff\x00", START)
    assert not source.report
    assert given(source) == [(2, 1)]


def test_what_comes_before_a_line_at_the_same_instant_waits_for_it() -> None:
    source = prompter([say(5, type="a"), event(5, n=1)])
    assert source.waiting
    assert say_to(source, 7, type="a")
    assert given(source) == [(7, 1)]


def test_a_line_that_nothing_follows_is_waited_for_as_well() -> None:
    source = prompter([event(1, n=1), say(5, type="a")])
    assert given(source) == [(1, 1)]
    assert source.peek() == LAST_INSTANT
    assert source.waiting
    assert say_to(source, 9, type="a")
    assert source.peek() is None


class Counted(list[Line]):
    """Lines that count how often all of them are looked at."""

    looks = 0

    def __iter__(self) -> Any:
        self.looks += 1
        return super().__iter__()


def test_a_message_of_a_client_is_not_compared_with_all_that_was_ever_recorded() -> None:
    """A conversation of ten thousand messages took minutes, of which each was looked for among all."""
    entries: list[Entry] = [say(number, type="subscribe", topic=f"t{number}") for number in range(100)]
    talk = talk_of([(entry, "x") for entry in entries])
    lines = Counted(talk.lines)
    source = Prompter(Replayer([Track(lambda: entries)], START), Talk(lines), START)
    before = lines.looks
    for number in range(100):
        assert say_to(source, number, type="subscribe", topic=f"t{number}")
    assert lines.looks == before
    assert not source.left
