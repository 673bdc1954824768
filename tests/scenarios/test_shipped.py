"""The scenarios that come with the package: each loads, and each tells the same story as ever."""

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pvws.scenario.director import Director
from pvws.scenario.loader import load
from pvws.scenario.schema import DEFAULT_START

FOLDER = Path(__file__).parents[2] / "scenarios"

DIGESTS = {
    "quickstart": "9c0bd2039d1bbc56c624b6dede3dc4165b43fefa7ccb2fce99461c5e6a5602cd",
}
"""SHA-256 of what `pvws simulate NAME --no-serve --out -` writes. It changes with the scenario and with the world
alone: if another change moved it, that change is wrong. After a change that is meant to, put in what the failed
test shows, and say so in the changelog, since the recordings of users change with it."""


def told(name: str) -> list[bytes]:
    """Every event of a scenario, as it goes over the wire."""
    scenario = load((FOLDER / f"{name}.yaml").read_text("utf-8"), f"{name}.yaml")
    start = DEFAULT_START if scenario.start is None else scenario.start
    director = Director(scenario, start=start, seed=scenario.seed, duration=scenario.duration)
    texts = []
    while director.peek() is not None:
        texts += [event.text for event in director.step()]
    return texts


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_scenario_loads_and_says_what_it_is(path: Path) -> None:
    text = path.read_text("utf-8")
    scenario = load(text, str(path))
    assert scenario.scenario == path.stem
    assert scenario.description
    assert scenario.start is not None, "a run of a shipped scenario repeats"
    assert text.startswith("# "), "a comment says which behaviour of a client it exercises"


@pytest.mark.parametrize("name", DIGESTS)
def test_every_scenario_tells_the_same_as_ever(name: str) -> None:
    assert hashlib.sha256(b"".join(text + b"\n" for text in told(name))).hexdigest() == DIGESTS[name]


def test_the_command_writes_the_same_in_another_process() -> None:
    command = [sys.executable, "-m", "pvws", "simulate", "quickstart", "--no-serve", "--out", "-"]
    done = subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": "99"}, stdout=subprocess.PIPE, check=True)
    assert hashlib.sha256(done.stdout).hexdigest() == DIGESTS["quickstart"]


def test_every_scenario_has_its_digest() -> None:
    assert DIGESTS.keys() == {path.stem for path in FOLDER.glob("*.yaml")}


@pytest.fixture(scope="module")
def quickstart() -> list[dict[str, Any]]:
    return [json.loads(text) for text in told("quickstart")]


def test_in_quickstart_all_four_topics_speak(quickstart: list[dict[str, Any]]) -> None:
    counts = Counter(event["topic"] for event in quickstart)
    assert set(counts) == {"file_operations", "peer_network", "system", "alerts"}
    assert 100 < sum(counts.values()) < 600, "a terminal shows it all in half a minute"


def test_in_quickstart_peers_join_and_one_is_lost_and_back(quickstart: list[dict[str, Any]]) -> None:
    story = [
        (event["type"], event["data"]["id"], event["timestamp"][17:23])
        for event in quickstart
        if event["topic"] == "peer_network"
    ]
    joined = [seconds for kind, _, seconds in story[:8] if kind == "peer_connected"]
    assert joined == ["00.000"] * 4 + ["01.000", "02.500", "04.000", "05.500"]
    lost = story[1][1]
    assert story[8:] == [("peer_disconnected", lost, "10.000"), ("peer_connected", lost, "17.000")]


def test_in_quickstart_storage_fills_to_exactly_one_warning(quickstart: list[dict[str, Any]]) -> None:
    (alert,) = (event for event in quickstart if event["topic"] == "alerts")
    assert (alert["type"], alert["data"]["level"], alert["data"]["threshold"]) == ("storage_alert", "warning", 80)
    assert "18" < alert["timestamp"][17:19] < "27", "while it fills up"


def test_in_quickstart_files_come_spread_and_go(quickstart: list[dict[str, Any]]) -> None:
    counts = Counter(event["type"] for event in quickstart)
    assert counts["file_uploaded"] > 30
    assert counts["file_deleted"] >= 2
    assert counts["file_replicated"] > counts["file_uploaded"]
    statuses = {event["data"]["status"] for event in quickstart if event["type"] == "file_replicated"}
    assert "SYNCED" in statuses


def test_in_quickstart_nothing_is_silent_for_long(quickstart: list[dict[str, Any]]) -> None:
    seconds = [float(event["timestamp"][17:23]) for event in quickstart]
    assert max(later - earlier for earlier, later in pairwise(seconds)) < 3
    assert seconds[-1] > 28
