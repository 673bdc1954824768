"""Live views on a pseudo-terminal in this process; whole commands are in tests/end_to_end/test_watching.py."""

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TextIO

import pytest

from pvws.cli.live import LiveView
from pvws.cli.standard import note
from pvws.client.happenings import Received
from pvws.limits import LINES_A_REDRAW_MAX, LINES_HELD_MAX, REDRAWS_A_SECOND_MAX
from pvws.terminal.controls import ViewName
from pvws.wire.topics import Topic
from tests.support.terminal import set_size

PONG = '{"type":"pong","timestamp":"2024-01-01T00:00:00.000Z"}'


class Sitting:
    """A person at a terminal: `screen` is all that was written to it."""

    def __init__(self, near: TextIO, far: int) -> None:
        self.near = near
        self.far = far
        self.screen = bytearray()

    def read(self) -> None:
        self.screen += os.read(self.far, 100_000)

    async def until(self, text: str) -> None:
        async with asyncio.timeout(10):
            while text.encode() not in self.screen:  # noqa: ASYNC110 - a terminal tells nobody
                await asyncio.sleep(0.001)

    def press(self, keys: str) -> None:
        os.write(self.far, keys.encode())


@pytest.fixture
async def sitting(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sitting]:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    far, near = os.openpty()
    set_size(near, 80, 24)
    with os.fdopen(near, "w") as stream:
        sitting = Sitting(stream, far)
        loop = asyncio.get_running_loop()
        loop.add_reader(far, sitting.read)
        yield sitting
        loop.remove_reader(far)
    os.close(far)


class Shown:
    """A view that is entered, and what a person asked of it."""

    def __init__(self, view: LiveView) -> None:
        self.view = view
        self.left = asyncio.Event()
        self.switched: list[tuple[Topic, bool]] = []


@asynccontextmanager
async def shown(sitting: Sitting, kind: ViewName, **options: Any) -> AsyncIterator[Shown]:
    found = Shown(LiveView(sitting.near, sitting.near, "ws://h/ws", kind, **options))
    with found.view.entered(found.left.set, lambda topic, on: found.switched.append((topic, on))):
        yield found


async def test_what_is_printed_meanwhile_is_a_note_and_printed_again_afterwards(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", stderr := Terminal())
    async with shown(sitting, "dashboard"):
        note("something happened")
        sys.stderr.write("half a line, ")
        sys.stderr.write("and the rest\n")
        await sitting.until("half a line, and the rest")
        assert stderr.getvalue() == ""
    assert sys.stderr is stderr
    assert stderr.getvalue() == "pvws: something happened\npvws: half a line, and the rest\n"


async def test_where_stderr_is_no_terminal_notes_go_there_at_once_and_are_seen_as_well(
    sitting: Sitting, capsys: pytest.CaptureFixture[str]
) -> None:
    async with shown(sitting, "dashboard") as it:
        it.view.tell("connected")
        assert capsys.readouterr().err == "pvws: connected\n"
        await sitting.until("connected")
    assert capsys.readouterr().err == "", "it is not said twice"


async def test_keys_leave_and_switch_topics(sitting: Sitting) -> None:
    async with shown(sitting, "table", off=frozenset({Topic.SYSTEM})) as it:
        sitting.press("3131q")
        async with asyncio.timeout(10):
            await it.left.wait()
    assert it.switched == [
        (Topic.SYSTEM, True),
        (Topic.FILE_OPERATIONS, False),
        (Topic.SYSTEM, False),
        (Topic.FILE_OPERATIONS, True),
    ]


async def test_a_message_of_a_topic_that_is_off_is_counted_and_not_shown(sitting: Sitting) -> None:
    async with shown(sitting, "log", off=frozenset({Topic.ALERTS})) as it:
        assert not it.view.show(Received('{"type":"new_alert","topic":"alerts"}', 1.0))
        assert it.view.show(Received(PONG, 1.0))
        await sitting.until("server           pong")
    assert it.view.ledger.total == 2
    assert b"new_alert" not in sitting.screen


async def test_lines_of_one_turn_are_written_together_above_the_keys(sitting: Sitting) -> None:
    async with shown(sitting, "log") as it:
        for _ in range(3):
            it.view.show(Received(PONG, 1.0))
        await sitting.until("q quit")
    assert sitting.screen.count(b"server           pong") == 3
    assert sitting.screen.count(b"q quit") <= 3


async def test_the_log_of_a_terminal_is_cut_at_its_edge_unless_nothing_is_to_be_shortened(sitting: Sitting) -> None:
    long = PONG[:-1] + ',"clientId":"' + "long " * 30 + '"}'
    async with shown(sitting, "log") as it:
        it.view.show(Received(long, 1.0))
        await sitting.until("…")
    assert b"long " * 12 not in sitting.screen


async def test_in_a_flood_the_log_says_how_many_lines_it_left_out(sitting: Sitting) -> None:
    async with shown(sitting, "log") as it:
        for number in range(10_000):
            it.view.show(Received(PONG, float(number)))
        left_out = 10_000 - LINES_A_REDRAW_MAX
        await sitting.until(f"… {left_out:,} more messages, too many to read")
        it.view.show(Received(PONG.replace(".000Z", ".999Z"), 1.0))
        await sitting.until(".999  server")
    assert sitting.screen.count(b".000  server           pong") == LINES_A_REDRAW_MAX
    assert it.view.ledger.total == 10_001


async def test_what_is_held_in_a_pause_has_a_bound(sitting: Sitting) -> None:
    async with shown(sitting, "log") as it:
        it.view.frame.controls.paused = True
        for number in range(10 * LINES_HELD_MAX):
            it.view.show(Received(PONG, float(number)))
        assert len(it.view._held) == LINES_HELD_MAX
        await sitting.until("10,000 waiting")
    assert it.view.ledger.total == 10 * LINES_HELD_MAX


async def test_on_a_machine_that_draws_slowly_there_are_fewer_pictures(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = LiveView(sitting.near, sitting.near, "ws://h/ws", "dashboard")
    assert view._period_s == 1 / REDRAWS_A_SECOND_MAX
    moments = iter([0.0, 0.5])
    monkeypatch.setattr("pvws.cli.live.time.thread_time", lambda: next(moments))
    view.redraw()
    assert view._period_s == 5.0, "a tenth of the time goes into pictures, and no more"


async def test_while_nothing_changes_only_the_clock_is_drawn(sitting: Sitting) -> None:
    drawn: list[int] = []
    now = [100.0]
    async with shown(sitting, "dashboard", now=lambda: now[0]) as it:
        await sitting.until("q quit")
        it.view.frame.picture = lambda *size: drawn.append(1) or []  # type: ignore[method-assign, assignment, func-returns-value]
        for _ in range(100):
            it.view.redraw()
        assert not drawn
        now[0] += 1.0
        it.view.redraw()
        assert len(drawn) == 1


async def test_a_mistake_in_drawing_ends_the_view_instead_of_standing_still(sitting: Sitting) -> None:
    def broken(*size: float) -> None:
        raise RuntimeError("a mistake")

    with pytest.raises(RuntimeError, match="a mistake"):
        async with shown(sitting, "dashboard") as it:
            it.view.frame.picture = broken  # type: ignore[method-assign, assignment]
            async with asyncio.timeout(10):
                await it.left.wait()
