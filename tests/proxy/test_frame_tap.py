import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode

from pvws.proxy.frame_tap import FrameTap, Seen, SeenClose, SeenControl, SeenMessage, Unseen

TEXT, BINARY, CONT = Opcode.TEXT, Opcode.BINARY, Opcode.CONT


def frame(opcode: Opcode, payload: bytes = b"", *, fin: bool = True, mask: bool = False) -> bytes:
    return Frame(opcode, payload, fin).serialize(mask=mask)


def seen(data: bytes, size: int = 100_000, *, masked: bool = False) -> list[Seen]:
    tap = FrameTap(masked=masked)
    return [each for at in range(0, len(data), size) for each in tap.feed(data[at : at + size])]


@pytest.mark.parametrize("size", [1, 5, 1000])
@pytest.mark.parametrize("masked", [False, True])
def test_messages_and_control_frames_are_told_in_order(size: int, masked: bool) -> None:
    def made(opcode: Opcode, payload: bytes = b"", *, fin: bool = True) -> bytes:
        return frame(opcode, payload, fin=fin, mask=masked)

    data = (
        made(TEXT, b"one")
        + made(TEXT, b"tw", fin=False)
        + made(Opcode.PING, b"?")
        + made(CONT, "ö".encode()[:1], fin=False)
        + made(CONT, "ö".encode()[1:])
        + made(BINARY, b"\xff" * 300)
        + made(Opcode.CLOSE, b"\x03\xe8bye")
        + made(Opcode.PONG)
    )
    assert seen(data, size, masked=masked) == [
        SeenMessage(b"one", binary=False),
        SeenControl(Opcode.PING, b"?"),
        SeenMessage("twö".encode(), binary=False, fragments=(2, 1, 1)),
        SeenMessage(b"\xff" * 300, binary=True),
        SeenClose(1000, "bye"),
        SeenControl(Opcode.PONG, b""),
    ]


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        (b"", SeenClose(None, "")),
        (b"\x03", SeenClose(None, "(one byte, 03)")),
        (b"\x03\xed", SeenClose(1005, "")),
        (b"\x03\xe8\xff", SeenClose(1000, "\\xff")),
    ],
)
def test_close_frames_are_told_whatever_is_in_them(payload: bytes, told: SeenClose) -> None:
    assert seen(frame(Opcode.CLOSE, payload)) == [told]


@pytest.mark.parametrize(
    "data",
    [
        frame(TEXT, b"x", mask=True),
        b"\x83\x00",
        b"\xc1\x00",
        frame(CONT, b"x"),
        frame(TEXT, b"x", fin=False) + frame(TEXT, b"x"),
        b"\x89\x7e\x00\x7e" + bytes(126),
    ],
    ids=["masked by a server", "opcode", "reserved bit", "continuation", "interrupted", "long ping"],
)
def test_what_is_no_frame_ends_what_is_seen_and_says_why(data: bytes) -> None:
    *_, last = seen(data + frame(TEXT, b"unseen"))
    assert isinstance(last, Unseen)
    assert last.why.startswith("no frame of RFC 6455 (")


@pytest.mark.parametrize(
    "data", [frame(TEXT, b"x" * 11), frame(TEXT, b"x" * 6, fin=False) + frame(CONT, b"x" * 5)], ids=["frame", "parts"]
)
def test_what_is_kept_of_a_message_is_bounded(data: bytes) -> None:
    tap = FrameTap(masked=False, most=10)
    assert tap.feed(frame(TEXT, b"x" * 10) + data) == [
        SeenMessage(b"x" * 10, binary=False),
        Unseen("a message of more than 10 bytes"),
    ]
    assert tap.feed(frame(TEXT, b"x")) == []


def test_compressed_messages_are_told_inflated_with_context_takeover_as_well() -> None:
    deflate = PerMessageDeflate(False, False, 15, 15)  # noqa: FBT003
    tap = FrameTap(masked=False, extensions=[PerMessageDeflate(False, False, 15, 15)])  # noqa: FBT003
    for _ in range(3):
        data = Frame(TEXT, b"abc" * 100).serialize(mask=False, extensions=[deflate])
        assert len(data) < 30
        assert tap.feed(data) == [SeenMessage(b"abc" * 100, binary=False)]


def test_it_knows_whether_it_is_between_frames() -> None:
    tap, data = FrameTap(masked=False), frame(TEXT, b"abc")
    assert tap.between_frames
    for byte in data[:-1]:
        tap.feed(bytes([byte]))
        assert not tap.between_frames
    tap.feed(data[-1:])
    assert tap.between_frames


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_make_it_fail(data: bytes, masked: bool) -> None:
    tap = FrameTap(masked=masked, extensions=[PerMessageDeflate(False, False, 15, 15)])  # noqa: FBT003
    whole = [each for byte in data for each in tap.feed(bytes([byte]))]
    assert all(isinstance(each, Unseen) == (each is whole[-1] and isinstance(each, Unseen)) for each in whole)


def test_between_messages_is_where_whoever_begins_reads_the_same() -> None:
    tap = FrameTap(masked=False)
    assert tap.between_messages
    tap.feed(frame(TEXT, b"be", fin=False))
    assert tap.between_frames
    assert not tap.between_messages
    tap.feed(frame(CONT, b"gun"))
    assert tap.between_messages
