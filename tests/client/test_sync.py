"""The twin without an event loop, against our own server in another process or in this one."""

import asyncio
import gc
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

import pvws
from pvws.client import sync
from pvws.server.settings import Auth, Settings
from pvws.session.access import Token
from tests.support.served import Served, served

QUICK: pvws.Options = {"retry_first_s": 0.001, "retry_most_s": 0.01, "heartbeat_s": None, "patience_first_s": 5}


class Beside:
    """A server of ours on an event loop in another thread."""

    def __init__(self, server: Served, loop: asyncio.AbstractEventLoop) -> None:
        self.server = server
        self.url = server.url
        self._loop = loop

    def publish(self, *texts: str) -> None:
        """Publish texts on the topic `alerts`, all in one turn of the loop."""

        async def publishing() -> None:
            for text in texts:
                self.server.publish("alerts", text)

        asyncio.run_coroutine_threadsafe(publishing(), self._loop).result(10)

    def alone(self) -> None:
        """Return once no connection is left."""
        asyncio.run_coroutine_threadsafe(self.server.until_alone(), self._loop).result(10)


@contextmanager
def beside(settings: Settings = Settings()) -> Iterator[Beside]:  # noqa: B008 - immutable
    found: list[Beside] = []
    ready, over = threading.Event(), asyncio.Event()

    async def serving() -> None:
        async with served(settings) as server:
            found.append(Beside(server, asyncio.get_running_loop()))
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serving()))
    thread.start()
    ready.wait(10)
    try:
        yield found[0]
    finally:
        found[0]._loop.call_soon_threadsafe(over.set)
        thread.join(10)
    assert not thread.is_alive()


def client_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "pvws-client"]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    assert not client_threads()


def test_events_come_as_from_the_asynchronous_one() -> None:
    with beside() as server, pvws.connect_sync(server.url, "alerts", **QUICK) as events:
        assert events.state is pvws.State.CONNECTED
        assert events.topics == (pvws.Topic.ALERTS,)
        assert 0 < events.ping() < 10
        server.publish(*(f"{number}" for number in range(1_000)))
        assert [next(events).text for _ in range(1_000)] == [f"{number}" for number in range(1_000)]
        assert (events.waiting, events.dropped, events.latency_s) == (0, 0, None)
        assert events.url == server.url
    assert events.state is pvws.State.CLOSED


def test_topics_change_and_changes_are_told_in_their_place() -> None:
    with beside() as server, pvws.connect_sync(server.url, "system", **QUICK) as events:
        events.subscribe("alerts")
        events.unsubscribe("system")
        events.ping()
        server.publish("1")
        everything = events.everything()
        assert isinstance(next(everything), pvws.Connected)
        event = next(everything)
        assert isinstance(event, pvws.Event)
        assert event.text == "1"
        events.close()
        assert list(everything) == []
        server.alone()


def test_waiting_for_an_event_may_have_an_end_and_loses_nothing() -> None:
    with beside() as server, pvws.connect_sync(server.url, "alerts", **QUICK) as events:
        events.ping()
        for timeout_s in (0.0, 0.01):
            with pytest.raises(TimeoutError):
                events.receive(timeout_s)
        server.publish("1", "2")
        assert events.receive(10).text == "1"
        assert events.receive().text == "2"


@pytest.mark.parametrize("way", ["header", "query", "message"])
def test_errors_are_those_of_the_asynchronous_one(way: Any) -> None:
    with beside(Settings(auth=Auth(tokens=(Token("right"),)))) as server:
        refused = pvws.connect_sync(server.url, token="wrong", authenticate=way, **QUICK)
        with pytest.raises(pvws.AuthenticationError), refused as events:
            for _ in events:
                raise AssertionError("nothing may come")
        with pvws.connect_sync(server.url, token="right", authenticate=way, **QUICK) as events:
            events.ping()
    with pytest.raises(pvws.ReachError):
        pvws.connect_sync("ws://127.0.0.1:1/ws", **(QUICK | pvws.Options(patience_first_s=0.01))).__enter__()
    with pytest.raises(pvws.InputError):
        pvws.connect_sync("nonsense")


def test_the_end_comes_once_as_an_error_and_then_as_an_end() -> None:
    with beside() as server:
        events = pvws.connect_sync(server.url, reconnect=False, **QUICK)
        assert events.__enter__() is events
        for connection in tuple(server.server.listener._connections):
            server._loop.call_soon_threadsafe(connection._transport.abort)  # type: ignore[attr-defined]
        with pytest.raises(pvws.LostError):
            next(events)
        assert list(events) == []
        with pytest.raises(pvws.ClosedError):
            events.receive()
        events.close()


