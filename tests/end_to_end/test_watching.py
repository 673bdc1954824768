"""`pvws watch` on a real terminal: what is on the screen, what keys do, and what is left when it has gone."""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pvws.timestamp import Timestamp
from pvws.wire.codec import encode_event
from pvws.wire.events import (
    FileUploaded,
    NetworkTotals,
    PeerConnected,
    PeerDisconnected,
    PerformanceTotals,
    StorageAlert,
    StorageMetrics,
    StorageTotals,
    SystemMetrics,
)
from tests.support.command import pvws
from tests.support.scripted import Scripted, scripted
from tests.support.terminal import Terminal

WATCH = [sys.executable, "-m", "pvws", "watch"]
AT = Timestamp.parse("2024-01-01T12:00:00.000Z")
GIB = 2**30


def event(payload: object, seconds: float = 0.0) -> str:
    return encode_event(payload, Timestamp(AT.micros + int(seconds * 1_000_000))).decode()  # type: ignore[arg-type]


def upload(number: int, size: int = 2048) -> str:
    return event(FileUploaded(f"file-{number}", size, "node-1", AT), number / 1000)


PEER = event(PeerConnected("peer-1", "10.0.0.1", 9000, ["storage"], AT))
GONE = event(PeerDisconnected("peer-1", "timeout", AT))
ALERT = event(StorageAlert("critical", "Storage is nearly full", "storage_usage", 96.0, 95.0, AT, "node-1"))
STORAGE = event(StorageMetrics(4 * GIB, 3 * GIB, GIB, 1234, 2.94, AT))


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as server:
        yield server


def watching(server: Scripted, *arguments: str, columns: int = 80, lines: int = 24, **environment: str) -> Terminal:
    return Terminal([*WATCH, server.url, *arguments], columns, lines, **environment)


def connected(server: Scripted, count: int = 1) -> None:
    server.until_said(count, "alerts")


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (200, 50)])
def test_the_dashboard_shows_the_network_at_any_size(server: Scripted, columns: int, lines: int) -> None:
    with watching(server, "--view", "dashboard", columns=columns, lines=lines) as terminal:
        connected(server)
        server.send(PEER, upload(1), STORAGE, ALERT)
        text = terminal.until("4 messages")
        assert "● connected" in text
        assert terminal.lines[0].endswith(server.url)
        assert terminal.lines[2].startswith("1 file_operations")
        assert terminal.lines[2].endswith("/s            1"), "the last column too is there"
        assert terminal.lines[6].startswith("storage           ▕█")
        assert "75% of 4 GiB, 1,234 files" in terminal.lines[6]
        for panel in ("── peers 1 online ──", "── recent files ──", "── open alerts 1 ──", "── errors and notes"):
            assert panel in text
        assert "peer-1      ONLINE" in text
        assert "file-1         2 KiB  UPLOADED" in text
        assert "critical   storage_usage" in text
        assert "connected to" in text
        assert terminal.lines[lines - 1].startswith("q quit  p pause  v log")
        assert max(map(len, terminal.lines)) <= columns
        server.send(GONE)
        terminal.until("peer-1      GONE")
        terminal.press("q")
        assert terminal.end() == 0
        assert terminal.restored
        assert "pvws: 5 messages in " in terminal.text
        assert "  alerts           1  storage_alert 1" in terminal.text


def test_another_size_while_it_runs_is_another_picture(server: Scripted) -> None:
    with watching(server, "--view", "dashboard") as terminal:
        connected(server)
        server.send(PEER)
        terminal.until(lambda text: "q quit" in terminal.lines[23])
        terminal.resize(200, 50)
        text = terminal.until(lambda text: "q quit" in terminal.lines[49])
        (row,) = [line for line in text.splitlines() if "── peers" in line]
        assert "── open alerts" in row, "there is room for three panels in a row"
        terminal.resize(60, 15)
        terminal.until(lambda text: "q quit" in terminal.lines[14])
        assert max(map(len, terminal.lines)) <= 60


