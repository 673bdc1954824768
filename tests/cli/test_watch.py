import asyncio
import json
import os
import pty
import re
import shlex
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.support.command import serving

COMMAND = [sys.executable, "-m", "pvws", "watch"]
TIME = "2024-01-01T00:00:00.000Z"
EVENTS = {
    "file_operations": f'{{"type":"file_deleted","topic":"file_operations","data":{{"key":"k","node":"n","timestamp":'
    f'"{TIME}"}},"timestamp":"{TIME}"}}',
    "alerts": f'{{"type":"performance_alert","topic":"alerts","data":{{"level":"warning","message":"schön","metric":'
    f'"cpu_usage","value":91.5,"threshold":90,"timestamp":"{TIME}"}},"timestamp":"{TIME}"}}',
}


class FakeServer:
    """Sends one event for each subscription it knows, and then whatever is put into `more`."""

    def __init__(self) -> None:
        self.port = 0
        self.close_codes: asyncio.Queue[int | None] = asyncio.Queue()
        self.more: asyncio.Queue[str] = asyncio.Queue()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    async def handle(self, connection: ServerConnection) -> None:
        sending = asyncio.ensure_future(self.send(connection))
        async for text in connection:
            if event := EVENTS.get(json.loads(text)["topic"]):
                await connection.send(event)
        sending.cancel()
        self.close_codes.put_nowait(connection.close_code)

    async def send(self, connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                await connection.send(await self.more.get())

    @asynccontextmanager
    async def run(self) -> AsyncIterator[Server]:
        async with serve(self.handle, "127.0.0.1", self.port) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            yield server


@pytest.fixture(autouse=True)
async def no_test_waits_for_ever() -> AsyncIterator[None]:
    async with asyncio.timeout(60):
        yield


@pytest.fixture
async def fake() -> AsyncIterator[FakeServer]:
    fake = FakeServer()
    async with fake.run():
        yield fake


@pytest.fixture
async def start() -> AsyncIterator[Callable[..., Any]]:
    """Starts `pvws watch`; what still runs at the end is killed."""
    started: list[Process] = []

    async def start(*arguments: str, **options: Any) -> Process:
        options = {"stdin": DEVNULL, "stdout": PIPE, "stderr": PIPE} | options
        process = await asyncio.create_subprocess_exec(*COMMAND, *arguments, **options)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def end(process: Process) -> tuple[int | None, str, str]:
    """Exit code, stdout and stderr."""
    out, errors = await process.communicate()
    return process.returncode, (out or b"").decode(), (errors or b"").decode()


async def line(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    return (await stream.readline()).decode().rstrip("\n")


async def test_json_is_every_message_as_it_came_and_nothing_else(fake: FakeServer, start: Any) -> None:
    for text in ('{"type" : "new_type"}', "no json", '{\n"type":"pong"}'):
        fake.more.put_nowait(text)
    process = await start(fake.url, "--topic", "alerts", "--json", "--count", "4")
    code, out, errors = await end(process)
    assert code == 0
    assert sorted(out.splitlines()) == sorted(
        [EVENTS["alerts"], '{"type" : "new_type"}', "no json", '{ "type":"pong"}']
    )
    assert errors.startswith(f"pvws: connected to {fake.url}\npvws: 4 messages in ")
    assert await fake.close_codes.get() == 1000


async def test_every_line_is_there_at_once_and_not_when_a_buffer_is_full(fake: FakeServer, start: Any) -> None:
    process = await start(fake.url, "--topic", "alerts", "--json")
    assert await line(process.stdout) == EVENTS["alerts"]
    for number in range(5):
        fake.more.put_nowait(f"{number}")
        assert await line(process.stdout) == f"{number}"


async def test_the_log_is_plain_lines_where_there_is_no_terminal(fake: FakeServer, start: Any) -> None:
    process = await start(fake.url, "--count", "2", "--utc", env=os.environ | {"TERM": "xterm-256color"})
    code, out, errors = await end(process)
    assert code == 0
    assert out.splitlines() == [
        "00:00:00.000  file_operations  file_deleted         k            at n",
        "00:00:00.000  alerts           performance_alert    warning   schön  cpu_usage 91.5, threshold 90",
    ]
    assert "\x1b" not in out + errors
    assert "  alerts           1  performance_alert 1\n" in errors


async def on_a_terminal(start: Any, *arguments: str, **environment: str) -> str:
    """All that a command shows on a terminal of its own."""
    master, slave = pty.openpty()
    inherited = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    environment = inherited | {"TERM": "xterm-256color"} | environment
    process = await start(*arguments, stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    screen = b""
    with suppress(OSError):  # EIO: the other end is closed
        while piece := await asyncio.to_thread(os.read, master, 10_000):
            screen += piece
    os.close(master)
    assert await process.wait() == 0
    return screen.decode()


async def test_the_log_is_coloured_on_a_terminal(fake: FakeServer, start: Any) -> None:
    screen = await on_a_terminal(start, fake.url, "--count", "2", "--utc")
    assert "\x1b[90m00:00:00.000\x1b[0m  \x1b[36mfile_operations\x1b[0m" in screen
    assert "\x1b[33mwarning \x1b[0m  \x1b[1mschön\x1b[0m" in screen


async def test_no_color_is_honoured_on_a_terminal(fake: FakeServer, start: Any) -> None:
    screen = await on_a_terminal(start, fake.url, "--count", "2", NO_COLOR="1")
    assert "performance_alert" in screen
    assert "\x1b" not in screen


async def test_a_message_cannot_steer_the_terminal(fake: FakeServer, start: Any) -> None:
    fake.more.put_nowait("\x1b]0;evil\x07\x1b[2J")
    screen = await on_a_terminal(start, fake.url, "--count", "3", NO_COLOR="1")
    assert "\\x1b]0;evil\\x07\\x1b[2J" in screen
    assert "\x1b" not in screen


@pytest.mark.parametrize("flags", [("--json",), ()])
@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
async def test_a_reader_that_has_enough_ends_it_quietly(
    fake: FakeServer, start: Any, flags: tuple[str, ...], loop: str
) -> None:
    process = await start(fake.url, *flags, stderr=PIPE, env=os.environ | {"PVWS_EVENT_LOOP": loop})
    head = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import sys; sys.stdout.write(sys.stdin.readline())", stdin=PIPE, stdout=PIPE
    )
    assert head.stdin is not None
    assert process.stdout is not None
    head.stdin.write(await process.stdout.readline())
    assert await head.wait() == 0
    process.stdout._transport.close()  # type: ignore[attr-defined]
    fake.more.put_nowait("one more")
    assert process.stderr is not None
    errors = (await process.stderr.read()).decode()
    assert await process.wait() == 0
    assert errors == f"pvws: connected to {fake.url}\n"


async def test_head_in_a_shell_gets_its_lines_and_nothing_is_said(fake: FakeServer) -> None:
    for number in range(100):
        fake.more.put_nowait(f"{number}")
    command = f"{shlex.quote(sys.executable)} -m pvws watch {fake.url} --json | head -n 5; echo ${{PIPESTATUS[0]}}"
    shell = await asyncio.create_subprocess_exec("bash", "-c", command, stdout=PIPE, stderr=PIPE)
    while shell.returncode is None:
        fake.more.put_nowait("more")
        with suppress(TimeoutError):
            await asyncio.wait_for(shell.wait(), 0.1)
    code, out, errors = await end(shell)
    assert (code, len(out.splitlines()), out.splitlines()[-1]) == (0, 6, "0")
    assert errors == f"pvws: connected to {fake.url}\n"


async def test_notes_that_nobody_reads_harm_nothing(fake: FakeServer, start: Any) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = await start(fake.url, "--json", "--count", "2", stderr=writing)
    os.close(writing)
    code, out, _ = await end(process)
    assert (code, len(out.splitlines())) == (0, 2)


async def test_a_closed_standard_output_is_said(fake: FakeServer) -> None:
    shell = await asyncio.create_subprocess_exec(
        "bash", "-c", f"{shlex.quote(sys.executable)} -m pvws watch {fake.url} >&-", stdout=PIPE, stderr=PIPE
    )
    assert await end(shell) == (1, "", "pvws: standard output is closed\n")


async def test_a_server_that_goes_away_and_comes_back_is_watched_on(start: Any) -> None:
    fake = FakeServer()
    async with fake.run() as server:
        process = await start(fake.url, "--topic", "alerts", "--json", "--count", "2")
        assert await line(process.stdout) == EVENTS["alerts"]
        server.close()
        await server.wait_closed()
    assert await line(process.stderr) == f"pvws: connected to {fake.url}"
    assert (await line(process.stderr)).startswith("pvws: connection lost (1001): trying again in 0.")
    async with fake.run():
        code, out, errors = await end(process)
    assert code == 0
    assert out == EVENTS["alerts"] + "\n"
    assert f"pvws: connected again to {fake.url}\n" in errors
    assert re.search(r", 1 gap \([\d.]+m?s without a connection\), 1 reconnect\n", errors)
    assert "\npvws: missed what was sent in " in errors


async def test_it_may_be_started_before_the_server(start: Any) -> None:
    fake = FakeServer()
    async with fake.run():
        pass  # its port is known now, and free again
    process = await start(fake.url, "--count", "2")
    assert await line(process.stderr) == f"pvws: {fake.url}: connection refused; trying again for up to 10 s"
    async with fake.run():
        assert (await end(process))[0] == 0


async def test_no_server_at_all_is_exit_3_with_advice(start: Any) -> None:
    code, out, errors = await end(await start("ws://127.0.0.1:1/ws", "--patience", "100ms"))
    assert (code, out) == (3, "")
    assert "pvws: ws://127.0.0.1:1/ws: could not connect within 0.1 s: connection refused\n" in errors
    assert "pvws serve" in errors
    assert "Traceback" not in errors


async def test_a_server_gone_for_good_is_exit_3_after_the_patience(start: Any) -> None:
    fake = FakeServer()
    async with fake.run():
        process = await start(fake.url, "--patience", "300ms")
        await line(process.stdout)
    code, _, errors = await end(process)
    assert code == 3
    assert "the connection was lost and could not be made again within 0.3 s" in errors


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
async def test_a_signal_closes_the_connection_and_ends_with_its_exit_code(
    fake: FakeServer, start: Any, number: signal.Signals, code: int
) -> None:
    process = await start(fake.url)
    await line(process.stdout)
    await line(process.stdout)
    process.send_signal(number)
    returned, _, errors = await end(process)
    assert returned == code
    assert "pvws: 2 messages in " in errors
    assert await fake.close_codes.get() == 1000


async def test_a_signal_also_ends_the_search_for_a_server(start: Any) -> None:
    process = await start("ws://127.0.0.1:1/ws")
    await line(process.stderr)
    process.send_signal(signal.SIGINT)
    assert await end(process) == (130, "", "")


async def test_it_leaves_after_the_time_that_was_given(fake: FakeServer, start: Any) -> None:
    code, out, errors = await end(await start(fake.url, "--for", "1s"))
    assert (code, len(out.splitlines())) == (0, 2)
    assert "pvws: 2 messages in 1" in errors


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--topic", "alert"],
            'pvws: --topic: expected one of file_operations, peer_network, system, alerts, got "alert" '
            "(did you mean alerts?)",
        ),
        (["--topic", "Files"], "(did you mean file_operations?)"),
        (["--topic", "peers"], "(did you mean peer_network?)"),
        (["--topic", "\x1b[31m"], "--topic: expected one of"),
        (["--for", "soon"], 'pvws: --for: expected a duration like "30s", "1m30s" or "500ms", got "soon"'),
        (["--patience", "10"], "pvws: --patience: expected a duration"),
        (["--count", "0"], "--count"),
        (["http://localhost:8083/ws"], "(did you mean ws://localhost:8083/ws?)"),
        (
            ["--where", "data.size = 3"],
            'pvws: --where: column 11: expected "==", got "="\n  data.size = 3\n            ^\n',
        ),
        (["--until", "size > 3"], "pvws: --until: column 1: expected one of "),
        (["--json", "--view", "table"], "pvws: --json: expected no --view beside it, got --view table"),
        (["--token", "@nowhere"], 'pvws: --token: expected a file that can be read, got "nowhere"'),
        (["--token", "tokén"], "pvws: token: expected printable ASCII characters"),
        (["--profile", "both"], "--profile"),
        (["nonsense://"], "pvws: URL: expected a URL like ws://localhost:8083/ws"),
    ],
)
async def test_wrong_usage_is_exit_2_and_says_what_would_be_right(start: Any, arguments: list[str], said: str) -> None:
    code, out, errors = await end(await start(*arguments))
    assert (code, out) == (2, "")
    assert said in errors
    assert "Traceback" not in errors
    assert "\x1b" not in errors


