"""A run as JUnit's XML, which every CI shows. Pure."""

from itertools import groupby
from xml.etree import ElementTree

from pvws.testing.checks.catalogue import RULES
from pvws.testing.report import Report
from pvws.testing.verdict import Outcome, Verdict

__all__ = ["junit_xml"]


def junit_xml(report: Report) -> str:
    """A suite a section, a case a rule. What was not judged is skipped, and so is a known deviation."""
    root = ElementTree.Element("testsuites", name=f"pvws check server {report.url}")
    for section, group in groupby(report.verdicts, lambda verdict: RULES[verdict.rule].section):
        verdicts = list(group)
        new = [verdict for verdict in verdicts if _has_failed(verdict, report)]
        skipped = [verdict for verdict in verdicts if verdict.outcome is not Outcome.HELD and verdict not in new]
        counts = {"tests": len(verdicts), "failures": len(new), "skipped": len(skipped), "errors": 0}
        attributes = {name: str(count) for name, count in counts.items()}
        suite = ElementTree.SubElement(root, "testsuite", {"name": section, **attributes})
        for verdict in verdicts:
            _case(suite, verdict, report)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _has_failed(verdict: Verdict, report: Report) -> bool:
    return verdict.outcome is Outcome.FAILED and verdict.rule not in report.known


def _case(suite: ElementTree.Element, verdict: Verdict, report: Report) -> None:
    rule = RULES[verdict.rule]
    case = ElementTree.SubElement(suite, "testcase", classname=rule.section, name=rule.id)
    if verdict.outcome is Outcome.HELD:
        return
    if not _has_failed(verdict, report):
        why = verdict.why if verdict.outcome is Outcome.NOT_JUDGED else "a known deviation"
        ElementTree.SubElement(case, "skipped", message=why)
        return
    failure = ElementTree.SubElement(case, "failure", message=f"expected {verdict.expected}")
    facts = (verdict.sent, verdict.expected, verdict.received, f"{rule.sentence} ({rule.source})")
    names = ("sent", "expected", "received", "rule")
    failure.text = "\n".join(f"{name}: {fact}" for name, fact in zip(names, facts, strict=True))
