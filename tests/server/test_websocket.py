import asyncio
import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

import pytest
from websockets.frames import Opcode

from pvws.limits import BACKLOG_MESSAGES_MAX, MESSAGE_BYTES_MAX
from pvws.server.listener import Listener
from pvws.server.settings import Limits, Settings, SlowConsumer, Timeouts
from pvws.server.subscriber import Subscriber
from tests.support.raw_client import RawClient

Opened: TypeAlias = Callable[..., AbstractAsyncContextManager[RawClient]]
Publish: TypeAlias = Callable[[str, str], None]

PONG = '{"type":"pong","timestamp":"2024-01-01T00:00:00.000Z","clientId":"%032x"}'


async def test_text_binary_and_fragmented_messages_mean_the_same(opened: Opened) -> None:
    async with opened() as client:
        ping = b'{"type":"ping"}'
        client.send(client.frame(Opcode.TEXT, ping))
        client.send(client.frame(Opcode.BINARY, ping))
        client.send(client.frame(Opcode.TEXT, ping[:4], final=False))
        client.send(client.frame(Opcode.CONT, ping[4:9], final=False))
        client.send(client.frame(Opcode.PING, b"between"))
        client.send(client.frame(Opcode.CONT, ping[9:]))
        answers = [await client.read_frame() for _ in range(4)]
        assert sorted(answers) == sorted([(Opcode.TEXT, (PONG % 0).encode())] * 3 + [(Opcode.PONG, b"between")])


async def test_bad_messages_are_answered_and_the_connection_lives_on(opened: Opened, publish: Publish) -> None:
    async with opened("alerts") as client:
        for bad in (b"nonsense", b'{"type":"subscribe","topic":"alert"}', b'{"type":"hello"}', b"[]", b""):
            client.send(client.frame(Opcode.TEXT, bad))
            error = json.loads(await client.read_text())
            assert error["data"]["code"] == "INVALID_MESSAGE"
            assert error["clientId"] == f"{0:032x}"
        client.send(client.frame(Opcode.BINARY, b"\xff\xff"))
        assert "UTF-8" in json.loads(await client.read_text())["data"]["message"]
        publish("alerts", "still here")
        assert await client.read_text() == "still here"


async def test_a_pong_never_overtakes_an_earlier_event(opened: Opened, publish: Publish) -> None:
    async with opened("alerts") as client:
        for number in range(90):
            publish("alerts", f"event {number}")
            client.say('{"type":"ping"}')
            assert await client.read_text() == f"event {number}"
            assert await client.read_text() == PONG % 0


