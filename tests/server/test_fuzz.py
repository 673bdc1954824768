"""Whatever one client sends, nothing escapes to the event loop, no other client is disturbed, and nothing is left over.

Quick in the ordinary run; `make test-long` tries much more, on many connections at once, and watches the memory.
"""

import asyncio
import base64
import json
import resource
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pvws.server.settings import Auth, Settings, Timeouts
from pvws.session.access import Grant, Token
from pvws.wire.topics import TOPICS, Topic
from tests.support.frames import frames_in
from tests.support.loops import Loop, on_each_loop
from tests.support.raw_client import RawClient
from tests.support.served import Served, served

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: " + base64.b64encode(bytes(16)) + b"\r\nSec-WebSocket-Version: 13\r\n"
)
HOUR = 3_600_000_000  # nobody is pinged: the good client would have to answer
TIMES = Timeouts(read=2_000_000, close=200_000, ping_period=HOUR, pong_wait=2 * HOUR)
OPEN = Settings(timeouts=TIMES)
TOKENS = (Token("right"), Token("only alerts", Grant(frozenset({Topic.ALERTS}))))
GUARDED = Settings(timeouts=TIMES, auth=Auth(tokens=TOKENS))


class Attack(NamedTuple):
    """What a client sends, in pieces, and how it leaves. `head` is its handshake, if that is to succeed."""

    head: bytes
    pieces: list[bytes]
    leaves: str


class Arena:
    """A server that is attacked, and a client that only wants its events."""

    def __init__(self, runner: asyncio.Runner, server: Served, good: RawClient) -> None:
        self._runner = runner
        self._server = server
        self._good = good
        self._events = 0

    def attack(self, attacks: list[Attack]) -> None:
        """Make some attacks at once, and see that afterwards all is as it was."""
        self._runner.run(self._all(attacks))

    async def _all(self, attacks: list[Attack]) -> None:
        async with asyncio.timeout(20):
            await asyncio.gather(*(self._one(attack) for attack in attacks), self._events_arrive())
            await self._server.until_alone(1)
        assert not self._server.troubles, self._server.troubles
        assert self._server.remains() == (1, 1, 2), "the good client, its ping and its pong wait"

    async def _one(self, attack: Attack) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            async with self._server.client() as client:
                if attack.head:
                    client.send(attack.head)
                    assert (await client.response())[0] == 101
                for piece in attack.pieces:
                    client.send(piece)
                    await client.writer.drain()
                    await asyncio.sleep(0)
                if attack.leaves == "at once":
                    return
                client.writer.write_eof()
                said = await client.read_to_end()
                if attack.head and b"permessage-deflate" not in attack.head:
                    frames_in(said)

    async def _events_arrive(self) -> None:
        for _ in range(3):
            self._events += 1
            self._server.publish("alerts", f"event {self._events}")
            assert await self._good.read_text() == f"event {self._events}"


@contextmanager
def arena(loop: Loop, settings: Settings) -> Iterator[Arena]:
    """Serve for the time of a test."""
    with asyncio.Runner(loop_factory=loop) as runner:
        serving = served(settings)
        server = runner.run(serving.__aenter__())
        good = server.client()

        async def begin() -> None:
            await good.__aenter__()
            await good.open("/ws?token=right")
            await server.subscribe(good, "alerts")

        async def end() -> None:
            await good.__aexit__(None, None, None)
            await server.until_alone()
            assert server.remains() == (0, 0, 0)
            await serving.__aexit__(None, None, None)

        runner.run(begin())
        try:
            yield Arena(runner, server, good)
        finally:
            runner.run(end())


# What is sent


