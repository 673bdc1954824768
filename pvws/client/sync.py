"""`pvws.connect_sync`: the same connection for code without an event loop."""

import asyncio
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from types import TracebackType
from typing import Any, TypeVar, Unpack

from pvws.client.address import DEFAULT_URL
from pvws.client.changes import Change, State
from pvws.client.connection import PING_TIMEOUT_S, Connection, connect
from pvws.client.errors import ClosedError
from pvws.client.events import Event
from pvws.client.options import Options
from pvws.wire.topics import TOPICS, Topic

__all__ = ["SyncConnection", "connect_sync"]

_T = TypeVar("_T")

_BATCH = 256  # items that are fetched from the loop's thread at once: going there for each would take ten times as long
_CLOSE_TIMEOUT_S = 5.0  # more than the connection takes for its closing handshake
_SLICE_S = 0.2 if os.name == "nt" else 1.0  # of waiting; Windows hears no Ctrl-C within one


def connect_sync(
    url: str = DEFAULT_URL, topics: str | Iterable[str] = TOPICS, **options: Unpack[Options]
) -> "SyncConnection":
    """The events of some topics, across connections, without an event loop of yours:

        with pvws.connect_sync("ws://localhost:8083/ws", topics=["alerts"]) as events:
            for event in events: ...

    A façade of `connect`, with the same arguments and errors: the same code runs on an event loop in a thread.
    `on_change`, and a `token` that is a function, are called in that thread.
    """
    return SyncConnection(url, topics, options)


