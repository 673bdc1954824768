from pathlib import Path

import pytest

from pvws.cli.recorded import header_of, recording_to, redactor
from pvws.errors import InputError, PvwsError
from pvws.files.recordings import open_recording
from pvws.recording.format import Mark


def test_the_header_says_when_and_by_what() -> None:
    header = header_of("record", url="ws://a/ws")
    assert header.by.startswith("pvws ")
    assert header.by.endswith(" record")
    assert header.recorded is not None
    assert header.url == "ws://a/ws"


def test_every_path_that_is_none_is_told() -> None:
    with pytest.raises(InputError) as wrong:
        redactor(["data.key", "a..b", ""])
    assert [problem.found for problem in wrong.value.problems] == ['"a..b"', '""']
    assert redactor(None).redacts == ("tokens",)


async def test_what_was_recorded_is_told_on_leaving(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "a.pvrec.jsonl")
    async with recording_to(path, header_of("x"), "--record") as recorder:
        recorder.record(Mark(1, "one"))
    assert capsys.readouterr().err == f"pvws: {path}: 1 entries recorded\n"
    with open_recording(path) as recording:
        assert list(recording) == [Mark(1, "one")]


async def test_a_failure_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "a.pvrec.jsonl")
    async with recording_to(path, header_of("x"), "--record") as recorder:
        recorder._fail(PvwsError("full"))
    assert capsys.readouterr().err.count("full") == 1
