import os
import sys
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from pvws.cli.unfit import Unfit
from pvws.cli.views import JsonView, LogView, Looks, OnceView, head_in, view_on
from pvws.client.happenings import Received
from pvws.errors import MessageError
from pvws.expression.expression import Expression
from pvws.terminal.head import Head
from pvws.terminal.selection import Selection
from pvws.wire.topics import Topic

TIME = "2024-01-01T00:00:00.000Z"
DATA = f'"data":{{"key":"k","size":2048,"node":"n","timestamp":"{TIME}"}},"timestamp":"{TIME}"}}'
UPLOAD = '{"type":"file_uploaded","topic":"file_operations",' + DATA
BROADCAST = '{"type":"broadcast","topic":"file_operations",' + DATA
PONG = f'{{"type":"pong","timestamp":"{TIME}"}}'
LARGE = Selection((), Expression.parse("data.size > '1 KiB'"))


async def written(path: Path, view: Any, *texts: str) -> list[str]:
    for text in texts:
        view.show(Received(text, 1.0))
    view.finish(1.0)
    await view.output.drain()
    return path.read_text().splitlines()  # noqa: ASYNC240 - all is written


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out"


async def test_json_is_what_was_selected_as_it_came_and_all_is_counted(path: Path) -> None:
    with path.open("w") as stream:
        view = JsonView(stream, LARGE)
        assert await written(path, view, UPLOAD, PONG, "no json") == [UPLOAD]
    assert (view.ledger.total, view.ledger.shown) == (3, 1)


async def test_the_log_has_the_lines_of_what_was_selected(path: Path) -> None:
    with path.open("w") as stream:
        view = LogView(stream, Selection(["pong"]), looks=Looks(zone=UTC))
        assert await written(path, view, UPLOAD, PONG, "no json") == ["00:00:00.000  server           pong"]
    assert (view.ledger.total, view.ledger.shown) == (3, 1)


async def test_the_log_may_tell_times_since_its_first_line(path: Path) -> None:
    later = PONG.replace("00:00:00.000", "00:01:02.500")
    with path.open("w") as stream:
        lines = await written(path, LogView(stream, looks=Looks(relative=True)), PONG, later)
    assert [line.split()[0] for line in lines] == ["+0.000", "+62.500"]


async def test_where_nobody_looks_on_a_table_is_written_once_and_whole(path: Path) -> None:
    with path.open("w") as stream:
        view = OnceView(stream, "ws://h/ws", "table", looks=Looks(zone=UTC))
        lines = await written(path, view, *(UPLOAD.replace('"k"', f'"k{number}"') for number in range(99)), "no json")
    assert len(lines) == 2 + 6 + 99
    assert lines[-1].split()[:4] == ["k0", "2", "KiB", "UPLOADED"]
    assert view.ledger.total == 100


async def test_where_nobody_looks_on_a_dashboard_is_a_page(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.setenv("LINES", "30")
    with path.open("w") as stream:
        view = OnceView(stream, "ws://h/ws", "dashboard", now=lambda: 1.0)
        view.connected("ws://h:1/ws", 1.0)
        view.tell("connected")
        view.lost("1006", 1.0, 1.0)
        lines = await written(path, view, UPLOAD)
    assert lines[0].startswith("✗ lost 0s ago (1006)")
    assert any("connected" in line for line in lines[10:])
    assert len(lines) <= 30
    assert max(map(len, lines)) <= 90


async def test_where_nobody_looks_on_nothing_is_written_of_a_server_never_reached(path: Path) -> None:
    with path.open("w") as stream:
        view = OnceView(stream, "ws://h/ws", "dashboard")
        view.unreached("connection refused", 1.0, 1.0)
        assert await written(path, view) == []


def test_the_head_of_a_broadcast_says_what_its_data_tells() -> None:
    assert head_in(Received(UPLOAD, 1.0)) == Head("file_uploaded", "file_operations", TIME)
    assert head_in(Received(BROADCAST, 1.0)) == Head("file_uploaded", "file_operations", TIME)
    assert head_in(Received(UPLOAD.replace('"topic":"file_operations",', ""), 1.0)) == head_in(Received(UPLOAD, 1.0))
    assert head_in(Received(PONG, 1.0)) == Head("pong", None, TIME)
    assert head_in(Received("no json", 1.0)) is None
    assert head_in(Unfit(Received(UPLOAD, 1.0), MessageError("", "another"))) is None


async def test_the_view_is_one_that_the_stream_can_have(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with path.open("w") as stream:
        made = [view_on(stream, "ws://h/ws", kind) for kind in ("json", "log", "table", "dashboard")]
    assert [type(view) for view in made] == [JsonView, LogView, OnceView, OnceView]


async def test_on_a_terminal_a_view_is_live_and_a_log_where_there_is_a_keyboard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from pvws.cli.live import LiveView

    monkeypatch.setenv("TERM", "xterm")
    far, near = os.openpty()
    with os.fdopen(far, "rb"), os.fdopen(near, "r+b", buffering=0) as raw:
        terminal = open(raw.fileno(), "w", closefd=False)  # noqa: SIM115, ASYNC230 - closed below
        with terminal:
            monkeypatch.setattr(sys, "stdin", None)
            assert type(view_on(terminal, "", "log")) is LogView
            assert type(view_on(terminal, "", "table")) is LiveView
            monkeypatch.setattr(sys, "stdin", terminal)
            live = view_on(terminal, "", "log", topics=[Topic.ALERTS])
            assert type(live) is LiveView
            assert live.selection.off == {Topic.FILE_OPERATIONS, Topic.PEER_NETWORK, Topic.SYSTEM}
            monkeypatch.setenv("TERM", "dumb")
            assert type(view_on(terminal, "", "log")) is LogView
