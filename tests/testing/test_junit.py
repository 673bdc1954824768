from typing import Any
from xml.etree import ElementTree

import pytest

from pvws.testing.junit import Case, Suite, junit_xml
from pvws.timestamp import Timestamp
from tests.testing.test_report import report


def read(*cases: Case, **suite: Any) -> ElementTree.Element:
    return ElementTree.fromstring(junit_xml("a run", [Suite(name="suite", cases=cases, **suite)]))


def test_a_report_of_a_server_is_written_as_it_always_was() -> None:
    root = ElementTree.fromstring(junit_xml("a run", report("errors.shape").suites()))
    assert root.attrib == {"name": "a run"}
    assert [suite.attrib for suite in root] == [
        {"name": "messages", "tests": "2", "failures": "0", "skipped": "1", "errors": "0"},
        {"name": "errors", "tests": "2", "failures": "1", "skipped": "1", "errors": "0"},
    ]
    cases = {case.attrib["name"]: case for case in root.iter("testcase")}
    assert cases["messages.ping-pong"].attrib == {"classname": "messages", "name": "messages.ping-pong"}
    assert list(cases["messages.ping-pong"]) == []
    assert [skip.attrib["message"] for skip in cases["messages.binary"]] == ["a reason"]
    assert [skip.attrib["message"] for skip in cases["errors.shape"]] == ["a known deviation"]
    (failure,) = cases["errors.empty"]
    assert failure.tag == "failure"
    assert failure.text is not None
    assert failure.text.startswith("sent: text\nexpected: an error\nreceived: AUTH_FAILED\nrule: An empty message")


def test_a_suite_says_when_it_began_how_long_it_took_and_what_is_worth_knowing() -> None:
    began = Timestamp.parse("2024-01-01T00:00:00Z")
    (suite,) = read(seconds=1.25, began=began, properties=[("seed", "7")], out="said")
    assert suite.attrib["timestamp"] == began.text
    assert suite.attrib["time"] == "1.250"
    assert [each.attrib for each in suite.iter("property")] == [{"name": "seed", "value": "7"}]
    assert suite.findtext("system-out") == "said"


def test_a_case_says_where_it_stands_and_what_was_wrong() -> None:
    case = Case(
        classname="c",
        name="n",
        trouble="error",
        message="in a line",
        text="in\nfull",
        kind="a kind",
        seconds=0.5,
        file="s.yaml",
        line=7,
        out="output",
    )
    (suite,) = read(case)
    (found,) = suite
    assert found.attrib == {"classname": "c", "name": "n", "time": "0.500", "file": "s.yaml", "line": "7"}
    assert [each.tag for each in found] == ["error", "system-out"]
    assert found[0].attrib == {"message": "in a line", "type": "a kind"}
    assert (found[0].text, found[1].text) == ("in\nfull", "output")
    assert suite.attrib["errors"] == "1"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07and \x1b]8;;http://x\x1b\\link\x1b(B", "red and link"),
        ("a\0b\x08c\ufffe\ud800", "a\ufffdb\ufffdc\ufffd\ufffd"),
        ("<a> & ]]> \"'", "<a> & ]]> \"'"),
        ("tabs\tand\nlines", "tabs\tand\nlines"),
        ("schön 🎉", "schön 🎉"),
        ("cut off \x1b[3", "cut off \ufffd[3"),
    ],
)
def test_whatever_a_command_says_can_be_read_again(said: str, written: str) -> None:
    case = Case(classname=said, name=said, trouble="failure", message=said, text=said, out=said)
    (suite,) = read(case, out=said)
    (found,) = suite.iter("testcase")
    assert found.attrib["name"] == found[0].attrib["message"] == written
    assert found[0].text == found[1].text == suite.findtext("system-out") == written
