"""docs/watching.md: every command in it is run against a server, and every output in it is what comes."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pvws.cli.app import COMMANDS
from pvws.terminal.controls import HELP
from tests.end_to_end.test_documents import BLOCK, ROOT
from tests.support.command import Serving, pvws, serving

DOCUMENT = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8")
BLOCKS = [(match["language"], match["text"]) for match in BLOCK.finditer(DOCUMENT)]
LINES = [line for language, text in BLOCKS if language == "console" for line in text.splitlines()]
WATCHES = [line for line in LINES if line.startswith("pvws watch")]
REFUSED = 'pvws watch --where "data.size = 3"'
MOMENT = "300ms"  # what a command is given that would otherwise go on for ever


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("served")
    with serving(folder, "simulate", "kitchen-sink", "--speed", "20", "--loop") as server:
        yield server


def test_there_are_commands_and_outputs() -> None:
    assert len(WATCHES) > 15
    assert REFUSED in WATCHES
    assert "watch" in COMMANDS


@pytest.mark.parametrize("line", WATCHES)
def test_every_command_runs(line: str, server: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it stands in the document, but on a free port, and not for ever; by a shell where it takes one."""
    monkeypatch.chdir(tmp_path)
    Path("token.txt").write_text("anything\n")
    ends = [] if any(option in line for option in ("--count", "--until")) else ["--for", MOMENT]
    line = re.sub(r" --for \S+", "", line)
    arguments = ["watch", server.url, *ends]
    if set(line) & set("|>&"):
        shell = f"set -o pipefail; {line}".replace(
            "pvws watch", shlex.join([sys.executable, "-m", "pvws", *arguments]), 1
        )
        ended = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, timeout=50, check=False)
    else:
        ended = pvws(*arguments, *shlex.split(line, comments=True)[2:])
    assert ended.returncode == (2 if line == REFUSED else 0), ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_refusal_is_the_one_that_comes() -> None:
    assert ("text", pvws(*shlex.split(REFUSED)[1:]).stderr) in BLOCKS


def test_the_log_is_the_one_that_comes(tmp_path: Path) -> None:
    (shown,) = [text for language, text in BLOCKS if language == "text" and "file_uploaded        c0a" in text]
    with serving(tmp_path, "simulate", "kitchen-sink", "--speed", "50", "--wait-for-client") as server:
        lines = pvws("watch", server.url, "--utc", "--until", "type == 'peer_health_changed'").stdout.splitlines()
    assert [line for line in shown.splitlines() if line not in lines] == []


def test_the_keys_are_those_of_the_help() -> None:
    told = {
        key for row in re.findall(r"^\| (`.*?|Tab) \|", DOCUMENT, re.MULTILINE) for key in re.findall(r"[^\s`,]+", row)
    }
    assert {key.lower() for key in told} >= {key for keys, _ in HELP for key in keys.replace(",", "").split()}
