import re
import time

from pvws.sim.agenda import Instant
from pvws.sim.source import Timed
from pvws.stage.stage import Stage


class One:
    """A source of a single event."""

    def __init__(self, at: Instant) -> None:
        self._left = [Timed(at, 0, "alerts", "test", b"text")]

    def peek(self) -> Instant | None:
        return self._left[0].at if self._left else None

    def step(self) -> list[Timed]:
        return [self._left.pop()]


async def test_a_quiet_stage_has_the_time_of_the_wall_clock_and_ends_at_once() -> None:
    stage = Stage()
    before = time.time_ns() // 1000
    assert before <= stage.now().micros <= time.time_ns() // 1000
    await stage.play()


async def test_what_is_played_is_published_and_heard() -> None:
    heard: list[Timed] = []
    stage = Stage(One(5), start=5, heard=heard.append)
    await stage.play()
    assert [event.text for event in heard] == [b"text"]
    assert stage.hub.published["alerts"] == 1
    assert stage.now().micros >= 5


async def test_whoever_hears_may_hold_a_run_at_speed_max_up() -> None:
    asked: list[bool] = [True, True, False]
    stage = Stage(One(0), speed=None, held_up=lambda: asked.pop(0))
    await stage.play()
    assert asked == []


async def test_the_nth_client_has_the_same_id_in_every_run() -> None:
    first, second, other = Stage(seed=7), Stage(seed=7), Stage(seed=8)
    ids = [first.client_id() for _ in range(3)]
    assert ids == [second.client_id() for _ in range(3)]
    assert len({*ids, other.client_id()}) == 4
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)
