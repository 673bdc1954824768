import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from pvws.server.deadlines import Deadlines
from pvws.server.settings import Timeouts
from pvws.server.vigil import Vigil
from tests.support import virtual_loop

TIMEOUTS = Timeouts()  # the contract's: a ping every 54 s, the pong within 60 s
WRITE = 30_000_000


class Watched:
    """Writes down what it is told, and when."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.told: list[tuple[str, float]] = []
        self.held = 0
        self.vigil = Vigil(self, Deadlines(self.loop), self.loop.time, TIMEOUTS, WRITE)

    def send_ping(self) -> None:
        self.told.append(("ping", self.loop.time()))

    def no_pong(self) -> None:
        self.told.append(("no pong", self.loop.time()))

    def stalled(self) -> None:
        self.told.append(("stalled", self.loop.time()))

    def unsent(self) -> int:
        return self.held

    def times(self, what: str) -> list[float]:
        """When it was told this."""
        return [at for told, at in self.told if told == what]


def watch(story: Callable[[Watched], Coroutine[Any, Any, None]]) -> Watched:
    """What is watched over, after a story in virtual time."""

    async def told() -> Watched:
        watched = Watched()
        await story(watched)
        return watched

    return virtual_loop.run(told())


def test_a_ping_is_sent_every_period_from_the_handshake_on() -> None:
    async def story(watched: Watched) -> None:
        for _ in range(19):
            await asyncio.sleep(27)
            watched.vigil.heard()

    assert watch(story).told == [("ping", 54.0 * number) for number in range(1, 10)]


def test_who_is_never_heard_of_has_sent_no_pong_at_exactly_the_pong_wait_and_is_told_once() -> None:
    async def story(watched: Watched) -> None:
        await asyncio.sleep(500)

    assert watch(story).times("no pong") == [60.0]


@pytest.mark.parametrize("heard_at", [0.0, 0.5, 30.0, 54.0, 59.5])
def test_the_pong_wait_begins_anew_with_anything_heard(heard_at: float) -> None:
    async def story(watched: Watched) -> None:
        await asyncio.sleep(heard_at)
        watched.vigil.heard()
        await asyncio.sleep(200)

    assert watch(story).times("no pong") == [heard_at + 60.0]


def stand_still(seconds: float) -> None:
    """The process has no turn for so long: time goes by, and nothing of it is heard before the timers of that time."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, virtual_loop.VirtualLoop)
    loop.pass_by(seconds)


def test_who_could_not_be_heard_while_the_process_had_no_turn_is_heard_before_it_is_judged() -> None:
    async def story(watched: Watched) -> None:
        await asyncio.sleep(55)
        stand_still(20)  # the pong has come meanwhile, and is read in the turn behind the timers
        await asyncio.sleep(0.01)
        watched.vigil.heard()
        await asyncio.sleep(20)

    assert watch(story).times("no pong") == []


def test_who_was_asked_late_has_as_long_for_its_answer_as_who_was_asked_in_time() -> None:
    async def story(watched: Watched) -> None:
        await asyncio.sleep(53)
        stand_still(30)
        await asyncio.sleep(100)

    watched = watch(story)
    [asked, *_], [judged] = watched.times("ping"), watched.times("no pong")
    assert (asked, judged) == (83, pytest.approx(83 + 6))


def test_who_does_not_answer_behind_a_standstill_either_has_sent_no_pong() -> None:
    async def story(watched: Watched) -> None:
        await asyncio.sleep(55)
        stand_still(20)
        await asyncio.sleep(20)

    assert watch(story).times("no pong") == [pytest.approx(75, abs=0.1)]


def test_who_answers_each_ping_is_never_without_a_pong() -> None:
    async def story(watched: Watched) -> None:
        for _ in range(50):
            await asyncio.sleep(54)
            watched.vigil.heard()

    watched = watch(story)
    assert watched.times("no pong") == []
    assert len(watched.times("ping")) in (49, 50)


def test_who_takes_nothing_while_something_waits_is_stalled_after_the_write_timeout() -> None:
    async def story(watched: Watched) -> None:
        watched.held = 1_000
        watched.vigil.paused()
        await asyncio.sleep(50)

    assert watch(story).times("stalled") == [pytest.approx(30.0)]


def test_who_takes_a_byte_now_and_then_is_not_stalled_until_the_write_timeout_after_the_last() -> None:
    async def story(watched: Watched) -> None:
        watched.held = 1_000
        watched.vigil.paused()
        for _ in range(10):
            watched.vigil.heard()
            await asyncio.sleep(29)
            watched.held -= 1
        assert watched.times("stalled") == []
        watched.vigil.heard()
        await asyncio.sleep(40)

    (stalled,) = watch(story).times("stalled")
    assert 290 + 30 <= stalled <= 290 + 31, "it is looked at every second"


def test_who_has_taken_everything_is_watched_no_more_until_something_waits_again() -> None:
    async def story(watched: Watched) -> None:
        watched.held = 1_000
        watched.vigil.paused()
        await asyncio.sleep(29)
        watched.vigil.resumed()
        watched.vigil.resumed()
        await asyncio.sleep(20)
        watched.vigil.paused()  # at 49 s
        await asyncio.sleep(29)
        watched.vigil.resumed()
        await asyncio.sleep(100)

    assert watch(story).times("stalled") == []


def test_being_paused_twice_in_a_row_does_not_add_the_times_up() -> None:
    async def story(watched: Watched) -> None:
        watched.held = 1_000
        watched.vigil.paused()
        await asyncio.sleep(20)
        watched.vigil.resumed()
        watched.vigil.paused()
        await asyncio.sleep(50)

    assert watch(story).times("stalled") == [pytest.approx(50.0)]


def test_nothing_is_told_after_the_end() -> None:
    async def story(watched: Watched) -> None:
        watched.held = 1
        watched.vigil.paused()
        watched.vigil.end()
        await asyncio.sleep(500)

    assert watch(story).told == []


def test_while_it_is_held_nothing_is_judged_and_afterwards_everything_begins_anew() -> None:
    async def story(watched: Watched) -> None:
        watched.held = 5
        watched.vigil.paused()
        watched.vigil.hold(wish=True)
        await asyncio.sleep(200)
        watched.vigil.hold(wish=False)
        assert watched.told == []
        await asyncio.sleep(61)

    told = watch(story)
    assert told.times("ping") == [216.0]
    assert told.times("no pong") == [pytest.approx(260.0)]
    assert told.times("stalled") == [pytest.approx(230.0, abs=1)]
