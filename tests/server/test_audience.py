"""The audience against a model: whatever happens, each member gets exactly what was published while it was there."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.limits import BACKLOG_BYTES_MAX, BACKLOG_MESSAGES_MAX, TURN_BYTES_MAX
from pvws.server.audience import Audience
from pvws.server.encoder import Plain
from pvws.server.settings import SlowConsumer
from pvws.server.subscriber import Subscriber
from pvws.wire.topics import Topic

TOPICS = frozenset({Topic.ALERTS})
PLAIN = Plain()
BOUNDS = SlowConsumer()


class Transport:
    """Takes bytes as a transport does: past `room` it pauses its writer, and takes the rest on `drain`."""

    def __init__(self, room: int = 1_000_000_000, bounds: SlowConsumer = BOUNDS) -> None:
        self.room = room
        self.got = b""
        self.writes: list[bytes] = []
        self.overflows = 0
        self._held = b""
        self.member = Subscriber(self.write, PLAIN, bounds, self._overflow, lambda: len(self._held))

    def _overflow(self) -> None:
        self.overflows += 1

    def write(self, data: bytes) -> None:
        assert not self._held, "a paused transport is given nothing"
        self.writes.append(data)
        self.got += data[: self.room]
        self._held = data[self.room :]
        self.room -= len(data) - len(self._held)
        if self._held:
            self.member.pause()

    def drain(self, room: int) -> None:
        """The kernel takes so many bytes more."""
        self.room += room
        held, self._held = self._held, b""
        if held:
            self.got += held[: self.room]
            self._held = held[self.room :]
            self.room -= len(held) - len(self._held)
            if not self._held:
                self.member.resume()


def audience_with(*transports: Transport) -> Audience:
    audience = Audience(TOPICS, PLAIN)
    for transport in transports:
        audience.join(transport.member)
    return audience


def test_what_was_published_in_a_turn_is_one_write_of_the_same_bytes_to_all() -> None:
    first, second = Transport(), Transport()
    audience = audience_with(first, second)
    for frame in (b"one", b"two", b"three"):
        audience.append(frame)
    audience.flush()
    assert first.writes == [b"onetwothree"]
    assert first.writes[0] is second.writes[0]


def test_a_reply_comes_after_what_was_published_before_and_ahead_of_what_comes_later() -> None:
    transport = Transport()
    audience = audience_with(transport)
    audience.append(b"event1")
    transport.member.send(b"reply")
    audience.append(b"event2")
    audience.flush()
    assert transport.got == b"event1replyevent2"


def test_a_new_member_gets_nothing_that_was_published_before_it_came() -> None:
    old, new = Transport(), Transport()
    audience = audience_with(old)
    audience.append(b"before")
    audience.join(new.member)
    audience.append(b"after")
    audience.flush()
    assert old.got == b"beforeafter"
    assert new.got == b"after"


def test_a_member_that_lags_costs_one_copy_and_gets_everything_in_the_end() -> None:
    quick, slow = Transport(), Transport(room=4)
    audience = audience_with(quick, slow)
    for number in range(100):
        audience.append(b"%03d." % number)
        audience.flush()
    assert slow.got == b"000."
    assert slow.member.behind() == (98, 392)  # the hundredth part is what its transport holds
    while len(slow.got) < 400:
        slow.drain(7)
    assert slow.got == quick.got
    assert slow.member.idle


def test_who_catches_up_between_an_event_and_its_turn_gets_it_once() -> None:
    quick, slow = Transport(), Transport(room=2)
    audience = audience_with(quick, slow)
    for frame in (b"one.", b"two."):
        audience.append(frame)
        audience.flush()
    audience.append(b"three.")
    slow.drain(100)
    assert slow.got == quick.got == b"one.two.three.", "the others then get it at once as well"
    audience.append(b"four.")
    audience.flush()
    assert slow.got == quick.got == b"one.two.three.four."


def test_no_more_than_a_turns_bytes_go_to_a_transport_at_once() -> None:
    transport = Transport()
    audience = audience_with(transport)
    frame = bytes(100_000)
    for _ in range(7):
        audience.append(frame)
    audience.flush()
    assert [len(write) for write in transport.writes] == [200_000, 200_000, 200_000, 100_000]
    assert max(map(len, transport.writes)) <= TURN_BYTES_MAX


def test_a_frame_larger_than_a_turn_goes_alone() -> None:
    transport = Transport()
    audience = audience_with(transport)
    audience.append(bytes(2 * TURN_BYTES_MAX))
    audience.append(b"x")
    audience.flush()
    assert [len(write) for write in transport.writes] == [2 * TURN_BYTES_MAX, 1]


@pytest.mark.parametrize(
    ("frame", "fits"),
    [(b"x", BACKLOG_MESSAGES_MAX), (bytes(65_536), BACKLOG_BYTES_MAX // 65_536)],
    ids=["messages", "bytes"],
)
def test_a_member_too_far_behind_overflows_at_exactly_its_bound(frame: bytes, fits: int) -> None:
    quick, stalled = Transport(), Transport(room=0)
    audience = audience_with(quick, stalled)
    audience.append(b"?")  # what its transport holds is not its backlog
    audience.flush()
    for _ in range(fits):
        audience.append(frame)
    audience.flush()
    assert stalled.overflows == 0
    audience.append(frame)
    audience.flush()
    assert (quick.overflows, stalled.overflows) == (0, 1)


def test_with_drop_oldest_the_oldest_messages_are_dropped_whole_and_counted() -> None:
    quick, slow = Transport(), Transport(room=0, bounds=SlowConsumer("drop_oldest", max_messages=3))
    audience = audience_with(quick, slow)
    for number in range(10):
        audience.append(b"<%d>" % number)
        audience.flush()
    slow.member.send(b"pong")
    assert (slow.overflows, slow.member.dropped) == (0, 7)
    slow.drain(1_000)
    audience.append(b"<10>")
    audience.flush()
    assert slow.got == b"<0><8><9>pong<10>"
    assert quick.got == b"".join(b"<%d>" % number for number in range(11))


def test_with_drop_oldest_bytes_are_bounded_too() -> None:
    slow = Transport(room=0, bounds=SlowConsumer("drop_oldest", max_bytes=10))
    audience = audience_with(slow)
    for frame in (b"first", b"12345", b"67890", b"abc"):
        audience.append(frame)
        audience.flush()
    slow.drain(1_000)
    assert slow.got == b"first67890abc"


def test_replies_count_towards_the_bound_too() -> None:
    stalled = Transport(room=0)
    audience_with(stalled)
    stalled.member.send(b"?")
    for _ in range(BACKLOG_MESSAGES_MAX):
        stalled.member.send(b"pong")
    assert stalled.overflows == 0
    stalled.member.send(b"pong")
    assert stalled.overflows == 1


def test_the_log_forgets_what_everybody_has() -> None:
    quick, slow = Transport(), Transport(room=0)
    audience = audience_with(quick, slow)
    for _ in range(5_000):
        audience.append(b"x")
        audience.flush()
    assert len(audience.backlog(slow.member.cursor)) == 4_999
    slow.drain(10_000)
    for _ in range(600):
        audience.append(b"x")
        audience.flush()
    assert len(audience._log) == 0
    assert len(slow.got) == len(quick.got) == 5_600


def test_drained_is_called_once_everything_has_been_taken() -> None:
    calls: list[str] = []
    slow = Transport(room=1)
    audience = audience_with(slow)
    audience.append(b"abc")
    audience.flush()
    slow.member.send(b"def")
    slow.member.drained = lambda: calls.append("drained")
    slow.drain(2)
    assert calls == []
    slow.drain(3)
    assert calls == ["drained"]
    assert slow.got == b"abcdef"


MEMBERS = 4
PUBLISH, SEND, DRAIN, MOVE, LEAVE, FLUSH = range(6)
operations = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, MEMBERS - 1), st.integers(0, 40)), min_size=1, max_size=120
)


@given(operations)
def test_every_member_gets_exactly_what_was_published_while_it_was_there(
    operations: list[tuple[int, int, int]],
) -> None:
    audiences = [Audience(TOPICS, PLAIN), Audience(TOPICS, PLAIN)]
    transports = [Transport(room=10) for _ in range(MEMBERS)]
    expected = [b""] * MEMBERS
    where: list[int | None] = [None] * MEMBERS

    def publish(audience: int, number: int) -> None:
        frame = b"<%d.%d>" % (audience, number)
        audiences[audience].append(frame)
        for member in range(MEMBERS):
            if where[member] == audience:
                expected[member] += frame

    def send(member: int, number: int) -> None:
        frame = b"[%d]" % number
        transports[member].member.send(frame)
        expected[member] += frame

    def move(member: int, number: int) -> None:
        leave(member, number)
        where[member] = number % 2
        audiences[number % 2].join(transports[member].member)

    def leave(member: int, number: int) -> None:
        place = where[member]
        if place is not None:
            audiences[place].leave(transports[member].member)
            where[member] = None

    acts: dict[int, Callable[[int, int], None]] = {
        PUBLISH: lambda member, number: publish(member % 2, number),
        SEND: send,
        DRAIN: lambda member, number: transports[member].drain(number),
        MOVE: move,
        LEAVE: leave,
        FLUSH: lambda member, number: audiences[member % 2].flush(),
    }
    for kind, member, number in operations:
        acts[kind](member, number)
    for audience in audiences:
        audience.flush()
    for transport, wanted in zip(transports, expected, strict=True):
        transport.drain(1_000_000)
        assert transport.got == wanted
        assert transport.member.idle
        assert transport.overflows == 0
