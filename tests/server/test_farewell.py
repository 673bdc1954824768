import pytest
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from pvws.server.farewell import farewell
from pvws.server.handshake import RememberingProtocol
from pvws.wire.frames import close_frame
from pvws.wire.profiles import DOCUMENTED, UPSTREAM, Quirks


def after(data: bytes, quirks: Quirks) -> bytes:
    """The close frame with which a server answers these bytes."""
    protocol: ServerProtocol = RememberingProtocol(state=OPEN, max_size=512)
    protocol.receive_data(data)
    (frame,) = [data for data in protocol.data_to_send() if data]
    return farewell(frame, protocol, quirks)


def closing(payload: bytes) -> bytes:
    return Frame(Opcode.CLOSE, payload).serialize(mask=True)


def test_as_documented_the_librarys_answer_stands() -> None:
    assert after(closing(b"\x03\xe8bye"), DOCUMENTED) == close_frame(1000, "bye")
    assert after(closing(b""), DOCUMENTED) == close_frame()
    assert after(b"\x81\x01x", DOCUMENTED) == close_frame(1002, "incorrect masking")
    assert after(closing((1014).to_bytes(2, "big")), DOCUMENTED) == close_frame(1014)


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (closing(b"\x03\xe8bye"), close_frame(1000)),
        (closing(b""), close_frame()),
        (closing(b"\x03"), close_frame()),
        (closing((1004).to_bytes(2, "big")), close_frame(1002, "bad close code 1004")),
        (closing((1014).to_bytes(2, "big")), close_frame(1002, "bad close code 1014")),
        (closing((5000).to_bytes(2, "big")), close_frame(1002, "bad close code 5000")),
        (closing(b"\x03\xe8\xff"), close_frame(1002, "invalid utf8 payload in close frame")),
        (b"\x81\x01x", close_frame(1002, "bad MASK")),
        (b"\x8b\x80\0\0\0\0", close_frame(1002, "bad opcode 11")),
        (b"\x89\xfe\x01\x00\0\0\0\0" + bytes(256), close_frame(1002, "len > 125 for control")),
        (Frame(Opcode.TEXT, b"x" * 513).serialize(mask=True), close_frame(1009)),
    ],
    ids=[  # of frames that are masked at random the bytes are no name
        *("a code with a reason", "no code", "half a code", "1004", "1014", "5000", "a reason that is no UTF-8"),
        *("no mask", "opcode 11", "256 bytes of ping", "513 bytes of text"),
    ],
)
def test_upstream_speaks_as_gorilla_does(data: bytes, answer: bytes) -> None:
    assert after(data, UPSTREAM) == answer


def test_each_quirk_works_by_itself() -> None:
    only_reasons, only_empty = Quirks(go_close_reasons=True), Quirks(empty_close_reason=True)
    assert after(closing(b"\x03\xe8bye"), only_reasons) == close_frame(1000, "bye")
    assert after(b"\x81\x01x", only_empty) == close_frame(1002, "incorrect masking")
