"""The command line as a whole: what it lists, what it says when something is wrong, and its exit codes."""

import os
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import NoReturn

import pytest
import typer

from pvws import __version__
from pvws.cli import app as command_line
from pvws.cli.app import COMMANDS, run
from pvws.errors import InputError, Problem, ReachError

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Puts another function in the place of the command `serve`."""

    def replace(command: Callable[[], object]) -> None:
        monkeypatch.setattr(command_line, "import_module", lambda name: SimpleNamespace(serve=command))

    return replace


def raising(error: BaseException) -> Callable[[], NoReturn]:
    def command() -> NoReturn:
        raise error

    return command


def test_help_lists_every_command_with_its_summary(capsys: Capture) -> None:
    assert run(["--help"]) == 0
    said = capsys.readouterr().out
    for name, summary in COMMANDS.items():
        assert name in said
        assert summary in said


def test_no_arguments_at_all_show_the_help(capsys: Capture) -> None:
    assert run([]) == 2
    captured = capsys.readouterr()
    assert "simulate" in captured.out + captured.err


def test_version_is_printed(capsys: Capture) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"pvws {__version__}\n"


@pytest.mark.parametrize("arguments", [["dance"], ["--dance"], ["serve", "--dance"]])
def test_wrong_usage_is_exit_code_2_and_names_what_is_wrong(arguments: list[str], capsys: Capture) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "dance" in captured.err
    assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["serve", "quickstart"], "pvws serve --scenario quickstart"),
        (["test", "quickstart", "npm", "test", "--watch"], "put -- before that: pvws test SCENARIO -- npm test"),
    ],
)
def test_a_common_mistake_is_answered_with_what_was_meant(arguments: list[str], advice: str, capsys: Capture) -> None:
    assert run(arguments) == 2
    assert advice in capsys.readouterr().err


def test_only_the_module_of_the_wanted_command_is_imported(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    imported: list[str] = []

    def import_module(name: str) -> SimpleNamespace:
        imported.append(name)
        return SimpleNamespace(serve=lambda: None)

    monkeypatch.setattr(command_line, "import_module", import_module)
    assert run(["--help"]) == 0
    assert imported == []
    assert run(["serve"]) == 0
    assert imported == ["pvws.cli.serve"]


@pytest.mark.parametrize(
    ("error", "exit_code", "said"),
    [
        (
            InputError(Problem("seed", "a whole number", '"x"', file="a.yaml", line=3)),
            2,
            'pvws: a.yaml:3: seed: expected a whole number, got "x"\n',
        ),
        (
            ReachError("localhost:8083", "the port is in use", "Try --port 0."),
            3,
            "pvws: localhost:8083: the port is in use\nTry --port 0.\n",
        ),
    ],
)
def test_our_errors_are_told_in_a_sentence_with_their_exit_code(
    serve: Callable[[Callable[[], object]], None], capsys: Capture, error: Exception, exit_code: int, said: str
) -> None:
    serve(raising(error))
    assert run(["serve"]) == exit_code
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", said)


@pytest.mark.parametrize(
    ("error", "exit_code"), [(typer.Exit(1), 1), (typer.Exit(130), 130), (KeyboardInterrupt(), 130), (typer.Exit(), 0)]
)
def test_a_command_may_leave_with_any_exit_code(
    serve: Callable[[Callable[[], object]], None], error: BaseException, exit_code: int
) -> None:
    serve(raising(error))
    assert run(["serve"]) == exit_code


def test_a_mistake_of_ours_is_told_as_one(
    serve: Callable[[Callable[[], object]], None], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PVWS_TRACEBACK", raising=False)
    serve(raising(AssertionError("ours")))
    assert run(["serve"]) == 1
    assert capsys.readouterr().err == (
        "pvws: internal error: AssertionError: ours\n"
        "This is a mistake in pvws; please report it, with what PVWS_TRACEBACK=1 adds.\n"
    )
    monkeypatch.setenv("PVWS_TRACEBACK", "1")
    assert run(["serve"]) == 1
    assert "Traceback (most recent call last)" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="pipes break differently there")
def test_a_reader_that_leaves_early_is_met_without_noise() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, "-m", "pvws", "--help"], stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["test", "quickstart", "other.yaml", "--", "true"], '"other.yaml" as well'),
        (["explore", "quickstart", "more", "--seeds", "1", "--", "node", "c.js"], '"more" as well'),
        (["test", "--", "npm", "test"], "none"),
    ],
)
def test_a_command_is_what_stands_behind_the_dashes(arguments: list[str], found: str, capsys: Capture) -> None:
    assert run(arguments) == 2
    assert capsys.readouterr().err == f'pvws: before "--": expected one SCENARIO, got {found}\n'
