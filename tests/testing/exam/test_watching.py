"""How long a case is looked on: with a trial that never was, and time that this test moves."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pvws.sim.source import Cue
from pvws.testing.exam.case import END, Case
from pvws.testing.exam.watching import Watching
from pvws.testing.trial.until import Running
from pvws.testing.verdict import Outcome

HELD, FAILED, NOT_JUDGED = Outcome.HELD, Outcome.FAILED, Outcome.NOT_JUDGED


class Witness:
    """Says what it is told to."""

    def __init__(self) -> None:
        self.outcomes = [HELD]
        self.is_settled = True

    def verdicts(self) -> list[Any]:
        return [SimpleNamespace(outcome=outcome) for outcome in self.outcomes]

    def settled(self) -> bool:
        return self.is_settled


class Play:
    """A case that is watched, and all that happens."""

    def __init__(self, **fields: Any) -> None:
        self.case = Case(id="made.up", purpose="", reference="", script="", **({"begin": "handshake"} | fields))
        self.watching, self.witness = Watching(self.case, 30.0), Witness()
        self.came, self.over = asyncio.Event(), asyncio.Event()
        running = Running("", cast(Any, None), cast(Any, self.witness), self.came, self.over)
        self.task = asyncio.ensure_future(self.watching.until(running))

    async def goes_on(self, looks: int = 3) -> bool:
        """Whether it still looks on, some looks later."""
        for _ in range(looks * 3):
            await asyncio.sleep(0)
        return not self.task.done()


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which only this test moves; to wait takes none."""
    at, sleep = [0.0], asyncio.sleep

    async def soon(seconds: float) -> None:
        await sleep(0)

    monkeypatch.setattr("pvws.testing.exam.watching.time.monotonic", lambda: at[0])
    monkeypatch.setattr("pvws.testing.exam.watching.asyncio.sleep", soon)
    return at


async def test_it_ends_when_the_script_is_over_and_all_has_held(now: list[float]) -> None:
    play = Play()
    assert await play.goes_on()
    assert not play.watching.came
    play.came.set()
    assert await play.goes_on()
    assert (play.watching.came, play.watching.is_over) == (True, False)
    play.over.set()
    assert not await play.goes_on()
    assert play.watching.is_over


async def test_a_failure_ends_it_at_once(now: list[float]) -> None:
    play = Play()
    play.came.set()
    play.witness.outcomes = [HELD, FAILED]
    assert not await play.goes_on()
    assert not play.watching.is_over


async def test_what_is_waited_for_and_what_is_not_judged_keep_it_until_patience_ends(now: list[float]) -> None:
    play = Play(patience_s=40.0)
    play.came.set()
    play.over.set()
    play.witness.is_settled = False
    assert await play.goes_on()
    play.witness.is_settled, play.witness.outcomes = True, [HELD, NOT_JUDGED]
    assert await play.goes_on()
    now[0] = 40.0
    assert await play.goes_on()
    now[0] = 40.1
    assert not await play.goes_on()


async def test_it_lingers_where_something_may_still_be_broken(now: list[float]) -> None:
    play = Play(linger_s=2.0)
    play.came.set()
    play.over.set()
    assert await play.goes_on()
    now[0] = 1.9
    play.witness.is_settled = False
    assert await play.goes_on()
    now[0], play.witness.is_settled = 2.5, True
    assert await play.goes_on()
    now[0] = 4.5
    assert not await play.goes_on()


async def test_a_script_may_say_itself_that_it_is_over(now: list[float]) -> None:
    play = Play()
    play.came.set()
    play.watching.cued(Cue(0, "mark", name="another"))
    assert await play.goes_on()
    play.watching.cued(Cue(0, "mark", name=END))
    assert not await play.goes_on()


async def test_who_never_comes_is_not_waited_for_for_ever() -> None:
    play = Play()
    play.task.cancel()
    watching = Watching(play.case, 0.0)
    await watching.until(Running("", cast(Any, None), cast(Any, play.witness), play.came, play.over))
    assert not watching.came
