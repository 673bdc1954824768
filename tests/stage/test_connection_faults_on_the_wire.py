"""Every fault of connections, handshakes and the server at a raw socket, and at a library client; from a script and
from a controller; a second client notices nothing.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Opcode

from pvws.errors import InputError
from pvws.scenario.faults.spec import read_fault
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from tests.support.staged import Listener, story, venue_of

ALARMS = """
scenario: alarms
duration: 1m
network: {peers: 2}
timeline:
  - {every: 1s, do: emit, type: security_alert, data: {level: critical, message: "number ${n}"}}
"""


def raw(venue: Venue) -> Listener:
    host, port = venue.url.removeprefix("ws://").removesuffix("/ws").split(":")
    return Listener(host, int(port))


@asynccontextmanager
async def pair(stage: Stage) -> AsyncIterator[tuple[Venue, Listener, Listener]]:
    """A server of a stage, a client that calls itself dash, and one that nothing is to happen to."""
    async with venue_of(stage) as venue, raw(venue) as one, raw(venue) as other:
        await one.open("/ws?client=dash")
        await one.subscribe("alerts")
        await other.open()
        await other.subscribe("alerts")
        yield venue, one, other


async def unharmed(stage: Stage, other: Listener, alerts: int) -> None:
    """The second client has got every alert, in order, and nothing else."""
    await stage.clock.settle(timeout=5)
    await other.catch_up()
    found = [json.loads(text) for text in other.texts]
    messages = [each["data"]["message"] for each in found if each["type"] == "security_alert"]
    assert messages == [f"number {number}" for number in range(1, alerts + 1)]
    assert not any(each["type"] == "error" for each in found)


def scripted(*faults: str) -> str:
    """Alarms, and these faults at 2 s and a half for who calls itself dash."""
    return ALARMS + "".join(f"  - {{at: 2500ms, do: fault, {fault}}}\n" for fault in faults)


async def test_a_stall_from_a_script_holds_what_comes_until_its_window_is_over() -> None:
    stage = story(scripted("stall: on, client: dash, for: 3s"))
    async with pair(stage) as (_, one, other):
        moved = await stage.clock.advance("5s", timeout=2)
        assert [(each.client, each.why, each.faults) for each in moved.stragglers] == [(1, "held", ("f1",))]
        one.say('{"type":"ping"}')
        await unharmed(stage, other, 5)
        assert len([text for text in one.texts if "number" in text]) == 0
        assert await one.read_until("number 2")
        assert not one.reader._buffer  # type: ignore[attr-defined]
        await stage.clock.advance("1s")
        assert await one.read_until("number 5")
        assert await one.read_until('"pong"')
        assert [text.count("number") for text in one.texts].count(1) == 6
        assert stage.delivery.faults == {"stalled": 1}


@pytest.mark.parametrize("code", [1012, 1006, 4000])
async def test_a_close_from_a_script(code: int) -> None:
    stage = story(scripted(f"close: {{code: {code}, reason: going}}, client: dash"))
    async with pair(stage) as (_, one, other):
        await stage.clock.advance("4s")
        await one.read_until("number 2")
        assert await one.read_close() == (code, "going")
        one.send(one.frame(Opcode.CLOSE, b"\x03\xe8"))
        assert await one.read_to_end() == b""
        await unharmed(stage, other, 4)
        assert stage.faults.past[0].counts == {"closed": 1}


async def test_a_reset_behind_the_nth_message() -> None:
    stage = story(ALARMS)
    async with pair(stage) as (_, one, other):
        stage.faults.add(read_fault("reset: on, client: dash, topics: [alerts], nth: 3"))
        await stage.clock.advance("2s")
        await one.read_until("number 2")
        await stage.clock.advance("2s")
        with pytest.raises(ConnectionResetError):
            await one.read_to_end()
        await unharmed(stage, other, 4)
        assert stage.delivery.faults == {"reset": 1}


async def test_a_half_close_ends_the_stream_and_the_server_reads_on() -> None:
    stage = story(scripted("half_close: on, client: dash"))
    async with pair(stage) as (_, one, other):
        await stage.clock.advance("4s")
        assert b"number 2" in (got := await one.read_to_end())
        assert b"number 3" not in got
        one.say('{"type":"subscribe","topic":"system"}')
        await unharmed(stage, other, 4)
        assert len(stage.clients()) == 2, "it is still there"


async def test_no_pong_leaves_pings_unanswered_until_it_is_removed() -> None:
    stage = story(ALARMS)
    async with pair(stage) as (_, one, other):
        stage.faults.add(read_fault("no_pong: on, client: dash"))
        await asyncio.sleep(0)
        one.send(one.frame(Opcode.PING, b"1"))
        await one.catch_up()
        stage.faults.remove("f1")
        one.send(one.frame(Opcode.PING, b"2"))
        assert await one.read_frame() == (Opcode.PONG, b"2")
        await unharmed(stage, other, 0)


async def test_a_token_is_revoked_and_again_of_whoever_comes_meanwhile() -> None:
    stage = story(scripted("revoke: on, client: dash, for: 10s"))
    async with pair(stage) as (venue, one, other):
        await stage.clock.advance("3s")
        assert json.loads(await one.read_until("AUTH_FAILED"))["data"]["code"] == "AUTH_FAILED"
        assert await one.read_close() == (1008, "authentication failed")
        async with raw(venue) as again:
            await again.open("/ws?client=dash")
            assert "AUTH_FAILED" in await again.read_until("AUTH_FAILED")
            assert await again.read_close() == (1008, "authentication failed")
        await stage.clock.advance("10s")
        async with raw(venue) as again:
            await again.open("/ws?client=dash")
            await again.subscribe("alerts")
        await unharmed(stage, other, 13)


async def test_a_rate_limit_is_told_though_the_client_kept_to_the_rules() -> None:
    stage = story(scripted("rate_limit: 30s, client: dash, for: 10s"))
    async with pair(stage) as (_, one, other):
        await stage.clock.advance("3s")
        for _ in range(3):
            one.say('{"type":"ping"}')
        error = json.loads(await one.read_until("RATE_LIMIT"))
        assert (error["data"]["code"], error["data"]["retryAfter"]) == ("RATE_LIMIT_EXCEEDED", 30)
        await stage.clock.advance("10s")
        await one.catch_up()
        assert sum("RATE_LIMIT" in text for text in one.texts) == 1
        assert sum("number" in text for text in one.texts) == 13, "events keep coming"
        await unharmed(stage, other, 13)
        assert stage.delivery.faults == {"penalised": 1, "refused": 1}


async def test_a_library_client_is_refused_three_times_and_then_let_in() -> None:
    stage = story(ALARMS)
    async with pair(stage) as (venue, _, other):
        stage.faults.add(read_fault("status: {code: 503, retry_after: 2s}, attempts: 3, client: dash"))
        for _ in range(3):
            with pytest.raises(InvalidStatus) as caught:
                async with connect(f"{venue.url}?client=dash"):
                    pass
            assert caught.value.response.status_code == 503
            assert caught.value.response.headers["Retry-After"] == "2"
        async with connect(f"{venue.url}?client=dash") as client:
            await client.send('{"type":"ping"}')
            assert "pong" in str(await client.recv())
        numbers = sorted(number for number, _ in stage.clients().values())
        assert numbers[:2] == [1, 2]
        assert stage.attempts == 6
        await unharmed(stage, other, 0)


async def test_a_library_client_times_out_on_a_handshake_that_hangs_and_gets_in_when_it_is_over() -> None:
    stage = story(ALARMS)
    async with pair(stage) as (venue, _, other):
        stage.faults.add(read_fault("hang: on, client: dash"))
        with pytest.raises(TimeoutError):
            async with connect(f"{venue.url}?client=dash", open_timeout=0.05):
                pass
        before = stage.attempts  # the first may have given up before it was heard
        waiting = asyncio.ensure_future(connect(f"{venue.url}?client=dash").__aenter__())
        while stage.attempts == before:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.001)
        stage.faults.clear()
        client = await waiting
        await client.close()
        await unharmed(stage, other, 0)


async def test_a_slow_handshake_waits_for_stage_time() -> None:
    stage = story(ALARMS)
    async with pair(stage) as (venue, _, other), raw(venue) as late:
        stage.faults.add(read_fault("slow_handshake: 3s, client: late"))
        late.send(late.handshake_head("/ws?client=late").replace("\n", "\r\n").encode() + b"\r\n\r\n")
        while stage.attempts < 3:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.001)
        await stage.clock.advance("2s")
        await other.catch_up()
        assert not late.reader._buffer  # type: ignore[attr-defined]
        await stage.clock.advance("1s")
        assert (await late.response())[0] == 101
        await unharmed(stage, other, 3)


async def test_a_refusing_server_is_refused_by_the_kernel_and_listens_on_the_same_port_again() -> None:
    stage = story(scripted("refuse: on, for: 5s"))
    async with pair(stage) as (venue, one, other):
        await stage.clock.advance("3s")
        with pytest.raises(ConnectionRefusedError):
            async with raw(venue):
                pass
        await stage.clock.advance("5s")
        async with raw(venue) as late:
            await late.open()
        await one.catch_up()
        await unharmed(stage, other, 8)


@pytest.mark.parametrize("code", ["1012", "none"])
async def test_a_restarted_server_sends_everybody_away_and_comes_back_and_what_plays_goes_on(code: str) -> None:
    stage = story(scripted(f"restart: {{down: 5s, code: {code}}}"))
    async with pair(stage) as (venue, one, other), connect(venue.url) as library:
        await stage.clock.advance("4s", timeout=1)
        for each in (one, other):
            await each.read_until("number 2")
            if code == "none":
                assert await each.read_to_end() == b""
            else:
                assert await each.read_close() == (1012, "service restart")
                each.send(each.frame(Opcode.CLOSE, b"\x03\xf4"))
        with pytest.raises(ConnectionClosed) as caught:
            await library.recv()
        assert (caught.value.rcvd.code if caught.value.rcvd else None) == (None if code == "none" else 1012)
        with pytest.raises(ConnectionRefusedError):
            async with raw(venue):
                pass
        await stage.clock.advance("4s")
        async with raw(venue) as back:
            await back.open()
            await back.subscribe("alerts")
            await stage.clock.advance("1s")
            assert await back.read_until("number 9"), "stage time went on"
        assert stage.faults.past[0].counts == {"restarted": 1, "disconnected": 3}


async def test_a_fault_of_the_whole_server_is_for_the_main_world_alone() -> None:
    text = scripted("refuse: on")
    async with venue_of(story(text), make=lambda name: story(text, name=name)) as venue:
        with venue.lease("test-7") as lease:
            with pytest.raises(InputError, match="refuse: expected the world main, since it concerns the whole server"):
                lease.stage.faults.add(read_fault("refuse: on"))
            await lease.stage.clock.advance("5s")
            async with raw(venue) as client:
                await client.open("/ws?world=test-7")
            venue.stage.faults.add(read_fault("refuse: on"))
            with pytest.raises(ConnectionRefusedError):
                async with raw(venue):
                    pass


async def test_two_runs_with_one_seed_do_the_same_to_the_same_clients() -> None:
    async def run() -> list[tuple[int, list[str]]]:
        stage = story(ALARMS, seed=5)
        stage.faults.add(read_fault("close: 1012, clients: 50%, topics: [alerts], nth: 2"))
        stage.faults.add(read_fault("status: 503, clients: 50%"))
        done = []
        async with venue_of(stage) as venue:
            for number in range(1, 9):
                async with raw(venue) as client:
                    status, _, _ = await client.request(client.handshake_head())
                    done.append((number, [str(status)]))
                    if status != 101:
                        continue
                    await client.subscribe("alerts")
                    await stage.clock.advance("3s")
                    data = client.texts + ["closed"] * (b"\x88\x02\x03\xf4" in await rest(client))
                    done[-1][1].extend(text for text in data if "pong" not in text)
        return done

    async def rest(client: Listener) -> bytes:
        client.say('{"type":"ping"}')
        data = b""
        while b'"pong"' not in data and b"\x88\x02\x03\xf4" not in data and (more := await client.reader.read(4096)):
            data += more
        return data

    first = await run()
    assert first == await run()
    assert {entry[1][0] for entry in first} == {"101", "503"}
    assert {"closed" in entry[1] for entry in first} == {True, False}