async def test_help_has_examples(start: Any) -> None:
    code, out, _ = await end(await start("--help"))
    assert code == 0
    assert "Connect to a server and show what it sends." in out
    assert "\n    pvws watch --json | head -5\n" in out


ALERTS = ("--topic", "alerts")


async def test_types_and_an_expression_choose_what_is_shown_and_counted(fake: FakeServer, start: Any) -> None:
    for text in (
        '{"type":"file_renamed","data":{"size":2048}}',
        '{"type":"file_renamed","data":{"size":5}}',
        "no json",
    ):
        fake.more.put_nowait(text)
    wanted = ["--type", "file_*", "--where", "data.size > '1 KiB' or data.key == 'k'", "--count", "2"]
    code, out, errors = await end(await start(fake.url, "--json", *wanted))
    assert code == 0
    assert sorted(out.splitlines()) == sorted(
        [EVENTS["file_operations"], '{"type":"file_renamed","data":{"size":2048}}']
    )
    assert "2 of them selected" in errors


async def test_until_leaves_with_0_when_it_is_seen(fake: FakeServer, start: Any) -> None:
    process = await start(fake.url, *ALERTS, "--json", "--type", "*_alert", "--until", "type == 'seen'", "--for", "30s")
    assert await line(process.stdout) == EVENTS["alerts"]
    for text in ("1", '{"type":"seen"}', '{"type":"late_alert"}'):
        fake.more.put_nowait(text)
    code, out, _ = await end(process)
    assert (code, out) == (0, ""), "what is waited for need not be shown"


