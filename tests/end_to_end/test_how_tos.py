"""docs/how-to-*.md: who saves their files and types their commands gets what the pages show."""

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import pvws.scenario.director
import pvws.testing.fixture.factory  # noqa: F401 - pytester forgets what is imported within one of its runs
from pvws.scenario.faults.spec import read_fault
from pvws.scenario.loader import load
from pvws.testing.exam.catalogue import CASES
from tests.conftest import NODE_FOLDER
from tests.support.command import pvws as typed
from tests.support.command_lines import commands
from tests.support.snippets import ROOT, Snippet, read

pytest_plugins = ["pytester"]

HOW_TOS = (
    "how-to-test-reconnection",
    "how-to-simulate-an-outage",
    "how-to-reproduce-a-bug-from-a-browser",
    "how-to-ci-in-five-languages",
)
PAGES: dict[str, list[Snippet]] = {
    page: list(read((ROOT / "docs" / f"{page}.md").read_text("utf-8"), page)) for page in HOW_TOS
}
RECONNECTION, OUTAGE, BROWSER, LANGUAGES = HOW_TOS
FILES = {page: {each.remarks["file"]: each.text for each in PAGES[page] if "file" in each.remarks} for page in HOW_TOS}
SAID = {page: {each.remarks["shown"]: each.text for each in PAGES[page] if "shown" in each.remarks} for page in HOW_TOS}
DOCUMENT = (ROOT / "docs" / f"{OUTAGE}.md").read_text("utf-8")
EXAMPLES = ROOT / "docs" / "examples"
FOLDER = "examples/five-languages"
SHOWN = tuple(
    f"{FOLDER}/{name}"
    for name in ("alerts.yaml", "python/test_alerts.py", "javascript/alerts.test.mjs", "java/Alerts.java")
)
SHOWN_ONLY = (f"{FOLDER}/go/alerts_test.go", f"{FOLDER}/swift/Tests/AlertsTests/AlertsTests.swift")
"""What the pages show of the examples: what is run below, and what nothing here can run."""
SETTINGS = "[pytest]\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function\n"
# The pages' readers have seconds, we have not: the same happens, ten times as fast.
SOONER = (
    ("FIRST, MOST = 0.5,", "FIRST, MOST = 0.05,"),
    ("in: 500ms", "in: 50ms"),
    ("in: 1s", "in: 50ms"),
    ("restart: 2s", "restart: 200ms"),
    ("least: 100ms", "least: 10ms"),
    ("- {client: resubscribes, within: 5s}", "- {client: resubscribes, within: 800ms}"),
)


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Saves the files of a page in a folder of its own, and works there."""

    def save(*pages: str, sooner: bool = True) -> Path:
        for page in pages:
            for name, text in FILES[page].items():
                for written, instead in SOONER if sooner else ():
                    text = text.replace(written, instead)
                (tmp_path / name).write_text(text, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return save


def line(page: str, beginning: str) -> list[str]:
    """The words of the last command of a page that begins so, behind `pvws`; its Python is ours."""
    blocks = [each.text for each in PAGES[page] if each.language == "console"]
    found = [words for text in blocks for words in commands(text) if " ".join(words).startswith(f"pvws {beginning}")]
    assert found, beginning
    return [sys.executable if word == "python" else word for word in found[-1][1:]]


def shape(said: str) -> list[str]:
    """What was said, without what is another in every run."""
    return re.sub(r"\d+\.\d+ s\b", "TIME", said.replace(sys.executable, "python")).splitlines()


def test_a_client_that_reconnects_passes_as_the_page_says(saved: Callable[..., Path]) -> None:
    saved(RECONNECTION)
    done = typed(*line(RECONNECTION, "test reconnect.yaml"))
    assert done.returncode == 0, done.stderr
    assert shape(done.stderr)[1:] == shape(SAID[RECONNECTION]["passed"])


def test_one_that_subscribes_only_once_is_found(saved: Callable[..., Path]) -> None:
    client = saved(RECONNECTION) / "client.py"
    once = client.read_text().replace("for topic in TOPICS:", "while TOPICS and (topic := TOPICS.pop(0)):")
    client.write_text(once)
    done = typed(*line(RECONNECTION, "test reconnect.yaml"))
    assert done.returncode == 1, done.stderr
    found = [each.replace("800ms", "5s") for each in shape(done.stderr)]
    assert [each for each in shape(SAID[RECONNECTION]["failed"]) if each not in found] == []


def test_silence_is_noticed_by_who_asks(saved: Callable[..., Path]) -> None:
    saved(RECONNECTION)
    words = [word.replace("HEARTBEAT=1", "HEARTBEAT=0.2") for word in line(RECONNECTION, "test silent.yaml")]
    assert "HEARTBEAT=0.2" in words
    done = typed(*words)
    assert done.returncode == 0, done.stderr


def test_the_tests_of_reconnection_pass(pytester: pytest.Pytester) -> None:
    pytester.makeini(SETTINGS)
    for name, text in FILES[RECONNECTION].items():
        (pytester.path / name).write_text(text, encoding="utf-8")
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_half_of_the_peers_are_lost_at_10_03(saved: Callable[..., Path]) -> None:
    folder = saved(OUTAGE, sooner=False)
    assert typed(*line(OUTAGE, "simulate half-lost.yaml --no-serve")).returncode == 0
    events = [json.loads(each) for each in (folder / "outage.jsonl").read_text().splitlines()]
    # As jq does it on the page.
    lost = [each for each in events if each["type"].startswith("peer_d")]
    assert [f"{each['timestamp'][11:19]} {each['data']['reason']}" for each in lost] == SAID[OUTAGE][
        "lost"
    ].splitlines()
    alerts = [(each["data"]["level"], each["timestamp"][:16]) for each in events if each["type"] == "network_alert"]
    assert [level for level, _ in alerts] == ["warning", "critical", "info"]
    assert alerts[2][1] == "2026-01-05T10:05"


def test_a_client_outlives_the_outage(saved: Callable[..., Path]) -> None:
    saved(RECONNECTION, OUTAGE)
    done = typed(*line(OUTAGE, "test outage.yaml"))
    assert done.returncode == 0, done.stderr


@pytest.fixture
def bug(saved: Callable[..., Path]) -> Path:
    """What lies in the folder of the bug, and the page's test beside it."""
    folder = saved(BROWSER)
    for each in (EXAMPLES / "browser-bug").iterdir():
        shutil.copy(each, folder)
    return folder


