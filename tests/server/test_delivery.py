"""The ledger against the transports: what it says was written is what they were given, whatever happens."""

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.histogram import RELATIVE_ERROR, Histogram, Spread, spread_of
from pvws.limits import LEDGER_CLIENTS_KEPT, LEDGER_EVENTS_BYTES_MAX, LEDGER_EVENTS_KEPT, TURN_BYTES_MAX
from pvws.server import delivery
from pvws.server.delivered import EventDelivery
from pvws.server.encoder import Plain
from pvws.server.hub import Hub
from pvws.server.settings import SlowConsumer
from pvws.server.subscriber import Subscriber
from pvws.sim.source import Timed, Verbatim

PLAIN = Plain()
ALL = ("file_operations", "peer_network", "system", "alerts")


class Guest:
    """A subscriber whose transport takes everything, or holds it from the moment it is told to."""

    def __init__(self, name: str, bounds: SlowConsumer) -> None:
        self.given = b""
        self.held = 0
        self.stuck = False
        self.topics: frozenset[str] = frozenset()
        self.member = Subscriber(self.write, PLAIN, bounds, self.overflow, lambda: self.held)
        self.member.name = name

    def write(self, data: bytes) -> None:
        self.given += data
        if self.stuck:
            self.held = len(data)
            self.member.pause()

    def take(self) -> None:
        if self.held:
            self.held = 0
            self.member.resume()

    def overflow(self) -> None:
        raise AssertionError("the bounds are far")


class Hall:
    """A hub whose clock is moved by hand, and guests."""

    def __init__(self, guests: int, bounds: SlowConsumer = SlowConsumer()) -> None:  # noqa: B008 - immutable
        self.loop = asyncio.new_event_loop()
        self.hub = Hub(self.loop)
        self.now = 0
        self.hub.delivery.clock = lambda: self.now
        self.guests = [Guest(f"guest {number}", bounds) for number in range(guests)]
        self._sequence = count()
        self.owed: dict[int, list[Guest]] = {}  # by event, to whom

    def close(self) -> None:
        self.loop.close()

    def join(self, guest: int, *topics: str) -> None:
        self.guests[guest].topics = frozenset(topics)
        self.hub.join(self.guests[guest].member, frozenset(topics))

    def publish(self, *topics: str, due: int | None = None) -> None:
        events = [
            Timed(0, number, topic, "test", b"<%05d>" % number)
            for topic, number in zip(topics, self._sequence, strict=False)
        ]
        for event in events:
            self.owed[event.sequence] = [guest for guest in self.guests if event.topic in guest.topics]
        self.hub.publish_all(events, self.now if due is None else due)

    def got(self, guest: Guest) -> set[int]:
        """The events that a guest's transport was given: each of them once."""
        times = {number: guest.given.count(b"<%05d>" % number) for number in self.owed}
        assert max(times.values(), default=0) <= 1, "nothing comes twice"
        return {number for number in self.owed if times[number]}


@pytest.fixture
def hall() -> Iterator[type[Hall]]:
    """Makes halls, and closes them."""
    made: list[Hall] = []

    class Kept(Hall):
        def __init__(self, guests: int, bounds: SlowConsumer = SlowConsumer()) -> None:  # noqa: B008 - immutable
            super().__init__(guests, bounds)
            made.append(self)

    yield Kept
    for each in made:
        each.close()


def recent(hall: Hall) -> list[EventDelivery]:
    return list(hall.hub.delivery.recent())


def test_an_event_was_due_encoded_and_written_and_reached_so_many(hall: type[Hall]) -> None:
    here = hall(3)
    here.join(0, "alerts")
    here.join(1, "alerts", "system")
    here.join(2, "system")
    here.now = 1_000
    here.publish("alerts", "system", "alerts", due=400)
    assert [(each.written, each.reached) for each in recent(here)] == [(None, 0)] * 3, "it leaves with the turn's end"
    here.now = 1_500
    here.hub.flush()
    found = [(e.event.topic, e.due, e.encoded, e.written, e.reached, e.of, e.lateness) for e in recent(here)]
    assert found == [
        ("alerts", 400, 1_000, 1_500, 2, 2, 1_100),
        ("system", 400, 1_000, 1_500, 2, 2, 1_100),
        ("alerts", 400, 1_000, 1_500, 2, 2, 1_100),
    ]
    stage = here.hub.delivery.stage()
    assert (stage.events, stage.owed, stage.written, stage.lost, stage.pending) == (3, 6, 6, 0, 0)
    assert stage.lateness == Spread(3, 1_100, 1_100, 1_100)


