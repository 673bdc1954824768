"""Users for Locust that listen to a PeerVault server: `pip install pvws[locust]`.

    from pvws.testing.locust import PeerVaultUser

    class Dashboard(PeerVaultUser):
        topics = ("file_operations", "alerts")

To import it imports Locust, which makes everything that blocks cooperative (gevent); so nothing else in pvws does. What
a user does is `websockets.sync`'s, whose threads and sockets are greenlets then.
"""

import random
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

try:
    import gevent
    from gevent.event import AsyncResult, Event
    from locust import User, constant
    from locust.env import Environment
except ImportError as error:
    raise ImportError("pvws.testing.locust needs Locust: pip install 'pvws[locust]'") from error

import msgspec
from msgspec import UNSET, Struct, UnsetType
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from pvws.client.address import DEFAULT_URL, checked_url, shown_url
from pvws.client.backoff import Backoff, asked_wait_s
from pvws.client.reading import may_be_answer, read_message
from pvws.client.topics import checked_topics
from pvws.client.trouble import trouble_of
from pvws.errors import PvwsError
from pvws.terminal.lateness import Lateness
from pvws.testing.reach import Place, Reach, Reached
from pvws.timestamp import Timestamp
from pvws.wire.messages import ErrorCode, ErrorMessage, Pong
from pvws.wire.topics import TOPICS

__all__ = ["LostError", "MissedError", "PeerVaultUser", "RefusedError"]

_PAUSE_S = 10.0  # between two tasks, where a user says nothing else
_MESSAGE_BYTES_MAX = 16 << 20  # as much as any event may be
_MESSAGES_WAITING = 256  # read from the socket and not yet looked at
_GOODBYE_S = 5.0  # for the server's answer to a close frame, and for what stands before it


class LostError(PvwsError):
    """A connection was lost: the server closed it, or it was cut."""


class MissedError(PvwsError):
    """Others have got an event that this user has not, or everybody had had it already."""


class RefusedError(PvwsError):
    """The server has answered a user by an error."""


class _Envelope(Struct, gc=False):
    """What of an event is looked at."""

    timestamp: str | UnsetType = UNSET
    topic: str | UnsetType = UNSET


_envelope = msgspec.json.Decoder(_Envelope).decode


