"""Every fault of messages at a raw socket, in bytes, and at a library client; a second client notices nothing."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from msgspec import structs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.spec import KINDS, read_fault
from pvws.server.settings import Configuration
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from tests.support.raw_client import RawClient
from tests.support.staged import HERE, listener, story, venue_of

EVENTS = 6
LONG = "x" * 300  # so that it is worth compressing
ALARMS = f"""
scenario: alarms
duration: 20s
network: {{peers: 2}}
timeline:
  - {{every: 1s, do: emit, type: security_alert, data: {{level: critical, message: "number ${{n}} {LONG}"}}}}
"""
SUBSCRIBE = '{"type":"subscribe","topic":"alerts","data":"alerts"}'
DEFLATE = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


class Wire(RawClient):
    """A client that keeps bytes."""

    async def bytes_until(self, end: bytes) -> bytes:
        """All bytes up to these."""
        return await self.reader.readuntil(end)


def frames(data: bytes) -> list[tuple[int, bytes]]:
    """First byte and payload of each of a server's frames."""
    found, at = [], 0
    while at < len(data):
        first, length, head = data[at], data[at + 1], 2
        if length >= 126:
            head = 4 if length == 126 else 10
            length = int.from_bytes(data[at + 2 : at + head], "big")
        found.append((first, data[at + head : at + head + length]))
        at += head + length
    return found


def texts(data: bytes) -> list[bytes]:
    """The payloads of whole messages, in whatever frames they came, compressed or not."""
    found, parts, compressed = list[bytes](), list[bytes](), False
    for first, payload in frames(data):
        if first & 0x0F:
            compressed = bool(first & 0x40)
        parts.append(payload)
        if first & 0x80:
            whole, parts = b"".join(parts), []
            found.append(zlib.decompressobj(-15).decompress(whole + b"\x00\x00\xff\xff") if compressed else whole)
    return found


async def pong(client: Wire) -> bytes:
    """What comes before the answer to a ping, and the answer's own frame."""
    client.say('{"type":"ping"}')
    data = await client.bytes_until(b'"pong"')
    rest = b""
    while not rest.endswith(b"}"):
        rest += await client.reader.read(1)
    return data + rest


@asynccontextmanager
async def two(stage: Stage, configuration: Configuration, **headers: str) -> AsyncIterator[tuple[Wire, Wire]]:
    """A client with the number 1, which faults are to touch, and another one; both subscribed to alerts."""
    async with venue_of(stage, configuration) as venue:
        port = int(venue.url.removesuffix("/ws").rpartition(":")[2])
        async with Wire("127.0.0.1", port) as one, Wire("127.0.0.1", port) as other:
            for client in (one, other):
                await client.open(**headers)
                client.say(SUBSCRIBE)
                await pong(client)
            yield one, other


async def seen(fault: str, configuration: Configuration, **headers: str) -> tuple[bytes, bytes, dict[str, int]]:
    """The bytes of six events at a client under a fault and at another one, without pongs; and what the fault did."""
    stage = story(ALARMS, seed=3)
    async with two(stage, configuration, **headers) as (one, other):
        active = stage.faults.add(read_fault(fault + ", client: 1"))
        for _ in range(EVENTS):
            await stage.clock.advance("1s")
        stage.faults.clear()
        got = [await pong(client) for client in (one, other)]
    whole = [data[: data.rindex(b"\x81", 0, data.rindex(b'{"type":"pong"'))] for data in got]
    return whole[0], whole[1], dict(active.counts)


PLAIN = {"Sec_WebSocket_Extensions": ""}
WAYS = {
    "documented": (HERE, ""),
    "compressed": (HERE, DEFLATE),
    "upstream": (structs.replace(HERE, profile="upstream"), ""),
}


def numbers(messages: list[bytes]) -> list[int]:
    return [int(text.partition(b"number ")[2].split(b" ")[0]) for text in messages if b"number " in text]


def changed(were: list[bytes], are: list[bytes], change: Callable[[Any], Any]) -> bool:
    """Whether each message is what a change of its JSON makes of it."""
    return [json.loads(text) for text in are] == [change(json.loads(text)) for text in were]


def older(message: Any) -> Any:
    return json.loads(json.dumps(message).replace("T00:00:0", "T23:59:0").replace("2024-01-01T23", "2023-12-31T23"))


