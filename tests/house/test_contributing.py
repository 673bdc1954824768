"""CONTRIBUTING.md names the files that an addition touches: those that name an existing one, and no fewer."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PATH = re.compile(r"`((?:pvws|docs|tests|scenarios)/[\w./-]*)`")
CODE = (".py", ".pyi", ".js", ".html")


def chapters() -> Iterator[tuple[str, list[str], list[str]]]:
    """Each list with an example: its heading, the words of the example, and the paths that it names."""
    for heading, body in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL):
        if example := re.search(r"<!-- example: (.+?) -->", body):
            yield heading, example[1].split(), PATH.findall(body)


def named_in(words: list[str]) -> set[str]:
    """The files of the package that name one of the words."""
    wanted = re.compile("|".join(rf"\b{word}\b" for word in words))
    files = (file for file in (ROOT / "pvws").rglob("*") if file.suffix in CODE and "__pycache__" not in file.parts)
    return {str(file.relative_to(ROOT)) for file in files if wanted.search(file.read_text("utf-8"))}


def test_every_path_that_it_names_is_there() -> None:
    paths = [path for path in PATH.findall(TEXT) if "NAME" not in path]
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(("heading", "words", "listed"), list(chapters()), ids=lambda value: str(value)[:30])
def test_a_list_has_every_file_that_names_its_example(heading: str, words: list[str], listed: list[str]) -> None:
    found = named_in(words)
    assert found
    missing = {file for file in found if not any(file.startswith(path) for path in listed)}
    assert not missing, f"{heading}: {', '.join(sorted(missing))}"


def test_the_canary_would_be_seen() -> None:
    assert "pvws/wire/events.py" in named_in(["PeerHealthChanged"])
    assert len(list(chapters())) == 5
