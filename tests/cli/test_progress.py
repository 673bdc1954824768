import asyncio
import io
import os

import pytest

from pvws.cli import progress
from pvws.cli.progress import Look, progress_line, show_progress, terminal_at
from pvws.terminal.spans import plain

HALFWAY = Look(played=15_250_000, events=1_234, clients=1, peers=8, storage=0.614, alerts=2, mark="storm")


def test_the_line_says_how_far_it_is() -> None:
    assert plain(progress_line("quickstart", 30_000_000, HALFWAY, 41.4)) == (
        "quickstart  15s of 30s  1,234 events 41/s  1 client  8 peers  storage 61%  2 open alerts  mark storm"
    )


def test_what_there_is_not_is_left_out() -> None:
    look = Look(played=0, events=0, clients=0, peers=0, storage=None, alerts=0, mark=None)
    assert plain(progress_line("loop", None, look, 0.0)) == "loop  0s  0 events 0/s  0 clients  0 peers"


def test_a_long_name_leaves_room_for_the_rest() -> None:
    line = plain(progress_line("n" * 200, 1_000_000, HALFWAY, 0.0))
    assert line.startswith("n" * 23 + "…  15s of 1s")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


async def shown(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, looks: int) -> None:
    """Show it on a terminal until it has looked so many times, and then cancel it."""
    left = looks

    def look() -> Look:
        nonlocal left
        left -= 1
        if not left:
            showing.cancel()
        return HALFWAY

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(progress, "PERIOD_S", 0.0)
    showing = asyncio.ensure_future(show_progress("mine", 30_000_000, look))
    await asyncio.wait({showing})
    if not showing.cancelled():
        showing.result()


async def test_the_line_is_drawn_again_and_again_and_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    await shown(terminal, monkeypatch, 5)
    drawn = terminal.getvalue()
    assert drawn.count("15s of 30s") >= 5
    assert drawn.endswith("\x1b[2K"), "the last thing it does is to erase its line"
    assert "\x1b[33m" in drawn, "open alerts stand out"


async def test_without_colours_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    await shown(terminal, monkeypatch, 2)
    assert "15s of 30s" in terminal.getvalue()
    assert "\x1b[3" not in terminal.getvalue()


async def test_a_terminal_that_is_gone_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(text: str) -> int:
        raise OSError(5, "Input/output error")

    terminal = Terminal()
    monkeypatch.setattr(terminal, "write", gone)
    await shown(terminal, monkeypatch, 1_000_000)


def test_a_pipe_a_dumb_terminal_and_a_closed_stream_get_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert terminal_at(Terminal())
    assert not terminal_at(io.StringIO())
    assert not terminal_at(None)
    with open(os.devnull) as null:  # noqa: PTH123 - a device, not a file
        assert not terminal_at(null)
    monkeypatch.setenv("TERM", "dumb")
    assert not terminal_at(Terminal())
