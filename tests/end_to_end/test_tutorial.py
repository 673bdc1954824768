"""docs/tutorial.md: what it has one save and type does what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import pvws

TEXT = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", TEXT, re.DOTALL))
SHOWN = dict(re.findall(r"<!-- shown: (\w+) -->\n```text\n(.*?)```", TEXT, re.DOTALL))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the reader works. Pauses are a tenth of what is written there."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text.replace("pause = 0.5", "pause = 0.05"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("client", "shown"), [("files.py", "before"), ("mended.py", "after")])
@pytest.mark.usefixtures("folder")
def test_the_exam_says_of_the_client_what_the_page_shows(client: str, shown: str) -> None:
    [line] = re.findall(r"^pvws (check client .*) -- python files.py$", TEXT, re.MULTILINE)
    said = pvws(*line.split(), "--", sys.executable, client)
    assert said.returncode == (0 if shown == "after" else 1), said.stdout + said.stderr
    heads = re.findall(r"^(?:\w+  \d of \d|  [✓✗–] \S+)", said.stdout, re.MULTILINE)
    assert heads == SHOWN[shown].splitlines()


def test_its_test_passes(folder: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:locust", "test_files.py"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False, timeout=50)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_its_scenario_judges_both_clients(folder: Path) -> None:
    [line] = re.findall(r"^pvws (test .*) -- python mended.py$", TEXT, re.MULTILINE)
    assert pvws(*line.split(), "--", sys.executable, "mended.py").returncode == 0
    assert "<testsuite " in (folder / "report.xml").read_text(encoding="utf-8")
    assert pvws(*line.split(), "--", sys.executable, "files.py").returncode == 1
