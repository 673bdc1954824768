"""docs/exploring.md: its files find and repeat the bug that it shows, in the words that it has."""

import re
import sys
from pathlib import Path

import pytest

from pvws.scenario.loader import load
from tests.support.command import pvws
from tests.support.scenario_reference import EXPLORING, rendered

DOCUMENT = EXPLORING.read_text(encoding="utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", DOCUMENT, re.DOTALL))
(EXPLORED,) = re.findall(r"<!-- shown: explored -->\n```text\n(.*?)```", DOCUMENT, re.DOTALL)
CLIENT = (sys.executable, "client.py", "{url}")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def test_the_tables_are_those_that_the_schema_gives() -> None:
    assert rendered(DOCUMENT) == DOCUMENT, "run `make reference`"


def test_the_seed_that_is_shown_fails_and_is_told_as_it_is_shown() -> None:
    done = pvws("explore", "files.yaml", "--from", "5", "--seeds", "1", "--", *CLIENT)
    assert done.returncode == 1, done.stderr
    told = done.stdout.replace(sys.executable, "python")
    told = re.sub(r"(said:\n).*\n(    KeyError)", r"\1    …\n\2", told, flags=re.DOTALL)
    assert told == EXPLORED


def test_the_shortest_that_is_shown_is_a_scenario_with_which_the_client_fails_the_same() -> None:
    short = FILES["files-seed-5.min.yaml"]
    assert len(load(short, "short.yaml").timeline) == 1
    done = pvws("test", "files-seed-5.min.yaml", "--artefacts", "off", "--", *CLIENT)
    assert done.returncode == 1
    assert "KeyError" in done.stdout + done.stderr


def test_the_seeds_before_it_do_not_fail() -> None:
    done = pvws("explore", "files.yaml", "--seeds", "2", "--linger", "100ms", "--", *CLIENT)
    assert done.returncode == 0, done.stdout
