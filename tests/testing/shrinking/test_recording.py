"""Recordings made shorter: what is left fails, nothing of it can go, and every message is as it was."""

import asyncio
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from pvws.recording.format import Close, Entry, Mark, Message, Open, Ping
from pvws.testing.shrinking.recording import Entries, RecordingShrinking
from pvws.testing.shrinking.tried import Tried

SECOND = 1_000_000


def message(t: int, number: int, kind: str = "file_uploaded", topic: str = "file_operations") -> Message:
    text = f'{{"type":"{kind}","topic":"{topic}","timestamp":"2024-01-01T00:00:00.000Z","data":{{"n":{number}}}}}'
    return Message(t, "recv", text.encode())


def texts(entries: Entries) -> list[bytes]:
    return [entry.data for entry in entries if isinstance(entry, Message)]


class Shrunk:
    def __init__(self, entries: list[Entry], fails: Callable[[Entries], bool], at_once: int = 1) -> None:
        self.tried = list[Entries]()

        async def trial(candidate: Entries) -> bool:
            self.tried.append(candidate)
            return fails(candidate)

        shrinking = RecordingShrinking(entries, Tried(trial, tuple, repeat=1, at_once=at_once).fails, at_once=at_once)
        asyncio.run(shrinking.run())
        self.entries = shrinking.entries


def test_two_messages_of_a_thousand_are_left_without_a_pause() -> None:
    entries: list[Entry] = [
        Open(0),
        Message(10, "send", b'{"type":"subscribe","topic":"alerts"}'),
        Mark(20, "here"),
        *(message(number * SECOND, number) for number in range(500)),
        *(message((500 + number) * SECOND, number, "peer_connected", "peer_network") for number in range(500)),
        Ping(1_001 * SECOND, "recv"),
        Close(1_002 * SECOND, "recv", 1000),
    ]
    wanted = [message(0, 321).data, message(0, 77, "peer_connected", "peer_network").data]
    found = Shrunk(entries, lambda candidate: set(wanted) <= set(texts(candidate)))
    assert found.entries == (Message(0, "recv", wanted[0]), Message(0, "recv", wanted[1]))
    assert len(found.tried) < 60


def test_types_go_as_a_whole_before_single_messages_do() -> None:
    entries: list[Entry] = [
        message(number, number, ("peer_connected", "file_uploaded")[number % 2]) for number in range(64)
    ]
    found = Shrunk(entries, lambda candidate: sum(b"file_uploaded" in text for text in texts(candidate)) >= 32)
    assert len(found.entries) == 32
    assert found.tried[2:4] and min(map(len, found.tried[:6])) <= 32


def test_a_pause_that_matters_stays_about_as_long_as_it_must() -> None:
    entries: list[Entry] = [message(number * 10 * SECOND, number) for number in range(6)]

    def fails(candidate: Entries) -> bool:
        times = {entry.data: entry.t for entry in candidate if isinstance(entry, Message)}
        first, last = (times.get(message(0, number).data) for number in (1, 4))
        return first is not None and last is not None and last - first >= 12 * SECOND

    first, last = Shrunk(entries, fails).entries
    assert first.t == 0
    assert 12 * SECOND <= last.t <= 16 * SECOND


def test_marks_stay_where_they_are_needed() -> None:
    entries: list[Entry] = [Mark(5_000, "here"), message(10_000, 1), Mark(20_000, "there")]
    found = Shrunk(
        entries, lambda candidate: any(isinstance(entry, Mark) and entry.name == "here" for entry in candidate)
    )
    assert found.entries == (Mark(0, "here"),)


def test_where_nothing_shorter_fails_the_input_is_what_is_left() -> None:
    entries: list[Entry] = [Open(0), message(10, 1)]
    assert Shrunk(entries, lambda candidate: False).entries == tuple(entries)


@given(st.sets(st.integers(0, 29), max_size=4), st.integers(1, 3))
def test_what_is_left_fails_and_nothing_of_it_can_go(numbers: set[int], at_once: int) -> None:
    entries: list[Entry] = [
        message(number * 1_000, number, ("file_uploaded", "file_deleted")[number % 2]) for number in range(30)
    ]
    wanted = {entry.data for number, entry in enumerate(entries) if isinstance(entry, Message) and number in numbers}
    found = Shrunk(entries, lambda candidate: wanted <= set(texts(candidate)), at_once)
    assert set(texts(found.entries)) == wanted
    assert [entry.t for entry in found.entries] == [0] * len(wanted)
