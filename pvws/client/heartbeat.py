"""Finds out that a connection is half-open: it stands, but nobody is at the other end."""

import asyncio
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

__all__ = ["HEARTBEAT_S", "HEARTBEAT_TIMEOUT_S", "Heartbeat"]

HEARTBEAT_S = 20.0
"""Between control pings: often enough for the idle timeouts of what may stand between, which begin at 30 s."""

HEARTBEAT_TIMEOUT_S = 20.0
"""For the pong: with the period and the grace time, silence lasts 45 s, less than the documented pong wait of 60 s."""

_GRACE = 0.25  # of the timeout: a loop that stood still has to read first what has come meanwhile


class Heartbeat:
    """Sends a control ping every `period_s` seconds and expects, within `timeout_s`, its pong or anything else.

    Only `reading` clients are judged: while nobody takes what has come, the socket is not read, and a pong may stand
    in it behind the rest. `heard` is how many messages have come; `alive` is called for every sign of life.
    websockets has a keepalive of its own, which takes a reader that is slow for a server that is gone.
    """

    def __init__(
        self,
        connection: ClientConnection,
        period_s: float,
        timeout_s: float,
        *,
        reading: Callable[[], bool],
        heard: Callable[[], int],
        alive: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._period_s = period_s
        self._timeout_s = timeout_s
        self._reading = reading
        self._heard = heard
        self._alive = alive
        self.latency_s: float | None = None
        """From the last ping to its pong, in seconds; None before the first pong."""

    async def lost(self) -> bool:
        """Return True once the connection is half-open, or False when it has ended by itself."""
        try:
            while True:
                await asyncio.sleep(self._period_s)
                heard = self._heard()
                pong = asyncio.ensure_future(await self._connection.ping())
                if not await self._answered(pong, heard):
                    return True
        except ConnectionClosed:
            return False

    async def _answered(self, pong: "asyncio.Future[float]", heard: int) -> bool:
        """Whether there was a sign of life, waited for as long as nobody reads."""
        while True:
            reads = self._reading()
            for wait_s in (self._timeout_s, self._timeout_s * _GRACE):
                await asyncio.wait({pong}, timeout=wait_s)
                if pong.done():
                    self.latency_s = pong.result()
                    self._alive()
                    return True
                if self._heard() != heard:
                    self._alive()
                    return True
            if reads and self._reading():  # and so all the time, for nothing was heard
                return False
