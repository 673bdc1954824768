import asyncio
from typing import cast

from pvws.stage.stage import Stage
from pvws.testing.judging.verdict import Verdict
from pvws.testing.judging.witness import Witness
from pvws.testing.trial.until import Running, decided, nobody_came, scenario_over
from pvws.testing.verdict import Outcome
from tests.support.evidence import expectation


class Said:
    """A witness that has its verdicts from us."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = outcomes

    def verdicts(self) -> list[Verdict]:
        return [Verdict(expectation("connects"), outcome) for outcome in self.outcomes]


def running(*outcomes: Outcome) -> Running:
    witness = cast(Witness, Said(*outcomes))
    return Running("ws://localhost:1/ws", Stage(), witness, asyncio.Event(), asyncio.Event())


async def test_it_is_decided_when_all_has_held_or_something_has_failed() -> None:
    await decided(running(Outcome.HELD, Outcome.HELD))
    await decided(running(Outcome.NOT_JUDGED, Outcome.FAILED))


async def test_it_is_not_decided_while_something_is_not_judged() -> None:
    under_way = running(Outcome.HELD, Outcome.NOT_JUDGED)
    waiting = asyncio.ensure_future(decided(under_way))
    await asyncio.sleep(0)
    assert not waiting.done()
    cast(Said, under_way.witness).outcomes = (Outcome.HELD, Outcome.HELD)
    await waiting


async def test_nobody_is_waited_for_in_vain() -> None:
    await nobody_came(0.01, scenario_over)(running())


async def test_where_somebody_came_it_goes_on_until_the_scenario_is_over() -> None:
    under_way = running()
    under_way.came.set()
    waiting = asyncio.ensure_future(nobody_came(0, scenario_over)(under_way))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    under_way.over.set()
    await waiting
