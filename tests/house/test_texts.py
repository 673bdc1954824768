"""No file says where it was written or which host its packages come from: it must work anywhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.modules import ROOT, no_offences

NOT_OURS = {
    ".git",
    ".venv",
    ".venvs",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    "__pycache__",
    "node_modules",
    "dist",
    "_build",
}
# Each word is put together here, so that this file does not trip over itself.
FORBIDDEN = (
    r"(?<![\w.])/" + r"work/",
    r"(?<!\w)/tmp/" + r"v\b",
    r"pypi" + r"\.org",
    r"pypi\.python" + r"\.org",
    r"registry\.npm" + r"js\.org",
    r"files\.python" + r"hosted\.org",
    r"deb\.deb" + r"ian\.org",
)
_FORBIDDEN = re.compile("|".join(FORBIDDEN))


def texts(root: Path) -> Iterator[tuple[str, str]]:
    """Every text file of the repository: its path in it, and what it says."""
    for path in sorted(root.rglob("*")):
        inner = path.relative_to(root)
        if path.is_file() and not NOT_OURS & set(inner.parts):
            content = path.read_bytes()
            if b"\0" not in content:
                yield str(inner), content.decode("utf-8", "replace")


def offences(root: Path) -> list[str]:
    return [
        f"{path}:{number}: {match[0]}"
        for path, text in texts(root)
        for number, line in enumerate(text.splitlines(), 1)
        if (match := _FORBIDDEN.search(line))
    ]


def test_no_file_names_a_place_on_a_machine_or_a_host_of_packages() -> None:
    no_offences(offences(ROOT), "nothing works on one machine only")


@pytest.mark.parametrize(
    "line",
    ["see /" + "work/shared", "/tmp/" + "v/bin/python", "https://pypi" + ".org/simple", "registry.npm" + "js.org"],
)
def test_a_made_up_place_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.md").write_text(f"fine\n{line}\n")
    assert [found.rpartition(": ")[0] for found in offences(tmp_path)] == ["a.md:2"]


@pytest.mark.parametrize("line", ["net/work/", "/tmp/vault", "./work/here", "https://example.org/work/"])
def test_what_only_looks_alike_is_no_offence(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.md").write_text(line)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "b").write_text("/" + "work/")
    assert not offences(tmp_path)
