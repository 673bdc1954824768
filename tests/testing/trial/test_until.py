import asyncio
from typing import cast

import pytest

from pvws.stage.stage import Stage
from pvws.testing.judging.verdict import Verdict
from pvws.testing.judging.witness import Witness
from pvws.testing.trial import until
from pvws.testing.trial.until import Running, decided, last_words, nobody_came, scenario_over
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


async def test_who_has_failed_and_has_no_connection_left_may_come_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(until, "_LAST_WORDS_S", 0.0)
    under_way = running(Outcome.FAILED)
    waiting = asyncio.ensure_future(last_words(under_way))
    await asyncio.sleep(0.01)
    assert not waiting.done(), "it may be about to tell how it ended"
    monkeypatch.setattr(under_way.stage, "clients", lambda: {"somebody": None})
    await waiting
    await last_words(under_way)  # who is connected has not crashed
    monkeypatch.setattr(under_way.stage, "clients", dict)
    monkeypatch.setattr(until, "_GONE_S", 0.01)
    await last_words(under_way)


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
