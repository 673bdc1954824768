"""A subscriber by itself; with an audience it is tested there, with a lane there."""

from pvws.limits import TURN_BYTES_MAX
from pvws.server.delivery import Delivery
from pvws.server.encoder import Plain
from pvws.server.settings import SlowConsumer
from pvws.server.subscriber import Subscriber
from pvws.wire.frames import Opcode


def test_it_has_no_topics_before_it_has_joined() -> None:
    member = Subscriber([].append, Plain(), SlowConsumer(), lambda: None)
    assert member.topics == frozenset()
    assert not member.held_back
    assert member.holders == ()


def test_a_reply_is_a_frame_of_its_own() -> None:
    writes: list[bytes] = []
    member = Subscriber(writes.append, Plain(), SlowConsumer(), lambda: None)
    member.reply(b"hi", Opcode.TEXT, "pong")
    assert writes == [b"\x81\x02hi"]


def test_what_a_lane_lets_through_goes_in_turns_of_256_kib() -> None:
    writes: list[bytes] = []
    member, ledger = Subscriber(writes.append, Plain(), SlowConsumer(), lambda: None), Delivery()
    member.give([b"x" * TURN_BYTES_MAX, b"y", b"z"], ledger, 3)
    assert [len(write) for write in writes] == [TURN_BYTES_MAX, 2]
    assert (ledger.written, member.account.passed) == (3, 3)


def test_while_it_is_held_it_keeps_what_it_is_given() -> None:
    writes: list[bytes] = []
    member, ledger = Subscriber(writes.append, Plain(), SlowConsumer(), lambda: None), Delivery()
    member.hold()
    member.give([b"a"], ledger, 1)
    member.give([b"b"], ledger, 1)
    assert (writes, ledger.written) == ([], 0)
    member.release()
    assert (writes, ledger.written) == ([b"ab"], 2)
