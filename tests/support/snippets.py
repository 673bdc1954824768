"""Every fenced block of README and docs, as the site reads them, and what a remark above one says of it."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "examples").glob("**/README.md")),
]
_REMARK = re.compile(r"<!-- (?P<what>[a-z ]+): (?P<said>.+?) -->")


class Snippet(NamedTuple):
    """One block: where it stands, in what language, and the remark directly above it, such as `file: a.yaml`."""

    document: str
    line: int
    language: str
    text: str
    remarks: dict[str, str]
    included: str = ""
    """The file that it shows, as a path from the document, where it is a directive that has one."""

    @property
    def place(self) -> str:
        return f"{self.document}:{self.line}"


def snippets() -> Iterator[Snippet]:
    """Every block of every document, in the order in which they stand."""
    for path in DOCUMENTS:
        yield from read(path.read_text("utf-8"), str(path.relative_to(ROOT)))


def read(text: str, document: str) -> Iterator[Snippet]:
    """The blocks of one text. One that is only indented has no language, and is none of ours: AssertionError."""
    remarks: dict[str, str] = {}
    for token in MarkdownIt("commonmark").parse(text):
        assert token.type != "code_block", f"{document}:{_line(token)}: a block without a fence says not what it is"
        if token.type == "fence":
            language, _, included = token.info.partition(" ")
            yield Snippet(document, _line(token), language, token.content, remarks, included)
        remarks = (
            {match["what"]: match["said"] for match in _REMARK.finditer(token.content)}
            if token.type == "html_block"
            else {}
        )


def texts(document: str, *languages: str) -> list[str]:
    """The blocks of one document, such as `docs/pytest.md`, in some languages."""
    found = [each.text for each in read((ROOT / document).read_text("utf-8"), document) if each.language in languages]
    assert found, f"{document} has none of {', '.join(languages)}"
    return found


@cache
def held(module: Any) -> set[str]:
    """The texts that a test module holds, itself or in lists, tuples and tables: what it has taken from its page."""
    return {text for name, value in vars(module).items() if not name.startswith("__") for text in _texts(value)}


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list() | tuple():
            for each in value:
                yield from _texts(each)
        case dict():
            for each in value.values():
                yield from _texts(each)


def _line(token: Any) -> int:
    return int(token.map[0]) + 1
