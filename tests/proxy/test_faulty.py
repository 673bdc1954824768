import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from random import Random
from typing import Any, Protocol

import pytest
from websockets.frames import Opcode

from pvws.proxy.faulty import LinkFaults
from pvws.proxy.frame_tap import SeenClose, SeenMessage
from pvws.proxy.planned import PlannedFault
from pvws.proxy.proxy import Proxy
from pvws.proxy.route import Route
from pvws.scenario.faults.spec import read_fault
from pvws.server.settings import Settings, Timeouts
from pvws.wire.frames import close_frame, ping_frame, text_frame
from tests.proxy.conftest import Sight, byte_server
from tests.support.raw_client import RawClient
from tests.support.served import Served, served

ALERT = '{"type":"storage_alert","topic":"alerts","data":{"number":%d},"timestamp":"2024-01-01T00:00:00.000Z"}'


class Scene:
    """A server, a proxy with faults before it, and clients of the proxy."""

    def __init__(self, server: Served, proxy: Proxy, faults: LinkFaults) -> None:
        self.server = server
        self.proxy = proxy
        self.faults = faults
        self.published = 0

    def client(self) -> RawClient:
        return RawClient("127.0.0.1", self.proxy.port)

    @asynccontextmanager
    async def opened(self, path: str = "/ws") -> AsyncIterator[RawClient]:
        """A WebSocket through the proxy that is subscribed to alerts, and has read a pong."""
        async with self.client() as client:
            await client.open(path)
            await self.server.subscribe(client, "alerts")
            yield client

    def publish(self, number: int = 1) -> list[str]:
        """Have so many alerts come; what they say."""
        texts = [ALERT % (self.published + each) for each in range(number)]
        self.published += number
        for text in texts:
            self.server.publish("alerts", text)
        return texts

    def end(self) -> None:
        """All faults end."""
        for standing in self.faults.all:
            self.faults.remove(standing)

    def counts(self, place: int = 0) -> dict[str, int]:
        """What a fault did."""
        return dict(self.faults.all[place].counts)


class Play(Protocol):
    def __call__(self, *faults: str, seed: int = 0) -> AbstractAsyncContextManager[Scene]: ...


@pytest.fixture
def play(sight: Sight) -> Play:
    """A scene with these faults."""

    @asynccontextmanager
    async def play(*faults: str, seed: int = 0) -> AsyncIterator[Scene]:
        plane = LinkFaults([read_fault(fault, "fault", PlannedFault) for fault in faults], seed)
        async with served() as server:
            route = Route(f"ws://127.0.0.1:{server.listener.port}/ws")
            async with Proxy(route, "127.0.0.1", 0, sight.open, unreached=sight.troubles.append, faults=plane) as proxy:
                yield Scene(server, proxy, plane)

    return play


async def nothing_comes(scene: Scene, client: RawClient, other: RawClient) -> None:
    """Once another client was answered, whatever was sent to this one before would be here."""
    for _ in range(3):
        other.say('{"type":"ping"}')
        assert '"pong"' in await other.read_text()
    assert not client.reader._buffer  # type: ignore[attr-defined]
    assert not client.reader.at_eof()


async def test_messages_pass_the_faults_that_concern_their_client_and_are_recorded_as_they_came(
    play: Play, sight: Sight
) -> None:
    async with (
        play("drop: 50%, client: dash, topics: [alerts]") as scene,
        scene.opened("/ws?client=dash") as one,
        scene.opened() as other,
    ):
        texts = scene.publish(40)
        one.say('{"type":"ping"}')
        got = []
        while '"pong"' not in (text := await one.read_text()):
            got.append(text)
        assert [await other.read_text() for _ in texts] == texts
        assert set(got) < set(texts)
        assert got == sorted(got, key=texts.index)
        assert scene.counts() == {"dropped": 40 - len(got)}
    seen = [seen.payload.decode() for side, seen in sight.seen if side == "server" and isinstance(seen, SeenMessage)]
    assert sorted(text for text in seen if "alerts" in text) == sorted(got + texts)
    assert sight.notes[0] == ("fault f1 (drop: 50%, client: dash, topics: [alerts]): dropped", 1)
    assert sum(lost for _, lost in sight.notes) == 40 - len(got)


