from xml.etree import ElementTree

from pvws.testing.junit import junit_xml
from tests.testing.test_report import report


def test_a_suite_a_section_and_a_case_a_rule() -> None:
    root = ElementTree.fromstring(junit_xml(report("errors.shape")))
    assert [suite.attrib for suite in root] == [
        {"name": "messages", "tests": "2", "failures": "0", "skipped": "1", "errors": "0"},
        {"name": "errors", "tests": "2", "failures": "1", "skipped": "1", "errors": "0"},
    ]
    cases = {case.attrib["name"]: case for case in root.iter("testcase")}
    assert list(cases["messages.ping-pong"]) == []
    assert [skip.attrib["message"] for skip in cases["messages.binary"]] == ["a reason"]
    assert [skip.attrib["message"] for skip in cases["errors.shape"]] == ["a known deviation"]
    (failure,) = cases["errors.empty"]
    assert failure.tag == "failure"
    assert failure.text is not None
    assert failure.text.startswith("sent: text\nexpected: an error\nreceived: AUTH_FAILED\nrule: An empty message")
