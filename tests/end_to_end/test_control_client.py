"""docs/control-client.md and docs/ctl.md: every example runs against a real server, and the tables tell the truth."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

import pvws
from pvws.cli.app import run
from pvws.cli.ctl import app
from tests.support.command import Serving, serving

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "control-client.md").read_text("utf-8")
COMMANDS_TEXT = (DOCS / "ctl.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
LINES = re.findall(r"^pvws (?!serve|simulate)(.*?)(?: \|.*)?$", COMMANDS_TEXT, re.MULTILINE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """What the document says to start."""
    with serving(tmp_path_factory.mktemp("served"), "serve", "--scenario", "quickstart") as found:
        yield found


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_runs(
    number: int,
    server: Serving,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pvws.SyncControl(server.control) as control:
        control.scenario.load("quickstart")
    source = EXAMPLES[number].replace("http://localhost:8084", server.control)
    source = source.replace("ws://localhost:8083/ws", server.url)
    exec(compile(source, "docs/control-client.md", "exec"), {"__name__": "__main__"})
    said = capsys.readouterr()
    assert said.out, "an example shows something"
    assert said.err == ""


@pytest.mark.parametrize("line", LINES)
def test_every_command_runs(
    line: str,
    server: Serving,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PVWS_CONTROL_URL", server.control)
    Path("view.json").write_text("{}")
    with pvws.SyncControl(server.control) as control:
        control.scenario.load("quickstart", held=True)
    words = shlex.split(line)
    if "events" in words:
        words += ["--count", "1", "--kind", "state"]
    if "wait" in words:
        words[words.index("--timeout") + 1] = "10ms"
    assert run(words) == (1 if "wait" in words else 0), capfd.readouterr()


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 11
    assert len(LINES) >= 8


def test_the_tables_name_what_there_is() -> None:
    for name in re.findall(r"^\| `(\w+Error)` ", TEXT, re.MULTILINE):
        assert issubclass(getattr(pvws, name), pvws.PvwsError)
    told = set(re.findall(r"`(\w+)", COMMANDS_TEXT.partition("## Commands")[2].partition("## For scripts")[0]))
    commands = {each.name or getattr(each.callback, "__name__", "") for each in app.registered_commands}
    assert {*commands, "fault", "rule"} <= told
