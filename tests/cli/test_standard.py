import errno
import io
import sys

import pytest

from pvws.cli.standard import ProgressLine, note, print_json, tell_failure, terminal_at
from pvws.errors import PvwsError


def test_a_closed_stream_is_no_terminal() -> None:
    assert not terminal_at(None)


def test_a_note_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    note("one\n\x1b[2Jtwo")
    assert capsys.readouterr().err == "pvws: one\n\\x1b[2Jtwo\n"


def test_a_document_is_laid_out_for_whoever_reads_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"held": 2})
    assert capsys.readouterr().out == '{\n  "held": 2\n}\n'


def test_a_note_to_nobody_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    note("unheard")


def test_a_reader_that_left_is_no_failure_and_a_full_disk_is() -> None:
    tell_failure(BrokenPipeError())
    with pytest.raises(PvwsError, match=r"^can't write to out\.jsonl: no space left on device$"):
        tell_failure(OSError(errno.ENOSPC, "No space left on device"), "out.jsonl")


def test_where_there_is_no_terminal_no_line_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    line = ProgressLine()
    line.show("something")
    line.clear()
    assert capsys.readouterr().err == ""


class Terminal(io.StringIO):
    """What was written to a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_line_says_how_far_it_is_within_the_width_of_the_terminal_and_is_taken_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "10")
    line = ProgressLine()
    line.show("12 rules left")
    line.clear()
    assert terminal.getvalue() == "\r12 rules \x1b[K\r\x1b[K"


def test_a_terminal_that_is_gone_does_not_end_what_is_shown_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    line = ProgressLine()

    def gone(text: str) -> int:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(terminal, "write", gone)
    line.show("12 rules left")
