from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from pvws.recording.format import Close, Gap, Message
from pvws.server.sightings import CloseCame, CutOff, Hindered, Lost, StreamEnded, Violated
from pvws.testing.transcript import Came, Given, Heard, Note, Refused, Saw, Told, transcript


def frame(payload: bytes, opcode: Opcode = Opcode.TEXT, *, fin: bool = True) -> bytes:
    return Frame(opcode, payload, fin).serialize(mask=False)


def told(*notes: Note, **options: Any) -> list[Told]:
    return list(transcript(notes, **options))


def words(*notes: Note, **options: Any) -> list[str]:
    return [str(each) for each in told(*notes, **options)]


def saw(sighting: Any) -> Saw:
    return Saw(0, 0, 1, sighting)


def texts(found: list[Told]) -> list[bytes]:
    return [each.entry.data for each in found if isinstance(each.entry, Message)]


def test_one_write_may_hold_several_messages_and_control_frames() -> None:
    data = frame(b"one") + frame(b"?", Opcode.PING) + frame(b"two") + frame(b"\x03\xf5late", Opcode.CLOSE)
    assert words(Given(5, 7, data, [1, 2]), names={2: "ann"}) == [
        "client 1, ann gets one",
        "client 1, ann gets a ping (b'?')",
        "client 1, ann gets two",
        "client 1, ann is told to go: 1013 late",
    ]


@given(st.lists(st.binary(max_size=300), min_size=1), st.data())
def test_messages_are_the_same_however_they_trickle(payloads: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(frame(each, Opcode.BINARY) for each in payloads)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert texts(told(*(Given(0, 0, piece, [1], whole=False) for piece in pieces))) == payloads


def test_a_client_amid_a_message_is_read_apart_from_those_who_are_not() -> None:
    cut = Given(0, 0, frame(b"one ", fin=False), [1])
    rest = Given(0, 0, frame(b"more", Opcode.CONT) + frame(b"two"), [1, 2])
    found = told(cut, rest)
    assert [(each.clients, each.entry.data) for each in found if isinstance(each.entry, Message)] == [
        ((1,), b"one more"),
        ((1,), b"two"),
    ]
    (other,) = [each for each in found if each.clients == (2,)]
    assert isinstance(other.entry, Gap), "a continuation of nothing"


def test_what_is_no_frame_hides_the_rest_of_one_write_only() -> None:
    found = told(Given(0, 0, b"\x83\x00" + frame(b"hidden"), [1]), Given(0, 0, frame(b"seen"), [1]))
    assert "gets no frame of RFC 6455" in str(found[0])
    assert texts(found) == [b"seen"]


def test_the_torn_are_read_from_the_first_whole_message_on() -> None:
    found = told(
        Given(0, 0, b"f of it", [1], whole=False),
        Given(0, 0, frame(b"others")[:3], [2], whole=False),
        Given(0, 0, frame(b"whole"), [1]),
        torn=[1],
    )
    assert texts(found) == [b"whole"]


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("", "sends an empty message"),
        ("a\nb", "sends a\\nb"),
        ("schön", "sends schön"),
        ("x" * 500, f"sends {'x' * 240}…"),
        (b"\xff\x00", "sends 2 bytes that are no text"),
        (b'{"type":"ping"}', 'sends {"type":"ping"}'),
        ('{"data":{"token":"secret"}}', 'sends {"data":{"token":"…"}}'),
    ],
)
def test_a_message_is_one_line_without_secrets(message: str | bytes, shown: str) -> None:
    (found,) = told(Heard(0, 0, 1, message))
    assert str(found) == f"client 1 {shown}"
    assert isinstance(found.entry, Message)
    assert found.entry.data == (message if isinstance(message, bytes) else message.encode())
    assert found.entry.opcode == ("binary" if isinstance(message, bytes) else "text")


def test_binary_messages_are_counted_not_shown() -> None:
    assert words(Given(0, 0, frame(b"\x00" * 2000, Opcode.BINARY), [1])) == ["client 1 gets 2,000 binary bytes"]


@pytest.mark.parametrize(
    ("sightings", "end"),
    [
        ([CloseCame(1000), Lost()], None),
        ([Lost(reset=True)], Close(0, "send", 1006, "the connection was reset")),
        ([StreamEnded(), Lost()], Close(0, "send", 1006, "the stream ended")),
        ([CutOff("no pong"), Lost()], Close(0, "recv", 1006, "the server has cut it: no pong")),
    ],
)
def test_an_end_without_a_close_frame_is_told_with_who_ended_it(sightings: list[Any], end: Close | None) -> None:
    assert told(*map(saw, sightings))[-1].entry == end


def test_what_is_seen_of_a_connection_is_said_in_words() -> None:
    assert words(
        Came(0, 0, 1, "ann", "::1", "it was there before"),
        saw(Hindered("stall", begins=True)),
        saw(Hindered("stall", begins=False)),
        saw(Violated(1009, "too large", larger_than=1_048_576)),
        saw(CloseCame(None)),
        saw(Lost()),
        Refused(0, 0, 0, "", "::1", 400),
        names={1: "ann"},
    ) == [
        "ann connects from ::1",
        "ann gets what is not seen: it was there before",
        "ann is under stall",
        "ann is under stall no longer",
        "ann breaks the WebSocket protocol, 1009: too large (over 1,048,576 bytes)",
        "ann closes: no code",
        "ann is gone",
        "somebody at ::1 is refused: HTTP 400",
    ]
