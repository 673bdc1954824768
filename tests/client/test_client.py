import asyncio
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from pvws.client.client import Client
from pvws.client.errors import AuthenticationError
from pvws.client.happenings import Connected, Disconnected, Gap, Happening, Received, Unreached
from pvws.errors import InputError, ReachError
from pvws.wire.messages import Pong
from pvws.wire.topics import TOPICS, Topic

TIME = "2024-01-01T00:00:00.000Z"
PONG = f'{{"type":"pong","timestamp":"{TIME}"}}'
NOWHERE = "ws://127.0.0.1:1/ws"  # port 1 (tcpmux) is privileged and free on every machine we know

Take = Callable[[Client, int], Awaitable[list[Happening]]]


class Hours:
    """A clock that only a sleep moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


def client_of(url: str, hours: Hours, **options: Any) -> Client:
    options = {"chance": lambda: 0.5, "clock": hours.clock, "sleep": hours.sleep, "now": lambda: 12.5} | options
    return Client(url, **options)


async def silence(connection: ServerConnection) -> None: ...


async def test_it_asks_for_each_topic_in_both_profiles_forms(fake_server: Any, take: Take) -> None:
    server = fake_server(lambda connection: connection.send(PONG))
    async with server.run(), client_of(server.url, Hours()) as client:
        connected, received = await take(client, 2)
    assert connected == Connected(server.url, 1)
    assert isinstance(received, Received)
    assert (received.text, received.at, type(received.message)) == (PONG, 12.5, Pong)
    assert server.subscriptions == [[{"type": "subscribe", "topic": topic, "data": topic} for topic in TOPICS]]


async def test_only_the_topics_wanted_are_asked_for(take: Take) -> None:
    asked: asyncio.Queue[Any] = asyncio.Queue()

    async def handle(connection: ServerConnection) -> None:
        async for text in connection:
            asked.put_nowait(text)

    async with serve(handle, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with client_of(f"ws://127.0.0.1:{port}/ws", Hours(), topics=[Topic.ALERTS]) as client:
            await take(client, 1)
            assert await asked.get() == '{"type":"subscribe","topic":"alerts","data":"alerts"}'
    assert asked.empty()


async def test_a_lost_connection_is_made_again_and_all_topics_resubscribed(fake_server: Any, take: Take) -> None:
    async def talk(connection: ServerConnection) -> None:
        if len(server.subscriptions) == 1:
            await connection.close(1001, "going away")
        else:
            await connection.send(PONG)

    server, hours = fake_server(talk), Hours()
    async with server.run(), client_of(server.url, hours) as client:
        happened = await take(client, 4)
    assert happened[:3] == [Connected(server.url, 1), Disconnected(1001, "going away", 0.25), Connected(server.url, 1)]
    assert isinstance(happened[3], Received)
    assert hours.slept == [0.25]
    assert len(server.subscriptions) == 2
    assert server.subscriptions[0] == server.subscriptions[1]


async def test_a_server_that_cuts_at_once_is_asked_less_and_less_often(fake_server: Any, take: Take) -> None:
    server, hours = fake_server(lambda connection: connection.close(1013, "too many")), Hours()
    async with server.run(), client_of(server.url, hours) as client:
        await take(client, 10)
    assert hours.slept == [0.25, 0.5, 1.0, 2.0]


async def test_a_connection_that_stood_for_a_while_makes_waits_short_again(fake_server: Any, take: Take) -> None:
    async def talk(connection: ServerConnection) -> None:
        if len(server.subscriptions) == 3:
            hours.now += 60
        await connection.close(1012)

    server, hours = fake_server(talk), Hours()
    async with server.run(), client_of(server.url, hours) as client:
        await take(client, 7)
    assert hours.slept == [0.25, 0.5, 0.25]


async def test_a_connection_cut_without_a_close_frame_is_told_as_1006(fake_server: Any, take: Take) -> None:
    async def talk(connection: ServerConnection) -> None:
        connection.transport.abort()

    server = fake_server(talk)
    async with server.run(), client_of(server.url, Hours()) as client:
        _, lost = await take(client, 2)
    assert lost == Disconnected(1006, "", 0.25)


async def test_texts_that_are_no_messages_are_kept_and_end_nothing(fake_server: Any, take: Take) -> None:
    async def talk(connection: ServerConnection) -> None:
        for text in ('{"type":"file_renamed"}', "no json", "", b"\xff\xfe", PONG):
            await connection.send(text)

    server = fake_server(talk)
    async with server.run(), client_of(server.url, Hours()) as client:
        _, *received = await take(client, 6)
    texts = [happening.text for happening in received if isinstance(happening, Received)]
    assert texts == ['{"type":"file_renamed"}', "no json", "", "\\xff\\xfe", PONG]
    assert [happening.trouble is not None for happening in received if isinstance(happening, Received)] == [
        True,
        True,
        True,
        True,
        False,
    ]


async def test_joined_messages_are_told_one_by_one_and_others_with_newlines_whole(fake_server: Any, take: Take) -> None:
    spread = PONG.replace(",", ",\n  ")

    async def talk(connection: ServerConnection) -> None:
        await connection.send(f"{PONG}\nbroken\n\n{PONG}\n")
        await connection.send(spread)
        await connection.send("\n")

    server = fake_server(talk)
    async with server.run(), client_of(server.url, Hours()) as client:
        _, *received = await take(client, 6)
    texts = [happening.text for happening in received if isinstance(happening, Received)]
    assert texts == [PONG, "broken", PONG, spread, "\n"]


async def test_a_first_connection_is_tried_for_until_the_server_is_there(fake_server: Any, take: Take) -> None:
    server = fake_server(silence)
    async with server.run():
        pass  # its port is known now, and free again
    async with client_of(server.url, Hours()) as client:
        assert await take(client, 1) == [Unreached(server.url, 1, "connection refused", 0.25)]
        async with server.run():
            assert await take(client, 1) == [Connected(server.url, 2)]


async def test_the_first_patience_ends_with_an_error_that_says_what_to_do() -> None:
    hours = Hours()
    with pytest.raises(ReachError) as caught:
        async with client_of(NOWHERE, hours) as client:
            assert all([isinstance(happening, Unreached) async for happening in client])
    assert sum(hours.slept) == hours.now == 10.0
    assert str(caught.value) == (
        f"{NOWHERE}: could not connect within 10 s: connection refused\n"
        "Is a server running? Start one with: pvws serve, or with something to see: pvws simulate quickstart"
    )
    assert caught.value.exit_code == 3


async def test_a_server_gone_for_good_ends_a_given_patience(fake_server: Any, take: Take) -> None:
    server, hours = fake_server(silence), Hours()
    async with server.run() as running, client_of(server.url, hours, patience_s=3.0) as client:
        assert client.patience_s == 10.0
        await take(client, 1)
        assert client.patience_s == 3.0
        running.close()
        with pytest.raises(ReachError) as caught:
            await take(client, 100)
        with pytest.raises(StopAsyncIteration):
            await anext(client)
    assert hours.now == 3.0
    assert "the connection was lost and could not be made again within 3 s: connection refused" in str(caught.value)


async def test_without_patience_a_lost_server_is_waited_for_for_ever(fake_server: Any, take: Take) -> None:
    server, hours = fake_server(silence), Hours()
    async with server.run() as running, client_of(server.url, hours) as client:
        await take(client, 1)
        running.close()
        happened = await take(client, 200)
    assert isinstance(happened[0], Disconnected)
    assert all(isinstance(happening, Unreached) for happening in happened[1:])
    assert hours.now > 2_000
    assert max(hours.slept) == 15.0  # half of the ceiling, as chance would have it


@pytest.mark.parametrize("status", [HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.OK])
async def test_a_definite_refusal_ends_the_first_connection_at_once(status: HTTPStatus, take: Take) -> None:
    def refuse(connection: ServerConnection, request: Request) -> Response:
        return connection.respond(status, "no\n")

    hours = Hours()
    async with serve(silence, "127.0.0.1", 0, process_request=refuse) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/ws"
        async with client_of(url, hours) as client:
            with pytest.raises(ReachError, match=f"HTTP {status.value}"):
                await take(client, 1)
    assert hours.slept == []


async def test_a_server_that_is_not_ready_yet_is_asked_again(take: Take) -> None:
    answers = [HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.BAD_GATEWAY]

    def refuse(connection: ServerConnection, request: Request) -> Response | None:
        return connection.respond(answers.pop(), "later\n") if answers else None

    async with serve(silence, "127.0.0.1", 0, process_request=refuse) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/ws"
        async with client_of(url, Hours()) as client:
            happened = await take(client, 3)
    assert [type(happening) for happening in happened] == [Unreached, Unreached, Connected]


async def test_without_reconnection_the_iteration_ends_with_the_connection(fake_server: Any) -> None:
    async def talk(connection: ServerConnection) -> None:
        await connection.send(PONG)
        await connection.close(1001)

    server = fake_server(talk)
    async with server.run(), client_of(server.url, Hours(), reconnect=False) as client:
        happened = [happening async for happening in client]
    assert [type(happening) for happening in happened] == [Connected, Received, Disconnected]
    assert happened[-1] == Disconnected(1001, "", None)


async def test_leaving_closes_with_1000_even_while_much_is_unread(fake_server: Any, take: Take) -> None:
    closed = asyncio.get_running_loop().create_future()

    async def talk(connection: ServerConnection) -> None:
        connection.transport.set_write_buffer_limits(2**26)
        for _ in range(2_000):
            await connection.send(PONG * 100)
        await connection.wait_closed()
        closed.set_result(connection.close_code)

    server = fake_server(talk)
    async with server.run():
        async with client_of(server.url, Hours()) as client:
            await take(client, 2)
        assert await asyncio.wait_for(closed, 10) == 1000


async def test_a_close_from_another_task_ends_the_iteration(fake_server: Any) -> None:
    server = fake_server(silence)
    async with server.run(), client_of(server.url, Hours()) as client:
        connected = asyncio.Event()
        happened = []

        async def iterate() -> None:
            async for happening in client:
                happened.append(happening)
                connected.set()

        task = asyncio.ensure_future(iterate())
        await connected.wait()
        await client.close()
        await client.close()
        await asyncio.wait_for(task, 10)
    assert happened == [Connected(server.url, 1)]


async def test_a_close_while_it_waits_for_the_next_try_ends_it_without_one() -> None:
    sleeping, wake = asyncio.Event(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        sleeping.set()
        await wake.wait()

    client = client_of(NOWHERE, Hours(), sleep=sleep)
    assert isinstance(await anext(client), Unreached)
    trying = asyncio.ensure_future(anext(client))
    await sleeping.wait()
    await client.close()
    wake.set()
    with pytest.raises(StopAsyncIteration):
        await trying


async def test_whoever_gives_no_token_in_time_is_a_trouble_like_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pvws.client.client._LAST_TRY_S", 0.01)

    async def token() -> str:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError("it waits for ever")

    asked = asyncio.Event()
    hours = Hours()
    async with client_of(NOWHERE, hours, token=token, patience_first_s=0) as client:
        with pytest.raises(ReachError, match="could not connect within 0 s: no token was given in time"):
            await anext(client)
    assert asked.is_set()


@pytest.mark.parametrize("error", [TimeoutError("mine"), OSError("mine")])
async def test_what_whoever_gives_a_token_raises_comes_as_it_is(error: Exception) -> None:
    def token() -> str:
        raise error

    async with client_of(NOWHERE, Hours(), token=token) as client:
        with pytest.raises(type(error), match="mine"):
            await anext(client)


async def test_one_who_is_cancelled_while_waiting_does_not_count_as_reading(fake_server: Any, take: Take) -> None:
    server = fake_server(silence)
    async with server.run(), client_of(server.url, Hours()) as client:
        await take(client, 1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await anext(client)
        assert client._link is not None
        assert client._link.waiting is False


async def test_it_may_be_cancelled_while_it_waits_and_then_closes_cleanly(fake_server: Any) -> None:
    closed = asyncio.get_running_loop().create_future()
    connected = asyncio.Event()

    async def talk(connection: ServerConnection) -> None:
        connected.set()
        await connection.wait_closed()
        closed.set_result(connection.close_code)

    async def iterate() -> None:
        async with client_of(server.url, Hours()) as client:
            async for _ in client:
                pass

    server = fake_server(talk)
    async with server.run():
        task = asyncio.ensure_future(iterate())
        await connected.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.wait_for(closed, 10) == 1000


async def test_a_message_over_the_bound_closes_with_1009_and_is_survived(
    fake_server: Any, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pvws.client.handshake._RECEIVED_BYTES_MAX", 1_000)
    server = fake_server(lambda connection: connection.send("x" * 1_001))
    async with server.run(), client_of(server.url, Hours()) as client:
        _, lost, again = await take(client, 3)
    assert isinstance(lost, Disconnected)
    assert lost.code == 1009
    assert isinstance(again, Connected)


def told(code: str, **data: int) -> str:
    """An error of the server."""
    return json.dumps({"type": "error", "data": {"code": code, "message": "m"} | data, "timestamp": TIME})


def unless_asked_to(hours: Hours) -> Callable[[float], Awaitable[None]]:
    """Sleeps as they were, but for the quiet minute on a connection: that one does not end before it is over."""

    async def sleep(seconds: float) -> None:
        if seconds == 60.0:
            await asyncio.Event().wait()
        await hours.sleep(seconds)

    return sleep


async def test_a_server_that_says_when_to_come_back_is_not_asked_before(fake_server: Any, take: Take) -> None:
    async def talk(connection: ServerConnection) -> None:
        await connection.send(told("RATE_LIMIT_EXCEEDED", retryAfter=60))
        await connection.close(1013)

    server, hours = fake_server(talk), Hours()
    async with server.run(), client_of(server.url, hours, sleep=unless_asked_to(hours)) as client:
        *_, lost, again = await take(client, 4)
        assert again == Connected(server.url, 1)
    assert isinstance(lost, Disconnected)
    assert lost == Disconnected(1013, "", 60.25)  # and the jitter on top: many may have been told the same
    assert lost.error is not None
    assert lost.error.retry_after == 60
    assert 60.25 in hours.slept


@pytest.mark.parametrize(
    ("header", "waited"), [("7", 7.25), ("Thu, 01 Jan 1970 00:00:22 GMT", 9.75), ("soon", 0.25), ("²", 0.25)]
)
async def test_a_handshake_that_is_put_off_is_not_tried_before(header: str, waited: float, take: Take) -> None:
    def refuse(connection: ServerConnection, request: Request) -> Response:
        response = connection.respond(HTTPStatus.TOO_MANY_REQUESTS, "later\n")
        response.headers["Retry-After"] = header
        return response

    hours = Hours()
    async with serve(silence, "127.0.0.1", 0, process_request=refuse) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/ws"
        async with client_of(url, hours, patience_first_s=100.0) as client:
            (missed,) = await take(client, 1)
    assert isinstance(missed, Unreached)
    assert missed.retry_in == waited
    assert missed.retry_after_s == (None if waited == 0.25 else waited - 0.25)


async def test_a_server_that_asks_for_more_time_than_there_is_ends_it_at_once(fake_server: Any, take: Take) -> None:
    async def talk(connection: ServerConnection) -> None:
        await connection.send(told("RATE_LIMIT_EXCEEDED", retryAfter=60))
        await connection.close(1013)

    server, hours = fake_server(talk), Hours()
    async with server.run(), client_of(server.url, hours, patience_s=10.0, sleep=unless_asked_to(hours)) as client:
        *_, lost = await take(client, 3)
        with pytest.raises(ReachError, match="asks to wait for 60 s, longer than there is patience for"):
            await take(client, 1)
        with pytest.raises(StopAsyncIteration):
            await take(client, 1)
    assert lost == Disconnected(1013, "", None)


async def test_bounds_of_the_waits_may_be_set(fake_server: Any, take: Take) -> None:
    server, hours = fake_server(lambda connection: connection.close(1013)), Hours()
    async with server.run(), client_of(server.url, hours, retry_first_s=4, retry_most_s=10) as client:
        await take(client, 10)
    assert hours.slept == [2.0, 4.0, 5.0, 5.0]


@pytest.mark.parametrize("after", [[], [PONG]])
async def test_a_refused_token_ends_it_unless_something_came_in_between(
    fake_server: Any, take: Take, after: list[str]
) -> None:
    async def talk(connection: ServerConnection) -> None:
        for text in [told("AUTH_FAILED"), *after]:
            await connection.send(text)
        await connection.close(1008)

    server = fake_server(talk)
    async with server.run(), client_of(server.url, Hours(), token="t") as client:
        *_, lost = await take(client, 3 + len(after))
        if after:  # it is 1008 for another reason
            assert lost == Disconnected(1008, "", 0.25)
        else:
            assert lost == Disconnected(1008, "", None)
            with pytest.raises(AuthenticationError):
                await take(client, 1)
    assert len(server.subscriptions) == 1


async def test_topics_change_on_this_connection_and_on_the_next(take: Take) -> None:
    asked: asyncio.Queue[Any] = asyncio.Queue()

    async def handle(connection: ServerConnection) -> None:
        async for text in connection:
            asked.put_nowait(json.loads(text))

    async with serve(handle, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/ws"
        async with client_of(url, Hours(), topics=[Topic.ALERTS]) as client:
            await take(client, 1)
            await client.subscribe(Topic.SYSTEM, Topic.ALERTS)
            await client.unsubscribe(Topic.ALERTS, Topic.PEER_NETWORK)
            said = [await asked.get() for _ in range(3)]
            for connection in server.connections:
                connection.transport.abort()
            await take(client, 1)
            await client.subscribe(Topic.FILE_OPERATIONS)
            await take(client, 1)
            said += [await asked.get() for _ in range(2)]
            assert client.topics == (Topic.SYSTEM, Topic.FILE_OPERATIONS)
    assert [(request["type"], request["topic"]) for request in said] == [
        ("subscribe", "alerts"),
        ("subscribe", "system"),
        ("unsubscribe", "alerts"),
        ("subscribe", "system"),
        ("subscribe", "file_operations"),
    ]


async def test_a_gap_is_told_with_the_next_connection(fake_server: Any, take: Take) -> None:
    server, hours = fake_server(lambda connection: connection.close(1012, "back soon")), Hours()
    async with (
        server.run(),
        client_of(server.url, hours, now=lambda: 100.0 + hours.now) as client,
    ):
        first, lost, again = await take(client, 3)
    assert isinstance(first, Connected)
    assert first.gap is None
    assert isinstance(lost, Disconnected)
    assert (lost.at, lost.lasted_s, lost.cause) == (100.0, 0.0, "closed")
    assert isinstance(again, Connected)
    assert again.gap == Gap(100.0, 100.25, "closed", 1012, "back soon", 1)
    assert again.gap.for_s == 0.25


async def test_a_gap_behind_a_silent_server_begins_with_the_last_sign_of_life(fake_server: Any, take: Take) -> None:
    async def talk(connection: ServerConnection) -> None:
        connection.transport.pause_reading()

    server, times = fake_server(talk), iter([100.0, *[200.0] * 5, *[300.0] * 100])
    async with (
        server.run() as running,
        client_of(server.url, Hours(), now=lambda: next(times), heartbeat_s=0.01, heartbeat_timeout_s=0.01) as client,
    ):
        _, lost, again = await take(client, 3)
        assert isinstance(lost, Disconnected)
        assert (lost.code, lost.cause, lost.at) == (1006, "silent", 200.0)
        assert isinstance(again, Connected)
        assert again.gap is not None
        assert again.gap.began_at == 100.0
        for connection in running.connections:
            connection.transport.abort()


async def test_a_reader_that_stops_for_longer_than_the_heartbeat_keeps_its_connection(
    fake_server: Any, take: Take
) -> None:
    more = asyncio.Event()

    async def talk(connection: ServerConnection) -> None:
        for _ in range(2_000):
            await connection.send(PONG)
        more.set()

    server = fake_server(talk)
    async with (
        server.run(),
        client_of(server.url, Hours(), heartbeat_s=0.01, heartbeat_timeout_s=0.01) as client,
    ):
        await take(client, 10)
        await asyncio.sleep(0.1)  # the cause itself, and no waiting for an effect
        happened = await take(client, 1_991)
        assert {type(happening) for happening in happened} == {Received}
        await more.wait()


async def test_an_application_ping_returns_with_its_pong(fake_server: Any, take: Take) -> None:
    async def talk(connection: ServerConnection) -> None:
        assert await connection.recv() == '{"type":"ping"}'
        await connection.send(f"{PONG}\n{PONG}")  # as the shipped server joins it with something else

    server = fake_server(talk)
    async with server.run(), client_of(server.url, Hours()) as client:
        assert await client.ping() is False
        assert client.latency_s is None
        await take(client, 1)
        pinging = asyncio.ensure_future(client.ping())
        await take(client, 2)
        assert await pinging is True


async def test_a_wrong_url_is_an_input_error_before_anything_is_tried() -> None:
    with pytest.raises(InputError, match="URL: expected a URL like ws://localhost:8083/ws"):
        Client("nonsense://")


@pytest.mark.parametrize(("asked", "offered"), [(None, False), (False, False), (True, True)])
async def test_compression_is_offered_to_a_server_on_this_machine_if_it_is_asked_for(
    asked: bool | None, offered: bool, take: Take
) -> None:
    heads = []

    def look(connection: ServerConnection, request: Request) -> None:
        heads.append(request.headers.get("Sec-WebSocket-Extensions", ""))

    async with serve(silence, "127.0.0.1", 0, process_request=look) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/ws"
        async with client_of(url, Hours(), compression=asked) as client:
            await take(client, 1)
    assert heads[0].startswith("permessage-deflate") is offered


async def test_bytes_that_are_no_frame_end_the_connection_and_not_the_iteration(fake_server: Any, take: Take) -> None:
    async def talk(connection: ServerConnection) -> None:
        connection.transport.write(b"\xff\xff no frame at all")
        connection.transport.close()

    server = fake_server(talk)
    async with server.run(), client_of(server.url, Hours()) as client:
        _, lost, again = await take(client, 3)
    assert isinstance(lost, Disconnected)
    assert lost.code == 1002
    assert isinstance(again, Connected)


async def test_a_proxy_in_the_environment_is_not_used(
    fake_server: Any, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:1")
    server = fake_server(silence)
    async with server.run(), client_of(server.url, Hours()) as client:
        assert await take(client, 1) == [Connected(server.url, 1)]