class _Server:
    """What the users of this process know of one server together."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.lateness = Lateness()
        self.reach = Reach(self._reached)
        self.connected = 0

    def _reached(self, reached: Reached) -> None:
        trouble = f"missed by {reached.missed} of {reached.of} users" if reached.missed else None
        _fire(
            self._environment,
            "reach",
            reached.topic,
            reached.spread_s,
            MissedError(trouble) if trouble else None,
            0,
            {},
        )


class PeerVaultUser(User):
    """One client: it connects, subscribes to `topics`, takes what comes, and comes back when the connection is lost.

    `host` is the server's URL, `ws://localhost:8083/ws` if nothing is said; of several, with commas between, each user
    takes the next. Locust's `--host` counts before it.

    Locust's statistics have a row for each type and name:

    - `connect`, by server: a handshake, until it was answered; `lose`: a connection that was lost, always a failure.
    - `subscribe`, `unsubscribe`, by topics: with a ping behind, until its pong. `ping`, by server: the same alone.
    - `receive`, by topic: an event that this user got, and how late; or a failure, where only others got it.
    - `reach`, by topic: an event, and the time from the first user of this process who got it to the last; a failure,
      where one has missed it.
    - `error`, by code: what the server answered, always a failure.

    Lateness is by how much longer than the promptest an event took, by its timestamp: the server's clock may be any
    that goes as fast as ours; where it does not, `receive` has no times (docs/load-testing-with-locust.md).
    """

    abstract = True
    wait_time = constant(_PAUSE_S)

    topics: Sequence[str] = TOPICS
    """What it subscribes to first."""
    token: str | None = None
    """Presented with each connection, as `Authorization: Bearer …`."""
    reconnect: bool = True
    """Whether it comes back: exponential backoff with full jitter, from `retry_first_s` to `retry_most_s`."""
    retry_first_s: float = 0.5
    retry_most_s: float = 30.0
    open_timeout_s: float = 10.0
    """How long a handshake may take, and a pong."""
    compression: str | None = None
    """`"deflate"` offers it; it costs a swarm more than the network that it saves."""

    _servers: ClassVar["WeakKeyDictionary[Environment, dict[str, _Server]]"] = WeakKeyDictionary()
    _count: ClassVar[int] = 0

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        own = [task for task in cls.tasks if task is not _listen]
        cls.tasks = own or [_listen]

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        urls = [checked_url(url.strip(), "host") for url in (self.host or DEFAULT_URL).split(",")]
        self.url = urls[PeerVaultUser._count % len(urls)]
        """The server of this user."""
        PeerVaultUser._count += 1
        self.wanted = list(checked_topics(self.topics))
        """The topics that it is subscribed to, or will be as soon as it is connected."""
        self.received = 0
        """How many events it got."""
        parts = urlsplit(self.url)
        self._name = shown_url(self.url)
        servers = PeerVaultUser._servers.setdefault(environment, {})
        key = f"{parts.netloc}{parts.path}?{parts.query}"
        self._server = servers.setdefault(key, _Server(environment))
        self._connection: ClientConnection | None = None
        self._places: dict[str, Place] = {}
        self._pings: deque[AsyncResult] = deque()
        self._ready = Event()
        self._asked_at: float | None = None  # when the goodbye was said
        self._answered_at: float | None = None  # the same, once it is answered
        self._quiet_until = 0.0
        self._life: Any = None

    # What a task can do

    def on_event(self, text: str) -> None:
        """An event has come. Nothing is done with it here: yours may, but as long as it takes nothing else is read."""

    def subscribe(self, *topics: str) -> None:
        """Subscribe, and return when it holds; where the connection is lost meanwhile, it is done with the next one."""
        new = [topic for topic in checked_topics(topics) if topic not in self.wanted]
        self.wanted += new
        self._ask("subscribe", new)

    def unsubscribe(self, *topics: str) -> None:
        """Unsubscribe, and return when it holds: nothing of these topics comes any more."""
        gone = [topic for topic in checked_topics(topics) if topic in self.wanted]
        self.wanted = [topic for topic in self.wanted if topic not in gone]
        asked_at = time.monotonic()
        if self._ask("unsubscribe", gone):
            for topic in gone:
                self._leave(topic, asked_at)

    def ping(self) -> float | None:
        """Ask for a pong: seconds until it came, behind all that was sent before. None: the connection is lost."""
        began = time.monotonic()
        trouble = self._answered()
        took_s = time.monotonic() - began
        self._tell("ping", self._name, took_s, trouble)
        return None if trouble else took_s

    def send(self, message: dict[str, Any]) -> None:
        """Send any message, right or wrong, if connected; what the server answers is told as `error`."""
        self._write(msgspec.json.encode(message).decode())

    # Its life

    def on_start(self) -> None:
        """Connect, and begin to listen. Returns when the first subscriptions hold."""
        self._life = gevent.spawn(self._live)
        self._ready.wait()

    def on_stop(self) -> None:
        """Say goodbye, and take what was sent before the answer."""
        self._asked_at = time.monotonic()
        self.reconnect = False
        self._ready.set()
        if self._connection is not None:
            self._connection.close()
        if self._life is not None:
            self._life.join(_GOODBYE_S)
            self._life.kill()

    def _live(self) -> None:
        backoff = Backoff(random.random, first_s=self.retry_first_s, most_s=self.retry_most_s)
        while self._asked_at is None:
            wait_s = self._connect()
            if self._connection is not None:
                asking = gevent.spawn(self._begin)
                self._read(self._connection, backoff)
                self._hear_no_more()
                asking.join()
                self._over()
                wait_s = max(0.0, self._quiet_until - time.monotonic())
            if not self.reconnect or wait_s is None:
                self._ready.set()
                return
            gevent.sleep(max(wait_s, backoff.next_s()))

    def _connect(self) -> float | None:
        """Try once. How long the server wants to be left alone; None: for ever."""
        began = time.monotonic()
        try:
            self._connection = connect(
                self.url,
                additional_headers={"Authorization": f"Bearer {self.token}"} if self.token else {},
                compression=self.compression,
                open_timeout=self.open_timeout_s,
                close_timeout=_GOODBYE_S,
                ping_interval=None,
                max_size=_MESSAGE_BYTES_MAX,
                max_queue=_MESSAGES_WAITING,
                proxy=None,
            )
        except (OSError, InvalidHandshake, ValueError) as error:
            trouble = trouble_of(error, self.url, now=time.time())
            self._tell("connect", self._name, time.monotonic() - began, LostError(trouble.what))
            return None if trouble.refused else trouble.retry_after_s or 0.0
        self._tell("connect", self._name, time.monotonic() - began)
        self._server.connected += 1
        return 0.0

    def _begin(self) -> None:
        self._ask("subscribe", self.wanted)
        self._ready.set()

    def _read(self, connection: ClientConnection, backoff: Backoff) -> None:
        try:
            while True:
                text = connection.recv()
                backoff.reset()
                if isinstance(text, str):
                    # The shipped server joins messages with newlines under load (contract, "Two profiles").
                    for each in text.split("\n") if "\n" in text else (text,):
                        self._take(each)
        except ConnectionClosed as closed:
            frame = closed.rcvd
            if self._asked_at is not None:
                self._answered_at = self._asked_at if frame else None
            else:
                said = "it was cut" if frame is None else f"closed with {frame.code} {frame.reason}".rstrip()
                self._tell("lose", self._name, None, LostError(said))

    def _hear_no_more(self) -> None:
        """The connection has ended: nobody waits for a pong any longer."""
        self._connection = None
        while self._pings:
            self._pings.popleft().set(False)

    def _over(self) -> None:
        for topic in list(self._places):
            self._leave(topic, self._answered_at)
        server = self._server
        server.connected -= 1
        if not server.connected:
            server.lateness.begin_anew()  # whatever serves there next may have another clock

    # What comes

    def _take(self, text: str) -> None:
        if may_be_answer(text):
            message, _ = read_message(text)
            if isinstance(message, Pong):
                if self._pings:
                    self._pings.popleft().set(True)
                return
            if isinstance(message, ErrorMessage):
                self._refused(message)
                return
        now = time.monotonic()
        self.received += 1
        topic, late_s = "?", None
        with suppress(msgspec.DecodeError, ValueError):
            envelope = _envelope(text)
            topic = envelope.topic or "?"
            if envelope.timestamp:
                late_s = self._late_s(Timestamp.parse(envelope.timestamp))
        place = self._places.get(topic)
        if place is None:
            place = self._places[topic] = self._server.reach.join(topic)
        took = place.took(text, now)
        again = MissedError("it had come already") if took.again else None
        self._tell("receive", topic, late_s, again, len(text))
        self._missed(topic, took.missed)
        self.on_event(text)

    def _late_s(self, timestamp: Timestamp) -> float | None:
        lateness = self._server.lateness
        lateness.saw(timestamp.micros, time.time())
        return lateness.latest

    def _missed(self, topic: str, count: int) -> None:
        for _ in range(count):
            self._tell("receive", topic, None, MissedError("others have got it"))

    def _refused(self, message: ErrorMessage) -> None:
        self._tell("error", message.code, None, RefusedError(message.message))
        if message.retry_after is not None:
            self._quiet_until = time.monotonic() + asked_wait_s(message.retry_after)
        if message.code == ErrorCode.AUTH_FAILED:
            self.reconnect = False

    def _leave(self, topic: str, asked_at: float | None) -> None:
        if (place := self._places.pop(topic, None)) is not None:
            self._missed(topic, place.leave(asked_at))

    # What is asked

    def _ask(self, kind: str, topics: Sequence[str]) -> bool:
        """Subscribe or unsubscribe, in both profiles' forms at once, and wait until it holds."""
        if not topics or self._connection is None:
            return False
        began = time.monotonic()
        for topic in topics:
            self.send({"type": kind, "topic": topic, "data": topic})
        trouble = self._answered()
        self._tell(kind, ", ".join(topics), time.monotonic() - began, trouble)
        return trouble is None

    def _answered(self) -> LostError | None:
        """A pong has come, and so everything that was sent before it; or why not."""
        answered = AsyncResult()
        self._pings.append(answered)
        if not self._write('{"type":"ping"}'):
            self._pings.remove(answered)
            return LostError("not connected")
        try:
            return None if answered.get(timeout=self.open_timeout_s) else LostError("the connection was lost")
        except gevent.Timeout:
            return LostError("no pong in time")

    def _write(self, text: str) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.send(text)
        except ConnectionClosed:
            return False
        return True

    def _tell(
        self, kind: str, name: str, took_s: float | None, trouble: Exception | None = None, length: int = 0
    ) -> None:
        _fire(self.environment, kind, name, took_s, trouble, length, self.context())


def _listen(user: PeerVaultUser) -> None:
    """What a user does that has no task: it has everything come to it."""


def _fire(
    environment: Environment,
    kind: str,
    name: str,
    took_s: float | None,
    trouble: Exception | None,
    length: int,
    context: dict[str, Any],
) -> None:
    """Put a request into Locust's statistics. Its times are milliseconds."""
    environment.events.request.fire(  # type: ignore[no-untyped-call]
        request_type=kind,
        name=name,
        response_time=None if took_s is None else took_s * 1000,
        response_length=length,
        exception=trouble,
        context=context,
    )
