"""What came of a run: as lines for a person, as a document for a program, as cases for a CI. Pure."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct, structs

from pvws import __version__
from pvws.testing.checks.catalogue import RULES
from pvws.testing.junit import Case, Suite
from pvws.testing.target import Target
from pvws.testing.verdict import Outcome, Verdict

__all__ = ["Report"]

_MARKS = {Outcome.HELD: ("✓", "good"), Outcome.FAILED: ("✗", "bad"), Outcome.NOT_JUDGED: ("–", "faint")}
_KNOWN = ("✗", "warning")


class Report(Struct, frozen=True):
    """The verdicts of a run, in the order of the rules, and the deviations that were known before."""

    target: Target
    url: str
    """For people: without a token."""
    verdicts: Sequence[Verdict]
    known: frozenset[str] = frozenset()

    def of(self, outcome: Outcome) -> list[Verdict]:
        """The verdicts with this outcome."""
        return [verdict for verdict in self.verdicts if verdict.outcome is outcome]

    @property
    def new_failures(self) -> list[Verdict]:
        """Failures that no baseline knew."""
        return [verdict for verdict in self.of(Outcome.FAILED) if verdict.rule not in self.known]

    @property
    def mended(self) -> list[str]:
        """Rules of the baseline that hold now, and should leave it."""
        return [verdict.rule for verdict in self.of(Outcome.HELD) if verdict.rule in self.known]

    def lines(self) -> Iterator[list[tuple[str, str]]]:
        """A line a rule, pieces of text with their styles; behind a failure what was sent, expected and received."""
        section = ""
        for verdict in self.verdicts:
            rule = RULES[verdict.rule]
            if rule.section != section:
                section = rule.section
                yield [(section, "amount")]
            mark, style = _KNOWN if self._is_known(verdict) else _MARKS[verdict.outcome]
            yield [("  ", ""), (mark, style), (f" {rule.id}  ", ""), (rule.sentence, "faint")]
            yield from self._details(verdict)
        yield from self._totals()

    def document(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "url": self.url,
            "profile": self.target.profile,
            "pvws": __version__,
            "totals": self._counts(),
            "mended": self.mended,
            "rules": [self._entry(verdict) for verdict in self.verdicts],
        }

    def suites(self) -> list[Suite]:
        """The same for JUnit's XML: a suite a section, a case a rule. What was not judged, or is known, is skipped."""
        sections = groupby(self.verdicts, lambda verdict: RULES[verdict.rule].section)
        return [Suite(name=name, cases=[self._case(verdict) for verdict in group]) for name, group in sections]

    def _case(self, verdict: Verdict) -> Case:
        rule = RULES[verdict.rule]
        case = Case(classname=rule.section, name=rule.id)
        match verdict.outcome:
            case Outcome.HELD:
                return case
            case Outcome.FAILED if not self._is_known(verdict):
                facts = (verdict.sent, verdict.expected, verdict.received, f"{rule.sentence} ({rule.source})")
                names = ("sent", "expected", "received", "rule")
                text = "\n".join(f"{name}: {fact}" for name, fact in zip(names, facts, strict=True))
                return structs.replace(case, trouble="failure", message=f"expected {verdict.expected}", text=text)
            case _:
                why = verdict.why if verdict.outcome is Outcome.NOT_JUDGED else "a known deviation"
                return structs.replace(case, trouble="skipped", message=why)

    def _is_known(self, verdict: Verdict) -> bool:
        return verdict.outcome is Outcome.FAILED and verdict.rule in self.known

    def _details(self, verdict: Verdict) -> Iterator[list[tuple[str, str]]]:
        if verdict.outcome is Outcome.NOT_JUDGED:
            yield [("      not judged: ", "faint"), (verdict.why, "faint")]
        if verdict.outcome is not Outcome.FAILED:
            return
        if self._is_known(verdict):
            yield [("      a known deviation", "warning")]
        details = (
            ("sent", verdict.sent),
            ("expected", verdict.expected),
            ("received", verdict.received),
            ("source", RULES[verdict.rule].source),
        )
        for name, text in details:
            yield [(f"      {name:<9}", "faint"), (text, "")]

    def _counts(self) -> dict[str, int]:
        failed = len(self.of(Outcome.FAILED))
        known = failed - len(self.new_failures)
        return {
            "held": len(self.of(Outcome.HELD)),
            "failed": failed - known,
            "known": known,
            "not_judged": len(self.of(Outcome.NOT_JUDGED)),
        }

    def _totals(self) -> Iterator[list[tuple[str, str]]]:
        counts = self._counts()
        yield [("", "")]
        known = f", {counts['known']} known deviations" if counts["known"] else ""
        style = "bad" if counts["failed"] else "good"
        judged = f"{counts['held']} rules held, {counts['failed']} failed"
        yield [(f"{judged}{known}, {counts['not_judged']} not judged", style)]
        for name in self.mended:
            yield [(f"{name} holds now: take it off the baseline", "warning")]
        asked = any("AUTH_FAILED" in verdict.received for verdict in self.new_failures)
        if asked and self.target.token is None:
            yield [("The server asks for a token: give it one with --token @FILE, or in PVWS_TOKEN.", "warning")]

    def _entry(self, verdict: Verdict) -> dict[str, Any]:
        rule = RULES[verdict.rule]
        entry: dict[str, Any] = {
            "id": rule.id,
            "section": rule.section,
            "sentence": rule.sentence,
            "source": rule.source,
            "outcome": str(verdict.outcome),
        }
        if verdict.outcome is Outcome.FAILED:
            known = verdict.rule in self.known
            entry |= {"sent": verdict.sent, "expected": verdict.expected, "received": verdict.received, "known": known}
        if verdict.outcome is Outcome.NOT_JUDGED:
            entry["why"] = verdict.why
        return entry
