"""Faults that meet each other, the clock's moves, or somebody in the midst of something, at a raw socket."""

import asyncio

import pytest
from websockets.frames import Opcode

from pvws.scenario.faults.spec import read_fault
from tests.stage.test_connection_faults_on_the_wire import ALARMS, pair, raw, scripted, unharmed
from tests.support.staged import START, listener, story, venue_of

PATIENCE_S = 5  # of a test that would wait for ever if it failed


async def test_what_ends_in_the_turn_in_which_it_begins_leaves_nothing_behind() -> None:
    stage = story(ALARMS)
    async with pair(stage) as (_, one, _), asyncio.timeout(PATIENCE_S):
        for fault in ("stall: on", "no_pong: on", "rate_limit: 1h"):
            stage.faults.add(read_fault(fault))
        stage.faults.clear()
        one.send(one.frame(Opcode.PING, b"1"))
        assert await one.read_frame() == (Opcode.PONG, b"1")
        await one.catch_up()


async def test_a_fault_that_is_over_keeps_nobody_alive() -> None:
    stage = story(ALARMS)
    async with pair(stage) as (_, one, other), asyncio.timeout(PATIENCE_S):
        for fault in ("latency: 1s", "no_pong: on", "close: 1012, client: dash"):
            stage.faults.add(read_fault(fault))
        stage.faults.clear()
        assert await one.read_close() == (1012, "")
        await other.catch_up()
        assert [each.touched for each in stage.faults.past] == [{}, {}, {}]


async def test_what_begins_while_its_client_comes_and_ends_at_once_leaves_nothing_behind() -> None:
    stage = story(scripted("stall: on, client: late, for: 1h"))
    async with pair(stage) as (venue, _, _), asyncio.timeout(PATIENCE_S):
        await stage.clock.advance("3s")
        come = stage.faults.connected

        def come_and_go(client: object) -> None:
            come(client)  # type: ignore[arg-type]
            stage.faults.clear()

        stage.faults.connected = come_and_go  # type: ignore[method-assign]
        async with listener(venue, path="/ws?client=late"):
            pass


async def test_a_fault_of_the_connection_comes_between_the_events_before_it_and_those_behind_it() -> None:
    stage = story(scripted("close: 1012, client: dash"))
    async with pair(stage) as (_, one, other):
        await stage.clock.advance("30s")  # in few turns of the event loop
        await one.read_until("number 2")
        assert await one.read_close() == (1012, "")
        await unharmed(stage, other, 30)


@pytest.mark.parametrize("fault", ["stall: on", "no_pong: on", "rate_limit: 1h"])
async def test_what_has_begun_begins_no_more_with_each_message_that_it_waits_for(fault: str) -> None:
    stage = story(ALARMS)
    async with pair(stage) as (_, one, other), asyncio.timeout(PATIENCE_S):
        stage.faults.add(read_fault(f"{fault}, client: dash, topics: [alerts]"))
        await stage.clock.advance("5s")
        stage.faults.clear()
        await one.read_until("number 5")
        one.send(one.frame(Opcode.PING, b"1"))
        assert await one.read_frame() == (Opcode.PONG, b"1")
        await one.catch_up()
        await unharmed(stage, other, 5)


async def test_the_first_of_two_penalties_goes_on_when_the_second_ends() -> None:
    stage = story(ALARMS)
    async with pair(stage) as (_, one, _), asyncio.timeout(PATIENCE_S):
        stage.faults.add(read_fault("rate_limit: 1h, client: dash"))
        stage.faults.add(read_fault("rate_limit: 5s, client: dash"))
        stage.faults.remove("f2")
        one.say('{"type":"ping"}')
        assert '"retryAfter":3600' in await one.read_until("RATE_LIMIT_EXCEEDED")
        assert stage.faults.find("f1").counts == {"penalised": 1, "refused": 1}
        stage.faults.remove("f1")
        await one.catch_up()


