"""docs/python-client.md and README.md: every example runs, against a server that plays; the tables tell the truth."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import pvws
from pvws.client.buffer import BUFFER_EVENTS
from pvws.client.client import PATIENCE_FIRST_S, RETRY_FIRST_S, RETRY_MOST_S
from pvws.client.heartbeat import HEARTBEAT_S, HEARTBEAT_TIMEOUT_S
from tests.support.command import serving

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "python-client.md"
TEXT = DOCUMENT.read_text("utf-8")
EXAMPLES = [
    example
    for example in re.findall(
        r"^```python\n(.*?)^```$", TEXT + (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    if "def test_" not in example  # of the fixture, and run by test_readme.py
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that plays, fast, what the document says."""
    folder = tmp_path_factory.mktemp("served")
    with serving(folder, "simulate", "quickstart", "--loop", "--speed", "30", "--token", "secret") as server:
        yield server.url


@pytest.fixture(scope="module")
def open_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same without tokens."""
    folder = tmp_path_factory.mktemp("served")
    with serving(folder, "simulate", "quickstart", "--loop", "--speed", "30") as server:
        yield server.url


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_runs(
    number: int, url: str, open_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = EXAMPLES[number]
    place = url if "token=" in source else open_url
    for module in ("pvws.client.connection", "pvws.client.sync"):
        for function in ("connect", "connect_sync"):
            if (made := getattr(__import__(module, fromlist=[function]), function, None)) is not None:
                monkeypatch.setattr(made, "__defaults__", (place, pvws.TOPICS))
    exec(compile(source.replace("ws://localhost:8083/ws", place), str(DOCUMENT), "exec"), {"__name__": "__main__"})
    said = capsys.readouterr()
    assert said.out, "an example shows something"
    assert said.err == ""


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 8


def test_the_tables_name_what_there_is_and_its_defaults() -> None:
    for name in (*pvws.Options.__annotations__, "Connected", "Disconnected", "Unreached", "Refused", "Dropped"):
        assert f"`{name}`" in TEXT, name
    for name in re.findall(r"^\| `(\w+Error)` ", TEXT, re.MULTILINE):
        assert issubclass(getattr(pvws, name), pvws.PvwsError)
    figures = (PATIENCE_FIRST_S, RETRY_FIRST_S, RETRY_MOST_S, HEARTBEAT_S, HEARTBEAT_TIMEOUT_S, BUFFER_EVENTS)
    assert figures == (10, 0.5, 30, 20, 20, 1024)
    for row in (
        "| `patience_first_s`, `patience_s` | 10, none |",
        "| `retry_first_s`, `retry_most_s` | 0.5, 30 |",
        "| `heartbeat_s`, `heartbeat_timeout_s` | 20, 20 |",
        '| `buffer`, `overflow` | 1024, `"wait"` |',
    ):
        assert row in TEXT