async def test_two_runs_with_one_seed_give_the_same_faults(play: Play) -> None:
    async def run(seed: int) -> list[str]:
        async with play("drop: 50%, topics: [alerts]", seed=seed) as scene, scene.opened() as client:
            scene.publish(40)
            client.say('{"type":"ping"}')
            got = []
            while '"pong"' not in (text := await client.read_text()):
                got.append(text)
            return got

    assert await run(1) == await run(1) != await run(2)


async def test_late_messages_come_late_also_before_the_end(play: Play) -> None:
    async with play("latency: 60ms, topics: [alerts]") as scene, scene.opened() as client:
        loop = asyncio.get_running_loop()
        began = loop.time()
        (text,) = scene.publish()
        client.say('{"type":"ping"}')
        assert '"pong"' in await client.read_text()
        assert await client.read_text() == text
        assert loop.time() - began >= 0.055, "uvloop's clock goes in milliseconds"


async def test_what_is_held_is_not_lost_when_the_server_goes(play: Play) -> None:
    async with play("latency: 100ms, nth: 2") as scene, scene.opened() as client:
        texts = scene.publish(2)
        scene.server.listener.settings = Settings(timeouts=Timeouts(close=50_000))
        stopping = asyncio.ensure_future(scene.server.listener.stop())
        got = await client.read_to_end()
        assert all(text.encode() in got for text in texts)
        await stopping


async def test_when_a_fault_ends_all_is_as_ever(play: Play) -> None:
    async with play("drop: 100%, topics: [alerts]", "no_pong: on") as scene, scene.opened() as client:
        client.send(client.frame(Opcode.PING, b"1"))
        scene.publish()
        client.say('{"type":"ping"}')
        assert '"pong"' in await client.read_text()
        scene.end()
        (text,) = scene.publish()
        assert await client.read_text() == text
        client.send(client.frame(Opcode.PING, b"2"))
        assert await client.read_frame() == (Opcode.PONG, b"2")


async def test_a_stalled_client_gets_what_was_held_when_the_stall_is_over(play: Play) -> None:
    async with (
        play("stall: on, client: dash") as scene,
        scene.opened() as other,
        scene.client() as one,
    ):
        await one.open("/ws?client=dash")
        one.say('{"type":"ping"}')
        await nothing_comes(scene, one, other)
        scene.end()
        assert '"pong"' in await one.read_text()
        assert scene.counts() == {"stalled": 1}


@pytest.mark.parametrize(("fault", "code"), [("close: 1012", 1012), ("close: {code: 1006, reason: hm}", 1006)])
async def test_a_client_is_closed_with_any_code_behind_the_nth_message(
    play: Play, sight: Sight, fault: str, code: int
) -> None:
    async with play(fault.removesuffix("}") + ("}" if "}" in fault else "") + ", nth: 3, topics: [alerts]") as scene:
        async with scene.opened() as client:
            texts = scene.publish(5)
            assert [await client.read_text() for _ in range(3)] == texts[:3]
            assert (await client.read_close())[0] == code
            client.send(client.frame(Opcode.CLOSE, b"\x03\xe8"))
            await sight.until(lambda: ("client", SeenClose(1000, "")) in sight.seen)
            assert await client.read_to_end() == b""
        await scene.server.until_alone()
    closes = [(side, seen.code) for side, seen in sight.seen if isinstance(seen, SeenClose)]
    assert closes == [("server", code), ("client", 1000)]


async def test_a_close_frame_may_have_no_code(play: Play) -> None:
    async with play("close: none, nth: 1") as scene, scene.client() as client:
        await client.open()
        client.say('{"type":"ping"}')
        assert '"pong"' in await client.read_text()
        assert await client.read_frame() == (Opcode.CLOSE, b"")


