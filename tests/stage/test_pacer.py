import asyncio
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

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
