"""A walk of a clock, without a stage: what it gives out, where it ends, and what it tells of that."""

from pvws.limits import ADVANCE_EVENTS_KEPT
from pvws.sim.agenda import Instant
from pvws.sim.source import Cue, Timed
from pvws.stage.advance import Advance
from pvws.stage.pacer import Pacer
from pvws.stage.walk import Walk
from pvws.timestamp import LAST_INSTANT
from tests.support.listed import Listed


def held(*things: Instant | Cue) -> Pacer:
    pacer = Pacer(Listed(*things), lambda events: None, start=0, clock=lambda: 0)
    pacer.hold()
    return pacer


def walked(*things: Instant | Cue, target: Instant, stop: int | None = None) -> Advance:
    """What comes of a walk; it stops at the event of a number."""
    pacer = held(*things)
    walk = Walk(pacer, target, None if stop is None else lambda each: isinstance(each, Timed) and each.sequence == stop)
    with pacer.walked():
        while walk.goes_on:
            walk.give()
        walk.arrive()
    return walk.result(())


def test_all_that_is_due_by_an_instant_is_given_out_and_time_stands_there() -> None:
    result = walked(1, Cue(2, "mark", "half"), 3, 9, target=5)
    assert (result.at, result.count, result.marks, result.ended) == (5, 2, ("half",), False)
    assert [each.at for each in result.events] == [1, 3]


def test_it_stops_at_the_instant_of_what_is_waited_for_with_all_that_is_due_then() -> None:
    result = walked(1, 4, 4, 5, target=LAST_INSTANT, stop=1)
    assert (result.at, result.count) == (4, 3)
    assert result.matched is not None
    assert result.matched.sequence == 1


def test_without_an_instant_to_go_to_it_ends_where_the_last_thing_happened() -> None:
    result = walked(1, 7, target=LAST_INSTANT)
    assert (result.at, result.count, result.ended) == (7, 2, True)


def test_of_many_events_the_last_are_kept_and_all_are_counted() -> None:
    result = walked(*range(ADVANCE_EVENTS_KEPT + 10), target=LAST_INSTANT)
    assert result.count == ADVANCE_EVENTS_KEPT + 10
    assert [each.at for each in result.events] == list(range(10, ADVANCE_EVENTS_KEPT + 10))


def test_it_is_astray_once_something_else_plays() -> None:
    pacer = held(1)
    walk = Walk(pacer, 5, None)
    assert not walk.is_astray
    pacer.exchange(Listed(), 0, None, lambda: 0)
    assert walk.is_astray
