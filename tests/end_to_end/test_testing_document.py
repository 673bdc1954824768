"""docs/testing-any-language.md: its clients do what it says that they do, and its table has every variable."""

import re
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from threading import Thread

import pytest

from pvws.testing.trial.variables import PREFIXES, WORDS, Address, variables
from tests.conftest import NODE_FOLDER
from tests.support.command import pvws
from tests.support.snippets import texts

DOCUMENT = (Path(__file__).parents[2] / "docs" / "testing-any-language.md").read_text(encoding="utf-8")
# What `websockets` waits before it connects again, by its own variables: its users have seconds, we have not.
QUICKLY = {"WEBSOCKETS_BACKOFF_INITIAL_DELAY": "0.01", "WEBSOCKETS_BACKOFF_MIN_DELAY": "0.01"}
SOONER = (("in: 500ms", "in: 50ms"), ("rate: 20/s", "rate: 200/s"))  # the same happens, ten times as fast


(SCRIPT,) = texts("docs/testing-any-language.md", "yaml")
DASHBOARD, TRIAL = texts("docs/testing-any-language.md", "python")
PASSED, FAILED, PRINTED = texts("docs/testing-any-language.md", "text")
(IN_NODE,) = texts("docs/testing-any-language.md", "js")


def shape(said: str) -> list[str]:
    """What was said, without what is another in every run."""
    said = re.sub(r"localhost:\d+", "localhost:PORT", said)
    said = re.sub(r"pvws \d\S* serves", "pvws VERSION serves", said)
    said = re.sub(r"\s*\d+\.\d+ s\b", " TIME", said)
    said = re.sub(r"\S*pvws-artefacts/\S+", "RECORDING", said)
    return said.splitlines()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files of the page lie, and somebody works."""
    script = SCRIPT
    for written, sooner in SOONER:
        assert written in script
        script = script.replace(written, sooner)
    (tmp_path / "reconnect.yaml").write_text(script)
    (tmp_path / "dashboard.py").write_text(DASHBOARD)
    once = DASHBOARD.replace("async for connection in connect(", "for connection in [await connect(")
    (tmp_path / "hasty.py").write_text(once.replace('"]):  #', '"])]:  #'))
    (tmp_path / "alerts.test.mjs").write_text(IN_NODE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tried(client: str) -> tuple[int, list[str]]:
    done = pvws("test", "reconnect.yaml", "--timeout", "40s", "--", sys.executable, client, **QUICKLY)
    return done.returncode, shape(done.stderr.replace(sys.executable, "python"))


@pytest.mark.usefixtures("folder")
def test_a_client_that_reconnects_passes_as_the_page_says() -> None:
    assert tried("dashboard.py") == (0, shape(PASSED))


def test_one_that_does_not_is_told_so_and_leaves_a_recording(folder: Path) -> None:
    code, said = tried("hasty.py")
    assert (code, said[1:]) == (1, shape(FAILED))
    (recording,) = (folder / "pvws-artefacts").iterdir()
    assert pvws("recording", "info", str(recording)).returncode == 0


@pytest.mark.tools
def test_a_test_in_node_steers_the_server_itself(folder: Path, node: Path) -> None:
    (folder / "node_modules").symlink_to(NODE_FOLDER / "node_modules")
    words = ("--timeout", "40s", "--", str(node), "--test", "alerts.test.mjs")
    done = pvws("test", "quickstart", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# pass 1" in done.stdout


def test_the_example_in_python_prints_what_stands_below_it() -> None:
    printed = StringIO()

    def run() -> None:
        with redirect_stdout(printed):
            exec(compile(TRIAL, "testing-any-language.md", "exec"), {"__name__": "example"})

    thread = Thread(target=run)  # it has an event loop of its own
    thread.start()
    thread.join(40)
    assert printed.getvalue() == PRINTED


def test_the_table_has_every_variable_and_the_text_every_prefix_and_word() -> None:
    everything = Address(url="ws://h:1/ws", token="t", control="c", control_token="s", authority="a", bundle="b")
    told = {name for name in variables(everything, {}) if not name.startswith(PREFIXES)}
    table = "\n".join(line.split("|")[1] for line in DOCUMENT.splitlines() if line.startswith("| `P"))
    assert set(re.findall(r"`(\w+)`", table)) == told
    assert all(f"`{prefix}" in DOCUMENT for prefix in PREFIXES)
    assert all(f"`{word}`" in DOCUMENT for word in WORDS)
