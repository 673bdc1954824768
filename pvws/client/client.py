"""The client: one subscription that outlives its connections."""

import asyncio
import logging
import random
import ssl
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from types import TracebackType

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConcurrencyError, ConnectionClosed, WebSocketException

from pvws.client.address import checked_url, shown_url
from pvws.client.backoff import Backoff
from pvws.client.happenings import Connected, Disconnected, Happening, Received, Unreached
from pvws.client.trouble import Trouble, trouble_of
from pvws.errors import ReachError
from pvws.wire.topics import TOPICS, Topic

__all__ = ["PATIENCE_FIRST_S", "Client"]

PATIENCE_FIRST_S = 10.0
"""How long a first connection is tried for: two terminals can start in either order."""

_RECEIVED_BYTES_MAX = 16 * 1_048_576  # the real server joins up to 256 queued events; ours are below 64 KiB each
_QUEUE_FRAMES_MAX = 256  # keeps a loop of 200,000 messages/s busy; past it the socket is not read
_ANSWER_TIMEOUT_S = 10.0  # for TCP, TLS and the handshake's answer; the server on this machine needs milliseconds
_CLOSE_TIMEOUT_S = 2.0  # for the answer to our close frame; a person waits for it, after Ctrl-C
_PING_PERIOD_S = 20.0  # of the control pings that find a half-open connection out
_PONG_WAIT_S = 40.0  # so that silence lasts at most the documented pong wait, 60 s
_FIRST_RETRY_S_MAX = 0.5  # before the first connection somebody is looking on
_RETRY_S_FIRST = 0.5  # a server that restarts needs about that long
_RETRY_S_MAX = 30.0  # a server that is gone is asked twice a minute or more
_STEADY_S = 5.0  # a connection that stood that long was a success; one that is cut at once must not be hammered

# A handler of its own that does nothing: with none at all, logging would write websockets' tracebacks to stderr.
_logger = logging.getLogger("pvws.client.websockets")
_logger.addHandler(logging.NullHandler())


