"""The fan-out against a model: whatever a client subscribes to, says and takes, it gets what it is to get, in order.

Any sequence of batches of events, changes of topics, pings, other replies, slow or quick transports, and ways into
lanes with latency and a narrow line and back is played to a hub with members of several encodings. What each of them
gets, taken apart by the library's own reader, is compared with what a list a member would say.
"""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.spec import read_fault
from pvws.server.encoder import Deflate, Encoder, Plain
from pvws.server.gate import Gate
from pvws.server.hub import Hub
from pvws.server.settings import SlowConsumer
from pvws.server.subscriber import Subscriber
from pvws.sim.chance import Stream
from pvws.sim.source import Timed
from pvws.stage.errands import Errands
from pvws.testing.load.reader import MessageReader
from pvws.wire.frames import Opcode, pong_frame
from pvws.wire.topics import TOPICS, Topic

MEMBERS = 3
EVENT_TYPE = "test"
ALL = 10**9


class Turns:
    """Stands for the event loop: what is to be called soon is called at the end of a turn."""

    def __init__(self) -> None:
        self._due: list[Callable[[], object]] = []

    def call_soon(self, call: Callable[[], object]) -> None:
        self._due.append(call)

    def time(self) -> float:
        return 0.0

    def end_turn(self) -> None:
        due, self._due = self._due, []
        for call in due:
            call()


class Member:
    """A client: its transport takes some bytes and then pauses its writer; it reads them with a reader of its own."""

    def __init__(self, encoder: Encoder, bounds: SlowConsumer) -> None:
        self.got: list[bytes] = []
        self.wanted: list[bytes] = []
        self.topics = frozenset[Topic]()
        self.writes = 0
        self.overflows = 0
        self._room = 0
        self._held = b""
        self._reader = MessageReader()
        self.subscriber = Subscriber(self._write, encoder, bounds, self._overflow, lambda: len(self._held))

    def _overflow(self) -> None:
        self.overflows += 1

    def _write(self, data: bytes) -> None:
        assert not self._held, "a paused transport is given nothing"
        self.writes += 1
        self._take(data)
        if self._held:
            self.subscriber.pause()

    def _take(self, data: bytes) -> None:
        taken, self._held = data[: self._room], data[self._room :]
        self._room -= len(taken)
        for cut in self._reader.feed(taken):
            self.got += [cut.payload] if cut.is_control else cut.texts

    def drain(self, room: int) -> None:
        """Take so many bytes from now on."""
        self._room = room
        if self._held:
            self._take(self._held)
            if not self._held:
                self.subscriber.resume()


class Stage:
    """A hub with members, and what each of them is to get."""

    def __init__(self, bounds: SlowConsumer) -> None:
        self.turns = Turns()
        self.hub = Hub(self.turns)  # type: ignore[arg-type] # as much of a loop as it needs
        encoders = Plain(), Deflate(15, 0), Deflate(9, 40)
        self.members = [Member(encoders[number % 3], bounds) for number in range(MEMBERS)]
        self._numbers = 0
        self.now = 0
        self.errands = Errands()

    def divert(self, number: int, delays: list[int], rate: int) -> None:
        """Have faults delay all that a member gets, unless some do already; a rate of 0 is no narrow line."""
        member = self.members[number].subscriber
        if member.lane is None:
            lane = self.hub.lane(member, lambda: self.now, self.errands.put)
            for place, delay in enumerate(delays):
                spec = read_fault(f"latency: {delay}us")
                assert isinstance(spec.fault, MessageFault)
                lane.add(f"f{place}", spec, spec.fault.effect(Stream(0, "x"), Did()))
            if rate:
                # One whose last rate has gone stays while the transport takes nothing: it gets a rate again.
                gate = Gate(member, lambda: self.now, self.errands.put) if member.gate is None else member.gate
                gate.add("gate", rate, Did())

    def restore(self, number: int) -> None:
        """No fault any more."""
        member = self.members[number].subscriber
        if member.gate is not None and member.gate.names:
            member.gate.remove("gate")
        if member.lane is not None:
            self.hub.restore(member)

    def go_on(self, by: int) -> None:
        """Stage time goes on."""
        self.turns.end_turn()
        self.now += by
        self.errands.run(self.now)

    def publish(self, topics: list[Topic]) -> None:
        """A batch of events, in one call."""
        events = []
        for topic in topics:
            self._numbers += 1
            text = b"%b %d " % (topic.encode(), self._numbers) * (1 + self._numbers % 9)
            events.append(Timed(self.now, self._numbers, topic, EVENT_TYPE, text))
            for member in self.members:
                if topic in member.topics:
                    member.wanted.append(text)
        self.hub.publish_all(events)

    def change(self, number: int, topics: frozenset[Topic]) -> None:
        """Subscribe to these and no others."""
        member = self.members[number]
        member.topics = topics
        self.hub.join(member.subscriber, topics)

    def answer(self, number: int, *, control: bool) -> None:
        """A pong, or a reply of the API."""
        member = self.members[number]
        self._numbers += 1
        payload = b"for one %d" % self._numbers
        member.wanted.append(payload)
        if control:
            member.subscriber.send(member.subscriber.encoder.control(pong_frame(payload)))
        else:
            member.subscriber.reply(payload, Opcode.TEXT, "pong")

    def answer_several(self, number: int, *, control: bool) -> None:
        """What came in one piece is answered in one write."""
        member = self.members[number].subscriber
        member.hold()
        self.answer(number, control=control)
        self.answer(number, control=not control)
        member.release()

    def end(self) -> None:
        """Everybody takes everything."""
        self.turns.end_turn()
        for member in self.members:
            member.drain(ALL)
        for number in range(len(self.members)):
            self.restore(number)
        self.turns.end_turn()


