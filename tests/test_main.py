"""`python -m pvws` and the console script: one function, which leaves with the exit code of the command line."""

import subprocess
import sys

import pytest

from pvws import __main__, __version__


def test_main_leaves_with_the_exit_code_of_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[list[str]] = []

    def run(arguments: list[str]) -> int:
        given.append(arguments)
        return 3

    monkeypatch.setattr("pvws.cli.app.run", run)
    monkeypatch.setattr(sys, "argv", ["pvws", "serve", "--port", "0"])
    with pytest.raises(SystemExit) as leaving:
        __main__.main()
    assert leaving.value.code == 3
    assert given == [["serve", "--port", "0"]]


def test_python_m_pvws_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "pvws", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"pvws {__version__}\n"