def test_what_the_browser_has_seen_is_told(bug: Path) -> None:
    assert typed(*line(BROWSER, "recording convert")).returncode == 0
    told = typed(*line(BROWSER, "recording info")).stdout.splitlines()
    assert [each for each in SAID[BROWSER]["info"].splitlines() if each not in told] == []
    whole, short = ((bug / name).read_text().splitlines()[1:] for name in ("bug.pvrec.jsonl", "short.pvrec.jsonl"))
    (shortest,) = (json.loads(each)["message"] for each in short)
    assert shortest in [json.loads(each).get("message") for each in whole]
    assert [shortest["type"]] == SAID[BROWSER]["short"].splitlines()


@pytest.mark.parametrize("mended", [False, True], ids=["as it is", "mended"])
def test_a_scenario_of_the_short_recording_finds_the_bug_and_no_other(bug: Path, mended: bool) -> None:
    if mended:
        mend(bug / "files.py")
    made = typed(*line(BROWSER, "recording to-scenario"))
    assert (made.returncode, made.stderr) == (0, "pvws: 1 event by type, with the times of the stage\n")
    command, *words = line(BROWSER, "test bug.yaml")
    done = typed(command, "--duration", "700ms", *words)
    assert done.returncode == (0 if mended else 1), done.stderr
    assert mended is (SAID[BROWSER]["broken"].strip() not in done.stdout + done.stderr)


@pytest.mark.parametrize("mended", [False, True], ids=["as it is", "mended"])
def test_the_test_of_the_bug_fails_until_it_is_mended(pytester: pytest.Pytester, bug: Path, mended: bool) -> None:
    if mended:
        mend(bug / "files.py")
    pytester.makeini(SETTINGS)
    for name in ("files.py", "short.pvrec.jsonl", "test_files.py"):
        shutil.copy(bug / name, pytester.path)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", str(pytester.path))
    result.assert_outcomes(passed=int(mended), failed=int(not mended))


