from websockets.frames import Frame, Opcode

from pvws.proxy.penalty import Penalty


def frame(opcode: Opcode, data: bytes, *, final: bool = True) -> bytes:
    return Frame(opcode, data, final).serialize(mask=True)


TEXT, PING = frame(Opcode.TEXT, b"hello"), frame(Opcode.PING, b"")


def test_without_a_penalty_every_byte_passes() -> None:
    penalty, stream = Penalty(lambda left: None), TEXT + PING + TEXT
    assert penalty.feed(stream, 0.0) == stream
    assert b"".join(penalty.feed(bytes([byte]), 0.0) for byte in stream) == stream


def test_messages_are_discarded_whole_and_control_frames_pass_until_it_is_over() -> None:
    told: list[int] = []
    penalty = Penalty(told.append)
    penalty.begin(0.0, 10.0)
    first, last = frame(Opcode.TEXT, b"a", final=False), frame(Opcode.CONT, b"b")
    assert penalty.feed(TEXT + first + PING, 1.0) == PING
    penalty.end()
    assert penalty.feed(last + TEXT, 2.0) == TEXT, "of a message that was begun nothing passes"
    assert told == [9]


def test_of_two_penalties_the_first_goes_on_when_the_second_ends() -> None:
    penalty = Penalty(lambda left: None)
    penalty.begin(0.0, 10.0)
    penalty.begin(0.0, 5.0)
    penalty.end()
    assert penalty.feed(TEXT, 6.0) == b""
    penalty.end()
    assert penalty.feed(TEXT, 6.0) == TEXT


def test_it_ends_by_itself() -> None:
    told: list[int] = []
    penalty = Penalty(told.append)
    penalty.begin(0.0, 2.0)
    assert penalty.feed(TEXT, 0.5) + penalty.feed(TEXT, 1.5) == b""
    assert penalty.feed(TEXT, 2.0) == TEXT
    assert told == [2, 1]


def test_a_frame_that_was_begun_before_is_discarded_or_not_as_a_whole() -> None:
    penalty = Penalty(lambda left: None)
    assert penalty.feed(TEXT[:4], 0.0) == b""
    penalty.begin(0.0, 10.0)
    assert penalty.feed(TEXT[4:] + PING, 0.0) == PING
