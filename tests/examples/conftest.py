"""An example as a user has it: copied out of the repository, with the packages that it names."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import NODE_FOLDER, TOOLS

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
_TIMEOUT_S = 150


class Example:
    """A copy of an example's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command in it, `pvws` and whatever pip has installed being found; its output and errors are one."""
        return subprocess.run(
            words,
            cwd=self.folder,
            env=os.environ | {"PATH": TOOLS, "NO_COLOR": "1", "CI": "true"} | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=_TIMEOUT_S,
        )

    def spoil(self, file: str, right: str, wrong: str) -> None:
        """Make a mistake in a file of it."""
        path = self.folder / file
        text = path.read_text("utf-8")
        assert text.count(right) == 1, f"{file} has no single {right!r}"
        path.write_text(text.replace(right, wrong), "utf-8")


@pytest.fixture
def example(tmp_path: Path) -> Callable[[str], Example]:
    """Copies the example of this name. What `npm install` brings is what was installed for the tests."""

    def copied(name: str) -> Example:
        folder = tmp_path / name
        shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
        if (folder / "package.json").exists():
            (folder / "node_modules").symlink_to(NODE_FOLDER / "node_modules", target_is_directory=True)
        return Example(folder)

    return copied
