"""Faults that a controller switches on and off: at once in any case, and as inputs of the run where that can be."""

from collections.abc import Sequence

import pytest

from pvws.errors import InputError, TooManyError
from pvws.scenario.faults.spec import read_fault
from pvws.sim.source import Order
from pvws.stage.faults import NoSuchFaultError
from pvws.stage.observer import Observer
from pvws.stage.stage import Stage
from tests.support.staged import Listener, director, listener, stage_of, story, venue_of

BREAKS = """
scenario: breaks
duration: 20s
network: {peers: 2}
timeline:
  - {at: 1s, do: fault, stale: 1h, name: script}
"""


class Orders(Observer):
    """Keeps the steps that were ordered."""

    def __init__(self, stage: Stage) -> None:
        self.steps: list[object] = []
        stage.observe(self)

    def ordered(self, order: Order) -> None:
        self.steps.append(order.step)


def called(faults: Sequence[object]) -> list[str]:
    return [str(each) for each in faults]


async def test_a_fault_acts_before_the_clock_has_begun_and_then_is_no_input() -> None:
    stage = story(BREAKS)
    orders = Orders(stage)
    async with venue_of(stage) as venue:
        fault = stage.controller.faults.add(read_fault("status: 503, attempts: 1"))
        host, port = venue.url.removeprefix("ws://").removesuffix("/ws").split(":")
        async with Listener(host, int(port)) as refused:
            with pytest.raises(AssertionError, match="Service Unavailable"):
                await refused.open()
        async with listener(venue):
            assert (fault.counts["refused"], fault.origin) == (1, "control")
        assert orders.steps == []


async def test_what_is_switched_while_the_run_goes_on_is_an_input_of_it() -> None:
    stage = story(BREAKS)
    orders = Orders(stage)
    await stage.clock.advance("2s")
    first = stage.controller.faults.add(read_fault("drop: 10%, name: mine"))
    second = stage.controller.faults.add(read_fault("latency: 1s, for: 10s"))
    assert called(stage.faults.active())[1:] == ["f2 (drop: 10%, name: mine)", "f3 (latency: 1s, for: 10s)"]
    assert (second.since, second.until) == (stage.now().micros, stage.now().micros + 10_000_000)
    assert stage.controller.faults.remove("mine") is first
    ended = stage.controller.faults.clear()
    assert called(ended) == ["f1 (stale: 1h, name: script)", "f3 (latency: 1s, for: 10s)"]
    assert stage.faults.active() == []
    assert all(each.ended for each in (first, *ended))
    assert orders.steps == [
        {"do": "fault", "drop": "10%", "name": "mine"},
        {"do": "fault", "latency": "1s", "for": "10s"},
        {"do": "unfault", "name": "f2"},
        {"do": "unfault", "name": "f3"},
    ], "the fault of the script is its own affair"


async def test_all_are_switched_off_also_where_one_is_over_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = story(BREAKS)
    await stage.clock.advance("2s")
    first, second = (stage.controller.faults.add(read_fault(text)) for text in ("drop: 10%", "stall: on, for: 5s"))
    right = stage.order

    def order(step: dict[str, object]) -> object:
        """What is due comes before an order: here, the end of the second."""
        if not second.ended:
            stage.faults.remove(second.id)
        return right(step)

    monkeypatch.setattr(stage, "order", order)
    assert called(stage.controller.faults.clear()) == ["f1 (stale: 1h, name: script)", "f2 (drop: 10%)"]
    assert (first.ended, stage.faults.active()) == (True, [])


async def test_a_fault_that_is_done_at_once_is_given_back_all_the_same() -> None:
    stage = story(BREAKS)
    await stage.clock.advance("2s")
    fault = stage.controller.faults.add(read_fault("reset: on"))
    assert (fault.id, fault.ended) == ("f2", True)


async def test_faults_are_switched_also_where_a_run_takes_no_orders() -> None:
    stage = stage_of(Deaf())
    await stage.clock.advance("1s")
    fault = stage.controller.faults.add(read_fault("drop: 10%"))
    assert stage.controller.faults.remove(fault.id) is fault
    with pytest.raises(NoSuchFaultError):
        stage.controller.faults.remove(fault.id)


async def test_a_fault_of_the_whole_server_is_refused_where_there_is_none_and_nothing_is_ordered() -> None:
    stage = story(BREAKS)
    orders = Orders(stage)
    await stage.clock.advance("2s")
    with pytest.raises(InputError, match="the whole server"):
        stage.controller.faults.add(read_fault("restart: 1s"))
    assert orders.steps == []


async def test_at_most_so_many_are_on_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pvws.stage.switching.FAULTS_MAX", 5)
    faults = Stage().controller.faults
    for _ in range(5):
        last = faults.add(read_fault("drop: 10%"))
    with pytest.raises(TooManyError, match="there are 5 faults, as many as there may be"):
        faults.add(read_fault("drop: 10%"))
    faults.remove(last.id)
    faults.add(read_fault("drop: 10%"))


class Deaf:
    """A run of which everything is known beforehand."""

    def __init__(self) -> None:
        self._run = director(BREAKS)
        self.peek, self.take, self.tell = self._run.peek, self._run.take, self._run.tell

    def order(self, order: Order) -> Order | None:
        return None