topics = st.sampled_from(list(TOPICS))
numbers = st.integers(0, MEMBERS - 1)
publishing = st.tuples(st.just("publish"), st.lists(topics, min_size=1, max_size=6), st.booleans())
draining = st.tuples(st.just("drain"), numbers, st.sampled_from([0, 30, 200, 500, 2_000]))
acts = st.one_of(
    # What matters most are transports that let go before, between and behind turns.
    *(publishing, draining) * 3,
    st.tuples(st.just("change"), numbers, st.frozensets(topics)),
    st.tuples(st.just("answer"), numbers, st.booleans()),
    st.tuples(st.just("answer several"), numbers, st.booleans()),
    st.tuples(st.just("divert"), numbers, st.lists(st.integers(0, 9), max_size=2), st.sampled_from([0, 0, 30_000_000])),
    st.tuples(st.just("restore"), numbers),
    st.tuples(st.just("time"), st.integers(0, 12)),
)


def play(stage: Stage, story: list[tuple]) -> None:  # type: ignore[type-arg]
    for act, *rest in story:
        match act:
            case "publish":
                stage.publish(rest[0])
                if rest[1]:
                    stage.turns.end_turn()
            case "drain":
                stage.members[rest[0]].drain(rest[1])
            case "change":
                stage.change(*rest)
            case "answer":
                stage.answer(rest[0], control=rest[1])
            case "answer several":
                stage.answer_several(rest[0], control=rest[1])
            case "divert":
                stage.divert(*rest)
            case "restore":
                stage.restore(rest[0])
            case "time":
                stage.go_on(rest[0])
    stage.end()


@given(st.lists(acts, min_size=10, max_size=80))
def test_every_member_gets_just_what_it_is_to_get_in_order(story: list[tuple]) -> None:  # type: ignore[type-arg]
    stage = Stage(SlowConsumer())
    for number in range(MEMBERS):
        stage.change(number, frozenset(list(TOPICS)[number:]))
    play(stage, story)
    for member in stage.members:
        assert member.got == member.wanted
        assert member.subscriber.idle
        assert (member.overflows, member.subscriber.dropped) == (0, 0)
    figures = stage.hub.delivery.stage()
    assert (figures.pending, figures.lost) == (0, 0)
    assert figures.owed == sum(sum(b"for one" not in text for text in member.wanted) for member in stage.members)
    assert stage.errands.peek() is None


@given(st.lists(acts, min_size=10, max_size=80), st.integers(1, 6))
def test_who_is_to_lose_the_oldest_loses_just_those_that_are_counted_and_no_order(
    story: list[tuple],  # type: ignore[type-arg]
    most: int,
) -> None:
    stage = Stage(SlowConsumer("drop_oldest", max_messages=most))
    for number in range(MEMBERS):
        stage.change(number, frozenset(TOPICS))
    play(stage, story)
    for member in stage.members:
        assert len(member.got) + member.subscriber.dropped == len(member.wanted)
        left = iter(member.wanted)
        assert all(text in left for text in member.got), "a subsequence of what it was to get"
        assert member.overflows == 0
    quick = Stage(SlowConsumer("drop_oldest", max_messages=most))
    for number in range(MEMBERS):
        quick.change(number, frozenset(TOPICS))
        quick.members[number].drain(ALL)
    play(quick, [act for act in story if act[0] not in ("drain", "divert")])
    assert all(member.got == member.wanted for member in quick.members), "who takes everything loses nothing"


@given(st.lists(st.lists(topics, min_size=1, max_size=8), min_size=1, max_size=20))
def test_a_turn_is_one_write_a_member_whatever_was_published_in_it(batches: list[list[Topic]]) -> None:
    stage = Stage(SlowConsumer())
    for number, member in enumerate(stage.members):
        stage.change(number, frozenset(TOPICS))
        member.drain(ALL)
    for batch in batches:
        stage.publish(batch)
    stage.turns.end_turn()
    assert [member.writes for member in stage.members] == [1] * MEMBERS
