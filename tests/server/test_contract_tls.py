"""wss:// over real sockets: the same contract behind TLS, on both event loops."""

import asyncio
import json
import ssl
from contextlib import suppress
from pathlib import Path

import pytest
import trustme
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedOK
from websockets.frames import Opcode

from pvws.server.afflicted import AfflictedWebSocket
from pvws.server.settings import Settings, SlowConsumer, Timeouts, Tls
from tests.support.loops import Loop, on_each_loop, run
from tests.support.raw_client import RawClient
from tests.support.served import HOST, Served, served

EVENT = "x" * 1_000


class Encrypted:
    """The settings of a server with a certificate, and a context of clients that trust it."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        certificate = authority.issue_cert(HOST)
        self._tls = Tls(str(folder / "certificate.pem"), str(folder / "key.pem"))
        certificate.cert_chain_pems[0].write_to_path(self._tls.certificate)
        certificate.private_key_pem.write_to_path(self._tls.key)
        self.trusting = ssl.create_default_context()
        authority.configure_trust(self.trusting)

    def settings(self, timeouts: Timeouts = Timeouts(), slow: SlowConsumer = SlowConsumer()) -> Settings:  # noqa: B008
        """With these, and defaults else."""
        return Settings(tls=self._tls, timeouts=timeouts, slow_consumer=slow)


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Encrypted:
    return Encrypted(tmp_path_factory.mktemp("tls"))


async def paused(server: Served, client: RawClient) -> None:
    """Have a client stop reading, and publish until something waits for it."""
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    (connection,) = server.listener._connections
    subscriber = connection._subscriber  # type: ignore[attr-defined]
    while not subscriber.paused:
        server.publish("alerts", "x" * 60_000)
        await asyncio.sleep(0)
        if subscriber.paused:
            await asyncio.sleep(0.05)  # the kernels may still take some


@on_each_loop
def test_the_library_and_a_raw_client_that_trust_the_authority_speak_with_it(loop: Loop, encrypted: Encrypted) -> None:
    async def story() -> None:
        async with served(encrypted.settings()) as server:
            assert server.url.startswith(f"wss://{HOST}:")
            async with connect(server.url, ssl=encrypted.trusting) as library, server.client(encrypted.trusting) as raw:
                assert json.loads((await raw.request("GET /ws/health HTTP/1.1\nHost: h"))[2])["status"] == "healthy"
                await raw.open()
                await server.subscribe(raw, "alerts")
                await library.send('{"type":"subscribe","topic":"alerts"}')
                await library.send('{"type":"ping"}')
                await library.recv()
                for _ in range(300):
                    server.publish("alerts", EVENT)
                for _ in range(300):
                    assert await library.recv() == await raw.read_text() == EVENT
                server.publish("alerts", "y" * 1_000_000)
                assert len(await library.recv()) == len(await raw.read_text()) == 1_000_000
            await server.until_alone()
            assert server.remains() == (0, 0, 0)

    run(loop, story())


@on_each_loop
def test_who_does_not_trust_it_or_does_not_encrypt_gets_nowhere_and_disturbs_nobody(
    loop: Loop, encrypted: Encrypted
) -> None:
    async def story() -> None:
        async with served(encrypted.settings()) as server, connect(server.url, ssl=encrypted.trusting) as client:
            with pytest.raises(ssl.SSLCertVerificationError):
                await connect(server.url, ssl=ssl.create_default_context())
            async with server.client() as plain:
                plain.send(b"GET /ws/health HTTP/1.1\r\nHost: h\r\n\r\n")
                with suppress(ConnectionResetError):
                    assert b"HTTP" not in await plain.read_to_end()
            await client.send('{"type":"ping"}')
            assert json.loads(await client.recv())["type"] == "pong"

    run(loop, story())


@on_each_loop
def test_first_frames_behind_the_handshake_and_garbage_behind_garbage(loop: Loop, encrypted: Encrypted) -> None:
    async def story() -> None:
        async with served(encrypted.settings()) as server:
            async with server.client(encrypted.trusting) as client:
                head = client.handshake_head().replace("\n", "\r\n").encode() + b"\r\n\r\n"
                client.send(b"HEAD /ws HTTP/1.1\r\nHost: h\r\n\r\n" + head)
                client.say('{"type":"ping"}')
                assert (await client.response(has_body=False))[0] == 426
                assert (await client.response())[0] == 101
                assert json.loads(await client.read_text())["type"] == "pong"
            async with server.client(encrypted.trusting) as client:
                for _ in range(20):
                    client.send(b"garbage\r\n\r\n" * 100)
                with suppress(ConnectionResetError, asyncio.IncompleteReadError):
                    assert (await client.response())[0] == 400
                    await client.read_to_end()

    run(loop, story())


@on_each_loop
def test_who_never_completes_the_handshake_of_tls_is_gone_after_the_read_timeout(
    loop: Loop, encrypted: Encrypted
) -> None:
    async def story() -> None:
        async with served(encrypted.settings(Timeouts(read=150_000))) as server:
            for begun in (b"", b"\x16\x03\x01\x02\x00"):
                async with server.client() as client:
                    began = asyncio.get_running_loop().time()
                    client.send(begun)
                    with suppress(ConnectionResetError):
                        await client.read_to_end()
                    assert asyncio.get_running_loop().time() - began < 1.5
            async with server.client(encrypted.trusting) as client:  # and that of HTTP
                began = asyncio.get_running_loop().time()
                client.send(b"GET /ws")
                with suppress(ConnectionResetError):
                    await client.read_to_end()
                assert 0.1 < asyncio.get_running_loop().time() - began < 1.5

    run(loop, story())


@on_each_loop
def test_who_takes_nothing_is_cut_by_the_write_timeout(loop: Loop, encrypted: Encrypted) -> None:
    async def story() -> None:
        async with (
            served(encrypted.settings(Timeouts(write=300_000))) as server,
            server.client(encrypted.trusting) as client,
        ):
            await client.open()
            await server.subscribe(client, "alerts")
            await paused(server, client)
            until = asyncio.get_running_loop().time() + 3
            while server.listener._connections:  # the kernels may take some yet, so there must be more
                server.publish("alerts", "x" * 60_000)
                await asyncio.sleep(0.01)
                assert asyncio.get_running_loop().time() < until
            assert server.listener.figures().disconnects == {"write_timeout": 1}

    run(loop, story())


@on_each_loop
def test_a_slow_consumer_is_told_so_behind_what_the_socket_has(loop: Loop, encrypted: Encrypted) -> None:
    async def story() -> None:
        async with (
            served(encrypted.settings(slow=SlowConsumer(max_messages=5))) as server,
            server.client(encrypted.trusting) as client,
        ):
            await client.open()
            await server.subscribe(client, "alerts")
            await paused(server, client)
            for number in range(6):
                server.publish("alerts", f"dropped {number}")
                await asyncio.sleep(0)
            client.writer.transport.resume_reading()  # type: ignore[attr-defined]
            frame = await client.read_frame()
            while frame[0] == Opcode.TEXT:
                assert frame[1] == b"x" * 60_000
                frame = await client.read_frame()
            assert frame == (Opcode.CLOSE, (1013).to_bytes(2, "big") + b"slow consumer")

    run(loop, story())


@on_each_loop
def test_stopping_says_1001(loop: Loop, encrypted: Encrypted) -> None:
    async def story() -> None:
        async with served(encrypted.settings()) as server, connect(server.url, ssl=encrypted.trusting) as client:
            await client.send('{"type":"subscribe","topic":"alerts"}')
            await client.send('{"type":"ping"}')
            await client.recv()
            server.publish("alerts", "last")
            stopping = asyncio.ensure_future(server.listener.stop(1001, "going"))
            assert await client.recv() == "last"
            with pytest.raises(ConnectionClosedOK) as closed:
                await client.recv()
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1001, "going")
            await stopping

    run(loop, story())


@on_each_loop
def test_faults_of_a_connection_act_behind_tls_too(loop: Loop, encrypted: Encrypted) -> None:
    async def story() -> None:
        async with served(encrypted.settings()) as server, server.client(encrypted.trusting) as other:
            await other.open()

            async def answered(client: RawClient) -> None:
                client.say('{"type":"ping"}')
                assert '"pong"' in await client.read_text()

            def victim() -> AfflictedWebSocket:
                found = [each for each in server.listener._connections if isinstance(each, AfflictedWebSocket)]
                return max(found, key=lambda each: each.number)

            async with server.client(encrypted.trusting) as client:
                await client.open()
                await server.subscribe(client, "alerts")
                undo = victim().stall()
                client.say('{"type":"ping"}')
                server.publish("alerts", EVENT)
                for _ in range(3):
                    await answered(other)
                assert not client.reader._buffer  # type: ignore[attr-defined]
                undo()
                assert await client.read_text() == EVENT
                assert '"pong"' in await client.read_text()
                victim().part(1006, "no code")
                assert await client.read_close() == (1006, "no code")
            async with server.client(encrypted.trusting) as client:
                await client.open()
                await answered(client)
                victim().half_close()
                assert await client.read_to_end() == b"", "TLS knows no half-closed connection"
            async with server.client(encrypted.trusting) as client:
                await client.open()
                await answered(client)
                victim().reset()
                with suppress(ConnectionResetError, ssl.SSLError):
                    assert await client.read_to_end() == b""
            await server.until_alone(left=1)
            await answered(other)

    run(loop, story())


@on_each_loop
def test_a_door_with_tls_is_shut_and_opened_again(loop: Loop, encrypted: Encrypted) -> None:
    async def story() -> None:
        async with served(encrypted.settings()) as server:
            server.listener.refuse()
            with pytest.raises(ConnectionRefusedError):
                async with server.client(encrypted.trusting):
                    pass
            server.listener.accept()
            async with server.client(encrypted.trusting) as client:
                await client.open()

    run(loop, story())