def mend(client: Path) -> None:
    """As the page says."""
    text = client.read_text()
    assert text.count('files[data["key"]]["updated"]') == 1
    client.write_text(text.replace('files[data["key"]]["updated"]', 'files.get(data["key"], {})["updated"]'))


@pytest.mark.long
def test_the_session_is_shrunk_to_that_recording(bug: Path) -> None:
    short = bug / "short.pvrec.jsonl"
    shipped = short.read_text()
    short.unlink()
    assert typed(*line(BROWSER, "recording convert")).returncode == 0
    done = typed(*line(BROWSER, "shrink"))
    assert done.returncode == 0, done.stdout + done.stderr
    found, expected = (json.loads(text.splitlines()[-1])["message"] for text in (short.read_text(), shipped))
    assert found == expected


def in_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *command: str) -> str:
    """What is said of a command in the folder of the five languages. It has passed."""
    shutil.copytree(EXAMPLES / "five-languages", tmp_path, dirs_exist_ok=True)
    (tmp_path / "node_modules").symlink_to(NODE_FOLDER / "node_modules")
    monkeypatch.chdir(tmp_path)
    done = typed("test", "alerts.yaml", "--junit", "report.xml", "--", *command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "expectations: 4 held" in done.stderr
    return done.stdout


@pytest.mark.tools
def test_the_test_in_javascript_passes(node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "# pass 1" in in_language(tmp_path, monkeypatch, str(node), "--test", "javascript/alerts.test.mjs")


@pytest.mark.long
def test_the_test_in_java_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("java") is None:
        pytest.skip("needs a JDK")
    assert "an alert arrived" in in_language(tmp_path, monkeypatch, "java", "java/Alerts.java")


def test_the_test_in_python_passes(pytester: pytest.Pytester) -> None:
    pytester.makeini(SETTINGS)
    shutil.copy(EXAMPLES / "five-languages" / "python" / "test_alerts.py", pytester.path)
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


@pytest.mark.parametrize("page", [RECONNECTION, OUTAGE])
def test_what_the_tables_name_is_what_there_is(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    steps = re.findall(r"`(do: [^`]+)`", text)
    faults = re.findall(r'faults\.add\("([^"]+)"\)`', text)
    assert steps
    for step in steps:
        load(f"scenario: a\ntimeline:\n  - {{at: 1s, {step}}}\n", page)
    for fault in faults:
        read_fault(fault)
    assert set(re.findall(r"`((?:reconnect|security)\.[a-z0-9-]+)` \|", text)) <= set(CASES)


@pytest.mark.parametrize(
    ("step", "types"),
    [
        ("do: crash, peers: 50%", {"peer_health_changed", "peer_disconnected"}),
        ("do: leave, peers: 50%, reason: shutdown", {"peer_disconnected"}),
        ("do: partition, groups: 2, for: 2m", {"network_topology_changed", "network_alert", "peer_health_changed"}),
        ("do: restart, down: 5s", {"peer_disconnected", "peer_connected"}),
    ],
)
def test_clients_are_told_what_the_table_of_outages_says(step: str, types: set[str], tmp_path: Path) -> None:
    (row,) = re.findall(rf"^\| .* \| `{re.escape(step)}` \| (.*) \|$", DOCUMENT, re.MULTILINE)
    assert types <= set(re.findall(r"`(\w+)`", row))
    script, out = tmp_path / "a.yaml", tmp_path / "a.jsonl"
    script.write_text(f"scenario: a\nduration: 3m\nnetwork: {{peers: 12}}\ntimeline:\n  - {{at: 10s, {step}}}\n")
    done = typed("simulate", str(script), "--no-serve", "--start", "2026-01-05T10:00:00Z", "--out", str(out))
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in out.read_text().splitlines()]
    after = [each for each in events if each["timestamp"] > "2026-01-05T10:00:09"]
    assert types <= {each["type"] for each in after}
    if "partition" in step:
        assert "peer_disconnected" not in {each["type"] for each in after}
    if "leave" in step:
        gone = {each["timestamp"][:19] for each in after if each["type"] == "peer_disconnected"}
        assert gone == {"2026-01-05T10:00:10"}
