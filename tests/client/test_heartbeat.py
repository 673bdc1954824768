import asyncio
from typing import cast

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosedError

from pvws.client.heartbeat import Heartbeat
from tests.support.virtual_loop import run


class Fake:
    """A connection that answers pings as a test says: after so many seconds, or never (None)."""

    def __init__(self, *answers: float | None) -> None:
        self.answers = list(answers)
        self.pinged: list[float] = []

    async def ping(self) -> "asyncio.Future[float]":
        loop = asyncio.get_running_loop()
        self.pinged.append(loop.time())
        pong: asyncio.Future[float] = loop.create_future()
        if not self.answers:
            pong.set_exception(ConnectionClosedError(None, None))
        elif (after := self.answers.pop(0)) is not None:
            loop.call_later(after, pong.set_result, after)
        return pong


class Reader:
    """What a client says of itself."""

    def __init__(self) -> None:
        self.reading = True
        self.heard = 0
        self.signs: list[float] = []

    def beats(self, fake: Fake) -> Heartbeat:
        return Heartbeat(
            cast(ClientConnection, fake),
            10.0,
            4.0,
            reading=lambda: self.reading,
            heard=lambda: self.heard,
            alive=lambda: self.signs.append(asyncio.get_running_loop().time()),
        )


def test_it_pings_by_its_period_and_ends_with_the_connection() -> None:
    async def story() -> None:
        fake, reader = Fake(0.5, 1.0), Reader()
        heartbeat = reader.beats(fake)
        assert heartbeat.latency_s is None
        assert await heartbeat.lost() is False
        assert fake.pinged == [10.0, 20.5, 31.5]
        assert reader.signs == [10.5, 21.5]
        assert heartbeat.latency_s == 1.0

    run(story())


def test_no_pong_in_time_and_nothing_else_is_a_half_open_connection() -> None:
    async def story() -> None:
        fake, reader = Fake(0.5, None), Reader()
        assert await reader.beats(fake).lost() is True
        assert asyncio.get_running_loop().time() == 10.5 + 10.0 + 4.0 + 1.0
        assert reader.signs == [10.5]

    run(story())


def test_a_pong_that_is_late_but_read_in_the_grace_time_counts() -> None:
    async def story() -> None:
        fake, reader = Fake(4.5), Reader()
        assert await reader.beats(fake).lost() is False
        assert reader.signs == [14.5]

    run(story())


def test_a_message_is_a_sign_of_life_as_well() -> None:
    async def story() -> None:
        fake, reader = Fake(None), Reader()
        asyncio.get_running_loop().call_later(12.0, lambda: setattr(reader, "heard", 1))
        assert await reader.beats(fake).lost() is False
        assert reader.signs == [14.0]

    run(story())


def test_a_client_that_does_not_read_judges_nobody_until_it_reads() -> None:
    async def story() -> None:
        fake, reader = Fake(None), Reader()
        reader.reading = False
        asyncio.get_running_loop().call_later(97.0, lambda: setattr(reader, "reading", True))
        assert await reader.beats(fake).lost() is True
        assert asyncio.get_running_loop().time() == 105.0, "one that has only begun to read gets the whole time"

    run(story())