@pytest.mark.parametrize("fragmented", [False, True])
async def test_a_message_of_the_largest_size_is_read_and_a_larger_one_closes_with_1009(
    opened: Opened, *, fragmented: bool
) -> None:
    def message(client: RawClient, size: int) -> bytes:
        payload = b'{"type":"ping"}'.ljust(size)
        if not fragmented:
            return client.frame(Opcode.TEXT, payload)
        first = client.frame(Opcode.TEXT, payload[: size // 2], final=False)
        return first + client.frame(Opcode.CONT, payload[size // 2 :])

    async with opened() as client:
        client.send(message(client, MESSAGE_BYTES_MAX))
        assert await client.read_text() == PONG % 0
        client.send(message(client, MESSAGE_BYTES_MAX + 1))
        assert (await client.read_close())[0] == 1009


async def test_a_text_that_is_not_utf_8_closes_with_1007(opened: Opened) -> None:
    async with opened() as client:
        client.send(client.frame(Opcode.TEXT, b"\xff"))
        assert (await client.read_close())[0] == 1007
        assert await client.read_to_end() == b""


async def test_an_unmasked_frame_closes_with_1002(opened: Opened) -> None:
    async with opened() as client:
        client.send(b"\x81\x01x")
        assert (await client.read_close())[0] == 1002


async def test_a_close_frame_is_answered_behind_the_answers_that_are_due(opened: Opened, publish: Publish) -> None:
    async with opened("alerts") as client:
        publish("alerts", "before")
        ping, bye = b'{"type":"ping"}', (1000).to_bytes(2, "big") + b"bye"
        client.send(client.frame(Opcode.TEXT, ping) + client.frame(Opcode.CLOSE, bye))
        assert [await client.read_text(), await client.read_text()] == ["before", PONG % 0]
        assert await client.read_close() == (1000, "bye")
        publish("alerts", "after")
        assert await client.read_to_end() == b"", "nothing is written behind a close frame"


async def test_a_control_ping_is_answered_with_its_payload(opened: Opened) -> None:
    async with opened() as client:
        client.send(client.frame(Opcode.PING, b"payload"))
        assert await client.read_frame() == (Opcode.PONG, b"payload")


async def test_a_client_that_stops_reading_is_told_why_and_costs_the_others_nothing(
    opened: Opened, publish: Publish, listener: Listener
) -> None:
    text = "x" * 4_000
    async with opened("alerts") as reader, opened("alerts") as stalled:
        for _ in range(BACKLOG_MESSAGES_MAX // 100):
            for _ in range(100):
                publish("alerts", text)
            for _ in range(100):
                assert await reader.read_text() == text
        while len(listener.hub) > 1:
            publish("alerts", text)
            assert await reader.read_text() == text
        frame = await stalled.read_frame()
        while frame[0] == Opcode.TEXT:
            assert frame[1].decode() == text
            frame = await stalled.read_frame()
        assert frame == (Opcode.CLOSE, (1013).to_bytes(2, "big") + b"slow consumer")
        stalled.send(stalled.frame(Opcode.CLOSE, frame[1]))
        assert await stalled.read_to_end() == b""


async def test_a_client_that_neither_reads_nor_answers_a_close_is_cut_after_the_grace_time(
    opened: Opened, listener: Listener
) -> None:
    listener.settings = Settings(timeouts=Timeouts(close=50_000))
    async with opened() as client:
        await listener.stop(1001, "going")
        assert await client.read_close() == (1001, "going")
        assert await client.read_to_end() == b""


# What once went wrong


async def test_nothing_is_written_behind_the_close_frame_of_a_client_that_floods_and_does_not_read(
    listener: Listener,
) -> None:
    listener.settings = Settings(
        slow_consumer=SlowConsumer(max_messages=50),
        limits=Limits(messages_per_second=None),
        timeouts=Timeouts(close=500_000),
    )
    async with RawClient("127.0.0.1", listener.port) as client:
        await client.open()
        while len(listener.hub):  # a member until it is told to go
            client.send(client.frame(Opcode.PING, bytes(125)) * 1_000)
            await asyncio.sleep(0)
        stream = await client.read_to_end()
    opcodes = list(opcodes_in(stream))
    assert opcodes[-1] == Opcode.CLOSE
    assert opcodes.count(Opcode.CLOSE) == 1


def opcodes_in(stream: bytes) -> Iterator[int]:
    """The opcodes of unmasked frames with short payloads, one behind the other."""
    place = 0
    while place < len(stream):
        assert stream[place + 1] < 126
        yield stream[place] & 0x0F
        place += 2 + stream[place + 1]


async def test_a_close_frame_is_sent_even_to_a_client_that_is_exactly_at_its_bound(
    opened: Opened, publish: Publish, listener: Listener
) -> None:
    listener.settings = Settings(slow_consumer=SlowConsumer(max_messages=5), timeouts=Timeouts(close=2_000_000))
    async with opened("alerts") as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        text = "x" * 100_000
        while not (waiting := [member.behind()[0] for member in members(listener)]) or waiting[0] < 5:
            publish("alerts", text)
            listener.hub.flush()
            await asyncio.sleep(0)
        assert waiting == [5]
        stopping = asyncio.ensure_future(listener.stop(1001, "going"))
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]
        frame = await client.read_frame()
        while frame[0] == Opcode.TEXT:
            frame = await client.read_frame()
        assert frame == (Opcode.CLOSE, (1001).to_bytes(2, "big") + b"going")
        client.send(client.frame(Opcode.CLOSE, frame[1]))
        await stopping


def members(listener: Listener) -> list[Subscriber]:
    return [member for audience in listener.hub._audiences.values() for member in audience.lagging]


async def test_empty_fragments_take_no_memory(opened: Opened) -> None:
    async with opened() as client:
        ping = b'{"type":"ping"}'
        client.send(client.frame(Opcode.TEXT, ping, final=False))
        await client.writer.drain()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(20):
            client.send(client.frame(Opcode.CONT, b"", final=False) * 1_000)
            client.send(client.frame(Opcode.PING, b"!"))
            assert await client.read_frame() == (Opcode.PONG, b"!")
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        assert grown < 100_000
        client.send(client.frame(Opcode.CONT, b""))
        assert await client.read_text() == PONG % 0


async def test_a_text_that_is_not_utf_8_is_told_so_even_with_a_close_frame_behind_it(opened: Opened) -> None:
    async with opened() as client:
        client.send(client.frame(Opcode.TEXT, b"\xff") + client.frame(Opcode.CLOSE, (1000).to_bytes(2, "big")))
        assert (await client.read_close())[0] == 1007
        assert await client.read_to_end() == b""


async def test_a_lagging_client_that_closes_and_then_reads_is_let_go_without_an_error(
    opened: Opened, publish: Publish, listener: Listener
) -> None:
    errors: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: errors.append(context))
    async with opened("alerts") as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        while not members(listener):
            publish("alerts", "x" * 100_000)
            await asyncio.sleep(0)
        client.send(client.frame(Opcode.CLOSE, (1000).to_bytes(2, "big")))
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]
        assert (await client.read_to_end()).endswith(b"\x88\x02\x03\xe8")
    await listener.stop()
    assert errors == []