@pytest.mark.parametrize("code", [1012, 1006])
async def test_a_restart_closes_who_is_stalled_too_with_any_code(code: int) -> None:
    stage = story(ALARMS)
    async with pair(stage) as (_, one, other), asyncio.timeout(PATIENCE_S):
        stage.faults.add(read_fault("stall: on, client: dash"))
        stage.faults.add(read_fault(f"restart: {{down: 1s, code: {code}}}"))
        assert await other.read_close() == (code, "service restart")
        assert await one.read_close() == (code, "service restart")
        stage.faults.clear()


async def test_a_narrow_line_that_ends_in_a_stall_keeps_what_is_on_it_until_that_is_over() -> None:
    stage = story(ALARMS)
    async with pair(stage) as (_, one, other), asyncio.timeout(PATIENCE_S):
        stage.faults.add(read_fault("bandwidth: 10 B/s, client: dash"))
        await stage.clock.advance("1s", timeout=0.1)
        stage.faults.add(read_fault("stall: on, client: dash"))
        stage.faults.remove("f1")
        await stage.clock.advance("1s", timeout=0.1)
        await other.read_until("number 2")
        assert not one.reader._buffer  # type: ignore[attr-defined]
        stage.faults.add(read_fault("bandwidth: 10 B/s, client: dash, name: again"))
        stage.faults.remove("again")
        stage.faults.remove("f2")
        assert "number 1" in await one.read_until("number")
        assert "number 2" in await one.read_until("number")
        await one.catch_up()


async def test_a_handshake_that_is_slow_is_answered_when_that_ends() -> None:
    stage = story(ALARMS)
    async with venue_of(stage) as venue, raw(venue) as one, asyncio.timeout(PATIENCE_S):
        stage.faults.add(read_fault("slow_handshake: 1h"))
        opening = asyncio.create_task(one.open())
        while not stage.attempts:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        stage.faults.clear()
        await opening


async def test_a_clock_that_is_set_back_leaves_nothing_for_the_time_that_it_was() -> None:
    stage = story(ALARMS)
    async with pair(stage) as (venue, one, _), raw(venue) as late, asyncio.timeout(PATIENCE_S):
        await stage.clock.advance("30s")
        await one.read_until("number 30")
        for fault in ("bandwidth: 10 B/s", "slow_handshake: 10m"):
            stage.faults.add(read_fault(fault))
        await stage.clock.advance("1s", timeout=0.1)
        opening = asyncio.create_task(late.open())
        while stage.attempts < 3:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        await stage.clock.seek("2024-01-01T00:00:01Z")
        await opening
        assert "number 31" in await one.read_until("number")
        for by in ("1s", "40s"):
            await stage.clock.advance(by, timeout=0.1)
        assert "number 2" in await one.read_until("number")


async def test_a_clock_that_is_set_back_leaves_what_a_controller_switched_as_it_is() -> None:
    stage = story(ALARMS)
    async with pair(stage):
        await stage.clock.advance("5s")
        stage.controller.faults.add(read_fault("latency: 100ms, name: stays"))
        stage.controller.faults.add(read_fault("drop: 100%, name: goes"))
        await stage.clock.advance("5s")
        stage.controller.faults.remove("goes")
        for to in ("07", "02"):
            await stage.clock.seek(f"2024-01-01T00:00:{to}Z")
            assert [active.spec.name for active in stage.faults.active()] == ["stays"]


async def test_a_clock_that_is_set_forward_passes_over_what_is_done_at_one_instant() -> None:
    steps = ("close: 1012", "reset: on", "revoke: on", "restart: 1s", "no_pong: on, name: stays")
    stage = story(scripted(*steps))
    async with pair(stage) as (_, one, other), asyncio.timeout(PATIENCE_S):
        await stage.clock.seek("2024-01-01T00:00:20Z")
        assert [active.spec.name for active in stage.faults.active()] == ["stays"]
        await stage.clock.advance("1s")
        assert "number 21" in await one.read_until("number")
        assert "number 21" in await other.read_until("number")
        assert stage.clock.now.micros == START + 21_000_000