@pytest.mark.parametrize("reason", [("--for", "200ms"), ("--count", "1")])
async def test_until_leaves_with_1_when_something_else_comes_first(
    fake: FakeServer, start: Any, reason: tuple[str, str]
) -> None:
    code, out, errors = await end(await start(fake.url, *ALERTS, "--json", "--until", "data.level == 'info'", *reason))
    assert (code, out) == (1, EVENTS["alerts"] + "\n")
    assert "pvws: 1 message in" in errors


async def test_until_is_not_seen_either_when_a_signal_ends_the_wait(fake: FakeServer, start: Any) -> None:
    process = await start(fake.url, *ALERTS, "--json", "--until", "data.level == 'info'")
    await line(process.stdout)
    process.send_signal(signal.SIGTERM)
    assert (await end(process))[0] == 1


async def test_a_token_is_presented_from_a_file_or_the_environment_and_never_shown(tmp_path: Path, start: Any) -> None:
    (tmp_path / "token").write_text("# mine\nhunter2\n")
    with serving(tmp_path, "serve", "--token", "hunter2") as server:
        for arguments, environment in (
            (["--token", f"@{tmp_path}/token"], {}),
            (["--token", "hunter2"], {"PVWS_TOKEN": "wrong"}),
            ([], {"PVWS_TOKEN": "hunter2"}),
        ):
            process = await start(server.url, *arguments, "--for", "100ms", env=os.environ | environment)
            code, _, errors = await end(process)
            assert (code, "hunter2" in errors) == (0, False), errors
        code, _, errors = await end(await start(server.url, "--token", "hunter3"))
    assert code == 3
    assert "the server refuses the token" in errors
    assert "hunter3" not in errors
    assert "Traceback" not in errors


