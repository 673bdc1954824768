"""What came of a case, and of an exam. Pure."""

import shlex
from collections.abc import Iterable, Sequence

from msgspec import Struct

from pvws.testing.exam.case import Case, Part
from pvws.testing.exam.rules import evidence
from pvws.testing.judging.facts import Knocked
from pvws.testing.trial.result import Result
from pvws.testing.verdict import Outcome
from pvws.testing.words import shown

__all__ = ["Card", "Finding", "found", "unexamined"]

_OUTPUT_LINES = 12  # of what a command said last, in a report


class Finding(Struct, frozen=True, kw_only=True):
    """What came of one case. `why` is said of what could not be judged; `seen` is how far a client has come that has
    not come far enough; `parts` are all that was expected.

    `ended` is how the command did, `output` the last lines that it said, `seconds` how long it all took, and `trials`
    how often the case was tried.
    """

    case: Case
    outcome: Outcome
    why: str = ""
    seen: Sequence[str] = ()
    parts: Sequence[Part] = ()
    ended: str = ""
    output: Sequence[str] = ()
    seconds: float = 0.0
    trials: int = 1

    @property
    def summary(self) -> str:
        """Why it has not held, in a line; empty if it has."""
        if self.outcome is not Outcome.FAILED:
            return self.why
        failed = [part for part in self.parts if part.outcome is Outcome.FAILED]
        return failed[0].lines[1].strip() if failed and len(failed[0].lines) > 1 else self.why

    @property
    def details(self) -> list[str]:
        """The evidence, line by line; none of what has held."""
        if self.outcome is Outcome.HELD:
            return []
        lines = [line for part in self.parts if part.outcome is Outcome.FAILED for line in part.lines]
        if self.why:
            lines.append(f"not judged: {self.why}")
            lines += [f"    {each}" for each in self.seen]
        return lines


class Card(Struct, frozen=True, kw_only=True):
    """The report card of a command: what came of each case, in their order.

    `refusal` is why it could not be examined, if so: what came of the case without which there are no others. When it
    was `interrupted` these are the cases that were known by then.
    """

    command: Sequence[str]
    findings: Sequence[Finding]
    refusal: Finding | None = None
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def admitted(self) -> bool:
        """Whether it could be examined."""
        return self.refusal is None

    def of(self, outcome: Outcome) -> list[Finding]:
        """The cases with this outcome."""
        return [finding for finding in self.findings if finding.outcome is outcome]

    @property
    def passed(self) -> bool:
        """Whether every case has held."""
        return len(self.of(Outcome.HELD)) == len(self.findings)

    def again(self, case: Case) -> str:
        """The command that repeats a case, for a shell."""
        return f"pvws check client --case {case.id} -- {shlex.join(self.command)}"


def found(case: Case, results: Sequence[Result], *, is_over: bool, came: bool, waited_s: float) -> Finding:
    """What came of a case, from what came of its trials.

    `is_over` says whether the client was there to the end of the script; `came` whether it has come at all, for which
    it was given `waited_s`.
    """
    parts = [Part.of(verdict) for result in results for verdict in result.verdicts]
    parts += [rule(results) for rule in case.rules]
    outcomes = [part.outcome for part in parts]
    outcome, why, seen = Outcome.HELD, "", list[str]()
    early = next((result for result in results if result.ending == "exited"), None)
    if Outcome.FAILED in outcomes:
        outcome = Outcome.FAILED
    elif not came:
        facts = next((result.facts for result in results if result.facts), ())
        knocked = any(isinstance(fact, Knocked) for fact in facts)
        wish = "subscribed" if knocked and case.begin == "subscription" else "connected"
        outcome, why, seen = Outcome.NOT_JUDGED, f"it had not {wish} within {waited_s:g} s", evidence(facts)
        if early is not None:
            why = f"it {early.exit} after {_seconds(early)}, and had not {wish}"
    elif early is not None and not is_over and not case.may_end:
        outcome, why = Outcome.NOT_JUDGED, f"it {early.exit} after {_seconds(early)}, before the case was over"
    elif Outcome.NOT_JUDGED in outcomes:
        unjudged = next(part for part in parts if part.outcome is Outcome.NOT_JUDGED)
        outcome, why = Outcome.NOT_JUDGED, f"{unjudged.title}: {unjudged.why}"
    if outcome is Outcome.NOT_JUDGED and early is not None and str(early.exit) not in why:
        why += f"; it {early.exit}"
    return Finding(
        case=case,
        outcome=outcome,
        why=why,
        seen=seen,
        parts=parts,
        ended=" and ".join(dict.fromkeys(_ended(result) for result in results)),
        output=_last(result.output for result in results),
        seconds=max(result.timings.command for result in results) / 1_000_000,
    )


def unexamined(case: Case, why: str) -> Finding:
    """What is said of a case that was not tried, since the command can't be examined."""
    return Finding(case=case, outcome=Outcome.NOT_JUDGED, why=why, trials=0)


def _ended(result: Result) -> str:
    """How the command has ended, in words."""
    if result.ending == "exited":
        return f"{result.exit} by itself"
    return f"{'was killed' if result.exit.forced else result.exit} when it was asked to end"


def _seconds(result: Result) -> str:
    return f"{result.timings.command / 1_000_000:.1f} s"


def _last(outputs: Iterable[str]) -> list[str]:
    """The last lines of what was said, of the first that has said something."""
    for output in outputs:
        lines = [shown(line) for line in output.splitlines() if line.strip()]
        if lines:
            return lines[-_OUTPUT_LINES:]
    return []