async def test_a_reset_is_a_reset_and_is_recorded_as_one(play: Play, sight: Sight) -> None:
    async with play("reset: on, client: 2") as scene, scene.opened() as other, scene.client() as one:
        await one.open()
        with pytest.raises(ConnectionResetError):
            await one.read_to_end()
        assert ("server", "reset") in sight.ends
        other.say('{"type":"ping"}')
        assert '"pong"' in await other.read_text()


async def test_a_half_closed_client_reads_the_end_and_is_still_heard(play: Play, sight: Sight) -> None:
    async with play("half_close: on, nth: 2, client: 1") as scene:
        heard: list[Any] = []
        scene.server.listener.main.hear = lambda client, message: heard.append(message)  # type: ignore[method-assign]
        async with scene.opened() as client:
            (text,) = scene.publish()
            assert await client.read_text() == text
            assert await client.read_to_end() == b""
            heard.clear()
            client.say('{"type":"ping"}')
            while not heard:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.001)
    assert ("server", "end") in sight.ends


async def test_pongs_stay_away_and_messages_come(play: Play) -> None:
    async with play("no_pong: on") as scene, scene.opened() as client:
        client.send(client.frame(Opcode.PING, b"there?"))
        (text,) = scene.publish()
        assert await client.read_text() == text
        assert scene.counts() == {"muted": 1}


async def test_a_token_is_revoked(play: Play) -> None:
    async with play("revoke: on, nth: 1") as scene, scene.client() as client:
        await client.open()
        client.say('{"type":"ping"}')
        assert '"pong"' in await client.read_text()
        assert json.loads(await client.read_text())["data"]["code"] == "AUTH_FAILED"
        assert await client.read_close() == (1008, "authentication failed")


async def test_what_a_client_sends_is_refused_as_too_much_and_never_comes_to_the_server(play: Play) -> None:
    async with play("rate_limit: 30s, client: 1") as scene:
        heard: list[Any] = []
        scene.server.listener.main.hear = lambda client, message: heard.append(message)  # type: ignore[method-assign]
        async with scene.client() as client:
            await client.open()
            await asyncio.sleep(0.01)
            ping = b'{"type":"ping"}'
            client.send(client.frame(Opcode.TEXT, ping[:5], final=False) + client.frame(Opcode.CONT, ping[5:]))
            client.say('{"type":"ping"}')
            client.send(client.frame(Opcode.PING, b"passes"))
            error = json.loads(await client.read_text())
            assert (error["data"]["code"], error["data"]["retryAfter"]) == ("RATE_LIMIT_EXCEEDED", 30)
            assert await client.read_frame() == (Opcode.PONG, b"passes")
            assert heard == []
            assert scene.counts() == {"penalised": 1, "refused": 1}


async def test_handshakes_are_refused_some_times_and_then_succeed(play: Play, sight: Sight) -> None:
    async with play("status: {code: 503, retry_after: 2s}, attempts: 2, client: dash") as scene:
        async with scene.opened():
            pass
        for _ in range(2):
            async with scene.client() as client:
                status, headers, body = await client.request(client.handshake_head("/ws?client=dash"))
                assert (status, headers["retry-after"], body) == (503, "2", b"Service Unavailable\n")
                assert await client.read_to_end() == b""
        async with scene.opened("/ws?client=dash"):
            pass
        assert scene.counts() == {"refused": 2}
    assert [answer.status for answer in sight.opened] == [101, 503, 503, 101]
    assert dict(sight.opened[1].headers)["retry-after"] == "2"


async def test_a_handshake_hangs_until_the_fault_ends_and_frames_behind_it_are_not_lost(play: Play) -> None:
    async with play("hang: on, client: 1") as scene, scene.client() as one:
        ping = one.frame(Opcode.TEXT, b'{"type":"ping"}')
        one.send(one.handshake_head().replace("\n", "\r\n").encode() + b"\r\n\r\n" + ping)
        async with scene.opened() as other:
            await nothing_comes(scene, one, other)
        scene.end()
        assert (await one.response())[0] == 101
        assert '"pong"' in await one.read_text()


