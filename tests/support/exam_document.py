"""`make reference`: the tables of docs/exam.md, made from the cases themselves."""

import re
from pathlib import Path

from pvws.testing.exam.catalogue import CASES, SUITES

DOCUMENT = Path(__file__).parents[2] / "docs" / "exam.md"
PART = re.compile(r"(<!-- made: (?P<name>[a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def rendered(document: str) -> str:
    """The document with each part between its marks made anew."""
    return PART.sub(lambda match: f"{match[1]}{_made(match['name'])}{match[3]}", document)


def _made(name: str) -> str:
    if name == "count":
        return f"There are {len(CASES)} cases in {len(SUITES)} suites.\n"
    table = "| case | what a good client does | where that is written |\n|---|---|---|\n"
    return table + "".join(f"| `{case.id}` | {case.purpose} | {case.reference} |\n" for case in SUITES[name])


if __name__ == "__main__":
    DOCUMENT.write_text(rendered(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
