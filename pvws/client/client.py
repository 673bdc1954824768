"""The client: one subscription that outlives its connections."""

import asyncio
import random
import ssl
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, WebSocketException

from pvws.client.address import checked_url, is_encrypted, is_on_this_machine, shown_url
from pvws.client.authentication import Credentials, TokenSource, Way
from pvws.client.backoff import Backoff
from pvws.client.handshake import ANSWER_TIMEOUT_S, open_connection
from pvws.client.happenings import Cause, Connected, Disconnected, Gap, Happening, Received, Unreached
from pvws.client.heartbeat import HEARTBEAT_S, HEARTBEAT_TIMEOUT_S
from pvws.client.link import Link
from pvws.client.options import check_times
from pvws.client.tap import Tap, tapped
from pvws.client.trouble import Trouble, trouble_of
from pvws.errors import InputError, Problem, PvwsError, ReachError
from pvws.wire.messages import ErrorCode
from pvws.wire.topics import TOPICS, Topic

__all__ = ["PATIENCE_FIRST_S", "RETRY_FIRST_S", "RETRY_MOST_S", "Client"]

PATIENCE_FIRST_S = 10.0
"""How long a first connection is tried for: two terminals can start in either order."""

RETRY_FIRST_S = 0.5
"""The first ceiling of a wait: a server that restarts needs about that long."""

RETRY_MOST_S = 30.0
"""The last ceiling: a server that is gone is asked twice a minute or more."""

_STEADY_S = 5.0  # a connection that stood that long was a success; one that is cut at once must not be hammered
_LAST_TRY_S = 1.0  # what the one that is made when patience ends gets all the same
_POLICY_VIOLATION = 1008  # what a refused token is closed with (contract, "Authentication")


