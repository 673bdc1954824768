import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from pvws.testing.frames import client_frame
from pvws.testing.talk import Closed, Ended, Message, Pinged, Ponged, Talk
from pvws.testing.target import Target
from pvws.testing.verdict import BrokenError
from pvws.testing.visit import Visit
from pvws.wire.frames import Opcode, close_frame, data_frame, ping_frame, pong_frame, text_frame

PONG = text_frame(b'{"type":"pong"}')

Scripted = Callable[..., AbstractAsyncContextManager[Talk]]


@pytest.fixture
def scripted() -> Scripted:
    """Makes a talk with a server that says what it is told as soon as it hears something, and then ends."""

    @asynccontextmanager
    async def serve(said: bytes, *, ends: bool = False, **options: object) -> AsyncIterator[Talk]:
        class Server(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                assert isinstance(transport, asyncio.Transport)
                self.transport = transport

            def data_received(self, data: bytes) -> None:
                heard.extend(data)
                self.transport.write(said)
                if ends:
                    self.transport.close()

        heard = bytearray()
        server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
        target = Target(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws", patience=0.2, token="sesame")
        async with Visit(target) as visit:
            talk = await visit.connect()
            talk.heard = heard  # type: ignore[attr-defined]
            yield talk
        server.close()
        await asyncio.sleep(0.01)

    return serve


async def test_everything_that_can_come_is_told_apart(scripted: Scripted) -> None:
    said = PONG + ping_frame(b"p") + pong_frame(b"q") + data_frame(Opcode.BINARY, b"x") + close_frame(1000, "bye")
    async with scripted(said, ends=True) as talk:
        talk.answers_pings = False
        talk.say("hello")
        items = [await talk.item("anything") for _ in range(6)]
    assert items == [
        Message(Opcode.TEXT, b'{"type":"pong"}', (15,)),
        Pinged(b"p"),
        Ponged(b"q"),
        Message(Opcode.BINARY, b"x", (1,)),
        Closed(1000, "bye"),
        Ended(),
    ]
    assert [str(item) for item in items] == [
        'text {"type":"pong"}',
        "a control ping (p)",
        "a control pong (q)",
        "binary x",
        'close 1000 "bye"',
        "the end of the connection",
    ]


async def test_fragments_are_joined_with_control_frames_between_them(scripted: Scripted) -> None:
    said = data_frame(Opcode.TEXT, b"on", final=False) + pong_frame(b"") + data_frame(Opcode.CONTINUATION, b"e")
    async with scripted(said) as talk:
        talk.say("hello")
        assert [await talk.item("anything") for _ in range(2)] == [Ponged(b""), Message(Opcode.TEXT, b"one", (2, 1))]


async def test_pings_of_the_server_are_answered_and_passed_over(scripted: Scripted) -> None:
    async with scripted(ping_frame(b"p") + PONG) as talk:
        talk.say("hello")
        await talk.pong()
        await asyncio.sleep(0.02)
        assert talk.heard.endswith(client_frame(Opcode.PONG, b"p"))  # type: ignore[attr-defined]


async def test_a_close_frame_is_answered(scripted: Scripted) -> None:
    async with scripted(close_frame(1008)) as talk:
        talk.say("hello")
        await talk.close(1008)
        await asyncio.sleep(0.02)
        assert talk.heard.endswith(client_frame(Opcode.CLOSE, b"\x03\xf0"))  # type: ignore[attr-defined]


async def test_events_are_no_replies(scripted: Scripted) -> None:
    said = text_frame(b'{"type":"file_deleted"}') + text_frame(b'{"type":"broadcast"}') + PONG
    async with scripted(said) as talk:
        talk.say("hello")
        assert await talk.reply("a pong") == {"type": "pong"}


@pytest.mark.parametrize(
    ("said", "received"),
    [
        (b"", "nothing within 0.2 s"),
        (text_frame(b'{"type":"error"}'), '{"type":"error"}'),
        (text_frame(b"[]"), "[]"),
        (close_frame(1008, "no"), 'close 1008 "no"'),
        (data_frame(Opcode(2), b"\xff"), "0xff"),
    ],
)
async def test_a_pong_that_does_not_come_is_told_with_what_was_sent(
    scripted: Scripted, said: bytes, received: str
) -> None:
    async with scripted(said) as talk:
        talk.say("sesame")
        talk.say('{"type":"ping"}')
        with pytest.raises(BrokenError) as caught:
            await talk.pong()
    assert caught.value.sent == 'text …; text {"type":"ping"}'
    assert caught.value.received == received


async def test_the_end_of_the_connection_is_told(scripted: Scripted) -> None:
    async with scripted(b"", ends=True) as talk:
        talk.say("hello")
        with pytest.raises(BrokenError, match="expected close 1000 or close without a code, received the end of the"):
            await talk.close(1000, None)


async def test_silence_is_what_it_is(scripted: Scripted) -> None:
    async with scripted(PONG) as talk:
        await talk.quiet("nothing", 0.01)
        talk.say("hello")
        with pytest.raises(BrokenError, match="expected nothing"):
            await talk.quiet("nothing", 1)


async def test_requests_are_told_by_what_is_special_about_them(scripted: Scripted) -> None:
    async with scripted(b"junk\r\n\r\n") as talk:
        with pytest.raises(BrokenError) as caught:
            await talk.handshake(Sec_WebSocket_Version="12", Sec_WebSocket_Key=None)
    assert caught.value.sent == "GET /ws (Sec-WebSocket-Version: 12, no Sec-WebSocket-Key)"
    assert (caught.value.expected, caught.value.received) == ("an HTTP answer", "junk\\r\\n\\r\\n")


async def test_a_handshake_presents_the_token(scripted: Scripted) -> None:
    async with scripted(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") as talk:
        answer = await talk.handshake()
        assert b"\r\nAuthorization: Bearer sesame\r\n" in talk.heard  # type: ignore[attr-defined]
        assert answer.status == 404
        with pytest.raises(BrokenError, match="expected 101"):
            talk.opened(answer)
        assert talk.expectations == 0, "that a handshake was refused is no judgement of the rule"
