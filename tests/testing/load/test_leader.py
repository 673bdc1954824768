import zlib

from pvws.testing.load.leader import Leader
from pvws.wire.frames import Opcode, data_frame, ping_frame, text_frame

ONE, TWO = text_frame(b"one"), text_frame(b"two and more")
HALVES = data_frame(Opcode.TEXT, b"th", final=False), data_frame(Opcode.CONTINUATION, b"ree")


def leader_of(*pieces: bytes) -> Leader:
    leader = Leader()
    for piece in pieces:
        leader.read(piece)
    return leader


def test_the_log_has_all_bytes_but_those_of_control_frames_which_are_given_back() -> None:
    leader = Leader()
    stream = ONE + ping_frame(b"!") + TWO
    control = [cut for byte in stream for cut in leader.read(bytes((byte,)))]
    assert leader.log == ONE + TWO
    assert [cut.payload for cut in control] == [b"!"]
    assert leader.messages == [hash(b"one"), hash(b"two and more")]
    assert leader.checksum == zlib.crc32(b"onetwo and more")


def test_places_are_known_by_whole_frames() -> None:
    leader = leader_of(ONE + TWO)
    assert [leader.frames_within(place) for place in (0, len(ONE) - 1, len(ONE), len(ONE + TWO))] == [0, 0, 1, 2]
    assert [leader.end_of(frames) for frames in (0, 1, 2)] == [0, len(ONE), len(ONE + TWO)]


def test_frames_and_messages_are_counted_apart() -> None:
    leader = leader_of(ONE, *HALVES, text_frame(b"four\nfive"))
    assert [leader.messages_of(frames) for frames in range(5)] == [0, 1, 1, 2, 4]
    assert [leader.frames_of(messages) for messages in range(6)] == [0, 1, 3, None, 4, None]
