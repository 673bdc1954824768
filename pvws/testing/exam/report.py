"""A report card: as lines for a person, as a document for a program, as JUnit's suites, and as a badge. Pure."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any
from urllib.parse import quote

from pvws import __version__
from pvws.terminal.spans import Span
from pvws.testing.exam.finding import Card, Finding
from pvws.testing.junit import Case, Suite
from pvws.testing.verdict import Outcome

__all__ = ["badge", "badge_line", "document", "lines", "suites"]

_MARKS = {Outcome.HELD: ("✓", "good"), Outcome.FAILED: ("✗", "bad"), Outcome.NOT_JUDGED: ("–", "warning")}
_LABEL = "pvws exam"
_GOOD, _FAIR = 1.0, 0.8  # shares of cases that held, for a badge in green, or in yellow


def lines(card: Card) -> Iterator[list[Span]]:
    """A line a case, and behind one that has not held the evidence, and what repeats it."""
    width = max((len(finding.case.id) for finding in card.findings), default=0)
    for suite, group in groupby(card.findings, lambda finding: finding.case.suite):
        findings = list(group)
        held = sum(1 for finding in findings if finding.outcome is Outcome.HELD)
        yield [Span(f"{suite}  ", "amount"), Span(f"{held} of {len(findings)}", "faint")]
        for finding in findings:
            mark, style = _MARKS[finding.outcome]
            case = finding.case
            seconds = f"{finding.seconds:6.1f} s" if finding.trials else " " * 8
            yield [
                Span("  "),
                Span(mark, style),
                Span(f" {case.id:<{width}} "),
                Span(f"{seconds}  {case.purpose}", "faint"),
            ]
            yield from _details(card, finding)
    yield from _totals(card)


def document(card: Card) -> dict[str, Any]:
    """The same for a program."""
    return {
        "command": list(card.command),
        "pvws": __version__,
        "admitted": card.admitted,
        "passed": card.passed,
        "seconds": round(card.seconds, 3),
        "totals": _counts(card),
        "badge": badge(card),
        "cases": [_entry(card, finding) for finding in card.findings],
    }


def suites(card: Card) -> list[Suite]:
    """A suite for each of ours, a case for each. What could not be judged is an error: it has not held."""
    found = []
    for suite, group in groupby(card.findings, lambda finding: finding.case.suite):
        findings = list(group)
        cases = [_case(card, finding) for finding in findings]
        found.append(Suite(name=suite, cases=cases, seconds=sum(finding.seconds for finding in findings)))
    return found


def badge(card: Card) -> Mapping[str, object]:
    """What https://shields.io/badges/endpoint-badge reads."""
    held, all_ = len(card.of(Outcome.HELD)), len(card.findings)
    message = f"{held} of {all_}" if card.admitted else "not examined"
    return {"schemaVersion": 1, "label": _LABEL, "message": message, "color": _colour(card), "isError": not card.passed}


def badge_line(card: Card) -> str:
    """A badge as a line of Markdown, with nothing to be served for it."""
    told = badge(card)
    label, message = (str(told[key]) for key in ("label", "message"))
    words = "-".join(quote(word.replace("-", "--").replace("_", "__"), safe="") for word in (label, message))
    return f"![{label}: {message}](https://img.shields.io/badge/{words}-{told['color']})"


def _colour(card: Card) -> str:
    if not card.admitted:
        return "lightgrey"
    share = len(card.of(Outcome.HELD)) / max(1, len(card.findings))
    return "brightgreen" if share >= _GOOD else "yellow" if share >= _FAIR else "red"


def _details(card: Card, finding: Finding) -> Iterator[list[Span]]:
    if finding.outcome is Outcome.HELD or not finding.trials:
        return
    for line in finding.details:
        yield [Span(f"      {line}")]
    if finding.ended:
        yield [Span("      the command ", "faint"), Span(finding.ended)]
    for line in finding.output:
        yield [Span("      | ", "faint"), Span(line)]
    if finding.trials > 1:
        yield [Span(f"      tried {finding.trials} times", "faint")]
    yield [Span("      written  ", "faint"), Span(finding.case.reference)]
    yield [Span("      again    ", "faint"), Span(card.again(finding.case))]


def _totals(card: Card) -> Iterator[list[Span]]:
    counts = _counts(card)
    yield [Span("")]
    if card.refusal is not None:
        yield [Span("nothing was judged: the command has not connected and subscribed to a topic", "bad")]
        yield [Span("  it is given the URL in PVWS_URL and PEERVAULT_WS_URL, and in place of {url} in its arguments")]
        if card.refusal not in card.findings:
            yield from _details(card, card.refusal)
        return
    if card.interrupted:
        cases = "case" if counts["cases"] == 1 else "cases"
        told = f"interrupted: {counts['cases']} {cases} tried, {counts['held']} held, {counts['failed']} failed"
        yield [Span(f"{told}, {counts['not_judged']} not judged", "bad")]
        return
    style = "good" if card.passed else "bad"
    told = f"{counts['held']} of {counts['cases']} cases held, {counts['failed']} failed"
    yield [Span(f"{told}, {counts['not_judged']} not judged", style), Span(f"  ({card.seconds:.1f} s)", "faint")]
    yield [Span(badge_line(card), "faint")]


def _counts(card: Card) -> dict[str, int]:
    counts = {str(outcome).replace(" ", "_"): len(card.of(outcome)) for outcome in Outcome}
    return {"cases": len(card.findings)} | counts


def _entry(card: Card, finding: Finding) -> dict[str, Any]:
    case = finding.case
    entry: dict[str, Any] = {
        "id": case.id,
        "suite": case.suite,
        "purpose": case.purpose,
        "reference": case.reference,
        "outcome": str(finding.outcome),
        "seconds": round(finding.seconds, 3),
        "trials": finding.trials,
        "expected": [{"title": part.title, "outcome": str(part.outcome), "why": part.why} for part in finding.parts],
    }
    if finding.outcome is not Outcome.HELD:
        entry |= {
            "why": finding.summary,
            "evidence": finding.details,
            "ended": finding.ended,
            "output": list(finding.output),
            "again": card.again(case),
        }
    return entry


def _case(card: Card, finding: Finding) -> Case:
    case, outcome = finding.case, finding.outcome
    if outcome is Outcome.HELD:
        return Case(classname=case.suite, name=case.id, seconds=finding.seconds)
    text = [case.purpose, f"written: {case.reference}", *finding.details, f"again: {card.again(case)}"]
    return Case(
        classname=case.suite,
        name=case.id,
        trouble="failure" if outcome is Outcome.FAILED else "error",
        message=finding.summary,
        text="\n".join(text),
        kind=str(outcome),
        seconds=finding.seconds,
        out="\n".join(finding.output),
    )
