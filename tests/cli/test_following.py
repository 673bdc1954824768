import asyncio
import os
import pty
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from pvws.cli.following import JsonView, LogView, Reasons, follow
from pvws.cli.run import Stop
from pvws.cli.views import Looks
from pvws.client.client import Client
from pvws.client.happenings import Connected, Disconnected, Gap, Happening, Received, Unreached
from pvws.errors import PvwsError, ReachError
from pvws.expression.expression import Expression
from pvws.terminal.selection import Selection

PONG = '{"type":"pong","timestamp":"2024-01-01T00:00:00.000Z"}'
LINE = "00:00:00.000  server           pong"
NOWHERE = "ws://127.0.0.1:1/ws"

Talk = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def server(talk: Talk) -> AsyncIterator[str]:
    async def handle(connection: ServerConnection) -> None:
        await talk(connection)
        await connection.wait_closed()

    async with asyncio.timeout(20), serve(handle, "127.0.0.1", 0) as running:
        yield f"ws://127.0.0.1:{next(iter(running.sockets)).getsockname()[1]}/ws"


async def three_pongs(connection: ServerConnection) -> None:
    for _ in range(3):
        await connection.send(PONG)


async def test_it_leaves_after_so_many_messages_and_says_what_it_saw(tmp_path: Path) -> None:
    told: list[str] = []
    moments = iter([100.0, 102.0, 102.0])
    with (tmp_path / "out").open("w") as stream:
        async with server(three_pongs) as url:
            view = LogView(stream, looks=Looks(zone=UTC))
            code = await follow(
                Client(url), view, Stop(), Reasons(count=2), tell=told.append, now=lambda: next(moments)
            )
    assert code == 0
    assert (tmp_path / "out").read_text() == f"{LINE}\n{LINE}\n"
    assert told == [f"connected to {url}", told[1]]
    assert told[1].startswith("2 messages in 2s (1.0/s)\n  pongs            2\n  late by          ")


