from itertools import count

import pytest
from websockets.frames import Opcode

from pvws.proxy.exchange import Answer, Wish
from pvws.proxy.frame_tap import Seen, SeenClose, SeenControl, SeenMessage, Unseen
from pvws.proxy.recorded import Stenographer
from pvws.recording.format import Close, Entry, Gap, Message, Open, Ping, Pong

ANSWER = Answer(
    Wish("GET", "/ws?world=w", [("host", "localhost:8085"), ("origin", "http://here")]),
    101,
    [("sec-websocket-protocol", "v1")],
)


@pytest.fixture
def written() -> list[Entry]:
    return []


@pytest.fixture
def notes(written: list[Entry]) -> Stenographer:
    clock = count(10)
    return Stenographer(written.append, lambda: next(clock))


def test_a_handshake_is_an_open_connection(notes: Stenographer, written: list[Entry]) -> None:
    notes.open(ANSWER, "127.0.0.1")
    notes.open(Answer(ANSWER.wish, 403, []))
    url, request = "ws://localhost:8085/ws?world=w", (("host", "localhost:8085"), ("origin", "http://here"))
    response = (("sec-websocket-protocol", "v1"),)
    assert written == [
        Open(10, 1, url, 101, "127.0.0.1", "v1", request, response),
        Open(11, 2, url, 403, "", "", request, ()),
    ]
    assert notes.handshakes == 2


@pytest.mark.parametrize(
    ("seen", "entry"),
    [
        (SeenMessage(b"{}", binary=False), Message(11, "send", b"{}", 1)),
        (SeenMessage(b"\0\1", binary=True, fragments=(1, 1)), Message(11, "send", b"\0\1", 1, "binary", (1, 1))),
        (SeenControl(Opcode.PING, b"?"), Ping(11, "send", b"?", 1)),
        (SeenControl(Opcode.PONG, b"!"), Pong(11, "send", b"!", 1)),
        (SeenClose(1000, "bye"), Close(11, "send", 1000, "bye", 1)),
        (Unseen("x"), Gap(11, "from here on what the client sent is not recorded: x", 1)),
    ],
)
def test_everything_that_is_seen_is_an_entry(
    notes: Stenographer, written: list[Entry], seen: Seen, entry: Entry
) -> None:
    witness = notes.open(ANSWER)
    written.clear()
    clock = iter([11, 11])
    witness._now = lambda: next(clock)  # type: ignore[attr-defined]
    witness.saw("client", seen)
    assert written == [entry]


def test_an_end_without_a_close_frame_is_told_once_and_as_what_it_was(
    notes: Stenographer, written: list[Entry]
) -> None:
    witness = notes.open(ANSWER)
    witness.ended("server", "reset")
    witness.ended("client", "end")
    assert written[1:] == [Close(11, "recv", 1006, "the connection was reset", 1)]


def test_an_end_behind_a_close_frame_is_no_news(notes: Stenographer, written: list[Entry]) -> None:
    witness = notes.open(ANSWER)
    witness.saw("client", SeenClose(1000, ""))
    witness.ended("server", "end")
    witness.ended("client", "end")
    assert written[1:] == [Close(11, "send", 1000, "", 1)]


def test_what_passes_unseen_in_both_directions_is_a_gap(notes: Stenographer, written: list[Entry]) -> None:
    notes.open(ANSWER).missed(None, "x")
    assert written[1:] == [Gap(11, "from here on what both sides sent is not recorded: x", 1)]


def test_messages_are_counted_by_direction(notes: Stenographer) -> None:
    witness = notes.open(ANSWER)
    for side in ("client", "server", "server"):
        witness.saw(side, SeenMessage(b"", binary=False))  # type: ignore[arg-type]
    assert notes.messages == {"send": 1, "recv": 2}