def test_threads_share_the_events_and_a_close_ends_them_all() -> None:
    with beside() as server, ThreadPoolExecutor(4) as pool:
        events = pvws.connect_sync(server.url, "alerts", **QUICK)
        events.__enter__()
        events.ping()
        seen: list[str] = []
        complete = threading.Event()

        def collect() -> None:
            for event in events:
                seen.append(event.text)
                if len(seen) == 5_000:
                    complete.set()

        collecting = [pool.submit(collect) for _ in range(4)]
        for start in range(0, 5_000, 500):
            server.publish(*(f"{number}" for number in range(start, start + 500)))
        assert complete.wait(20)
        events.close()
        for future in collecting:
            future.result(10)
        assert sorted(seen, key=int) == [f"{number}" for number in range(5_000)]
        with pytest.raises(pvws.ClosedError):
            events.subscribe("system")
        with pytest.raises(pvws.ClosedError):
            events.ping()
        events.close()


def test_several_may_be_used_at_once() -> None:
    with beside() as server:
        one, two = (pvws.connect_sync(server.url, "alerts", **QUICK) for _ in range(2))
        with one, two:
            assert len(client_threads()) == 2
            for events in (one, two):
                events.ping()
            server.publish("1")
            assert [events.receive(10).text for events in (one, two)] == ["1", "1"]


def test_one_that_nobody_holds_any_more_ends_its_thread() -> None:
    with beside() as server:
        events = pvws.connect_sync(server.url, "alerts", **QUICK)
        events.__enter__()
        assert client_threads()
        del events
        gc.collect()
        assert not client_threads()
        server.alone()


def test_its_own_thread_can_not_wait_for_itself() -> None:
    caught: list[BaseException] = []

    def listen(change: pvws.Change) -> None:
        try:
            events.subscribe("system")
        except RuntimeError as error:
            caught.append(error)

    with beside() as server:
        events = pvws.connect_sync(server.url, "alerts", on_change=listen, **QUICK)
        with events:
            pass
    assert "can't wait for itself" in str(caught[0])


def test_without_uvloop_it_is_asyncios_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    with beside() as server, pvws.connect_sync(server.url, "alerts", **QUICK) as events:
        assert type(events._thread.loop).__module__.startswith("asyncio")
        assert events.ping() > 0


def test_waiting_in_slices_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "_SLICE_S", 0.001)
    with beside() as server, pvws.connect_sync(server.url, "alerts", **QUICK) as events:
        events.ping()
        with pytest.raises(TimeoutError):
            events.receive(0.01)
        threading.Timer(0.02, server.publish, ["1"]).start()
        assert events.receive(10).text == "1"


class Late(Future[int]):
    """Its result comes when somebody has just stopped waiting for it, before he looks whether it is there."""

    def result(self, timeout: float | None = None) -> int:
        if not self.done():
            self.set_result(7)
            raise TimeoutError
        return super().result(timeout)


def test_what_comes_between_two_slices_of_waiting_is_no_timeout() -> None:
    thread = sync._Thread()
    try:
        assert thread.wait(Late()) == 7
    finally:
        thread.stop()


def test_a_thread_that_ends_meanwhile_lets_nobody_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "_SLICE_S", 0.001)
    with beside() as server:
        events = pvws.connect_sync(server.url, "alerts", **QUICK)
        events.__enter__()
        never: Future[list[Any]] = Future()
        events._taking = never
        threading.Timer(0.02, events.close).start()
        assert list(events) == []


def run(code: str, url: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code), url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ctrl_c_interrupts_the_waiting_closes_cleanly_and_leaves_no_trace() -> None:
    code = """
        import sys, pvws
        try:
            with pvws.connect_sync(sys.argv[1], "alerts") as events:
                events.ping()
                try:
                    print("waiting", flush=True)
                    next(events)
                except KeyboardInterrupt:
                    print("interrupted", flush=True)
                for event in events:
                    print(event.text, flush=True)
        except KeyboardInterrupt:
            print("left", events.state, flush=True)
        """
    with beside() as server:
        process = run(code, server.url)
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        server.publish("1", "2")
        assert [process.stdout.readline() for _ in range(2)] == ["1\n", "2\n"]
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=20)
        assert (out, errors, process.returncode) == ("left closed\n", "", 0)
        server.alone()


def test_a_program_that_forgets_to_close_still_ends_and_says_goodbye() -> None:
    code = """
        import sys, pvws
        events = pvws.connect_sync(sys.argv[1], "alerts")
        events.__enter__()
        print(events.ping() > 0)
        """
    with beside() as server:
        out, errors = run(code, server.url).communicate(timeout=20)
        assert (out, errors) == ("True\n", "")
        server.alone()
