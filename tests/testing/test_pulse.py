import asyncio

import pytest

from pvws.testing.pulse import Pulse


class Clock:
    """A machine's clock, which a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def beats(clock: Clock, late: float) -> None:
    """Wait for the next beat of a pulse, which comes that much too late by the clock."""
    clock.now += 0.02 + late
    await asyncio.sleep(0.05)


async def test_a_machine_that_has_time_is_never_late() -> None:
    clock = Clock()
    async with Pulse(clock) as pulse:
        began = pulse.now()
        await beats(clock, 0.0)
        assert pulse.worst_since(began) == 0


async def test_the_longest_standstill_since_then_counts_and_an_earlier_one_does_not() -> None:
    clock = Clock()
    async with Pulse(clock) as pulse:
        began = pulse.now()
        await beats(clock, 0.3)
        await beats(clock, 0.7)
        await beats(clock, 0.5)
        assert pulse.worst_since(began) == pytest.approx(0.7)
        clock.now += 0.001
        assert pulse.worst_since(pulse.now()) == 0


async def test_a_standstill_that_is_not_over_counts_as_well() -> None:
    clock = Clock()
    async with Pulse(clock) as pulse:
        began = pulse.now()
        clock.now += 0.02 + 0.4
        assert pulse.worst_since(began) == pytest.approx(0.4)


async def test_who_wants_to_know_is_told_of_each_standstill_when_it_was() -> None:
    clock, told = Clock(), list[tuple[float, float]]()
    pulse = Pulse(clock, lambda due, came: told.append((due, came)))
    clock.now += 50
    pulse.look()
    assert not told, "it has not begun"
    pulse.begin()
    await beats(clock, 0.3)
    clock.now += 0.02 + 0.5
    pulse.look()
    pulse.look()
    pulse.end()
    clock.now += 50
    pulse.look()
    assert told == [pytest.approx((150.02, 150.32)), pytest.approx((150.34, 150.84))]