def test_a_message_of_several_topics_counts_once_for_everybody_who_hears_any_of_them(hall: type[Hall]) -> None:
    here = hall(4)
    for guest, topics in enumerate((("alerts",), ("alerts", "system"), ("system",), ("peer_network",))):
        here.join(guest, *topics)
    here.now = 1_000
    joined = Verbatim(0, 0, "alerts system", "joined", b"<00000>", ("alerts", "system"))
    here.hub.publish_all([joined, Timed(0, 1, "alerts", "test", b"<00001>")], 400)
    here.guests[2].stuck = True
    here.now = 1_500
    here.hub.flush()
    assert [(e.written, e.reached, e.of, e.lateness) for e in recent(here)] == [
        (1_500, 3, 3, 1_100),
        (1_500, 2, 2, 1_100),
    ]
    stage = here.hub.delivery.stage()
    assert (stage.owed, stage.written, stage.lateness) == (5, 5, Spread(2, 1_100, 1_100, 1_100))
    assert [each.written for each in here.hub.delivery.clients()] == [2, 2, 1, 0]
    here.hub.publish_all([joined], 1_500)
    here.hub.flush()
    assert (recent(here)[-1].reached, recent(here)[-1].of) == (2, 3), "one lags"


def test_each_event_has_a_due_time_of_its_own_where_it_is_given_one(hall: type[Hall]) -> None:
    here = hall(1)
    here.join(0, "alerts")
    events = [Timed(0, number, "alerts", "test", b"x") for number in range(100)]
    here.now = 100
    here.hub.publish_all(events, list(range(100)))
    here.hub.flush()
    assert [each.due for each in recent(here)] == list(range(100))
    lateness = here.hub.delivery.stage().lateness
    assert (lateness.p50, lateness.worst) == (50, 100)


def test_what_nobody_is_subscribed_to_is_no_delivery_and_has_no_lateness(hall: type[Hall]) -> None:
    here = hall(1)
    here.publish("alerts")
    here.now = 10_000
    here.hub.flush()
    (found,) = recent(here)
    assert (found.written, found.reached, found.of, found.lateness) == (None, 0, 0, None)
    stage = here.hub.delivery.stage()
    assert (stage.events, stage.owed, stage.lateness) == (1, 0, Spread())


def test_a_client_that_lags_makes_the_stage_no_later_and_answers_for_itself(hall: type[Hall]) -> None:
    here = hall(2)
    here.join(0, "alerts")
    here.join(1, "alerts")
    slow = here.guests[1]
    slow.stuck = True
    for _ in range(4):  # the first is given to its transport, which holds it
        here.publish("alerts")
        here.hub.flush()
    assert [(each.reached, each.of) for each in recent(here)] == [(2, 2), (1, 2), (1, 2), (1, 2)]
    quick, late = here.hub.delivery.clients()
    assert (quick.written, quick.pending, late.written, late.pending) == (4, 0, 1, 3)
    assert here.hub.delivery.stage().pending == 3
    here.now = 5_000_000
    slow.stuck = False
    slow.take()
    assert [(each.reached, each.of) for each in recent(here)] == [(2, 2)] * 4
    quick, late = here.hub.delivery.clients()
    assert quick.lateness == Spread(4, 0, 0, 0)
    assert (late.client_id, late.written, late.pending) == ("guest 1", 4, 0)
    assert 5_000_000 <= late.lateness.worst <= 5_000_000 * (1 + RELATIVE_ERROR)
    assert here.hub.delivery.stage().lateness.worst == 0
    here.publish("alerts")
    here.hub.flush()
    assert here.hub.delivery.clients()[1].written == 5, "and it is in step again"