@st.composite
def mutated(draw: st.DrawFn, valid: st.SearchStrategy[bytes]) -> bytes:
    """Something valid in which bytes were replaced, put in, or left out."""
    data = bytearray(draw(valid))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(data)))
        data[place : place + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(data)


@st.composite
def in_pieces(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> list[bytes]:
    """The same bytes, cut anywhere."""
    data = draw(whole)
    places = sorted(draw(st.lists(st.integers(0, len(data)), max_size=4)))
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


targets = st.sampled_from(b"/ws /ws /ws/health /ws/metrics * / http://[ http://h/ws /%ff%00 /ws?token=%ff&x //".split())
names = st.sampled_from(
    b"Host Upgrade Connection Origin Authorization Accept Expect Content-Length Transfer-Encoding Sec-WebSocket-Key "
    b"Sec-WebSocket-Version Sec-WebSocket-Extensions Sec-WebSocket-Protocol X".split()
)
values = st.binary(max_size=6) | st.sampled_from(
    b"|websocket|upgrade, close|null|http://[|*|Bearer |Bearer right|100-continue|5|-1|chunked|13|8|a, b;c|"
    b"permessage-deflate|permessage-deflate; server_max_window_bits=8|permessage-deflate; x".split(b"|")
)
requests = st.builds(
    lambda method, target, headers, upgrade, body: (
        method
        + b" "
        + target
        + b" HTTP/1.1\r\n"
        + (HANDSHAKE.partition(b"\r\n")[2] if upgrade else b"Host: h\r\n")
        + b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        + b"\r\n"
        + body
    ),
    st.sampled_from([b"GET", b"HEAD", b"OPTIONS", b"POST", b"CONNECT", b"PRI"]),
    targets,
    st.lists(st.tuples(names, values), max_size=4),
    st.booleans(),
    st.binary(max_size=8),
)
http = st.binary(max_size=60) | requests | mutated(requests) | st.lists(requests, max_size=4).map(b"".join)

words = st.sampled_from(
    ["subscribe", "unsubscribe", "auth", "connection_init", "ping", "pong", *TOPICS, "token", "right", "é\ud800"]
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | words | st.text(max_size=5)
objects = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "topic", "data", "token"]) | words, inner, max_size=4)
    ),
    max_leaves=8,
)
likely = st.fixed_dictionaries(
    {"type": words}, optional={"topic": words, "data": st.fixed_dictionaries({"token": leaves}) | leaves}
)
messages = (likely | objects).map(lambda value: json.dumps(value).encode()) | st.binary(max_size=20)


def frame(opcode: int, bits: int, payload: bytes, form: int, *, mask: bool) -> bytes:
    """A frame, right or not: `bits` are FIN and the reserved ones, `form` how its length is written."""
    length = len(payload)
    if form == 1 or (form == 0 and length > 125):
        head = bytes([126]) + length.to_bytes(2, "big")
    elif form == 2:
        head = bytes([127]) + length.to_bytes(8, "big")
    elif form == 3:
        head = bytes([127]) + (2**63 + length).to_bytes(8, "big")
    else:
        head = bytes([length])
    if mask:
        return bytes([bits | opcode, head[0] | 0x80]) + head[1:] + bytes(4) + payload
    return bytes([bits | opcode]) + head + payload


deflated = st.binary(max_size=30) | messages.map(lambda message: zlib.compress(message, wbits=-15))
any_frames = st.builds(
    frame,
    st.sampled_from([0, 1, 1, 1, 2, 8, 9, 10, 3, 11, 15]),
    st.sampled_from([0x80, 0x80, 0x80, 0x00, 0xC0, 0x40, 0xA0, 0x90]),
    messages | deflated | st.binary(max_size=140),
    st.sampled_from([0, 0, 0, 0, 1, 2, 3]),
    mask=st.sampled_from([True, True, True, False]),
)
streams = st.lists(any_frames, max_size=8).map(b"".join)
texts = st.lists(messages, max_size=8).map(
    lambda each: b"".join(frame(1 + number % 2, 0x80, text, 0, mask=True) for number, text in enumerate(each))
)
extras = [b"", b"Authorization: Bearer right\r\n", b"Sec-WebSocket-Extensions: permessage-deflate\r\n"]
heads = st.sampled_from([HANDSHAKE + extra + b"\r\n" for extra in extras])
ways = st.sampled_from(["with an end", "with an end", "at once"])

ATTACKS: dict[str, st.SearchStrategy[Attack]] = {
    "handshakes": st.builds(Attack, st.just(b""), in_pieces(http), ways),
    "frames": st.builds(Attack, heads, in_pieces(streams | mutated(streams)), ways),
    "messages": st.builds(Attack, heads, in_pieces(texts | mutated(texts)), ways),
    "anything": st.builds(Attack, heads | st.just(b""), st.lists(st.binary(max_size=40), max_size=5), ways),
}
each_kind = pytest.mark.parametrize("kind", ATTACKS)


@on_each_loop
@each_kind
def test_nothing_escapes_and_nobody_else_is_disturbed(loop: Loop, kind: str) -> None:
    for settings in (OPEN, GUARDED):
        with arena(loop, settings) as server:
            given(ATTACKS[kind].map(lambda attack: [attack]))(server.attack)()


@pytest.mark.long
@pytest.mark.timeout(280)
@on_each_loop
@each_kind
def test_the_same_for_long_on_many_connections_and_in_bounded_memory(loop: Loop, kind: str) -> None:
    many = st.lists(ATTACKS[kind], min_size=5, max_size=20)
    attacked = hypothesis_settings(
        max_examples=1_000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
    )
    with arena(loop, OPEN) as server:
        run: Callable[[], None] = attacked(given(many)(server.attack))
        run()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        run()
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert grown < 64 * 1_024, f"{grown} KiB more after the second time"