def test_keys_pause_go_on_and_quit(server: Scripted) -> None:
    with watching(server, "--view", "dashboard") as terminal:
        connected(server)
        server.send(upload(1))
        terminal.until("1 message ")
        terminal.press("p")
        terminal.until(" PAUSED ")
        server.send(*(upload(number) for number in range(2, 100)))
        terminal.until(" 98 waiting ")
        assert "1 message " in terminal.text
        terminal.press("?")
        assert "1 message " in terminal.until("pause: what is shown stands still")
        terminal.press("?p")
        text = terminal.until("99 messages")
        assert "PAUSED" not in text
        assert "file-99" in text
        terminal.press("q")
        assert terminal.end() == 0
        assert "pvws: 99 messages in" in terminal.text


def test_keys_go_through_the_views_and_each_knows_what_came_before(server: Scripted) -> None:
    with watching(server, "--utc") as terminal:
        connected(server)
        server.send(PEER, upload(1), ALERT)
        text = terminal.until("storage_alert        critical")
        assert "12:00:00.001  file_operations  file_uploaded        file-1" in text
        assert "v table" in terminal.text, "the line of the keys"
        terminal.press("v")
        text = terminal.until("── alerts 1 open, 0 cleared")
        assert "peer-1      ONLINE" in text
        assert "file-1         2 KiB  UPLOADED" in text
        assert "v dashboard" in text
        terminal.press("v")
        terminal.until("── recent files")
        terminal.press("v")
        text = terminal.until("v table")
        assert "12:00:00.001  file_operations  file_uploaded        file-1" in text, "the log is where it was"
        server.send(upload(7))
        terminal.until("file-7")
        terminal.press("t")
        server.send(upload(2_500))
        terminal.until("+2.500  file_operations")
        terminal.press("q")
        assert terminal.end() == 0
        assert "v table" not in terminal.text
        assert terminal.restored


def test_the_table_keeps_a_row_an_entity_and_a_section_may_have_it_all(server: Scripted) -> None:
    with watching(server, "--view", "table", columns=100) as terminal:
        connected(server)
        server.send(PEER, GONE, PEER, *(upload(number) for number in range(100)))
        text = terminal.until("── files 100 that changed lately")
        assert text.count("peer-1") == 1
        assert "file-99" in text
        terminal.press("\t\t")
        terminal.until(lambda text: terminal.lines[2].startswith("── files"))
        terminal.press("\x1b[6~\x1b[6~")
        terminal.until(lambda text: terminal.lines[4].startswith("file-79"))


def test_a_topic_is_unsubscribed_by_a_key_and_asked_for_again(server: Scripted) -> None:
    with watching(server, "--view", "dashboard") as terminal:
        connected(server)
        terminal.until("q quit")
        terminal.press("3")
        terminal.until("off: system")
        server.until_unsubscribed("system")
        terminal.press("3")
        server.until_said(2, "system")
        terminal.until(lambda text: "off: system" not in text)


def test_a_filter_is_typed_and_a_mistake_is_shown_at_its_column(server: Scripted) -> None:
    with watching(server) as terminal:
        connected(server)
        terminal.until("v table")
        terminal.press("/data.size = 3\r")
        terminal.until('filter: data.size = 3  column 11: expected "==", got "="')
        terminal.press("\x15data.size > '1 MiB'\r")
        terminal.until("filter: data.size > '1 MiB'  q quit")
        server.send(upload(1, 2**21), upload(2, 5), upload(3, 2**21))
        text = terminal.until("file-3")
        assert "file-1" in text
        assert "file-2" not in text
        terminal.press("q")
        assert terminal.end() == 0
        assert "pvws: 3 messages in" in terminal.text
        assert "2 of them selected" in terminal.text


def test_a_paused_log_goes_on_where_it_stood_and_says_what_it_left_out(server: Scripted) -> None:
    with watching(server, lines=50) as terminal:
        connected(server)
        server.send(upload(1))
        terminal.until("file-1")
        terminal.press("p")
        terminal.until(" PAUSED ")
        server.send(*(upload(number) for number in range(10, 2_010)))
        terminal.until("2,000 waiting")
        assert "file-10" not in terminal.text
        terminal.press("p")
        terminal.until("file-2009")
        assert "… 1,000 more messages, not shown" in terminal.raw.decode()


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 0), (signal.SIGHUP, -signal.SIGHUP), (signal.SIGQUIT, -signal.SIGQUIT)],
)
def test_the_terminal_is_as_it_was_after_any_signal(server: Scripted, number: signal.Signals, code: int) -> None:
    with watching(server, "--view", "dashboard") as terminal:
        connected(server)
        terminal.until("q quit")
        assert not terminal.restored
        terminal.process.send_signal(number)
        assert terminal.end() == code
        assert terminal.restored


