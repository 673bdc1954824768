"""permessage-deflate over real sockets: what is agreed on, what is on the wire, and that libraries read it."""

import json
import zlib

import pytest
from websockets.asyncio.client import connect
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Opcode

from pvws.server.settings import Compression, Settings
from tests.support.raw_client import RawClient
from tests.support.served import served

LONG = json.dumps({"type": "x", "data": ["file", "peer", "größe"] * 400}, ensure_ascii=False)
SHORT = "s" * 255


async def read_any(client: RawClient) -> tuple[int, bytes]:
    """First byte and payload of the next frame, reserved bits and all."""
    first, length = await client.reader.readexactly(2)
    if length == 126:
        length = int.from_bytes(await client.reader.readexactly(2), "big")
    return first, await client.reader.readexactly(length)


async def subscribed(client: RawClient, offer: str) -> str | None:
    """Connect with an offer, and subscribe; the extensions of the answer."""
    headers = await client.open(Sec_WebSocket_Extensions=offer)
    client.say('{"type":"subscribe","topic":"alerts"}')
    client.say('{"type":"ping"}')
    assert "pong" in await client.read_text(), "replies go uncompressed"
    return headers.get("sec-websocket-extensions")


@pytest.mark.parametrize("window", range(9, 16))
async def test_events_can_be_read_with_the_window_that_the_client_has_asked_for(window: int) -> None:
    offer = f"permessage-deflate; server_max_window_bits={window}; client_max_window_bits"
    async with served() as server, server.client() as client:
        extensions = await subscribed(client, offer)
        assert extensions is not None
        assert {part.strip() for part in extensions.split(";")} >= {
            "permessage-deflate",
            "server_no_context_takeover",
            "client_no_context_takeover",
            f"server_max_window_bits={window}",
        }
        for text in (LONG, SHORT, LONG, "x" * 256):
            server.publish("alerts", text)
            first, payload = await read_any(client)
            if text == SHORT:
                assert (first, payload) == (0x81, SHORT.encode())
                continue
            assert first == 0xC1
            assert len(payload) < len(text) / 3
            reader = zlib.decompressobj(-window)  # a new one each time: nobody takes context over
            assert reader.decompress(payload + b"\x00\x00\xff\xff").decode() == text


@pytest.mark.parametrize("offer", ["", "x-unknown", "permessage-deflate; server_max_window_bits=8"])
async def test_who_does_not_offer_what_can_be_had_gets_plain_frames(offer: str) -> None:
    async with served() as server, server.client() as client:
        assert await subscribed(client, offer) is None
        server.publish("alerts", LONG)
        assert await client.read_text() == LONG


async def test_switched_off_it_is_not_agreed_on() -> None:
    async with served(Settings(compression=Compression(enabled=False))) as server, server.client() as client:
        assert await subscribed(client, "permessage-deflate") is None
        server.publish("alerts", LONG)
        assert await client.read_text() == LONG


async def test_the_threshold_is_that_of_the_settings() -> None:
    async with served(Settings(compression=Compression(threshold=10))) as server, server.client() as client:
        await subscribed(client, "permessage-deflate")
        for text, first in (("x" * 9, 0x81), ("x" * 10, 0xC1)):
            server.publish("alerts", text)
            assert (await read_any(client))[0] == first


async def test_all_clients_of_one_window_get_the_same_bytes_of_one_compression(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = 0
    compressobj = zlib.compressobj

    def counting(*arguments: int) -> object:
        nonlocal made
        made += 1
        return compressobj(*arguments)

    async with (
        served() as server,
        server.client() as one,
        server.client() as two,
        server.client() as narrow,
        server.client() as plain,
    ):
        await subscribed(one, "permessage-deflate")
        await subscribed(two, "permessage-deflate; client_max_window_bits")
        await subscribed(narrow, "permessage-deflate; server_max_window_bits=9")
        await subscribed(plain, "")
        monkeypatch.setattr(zlib, "compressobj", counting)
        for number in range(5):
            server.publish("alerts", LONG + str(number))
        frames = [[await read_any(client) for _ in range(5)] for client in (one, two, narrow, plain)]
        assert made == 10, "one for each window"
        assert frames[0] == frames[1]
        assert frames[2] != frames[0]
        assert [payload.decode() for _, payload in frames[3]] == [LONG + str(number) for number in range(5)]


@pytest.mark.parametrize(
    "factory",
    [
        ClientPerMessageDeflateFactory(),
        ClientPerMessageDeflateFactory(client_max_window_bits=True),
        ClientPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True),
        *(ClientPerMessageDeflateFactory(server_max_window_bits=bits, client_max_window_bits=bits) for bits in (9, 12)),
    ],
)
async def test_the_librarys_client_reads_events_and_is_read(factory: ClientPerMessageDeflateFactory) -> None:
    async with served() as server, connect(server.url, compression=None, extensions=[factory]) as client:
        assert client.protocol.extensions, "agreed on"
        await client.send('{"type":"subscribe","topic":"alerts"}' + " " * 2_000)  # compressed by the client
        await client.send('{"type":"ping"}')
        assert json.loads(await client.recv())["type"] == "pong"
        texts = [LONG, SHORT, LONG + "!", "x" * 100_000, LONG]
        for text in texts:
            server.publish("alerts", text)
        assert [await client.recv() for _ in texts] == texts


async def test_a_compressed_message_that_would_grow_too_large_closes_with_1009() -> None:
    async with served() as server, server.client() as client:
        await client.open(Sec_WebSocket_Extensions="permessage-deflate")
        compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
        bomb = (compressor.compress(b" " * 20_000_000) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]
        frame = bytearray(client.frame(Opcode.TEXT, bomb))
        frame[0] |= 0x40
        client.send(bytes(frame))
        assert (await client.read_close())[0] == 1009


async def test_what_is_no_deflate_closes_with_a_protocol_error_and_disturbs_nobody() -> None:
    async with served() as server, server.client() as client, server.client() as other:
        await subscribed(other, "permessage-deflate")
        await client.open(Sec_WebSocket_Extensions="permessage-deflate")
        frame = bytearray(client.frame(Opcode.TEXT, b"\xff\xff\xff\xff"))
        frame[0] |= 0x40
        client.send(bytes(frame))
        assert (await client.read_close())[0] in (1002, 1007)
        server.publish("alerts", LONG)
        assert (await read_any(other))[0] == 0xC1
