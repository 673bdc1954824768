"""`pvws.connect`: the events of a server as an async iterator that outlives its connections."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable
from types import TracebackType
from typing import Unpack

from pvws.client.address import DEFAULT_URL
from pvws.client.buffer import BUFFER_EVENTS, POLICIES, Buffer
from pvws.client.changes import Change, Dropped, Refused, State, state_after
from pvws.client.client import Client
from pvws.client.errors import ClosedError, LostError
from pvws.client.events import Event
from pvws.client.happenings import Connected, Disconnected, Received, Unreached
from pvws.client.options import ClientOptions, Options, check_options
from pvws.client.topics import checked_topics
from pvws.wire.messages import ErrorMessage
from pvws.wire.topics import TOPICS, Topic

__all__ = ["PING_TIMEOUT_S", "Connection", "connect"]

PING_TIMEOUT_S = 10.0
"""For the pong, which comes after every earlier event."""

_ON_PURPOSE = (1000, 1001)  # normal closure, and going away (RFC 6455, section 7.4.1): no loss


def connect(url: str = DEFAULT_URL, topics: str | Iterable[str] = TOPICS, **options: Unpack[Options]) -> "Connection":
    """The events of some topics, across connections:

        async with pvws.connect("ws://localhost:8083/ws", topics=["alerts"]) as events:
            async for event in events: ...

    Entering waits for the first connection. `options` are those of `Options`. Works with documented servers and with
    the shipped one.

    Raises InputError at once for a URL, topic or option that can't be one. Entering raises ReachError where no
    server can be reached, and AuthenticationError where it refuses the token.
    """
    return Connection(url, checked_topics(topics), options)


class Connection:
    """An async iterator of events; made by `connect`. Use it in one event loop; any number of tasks may iterate, and
    each event goes to one of them.

    The iteration outlives connections: it connects and subscribes again. It ends after `close`. Else it raises, behind
    the last event: ReachError when patience ends, AuthenticationError when a token is refused, BufferFullError where
    that is the policy, and without `reconnect` LostError for a connection that did not end by 1000 or 1001.

    Reading goes on in a task of its own, so the connection lives while you do something else, and events wait in a
    bounded buffer.
    """

    def __init__(self, url: str, topics: tuple[Topic, ...], options: Options) -> None:
        check_options(options)
        ours = options.copy()
        size, overflow = ours.pop("buffer", BUFFER_EVENTS), ours.pop("overflow", POLICIES[0])
        self._on_change = ours.pop("on_change", None)
        theirs: ClientOptions = ours
        self._client = Client(url, topics, **theirs)
        # What happened to the connection is rare, and matters more than one event.
        self._buffer: Buffer[Event | Change] = Buffer(size, overflow, keeps=lambda item: type(item) is not Event)
        self._state = State.CONNECTING
        self._settled = asyncio.Event()  # connected for the first time, or never
        self._reached = False
        self._task: asyncio.Task[None] | None = None
        self._dropped_told = 0

    @property
    def url(self) -> str:
        """The URL for people: a token or password in it is left out."""
        return self._client.url

    @property
    def state(self) -> State:
        """Where it stands now; what has come before and waits may be older."""
        return self._state

    @property
    def topics(self) -> tuple[Topic, ...]:
        """What is subscribed to, in the order in which it was asked for."""
        return self._client.topics

    @property
    def dropped(self) -> int:
        """What was dropped so far because it was not taken in time: 0 unless the policy is `drop_oldest`."""
        return self._buffer.dropped

    @property
    def waiting(self) -> int:
        """Events and changes that wait to be taken."""
        return len(self._buffer.items)

    @property
    def latency_s(self) -> float | None:
        """From the heartbeat's last ping to its pong, in seconds; None before the first one of a connection."""
        return self._client.latency_s

    async def subscribe(self, *topics: str) -> None:
        """Subscribe to more topics, now and on every later connection. Nothing acknowledges it; see `ping`.

        Raises InputError for a topic that is none, and ClosedError.
        """
        wanted = checked_topics(topics)
        self._check_open()
        await self._client.subscribe(*wanted)

    async def unsubscribe(self, *topics: str) -> None:
        """Subscribe to less. What was on its way, or waits in the buffer, still comes. Raises as `subscribe` does."""
        gone = checked_topics(topics)
        self._check_open()
        await self._client.unsubscribe(*gone)

    async def ping(self, timeout_s: float = PING_TIMEOUT_S) -> float:
        """Ask the server for a pong and give back how long it took, in seconds.

        A server answers in order: behind it every subscription made before is live, and every event sent before is
        in the buffer. It needs room there, if the policy is `wait`.

        Raises TimeoutError, LostError where there is no connection or it ends first, and ClosedError.
        """
        self._check_open()
        began = time.monotonic()
        async with asyncio.timeout(timeout_s):
            if not await self._client.ping():
                raise LostError(self.url, 1006, "")
        return time.monotonic() - began

    async def everything(self) -> AsyncGenerator[Event | Change, None]:
        """Events and changes in the order in which they came: where in the stream a gap is, and how long it was.

        Of tries that failed one after the other, the last one waits to be told.

        Ends, and raises, as the plain iteration does; whatever either takes the other does not get.
        """
        while True:
            try:
                await self._ready()
            except StopAsyncIteration:
                return
            yield self._take()

    async def take(self, most: int) -> list[Event | Change]:
        """Everything that waits, as far as `most` items of it, as soon as there is one.

        Raises StopAsyncIteration at the end, and what the iteration raises.
        """
        await self._ready()
        taken = [self._take()]
        while len(taken) < most and self._buffer.items:
            taken.append(self._take())
        return taken

    async def _ready(self) -> None:
        self._start()
        await self._buffer.ready()

    def _take(self) -> Event | Change:
        """The first that waits, or before it, and by itself, how many are missing there."""
        items = self._buffer.items
        missing = self._buffer.dropped - self._dropped_told
        if missing and type(items[0]) is Event:  # they stood before the first that is still there
            self._dropped_told += missing
            return Dropped(missing)
        item = items.popleft()
        self._buffer.took()
        return item

    def __aiter__(self) -> "Connection":
        return self

    async def __anext__(self) -> Event:
        buffer = self._buffer
        items = buffer.items
        while True:
            while items:
                item = items.popleft()
                buffer.took()
                if type(item) is Event:
                    return item
            await self._ready()

    async def __aenter__(self) -> "Connection":
        self._check_open()
        self._start()
        try:
            await self._settled.wait()
            if not self._reached:
                self._buffer.items.clear()
                await self._buffer.ready()  # raises why
        except StopAsyncIteration:  # another task has closed it
            raise ClosedError(self.url) from None
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection with 1000 and end the iteration; what waits is forgotten. May be called again."""
        self._buffer.clear()
        self._state = State.CLOSED
        self._settled.set()  # the task may not even have begun
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def _check_open(self) -> None:
        if self._state is State.CLOSED:
            raise ClosedError(self.url)

    def _start(self) -> None:
        if self._task is None and self._state is not State.CLOSED:
            self._task = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        """Read into the buffer until there is nothing more, and leave behind why."""
        failure: Exception | None = None
        try:
            failure = await self._fill()
        except Exception as error:
            failure = error
        finally:
            self._state = State.CLOSED
            self._buffer.end(failure)
            self._settled.set()

    async def _fill(self) -> Exception | None:
        put = self._buffer.put
        last: Change | None = None
        async with self._client as client:
            async for happening in client:
                if isinstance(happening, Received):
                    answer = happening.answer
                    if answer is None:
                        await put(Event(happening))
                    elif isinstance(answer, ErrorMessage):
                        refused = Refused(answer)
                        self._tell(refused)
                        await put(refused)
                else:
                    last = happening
                    self._tell(happening)
                    await self._put_change(happening)
        if isinstance(last, Disconnected) and last.code not in _ON_PURPOSE:
            return LostError(self.url, last.code, last.reason)
        return None

    async def _put_change(self, change: Change) -> None:
        items = self._buffer.items
        match change:
            case Unreached() if items and type(items[-1]) is Unreached:
                items[-1] = change  # it says which try it was; there may be many, and nobody need be there to take them
            case Unreached() if len(items) >= self._buffer.size:
                pass  # the state and the attempts of what follows tell it as well
            case _:
                if type(change) is Connected:
                    self._reached = True
                    self._settled.set()  # before there is room, which whoever enters is about to make
                await self._buffer.put(change)

    def _tell(self, change: Change) -> None:
        self._state = state_after(self._state, change)
        if self._on_change is not None:
            self._on_change(change)
