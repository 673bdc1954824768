"""docs/dependencies.md has every package that is declared, and no other."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/dependencies.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def names(requirements: list[str]) -> list[str]:
    return [re.match(r"[\w.-]+", each)[0].lower() for each in requirements]  # type: ignore[index]


def test_every_dependency_is_told_with_its_reason_and_licence() -> None:
    rows = re.findall(r"^\| ([\w.-]+) \| (.+?) \| (.+?) \| (.+?) \|$", TEXT, re.MULTILINE)
    told = {name: rest for name, *rest in rows if name not in ("package", "---")}
    assert sorted(told) == sorted(names(PROJECT["dependencies"]))


def test_every_extra_is_told_with_its_packages() -> None:
    told = {name: [each.lower() for each in packages.split(", ")] for name, packages in EXTRAS}
    assert told == {name: names(each) for name, each in PROJECT["optional-dependencies"].items()}


EXTRAS: list[tuple[str, str]] = re.findall(r"^\| `(\w+)` \| (.+?) \|", TEXT, re.MULTILINE)
