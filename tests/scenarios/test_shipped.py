"""The scenarios that come with the package: each loads, says what it is for, and tells the same story as ever."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from pvws.notation.document import parse
from tests.support.stories import FOLDER, NAMES, SHORTENED, digest, script

DIGESTS: dict[str, str] = json.loads((Path(__file__).parent / "digests.json").read_text("utf-8"))
"""SHA-256 of what `pvws simulate NAME --no-serve --out -` writes. It changes with the scenario and with the world
alone: if another change moved it, that change is wrong. After a change that is meant to, `python -m
tests.support.digests` makes them anew; say so in the changelog, since the recordings of users change with it."""

DOCUMENT = FOLDER.parent / "docs" / "scenarios.md"
KEYS = (
    "pvws",
    "scenario",
    "description",
    "parameters",
    "seed",
    "duration",
    "speed",
    "network",
    "behaviours",
    "alerts",
    "timeline",
    "expect",
)


def text(name: str) -> str:
    return (FOLDER / f"{name}.yaml").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_loads_and_says_what_it_is(name: str) -> None:
    scenario = script(name)
    assert scenario.scenario == name
    assert scenario.description.endswith(".")
    assert "\n" not in scenario.description
    assert scenario.start is not None, "a run of a shipped scenario repeats"
    assert scenario.network.names is None, "a digest is free of what Faker says"
    assert scenario.expect, "a client is expected to do something"


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_begins_with_what_it_exercises(name: str) -> None:
    comment = re.match(r"(# .*\n)+", text(name))
    assert comment is not None
    assert 2 <= comment[0].count("\n") <= 5
    assert "?" in comment[0], "it asks what a client does"


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_has_its_keys_in_the_same_order(name: str) -> None:
    root = parse(text(name), f"{name}.yaml").value
    assert isinstance(root, dict)
    assert list(root) == [key for key in KEYS if key in root]


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_tells_the_same_as_ever(name: str) -> None:
    assert digest(name) == DIGESTS[name]


def test_every_scenario_has_its_digest() -> None:
    assert list(DIGESTS) == NAMES


def test_the_command_writes_the_same_in_other_processes(tmp_path: Path) -> None:
    def written(names: list[str], seed: str) -> dict[str, str]:
        arguments = [[name, *(["--duration", SHORTENED[name]] if name in SHORTENED else [])] for name in names]
        lines = [["simulate", *each, "--no-serve", "--out", str(tmp_path / each[0])] for each in arguments]
        command = [sys.executable, "-c", f"from pvws.cli.app import run; print([run(line) for line in {lines}])"]
        environment = os.environ | {"PYTHONHASHSEED": seed}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout == f"{[0] * len(names)}\n"
        return {name: sha256((tmp_path / name).read_bytes()).hexdigest() for name in names}

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(written, (NAMES[::2], NAMES[1::2]), ("1", "99"))
    assert first | second == DIGESTS


def test_the_document_tells_of_exactly_the_shipped_scenarios() -> None:
    document = DOCUMENT.read_text("utf-8")
    rows = re.findall(r"^\| \[`(.+?)`\]\((.+?)\) \|", document, re.MULTILINE)
    assert sorted(name for name, _ in rows) == NAMES
    assert all(target == f"../scenarios/{name}.yaml" for name, target in rows)
    assert sorted(re.findall(r"^\*\*(.+?)\*\* ", document, re.MULTILINE)) == NAMES


def test_the_document_says_how_long_each_of_them_is() -> None:
    said = dict(re.findall(r"^\| \[`(.+?)`\].* \| (\S+) \|$", DOCUMENT.read_text("utf-8"), re.MULTILINE))
    written = {name: re.search(r"^duration: (\S+)$", text(name), re.MULTILINE) for name in NAMES}
    assert said == {name: found and found[1] for name, found in written.items()}
