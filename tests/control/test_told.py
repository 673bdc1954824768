"""What a stage is and has, as it is answered: every instant to the microsecond, lengths of time in seconds."""

from pvws.answers import decoded, encoded
from pvws.control import told
from pvws.histogram import Spread
from pvws.scenario.faults.spec import read_fault
from pvws.sim.source import Timed
from pvws.stage.advance import Advance, Straggler
from pvws.stage.journal import Entry
from tests.support.staged import SECOND, START, story


async def test_a_clock_is_told_by_its_instants() -> None:
    stage = story(end=START + 60 * SECOND, speed=None)
    clock = told.clock_of(stage)
    assert (clock.at.micros, clock.start.micros, clock.speed, clock.held) == (START, START, "max", True)
    assert clock.end is not None
    assert clock.end.micros == START + 60 * SECOND
    assert decoded(encoded(clock), type(clock)) == clock


async def test_a_move_is_told_with_its_last_messages_and_stragglers() -> None:
    events = tuple(Timed(START + n, n, "alerts", "t", b'{"n":%d}' % n) for n in range(5))
    straggler = Straggler(3, "c" * 32, "held", 2, 100, ("f1",))
    moved = told.moved_of(story(), Advance(START, 5, events, ("m",), events[1], stragglers=(straggler,)), 2)
    assert [each.sequence for each in moved.events] == [3, 4]
    assert moved.matched is not None
    assert moved.matched.text == '{"n":1}'
    assert (moved.stragglers[0].faults, moved.stragglers[0].why, moved.complete) == (["f1"], "held", False)


async def test_bytes_that_are_no_text_are_told_as_far_as_they_are() -> None:
    assert told.message_of(Timed(START, 0, "alerts", "", b"a\xff")).text == "a�"


async def test_a_quiet_stage_has_not_ended() -> None:
    from pvws.stage.stage import Stage

    state = told.state_of(Stage())
    assert not state.clock.ended
    assert state.scenario is None


async def test_a_fault_is_told_as_it_was_said() -> None:
    stage = story()
    fault = told.fault_of(stage.faults.add(read_fault("latency: 200ms +- 50ms, topics: [alerts], for: 30s")))
    assert (fault.kind, fault.value, fault.scope) == ("latency", "200ms +- 50ms", {"topics": ["alerts"], "for": "30s"})
    assert fault.text == "latency: 200ms +- 50ms, topics: [alerts], for: 30s"
    assert fault.added_at is not None
    assert fault.ends_at is not None
    assert fault.ends_at.micros - fault.added_at.micros == 30 * SECOND


def test_an_entry_is_told_without_what_it_has_not() -> None:
    entry = told.entry_of(Entry(1, START, START + 1, 2, "c" * 32, "", "subscribes", "alerts"))
    assert (entry.sequence, entry.number, entry.name, entry.text, entry.error, entry.code) == (
        1,
        2,
        None,
        None,
        None,
        None,
    )


def test_lengths_of_time_are_seconds() -> None:
    lateness = told.lateness_of(Spread(4, 1_500, 2_000_000, 3_000_000))
    assert (lateness.count, lateness.p50_s, lateness.p99_s, lateness.worst_s) == (4, 0.0015, 2.0, 3.0)
