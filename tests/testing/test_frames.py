import pytest
from websockets.frames import Frame as Reference

from pvws.testing.frames import Frame, client_frame, is_control, take_frame
from pvws.wire.frames import Opcode, data_frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_a_frame_is_read_as_it_was_written(size: int) -> None:
    data = bytearray(client_frame(Opcode.TEXT, b"x" * size) + b"more")
    assert take_frame(data) == Frame(Opcode.TEXT, b"x" * size, masked=True)
    assert data == b"more"


def test_a_frame_is_that_of_the_library_but_for_the_mask() -> None:
    written = Reference(Opcode.TEXT, b"hello", True).serialize(mask=True)  # noqa: FBT003
    ours = client_frame(Opcode.TEXT, b"hello")
    assert (ours[:2], len(ours)) == (written[:2], len(written))


def test_what_is_wrong_on_purpose_can_be_written_and_read() -> None:
    wrong = Frame(11, b"x" * 126, final=False, reserved=5, masked=False)
    assert take_frame(bytearray(client_frame(11, b"x" * 126, final=False, reserved=5, mask=False))) == wrong


def test_a_frame_that_is_not_whole_is_left_where_it_is() -> None:
    whole = client_frame(Opcode.BINARY, b"x" * 300)
    for end in range(len(whole)):
        part = bytearray(whole[:end])
        assert take_frame(part) is None
        assert part == whole[:end]


def test_another_length_than_that_of_the_payload_may_be_announced() -> None:
    assert client_frame(Opcode.TEXT, announced=513)[1:4] == b"\xfe\x02\x01"
    assert take_frame(bytearray(client_frame(Opcode.TEXT, announced=513))) is None


def test_a_servers_frame_is_read_too() -> None:
    assert take_frame(bytearray(data_frame(Opcode.CLOSE, b""))) == Frame(Opcode.CLOSE, b"")


def test_control_frames_are_those_from_eight_on() -> None:
    assert [opcode for opcode in Opcode if is_control(opcode)] == [Opcode.CLOSE, Opcode.PING, Opcode.PONG]
