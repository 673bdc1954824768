"""What a room is shown of a connection, in its order."""

from typing import Any

import pytest
from msgspec import structs
from websockets.frames import Opcode

from pvws.server import sightings as seen
from pvws.server.settings import Limits, Timeouts
from pvws.server.sightings import Sighting
from pvws.sim.agenda import Instant
from pvws.stage.journal import Wanted
from pvws.stage.observer import Observer
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from tests.support.raw_client import RawClient
from tests.support.staged import HERE, listener, story


class Keeper(Observer):
    """Keeps what it is shown."""

    def __init__(self) -> None:
        self.seen: list[Sighting] = []

    def saw(self, client: int, sighting: Sighting, at: Instant, real: Instant) -> None:
        assert client == 1
        self.seen.append(sighting)


def watched(**options: Any) -> tuple[Stage, list[Sighting]]:
    keeper = Keeper()
    return story(observers=[keeper], **options), keeper.seen


async def test_pings_pongs_and_errors() -> None:
    stage, told = watched()
    async with Venue(stage, HERE) as venue, listener(venue) as client:
        for _, each in stage.clients().values():
            each.probe(b"x", lambda: None)
        assert await client.read_frame() == (Opcode.PING, b"x")
        client.send(client.frame(Opcode.PONG, b"x"))
        client.say("{")
        await client.read_until("INVALID_MESSAGE")
        assert told[:2] == [seen.PingSent(b"x"), seen.PongCame(b"x")]
        (error,) = told[2:]
        assert isinstance(error, seen.ErrorSent)
        assert (error.code, error.retry_after) == ("INVALID_MESSAGE", None)


async def test_a_rate_limit_tells_how_long_it_asks_the_client_to_wait() -> None:
    stage, told = watched()
    limited = structs.replace(HERE, limits=Limits(messages_per_second=1, retry_after=7_000_000))
    async with Venue(stage, limited) as venue, RawClient("127.0.0.1", venue.port) as client:
        await client.open()
        client.say('{"type":"ping"}')
        client.say('{"type":"ping"}')
        while "RATE_LIMIT" not in await client.read_text():
            pass
        assert told == [seen.ErrorSent("RATE_LIMIT_EXCEEDED", "", 7)]


async def test_a_client_that_closes_first_is_answered() -> None:
    stage, told = watched()
    async with Venue(stage, HERE) as venue, listener(venue) as client:
        client.send(client.frame(Opcode.CLOSE, b"\x03\xe8"))
        await client.read_to_end()
    assert told == [seen.CloseCame(1000), seen.CloseSent(1000, "", answer=True), seen.Lost()]


async def test_a_client_that_is_told_to_go_answers() -> None:
    stage, told = watched()
    async with Venue(stage, HERE) as venue, listener(venue) as client:
        stage.controller.disconnect(code=1012, reason="restart")
        assert await client.read_close() == (1012, "restart")
        client.send(client.frame(Opcode.CLOSE, b""))
        await client.read_to_end()
    assert told[:2] == [seen.CloseSent(1012, "restart"), seen.CloseCame(None)]
    assert told[-1] == seen.Lost()


@pytest.mark.parametrize(
    ("sent", "code", "larger_than"),
    [
        (b"\x81\x01x", 1002, None),
        (b"\x81\x81\0\0\0\0\xff", 1007, None),
        (b"\x81\x8b\0\0\0\0" + b"x" * 11, 1009, 10),
    ],
)
async def test_what_no_websocket_may_say(sent: bytes, code: int, larger_than: int | None) -> None:
    stage, told = watched()
    small = structs.replace(HERE, limits=Limits(max_message_size=10))
    async with Venue(stage, small) as venue, RawClient("127.0.0.1", venue.port) as client:
        await client.open()
        client.send(sent)
        assert (await client.read_close())[0] == code
    violated = told[0]
    assert isinstance(violated, seen.Violated)
    assert (violated.code, violated.larger_than) == (code, larger_than)
    assert isinstance(told[1], seen.CloseSent)


async def test_a_client_that_ends_the_stream_without_a_word() -> None:
    stage, told = watched()
    async with Venue(stage, HERE) as venue, listener(venue) as client:
        client.writer.write_eof()
        await client.read_to_end()
    assert told == [seen.StreamEnded(), seen.Lost()]


async def test_a_client_that_does_not_end_the_connection_is_cut() -> None:
    stage, told = watched()
    short = structs.replace(HERE, timeouts=Timeouts(close=10_000))
    async with Venue(stage, short) as venue, listener(venue):
        stage.controller.disconnect(code=1012)
        await stage.controller.journal.wait(Wanted(did="disconnects"))
    assert told == [seen.CloseSent(1012), seen.CutOff("the grace time is over"), seen.Lost()]


class Door(Observer):
    """Keeps what happens at the door."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, str, int]] = []

    def knocked(self, caller: Any, at: Instant, real: Instant) -> None:
        self.told.append(("knocked", caller.number, caller.name, 0))

    def refused(self, caller: Any, refusal: Any, at: Instant, real: Instant) -> None:
        self.told.append(("refused", caller.number, caller.name, refusal.status))


async def test_handshakes_are_told_also_those_that_are_wrong() -> None:
    door = Door()
    async with Venue(story(observers=[door]), HERE) as venue:
        for query in ("client=dash", "client=7", "client=dash&world=nowhere"):
            async with RawClient("127.0.0.1", venue.port) as client:
                await client.request(client.handshake_head(f"/ws?{query}", Sec_WebSocket_Version="8"))
        async with RawClient("127.0.0.1", venue.port) as client:
            await client.request("GET /ws/health HTTP/1.1\nHost: h")
            await client.open("/ws?client=dash")
    assert door.told == [("refused", 0, "dash", 400), ("refused", 0, "", 400), ("knocked", 1, "dash", 0)]