class Client:
    """Everything a server says about some topics, across connections.

    Enter it, then iterate over it, once, in one task:

        async with Client("ws://localhost:8083/ws", [Topic.ALERTS]) as client:
            async for happening in client: ...

    Tells of `Connected` (its topics are subscribed again each time), `Received` for each message, `Disconnected`
    when a connection is lost, and `Unreached` for each try that failed. The first connection is tried for for
    `patience_first_s`, then ReachError; at once where the server refuses for good (HTTP 4xx). A later one is tried
    for for `patience_s` seconds, then ReachError; None means for ever. Without `reconnect` the iteration ends with
    the first connection. It also ends, with no more to come, after `close`. Leaving the `async with` closes.

    A text that is no message of the contract is told like any other and never ends the stream. Messages that the
    real server joined by newlines are told one by one.

    Backpressure: what has come and is not iterated over is kept, up to 256 frames and what one read of the socket
    adds; then the socket is not read, and the server's policy for slow consumers decides. Nothing is dropped here.

    A proxy from the environment is never used: it would stand between a test and what it tests.

    `tls` is the context of a wss:// connection; without it the system's authorities are trusted.

    Raises InputError for a URL that can't be one. `chance`, `sleep`, `clock` (seconds, never set back) and `now`
    (seconds since the epoch) are the machine's; tests put their own in.
    """

    def __init__(
        self,
        url: str,
        topics: Sequence[Topic] = TOPICS,
        *,
        patience_first_s: float = PATIENCE_FIRST_S,
        patience_s: float | None = None,
        reconnect: bool = True,
        tls: ssl.SSLContext | None = None,
        chance: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._url = checked_url(url)
        self.url = shown_url(url)
        """The URL for people: a token or password in it is left out."""
        self._subscriptions = [_subscription(topic) for topic in topics]
        self._patience_first_s = patience_first_s
        self._patience_later_s = patience_s
        self._reconnect = reconnect
        self._tls = tls
        self._chance = chance
        self._sleep = sleep
        self._clock = clock
        self._now = now

        self._connection: ClientConnection | None = None
        self._joined: deque[str] = deque()  # messages that came joined and are still to be told
        self._ended = False
        self._reached = False  # ever
        self._backoff = Backoff(chance, first_s=_FIRST_RETRY_S_MAX, most_s=_FIRST_RETRY_S_MAX)
        self._since = 0.0  # when the connection was made or, while there is none, since when one is sought
        self._attempt = 0
        self._retry_in = 0.0

    @property
    def patience_s(self) -> float | None:
        """How long a connection is tried for now: a first one or a later one, None for ever."""
        return self._patience_later_s if self._reached else self._patience_first_s

    async def __aenter__(self) -> "Client":
        self._since = self._clock()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection with 1000 and end the iteration. May be called again, and from another task."""
        self._ended = True
        connection, self._connection = self._connection, None
        if connection is not None:
            await _close(connection)

    def __aiter__(self) -> "Client":
        return self

    async def __anext__(self) -> Happening:
        if self._joined:
            return Received(self._joined.popleft(), self._now())
        if self._connection is None:
            return await self._try()
        try:
            text = await self._connection.recv()
        except ConnectionClosed as error:
            if self._ended:
                raise StopAsyncIteration from None
            return self._lost(error)
        if isinstance(text, bytes):
            # The contract's server sends no binary messages; one that isn't UTF-8 is still told, as well as it can be.
            text = text.decode(errors="backslashreplace")
        if "\n" in text and len(pieces := _pieces(text)) > 1:
            self._joined.extend(pieces[1:])
            text = pieces[0]
        return Received(text, self._now())

    async def _try(self) -> Connected | Unreached:
        """One try to connect, after the wait that the last one's failure has earned."""
        if self._ended:
            raise StopAsyncIteration
        if self._retry_in:
            await self._sleep(self._retry_in)
            self._retry_in = 0.0
        self._attempt += 1
        try:
            connection = await self._connect()
        except (OSError, ValueError, WebSocketException) as error:
            return self._failed(trouble_of(error, self._url))
        return await self._made(connection)

    async def _made(self, connection: ClientConnection) -> Connected:
        self._connection = connection
        if self._ended:  # by another task, while the handshake was under way
            await self.close()
            raise StopAsyncIteration
        with suppress(ConnectionClosed):  # then the next message is the news of it
            for subscription in self._subscriptions:
                await connection.send(subscription)
        if not self._reached:
            self._reached = True
            self._backoff = Backoff(self._chance, first_s=_RETRY_S_FIRST, most_s=_RETRY_S_MAX)
        self._since = self._clock()
        attempt, self._attempt = self._attempt, 0
        return Connected(self.url, attempt)

    async def _connect(self) -> ClientConnection:
        return await connect(
            self._url,
            proxy=None,
            ssl=self._tls,
            open_timeout=_ANSWER_TIMEOUT_S if (left := self._patience_left()) is None else min(left, _ANSWER_TIMEOUT_S),
            ping_interval=_PING_PERIOD_S,
            ping_timeout=_PONG_WAIT_S,
            close_timeout=_CLOSE_TIMEOUT_S,
            max_size=_RECEIVED_BYTES_MAX,
            max_queue=_QUEUE_FRAMES_MAX,
            logger=_logger,
        )

    def _patience_left(self) -> float | None:
        patience_s = self.patience_s
        # The last try, made when patience ends, gets a moment all the same.
        return None if patience_s is None else max(patience_s - (self._clock() - self._since), 1.0)

    def _failed(self, trouble: Trouble) -> Unreached:
        """What to tell of a try that failed; raises ReachError if it was the last."""
        if trouble.definite and not self._reached:
            self._ended = True
            raise ReachError(self.url, trouble.what, trouble.advice)
        self._retry_in = self._next_retry(trouble)
        return Unreached(self.url, self._attempt, trouble.what, self._retry_in)

    def _next_retry(self, trouble: Trouble) -> float:
        retry_in = self._backoff.next_s()
        patience_s = self.patience_s
        if patience_s is None:
            return retry_in
        left = patience_s - (self._clock() - self._since)
        if left <= 0:
            self._ended = True
            lost = "the connection was lost and could not be made again" if self._reached else "could not connect"
            raise ReachError(self.url, f"{lost} within {patience_s:g} s: {trouble.what}", trouble.advice)
        return min(retry_in, left)

    def _lost(self, error: ConnectionClosed) -> Disconnected:
        self._connection = None
        at = self._clock()
        if at - self._since >= _STEADY_S:
            self._backoff.reset()
        self._since = at
        close = error.rcvd or error.sent
        code, reason = (1006, "") if close is None else (close.code, close.reason)
        if not self._reconnect:
            self._ended = True
            return Disconnected(code, reason, None)
        self._retry_in = self._backoff.next_s()
        if self._patience_later_s is not None:
            self._retry_in = min(self._retry_in, self._patience_later_s)
        return Disconnected(code, reason, self._retry_in)


async def _close(connection: ClientConnection) -> None:
    """Close it, and read it empty meanwhile: the answer to our close frame stands behind what is still unread."""
    closing = asyncio.ensure_future(connection.close())
    try:
        with suppress(ConnectionClosed, ConcurrencyError):  # somebody else may be reading it
            while True:
                await connection.recv()
        await closing
    except asyncio.CancelledError:
        closing.cancel()
        connection.transport.abort()
        raise


def _subscription(topic: Topic) -> str:
    """The request for a topic in both profiles' forms at once (contract, "Two profiles").

    Made here and not by the codec, which writes the documented form alone: only a client that doesn't know which
    kind of server it will meet needs both.
    """
    return msgspec.json.encode({"type": "subscribe", "topic": topic, "data": topic}).decode()


def _pieces(text: str) -> list[str]:
    """The messages in a text with newlines: several if the first line is a whole one, else the text as it is.

    The real server joins what is queued; JSON may also contain newlines between its parts.
    """
    lines = [line for line in text.split("\n") if line and not line.isspace()]
    try:
        msgspec.json.decode(lines[0] if lines else "")
    except (msgspec.DecodeError, RecursionError):
        return [text]
    return lines