class _Thread:
    """An event loop in a thread of its own. A daemon: it does not keep a program from ending."""

    def __init__(self) -> None:
        self.loop = _new_loop()
        self._thread = threading.Thread(target=self._run, name="pvws-client", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
            # Whoever still waits for one of these in another thread is told, instead of waiting for ever.
            while left := asyncio.all_tasks(self.loop):
                for task in left:
                    task.cancel()
                self.loop.run_until_complete(asyncio.wait(left))
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        finally:
            self.loop.close()

    @property
    def is_current(self) -> bool:
        """Whether the caller runs in it, where waiting for it would take for ever."""
        return threading.current_thread() is self._thread

    def start(self, story: Coroutine[Any, Any, _T]) -> "Future[_T]":
        """Run a coroutine in it. Raises RuntimeError once it has stopped."""
        try:
            return asyncio.run_coroutine_threadsafe(story, self.loop)
        except RuntimeError:
            story.close()
            raise

    def wait(self, future: "Future[_T]", ends_at: float | None = None) -> _T:
        """Its result. Raises TimeoutError at that moment of the monotonic clock, CancelledError if none will come."""
        while True:
            left = _SLICE_S if ends_at is None else max(0.0, ends_at - time.monotonic())
            try:
                return future.result(min(left, _SLICE_S))
            except TimeoutError:
                if future.done():
                    return future.result()  # it came just now; or the error is its own
                if ends_at is not None and left <= _SLICE_S:
                    raise
                if not self._thread.is_alive():  # it ended between our asking and its hearing it
                    raise CancelledError from None

    def stop(self) -> None:
        """Stop the loop, and wait for the end of the thread."""
        with suppress(RuntimeError):  # it is closed already
            self.loop.call_soon_threadsafe(self.loop.stop)
        if not self.is_current:
            self._thread.join(_CLOSE_TIMEOUT_S)


class SyncConnection:
    """An iterator of events; made by `connect_sync`. Any number of threads may iterate: each event goes to one.

    Everything is as with `Connection`, whose words apply. Up to 256 items are fetched at once; they count as taken.
    Ctrl-C interrupts the waiting and loses nothing: one may go on iterating, or leave. `close` may be called from any
    thread, and ends the iteration in all.
    """

    def __init__(self, url: str, topics: str | Iterable[str], options: Options) -> None:
        self._connection: Connection = connect(url, topics, **options)  # raises for what can't be, before a thread is
        self._thread = _Thread()
        self._taken: deque[Event | Change] = deque()
        self._taking: Future[list[Event | Change]] | None = None
        self._turn = threading.Lock()  # one thread at a time fetches
        self._closed = False
        self._finalizer = weakref.finalize(self, _finish, self._thread, self._connection)

    @property
    def url(self) -> str:
        """The URL for people: a token or password in it is left out."""
        return self._connection.url

    @property
    def state(self) -> State:
        """Where it stands now; what has come before and waits may be older."""
        return self._connection.state

    @property
    def topics(self) -> tuple[Topic, ...]:
        """What is subscribed to, in the order in which it was asked for."""
        return self._connection.topics

    @property
    def dropped(self) -> int:
        """What was dropped so far because it was not taken in time: 0 unless the policy is `drop_oldest`."""
        return self._connection.dropped

    @property
    def waiting(self) -> int:
        """Events and changes that wait to be taken."""
        return self._connection.waiting + len(self._taken)

    @property
    def latency_s(self) -> float | None:
        """From the heartbeat's last ping to its pong, in seconds; None before the first one of a connection."""
        return self._connection.latency_s

    def subscribe(self, *topics: str) -> None:
        """Subscribe to more topics, now and on every later connection. Nothing acknowledges it; see `ping`."""
        self._do(lambda: self._connection.subscribe(*topics))

    def unsubscribe(self, *topics: str) -> None:
        """Subscribe to less. What was on its way, or waits in the buffer, still comes."""
        self._do(lambda: self._connection.unsubscribe(*topics))

    def ping(self, timeout_s: float = PING_TIMEOUT_S) -> float:
        """Ask the server for a pong and give back how long it took, in seconds; see `Connection.ping`."""
        return self._do(lambda: self._connection.ping(timeout_s))

    def receive(self, timeout_s: float | None = None) -> Event:
        """The next event. Raises TimeoutError where none comes in time, and ClosedError at the end."""
        ends_at = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            try:
                item = self._next(ends_at)
            except StopIteration:
                raise ClosedError(self.url) from None
            if type(item) is Event:
                return item

    def everything(self) -> Generator[Event | Change, None, None]:
        """Events and changes in the order in which they came; see `Connection.everything`."""
        while True:
            try:
                yield self._next(None)
            except StopIteration:
                return

    def close(self) -> None:
        """Close the connection with 1000 and end the iteration in every thread. May be called again."""
        self._check_thread()
        self._closed = True
        self._taken.clear()
        self._finalizer()

    def __iter__(self) -> "SyncConnection":
        return self

    def __next__(self) -> Event:
        taken = self._taken
        while True:
            try:
                item = taken.popleft()
            except IndexError:  # also where another thread was quicker
                item = self._next(None)
            if type(item) is Event:
                return item

    def __enter__(self) -> "SyncConnection":
        try:
            self._do(self._connection.__aenter__)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _next(self, ends_at: float | None) -> Event | Change:
        """The next item. One thread fetches, the others wait for their turn; what is fetched is there for all.

        Raises StopIteration at the end, and TimeoutError at that moment of the monotonic clock.
        """
        self._check_thread()
        if not self._turn.acquire(timeout=-1 if ends_at is None else max(0.0, ends_at - time.monotonic())):
            raise TimeoutError
        try:
            while True:
                with suppress(IndexError):  # others take from it without waiting for their turn
                    return self._taken.popleft()
                if self._closed:
                    raise StopIteration
                # One that was interrupted, or was not in time, goes on, and gives its items to the next who asks.
                self._taking = taking = self._taking or self._start(self._connection.take(_BATCH))
                items = self._thread.wait(taking, ends_at)
                self._taking = None
                if not self._closed:
                    self._taken.extend(items)
        except (StopAsyncIteration, CancelledError, ClosedError):
            raise StopIteration from None
        except Exception:
            if self._taking is not None and self._taking.done() and self._taking.exception() is not None:
                self._taking = None  # it is told once; the next who asks gets the end
            raise
        finally:
            self._turn.release()

    def _start(self, story: Coroutine[Any, Any, _T]) -> "Future[_T]":
        try:
            return self._thread.start(story)
        except RuntimeError:
            raise ClosedError(self.url) from None

    def _do(self, make: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """Run a coroutine of the connection to its end, and cancel it when the waiting is interrupted."""
        self._check_thread()
        if self._closed:
            raise ClosedError(self.url)
        doing = self._start(make())
        try:
            return self._thread.wait(doing)
        except CancelledError:
            raise ClosedError(self.url) from None
        except BaseException:
            doing.cancel()
            raise

    def _check_thread(self) -> None:
        if self._thread.is_current:
            raise RuntimeError("on_change and token are called in the loop's thread, which can't wait for itself")


def _finish(thread: _Thread, connection: Connection) -> None:
    """Close the connection and end the thread: on `close`, when nobody holds the twin any more, or at exit."""
    if not thread.is_current:
        with suppress(RuntimeError, TimeoutError, CancelledError):
            thread.start(connection.close()).result(_CLOSE_TIMEOUT_S)
    thread.stop()


def _new_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where it is installed, which is quicker at reading."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
