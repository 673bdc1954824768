"""A run as JUnit's XML, which every CI shows. Pure.

There is no standard; what is written is what the readers of GitHub's actions, GitLab and Jenkins have in common: suites
with counts, cases with a class, a name and a time, and in a case that did not pass one element that says why. `file`
and `line` have annotations stand at the place; GitLab shows a file that `[[ATTACHMENT|path]]` in `out` names.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal
from xml.etree import ElementTree

from msgspec import Struct

from pvws.timestamp import Timestamp

__all__ = ["Case", "Suite", "junit_xml"]

_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])")  # ECMA-48
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


class Case(Struct, frozen=True, kw_only=True):
    """One thing that was judged. Without `trouble` it passed; `message` is why it did not, in a line, and `text` in
    full; `kind` sorts failures. `out` is what was said meanwhile.
    """

    classname: str
    name: str
    trouble: Literal["failure", "error", "skipped"] | None = None
    message: str = ""
    text: str = ""
    kind: str = ""
    seconds: float | None = None
    file: str = ""
    line: int | None = None
    out: str = ""


class Suite(Struct, frozen=True, kw_only=True):
    """Cases that belong together. `seconds` is how long all took; `properties` are names and values worth knowing."""

    name: str
    cases: Sequence[Case]
    seconds: float | None = None
    began: Timestamp | None = None
    properties: Sequence[tuple[str, str]] = ()
    out: str = ""


def junit_xml(name: str, suites: Iterable[Suite]) -> str:
    """The document, for a run of this name. Texts may be anything: what XML can't hold is made visible or left out."""
    root = ElementTree.Element("testsuites", name=_fit(name))
    for suite in suites:
        _suite(root, suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ElementTree.Element, suite: Suite) -> None:
    troubles = [case.trouble for case in suite.cases]
    counts = {
        "tests": len(troubles),
        "failures": troubles.count("failure"),
        "skipped": troubles.count("skipped"),
        "errors": troubles.count("error"),
    }
    attributes = {"name": _fit(suite.name)} | {key: str(count) for key, count in counts.items()}
    if suite.began is not None:
        attributes["timestamp"] = suite.began.text
    element = ElementTree.SubElement(root, "testsuite", attributes | _time(suite.seconds))
    if suite.properties:
        properties = ElementTree.SubElement(element, "properties")
        for key, value in suite.properties:
            ElementTree.SubElement(properties, "property", name=_fit(key), value=_fit(value))
    for case in suite.cases:
        _case(element, case)
    _out(element, suite.out)


def _case(suite: ElementTree.Element, case: Case) -> None:
    attributes = {"classname": _fit(case.classname), "name": _fit(case.name)} | _time(case.seconds)
    if case.file:
        attributes["file"] = _fit(case.file)
    if case.line is not None:
        attributes["line"] = str(case.line)
    element = ElementTree.SubElement(suite, "testcase", attributes)
    if case.trouble is not None:
        kind = {"type": _fit(case.kind)} if case.kind else {}
        trouble = ElementTree.SubElement(element, case.trouble, {"message": _fit(case.message)} | kind)
        trouble.text = _fit(case.text) or None
    _out(element, case.out)


def _out(element: ElementTree.Element, text: str) -> None:
    if text:
        ElementTree.SubElement(element, "system-out").text = _fit(text)


def _time(seconds: float | None) -> dict[str, str]:
    return {} if seconds is None else {"time": f"{seconds:.3f}"}


def _fit(text: str) -> str:
    """A text without what steers a terminal, and with a mark for each other character that XML can't hold."""
    return _NOT_XML.sub("\ufffd", _ESCAPE_SEQUENCE.sub("", text))