def test_to_ask_about_all_clients_reads_a_histogram_once_and_reckons_once_for_those_who_came_together(
    hall: type[Hall], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = hall(60)
    for number in range(50):
        here.join(number, "alerts")
    here.publish("alerts")
    here.hub.flush()
    for number in range(50, 60):
        here.join(number, "alerts")
    here.publish("alerts")
    here.hub.flush()
    here.guests[7].stuck = True
    for _ in range(2):  # with the first it stalls, with the second nothing special happens
        here.publish("alerts")
        here.hub.flush()
    read, reckoned = list[Histogram](), list[object]()
    counts = Histogram.counts
    monkeypatch.setattr(Histogram, "counts", lambda self: read.append(self) or counts(self))
    monkeypatch.setattr(delivery, "spread_of", lambda *given: reckoned.append(given) or spread_of(*given))
    found = here.hub.delivery.clients()
    assert sorted(each.written for each in found) == [3] * 11 + [4] * 49
    assert len(read) == 1
    assert len(reckoned) == 2 * 2 + 1, "two who came at different times, by bucket and by the worst; one that lags"
    here.publish("alerts")
    here.hub.flush()
    assert sorted(each.written for each in here.hub.delivery.clients()) == [3] + [4] * 10 + [5] * 49


def test_who_stalls_in_the_middle_of_a_turn_is_given_each_event_once(hall: type[Hall]) -> None:
    here = hall(2)
    here.join(0, "alerts")
    here.join(1, "alerts")
    here.guests[1].stuck = True
    here.hub.publish_all([Timed(0, number, "alerts", "test", b"x" * 200_000) for number in range(4)], 0)
    here.hub.flush()  # two writes or more, since they don't fit into one
    pending = here.guests[1].member.behind()[0]
    assert 1 <= here.hub.delivery.stage().pending == pending <= 3
    assert [each.written for each in here.hub.delivery.clients()] == [4, 4 - pending]
    here.guests[1].stuck = False
    here.guests[1].take()
    assert [each.written for each in here.hub.delivery.clients()] == [4, 4]
    assert here.hub.delivery.stage().written == 8


def test_who_lags_again_and_again_takes_no_more_memory_for_that(hall: type[Hall]) -> None:
    here, rounds = hall(3), 300
    for guest in range(3):
        here.join(guest, "alerts")
    worst = 0
    for number in range(rounds):
        lags = here.guests[1 + number % 2]
        lags.stuck = True
        here.publish("alerts")
        here.hub.flush()  # it stalls
        here.publish("alerts")
        here.hub.flush()  # which it has still to get
        late = 13 * number**2
        here.now += late
        worst = max(worst, late)
        lags.stuck = False
        lags.take()
    for guest in here.guests[1:]:
        of = here.hub.delivery.client(guest.member)
        assert of.written == 2 * rounds == of.lateness.count
        assert worst * 0.99 <= of.lateness.worst <= worst * (1 + RELATIVE_ERROR)
        counts = guest.member.account.counts
        assert counts is not None
        assert len(counts) * counts.itemsize < 5_000, "which is less than its buckets took as a dict"
    assert here.guests[0].member.account.counts is None


def test_who_catches_up_before_the_turn_ends_is_given_each_event_once(hall: type[Hall]) -> None:
    here = hall(2)
    here.join(0, "alerts")
    here.join(1, "alerts")
    slow = here.guests[1]
    slow.stuck = True
    here.publish("alerts")
    here.hub.flush()
    slow.stuck = False
    here.publish("alerts")
    slow.take()
    here.hub.flush()
    assert here.got(slow) == {0, 1}
    assert [each.written for each in here.hub.delivery.clients()] == [2, 2]
    assert here.hub.delivery.stage().written == 4


def test_who_leaves_in_the_middle_of_a_turn_is_not_given_what_comes_later_in_it(hall: type[Hall]) -> None:
    here = hall(2)
    here.join(0, "alerts")
    here.join(1, "alerts")
    here.publish("alerts")
    here.hub.leave(here.guests[0].member)
    here.guests[0].topics = frozenset()
    here.publish("alerts", "alerts")
    here.hub.flush()
    assert [here.hub.delivery.client(guest.member).written for guest in here.guests] == [1, 3]
    assert [len(here.got(guest)) for guest in here.guests] == [1, 3]


def test_who_stalls_behind_another_that_came_in_the_same_turn_is_given_each_event_once(hall: type[Hall]) -> None:
    here = hall(2)
    here.join(1, "alerts")
    here.guests[1].stuck = True
    here.hub.publish_all([Timed(0, number, "alerts", "test", b"x" * 200_000) for number in range(2)], 0)
    here.join(0, "system")  # so that what was published is counted before it is written
    here.hub.flush()
    assert here.hub.delivery.client(here.guests[1].member).written == 1
    here.guests[1].stuck = False
    here.guests[1].take()
    assert here.hub.delivery.client(here.guests[1].member).written == 2


def test_what_a_slow_client_was_never_sent_is_lost(hall: type[Hall]) -> None:
    here = hall(2, SlowConsumer(policy="drop_oldest", max_messages=2))
    here.join(0, "alerts")
    here.join(1, "alerts")
    here.guests[1].stuck = True
    for _ in range(6):
        here.publish("alerts")
        here.hub.flush()
    assert [each.reached for each in recent(here)] == [2, 1, 1, 1, 1, 1]
    assert here.hub.delivery.client(here.guests[1].member).lost == 3
    here.guests[1].stuck = False
    here.guests[1].take()
    assert [each.reached for each in recent(here)] == [2, 1, 1, 1, 2, 2]
    stage = here.hub.delivery.stage()
    assert (stage.owed, stage.written, stage.lost, stage.pending) == (12, 9, 3, 0)


def test_who_goes_while_it_lags_has_lost_the_rest_and_its_figures_are_kept(hall: type[Hall]) -> None:
    here = hall(1)
    here.join(0, "alerts")
    guest = here.guests[0]
    guest.stuck = True
    for _ in range(3):
        here.publish("alerts")
        here.hub.flush()
    here.hub.leave(guest.member)
    assert here.hub.delivery.stage().pending == 2
    assert [each.reached for each in recent(here)] == [1, 0, 0]
    guest.member.drop()
    here.hub.delivery.gone(guest.member)
    stage = here.hub.delivery.stage()
    assert (stage.written, stage.lost, stage.pending) == (1, 2, 0)
    assert [each.reached for each in recent(here)] == [1, 0, 0]
    (former,) = here.hub.delivery.former_clients()
    assert (former.client_id, former.written, former.lost) == ("guest 0", 1, 2)


def test_so_many_recent_events_are_kept_and_so_many_bytes_of_them(hall: type[Hall]) -> None:
    here = hall(1)
    for _ in range(50):
        here.publish(*["alerts"] * 100)
    kept = recent(here)
    assert LEDGER_EVENTS_KEPT <= len(kept) < LEDGER_EVENTS_KEPT + 100
    assert kept[-1].event.sequence == 4_999
    large = [Timed(0, number, "alerts", "test", bytes(LEDGER_EVENTS_BYTES_MAX // 4)) for number in range(10)]
    for event in large:
        here.hub.publish(event)
    assert [each.event for each in recent(here)] == large[-4:]


def test_an_audience_that_nobody_is_in_any_more_holds_nothing(hall: type[Hall]) -> None:
    here = hall(1)
    here.join(0, "alerts")
    here.guests[0].stuck = True
    for _ in range(10):
        here.publish("alerts")
        here.hub.flush()
    audience = here.guests[0].member.audience
    assert audience is not None
    here.hub.leave(here.guests[0].member)
    here.guests[0].member.drop()
    assert (len(audience._log), len(audience._marks), len(here.hub)) == (0, 0, 0)
    assert [each.reached for each in recent(here)] == [1] + [0] * 9


def test_the_last_so_many_who_have_gone_are_remembered(hall: type[Hall]) -> None:
    here = hall(LEDGER_CLIENTS_KEPT + 10)
    for number, guest in enumerate(here.guests):
        here.join(number, "alerts")
        here.publish("alerts")
        here.hub.flush()
        here.hub.leave(guest.member)
        here.hub.delivery.gone(guest.member)
    names = [each.client_id for each in here.hub.delivery.former_clients()]
    assert names == [f"guest {number}" for number in range(10, LEDGER_CLIENTS_KEPT + 10)]


def test_those_furthest_behind_come_first_where_not_all_are_asked_for(hall: type[Hall]) -> None:
    here = hall(20)
    for number, guest in enumerate(here.guests):
        here.join(number, "alerts")
        guest.stuck = number in (3, 7)
    here.publish("alerts")
    here.hub.flush()
    here.guests[3].take()
    here.publish("alerts")
    here.hub.flush()
    assert [each.client_id for each in here.hub.delivery.clients(1)] == ["guest 7"]
    assert len(here.hub.delivery.clients()) == 20


def test_what_it_costs_does_not_grow_with_the_number_of_clients(hall: type[Hall]) -> None:
    calls = list[int]()
    for guests in (1, 200):
        here = hall(guests)
        for number in range(guests):
            here.join(number, "alerts")
        asked = 0

        def clock() -> int:
            nonlocal asked
            asked += 1
            return 0

        here.hub.delivery.clock = clock
        for _ in range(50):
            here.publish("alerts")
            here.hub.flush()
        calls.append(asked)
        assert all(guest.member.account.counts is None for guest in here.guests), "nothing is kept for one of them"
        readings = {id(guest.member.account.since) for guest in here.guests}
        assert len(readings) == 1, "those who came between two events share a reading"
    assert calls[0] == calls[1]


operation = st.one_of(
    st.tuples(st.just("publish"), st.lists(st.sampled_from(ALL), min_size=1, max_size=4)),
    st.tuples(st.just("flush")),
    st.tuples(st.just("tick"), st.integers(1, 100_000)),
    st.tuples(st.just("join"), st.integers(0, 3), st.sets(st.sampled_from(ALL))),
    st.tuples(st.just("leave"), st.integers(0, 3)),
    st.tuples(st.just("stick"), st.integers(0, 3)),
    st.tuples(st.just("take"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("reply"), st.integers(0, 3)),
)
operations = st.lists(operation, max_size=40)


def perform(here: Hall, operation: tuple[object, ...]) -> None:
    match operation:
        case ("publish", list() as topics):
            here.publish(*topics)
        case ("flush",):
            here.hub.flush()
        case ("tick", int() as micros):
            here.now += micros
        case ("join", int() as guest, set() as topics):
            here.join(guest, *topics)
        case ("leave", int() as guest):
            here.guests[guest].topics = frozenset()
            here.hub.leave(here.guests[guest].member)
        case ("stick", int() as guest):
            here.guests[guest].stuck = True
        case ("take", int() as guest, bool() as again):
            here.guests[guest].stuck = again
            here.guests[guest].take()
        case ("reply", int() as guest):
            here.guests[guest].member.send(b"reply.")


@given(operations)
def test_whatever_happens_the_ledger_says_what_the_transports_were_given(story: list[tuple[object, ...]]) -> None:
    here = Hall(4)
    try:
        for operation in story:
            perform(here, operation)
        here.hub.flush()
        delivery = here.hub.delivery
        given_to = {
            number: [guest for guest in owed if number in here.got(guest)] for number, owed in here.owed.items()
        }
        assert [each.of for each in delivery.recent()] == [len(owed) for owed in here.owed.values()]
        for each in delivery.recent():
            # What moved to a member's own queue counts once all of that is written.
            own = sum(1 for guest in given_to[each.event.sequence] if guest.member.account.strays)
            true = len(given_to[each.event.sequence])
            assert true - own <= each.reached <= true
        stage = delivery.stage()
        assert stage.owed == sum(map(len, here.owed.values()))
        assert stage.written + stage.pending == stage.owed
        for guest in here.guests:
            guest.stuck = False
            while guest.held:
                guest.take()
        stage = delivery.stage()
        assert (stage.written, stage.pending, stage.lost) == (stage.owed, 0, 0)
        assert [each.reached for each in delivery.recent()] == [each.of for each in delivery.recent()]
        for guest in here.guests:
            assert delivery.client(guest.member).written == len(here.got(guest))
    finally:
        here.close()


lanes = st.tuples(st.sampled_from(("lane", "restore")), st.integers(0, 3))


class _Never:
    """What wakes nobody, since nothing is held."""

    def cancel(self) -> None: ...


@pytest.mark.parametrize("turn", [20, TURN_BYTES_MAX], ids=["in many writes a turn", "in one"])
@given(st.lists(operation | lanes, max_size=60))
def test_the_ledger_is_right_of_whoever_faults_begin_and_end_for(turn: int, story: list[tuple[object, ...]]) -> None:
    here = Hall(4)
    with pytest.MonkeyPatch.context() as patched:
        for module in ("audience", "subscriber"):
            patched.setattr(f"pvws.server.{module}.TURN_BYTES_MAX", turn)
        for operation in story:
            match operation:
                case ("lane", int() as guest):
                    if here.guests[guest].member.lane is None:
                        here.hub.lane(here.guests[guest].member, lambda: 0, lambda at, act: _Never())
                case ("restore", int() as guest):
                    if here.guests[guest].member.lane is not None:
                        here.hub.restore(here.guests[guest].member)
                case _:
                    perform(here, operation)
        here.hub.flush()
        for guest in here.guests:
            guest.stuck = False
            while guest.held:
                guest.take()
        here.close()
        stage, got = here.hub.delivery.stage(), [len(here.got(guest)) for guest in here.guests]
        assert stage.written == stage.owed == sum(got)
        assert [here.hub.delivery.client(guest.member).written for guest in here.guests] == got


@given(operations)
def test_what_is_dropped_is_lost_and_all_else_arrives(story: list[tuple[object, ...]]) -> None:
    here = Hall(4, SlowConsumer(policy="drop_oldest", max_messages=3))
    try:
        for operation in story:
            if (
                operation[0] != "reply"
            ):  # of messages that are dropped from its own queue nobody knows which were events
                perform(here, operation)
        here.hub.flush()
        for guest in here.guests:
            guest.stuck = False
            while guest.held:
                guest.take()
        stage = here.hub.delivery.stage()
        assert stage.pending == 0
        assert stage.written == sum(len(here.got(guest)) for guest in here.guests)
        for guest in here.guests:
            owed = sum(guest in each for each in here.owed.values())
            found = here.hub.delivery.client(guest.member)
            assert (found.written, found.lost) == (len(here.got(guest)), owed - len(here.got(guest)))
    finally:
        here.close()
