"""Type checkers in a project that has pvws installed: what they say of right uses, and of wrong ones.

The two files that they read hold both. A mistake in them is followed by a comment that has the checker be silent there;
that it would complain of a comment without need shows that it has found the mistake.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.house.modules import ROOT
from tests.release.distribution import Installed

EXAMPLES = ("typed_connecting.py", "typed_steering.py")
PYRIGHT = ROOT / "tests" / "node" / "node_modules" / "pyright" / "index.js"
IGNORED = re.compile(r"  # type: ignore\[.*\]$", re.MULTILINE)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples as they stand, and with their mistakes laid bare."""
    folder = tmp_path_factory.mktemp("consumer")
    for name in EXAMPLES:
        shutil.copy(Path(__file__).with_name(name), folder)
        text = (folder / name).read_text("utf-8")
        (folder / f"bare_{name}").write_text(IGNORED.sub("", text), "utf-8")
    return folder


@pytest.fixture(scope="module")
def planted(project: Path) -> set[tuple[str, int]]:
    """Where the mistakes are that are to be found: file and line."""
    places = {
        (f"bare_{name}", number)
        for name in EXAMPLES
        for number, line in enumerate((project / name).read_text("utf-8").splitlines(), 1)
        if IGNORED.search(line)
    }
    assert len(places) == 10
    return places


@pytest.mark.timeout(300)  # it reads all of pvws, and what that imports
def test_mypy_agrees_and_finds_every_mistake(
    project: Path, planted: set[tuple[str, int]], installed: Installed
) -> None:
    # In a process of its own: mypy raises the interpreter's recursion limit, on which other tests rely.
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-executable", str(installed.python)]
    done = subprocess.run(
        [*command, *map(str, sorted(project.glob("*.py")))], cwd=project, capture_output=True, text=True, check=False
    )
    found = re.findall(r"^([\w.]+):(\d+): error: ", done.stdout, re.MULTILINE)
    assert {(name, int(line)) for name, line in found} == planted, done.stdout + done.stderr


@pytest.mark.tools
@pytest.mark.timeout(300)
def test_pyright_agrees_and_finds_every_mistake(
    project: Path, planted: set[tuple[str, int]], installed: Installed, node: Path
) -> None:
    settings = {"typeCheckingMode": "strict", "reportUnnecessaryTypeIgnoreComment": "error", "include": ["*.py"]}
    (project / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    command = [node, PYRIGHT, "--outputjson", "--pythonpath", installed.python, "--project", project]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    said: dict[str, Any] = json.loads(done.stdout)
    found = [each for each in said["generalDiagnostics"] if each["severity"] == "error"]
    places = {(Path(each["file"]).name, each["range"]["start"]["line"] + 1) for each in found}
    assert places == planted, json.dumps(found, indent=1)