async def test_a_slow_handshake_takes_its_time_and_may_then_be_refused(play: Play) -> None:
    async with play("slow_handshake: 50ms", "status: 401, attempts: 1") as scene:
        loop = asyncio.get_running_loop()
        for wanted in (401, 101):
            began = loop.time()
            async with scene.client() as client:
                assert (await client.request(client.handshake_head()))[0] == wanted
            assert loop.time() - began >= 0.045
        assert (scene.counts(0), scene.counts(1)) == ({"delayed": 2}, {"refused": 1})


async def test_who_does_not_wait_for_a_hanging_handshake_is_forgotten(play: Play) -> None:
    async with play("hang: on") as scene:
        async with scene.client() as client:
            client.send(client.handshake_head().replace("\n", "\r\n").encode() + b"\r\n\r\n")
            while not scene.faults.all[0].held:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.001)
        while scene.faults.all[0].held or len(scene.proxy):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.001)


async def test_a_proxy_refuses_connections_for_a_while(play: Play) -> None:
    async with play("refuse: on") as scene:
        with pytest.raises(ConnectionRefusedError):
            async with scene.client():
                pass
        scene.end()
        async with scene.opened():
            pass


async def test_nothing_is_compressed_where_there_are_faults(play: Play, sight: Sight) -> None:
    async with play("latency: 0s") as scene, scene.client() as client:
        headers = await client.open(Sec_WebSocket_Extensions="permessage-deflate")
        assert "sec-websocket-extensions" not in headers
        client.say('{"type":"ping"}')
        assert '"pong"' in await client.read_text()
    assert dict(sight.opened[0].wish.headers)["sec-websocket-extensions"] == "permessage-deflate"


async def test_plain_requests_pass_a_proxy_with_faults(play: Play) -> None:
    async with play("status: 503") as scene, scene.client() as client:
        for _ in range(2):
            assert (await client.request("GET /ws/health HTTP/1.1\nHost: h"))[0] == 200
        assert (await client.request("POST /ws/health HTTP/1.1\nHost: h\nContent-Length: 3", b"abc"))[0] == 405
        assert (await client.request(client.handshake_head()))[0] == 503


async def test_a_handshake_that_the_server_refuses_may_be_followed_by_another(play: Play) -> None:
    async with play("latency: 0s") as scene, scene.client() as client:
        assert (await client.request(client.handshake_head(Sec_WebSocket_Version="12")))[0] == 400
        await client.open()
        client.say('{"type":"ping"}')
        assert '"pong"' in await client.read_text()


@pytest.mark.parametrize("fault", ["latency: 1ms", "no_pong: on", "stall: on, for: 5ms", "bandwidth: 1 MiB/s"])
async def test_whatever_two_sides_send_each_other_passes_as_it_is(sight: Sight, fault: str) -> None:
    troubles: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: troubles.append(context))
    chance = Random(0)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        key = next(line[18:].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
        answer = f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX: {key.decode()}"
        writer.write(answer.encode() + b"\r\n\r\n")
        for _ in range(20):
            writer.write(chance.choice(stuff))
            await asyncio.sleep(0)
        writer.close()

    text = ALERT.encode() % 0
    stuff = [chance.randbytes(40), text_frame(text), ping_frame(b"p"), text_frame(text)[:50], close_frame(1000), b""]
    async with byte_server(talk) as port:
        faults = LinkFaults([read_fault(fault, "fault", PlannedFault)], 0)
        async with Proxy(Route(f"ws://127.0.0.1:{port}/ws"), "127.0.0.1", 0, sight.open, faults=faults) as proxy:
            for _ in range(20):
                async with RawClient("127.0.0.1", proxy.port) as client:
                    await client.open()
                    for _ in range(5):
                        client.send(chance.choice([chance.randbytes(30), client.frame(Opcode.TEXT, b"x"), b"\x81"]))
                    with suppress(ConnectionResetError):  # whose server went with something unread
                        await client.read_to_end()
            while len(proxy):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.001)
    assert not troubles
