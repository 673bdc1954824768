"""A playbook: what each side sends, what the other gets, and what the witness saw."""

import base64
import zlib
from typing import Literal

import pytest
from websockets.frames import Frame, Opcode

from pvws.proxy.conversation import EARLY_BYTES_MAX, Conversation, Side
from pvws.proxy.exchange import Answer
from pvws.proxy.frame_tap import Seen, SeenMessage
from pvws.proxy.route import Route

UPGRADE = (
    b"GET /ws?token=t HTTP/1.1\r\nHost: near\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: " + base64.b64encode(bytes(16)) + b"\r\n\r\n"
)
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
HELLO = Frame(Opcode.TEXT, b"hello").serialize(mask=True)
WELCOME = Frame(Opcode.TEXT, b"welcome").serialize(mask=False)


class Note:
    """Writes down everything."""

    def __init__(self) -> None:
        self.opened: list[Answer] = []
        self.seen: list[tuple[Side, Seen]] = []
        self.missing: list[tuple[Side | None, str]] = []
        self.ends: list[tuple[Side, str]] = []

    def open(self, answer: Answer) -> "Note":
        self.opened.append(answer)
        return self

    def saw(self, side: Side, seen: Seen) -> None:
        self.seen.append((side, seen))

    def missed(self, side: Side | None, why: str) -> None:
        self.missing.append((side, why))

    def ended(self, side: Side, how: Literal["end", "reset"]) -> None:
        self.ends.append((side, how))


@pytest.fixture
def note() -> Note:
    return Note()


@pytest.fixture
def conversation(note: Note) -> Conversation:
    return Conversation(Route("ws://far:1/ws"), note.open)


def test_a_handshake_and_messages_pass_and_are_seen(conversation: Conversation, note: Note) -> None:
    assert conversation.client_sends(UPGRADE) == UPGRADE.replace(b"near", b"far:1")
    assert conversation.server_sends(SWITCH + b"\r\n" + WELCOME) == SWITCH + b"\r\n" + WELCOME
    assert conversation.client_sends(HELLO[:4]) + conversation.client_sends(HELLO[4:]) == HELLO
    conversation.ends("server", "end")
    conversation.ends("client", "reset")
    (opened,) = note.opened
    assert (opened.status, opened.wish.target) == (101, "/ws?token=t")
    assert note.seen == [
        ("server", SeenMessage(b"welcome", binary=False)),
        ("client", SeenMessage(b"hello", binary=False)),
    ]
    assert note.ends == [("server", "end"), ("client", "reset")]


def test_what_comes_with_the_handshake_is_seen_once_that_is_answered(conversation: Conversation, note: Note) -> None:
    assert conversation.client_sends(UPGRADE + HELLO).endswith(HELLO)
    assert conversation.client_sends(HELLO) == HELLO
    assert note.seen == []
    conversation.server_sends(SWITCH + b"\r\n")
    assert note.seen == [("client", SeenMessage(b"hello", binary=False))] * 2


def test_so_much_of_it_is_kept_and_the_rest_only_passes(conversation: Conversation, note: Note) -> None:
    large = Frame(Opcode.BINARY, bytes(EARLY_BYTES_MAX)).serialize(mask=True)
    assert conversation.client_sends(UPGRADE + large).endswith(large)
    conversation.server_sends(SWITCH + b"\r\n" + WELCOME)
    conversation.client_sends(HELLO)
    assert note.missing == [("client", "more than 1,048,576 bytes before the handshake was answered")]
    assert note.seen == [("server", SeenMessage(b"welcome", binary=False))]


def test_a_refusal_is_seen_and_requests_go_on(conversation: Conversation, note: Note) -> None:
    refusal = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
    for _ in range(2):
        conversation.client_sends(UPGRADE)
        assert conversation.server_sends(refusal) == refusal
    health = b"GET /ws/health HTTP/1.1\r\nHost: near\r\n\r\n"
    assert conversation.client_sends(health) == health.replace(b"near", b"far:1")
    conversation.server_sends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    assert [answer.status for answer in note.opened] == [401, 401]
    assert not conversation.is_websocket


def test_compression_that_was_agreed_on_is_undone_for_the_witness_alone(conversation: Conversation, note: Note) -> None:
    conversation.client_sends(UPGRADE)
    agreed = (
        b"Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_max_window_bits=9\r\n\r\n"
    )
    conversation.server_sends(SWITCH + agreed)
    compressor = zlib.compressobj(wbits=-9)
    for _ in range(2):  # the client keeps its context
        packed = (compressor.compress(b"again" * 50) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]
        plain = Frame(Opcode.TEXT, packed).serialize(mask=True)
        frame = bytes([plain[0] | 0x40]) + plain[1:]  # RSV1 says that it is compressed
        assert conversation.client_sends(frame) == frame
    assert note.seen == [("client", SeenMessage(b"again" * 50, binary=False))] * 2


@pytest.mark.parametrize("agreed", [b"x-secret", b"permessage-deflate; =", b"permessage-deflate, x-more"])
def test_an_extension_that_is_not_known_passes_unseen(conversation: Conversation, note: Note, agreed: bytes) -> None:
    conversation.client_sends(UPGRADE)
    conversation.server_sends(SWITCH + b"Sec-WebSocket-Extensions: " + agreed + b"\r\n\r\n")
    assert conversation.client_sends(b"\xf1\x80abcd") == b"\xf1\x80abcd"
    assert conversation.server_sends(WELCOME) == WELCOME
    assert note.missing == [(None, "an extension that is not known here was agreed on")]
    assert note.seen == []


def test_goodbye_goes_between_frames_alone(conversation: Conversation) -> None:
    assert conversation.goodbye(1001, "") == (b"", b"")
    conversation.client_sends(UPGRADE)
    conversation.server_sends(SWITCH + b"\r\n" + WELCOME[:3])
    to_client, to_server = conversation.goodbye(1001, "bye")
    assert to_client == b"", "the client is in the middle of a frame"
    assert to_server == b"\x88\x85\0\0\0\0\x03\xe9bye"
    conversation.server_sends(WELCOME[3:])
    assert conversation.goodbye(1001, "bye")[0] == b"\x88\x05\x03\xe9bye"