async def test_a_topic_that_the_token_does_not_permit_is_told_also_where_errors_are_not_shown(
    tmp_path: Path, start: Any
) -> None:
    (tmp_path / "pvws.yaml").write_text("websocket:\n  auth:\n    tokens:\n      - {token: t, topics: [alerts]}\n")
    with serving(tmp_path, "serve", "--config", str(tmp_path / "pvws.yaml")) as server:
        process = await start(server.url, "--token", "t", "--type", "*_alert", "--for", "300ms")
        code, out, errors = await end(process)
    assert (code, out) == (0, "")
    assert errors.count("pvws: the server says AUTH_FAILED: Invalid authentication credentials") == 1


async def test_the_shipped_servers_broadcasts_have_the_types_that_their_data_tells(tmp_path: Path, start: Any) -> None:
    with serving(tmp_path, "serve", "--profile", "upstream", "--scenario", "quickstart") as server:
        wanted = ["--type", "file_uploaded", "--where", "type == 'file_uploaded'", "--count", "2"]
        code, out, errors = await end(await start(server.url, *wanted))
        assert code == 0, errors
        assert [text.split()[1:3] for text in out.splitlines()] == [["file_operations", "file_uploaded"]] * 2
        code, out, errors = await end(await start(server.url, "--profile", "documented", "--count", "1"))
    assert code == 0
    assert "unreadable" in out
    assert 'got "broadcast"' in out
    assert "  unreadable " in errors


async def test_times_may_be_told_since_the_first_message(fake: FakeServer, start: Any) -> None:
    _, out, _ = await end(await start(fake.url, "--relative", "--count", "2"))
    assert [text.split()[0] for text in out.splitlines()] == ["+0.000", "+0.000"]


async def test_a_type_like_none_of_the_api_is_told_of_and_may_be_right_all_the_same(
    fake: FakeServer, start: Any
) -> None:
    fake.more.put_nowait('{"type":"file_renamed"}')
    process = await start(fake.url, "--json", "--type", "file_uploadd", "--type", "file_renamed", "--count", "1")
    code, out, errors = await end(process)
    assert (code, out) == (0, '{"type":"file_renamed"}\n')
    assert "pvws: no type of the API is like --type file_uploadd; did you mean file_uploaded?\n" in errors


async def test_rich_is_not_imported_where_nothing_is_coloured(fake: FakeServer) -> None:
    code = (
        "import sys\nfrom pvws.cli.app import run\n"
        f"code = run(['watch', {fake.url!r}, '--count', '2'])\n"
        "sys.exit(code or 'rich' in sys.modules)"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=PIPE, stderr=PIPE)
    assert (await end(process))[0] == 0