def test_ctrl_c_is_still_a_signal(server: Scripted) -> None:
    with watching(server, "--view", "table") as terminal:
        connected(server)
        terminal.until("q quit")
        terminal.press("\x03")
        assert terminal.end() == 130
        assert terminal.restored


SHELL = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # so that it may say who has the terminal
def foreground():
    os.setpgrp()
    os.tcsetpgrp(0, os.getpid())
child = subprocess.Popen(sys.argv[1:], preexec_fn=foreground, restore_signals=True)
signal.signal(signal.SIGUSR1, lambda *_: os.killpg(child.pid, signal.SIGCONT))
sys.exit(child.wait())
"""


def test_ctrl_z_gives_the_terminal_back_until_it_is_continued(server: Scripted) -> None:
    with Terminal([sys.executable, "-c", SHELL, *WATCH, server.url, "--view", "dashboard"]) as terminal:
        connected(server)
        terminal.until("q quit")
        terminal.press("\x1a")
        terminal.until(lambda text: terminal.restored)
        terminal.process.send_signal(signal.SIGUSR1)
        terminal.until("q quit")
        server.send(upload(5))
        terminal.until("file-5")
        terminal.press("q")
        assert terminal.end() == 0
        assert terminal.restored


def test_a_mistake_of_ours_leaves_the_terminal_as_it_was(server: Scripted, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(
        "import sys\nfrom pvws.cli.frame import Frame\nfrom pvws.cli.app import run\n"
        "def broken(*_):\n    raise RuntimeError('a mistake')\n"
        "Frame.fold = broken\nsys.exit(run(sys.argv[1:]))\n"
    )
    with Terminal(
        [sys.executable, str(tmp_path / "broken.py"), "watch", server.url, "--view", "dashboard"]
    ) as terminal:
        connected(server)
        terminal.until("q quit")
        server.send(PEER)
        assert terminal.end() == 1
        assert terminal.restored
        assert "pvws: internal error: RuntimeError: a mistake" in terminal.text


def test_a_server_that_is_killed_and_comes_back_is_subscribed_again_and_what_was_missed_is_told(
    server: Scripted,
) -> None:
    with watching(server, "--view", "dashboard", "--utc", columns=200, lines=50) as terminal:
        connected(server)
        server.send(PEER, ALERT)
        terminal.until("peer-1      ONLINE ")
        server.kill()
        terminal.until("✗ lost")
        server.start()
        connected(server, 2)
        text = terminal.until("● connected")
        assert "peer-1      ONLINE?" in text, "what an earlier connection told may have changed unseen"
        server.send(event(PeerConnected("peer-2", "10.0.0.2", 1, [], AT), 90))
        text = terminal.until("missed what was sent in ")
        assert "by the server's clock" in text
        assert "1 gap (" in text
        assert "peer-2      ONLINE " in text
        terminal.press("q")
        assert terminal.end() == 0
        assert "1 gap (" in terminal.text
        assert "1 reconnect" in terminal.text
        assert "between 12:00:00.000 and 12:01:30.000" in terminal.text, "notes are kept when the screen is given back"


def test_a_server_gone_for_good_is_exit_3_after_the_patience(server: Scripted) -> None:
    with watching(server, "--view", "dashboard", "--patience", "500ms", columns=120) as terminal:
        connected(server)
        server.send(PEER)
        terminal.until("peer-1")
        server.kill()
        assert terminal.end() == 3
        assert terminal.restored
        assert "the connection was lost and could not be made again within 0.5 s" in terminal.text
        assert "pvws: 1 message in" in terminal.text


def test_no_color_means_no_colours_and_keys_all_the_same(server: Scripted) -> None:
    with watching(server, "--view", "dashboard", NO_COLOR="1") as terminal:
        connected(server)
        server.send(PEER, ALERT)
        terminal.until("critical")
        terminal.press("v")
        terminal.until("v table")  # lines show what comes from then on
        server.send(upload(1))
        terminal.until("file-1")
        terminal.press("q")
        assert terminal.end() == 0
        finals = [_final(part) for part in terminal.raw.split(b"\x1b[")[1:]]
        assert b"H" in finals, "the cursor is moved"
        assert b"m" not in finals


def _final(part: bytes) -> bytes:
    """The last letter of an escape sequence."""
    for at, byte in enumerate(part):
        if 0x40 <= byte <= 0x7E:
            return part[at : at + 1]
    return b""


def test_nothing_that_a_server_says_steers_the_terminal(server: Scripted) -> None:
    evil = "\x1b]0;evil\x07\x1b[2J\x9b2J"
    with watching(server, "--view", "dashboard", columns=200, lines=50) as terminal:
        connected(server)
        server.send(evil, event(PeerConnected(evil, evil, 1, [evil], AT)), event(FileUploaded(evil, 1, evil, AT)))
        terminal.until("3 messages")
        for _ in range(2):
            terminal.press("v")
            server.send(evil)
        terminal.until("── alerts")
        terminal.press("q")
        assert terminal.end() == 0
        assert b"evil" in terminal.raw
        assert b"\x1b]0;" not in terminal.raw
        assert "\x9b".encode() not in terminal.raw


def test_what_other_parts_print_is_among_the_notes_and_not_across_the_picture(tmp_path: Path) -> None:
    script = tmp_path / "marked.yaml"
    script.write_text(
        "pvws: 1\nscenario: marked\nduration: 20s\nnetwork: {peers: 3, capacity: 1 GiB}\n"
        "behaviours: {uploads: {rate: 20/s}}\ntimeline: [{at: 1s, do: mark, name: halfway}]\n"
    )
    run = ["simulate", str(script), "--port", "0", "--speed", "10", "--view", "dashboard"]
    with Terminal([sys.executable, "-m", "pvws", *run]) as terminal:
        text = terminal.until("mark halfway")
        assert "── errors and notes" in text
        terminal.press("v")
        terminal.until("file_uploaded")
        assert terminal.end() == 0
        assert terminal.restored
        assert "pvws: marked: " in terminal.text


def test_quitting_the_dashboard_of_a_simulation_ends_it() -> None:
    with Terminal([sys.executable, "-m", "pvws", "simulate", "quickstart", "--port", "0", "--view", "dashboard"]) as it:
        it.until(lambda text: "● connected" in text and "ws://localhost:" in text)
        it.press("q")
        assert it.end() == 0
        assert it.restored
        assert "pvws: quickstart: " in it.text


def test_only_so_many_pictures_are_drawn_a_second_whatever_comes(server: Scripted) -> None:
    began = time.monotonic()  # what is not read yet was drawn since then, too
    with watching(server, "--view", "dashboard") as terminal:
        connected(server)
        terminal.until("q quit")
        for tens in range(100):
            server.send(*(upload(tens * 100 + number) for number in range(100)))
        terminal.until("10,000 messages")
        pictures, seconds = terminal.raw.count(b"\x1b[?2026h"), time.monotonic() - began
        assert pictures <= 10 * seconds + 2
        terminal.press("q")
        assert terminal.end() == 0
        assert "file_operations  10,000  file_uploaded 10,000" in terminal.text


def test_where_there_is_no_terminal_the_table_is_printed_on_leaving(server: Scripted, tmp_path: Path) -> None:
    def feed() -> None:
        connected(server)
        server.send(PEER, upload(1), ALERT)

    feeding = threading.Thread(target=feed)
    feeding.start()
    ended = pvws("watch", server.url, "--view", "table", "--count", "3", "--utc", COLUMNS="100")
    feeding.join()
    assert ended.returncode == 0, ended.stderr
    assert "\x1b" not in ended.stdout
    assert "peer-1      ONLINE               10.0.0.1:9000          12:00:00.000  storage" in ended.stdout
    assert ended.stdout.count("file-1") == 1


def test_a_figure_of_the_system_is_a_bar(server: Scripted) -> None:
    totals = SystemMetrics(StorageTotals(100, 50, 50), NetworkTotals(7, 5), PerformanceTotals(0.1, 10.5))
    with watching(server, "--view", "dashboard") as terminal:
        connected(server)
        server.send(event(totals))
        text = terminal.until("50% of 100 B")
        assert "7 links, 5 B moved" in text
        assert "10.5 requests/s in 100 ms" in text
