"""What is in the sdist and in the wheel, and what the wheel says of itself."""

import email
import tarfile
import tomllib
import zipfile
from email.message import Message
from pathlib import PurePosixPath

import pytest

import pvws
from tests.house.modules import ROOT
from tests.release.distribution import Built

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
HEAD = f"pvws-{pvws.__version__}"
NEVER = {
    "__pycache__",
    ".venv",
    ".venvs",
    "node_modules",
    "_build",
    ".hypothesis",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
}


@pytest.fixture(scope="module")
def wheel(built: Built) -> dict[str, bytes]:
    """Every file of the wheel."""
    with zipfile.ZipFile(built.wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def metadata(wheel: dict[str, bytes]) -> Message:
    return email.message_from_bytes(wheel[f"{HEAD}.dist-info/METADATA"])


def files(folder: str) -> set[str]:
    """Everything in a folder of the repository that is no cache, by its path in there."""
    return {
        path.relative_to(ROOT / folder).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not NEVER & set(path.parts)
    }


def test_the_wheel_has_the_package_the_shipped_scenarios_and_nothing_else(wheel: dict[str, bytes]) -> None:
    inside = {name for name in wheel if not name.startswith(f"{HEAD}.dist-info/")}
    scenarios = {f"pvws/scenarios/{name}" for name in files("scenarios")}
    assert inside == {f"pvws/{name}" for name in files("pvws")} | scenarios
    # A few by name: what is compared above would both lack what the repository has lost.
    assert {"pvws/py.typed", "pvws/__init__.pyi", "pvws/testing/__init__.pyi", "pvws/testing/plugin.py"} <= inside
    assert {"pvws/control/dashboard/index.html", "pvws/control/dashboard/style.css"} <= inside
    assert {"pvws/scenarios/quickstart.yaml", "pvws/scenarios/kitchen-sink.yaml"} <= inside
    assert sum(map(len, wheel.values())) < 5_000_000


def test_the_wheel_says_what_it_is_whose_and_what_it_needs(wheel: dict[str, bytes], metadata: Message) -> None:
    assert (metadata["Name"], metadata["Version"]) == ("pvws", pvws.__version__)
    assert metadata["Requires-Python"] == PROJECT["requires-python"]
    assert metadata["License-Expression"] == "MIT"
    licences = metadata.get_all("License-File", [])
    assert set(licences) == {"LICENSE", "pvws/world/LICENSE-Faker"}
    for licence in licences:
        assert b"Permission is hereby granted" in wheel[f"{HEAD}.dist-info/licenses/{licence}"]
    assert set(metadata.get_all("Provides-Extra", [])) == set(PROJECT["optional-dependencies"])
    needed = [each for each in metadata.get_all("Requires-Dist", []) if "extra ==" not in each]
    assert len(needed) == len(PROJECT["dependencies"])
    assert str(metadata.get_payload()).startswith("# pvws"), "the README is what an index shows"
    scripts = wheel[f"{HEAD}.dist-info/entry_points.txt"].decode()
    assert "[console_scripts]\npvws = pvws.__main__:main" in scripts
    assert "[pytest11]\npvws = pvws.testing.plugin" in scripts


def test_the_sdist_has_what_it_takes_to_build_to_test_and_to_read(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {name.removeprefix(f"{HEAD}/") for name in archive.getnames()}
    whole = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "pyproject.toml", "PKG-INFO")
    assert set(whole) <= names
    for folder in ("pvws", "scenarios", "recordings", "docs", "tests"):
        assert {name for name in names if name.startswith(f"{folder}/")} == {
            f"{folder}/{name}" for name in files(folder)
        }
    assert not {name for name in names if NEVER & set(PurePosixPath(name).parts)}
    assert {name.partition("/")[0] for name in names} <= {
        *whole,
        ".gitignore",
        "hatch_build.py",
        "pvws",
        "scenarios",
        "recordings",
        "docs",
        "tests",
    }
