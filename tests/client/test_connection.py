"""The library against our own server, in both profiles, and against servers that fail."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection, serve

import pvws
from pvws.client.happenings import Received
from pvws.errors import InputError, ReachError
from pvws.server.hub import Hub
from pvws.server.listener import Listener
from pvws.server.settings import Auth, Limits, Settings
from pvws.session.access import Grant, Token
from pvws.wire.defaults import default_payload
from pvws.wire.events import EVENT_TYPES, FileDeleted
from pvws.wire.profiles import DOCUMENTED, UPSTREAM, Quirks
from pvws.wire.topics import Topic
from tests.support.served import NOW, Served, served

QUICK: pvws.Options = {"retry_first_s": 0.001, "retry_most_s": 0.01, "heartbeat_s": None, "patience_first_s": 5}
TIME = "2024-01-01T00:00:00.000Z"


@pytest.fixture(autouse=True)
async def no_test_waits_for_ever() -> AsyncIterator[None]:
    async with asyncio.timeout(30):
        yield


def text_of(event_type: str) -> str:
    payload, data = EVENT_TYPES[event_type], default_payload(event_type)
    return msgspec.json.encode({"type": event_type, "topic": payload.topic, "data": data, "timestamp": TIME}).decode()


def publish(server: Served, *types: str) -> None:
    for event_type in types:
        server.publish(EVENT_TYPES[event_type].topic, text_of(event_type))


async def until(condition: Callable[[], object]) -> None:
    """Let the others go on until it holds."""
    while not condition():  # noqa: ASYNC110 - nobody tells it
        await asyncio.sleep(0)


class Restarted:
    """A server of ours that can be stopped and started on the same port."""

    def __init__(self) -> None:
        self.port = 0
        self.server: Served

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    @asynccontextmanager
    async def run(self, settings: Settings = Settings()) -> AsyncIterator[Served]:  # noqa: B008 - immutable
        ids = count()
        listener = Listener(Hub(asyncio.get_running_loop()), lambda: NOW, lambda: f"{next(ids):032x}", settings)
        await listener.start("127.0.0.1", self.port)
        self.port = listener.port
        try:
            yield Served(listener)
        finally:
            await listener.stop()


@pytest.mark.parametrize("quirks", [DOCUMENTED, UPSTREAM], ids=["documented", "upstream"])
async def test_every_event_comes_typed_in_either_profile(quirks: Quirks) -> None:
    async with served(Settings(quirks=quirks)) as server, pvws.connect(server.url, **QUICK) as events:
        await events.ping()
        publish(server, *EVENT_TYPES)  # in the upstream profile they come joined, and cut into frames
        got = [await anext(events) for _ in EVENT_TYPES]
    assert [event.type for event in got] == list(EVENT_TYPES)
    assert [type(event.data) for event in got] == list(EVENT_TYPES.values())
    assert [event.inferred for event in got] == [quirks is UPSTREAM] * len(got)
    assert [event.topic for event in got] == [payload.topic for payload in EVENT_TYPES.values()]


async def test_new_types_and_broken_texts_are_kept_in_their_place() -> None:
    async with served() as server, pvws.connect(server.url, ["alerts"], **QUICK) as events:
        await events.ping()
        for text in ('{"type":"solar_flare","topic":"alerts","data":{"level":9}}', "no json", text_of("storage_alert")):
            server.publish("alerts", text)
        got = [await anext(events) for _ in range(3)]
    assert [event.type for event in got] == ["solar_flare", "", "storage_alert"]
    assert isinstance(got[0].data, pvws.Unknown)
    assert got[0].data.value == {"level": 9}
    assert got[1].text == "no json"


@pytest.mark.parametrize("quirks", [DOCUMENTED, UPSTREAM], ids=["documented", "upstream"])
async def test_topics_change_while_it_is_connected(quirks: Quirks) -> None:
    async with served(Settings(quirks=quirks)) as server, pvws.connect(server.url, "alerts", **QUICK) as events:
        await events.subscribe("system", "alerts")
        await events.unsubscribe("alerts")
        assert events.topics == (Topic.SYSTEM,)
        await events.ping()
        publish(server, "storage_alert", "file_deleted", "system_metrics")
        assert (await anext(events)).type == "system_metrics"
        await events.unsubscribe("system")
        await events.subscribe("file_operations")
        await events.ping()
        publish(server, "system_metrics", "file_deleted")
        assert (await anext(events)).type == "file_deleted"
        assert events.waiting == 0


async def test_a_restart_is_survived_with_the_topics_of_now_and_a_gap_that_is_told() -> None:
    restarted = Restarted()
    changes: list[pvws.Change] = []
    async with restarted.run() as server:
        events = pvws.connect(restarted.url, ["alerts"], on_change=changes.append, **QUICK)
        await events.__aenter__()
        assert events.state is pvws.State.CONNECTED
        await events.ping()
        publish(server, "storage_alert")
        everything = events.everything()
        first = [await anext(everything) for _ in range(2)]
    lost = await anext(everything)
    assert isinstance(lost, pvws.Disconnected)
    assert (lost.code, lost.cause, events.state) == (1001, "closed", pvws.State.RECONNECTING)
    await events.subscribe("system")  # while there is no connection
    await events.unsubscribe("alerts")
    async with restarted.run() as server:
        while not isinstance(again := await anext(everything), pvws.Connected):
            assert isinstance(again, pvws.Unreached)
        await events.ping()
        publish(server, "storage_alert", "system_metrics")
        after = await anext(everything)
        await events.close()
    assert [type(item) for item in first] == [pvws.Connected, pvws.Event]
    assert isinstance(first[0], pvws.Connected)
    assert first[0].gap is None
    assert again.gap is not None
    assert (again.gap.code, again.gap.cause, again.gap.attempts) == (1001, "closed", again.attempt)
    assert again.gap.began_at == lost.at <= again.gap.ended_at
    assert isinstance(after, pvws.Event)
    assert after.type == "system_metrics"
    assert changes == [first[0], lost, *(change for change in changes[2:-1]), again]
    assert events.state is pvws.State.CLOSED
    assert [item async for item in everything] == []


async def test_each_way_to_present_a_token_is_let_in() -> None:
    settings = Settings(auth=Auth(tokens=(Token("s3cret"),)))
    async with served(settings) as server:
        for way in ("header", "query", "message"):
            async with pvws.connect(server.url, token="s3cret", authenticate=way, **QUICK) as events:  # type: ignore[arg-type]
                await events.ping()
                publish(server, "storage_alert")
                assert (await anext(events)).type == "storage_alert"
                assert "s3cret" not in events.url


@pytest.mark.parametrize("reject", ["message", "handshake"])
@pytest.mark.parametrize("options", [{}, {"authenticate": "query"}, {"authenticate": "message"}, {"token": None}])
async def test_a_refused_token_is_presented_once(reject: Any, options: Any) -> None:
    settings = Settings(auth=Auth(tokens=(Token("right"),), reject=reject))
    changes: list[pvws.Change] = []
    async with served(settings) as server:
        with pytest.raises(pvws.AuthenticationError) as caught:
            async with pvws.connect(
                server.url, **({"token": "wrong"} | options), on_change=changes.append, **QUICK
            ) as events:
                async for _ in events:
                    raise AssertionError("nothing may come")
        figures = await server.figures()
    assert figures["total_connections"] <= 1
    assert not any(isinstance(change, pvws.Unreached) for change in changes)
    assert "wrong" not in str(caught.value)


async def test_a_token_that_expires_is_replaced_by_a_fresh_one() -> None:
    real_now = pvws.Timestamp.parse("2100-01-01T00:00:00Z").micros
    tokens = (Token("old", Grant(expires=1)), Token("new", Grant(expires=real_now)))
    given = iter(["old", "new"])
    async with served(Settings(auth=Auth(tokens=tokens))) as server:
        events = pvws.connect(server.url, token=lambda: next(given), **QUICK)
        async with events:
            await until(lambda: events.state is pvws.State.RECONNECTING)
            await until(lambda: events.state is pvws.State.CONNECTED)
            await events.ping()
            publish(server, "storage_alert")
            assert (await anext(events)).type == "storage_alert"


async def test_a_topic_that_a_token_does_not_permit_is_told_and_ends_nothing() -> None:
    settings = Settings(auth=Auth(tokens=(Token("t", Grant(topics=frozenset({Topic.ALERTS}))),)))
    changes: list[pvws.Change] = []
    async with (
        served(settings) as server,
        pvws.connect(server.url, ["system", "alerts"], token="t", on_change=changes.append, **QUICK) as events,
    ):
        await events.ping()
        publish(server, "system_metrics", "storage_alert")
        assert (await anext(events)).type == "storage_alert"
    (refused,) = [change for change in changes if isinstance(change, pvws.Refused)]
    assert refused.error.code is pvws.ErrorCode.AUTH_FAILED


async def test_a_rate_limit_is_waited_for_and_what_went_unheard_is_said_again() -> None:
    limits = Limits(messages_per_second=5, retry_after=1_000_000)
    changes: list[pvws.Change] = []
    async with served(Settings(limits=limits)) as server:
        events = pvws.connect(server.url, on_change=changes.append, **QUICK)
        await events.__aenter__()
        await events.unsubscribe("system")
        await events.unsubscribe("alerts")  # the sixth message in a second: it is not heard
        await until(lambda: any(isinstance(change, pvws.Refused) for change in changes))
        await events.subscribe("system")  # not even said
        await events.ping()  # not before the server listens again
        publish(server, "storage_alert", "system_metrics")
        assert (await anext(events)).type == "system_metrics"
        await events.close()
    (refused,) = [change for change in changes if isinstance(change, pvws.Refused)]
    assert refused.error.retry_after == 1


async def test_waiting_holds_the_server_back_and_loses_nothing() -> None:
    async with served() as server, pvws.connect(server.url, "alerts", buffer=4, **QUICK) as events:
        await events.ping()
        for number in range(1000):
            server.publish("alerts", f"{number}")
        await until(lambda: events.waiting == 4)
        got = []
        for _ in range(1000):
            assert events.waiting <= 4
            got.append(int((await anext(events)).text))
        assert got == list(range(1000))
        assert events.dropped == 0


async def test_dropping_the_oldest_keeps_the_newest_and_says_where_how_many_are_missing() -> None:
    async with (
        served() as server,
        pvws.connect(server.url, "alerts", buffer=10, overflow="drop_oldest", **QUICK) as events,
    ):
        await events.ping()
        for number in range(1000):
            server.publish("alerts", f"{number}")
        await events.ping()
        got = await events.take(100)
        assert isinstance(got[0], pvws.Connected), "what happened to the connection is kept"
        assert got[1] == pvws.Dropped(991)
        assert [item.text for item in got[2:] if isinstance(item, pvws.Event)] == [f"{n}" for n in range(991, 1000)]
        assert events.dropped == 991


async def test_whoever_stops_at_the_news_of_a_loss_loses_no_more_by_it() -> None:
    async with (
        served() as server,
        pvws.connect(server.url, "alerts", buffer=3, overflow="drop_oldest", **QUICK) as events,
    ):
        await events.ping()
        for number in range(10):
            server.publish("alerts", f"{number}")
        await events.ping()
        async for item in events.everything():
            if isinstance(item, pvws.Dropped):
                break
        assert [(await anext(events)).text for _ in range(events.waiting)] == ["8", "9"]


async def test_failing_is_told_behind_what_waits() -> None:
    async with served() as server, pvws.connect(server.url, "alerts", buffer=10, overflow="fail", **QUICK) as events:
        await events.ping()
        for number in range(20):
            server.publish("alerts", f"{number}")
        got = []
        with pytest.raises(pvws.BufferFullError):
            async for event in events:
                if not got:
                    await until(lambda: events.state is pvws.State.CLOSED)
                got.append(event.text)
        assert got == [f"{number}" for number in range(len(got))]
        assert 0 < len(got) <= 10
        assert [event async for event in events] == []
        with pytest.raises(pvws.ClosedError):
            await events.subscribe("system")
        with pytest.raises(pvws.ClosedError):
            await events.ping()


async def test_without_reconnection_a_loss_is_an_error_and_a_farewell_is_not() -> None:
    async def talk(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(text_of("storage_alert"))
        await connection.close(codes.pop())

    codes = [1012, 1000]
    async with serve(talk, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/ws"
        async with pvws.connect(url, "alerts", reconnect=False, **QUICK) as events:
            assert [event.type async for event in events] == ["storage_alert"]
        with pytest.raises(pvws.LostError, match="1012") as caught:
            async with pvws.connect(url, "alerts", reconnect=False, **QUICK) as events:
                async for event in events:
                    assert event.type == "storage_alert"
    assert (caught.value.code, caught.value.reason) == (1012, "")


async def test_a_server_that_is_not_there_is_said_on_entering() -> None:
    options = QUICK | pvws.Options(patience_first_s=0.01)
    with pytest.raises(ReachError, match=r"could not connect within 0\.01 s: connection refused"):
        async with pvws.connect("ws://127.0.0.1:1/ws", **options):
            raise AssertionError("it can't be entered")


async def test_a_server_gone_for_good_ends_the_iteration_after_the_patience_behind_the_last_event() -> None:
    restarted = Restarted()
    async with restarted.run() as server:
        events = pvws.connect(restarted.url, "alerts", patience_s=0.05, **QUICK)
        await events.__aenter__()
        await events.ping()
        publish(server, "storage_alert")
        await events.ping()
    got = []
    with pytest.raises(ReachError, match=r"could not be made again within 0\.05 s"):
        async for event in events:
            got.append(event.type)  # noqa: PERF401 - it is wanted although the iteration raises
    assert got == ["storage_alert"]
    await events.close()


async def test_the_smallest_buffer_does_not_keep_it_from_connecting_and_connecting_again() -> None:
    restarted = Restarted()
    async with restarted.run():
        pass  # its port is known now, and free again
    events = pvws.connect(restarted.url, "alerts", buffer=1, **QUICK)
    entering = asyncio.ensure_future(events.__aenter__())
    await until(lambda: events.waiting)
    for _ in range(2):
        async with restarted.run() as server:
            await entering
            iterating = asyncio.ensure_future(anext(events))
            await until(lambda: events.state is pvws.State.CONNECTED)
            await events.ping()
            publish(server, "storage_alert")
            assert (await iterating).type == "storage_alert"
        await until(lambda: events.state is pvws.State.RECONNECTING)
    await events.close()


async def test_an_iteration_that_was_not_entered_connects_by_itself() -> None:
    async with served() as server:
        events = pvws.connect(server.url, "alerts", **QUICK)
        iterating = asyncio.ensure_future(anext(events))
        await until(lambda: events.state is pvws.State.CONNECTED)
        await events.ping()
        publish(server, "storage_alert")
        assert (await iterating).type == "storage_alert"
        await events.close()


async def test_leaving_closes_with_1000_and_leaves_no_task_and_no_connection() -> None:
    async with served() as server:
        async with pvws.connect(server.url, **QUICK) as events:
            await events.ping()
        await server.until_alone()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert events.state is pvws.State.CLOSED
        await events.close()
        assert [event async for event in events] == []
        with pytest.raises(pvws.ClosedError):
            await events.__aenter__()
        unused = pvws.connect(server.url, **QUICK)
        await unused.close()
        assert [event async for event in unused] == []
        assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("turns", [0, 1, 5])
async def test_a_close_while_it_is_entered_is_told_to_whoever_enters(turns: int) -> None:
    events = pvws.connect("ws://127.0.0.1:1/ws", **QUICK)
    entering = asyncio.ensure_future(events.__aenter__())
    for _ in range(turns):
        await asyncio.sleep(0)
    await events.close()
    with pytest.raises(pvws.ClosedError):
        await entering
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_several_tasks_share_the_events_and_all_learn_of_the_end() -> None:
    async def collect() -> list[str]:
        return [event.text async for event in events]

    async with served() as server, pvws.connect(server.url, "alerts", **QUICK) as events:
        await events.ping()
        collecting = [asyncio.ensure_future(collect()) for _ in range(3)]
        for number in range(100):
            server.publish("alerts", f"{number}")
        await events.ping()
        await asyncio.sleep(0)
        await events.close()
        shares = await asyncio.gather(*collecting)
    assert sorted((text for share in shares for text in share), key=int) == [f"{number}" for number in range(100)]


async def test_a_timeout_around_the_next_event_loses_none() -> None:
    async with served() as server, pvws.connect(server.url, "alerts", **QUICK) as events:
        await events.ping()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await anext(events)
        publish(server, "storage_alert")
        assert (await anext(events)).type == "storage_alert"


async def test_a_listener_for_changes_that_raises_ends_it_with_that() -> None:
    def listen(change: pvws.Change) -> None:
        raise ValueError("mine")

    async with served() as server:
        with pytest.raises(ValueError, match="mine"):
            async with pvws.connect(server.url, on_change=listen, **QUICK):
                raise AssertionError("it can't be entered")
        await server.until_alone()


async def test_a_ping_without_a_connection_or_without_an_answer_is_an_error() -> None:
    async def silence(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with serve(silence, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/ws"
        async with pvws.connect(url, **QUICK) as events:
            with pytest.raises(TimeoutError):
                await events.ping(timeout_s=0.001)
            pinging = asyncio.ensure_future(events.ping())
            await asyncio.sleep(0)
            for connection in server.connections:
                connection.transport.abort()
            with pytest.raises(pvws.LostError):
                await pinging


async def test_round_trips_are_told_in_seconds() -> None:
    async with served() as server, pvws.connect(server.url, **(QUICK | pvws.Options(heartbeat_s=0.001))) as events:
        assert 0 < await events.ping() < 30
        await until(lambda: events.latency_s)
        assert 0 < events.latency_s < 30


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"overflow": "explode"}, "overflow: expected one of wait"),
        ({"retry_first_s": 0}, "retry_first_s: expected seconds, more than 0, got 0"),
        ({"token": ""}, "token: expected a text, got an empty one"),
        ({"url": "http://h/ws"}, "did you mean ws://h/ws?"),
        ({"topics": "alert"}, "did you mean alerts?"),
    ],
)
async def test_what_can_not_be_is_said_before_anything_is_tried(options: Any, said: str) -> None:
    with pytest.raises(InputError) as caught:
        pvws.connect(**options)
    assert said in str(caught.value)


@pytest.mark.timeout(240)  # five seconds, where nobody else is busy
async def test_a_million_events_leave_nothing_behind() -> None:
    joined, times = "\n".join([text_of("file_deleted")] * 1_000), 1_000

    async def talk(connection: ServerConnection) -> None:
        await connection.recv()
        for _ in range(times):
            await connection.send(joined)
        await connection.wait_closed()

    def alive() -> int:
        return sum(type(each) in (pvws.Event, Received, FileDeleted) for each in gc.get_objects())

    async with serve(talk, "127.0.0.1", 0, compression=None) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/ws"
        async with pvws.connect(url, "alerts", **QUICK) as events:
            found = []
            for number in range(1_000 * times):
                event = await anext(events)
                if number % 200_000 == 100_000:
                    assert event.type == "file_deleted"
                    found.append(alive())
            assert events.waiting == 0
    assert max(found) <= 2 * 1024 + 10, "those that wait in the buffer, each with what it was made of"


async def test_a_debug_log_holds_no_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with served(Settings(auth=Auth(tokens=(Token("s3cret"),)))) as server:
        for way in ("header", "query", "message"):
            async with pvws.connect(server.url, token="s3cret", authenticate=way, **QUICK) as events:  # type: ignore[arg-type]
                await events.ping()
    assert "s3cret" not in caplog.text
