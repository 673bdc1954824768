"""The version stands in one place, and CHANGELOG.md has a chapter for each in the form of Keep a Changelog."""

import re
from datetime import date

import pytest

import pvws
from pvws.cli.app import run
from tests.house.modules import ROOT, no_offences
from tests.house.test_texts import texts

KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
VERSION = r"(\d+)\.(\d+)\.(\d+)"
HEADING = re.compile(rf"## (?:Unreleased|{VERSION} - (\d{{4}}-\d\d-\d\d))")


def offences(text: str, version: str) -> list[str]:
    """What is wrong with a changelog, for a package of this version."""
    found, released, below = [], [], ""
    headings = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.startswith("#")]
    for number, line in headings:
        level, _, said = line.partition(" ")
        if level == "##":
            match = HEADING.fullmatch(line)
            if match is None:
                found.append(f"{number}: expected “## Unreleased” or “## 1.2.3 - 2026-01-31”, got “{line}”")
            elif match[4] is not None:
                released.append((tuple(map(int, match.groups()[:3])), _day(match[4])))
                if released[-1][1] is None:
                    found.append(f"{number}: {match[4]} is no day")
            elif released:
                found.append(f"{number}: Unreleased stands above every version")
            below = said
        elif level == "###" and said not in KINDS:
            found.append(f"{number}: {below}: expected one of {', '.join(KINDS)}, got “{said}”")
    days = [day for _, day in released if day is not None]
    if released != sorted(released, key=lambda each: each[0], reverse=True) or days != sorted(days, reverse=True):
        found.append("the newest version stands first")
    newest = ".".join(map(str, released[0][0])) if released else None
    if newest != version and "## Unreleased" not in text.splitlines():
        found.append(f"the package is {version}, the newest here is {newest}, and nothing is unreleased")
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def test_the_changelog_is_in_order() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert text.startswith("# Changelog\n")
    assert "https://keepachangelog.com/" in text
    assert "https://semver.org/" in text
    no_offences(offences(text, pvws.__version__), "CHANGELOG.md")


def test_the_version_is_one_and_the_program_says_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert re.fullmatch(rf"{VERSION}(?:(?:a|b|rc)\d+)?(?:\.dev\d+)?", pvws.__version__)
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"pvws {pvws.__version__}\n"


def test_the_version_is_set_in_one_place() -> None:
    assignment = re.compile(
        r"^\s*[\"']?(?:__version__|version|release)[\"']?\s*[:=]\s*[\"']" + re.escape(pvws.__version__), re.M
    )
    setting = [
        path
        for path, text in texts(ROOT)
        if path.endswith((".py", ".toml", ".cfg", ".pyi")) and assignment.search(text)
    ]
    assert setting == ["pvws/__init__.py"]


def test_what_is_wrong_in_a_changelog_is_found() -> None:
    right = "# Changelog\n## Unreleased\n### Added\n- x\n## 1.10.0 - 2026-02-01\n### Fixed\n## 1.9.0 - 2026-01-31\n"
    assert offences(right, "1.11.0") == []
    assert offences("# C\n## 1.0.0\n", "1.0.0") == [
        "2: expected “## Unreleased” or “## 1.2.3 - 2026-01-31”, got “## 1.0.0”",
        "the package is 1.0.0, the newest here is None, and nothing is unreleased",
    ]
    assert offences(right.replace("02-01", "02-31"), "1.10.0") == ["5: 2026-02-31 is no day"]
    assert offences(right.replace("1.10.0", "1.8.0"), "1.10.0") == ["the newest version stands first"]
    assert offences(right.replace("Added", "New"), "1.10.0")[0].startswith("3: Unreleased: expected one of Added")
    assert offences("## 1.0.0 - 2026-01-01\n## Unreleased\n", "1.0.0") == ["2: Unreleased stands above every version"]
    assert offences("## 1.0.0 - 2026-01-01\n", "1.1.0")[0].startswith("the package is 1.1.0, the newest here is 1.0.0")
