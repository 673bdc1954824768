import asyncio
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame
from websockets.frames import Opcode as LibraryOpcode

from pvws.server.encoder import Deflate, Encoder, Plain, Upstream
from pvws.server.hub import Hub
from pvws.server.settings import SlowConsumer
from pvws.server.subscriber import Subscriber
from pvws.sim.chance import Stream
from pvws.sim.source import Timed, Verbatim
from pvws.wire.frames import Opcode
from pvws.wire.profiles import UPSTREAM
from pvws.wire.topics import TOPICS, Topic

WINDOWS = range(9, 16)
THRESHOLD = 256


def event(text: bytes, topic: Topic = Topic.ALERTS) -> Timed:
    return Timed(0, 0, topic, "test", text)


def payload(frame: bytes) -> bytes:
    """What stands behind the head of a frame that is not masked."""
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :]


def inflated(frame: bytes, window: int) -> bytes:
    """The text of a compressed frame, by zlib with the window that was agreed on."""
    assert frame[0] == 0xC1, "a whole text message with RSV1"
    reader, rest, text = zlib.decompressobj(-window), payload(frame) + b"\x00\x00\xff\xff", b""
    # By small pieces, as only what is no longer in the output must be in the window.
    while piece := reader.decompress(rest, 64):
        text, rest = text + piece, reader.unconsumed_tail
    return text


def decoder_with(window: int) -> PerMessageDeflate:
    """The library's, as a client has it after the handshake."""
    return PerMessageDeflate(
        remote_no_context_takeover=True,
        local_no_context_takeover=True,
        remote_max_window_bits=window,
        local_max_window_bits=15,
    )


def far_echo(distance: int) -> bytes:
    """A text of chance that says itself again after a distance, for the compressor to look back that far."""
    chance = Stream(1, "far")
    block = bytes(33 + chance.below(90) for _ in range(distance))
    return block + block


def test_a_plain_event_is_one_frame_and_frames_are_joined_as_they_are() -> None:
    plain = Plain()
    assert plain.event(event(b"hello")) == b"\x81\x05hello"
    assert plain.reply(b"pong", Opcode.TEXT) == b"\x81\x04pong"
    assert plain.reply(b"\x00", Opcode.BINARY) == b"\x82\x01\x00"
    assert plain.joined([b"one", b"two"]) == b"onetwo"


@pytest.mark.parametrize("window", WINDOWS)
def test_a_compressed_event_can_be_read_with_the_window_that_was_agreed_on(window: int) -> None:
    deflate = Deflate(window, THRESHOLD)
    for text in (b"a" * THRESHOLD, b"{}" * 50_000, far_echo(200), far_echo(1 << (window - 1)), far_echo(20_000)):
        assert inflated(deflate.event(event(text)), window) == text


def test_a_larger_window_looks_further_back() -> None:
    sizes = [len(Deflate(window, 0).event(event(far_echo(10_000)))) for window in WINDOWS]
    assert max(sizes[-2:]) < min(sizes[:-2]) * 0.6, "10,000 bytes back is within 2^14"


def test_what_a_larger_window_made_can_not_be_read_with_a_smaller_one() -> None:
    with pytest.raises(zlib.error, match="invalid distance too far back"):
        inflated(Deflate(15, 0).event(event(far_echo(10_000))), 9)


@pytest.mark.parametrize("window", WINDOWS)
def test_the_librarys_own_decoder_reads_one_frame_after_the_other(window: int) -> None:
    decoder = decoder_with(window)
    deflate = Deflate(window, 0)
    for text in (b"first " * 100, b"second " * 3_000, b"", "größe".encode() * 80, far_echo(5_000)):
        frame = deflate.event(event(text))
        decoded = decoder.decode(Frame(LibraryOpcode.TEXT, payload(frame), fin=True, rsv1=True))
        assert bytes(decoded.data) == text


