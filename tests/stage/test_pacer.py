import asyncio
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.limits import PACER_SLICE_EVENTS_MAX
from pvws.sim.source import ClientInput, Cue, Timed
from pvws.stage.pacer import Pacer
from tests.support import virtual_loop
from tests.support.listed import Listed

START = 1_704_067_200_000_000
SECOND = 1_000_000


def played(
    source: Listed, speed: float | None, busy: Callable[[Timed], None] = lambda event: None
) -> list[tuple[float, int]]:
    """When, in seconds of real time, each event came out, and its instant in seconds of stage time."""

    async def story() -> list[tuple[float, int]]:
        clock, heard = asyncio.get_running_loop().time, list[tuple[float, int]]()

        def publish(events: Sequence[Timed]) -> None:
            for event in events:
                heard.append((round(clock(), 6), (event.at - START) // SECOND))
                busy(event)

        await Pacer(source, publish, start=START, speed=speed).run()
        return heard

    return virtual_loop.run(story())


@pytest.mark.parametrize(("speed", "factor"), [(1.0, 1.0), (10.0, 0.1), (0.5, 2.0)])
def test_events_come_out_when_they_are_due_at_the_speed(speed: float, factor: float) -> None:
    source = Listed(START, START + SECOND, START + SECOND, START + 3600 * SECOND)
    assert played(source, speed) == [(0, 0), (factor, 1), (factor, 1), (3600 * factor, 3600)]


def test_at_speed_max_no_time_passes() -> None:
    assert played(Listed(START, START + 86_400 * SECOND), None) == [(0, 0), (0, 86_400)]


def test_being_late_once_makes_nothing_later() -> None:
    source = Listed(*(START + second * SECOND for second in range(6)))

    def busy(event: Timed) -> None:
        if event.sequence == 1:
            asyncio.get_running_loop()._clock.now += 2.5  # type: ignore[attr-defined]

    assert played(source, 1.0, busy) == [(0, 0), (1, 1), (3.5, 2), (3.5, 3), (4, 4), (5, 5)]


def test_between_two_slices_the_loop_gets_a_turn() -> None:
    async def story() -> list[int]:
        heard, turns = list[Timed](), list[int]()

        def turn() -> None:
            turns.append(len(heard))
            asyncio.get_running_loop().call_soon(turn)

        asyncio.get_running_loop().call_soon(turn)
        await Pacer(Listed(*[START] * 1_000), heard.extend, start=START, speed=None).run()
        return turns

    turns = virtual_loop.run(story())
    assert max(after - before for before, after in pairwise(turns)) == PACER_SLICE_EVENTS_MAX


def test_at_speed_max_the_source_waits_while_a_reader_would_lose_something() -> None:
    async def story() -> tuple[int, int]:
        heard, full = list[Timed](), True
        pacer = Pacer(Listed(*[START] * 10), heard.extend, start=START, speed=None, congested=lambda: full)
        running = asyncio.ensure_future(pacer.run())
        await asyncio.sleep(10)
        before = len(heard)
        full = False
        await running
        return before, len(heard)

    assert virtual_loop.run(story()) == (0, 10)


def test_at_a_timed_speed_the_source_waits_for_nobody() -> None:
    async def story() -> int:
        heard: list[Timed] = []
        await Pacer(Listed(*[START] * 10), heard.extend, start=START, speed=1.0, congested=lambda: True).run()
        return len(heard)

    assert virtual_loop.run(story()) == 10


def test_stage_time_stands_until_the_run_and_then_goes_at_the_speed() -> None:
    async def story() -> list[int]:
        pacer = Pacer(Listed(START + SECOND, START + 8 * SECOND), lambda events: None, start=START, speed=4.0)
        await asyncio.sleep(5)
        instants = [pacer.now()]
        running = asyncio.ensure_future(pacer.run())
        for _ in range(3):
            await asyncio.sleep(0.5)
            instants.append(pacer.now())
        await running
        await asyncio.sleep(1)
        return [(at - START) // SECOND for at in [*instants, pacer.now()]]

    assert virtual_loop.run(story()) == [0, 2, 4, 6, 12]


def test_at_speed_max_stage_time_is_that_of_the_last_event() -> None:
    async def story() -> int:
        pacer = Pacer(Listed(START, START + 5 * SECOND), lambda events: None, start=START, speed=None)
        await pacer.run()
        return pacer.now()

    assert virtual_loop.run(story()) == START + 5 * SECOND


def test_a_cue_is_followed_between_the_events_before_and_behind_it() -> None:
    async def story() -> list[str]:
        seen: list[str] = []
        mark = Cue(START + SECOND, "mark", name="half time")
        source = Listed(START, mark, START + SECOND)
        publish = lambda events: seen.extend(event.type for event in events)  # noqa: E731
        await Pacer(source, publish, start=START, act=lambda cue: seen.append(cue.name)).run()
        return seen

    assert virtual_loop.run(story()) == ["test", "half time", "test"]


def test_a_pause_holds_stage_time_for_so_long_in_real_time() -> None:
    pause = Cue(START + SECOND, "pause", micros=5 * SECOND)
    assert played(Listed(START, pause, START + SECOND, START + 2 * SECOND), 1.0) == [(0, 0), (6, 1), (7, 2)]
    assert played(Listed(START, pause, START + SECOND, START + 2 * SECOND), 2.0) == [(0, 0), (5.5, 1), (6, 2)]


def test_at_speed_max_a_pause_takes_no_time() -> None:
    pause = Cue(START + SECOND, "pause", micros=5 * SECOND)
    assert played(Listed(START, pause, START + 2 * SECOND), None) == [(0, 0), (0, 2)]


def test_while_it_pauses_stage_time_stands_still() -> None:
    async def story() -> list[int]:
        source = Listed(START + SECOND, Cue(START + SECOND, "pause", micros=10 * SECOND), START + 5 * SECOND)
        pacer = Pacer(source, lambda events: None, start=START)
        running = asyncio.ensure_future(pacer.run())
        instants = []
        for _ in range(4):
            await asyncio.sleep(4)
            instants.append((pacer.now() - START) // SECOND)
        await running
        return instants

    assert virtual_loop.run(story()) == [1, 1, 2, 6]


def test_what_a_client_does_is_told_at_stage_time_and_answered_at_once() -> None:
    async def story() -> tuple[list[tuple[float, str]], list[ClientInput]]:
        clock, heard = asyncio.get_running_loop().time, list[tuple[float, str]]()
        source = Listed(START + 100 * SECOND, answers=START + 20 * SECOND)
        publish = lambda events: heard.extend((clock(), event.type) for event in events)  # noqa: E731
        pacer = Pacer(source, publish, start=START, speed=10.0)
        running = asyncio.ensure_future(pacer.run())
        await asyncio.sleep(2)
        pacer.tell(ClientInput(pacer.now(), 1, "subscribes", "alerts"))
        await running
        return heard, source.told

    heard, told = virtual_loop.run(story())
    assert heard == [(2, "answer"), (10, "test")]
    assert told == [ClientInput(START + 20 * SECOND, 1, "subscribes", "alerts")]


Steps = Sequence[tuple[float, Callable[[Pacer], None]]]


def steered(source: Listed, steps: Steps, **options: Any) -> list[list[float]]:
    """When each event came out, in seconds of real and of stage time, while the pacer was steered at some moments."""

    async def story() -> list[list[float]]:
        loop, heard = asyncio.get_running_loop(), list[list[float]]()

        def publish(events: Sequence[Timed]) -> None:
            heard.extend([round(loop.time(), 6), (event.at - START) / SECOND] for event in events)

        pacer = Pacer(source, publish, start=START, **options)
        for at, steer in steps:
            loop.call_at(at, steer, pacer)
        await pacer.run()
        return heard

    return virtual_loop.run(story())


def every_second(number: int) -> Listed:
    return Listed(*(START + second * SECOND for second in range(1, number + 1)))


def test_another_speed_holds_from_that_moment_on_and_makes_up_for_nothing() -> None:
    faster = steered(every_second(4), [(1.5, lambda pacer: pacer.set_speed(2.0))])
    assert faster == [[1, 1], [1.75, 2], [2.25, 3], [2.75, 4]]
    slower = steered(every_second(4), [(1.5, lambda pacer: pacer.set_speed(0.5))])
    assert slower == [[1, 1], [2.5, 2], [4.5, 3], [6.5, 4]]
    to_max = steered(every_second(3), [(1.5, lambda pacer: pacer.set_speed(None))])
    assert to_max == [[1, 1], [1.5, 2], [1.5, 3]]


def test_from_speed_max_it_goes_on_where_it_had_come() -> None:
    full: list[bool] = []
    source = Listed(START + SECOND, Cue(START + SECOND, "mark"), START + 3 * SECOND)
    steps: Steps = [(10.0, lambda pacer: pacer.set_speed(1.0))]
    found = steered(source, steps, speed=None, congested=lambda: bool(full) or full.append(True) or False)
    assert found == [[0, 1], [12, 3]], "it had come to the first second, and the third is two later"


def test_a_pause_costs_its_own_time_and_nothing_comes_in_a_burst() -> None:
    steps: Steps = [
        (1.5, lambda pacer: pacer.hold()),
        (101.5, lambda pacer: pacer.resume()),
    ]
    assert steered(every_second(4), steps) == [[1, 1], [102, 2], [103, 3], [104, 4]]


def test_holding_twice_is_holding_once_and_so_is_resuming() -> None:
    steps: Steps = [
        (0.5, lambda pacer: pacer.hold()),
        (1.5, lambda pacer: pacer.hold()),
        (2.5, lambda pacer: pacer.resume()),
        (2.7, lambda pacer: pacer.resume()),
    ]
    assert steered(every_second(2), steps) == [[3, 1], [4, 2]]


def test_a_pause_of_the_script_has_as_long_to_go_behind_a_hold_as_before() -> None:
    source = Listed(Cue(START + SECOND, "pause", micros=5 * SECOND), START + 2 * SECOND)
    steps: Steps = [
        (3.0, lambda pacer: pacer.hold()),
        (10.0, lambda pacer: pacer.resume()),
    ]
    assert steered(source, steps) == [[14, 2]], "3 of its 5 seconds were left, and then a second to the event"
    source = Listed(Cue(START + SECOND, "pause", micros=5 * SECOND), START + 2 * SECOND)
    assert steered(source, [(3.0, lambda pacer: pacer.set_speed(2.0))]) == [[6.5, 2]]


def test_what_was_late_when_it_was_held_still_comes_out_and_no_more() -> None:
    async def story() -> list[int]:
        loop, heard = asyncio.get_running_loop(), list[int]()
        late = [START + number for number in range(PACER_SLICE_EVENTS_MAX + 10)]
        publish = lambda events: heard.extend(event.at for event in events)  # noqa: E731
        pacer = Pacer(Listed(*late, START + SECOND), publish, start=START)
        running = asyncio.ensure_future(pacer.run())
        await asyncio.sleep(0)
        loop._clock.now += 0.5  # type: ignore[attr-defined]  # busy for that long
        pacer.hold()
        await asyncio.sleep(10)
        running.cancel()
        assert heard == late
        return heard

    assert len(virtual_loop.run(story())) == PACER_SLICE_EVENTS_MAX + 10


def test_over_hours_nothing_adds_up_however_busy_it_is_on_the_way() -> None:
    minutes = range(1, 10 * 60)

    def busy(event: Timed) -> None:
        asyncio.get_running_loop()._clock.now += 0.0371 * (event.sequence % 7)  # type: ignore[attr-defined]

    for speed in (1.0, 0.7, 3.3):
        found = played(Listed(*(START + minute * 60 * SECOND for minute in minutes)), speed, busy)
        assert [stage for _, stage in found] == [minute * 60 for minute in minutes]
        assert all(-1e-6 <= real - stage / speed <= 2e-6 for real, stage in found)


moves = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(0, 10_000_000)),
        st.tuples(st.just("speed"), st.sampled_from([0.1, 0.5, 1.0, 3.0, 1_000.0])),
        st.tuples(st.just("hold"), st.just(0)),
        st.tuples(st.just("resume"), st.just(0)),
    ),
    max_size=30,
)


@given(moves)
def test_stage_time_is_the_sum_of_what_passed_at_each_speed(story: list[tuple[str, Any]]) -> None:
    async def steer() -> None:
        real = [0]
        pacer = Pacer(Listed(), lambda events: None, start=START, clock=lambda: real[0])
        pacer.begin()
        wanted, speed, held, changes = 0.0, 1.0, False, 0
        for move, value in story:
            before = pacer.now()
            match move:
                case "wait":
                    real[0] += value
                    wanted += 0 if held else value * speed
                case "speed":
                    pacer.set_speed(value)
                    speed = value
                case "hold":
                    pacer.hold()
                    held = True
                case "resume":
                    pacer.resume()
                    held = False
            changes += move != "wait"
            assert pacer.now() == before or (move == "wait" and pacer.now() > before), "no move makes it jump"
            assert abs(pacer.now() - START - wanted) <= 1 + changes

    virtual_loop.run(steer())


def test_it_is_over_at_its_end_though_nothing_happens_there() -> None:
    async def story(speed: float | None) -> tuple[float, int]:
        pacer = Pacer(Listed(START + SECOND), lambda events: None, start=START, speed=speed, end=START + 10 * SECOND)
        await pacer.run()
        assert pacer.ended
        return asyncio.get_running_loop().time(), pacer.now() - START

    assert virtual_loop.run(story(2.0)) == (5.0, 10 * SECOND)
    assert virtual_loop.run(story(None)) == (0.0, 10 * SECOND)


def test_an_instant_is_never_given_out_before_it_is_due_and_waits_are_no_shorter_than_loops_can() -> None:
    async def story() -> list[float]:
        loop, waits = asyncio.get_running_loop(), list[float]()
        call_at = loop.call_at

        def noted(when: float, *arguments: Any, **options: Any) -> asyncio.TimerHandle:
            waits.append(when - loop.time())
            return call_at(when, *arguments, **options)

        loop.call_at = noted  # type: ignore[method-assign]
        await Pacer(Listed(START + 100, START + 200, START + 5_000), lambda events: None, start=START).run()
        return waits

    assert all(wait >= 0.001 - 1e-9 for wait in virtual_loop.run(story()))
