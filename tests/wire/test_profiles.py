"""The profiles as data, and that the documentation of the quirks is complete."""

import re
from pathlib import Path

import msgspec
import pytest

from pvws.wire.profiles import DOCUMENTED, PROFILES, UPSTREAM, Quirks

DOCUMENT = (Path(__file__).parents[2] / "docs" / "upstream-profile.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in re.findall(r"^\| `\w+` \|.*\|$", DOCUMENT, re.MULTILINE)
]
NAMES = [field.name for field in msgspec.structs.fields(Quirks)]

EMULATED = (
    *(f"A{number}" for number in (*range(1, 19), 20)),
    *(f"B{number}" for number in (*range(1, 10), 11, 12)),
    *(f"C{number}" for number in (1, 2, 3, 4, 6, 7, 10, 12)),
    *(f"E{number}" for number in range(1, 11)),
    *(f"H{number}" for number in (1, 2, 3, 4, 6, 7, 8, 10, 11, 12, 14)),
)
"""The rows that the contract ("Two profiles") has the profile made of."""


def rows_in(text: str) -> set[str]:
    """The rows that a text names, `A1–A4` being four of them."""
    rows = set(re.findall(r"\b[ABCEH]\d+\b", text))
    for letter, first, last in re.findall(r"\b([ABCEH])(\d+)–[ABCEH](\d+)", text):
        rows |= {f"{letter}{number}" for number in range(int(first), int(last) + 1)}
    return rows


def shown(value: object) -> str:
    """A quirk's value as it stands in the table, and in YAML."""
    return {True: "on", False: "off", None: "none"}.get(value, str(value))  # type: ignore[call-overload, no-any-return]


def section(title: str) -> str:
    return DOCUMENT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_with_every_default_it_is_the_documented_profile() -> None:
    assert Quirks() == DOCUMENTED
    assert PROFILES == {"documented": DOCUMENTED, "upstream": UPSTREAM}


def test_the_upstream_profile_has_every_quirk_but_the_crash_and_another_zone() -> None:
    alike = [name for name in NAMES if getattr(UPSTREAM, name) == getattr(DOCUMENTED, name)]
    assert alike == ["zone", "crash"]


def test_every_quirk_has_its_row_and_the_rows_are_in_order() -> None:
    assert [row[0].strip("`") for row in ROWS] == NAMES


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip("`"))
def test_a_row_is_complete_and_its_values_are_those_of_the_profiles(row: list[str]) -> None:
    name = row[0].strip("`")
    assert row[1] == f"{shown(getattr(DOCUMENTED, name))} → {shown(getattr(UPSTREAM, name))}"
    assert rows_in(row[2])
    assert all(cell.endswith(".") for cell in row[3:]), "sentences"
    assert len(row) == 5


def test_every_row_that_the_contract_wants_is_a_quirk_or_shared() -> None:
    named = rows_in(" ".join(row[2] for row in ROWS)) | rows_in(section("What both profiles share"))
    assert set(EMULATED) - named == set()


def test_what_is_not_emulated_says_why() -> None:
    lines = re.findall(r"^\| ([ABCEH]\d+) \|(.*)\|(.*)\|$", section("Not emulated"), re.MULTILINE)
    assert [row for row, _, _ in lines] == ["C8", "C9", "C12", "H5", "H9", "H13", "H15"]
    assert all(what.strip() and why.strip().endswith(".") for _, what, why in lines)


@pytest.mark.parametrize("name", NAMES)
def test_a_quirk_s_rows_in_the_source_are_those_of_the_table(name: str) -> None:
    """The attribute docstrings of the struct name rows as well: the two must not drift apart."""
    source = (Path(__file__).parents[2] / "pvws" / "wire" / "profiles.py").read_text("utf-8")
    match = re.search(rf"^    {name}: .*\n    \"\"\"(.*)\"\"\"$", source, re.MULTILINE)
    assert match, name
    (row,) = (row for row in ROWS if row[0] == f"`{name}`")
    assert rows_in(match[1]) <= rows_in(row[2])