class Client:
    """Everything a server says about some topics, across connections.

    Enter it, then iterate over it, once, in one task:

        async with Client("ws://localhost:8083/ws", [Topic.ALERTS]) as client:
            async for happening in client: ...

    Tells of `Connected` (its topics are subscribed again each time), `Received` for each message, `Disconnected`
    when a connection is lost, and `Unreached` for each try that failed. The first connection is tried for for
    `patience_first_s`, then ReachError; at once where the server refuses for good (HTTP 4xx). A later one is tried
    for for `patience_s` seconds, then ReachError; None for either means for ever. Without `reconnect` the iteration
    ends with the first connection. It also ends, with no more to come, after `close`. Leaving the `async with` closes.

    Waits between tries are drawn evenly below a ceiling that doubles from `retry_first_s` to `retry_most_s`. What a
    server asks for (`retryAfter`, or `Retry-After` of a handshake that it refuses) comes before that; if there is not
    as much patience, that is a ReachError at once. While a connection stands, nothing is sent until then.

    `token` is presented with each connection the way that `authenticate` says; a function is asked each time. A token
    that is refused is not presented again: after `Disconnected` comes AuthenticationError, a ReachError.

    A control ping is sent every `heartbeat_s` seconds (None: never), and a connection on which for
    `heartbeat_timeout_s` nothing answers is cut: `Disconnected` with the cause `silent`.

    A text that is no message of the contract is told like any other and never ends the stream. Messages that the
    real server joined by newlines are told one by one.

    Backpressure: what has come and is not iterated over is kept, up to 256 frames and what one read of the socket
    adds; then the socket is not read, and the server's policy for slow consumers decides. Nothing is dropped here.

    A proxy from the environment is never used: it would stand between a test and what it tests.

    `compression` is offered or not; None offers it to servers on other machines: inflating costs more than half as
    much again as all the rest, and a loopback interface has bandwidth enough. `tls` is the context of a wss://
    connection; without it the system's authorities are trusted. `tap` makes what listens to the bytes of each.

    Raises InputError for a URL, topic or option that can't be one. `chance`, `sleep`, `clock` (seconds, never set
    back) and `now` (seconds since the epoch) are the machine's; tests put their own in.
    """

    def __init__(
        self,
        url: str,
        topics: Iterable[Topic] = TOPICS,
        *,
        token: TokenSource | None = None,
        authenticate: Way = "header",
        patience_first_s: float | None = PATIENCE_FIRST_S,
        patience_s: float | None = None,
        reconnect: bool = True,
        retry_first_s: float = RETRY_FIRST_S,
        retry_most_s: float = RETRY_MOST_S,
        heartbeat_s: float | None = HEARTBEAT_S,
        heartbeat_timeout_s: float = HEARTBEAT_TIMEOUT_S,
        compression: bool | None = None,
        tls: ssl.SSLContext | None = None,
        tap: Callable[[], Tap] | None = None,
        chance: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._url = checked_url(url)
        self.url = shown_url(url)
        """The URL for people: a token or password in it is left out."""
        check_times(
            patience_first_s=patience_first_s,
            patience_s=patience_s,
            retry_first_s=retry_first_s,
            retry_most_s=retry_most_s,
            heartbeat_s=heartbeat_s,
            heartbeat_timeout_s=heartbeat_timeout_s,
        )
        self._topics = dict.fromkeys(topics)  # in the order in which they were asked for
        self._credentials = Credentials(self._url, token, authenticate)
        self._patience_first_s = patience_first_s
        self._patience_later_s = patience_s
        self._reconnect = reconnect
        self._heartbeat = None if heartbeat_s is None else (heartbeat_s, heartbeat_timeout_s)
        self._compression = not is_on_this_machine(self._url) if compression is None else compression
        self._tls = _tls_context(self._url, tls)
        self._connection_type = ClientConnection if tap is None else tapped(tap)
        self._chance = chance
        self._sleep = sleep
        self._clock = clock
        self._now = now

        self._link: Link | None = None
        self._joined: deque[str] = deque()  # messages that came joined and are still to be told
        self._ended = False
        self._failure: PvwsError | None = None  # what the next step of the iteration raises
        self._reached = False  # ever
        self._retry_bounds = retry_first_s, retry_most_s
        # Before the first connection somebody is looking on, so waits stay short.
        self._backoff = Backoff(chance, first_s=retry_first_s, most_s=retry_first_s)
        self._since = 0.0  # when the connection was made or, while there is none, since when one is sought
        self._attempt = 0
        self._retry_in = 0.0
        self._lost_since: tuple[float, Disconnected] | None = None  # from when on something may be missed, and why

    @property
    def patience_s(self) -> float | None:
        """How long a connection is tried for now: a first one or a later one, None for ever."""
        return self._patience_later_s if self._reached else self._patience_first_s

    @property
    def topics(self) -> tuple[Topic, ...]:
        """What is subscribed to, now and by each later connection, in the order in which it was asked for."""
        return tuple(self._topics)

    @property
    def latency_s(self) -> float | None:
        """From the heartbeat's last ping to its pong, in seconds; None before the first one of a connection."""
        return None if self._link is None else self._link.latency_s

    async def subscribe(self, *topics: Topic) -> None:
        """Subscribe to more topics, on this connection if there is one and on every later one.

        Nothing acknowledges it; `ping` tells when it is done. While the server has asked for quiet it is put off.
        """
        new = [topic for topic in topics if topic not in self._topics]
        self._topics.update(dict.fromkeys(new))
        if self._link is not None and new:
            await self._link.ask("subscribe", new)

    async def unsubscribe(self, *topics: Topic) -> None:
        """Subscribe to less, in the same way. What is on its way may still come."""
        gone = [topic for topic in topics if topic in self._topics]
        for topic in gone:
            del self._topics[topic]
        if self._link is not None and gone:
            await self._link.ask("unsubscribe", gone)

    async def ping(self) -> bool:
        """Send an application ping and return once its pong was iterated over: everything asked before is done then.

        Somebody has to iterate meanwhile. False where there is no connection, or it ends first.
        """
        return self._link is not None and await self._link.ping()

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
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    def __aiter__(self) -> "Client":
        return self

    async def __anext__(self) -> Happening:
        if self._joined:
            return self._received(self._joined.popleft())
        link = self._link
        if link is None:
            return await self._try()
        link.waiting = True
        try:
            text = await link.receive()
        except ConnectionClosed as error:
            if self._ended:
                raise StopAsyncIteration from None
            return self._lost(link, error)
        finally:
            link.waiting = False  # also where whoever waited was cancelled
        link.count += 1
        if isinstance(text, bytes):
            # The contract's server sends no binary messages; one that isn't UTF-8 is still told, as well as it can be.
            text = text.decode(errors="backslashreplace")
        if "\n" in text and len(pieces := _pieces(text)) > 1:
            self._joined.extend(pieces)
            text = self._joined.popleft()
        return self._received(text)

    def _received(self, text: str) -> Received:
        received = Received(text, self._now())
        if (answer := received.answer) is not None and self._link is not None:
            self._link.heed(answer)
        return received

    async def _try(self) -> Connected | Unreached:
        """One try to connect, after the wait that the last one's failure has earned."""
        if self._failure is not None and not self._ended:
            self._ended = True
            raise self._failure
        if self._ended:
            raise StopAsyncIteration
        if self._retry_in:
            await self._sleep(self._retry_in)
            self._retry_in = 0.0
            if self._ended:  # by another task
                raise StopAsyncIteration
        self._attempt += 1
        try:
            async with asyncio.timeout(self._patience_left()) as limit:
                presented = await self._credentials.present()
        except PvwsError:
            self._ended = True
            raise
        except TimeoutError:
            if not limit.expired():  # it is of whoever was asked for a token
                raise
            return self._failed(Trouble("no token was given in time", "The function that gives it takes too long."))
        left = self._patience_left()
        timeout_s = ANSWER_TIMEOUT_S if left is None else min(left, ANSWER_TIMEOUT_S)
        try:
            connection = await open_connection(
                presented,
                timeout_s=timeout_s,
                compression=self._compression,
                tls=self._tls,
                connection_type=self._connection_type,
            )
        except (OSError, ValueError, WebSocketException) as error:
            return self._failed(trouble_of(error, self._url, now=self._now()))
        return await self._made(connection, presented.message)

    async def _made(self, connection: ClientConnection, auth: str | None) -> Connected:
        self._link = link = Link(connection, lambda: self._topics, sleep=self._sleep, clock=self._clock, now=self._now)
        if self._ended:  # by another task, while the handshake was under way
            await self.close()
            raise StopAsyncIteration
        await link.begin(auth)
        if self._heartbeat is not None:
            link.watch(*self._heartbeat)
        if not self._reached:
            self._reached = True
            first_s, most_s = self._retry_bounds
            self._backoff = Backoff(self._chance, first_s=first_s, most_s=most_s)
        self._since = self._clock()
        attempt, self._attempt = self._attempt, 0
        return Connected(self.url, attempt, self._gap(attempt))

    def _gap(self, attempts: int) -> Gap | None:
        if self._lost_since is None:
            return None
        began_at, loss = self._lost_since
        return Gap(began_at, self._now(), loss.cause, loss.code, loss.reason, attempts)

    def _patience_left(self) -> float | None:
        patience_s = self.patience_s
        return None if patience_s is None else max(patience_s - (self._clock() - self._since), _LAST_TRY_S)

    def _failed(self, trouble: Trouble) -> Unreached:
        """What to tell of a try that failed; raises ReachError if it was the last."""
        if trouble.refused and (failure := self._credentials.refused(trouble.what)) is not None:
            self._ended = True
            raise failure
        if trouble.definite and not trouble.refused and not self._reached:
            self._ended = True
            raise ReachError(self.url, trouble.what, trouble.advice)
        self._retry_in = self._next_retry(trouble)
        return Unreached(self.url, self._attempt, trouble.what, self._retry_in, trouble.retry_after_s)

    def _next_retry(self, trouble: Trouble) -> float:
        asked_s = trouble.retry_after_s or 0.0
        retry_in = asked_s + self._backoff.next_s()
        patience_s = self.patience_s
        if patience_s is None:
            return retry_in
        left = patience_s - (self._clock() - self._since)
        if left <= 0:
            self._ended = True
            lost = "the connection was lost and could not be made again" if self._reached else "could not connect"
            raise ReachError(self.url, f"{lost} within {patience_s:g} s: {trouble.what}", trouble.advice)
        if asked_s > left:
            self._ended = True
            raise self._impatient(asked_s, trouble.what)
        return min(retry_in, left)

    def _impatient(self, asked_s: float, what: str) -> ReachError:
        return ReachError(self.url, f"{what}, and asks to wait for {asked_s:g} s, longer than there is patience for")

    def _lost(self, link: Link, error: ConnectionClosed) -> Disconnected:
        self._link = None
        link.over()
        at, now = self._clock(), self._now()
        if at - self._since >= _STEADY_S:
            self._backoff.reset()
            self._credentials.accepted()
        close = error.rcvd or error.sent
        code, reason = (1006, "") if close is None else (close.code, close.reason)
        cause: Cause = "silent" if link.silent else "cut" if close is None else "closed"
        error_before = link.last_error
        failed = error_before is not None and error_before.code is ErrorCode.AUTH_FAILED
        self._plan(link, at, refused=failed and code == _POLICY_VIOLATION)
        retry_in = None if self._failure is not None or not self._reconnect else self._retry_in
        lost = Disconnected(code, reason, retry_in, cause, error_before, now, at - self._since)
        self._lost_since = link.alive_at if link.silent else now, lost
        self._since = at
        return lost

    def _plan(self, link: Link, at: float, *, refused: bool) -> None:
        """What comes after a lost connection: another one, after a wait, or the end."""
        if not self._reconnect:
            self._ended = True
            return
        if refused and (failure := self._credentials.refused()) is not None:
            self._failure = failure
            return
        asked_s = max(0.0, link.quiet_until - at)
        patience_s = self._patience_later_s
        self._retry_in = asked_s + self._backoff.next_s()
        if patience_s is not None:
            if asked_s > patience_s:
                self._failure = self._impatient(asked_s, "the server has closed the connection")
            self._retry_in = min(self._retry_in, patience_s)


def _tls_context(url: str, given: ssl.SSLContext | None) -> ssl.SSLContext | None:
    """What to connect with: of a wss:// URL the context that is given, or one that trusts the system's authorities.

    Raises InputError for a context that would never be used, since whoever gives one believes to be protected.
    """
    if is_encrypted(url):
        return given or ssl.create_default_context()
    if given is not None:
        raise InputError(Problem("tls", "a wss:// URL to go with it", f'"{shown_url(url)}"'))
    return None


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
