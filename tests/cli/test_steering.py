"""What the commands that steer share: the answer told, in lines or as JSON, and the exit code."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

from pvws.cli.steering import Reach, Told, control_of, seconds, steer
from pvws.errors import InputError
from pvws.terminal.spans import Span


def told(capfd: pytest.CaptureFixture[str], said: Told, *, as_json: bool = False) -> tuple[int, str]:
    async def act(control: object) -> Told:
        return said

    with pytest.raises(typer.Exit) as leaving:
        steer(Reach("127.0.0.1:1", as_json=as_json), act)
    return leaving.value.exit_code, capfd.readouterr().out


def test_a_person_reads_lines_and_a_program_json(capfd: pytest.CaptureFixture[str]) -> None:
    said = Told({"a": "ä"}, ["one \x1b", [Span("two", "bad")]], exit_code=1)
    assert told(capfd, said) == (1, "one \\x1b\ntwo\n")
    assert told(capfd, said, as_json=True) == (1, '{\n  "a": "ä"\n}\n')
    assert told(capfd, Told([1, {"b": 2}], each=True), as_json=True) == (0, '1\n{"b":2}\n')


def test_a_token_may_be_in_a_file() -> None:
    with pytest.raises(InputError, match=r"^--token: expected a file"):
        control_of(Reach(token="@/none"))
    assert control_of(Reach(":9001", world="w1")).world_name == "w1"


def test_spans_of_time_are_durations() -> None:
    assert seconds("--timeout", "1m30s") == 90
    with pytest.raises(InputError, match=r"^--timeout: expected a duration"):
        seconds("--timeout", "soon")


def test_a_reader_that_has_enough_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(control: object) -> Told:
        return Told({}, ["a"])

    with (tmp_path / "out").open("w") as file:
        closed = SimpleNamespace(isatty=lambda: False, fileno=file.fileno, flush=lambda: None, write=_broken)
        monkeypatch.setattr(sys, "stdout", closed)
        with pytest.raises(typer.Exit) as leaving:
            steer(Reach("127.0.0.1:1"), act)
    assert leaving.value.exit_code == 0


def _broken(text: str) -> int:
    raise BrokenPipeError
