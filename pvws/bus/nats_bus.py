"""A bus by way of a NATS server with JetStream."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError

from pvws.bus.address import Address
from pvws.bus.bus import Answerer, Beat, TakenError, Taker, UnansweredError
from pvws.bus.connection import Connection, ended, open_connection
from pvws.bus.stream_feed import StreamFeed
from pvws.bus.stream_reader import StreamReader
from pvws.errors import ReachError

__all__ = ["NatsBus"]

_log = logging.getLogger("pvws.bus")

_SOURCE = "source"
_LOOK_S = 1.0  # for a source that is there already


class NatsBus:
    """A `Bus`: one world of a NATS server. `told` is given sentences for a person.

    `await NatsBus.open(…)` makes one.
    """

    def __init__(self, connection: Connection, taken: Callable[[TakenError], None]) -> None:
        self._connection = connection
        self._world = connection.address.world
        self._taken = taken
        self._feed: StreamFeed | None = None
        self._readers: list[StreamReader] = []
        self._doing: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(
        cls,
        address: Address,
        *,
        name: str = "pvws",
        told: Callable[[str], None] = lambda sentence: None,
        taken: Callable[[TakenError], None] = lambda error: None,
        failed: Callable[[ReachError], None] = lambda error: None,
    ) -> "NatsBus":
        """A bus. Raises ReachError that says why there is none. `taken` is called when another source came later,
        `failed` when the server will have no more of us.
        """
        connection = await open_connection(address, name, told, failed)
        try:
            await connection.find_stream()
        except BaseException:
            await connection.close()
            raise
        return cls(connection, taken)

    @property
    def text(self) -> str:
        """Where it is, without a secret."""
        return str(self._connection.address)

    @property
    def room(self) -> int:
        """As many as the server says."""
        return self._connection.client.max_payload

    @property
    def up(self) -> bool:
        """Whether the server is there just now."""
        return self._connection.up

    @property
    def connection(self) -> Connection:
        """What it goes by."""
        return self._connection

    async def lead(self) -> StreamFeed:
        """Be the source."""
        error = TakenError(self._connection.address.shown, self._world)
        try:
            await self.ask(_SOURCE, b"", _LOOK_S)
            raise error
        except UnansweredError:
            pass
        place = (await self._connection.find_stream()).state.last_seq
        self._feed = StreamFeed(self._connection, place, lambda: self._taken(error))
        await self._feed.begin()
        return self._feed

    async def follow(self, after: int | None, take: Taker) -> None:
        """Be given every entry behind a place."""
        reader = StreamReader(self._connection, after, take)
        await reader.begin()
        self._readers.append(reader)

    def tell(self, beat: Beat, content: bytes) -> None:
        """Tell everybody; while the bus is gone nobody hears it."""
        if self._connection.up:
            self._do(self._connection.client.publish(self._subject(beat), content))

    async def listen(self, beat: Beat, heard: Callable[[bytes], None]) -> None:
        """Hear what others tell."""

        async def got(message: Msg) -> None:
            heard(message.data)

        await self._subscribe(beat, got)

    async def ask(self, whom: str, question: bytes, timeout: float) -> bytes:  # noqa: ASYNC109 - see Bus
        """The answer of somebody."""
        if not self._connection.up:  # what waits for the next connection would be done when nobody expects it any more
            raise UnansweredError(whom, timeout)
        try:
            return (await self._connection.client.request(self._subject(f"ask.{whom}"), question, timeout)).data
        except NoRespondersError:
            raise UnansweredError(whom, None) from None
        except (NatsTimeoutError, NatsError, TimeoutError, OSError):
            raise UnansweredError(whom, timeout) from None

    async def answer(self, name: str, handle: Answerer) -> None:
        """Answer what is asked of a name. Questions are answered side by side."""

        async def respond(message: Msg) -> None:
            await message.respond(await handle(message.data))

        async def got(message: Msg) -> None:
            self._do(respond(message))

        await self._subscribe(f"ask.{name}", got)

    async def close(self) -> None:
        """Leave it."""
        for reader in self._readers:
            await reader.close()
        if self._feed is not None:
            await self._feed.close()
        for each in tuple(self._doing):  # who asked is not answered any more
            await ended(each)
        await self._connection.close()

    async def _subscribe(self, what: str, got: Callable[[Msg], Awaitable[None]]) -> None:
        await self._connection.client.subscribe(self._subject(what), cb=got)
        with suppress(NatsError, TimeoutError):  # it is subscribed again with the next connection
            for _ in range(2):  # the first ping may go before what is still to be written, the second is behind it
                await self._connection.client.flush()

    def _subject(self, what: str) -> str:
        return f"pvws.{self._world}.{what}"

    def _do(self, what: Coroutine[Any, Any, None]) -> None:
        doing = asyncio.get_running_loop().create_task(what)
        self._doing.add(doing)
        doing.add_done_callback(self._done)

    def _done(self, doing: "asyncio.Task[None]") -> None:
        self._doing.discard(doing)
        if not doing.cancelled() and (error := doing.exception()) is not None:
            _log.info("the bus did not take something: %s", error)