CHECKS: dict[str, Callable[[list[bytes], list[bytes]], bool]] = {
    "latency: 1500ms": lambda were, are: were == are,
    "drop: 100%, nth: 2": lambda were, are: were[:1] + were[2:] == are,
    "duplicate: 100%, nth: 3, count: 2": lambda were, are: [*were[:3], *were[2:4], *were[3:]] == are,
    "reorder: {window: 2, within: 9s}": lambda were, are: were != are and sorted(were) == sorted(are),
    "corrupt: bit_flip": lambda were, are: all(
        sum((a ^ b).bit_count() for a, b in zip(was, now, strict=True)) == 1 for was, now in zip(were, are, strict=True)
    ),
    "corrupt: truncate": lambda were, are: all(
        was.startswith(now) and was != now for was, now in zip(were, are, strict=True)
    ),
    "corrupt: wrong_type": lambda were, are: all(
        json.loads(was) != json.loads(now) for was, now in zip(were, are, strict=True)
    ),
    "corrupt: missing_field": lambda were, are: all(
        len(now) < len(was) and json.loads(now) for was, now in zip(were, are, strict=True)
    ),
    "corrupt: unknown_field": lambda were, are: all(b'"unknown_' in now and json.loads(now) for now in are),
    "corrupt: invalid_utf8": lambda were, are: all(b"\xff" in now or not _is_utf8(now) for now in are),
    "stale: 1m": lambda were, are: changed(were, are, older),
    "unknown_type: 100%": lambda were, are: changed(were, are, lambda each: each | {"type": "not_yet_invented"}),
    "join: {messages: 3, within: 9s}": lambda were, are: [b"\n".join(were[:3]), b"\n".join(were[3:])] == are,
    "empty: 100%, nth: 1": lambda were, are: [b"", *were[1:]] == are,
    "oversize: 3 KiB": lambda were, are: all(len(now) == 3072 and json.loads(now) for now in are),
    "fragment: 100": lambda were, are: were == are,
}


NEVER = (
    "drop: 0%",
    "latency: 0s",
    "duplicate: 0%",
    "reorder: 0",
    "corrupt: {how: any, share: 0%}",
    "stale: 0s",
    "unknown_type: 0%",
    "join: 0",
    "empty: 0%",
    "oversize: 0",
    "fragment: 0",
    "bandwidth: 0",
)


def test_no_fault_of_messages_is_forgotten_here() -> None:
    words = [word for word, kind in KINDS.items() if issubclass(kind, MessageFault)]
    assert {read_fault(fault).kind for fault in NEVER} == set(words)
    # A narrow line changes no byte, only when they come: tests/server/test_gate.py.
    assert {read_fault(fault).kind for fault in CHECKS} == set(words) - {"bandwidth"}


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", CHECKS)
async def test_what_comes_is_what_the_fault_makes_of_it_and_another_client_notices_nothing(
    fault: str, way: str
) -> None:
    configuration, extensions = WAYS[way]
    mine, others, counts = await seen(fault + ", topics: [alerts]", configuration, Sec_WebSocket_Extensions=extensions)
    were, are = texts(others), texts(mine)
    assert numbers(were) == list(range(1, EVENTS + 1)), "the other one has everything, in order"
    joined = fault.startswith(("latency", "duplicate", "reorder"))  # what leaves together, as it does there
    if way == "upstream" and joined:
        are = [text for message in are for text in message.split(b"\n")]
    assert CHECKS[fault](were, are), (were, are)
    assert sum(counts.values()) > 0


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", NEVER)
async def test_zero_means_never_to_the_byte(fault: str, way: str) -> None:
    configuration, extensions = WAYS[way]
    mine, others, counts = await seen(fault, configuration, Sec_WebSocket_Extensions=extensions)
    assert mine == others
    assert counts == {}


async def test_fragments_are_legal_frames_of_that_size_and_of_compressed_data_the_first_alone_is_marked() -> None:
    plain, others, _ = await seen("fragment: 100, topics: [alerts]", HERE)
    firsts = [first for first, _ in frames(plain)]
    assert firsts[:5] == [0x01, 0x00, 0x00, 0x00, 0x00]
    assert {len(payload) for first, payload in frames(plain) if not first & 0x80} == {100}
    assert firsts.count(0x80) == EVENTS
    compressed, _, _ = await seen("fragment: 50, topics: [alerts]", HERE, Sec_WebSocket_Extensions=DEFLATE)
    assert [first for first, _ in frames(compressed)][:2] == [0x41, 0x00]
    assert {first for first, _ in frames(compressed)} == {0x41, 0x00, 0x80}
    assert texts(compressed) == texts(others)


