from collections import Counter

import pytest
from websockets.frames import Frame, Opcode

from pvws.proxy.sieve import Sieve, message_of
from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.spec import read_fault
from pvws.sim.chance import Stream
from pvws.wire.frames import close_frame, ping_frame, pong_frame, text_frame

EVENT = b'{"type":"storage_alert","topic":"alerts","data":{},"timestamp":"2024-01-01T00:00:00.000Z"}'
PONG = b'{"type":"pong","timestamp":"2024-01-01T00:00:00.000Z"}'


def add(sieve: Sieve, text: str, name: str = "f1") -> None:
    """Put a fault of messages on the way."""
    spec = read_fault(text)
    assert isinstance(spec.fault, MessageFault)
    sieve.chain.add(name, spec, spec.fault.effect(Stream(0, name), Did(Counter())))


def fed(sieve: Sieve, data: bytes, now: int) -> bytes:
    """What leaves when the server has sent bytes."""
    return b"".join(sieve.feed(data, now))


@pytest.mark.parametrize(
    ("payload", "kind", "topics", "type_"),
    [
        (EVENT, "event", ("alerts",), "storage_alert"),
        (PONG, "reply", (), "pong"),
        (b'{"type":"error","data":{}}', "reply", (), "error"),
        (b'{"type":"file_deleted"}', "event", ("file_operations",), "file_deleted"),
        (
            b'{"type":"broadcast","topic":"file_operations","data":{"key":"k","node":"n","timestamp":"t"}}',
            "event",
            ("file_operations",),
            "file_deleted",
        ),
        (b'{"type":"broadcast","topic":"alerts","data":[]}', "event", ("alerts",), ""),
        (b"no JSON", "event", (), ""),
        (b"\xff", "event", (), ""),
        (b"[" * 100_000, "event", (), ""),
    ],
)
def test_a_message_is_of_a_topic_and_type(payload: bytes, kind: str, topics: tuple[str, ...], type_: str) -> None:
    message = message_of(payload)
    assert (message.kind, message.topics, message.type, message.text) == (kind, topics, type_, payload)


def test_without_faults_every_byte_passes() -> None:
    sieve = Sieve()
    stream = text_frame(EVENT) + Frame(Opcode.TEXT, b"a", fin=False).serialize(mask=False) + ping_frame(b"p")
    stream += Frame(Opcode.CONT, b"b").serialize(mask=False) + close_frame(1000) + b"garbage"
    assert b"".join(fed(sieve, bytes([byte]), 0) for byte in stream) == stream


def test_messages_pass_the_faults_and_control_frames_those_that_concern_them() -> None:
    sieve = Sieve()
    add(sieve, "drop: 100%, topics: [alerts]")
    stream = text_frame(EVENT) + ping_frame(b"p") + text_frame(PONG) + close_frame(1000)
    assert fed(sieve, stream, 0) == ping_frame(b"p") + text_frame(PONG) + close_frame(1000)
    assert sieve.chain.lost == 1


def test_what_is_held_comes_when_it_is_due_and_nothing_overtakes_it() -> None:
    sieve = Sieve()
    add(sieve, "latency: 10ms")
    assert fed(sieve, text_frame(EVENT) + close_frame(1000), 5) == b""
    assert (sieve.due(), sieve.holds) == (10_005, True)
    assert sieve.release(10_004) == b""
    assert sieve.release(10_005) == text_frame(EVENT) + close_frame(1000)
    assert (sieve.due(), sieve.holds) == (None, False)


def test_what_a_fault_holds_comes_when_it_ends() -> None:
    sieve = Sieve()
    add(sieve, "latency: 10s")
    assert fed(sieve, text_frame(EVENT), 0) == b""
    assert sieve.remove("f1", 1) == text_frame(EVENT)
    assert fed(sieve, text_frame(PONG), 2) == text_frame(PONG)


def test_fragments_are_gathered_and_keep_their_sizes() -> None:
    sieve = Sieve()
    add(sieve, "latency: 10ms")
    first = Frame(Opcode.TEXT, EVENT[:10], fin=False).serialize(mask=False)
    last = Frame(Opcode.CONT, EVENT[10:]).serialize(mask=False)
    assert fed(sieve, first + last, 0) == b""
    assert sieve.release(10_000) == first + last


def test_a_message_that_began_before_a_fault_passes_whole() -> None:
    sieve = Sieve()
    first = Frame(Opcode.TEXT, EVENT[:10], fin=False).serialize(mask=False)
    last = Frame(Opcode.CONT, EVENT[10:]).serialize(mask=False)
    assert fed(sieve, first, 0) == first
    assert not sieve.between_messages
    add(sieve, "drop: 100%")
    assert fed(sieve, last + text_frame(EVENT), 0) == last
    assert sieve.between_messages


def test_a_message_that_began_under_a_fault_that_has_ended_passes_whole() -> None:
    sieve = Sieve()
    add(sieve, "drop: 100%")
    first = Frame(Opcode.TEXT, EVENT[:10], fin=False).serialize(mask=False)
    last = Frame(Opcode.CONT, EVENT[10:]).serialize(mask=False)
    assert fed(sieve, first, 0) == b""
    sieve.remove("f1", 0)
    assert fed(sieve, last, 0) == first + last


def test_pongs_are_kept_back_while_it_is_muted() -> None:
    sieve = Sieve()
    sieve.muted = True
    assert fed(sieve, pong_frame(b"1") + text_frame(PONG), 0) == text_frame(PONG)
    sieve.muted = False
    assert fed(sieve, pong_frame(b"2"), 0) == pong_frame(b"2")


def test_behind_a_message_something_may_be_done_before_the_next_is_looked_at() -> None:
    sieve = Sieve()
    add(sieve, "latency: 0s")
    stream = sieve.feed(text_frame(EVENT) + text_frame(PONG), 0)
    sieve.pause = True
    assert next(stream) == text_frame(EVENT)
    add(sieve, "drop: 100%", "f2")
    assert list(stream) == [b""]
