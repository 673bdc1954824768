"""A client of our own sees, through the proxy, each fault as what it is."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

import pvws
from pvws.proxy.faulty import LinkFaults
from pvws.proxy.planned import PlannedFault
from pvws.proxy.proxy import Proxy
from pvws.proxy.route import Route
from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.fault import ListenerFault
from pvws.scenario.faults.spec import read_fault
from tests.proxy.conftest import Sight
from tests.support.served import served

ALERT = (
    '{"type":"security_alert","topic":"alerts","data":{"level":"critical","message":"%d","metric":"m","value":1,'
    '"threshold":1,"source":"s","category":"auth_failure","timestamp":"2024-01-01T00:00:00.000Z"},'
    '"timestamp":"2024-01-01T00:00:00.000Z"}'
)
QUICK: pvws.Options = {
    "retry_first_s": 0.001,
    "retry_most_s": 0.002,
    "heartbeat_s": None,
    "patience_first_s": 5,
    "compression": False,
}


@asynccontextmanager
async def through(fault: str | LinkFaults) -> AsyncIterator[tuple[Proxy, Callable[[int], None]]]:
    """A proxy with a fault, and what publishes so many numbered alerts at its server."""
    async with served() as server:
        plane = LinkFaults([read_fault(fault, "fault", PlannedFault)], 0) if isinstance(fault, str) else fault
        async with Proxy(Route(server.url), "127.0.0.1", 0, Sight().open, faults=plane) as proxy:

            def publish(number: int) -> None:
                for each in range(number):
                    server.publish("alerts", ALERT % each)

            yield proxy, publish


async def seen(fault: str, number: int = 3, wanted: int | None = None) -> list[pvws.Event]:
    """The events that a client gets of so many."""
    async with (
        asyncio.timeout(10),
        through(f"{fault}, topics: [alerts]") as (proxy, publish),
        pvws.connect(proxy.url, "alerts", **QUICK) as events,
    ):
        await events.ping()
        publish(number)
        found = [await anext(events) for _ in range(number if wanted is None else wanted)]
        await events.ping()
        assert events.waiting == (0 if found else 1), "but for what tells that it is connected"
        return found


def numbers(events: list[pvws.Event]) -> list[str]:
    """What those of them say that can be read."""
    return [event.data.message for event in events if isinstance(event.data, pvws.SecurityAlert)]


def troubles(events: list[pvws.Event]) -> list[str]:
    """What is wrong with the others."""
    return [str(event.data.trouble) for event in events if isinstance(event.data, pvws.Unknown)]


async def test_lost_messages_never_come() -> None:
    assert await seen("drop: 100%", wanted=0) == []


async def test_duplicated_messages_come_twice() -> None:
    assert numbers(await seen("duplicate: 100%", wanted=6)) == ["0", "0", "1", "1", "2", "2"]


async def test_late_messages_come_late() -> None:
    async with through("latency: 50ms") as (proxy, publish), pvws.connect(proxy.url, "alerts", **QUICK) as events:
        assert await events.ping() >= 0.045, "uvloop's clock goes in milliseconds"
        publish(1)
        assert numbers([await anext(events)]) == ["0"]


async def test_on_a_narrow_line_messages_trickle() -> None:
    async with through("bandwidth: 10 KiB/s") as (proxy, publish):
        loop = asyncio.get_running_loop()
        async with pvws.connect(proxy.url, "alerts", **QUICK) as events:
            await events.ping()
            began = loop.time()
            publish(6)
            assert len(numbers([await anext(events) for _ in range(6)])) == 6
            assert loop.time() - began >= 0.1, "1.4 KiB at 10 KiB/s"


async def test_reordered_messages_are_all_there() -> None:
    found = numbers(await seen("reorder: {window: 4, within: 50ms}", number=12))
    assert sorted(found, key=int) == [str(number) for number in range(12)] != found


@pytest.mark.parametrize("how", ["truncate", "wrong_type", "missing_field"])
async def test_broken_messages_are_kept_as_unknown(how: str) -> None:
    found = await seen(f"corrupt: {{how: {how}, share: 100%}}")
    assert len(troubles(found)) == 3
    assert all(event.text for event in found)


async def test_an_unknown_field_harms_nobody() -> None:
    assert numbers(await seen("corrupt: {how: unknown_field, share: 100%}")) == ["0", "1", "2"]


async def test_a_text_that_is_not_utf_8_ends_the_connection_and_the_next_one_stands() -> None:
    async with (
        asyncio.timeout(10),
        through("corrupt: {how: invalid_utf8, share: 100%}, client: 1, topics: [alerts]") as (proxy, publish),
        pvws.connect(proxy.url, "alerts", **QUICK) as events,
    ):
        stream = events.everything()
        assert isinstance(await anext(stream), pvws.Connected)
        await events.ping()
        publish(1)
        lost = await anext(stream)
        assert isinstance(lost, pvws.Disconnected)
        again = await anext(stream)
        assert isinstance(again, pvws.Connected)
        assert again.gap is not None
        await events.ping()
        publish(1)
        assert numbers([await anext(events)]) == ["0"]


async def test_stale_messages_say_that_they_are_old() -> None:
    first = (await seen("stale: 1h", number=1))[0]
    assert first.timestamp is not None
    assert first.timestamp.text == "2023-12-31T23:00:00.000Z"


async def test_an_unknown_type_is_kept() -> None:
    (found,) = await seen("unknown_type: 100%", number=1)
    assert isinstance(found.data, pvws.Unknown)
    assert found.type != "security_alert"


async def test_joined_messages_are_taken_apart_as_those_of_the_shipped_server_are() -> None:
    assert numbers(await seen("join: 3")) == ["0", "1", "2"]


async def test_fragments_are_put_together() -> None:
    assert numbers(await seen("fragment: 10 B")) == ["0", "1", "2"]


async def test_empty_messages_are_kept_as_unknown() -> None:
    found = await seen("empty: 100%", number=1)
    assert (found[0].text, len(troubles(found))) == ("", 1)


async def lost(fault: str, options: pvws.Options = QUICK) -> pvws.Disconnected:
    """How a client loses its connection, and that it has another one then."""
    found: pvws.Disconnected | None = None
    async with (
        asyncio.timeout(10),
        through(fault) as (proxy, publish),
        pvws.connect(proxy.url, "alerts", **options) as events,
    ):
        async for item in events.everything():
            if isinstance(item, pvws.Disconnected):
                found = item
            elif found is not None and isinstance(item, pvws.Connected):
                break
        await events.ping()
        publish(1)
        assert numbers([await anext(events)]) == ["0"]
    assert found is not None
    return found


async def test_a_close_frame_is_told_with_its_code_and_reason() -> None:
    found = await lost("close: {code: 1012, reason: going}, client: 1")
    assert (found.code, found.reason, found.cause) == (1012, "going", "closed")


@pytest.mark.parametrize("fault", ["reset: on", "half_close: on"])
async def test_an_end_that_is_none_is_told_as_such(fault: str) -> None:
    found = await lost(f"{fault}, client: 1")
    assert found.cause == "cut"


async def test_a_close_frame_that_may_not_be_is_a_protocol_error() -> None:
    found = await lost("close: 1006, client: 1")
    assert (found.code, found.cause) == (1002, "closed")


@pytest.mark.parametrize("fault", ["stall: on", "no_pong: on"])
async def test_silence_is_found_by_the_heartbeat(fault: str) -> None:
    found = await lost(f"{fault}, client: 1", options={**QUICK, "heartbeat_s": 0.02, "heartbeat_timeout_s": 0.04})
    assert found.cause == "silent"


async def test_a_restart_sends_it_away_and_it_comes_back() -> None:
    fault = read_fault("restart: 5s").fault
    assert isinstance(fault, ListenerFault)
    async with (
        asyncio.timeout(10),
        through("latency: 0s") as (proxy, publish),
        pvws.connect(proxy.url, "alerts", **QUICK) as events,
    ):
        stream = events.everything()
        assert isinstance(await anext(stream), pvws.Connected)
        await events.ping()
        back = fault.begin(proxy, Did(Counter()))
        lost = await anext(stream)
        assert isinstance(lost, pvws.Disconnected)
        assert (lost.code, lost.reason, lost.cause) == (1012, "service restart", "closed")
        refused = await anext(stream)
        assert isinstance(refused, pvws.Unreached)
        assert "refused" in refused.trouble
        back()
        while not isinstance(await anext(stream), pvws.Connected):
            pass
        await events.ping()
        publish(1)
        assert numbers([await anext(events)]) == ["0"]


async def test_a_revoked_token_is_not_presented_again() -> None:
    async with through("revoke: on") as (proxy, _), pvws.connect(proxy.url, "alerts", **QUICK) as events:
        with pytest.raises(pvws.AuthenticationError):
            await anext(events)


async def test_a_rate_limit_keeps_it_quiet() -> None:
    async with (
        asyncio.timeout(10),
        through("rate_limit: 30s, client: 1") as (proxy, _),
        pvws.connect(proxy.url, "alerts", **QUICK) as events,
    ):
        await events.subscribe("system")
        async for item in events.everything():
            if isinstance(item, pvws.Refused):
                assert (item.error.code, item.error.retry_after) == ("RATE_LIMIT_EXCEEDED", 30)
                break


async def refused(fault: str) -> list[pvws.Unreached]:
    """The tries that failed before one succeeded: at the latest behind the third the fault is gone."""
    tries: list[pvws.Unreached] = []

    def changed(change: pvws.Change) -> None:
        if isinstance(change, pvws.Unreached):
            tries.append(change)
            if len(tries) == 3:
                plane.remove(plane.all[0])

    plane = LinkFaults([read_fault(fault, "fault", PlannedFault)], 0)
    async with (
        asyncio.timeout(10),
        through(plane) as (proxy, _),
        pvws.connect(proxy.url, "alerts", **QUICK, on_change=changed) as events,
    ):
        await events.ping()
    return tries


async def test_refused_handshakes_are_tried_again_until_one_succeeds() -> None:
    tries = await refused("status: 503, attempts: 3")
    assert len(tries) == 3
    assert all("503" in each.trouble for each in tries)


async def test_refused_connections_are_tried_again_until_one_succeeds() -> None:
    tries = await refused("refuse: on")
    assert tries
    assert all("refused" in each.trouble for each in tries)


async def test_a_slow_handshake_is_waited_for() -> None:
    assert await refused("slow_handshake: 50ms") == []
