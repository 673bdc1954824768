"""Requests over asyncio: connections that are kept, with a deadline for each answer."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import suppress
from typing import Any, TypeVar

import h11

from pvws.client.control.address import Place
from pvws.client.control.answering import unreached
from pvws.client.control.exchange import PIECE_BYTES, Answer, Exchange, Request, TooLargeError
from pvws.errors import PvwsError

__all__ = ["IDLE_S_MAX", "Renewal", "Transport"]

_T = TypeVar("_T")

IDLE_S_MAX = 2.0
"""A connection that was idle for longer is not used again: servers close theirs after some seconds (uvicorn: 5), and a
request that meets that can't be told from one that was carried out. What may be asked twice then is."""

_TROUBLES = (OSError, EOFError, ValueError, h11.ProtocolError, TooLargeError)  # a TimeoutError is an OSError


class _Connection:
    def __init__(self, exchange: Exchange, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.exchange = exchange
        self.idle_since = 0.0
        self._reader = reader
        self._writer = writer

    async def drive(self, steps: Generator[bytes | None, bytes, _T]) -> _T:
        try:
            wanted = next(steps)
            while True:
                came = b""
                if wanted is None:
                    came = await self._reader.read(PIECE_BYTES)
                else:
                    self._writer.write(wanted)
                    with suppress(ConnectionError):  # whoever refuses a body may answer before it has read it
                        await self._writer.drain()
                wanted = steps.send(came)
        except StopIteration as done:
            value: _T = done.value
            return value

    def usable(self, now: float) -> bool:
        fresh = now - self.idle_since < IDLE_S_MAX
        return fresh and self.exchange.reusable and not self._reader.at_eof() and not self._writer.is_closing()

    def abort(self) -> None:
        self._writer.transport.abort()


class Transport:
    """Asks one control plane, directly: proxies of the environment have no part in it."""

    def __init__(self, place: Place, token: str | None, timeout_s: float, tls: ssl.SSLContext | None) -> None:
        self.place = place
        self._token = token
        self._timeout_s = timeout_s
        self._tls = tls
        self._idle: list[_Connection] = []
        self._streaming: set[_Connection] = set()

    async def ask(self, request: Request) -> Answer:
        """The answer to a request. Raises ReachError."""
        timeout_s = self._timeout_s + request.waits_s
        try:
            async with asyncio.timeout(timeout_s):
                if (kept := self._kept()) is not None:
                    try:
                        return await self._asked(kept, request)
                    except (EOFError, ConnectionError):  # it was closed while nobody looked
                        if not request.repeatable:
                            raise
                return await self._asked(await self._connected(), request)
        except _TROUBLES as error:
            raise unreached(error, self.place, timeout_s) from None

    async def _asked(self, connection: _Connection, request: Request) -> Answer:
        try:
            answer = await connection.drive(connection.exchange.ask(request))
        except BaseException:
            connection.abort()
            raise
        if connection.exchange.reusable:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)
        else:
            connection.abort()
        return answer

    async def stream(self, request: Request, opened: Callable[[Answer], object]) -> AsyncGenerator[bytes, None]:
        """The pieces of an answer that does not end by itself; `opened` gets its head first. Raises ReachError."""
        connection = None
        try:
            async with asyncio.timeout(self._timeout_s):
                connection = await self._connected()
                self._streaming.add(connection)
                opened(await connection.drive(connection.exchange.ask(request)))
            while (piece := await connection.drive(connection.exchange.more())) is not None:
                yield piece
        except _TROUBLES as error:
            raise unreached(error, self.place, self._timeout_s) from None
        finally:
            if connection is not None:
                self._streaming.discard(connection)
                connection.abort()

    async def close(self) -> None:
        """Close every connection; it may be used again."""
        for connection in (*self._idle, *self._streaming):
            connection.abort()
        self._idle.clear()
        await asyncio.sleep(0)  # a turn of the loop, in which they are closed

    def _kept(self) -> _Connection | None:
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()
            if connection.usable(now):
                return connection
            connection.abort()
        return None

    async def _connected(self) -> _Connection:
        place = self.place
        tls = self._tls
        if place.encrypted and tls is None:
            tls = ssl.create_default_context()
        reader, writer = await asyncio.open_connection(
            place.host, place.port, ssl=tls if place.encrypted else None, limit=PIECE_BYTES
        )
        return _Connection(Exchange(place.authority, place.base, self._token), reader, writer)


class Renewal:
    """Does something again and again, until it is stopped, in a task of its own; what fails is tried again."""

    def __init__(self, renew: Callable[[], Awaitable[Any]], period_s: float) -> None:
        self._task = asyncio.get_running_loop().create_task(self._go(renew, period_s))

    async def _go(self, renew: Callable[[], Awaitable[Any]], period_s: float) -> None:
        while True:
            await asyncio.sleep(period_s)
            with suppress(PvwsError):
                await renew()

    async def stop(self) -> None:
        """Do it no more."""
        self._task.cancel()
        await asyncio.wait({self._task})
