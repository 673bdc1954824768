"""One connection, once its handshake is done: what is asked on it, what the server answers, and whether it lives."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Coroutine
from contextlib import suppress

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConcurrencyError, ConnectionClosed

from pvws.client.backoff import asked_wait_s
from pvws.client.heartbeat import Heartbeat
from pvws.wire.codec import encode_client_message
from pvws.wire.messages import ErrorMessage, Ping, Pong
from pvws.wire.topics import TOPICS, Topic

__all__ = ["Link"]

_PING = encode_client_message(Ping()).decode()


class Link:
    """Asks for topics in both profiles' forms, and holds its tongue for as long as the server says.

    Read it by `receive`, one reader at a time, with `waiting` true around the call; give every answer
    to `heed`. After `ConnectionClosed`, `last_error` and `silent` say why.
    """

    def __init__(
        self,
        connection: ClientConnection,
        wanted: Callable[[], Collection[Topic]],
        *,
        sleep: Callable[[float], Awaitable[None]],
        clock: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        self.connection = connection
        self.receive = connection.recv
        self.waiting = False
        """Whether the reader waits for the next message, having taken all that came."""
        self.count = 0
        """Messages that the reader has taken."""
        self.silent = False
        """Whether it was cut because the server answered no ping."""
        self.alive_at = now()
        """The last known sign of life, in seconds since the epoch; looked at once a heartbeat."""
        self.quiet_until = 0.0
        """By the clock: until then the server does not listen (`retryAfter`)."""
        self.retry_after_s: float | None = None
        """What it asked for last."""
        self._wanted = wanted
        self._sleep = sleep
        self._clock = clock
        self._now = now
        self._error: tuple[int, ErrorMessage] | None = None
        self._pings: deque[asyncio.Future[bool]] = deque()
        self._heartbeat: Heartbeat | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._catching_up: asyncio.Task[None] | None = None

    @property
    def latency_s(self) -> float | None:
        """From the heartbeat's last ping to its pong."""
        return None if self._heartbeat is None else self._heartbeat.latency_s

    @property
    def last_error(self) -> ErrorMessage | None:
        """The error that was the last message before the end; None where something came after it."""
        return self._error[1] if self._error is not None and self._error[0] == self.count else None

    async def begin(self, auth: str | None) -> None:
        """Present the token, if that is done by a message, and ask for all topics wanted."""
        with suppress(ConnectionClosed):  # then the next message is the news of it
            if auth is not None:
                await self.connection.send(auth)
            for topic in tuple(self._wanted()):
                if topic in self._wanted():  # still
                    await self.connection.send(_request("subscribe", topic))

    def watch(self, period_s: float, timeout_s: float) -> None:
        """Begin the heartbeat; a connection that is half-open is cut."""
        self._heartbeat = Heartbeat(
            self.connection,
            period_s,
            timeout_s,
            reading=lambda: self.waiting,
            heard=lambda: self.count,
            alive=self._lives,
        )
        self._spawn(self._beat(self._heartbeat))

    def _lives(self) -> None:
        self.alive_at = self._now()

    async def _beat(self, heartbeat: Heartbeat) -> None:
        if await heartbeat.lost():
            self.silent = True
            self.connection.transport.abort()

    async def ask(self, kind: str, topics: Collection[Topic]) -> None:
        """Subscribe or unsubscribe; later, where the server has asked for quiet."""
        if self._clock() < self.quiet_until:
            return  # all that is wanted then is asked for when it listens again
        with suppress(ConnectionClosed):
            for topic in topics:
                await self.connection.send(_request(kind, topic))

    async def ping(self) -> bool:
        """Send an application ping and return True when its pong has been read: all that was asked before is done then.

        False if the connection ends first.
        """
        if self._catching_up is not None:
            await asyncio.wait({self._catching_up})
        answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        # It stays there even if nobody waits for it any more: pongs come in the order of the pings.
        self._pings.append(answered)
        try:
            await self.connection.send(_PING)
        except ConnectionClosed:
            return False
        return await answered

    def heed(self, answer: Pong | ErrorMessage) -> None:
        """Do what an answer to us says."""
        match answer:
            case Pong():
                if self._pings and not (answered := self._pings.popleft()).done():
                    answered.set_result(True)
            case ErrorMessage():
                self._error = self.count, answer
                if answer.retry_after is not None:
                    self._hold(asked_wait_s(answer.retry_after))

    def _hold(self, retry_after_s: float) -> None:
        """Say nothing for so long. What was said shortly before may not have been heard, so it is said again then."""
        self.retry_after_s = retry_after_s
        self.quiet_until = max(self.quiet_until, self._clock() + retry_after_s)
        if self._catching_up is None:
            self._catching_up = self._spawn(self._catch_up())

    async def _catch_up(self) -> None:
        while (left := self.quiet_until - self._clock()) > 0:
            await self._sleep(left)
        self._catching_up = None
        wanted = self._wanted()
        await self.ask("subscribe", tuple(wanted))
        await self.ask("unsubscribe", [topic for topic in TOPICS if topic not in wanted])
        # What was answered was answered before the server asked for quiet, so the other pings were not heard either.
        self._pings = deque(answered for answered in self._pings if not answered.done())
        with suppress(ConnectionClosed):
            for _ in tuple(self._pings):
                await self.connection.send(_PING)

    def _spawn(self, story: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(story)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def over(self) -> None:
        """The connection has ended: nothing more is done on it, and whoever waits for a pong learns it."""
        for task in self._tasks:
            task.cancel()
        while self._pings:
            if not (answered := self._pings.popleft()).done():
                answered.set_result(False)

    async def close(self) -> None:
        """Close with 1000, reading it empty meanwhile: the answer to our close frame stands behind what is unread."""
        self.over()
        closing = asyncio.ensure_future(self.connection.close())
        try:
            with suppress(ConnectionClosed, ConcurrencyError):  # somebody else may be reading it
                while True:
                    await self.connection.recv()
            await closing
        except asyncio.CancelledError:
            closing.cancel()
            self.connection.transport.abort()
            raise


def _request(kind: str, topic: Topic) -> str:
    """The request for a topic in both profiles' forms at once (contract, "Two profiles").

    Made here and not by the codec, which writes the documented form alone: only a client that doesn't know which
    kind of server it will meet needs both.
    """
    return msgspec.json.encode({"type": kind, "topic": topic, "data": topic}).decode()