@given(st.binary(max_size=3_000), st.sampled_from(WINDOWS))
def test_any_text_comes_out_as_it_went_in(text: bytes, window: int) -> None:
    assert inflated(Deflate(window, 0).event(event(text)), window) == text


def test_shorter_messages_than_the_threshold_and_replies_go_uncompressed() -> None:
    deflate = Deflate(15, THRESHOLD)
    assert deflate.event(event(b"x" * (THRESHOLD - 1)))[:4] == b"\x81\x7e\x00\xff"
    assert deflate.event(event(b"x" * THRESHOLD))[0] == 0xC1
    assert deflate.reply(b"x" * 100, Opcode.TEXT) == b"\x81\x64" + b"x" * 100
    assert Deflate(15, 0).event(event(b""))[0] == 0xC1


async def test_an_event_is_compressed_once_however_many_subscribe(monkeypatch: pytest.MonkeyPatch) -> None:
    compressions: list[int] = []
    compressobj = zlib.compressobj

    def counting(*arguments: int) -> object:
        compressions.append(-arguments[2])
        return compressobj(*arguments)

    monkeypatch.setattr(zlib, "compressobj", counting)
    hub = Hub(asyncio.get_running_loop())
    encoders: list[Encoder] = [Deflate(15, THRESHOLD), Deflate(9, THRESHOLD), Plain()]
    written: list[list[bytes]] = []
    for number in range(300):
        writes: list[bytes] = []
        written.append(writes)
        topics = frozenset({Topic.ALERTS} if number % 2 else TOPICS)
        hub.join(Subscriber(writes.append, encoders[number % 3], SlowConsumer(), lambda: None), topics)
    for _ in range(5):
        hub.publish(event(b"{}" * 500))
    await asyncio.sleep(0)
    assert sorted(compressions) == [9] * 5 + [15] * 5
    assert len({b"".join(writes) for writes in written}) == 3
    assert all(len(writes) == 1 for writes in written)


ENCODERS: list[Encoder] = [Plain(), Deflate(15, 10), Upstream(UPSTREAM)]


@pytest.mark.parametrize("encoder", ENCODERS, ids=["plain", "deflate", "upstream"])
def test_a_verbatim_message_keeps_its_kind_and_its_frames(encoder: Encoder) -> None:
    text = b'{"type":"file_uploaded","topic":"file_operations","timestamp":"2024-01-01T00:00:00.000Z"}'
    size = len(text) - 5
    cut = Verbatim(0, 0, "", "", text, ("alerts",), fragments=(5, 0, size))
    head = b"\x01\x05" + text[:5] + b"\x00\x00" + bytes((0x80, size)) + text[5:]
    binary = Verbatim(0, 0, "", "", b"\0\xff" * 20, ("alerts",), binary=True)
    kept = [encoder.event(cut), encoder.event(binary)]
    assert encoder.joined(kept) == head + b"\x82\x28" + b"\0\xff" * 20


def test_in_the_upstream_profile_a_verbatim_message_is_neither_rewritten_nor_joined() -> None:
    encoder, text = Upstream(UPSTREAM), b'{"type":"x","topic":"alerts","timestamp":"2024-01-01T00:00:00.000Z"}'
    verbatim, usual = Verbatim(0, 0, "alerts", "x", text, ("alerts",)), Timed(0, 0, "alerts", "x", text)
    frames = encoder.joined([encoder.event(each) for each in (usual, verbatim, verbatim, usual, usual)])
    plain = Plain().event(verbatim)
    assert frames.count(plain) == 2
    assert frames.count(b'"broadcast"') == 3
    assert frames.count(b"\n") == 1, "the last two are joined"


def test_a_verbatim_text_is_compressed_like_any_other() -> None:
    encoder, text = Deflate(15, 10), b"again " * 50
    assert inflated(encoder.event(Verbatim(0, 0, "alerts", "x", text, ("alerts",))), 15) == text
