"""One list of Pythons, the classifiers in pyproject.toml, which all else follows; and the target that tries each."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.house.modules import ROOT, no_offences

TEXT = (ROOT / "pyproject.toml").read_text("utf-8")
NAMED = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', TEXT)
OLDEST = NAMED[0]
SAY_THE_OLDEST = ("README.md", "CONTRIBUTING.md", "Makefile", "docs/index.md", "docs/tutorial.md")
_OLDEST = re.compile(r"Python (3\.\d+) or newer|Python from (3\.\d+) on|version_info < \(3, (\d+)\)")
_ONE = re.compile(r"""python-version: ["']?(3\.\d+)|image: python:(3\.\d+)""")


def offences(path: str, text: str) -> list[str]:
    """Each place of a text that says another oldest Python than ours, or tells people to use one that is not ours."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        oldest = {match[1] or match[2] or f"3.{match[3]}" for match in _OLDEST.finditer(line)}
        used = {match[1] or match[2] for match in _ONE.finditer(line)}
        found += [f"{path}:{number}: says {said}, and the oldest is {OLDEST}" for said in oldest - {OLDEST}]
        found += [f"{path}:{number}: says {said}, and there are {', '.join(NAMED)}" for said in used - set(NAMED)]
    return found


def test_the_list_has_no_gaps_and_begins_with_what_is_required() -> None:
    minors = [int(version.removeprefix("3.")) for version in NAMED]
    assert minors == list(range(minors[0], minors[-1] + 1))
    project = tomllib.loads(TEXT)
    assert project["project"]["requires-python"] == f">={OLDEST}"
    assert project["tool"]["ruff"]["target-version"] == f"py{OLDEST.replace('.', '')}"


def test_whoever_names_a_python_names_one_of_the_list() -> None:
    ours = [ROOT / "Makefile", *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "docs").rglob("*.yml")]
    texts = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in ours if "_build" not in path.parts}
    no_offences([line for path, text in texts.items() for line in offences(path, text)], "one list of Pythons")
    assert [path for path in SAY_THE_OLDEST if not _OLDEST.search(texts[path])] == []


@pytest.mark.parametrize(
    "line",
    ["With Python 3.9 or newer", "every Python from 3.10 on", "if sys.version_info < (3, 12)", 'python-version: "3.8"'],
)
def test_another_python_is_seen(line: str) -> None:
    assert len(offences("a.md", f"fine\n{line}\n")) == 1


def python(folder: Path, version: str, *, passes: bool = True) -> Path:
    """Something that answers the target as this Python does: it tells its version, makes a venv, and runs tests."""
    path = folder / f"python{version}"
    path.write_text(
        "#!/bin/sh\n"
        f'case "$1 $2" in "-c "*) echo {version};; '
        '"-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python";; '
        f'"-m pytest") echo "tests with {version}: $*"; exit {0 if passes else 1};; esac\n'
    )
    path.chmod(0o755)
    return path


def run(folder: Path, *words: str, **environment: str) -> tuple[int, str]:
    """`make test-pythons` with these variables: how it ended, and its output."""
    done = subprocess.run(
        ["make", "--no-print-directory", "test-pythons", "NODE_PACKAGES=", f"VENVS={folder}", *words],
        cwd=ROOT,
        env={"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=50,
    )
    return done.returncode, done.stdout


def test_every_python_of_the_list_that_is_here_runs_the_tests(tmp_path: Path) -> None:
    for version in NAMED:
        python(tmp_path, version)
    status, output = run(tmp_path, "TESTS=tests/wire", "WORKERS=3")
    assert status == 0
    assert [line.split(":")[0] for line in output.splitlines() if "tests with" in line] == [
        f"tests with {v}" for v in NAMED
    ]
    assert "-n 3 " in output
    assert output.count(" tests/wire\n") == len(NAMED)
    assert output.endswith(f"Passed with: {' '.join(NAMED)}. Failed with: none. Not here: none.\n")


def test_one_that_fails_does_not_keep_the_next_from_its_turn(tmp_path: Path) -> None:
    names = [python(tmp_path, "3.98", passes=False), python(tmp_path, "3.99")]
    status, output = run(tmp_path, f"PYTHONS={names[0]} {names[1]}")
    assert status != 0
    assert output.endswith("Passed with: 3.99. Failed with: 3.98. Not here: none.\n")


def test_one_that_is_not_here_is_told_and_fails_only_where_nothing_may_be_skipped(tmp_path: Path) -> None:
    names = f"PYTHONS={python(tmp_path, '3.99')} python3.98"
    said = "Passed with: 3.99. Failed with: none. Not here: python3.98.\n"
    lenient, strict = run(tmp_path, names), run(tmp_path, names, PVWS_TEST_ALL="1")
    assert (lenient[0], strict[0] != 0) == (0, True)
    assert lenient[1].endswith(said)
    assert strict[1].endswith(said)


def test_where_none_is_here_nothing_has_passed(tmp_path: Path) -> None:
    status, output = run(tmp_path, "PYTHONS=python3.98")
    assert status != 0
    assert output.endswith("Passed with: none. Failed with: none. Not here: python3.98.\n")
