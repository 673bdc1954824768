import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from pvws.bus.entry import State, decode_state
from pvws.bus.local import Local, LocalServer
from pvws.sim.source import Cue, Timed
from pvws.stage.leading import Leading
from pvws.stage.loading import Loading
from pvws.stage.stage import Stage
from tests.support.bused import Taken
from tests.support.staged import START, director, listener, story, venue_of


@pytest.fixture
async def led() -> AsyncIterator[tuple[Stage, Local, Taken]]:
    """A stage that is held at the start of a script, as the source of a bus; another bus; what comes by it."""
    server, taken = LocalServer(), Taken()
    stage, bus = story(), server.bus()
    await bus.follow(0, taken)
    leading = Leading(stage, server.bus())
    await leading.begin()
    yield stage, bus, taken
    assert await leading.end(1) == 0


async def came(taken: Taken) -> list[Any]:
    """What has come by now: a bus of this process gives it at the end of a turn."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    entries = list(taken.entries)
    taken.carried.clear()
    return entries


async def test_everything_that_is_played_is_sent_in_its_order_with_the_marks(led: tuple[Stage, Local, Taken]) -> None:
    stage, _, taken = led
    await came(taken)
    advance = await stage.clock.advance("15s")
    sent = await came(taken)
    assert [each for each in sent if isinstance(each, Timed)] == list(advance.events)
    (place,) = (place for place, each in enumerate(sent) if isinstance(each, Cue))
    assert sent[place].name == "ten"
    assert sent[place - 1].at <= sent[place].at <= sent[place + 1].at


async def test_it_begins_with_how_it_stands_and_says_so_to_who_asks(led: tuple[Stage, Local, Taken]) -> None:
    stage, bus, taken = led
    (first,) = await came(taken)
    assert isinstance(first, State)
    assert (first.fresh, first.held, first.at, first.sequence) == (True, True, START, 0)
    await stage.clock.advance("15s")
    state = decode_state(await bus.ask("source", b"state", 1))
    assert (state.run, state.at) == (first.run, START + 15_000_000)
    assert state.sequence == stage.sequence
    assert sum(state.by_topic.values()) == sum(state.by_type.values()) == stage.sequence
    await asyncio.sleep(0)
    assert state.place == taken.places[-1], "it tells behind which entry it holds"


async def test_a_clock_that_is_held_or_set_is_told_in_its_place(led: tuple[Stage, Local, Taken]) -> None:
    stage, _, taken = led
    await came(taken)
    stage.clock.set_speed(4)
    stage.clock.resume()
    stage.clock.pause()
    await stage.clock.seek(START + 30_000_000)
    told = [(each.speed, each.held, each.jump) for each in await came(taken) if isinstance(each, State)]
    assert told == [(4, True, False), (4, False, False), (4, True, False), (4, True, True)]


async def test_another_scenario_is_told_before_its_events_and_then_by_its_name(led: tuple[Stage, Local, Taken]) -> None:
    stage, _, taken = led
    await came(taken)
    stage.controller.load(Loading("quickstart"), held=True)
    await stage.clock.advance("5s")
    sent = await came(taken)
    states = [place for place, each in enumerate(sent) if isinstance(each, State)]
    events = [place for place, each in enumerate(sent) if isinstance(each, Timed)]
    assert sent[next(place for place in states if sent[place].fresh)].fresh
    assert next(place for place in states if sent[place].fresh) < events[0]
    assert next(sent[place] for place in reversed(states)).played.name == "quickstart"


async def test_what_a_controller_does_to_clients_stays_here_and_what_the_script_does_is_sent() -> None:
    text = """
scenario: rough
start: 2024-01-01T00:00:00Z
duration: 1m
timeline:
  - {at: 1s, do: fault, drop: 50%, for: 5s}
  - {at: 2s, do: disconnect, clients: 50%}
"""
    server, taken = LocalServer(), Taken()
    await server.bus().follow(0, taken)
    stage = Stage(director(text), start=START, held=True)
    leading = Leading(stage, server.bus())
    await leading.begin()
    stage.controller.do({"do": "fault", "latency": "1s"})
    stage.controller.do({"do": "disconnect", "clients": "all"})
    stage.controller.do({"do": "mark", "name": "here"})
    await stage.clock.advance("10s")
    kinds = [(each.kind, each.name) for each in await came(taken) if isinstance(each, Cue)]
    assert [kind for kind, _ in kinds] == ["mark", "fault", "disconnect"]
    await leading.end(1)


async def test_a_stage_without_a_bus_has_nothing_more_to_do_for_an_event() -> None:
    """The price of the bus where there is none: the same calls are made, whether or not its code was ever loaded."""
    stage = story()
    async with venue_of(stage) as venue, listener(venue, "file_operations"):
        assert not any(isinstance(each, Leading) for each in stage._observers)
        assert [type(each).__module__ for each in stage._observers] == ["pvws.stage.journal", "pvws.stage.clients"]
        assert stage._pacer._publish == stage._publish, "the pacer gives events to the stage"
        assert not any("bus" in name for name in stage._publish.__func__.__code__.co_names), "which knows no bus"
