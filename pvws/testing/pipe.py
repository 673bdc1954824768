"""A connection as bytes: what has come and isn't used yet, and whether it has ended."""

import asyncio
import time
from collections.abc import Callable

from pvws.testing.target import Target

__all__ = ["Pipe"]


class Pipe(asyncio.Protocol):
    """The bytes of one connection. Nothing of them is lost when the connection breaks, unlike with a StreamReader."""

    def __init__(self) -> None:
        self.received = bytearray()
        """What has come; whoever uses bytes takes them off its front."""
        self.ended = False
        """Whether no more will come."""
        self.was_reset = False
        """Whether that was an abrupt end instead of an orderly one."""
        self.opened_at = time.monotonic()
        """When it was opened, on the clock that is never set back."""
        self.ended_at = self.opened_at
        """And when it ended, once it has."""
        self._transport: asyncio.Transport | None = None
        self._news = asyncio.Event()

    @classmethod
    async def open(cls, target: Target, patience: float) -> "Pipe":
        """Connect, with TLS where the URL says so. Raises OSError or TimeoutError where that fails."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(patience):
            _, pipe = await loop.create_connection(cls, target.host, target.port, ssl=target.tls)
        return pipe

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = transport  # type: ignore[assignment] # uvloop's does not inherit from asyncio.Transport

    def data_received(self, data: bytes) -> None:
        """Keep what comes."""
        self.received += data
        self._news.set()

    def eof_received(self) -> bool:
        """An orderly end; our direction ends with it."""
        self._end()
        return False

    def connection_lost(self, exception: Exception | None) -> None:
        """Any end."""
        self.was_reset = self.was_reset or (exception is not None and not self.ended)
        self._end()

    def write(self, data: bytes) -> None:
        """Send bytes as they are; nothing, once the connection has ended."""
        assert self._transport is not None, "it is written to once it is open"
        if not self._transport.is_closing():
            self._transport.write(data)

    def abort(self) -> None:
        """Drop the connection."""
        if self._transport is not None:
            self._transport.abort()

    async def until(self, satisfied: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is so, the connection has ended, or the time is up; whether it is so.

        `satisfied` is called anew after each arrival, and never again once it has said yes: it may take what it found.
        """
        try:
            async with asyncio.timeout(seconds):
                while not satisfied():
                    if self.ended:
                        return False
                    self._news.clear()
                    await self._news.wait()
                return True
        except TimeoutError:
            return False

    def _end(self) -> None:
        if not self.ended:
            self.ended = True
            self.ended_at = time.monotonic()
        self._news.set()
