import zlib

from hypothesis import given
from hypothesis import strategies as st

from pvws.server.encoder import Deflate
from pvws.sim.source import Timed
from pvws.testing.load.reader import Cut, MessageReader
from pvws.wire.frames import Opcode, compressed_frame, data_frame, ping_frame, pong_frame, text_frame


def cuts(*pieces: bytes) -> list[Cut]:
    reader = MessageReader()
    return [cut for piece in pieces for cut in reader.feed(piece)]


def test_a_message_in_one_frame_is_a_text() -> None:
    assert cuts(text_frame(b"hello")) == [Cut(7, Opcode.TEXT, b"hello", [b"hello"])]


def test_control_frames_stand_between_messages_and_have_no_texts() -> None:
    ping, text, pong = cuts(ping_frame(b"a") + text_frame(b"b") + pong_frame(b"c"))
    assert (ping.is_control, text.is_control, pong.is_control) == (True, False, True)
    assert (ping.texts, pong.payload) == ([], b"c")


def test_a_message_in_several_frames_is_a_text_when_the_last_has_come_also_around_a_control_frame() -> None:
    reader = MessageReader()
    first = reader.feed(data_frame(Opcode.TEXT, b"he", final=False) + ping_frame())
    assert [cut.texts for cut in first] == [[], []]
    assert reader.within_message
    assert [cut.texts for cut in reader.feed(data_frame(Opcode.CONTINUATION, b"llo"))] == [[b"hello"]]
    assert not reader.within_message


def test_what_the_shipped_server_has_joined_is_several_texts() -> None:
    assert cuts(text_frame(b"one\ntwo"))[0].texts == [b"one", b"two"]


def test_compressed_messages_are_read_each_by_itself() -> None:
    deflate = Deflate(15, 0)
    frames = [deflate.event(Timed(0, 0, "alerts", "test", text)) for text in (b"first " * 50, b"second " * 9_000)]
    assert [cut.texts for cut in cuts(*frames)] == [[b"first " * 50], [b"second " * 9_000]]


def test_a_message_that_can_not_be_decompressed_is_a_text_that_nobody_else_has() -> None:
    data = zlib.compress(b"hello")
    assert cuts(compressed_frame(data))[0].texts == [data]


@given(st.lists(st.binary(max_size=70_000), max_size=6), st.integers(1, 5_000))
def test_frames_are_the_same_however_their_bytes_come(texts: list[bytes], size: int) -> None:
    data = b"".join(data_frame(Opcode.BINARY, text) for text in texts)
    reader = MessageReader()
    found = [cut for start in range(0, len(data), size) for cut in reader.feed(data[start : start + size])]
    assert [cut.payload for cut in found] == texts
    assert sum(cut.size for cut in found) == len(data)
    assert (reader.within_message, reader.rest) == (False, b"")