async def test_illegal_fragments_all_begin_a_message() -> None:
    plain, _, _ = await seen("fragment: {size: 200, illegal: on}, topics: [alerts]", HERE)
    assert {first for first, _ in frames(plain)} == {0x01, 0x81}
    compressed, _, _ = await seen(
        "fragment: {size: 100, illegal: on}, topics: [alerts]", HERE, Sec_WebSocket_Extensions=DEFLATE
    )
    assert {first for first, _ in frames(compressed)} == {0x41, 0xC1}


async def test_a_corrupted_text_is_compressed_as_such() -> None:
    data, _, _ = await seen("corrupt: truncate, topics: [alerts]", HERE, Sec_WebSocket_Extensions=DEFLATE)
    assert 0xC1 in {first for first, _ in frames(data)}


async def test_bytes_trickle_also_within_a_frame_while_the_clock_is_moved_by_hand() -> None:
    stage = story(ALARMS)
    async with two(stage, HERE) as (one, other):
        stage.faults.add(read_fault("bandwidth: 200 B/s, client: 1"))
        advance = await stage.clock.advance("1s")
        (straggler,) = advance.stragglers
        assert (straggler.client, straggler.why, straggler.faults) == (1, "held", ("f1",))
        whole = (await pong(other)).partition(b'{"type":"pong"')[0][:-2]
        got = b""
        for step in range(1, 4):
            advance = await stage.clock.advance("500ms")
            assert [each.why for each in advance.stragglers] == ["held"]
            got += await one.reader.readexactly(100)
            assert straggler.bytes - step * 100 <= advance.stragglers[0].bytes
        assert whole.startswith(got)
        stage.faults.clear()
        rest = await pong(one)
        assert (got + rest).startswith(whole)


async def test_two_runs_with_one_seed_give_the_same_bytes_and_another_seed_gives_others() -> None:
    fault = "corrupt: {how: any, share: 60%}, topics: [alerts]"
    runs = [await seen(f"{fault}, seed: {seed}", HERE) for seed in (1, 1, 2)]
    assert runs[0] == runs[1]
    assert runs[0][0] != runs[2][0]


@asynccontextmanager
async def library(venue: Venue, **options: Any) -> AsyncIterator[ClientConnection]:
    """A client of the library, subscribed."""
    async with connect(venue.url, **options) as client:
        await client.send(SUBSCRIBE)
        await client.send('{"type":"ping"}')
        await client.recv()
        yield client


async def heard(client: ClientConnection) -> list[str]:
    """All messages up to the answer to a ping."""
    await client.send('{"type":"ping"}')
    found: list[str] = []
    while True:
        text = await client.recv(decode=True)
        if '"pong"' in text:
            return found
        found.append(text)


@pytest.mark.parametrize("compression", ["deflate", None])
async def test_a_library_client_gets_what_a_fault_leaves_of_the_stream(compression: Any) -> None:
    stage = story(ALARMS, seed=3)
    async with venue_of(stage) as venue, library(venue, compression=compression) as client:
        for fault, check in CHECKS.items():
            if "invalid_utf8" in fault:
                continue
            async with listener(venue, "alerts") as other:
                stage.faults.add(read_fault(f"{fault}, topics: [alerts], client: 1"))
                before = len(other.texts)
                await stage.clock.seek(stage.clock.start)
                for _ in range(EVENTS):
                    await stage.clock.advance("1s")
                stage.faults.clear()
                were = [text.encode() for text in (await other.catch_up())[before:] if '"pong"' not in text]
                are = [text.encode() for text in await heard(client)]
                assert check(were, are), fault


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("corrupt: invalid_utf8, topics: [alerts]", 1007),
        ("fragment: {size: 20, illegal: on}, topics: [alerts]", 1002),
        ("oversize: 2 MiB, topics: [alerts]", 1009),
        ("close: {code: 4001, reason: bye}, topics: [alerts]", 4001),
    ],
)
async def test_a_library_client_fails_as_the_protocol_has_it(fault: str, code: int) -> None:
    stage = story(ALARMS)
    async with venue_of(stage) as venue, library(venue) as client, listener(venue, "alerts") as other:
        stage.faults.add(read_fault(f"{fault}, client: 1"))
        moving = asyncio.ensure_future(stage.clock.advance("3s"))
        with pytest.raises(ConnectionClosed) as caught:
            while True:
                await client.recv()
        ended = caught.value.rcvd if code == 4001 else caught.value.sent
        assert ended is not None
        assert ended.code == code
        await moving
        assert numbers([text.encode() for text in await other.catch_up()]) == [1, 2, 3]


async def test_a_library_client_measures_latency_by_its_control_pings() -> None:
    stage = Stage()
    async with venue_of(stage) as venue, library(venue) as client:
        stage.faults.add(read_fault("latency: 60ms"))
        assert await (await client.ping()) >= 0.055
