"""`python -m pvws` and the console script: one function, which leaves with the exit code of the command line."""

import os
import subprocess
import sys
from pathlib import Path

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


def test_a_terminal_that_lacks_a_letter_gets_a_question_mark_for_it(tmp_path: Path) -> None:
    recording = str(tmp_path / "r.pvrec.jsonl")
    poor = os.environ | {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    play = ["simulate", "quickstart", "--duration", "3s", "--no-serve", "--record", recording]
    for command in (play, ["recording", "info", recording], ["scenarios", "show", "größe"]):
        done = subprocess.run([sys.executable, "-m", "pvws", *command], capture_output=True, env=poor, check=False)
        assert b"internal error" not in done.stderr
        assert done.stdout.isascii()
        assert done.stderr.isascii()
    assert (
        b"?"
        in subprocess.run(
            [sys.executable, "-m", "pvws", "recording", "info", recording], capture_output=True, env=poor, check=True
        ).stdout
    )


def test_a_ctrl_c_while_it_is_being_imported_is_as_quiet_as_later() -> None:
    # Whatever is not there yet when our first line runs is imported where that is caught.
    code = (
        "import sys; from pvws import __main__; early = {'signal', 'pvws.cli'} & set(sys.modules)\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'signal': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted()); print(early, flush=True); __main__.main()"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "set()\n", "")


def test_python_m_pvws_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "pvws", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"pvws {__version__}\n"