async def test_it_leaves_after_so_long_from_the_first_connection(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as stream:
        async with server(three_pongs) as url:
            assert await follow(Client(url), JsonView(stream), Stop(), Reasons(for_s=0.2), tell=lambda _: None) == 0
    assert (tmp_path / "out").read_text() == f"{PONG}\n" * 3


async def test_a_wish_to_stop_ends_it_with_the_exit_code_of_the_wish(tmp_path: Path) -> None:
    stop = Stop()
    closed = asyncio.get_running_loop().create_future()

    async def talk(connection: ServerConnection) -> None:
        await three_pongs(connection)
        await connection.wait_closed()
        closed.set_result(connection.close_code)

    def tell(text: str) -> None:
        asyncio.get_running_loop().call_later(0.05, stop.request, 130)

    with (tmp_path / "out").open("w") as stream:
        async with server(talk) as url:
            assert await follow(Client(url), JsonView(stream), stop, tell=tell) == 130
            assert await closed == 1000


async def test_it_ends_with_a_client_that_does_not_connect_again(tmp_path: Path) -> None:
    async def talk(connection: ServerConnection) -> None:
        await three_pongs(connection)
        await connection.close(1001, "\x1b[31mbye")

    told: list[str] = []
    with (tmp_path / "out").open("w") as stream:
        async with server(talk) as url:
            assert await follow(Client(url, reconnect=False), JsonView(stream), Stop(), tell=told.append) == 0
    assert (tmp_path / "out").read_text() == f"{PONG}\n" * 3
    assert told[1] == "the server has closed the connection (1001 \\x1b[31mbye)"
    assert told[2].startswith("3 messages in ")
    assert "gap" not in told[2], "nothing is missed behind a goodbye"


async def test_reconnections_are_told_and_counted(tmp_path: Path) -> None:
    told: list[str] = []
    with (tmp_path / "out").open("w") as stream:

        async def talk(connection: ServerConnection) -> None:
            await connection.send(PONG)
            await connection.close(1001)

        async with server(talk) as url:
            client = Client(url, chance=lambda: 0.1)
            await follow(client, JsonView(stream), Stop(), Reasons(count=3), zone=UTC, tell=told.append)
    lost, missed = "connection lost (1001): trying again in 0.1 s", told[3]
    assert told[:5] == [f"connected to {url}", lost, f"connected again to {url}", missed, lost]
    assert missed.startswith("missed what was sent in ")
    assert missed.endswith("; by the server's clock between 00:00:00.000 and 00:00:00.000")
    assert "2 gaps" in told[-1]


async def test_what_is_waited_for_is_seen_or_not(tmp_path: Path) -> None:
    until = Reasons(until=Expression.parse("type == 'pong'"))
    never = Reasons(until=Expression.parse("type == 'ping'"), count=2)
    with (tmp_path / "out").open("w") as stream:
        async with server(three_pongs) as url:
            assert await follow(Client(url), JsonView(stream), Stop(), until, tell=lambda _: None) == 0
            assert await follow(Client(url), JsonView(stream), Stop(), never, tell=lambda _: None) == 1
    assert (tmp_path / "out").read_text() == f"{PONG}\n" * 3


async def test_an_error_that_is_not_shown_is_told_once(tmp_path: Path) -> None:
    error = (
        '{"type":"error","data":{"code":"INVALID_MESSAGE","message":"no\\u001b"},"timestamp":"2024-01-01T00:00:00Z"}'
    )

    async def talk(connection: ServerConnection) -> None:
        for text in (error, error, PONG):
            await connection.send(text)

    told: list[str] = []
    with (tmp_path / "out").open("w") as stream:
        async with server(talk) as url:
            view = JsonView(stream, Selection(["pong"]))
            await follow(Client(url), view, Stop(), Reasons(count=1), tell=told.append)
    assert told[1] == "the server says INVALID_MESSAGE: no\\x1b"
    assert "1 of them selected" in told[2]
    assert len(told) == 3


async def test_with_a_profile_what_only_the_other_one_sends_is_unreadable(tmp_path: Path) -> None:
    async def talk(connection: ServerConnection) -> None:
        await connection.send('{"type":"broadcast","topic":"alerts","data":{},"timestamp":"2024-01-01T00:00:00Z"}')

    with (tmp_path / "out").open("w") as stream:
        async with server(talk) as url:
            view = LogView(stream)
            reasons = Reasons(count=1)
            await follow(Client(url), view, Stop(), reasons, profile="documented", tell=lambda _: None)
    assert view.ledger.unreadable == 1
    assert 'got "broadcast"' in (tmp_path / "out").read_text()


class Silent:
    """A client whose connection stands and says nothing for half a minute, and which then has another one."""

    patience_s = None

    async def __aenter__(self) -> "Silent":
        return self

    async def __aexit__(self, *_: object) -> None: ...

    async def __aiter__(self) -> AsyncIterator[Happening]:
        yield Connected("ws://h/ws", 1)
        yield Received(PONG, 1_000.0)
        yield Disconnected(1006, "", 0.5, cause="silent")
        yield Unreached("ws://h/ws", 1, "connection refused", 0.5)
        yield Connected("ws://h/ws", 2, Gap(1_010.0, 1_045.0, "silent", 1006, "", 2))
        yield Received(PONG, 1_046.0)


async def test_what_was_missed_begins_with_the_last_sign_of_life(tmp_path: Path) -> None:
    told: list[str] = []
    moments = iter([1_000.0, 1_040.0, 1_040.0, 1_045.0, 1_050.0, 1_050.0])
    with (tmp_path / "out").open("w") as stream:
        client: Any = Silent()
        view = JsonView(stream)
        await follow(client, view, Stop(), tell=told.append, zone=UTC, now=lambda: next(moments))
    assert told[:5] == [
        "connected to ws://h/ws",
        "connection lost (it stood, but no ping was answered): trying again in 0.5 s",
        "ws://h/ws: connection refused; trying again",
        "connected again to ws://h/ws",
        "missed what was sent in 35s, about 4 messages; by the server's clock between 00:00:00.000 and 00:00:00.000",
    ]
    assert told[5].startswith("2 messages in 50s (0.0/s), 1 gap (35s without a connection), 1 reconnect\n")


@pytest.mark.parametrize("waits", [False, True])
async def test_a_reader_that_leaves_ends_it_without_a_word(*, waits: bool) -> None:
    reading, writing = os.pipe()
    told: list[str] = []

    async def talk(connection: ServerConnection) -> None:
        os.close(reading)
        await three_pongs(connection)

    with os.fdopen(writing, "w") as stream:
        async with server(talk) as url:
            view, until = JsonView(stream), Reasons(until=Expression.parse("type == 'ping'") if waits else None)
            assert await follow(Client(url), view, Stop(), until, tell=told.append) == int(waits)
    assert told == [f"connected to {url}"]


async def test_a_full_disk_is_an_error_in_words() -> None:
    with os.fdopen(os.open("/dev/full", os.O_WRONLY), "w") as stream:
        async with server(three_pongs) as url:
            with pytest.raises(PvwsError, match="can't write to standard output: no space left on device"):
                await follow(Client(url), JsonView(stream), Stop(), tell=lambda _: None)


async def test_a_server_that_is_never_reached_is_told_once_and_then_an_error(tmp_path: Path) -> None:
    told: list[str] = []
    with (tmp_path / "out").open("w") as stream, pytest.raises(ReachError):
        await follow(
            Client(NOWHERE, patience_first_s=0.3, clock=asyncio.get_running_loop().time),
            JsonView(stream),
            Stop(),
            tell=told.append,
        )
    assert told == [f"{NOWHERE}: connection refused; trying again for up to 0.3 s"]


async def test_a_server_gone_for_good_is_an_error_after_the_summary(tmp_path: Path) -> None:
    told: list[str] = []
    sent = asyncio.Event()

    async def talk(connection: ServerConnection) -> None:
        await three_pongs(connection)
        sent.set()

    with (tmp_path / "out").open("w") as stream:
        async with server(talk) as url:
            client = Client(url, patience_s=0.2)
            following = asyncio.ensure_future(follow(client, JsonView(stream), Stop(), tell=told.append))
            await sent.wait()
        with pytest.raises(ReachError, match=r"could not be made again within 0\.2 s"):
            await following
    assert told[-1].startswith("3 messages in ")


async def test_a_signal_ends_it_although_the_reader_stands_still() -> None:
    reading, writing = os.pipe()
    stop = Stop()
    flooded = asyncio.Event()

    async def talk(connection: ServerConnection) -> None:
        for _ in range(10_000):
            await connection.send(PONG * 20)
            flooded.set()

    with os.fdopen(reading, "rb"), os.fdopen(writing, "w") as stream:
        async with server(talk) as url:
            following = asyncio.ensure_future(follow(Client(url), JsonView(stream), stop, tell=lambda _: None))
            await flooded.wait()
            stop.request(0)
            assert await asyncio.wait_for(following, 10) == 0


@pytest.fixture
def terminal() -> Any:
    """Both ends of a terminal: to read what is on it, and the stream of a program that runs in it."""
    master, slave = pty.openpty()
    with os.fdopen(master, "rb", buffering=0) as screen, os.fdopen(slave, "w") as stream:
        yield screen, stream


async def shown_on(terminal: Any, view: type[JsonView] | type[LogView], text: str) -> str:
    screen, stream = terminal
    made = view(stream)
    made.show(Received(text, 0.0))
    await made.output.drain()
    data: bytes = screen.read(10_000)
    return data.decode()


async def test_json_on_a_terminal_cannot_steer_it(terminal: Any) -> None:
    assert await shown_on(terminal, JsonView, '{"type":"\x9b2J\x1b"}') == '{"type":"\\u009b2J\\u001b"}\r\n'


async def test_the_log_is_coloured_on_a_terminal(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[90mpong" in await shown_on(terminal, LogView, PONG)


async def test_the_log_is_plain_where_no_colours_are_wanted(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in await shown_on(terminal, LogView, PONG)
