import errno
import sys

import pytest

from pvws.cli.standard import note, print_json, tell_failure, terminal_at
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
