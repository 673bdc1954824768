"""What came of a trial: as lines for a person, as a suite for a CI. Pure."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from http import HTTPStatus

from msgspec import Struct, structs

from pvws.sim.agenda import Instant
from pvws.testing.judging.facts import Fact, Refused
from pvws.testing.judging.verdict import Verdict
from pvws.testing.junit import Case, Suite
from pvws.testing.trial.result import Result
from pvws.testing.verdict import Outcome
from pvws.timestamp import Timestamp

__all__ = ["Place", "TrialReport"]


class Place(Struct, frozen=True):
    """Where an expectation stands."""

    file: str
    line: int


class TrialReport(Struct, frozen=True, kw_only=True):
    """A trial of a command, and what came of it.

    `argv` is the command as it was given, `places` are those of the expectations if they are known, `recording` is
    where the run was recorded, if it was. `secrets` are texts, such as tokens, that stay out of what is told.
    """

    scenario: str
    argv: Sequence[str]
    url: str
    result: Result
    seed: int = 0
    began: Timestamp | None = None
    places: Sequence[Place] = ()
    recording: str = ""
    secrets: Sequence[str] = ()

    @property
    def command(self) -> str:
        """The command as one would write it in a shell."""
        return self._discreet(shlex.join(self.argv))

    def lines(self) -> Iterator[str]:
        """What came of it, the first line being how the command ended."""
        yield self._discreet(f"{self.command} {self._end()}")
        yield f"  {self._met()}"
        verdicts = self.result.verdicts
        if verdicts:
            counts = Counter(verdict.outcome for verdict in verdicts)
            yield "  expectations: " + ", ".join(f"{counts[each]} {each}" for each in Outcome if counts[each])
        else:
            yield "  the scenario expects nothing of clients (expect:), so only the command itself was judged"
        for verdict in verdicts:
            if verdict.outcome is not Outcome.HELD:
                yield from (self._discreet(f"    {line}") for line in verdict.lines)
        yield from (f"  {line}" for line in self.advice())

    def advice(self) -> Iterator[str]:
        """What to do about it, a sentence a line."""
        result = self.result
        if not result.attempts and result.worlds:
            names = ", ".join(result.worlds)
            yield f"clients came to other worlds ({names}), which are not judged: leave out ?world="
        elif not result.attempts and (lost := sum(_is_lost(fact) for fact in result.facts)):
            came = "a handshake" if lost == 1 else f"{lost:,} handshakes"
            yield f"{came} came to another path, and got HTTP 404: clients connect to {self.url}, its path included"
        elif not result.attempts:
            yield (
                f"nobody connected to {self.url}: have the command take the address from its environment, as PVWS_URL, "
                "or from its arguments, as {url}; --env NAME={url} sets a variable of another name"
            )
        if result.attempts and not result.held and not result.failed and result.ending != "stopped":
            how = (
                "the command ended before that; --until scenario has the scenario played to its end first"
                if result.ending == "exited"
                else "make the scenario longer, or --timeout"
            )
            yield f"what was not judged has not held: have it happen in the timeline, and be over in time ({how})"
        if result.exit.forced:
            yield "it did not end when it was asked to (SIGTERM), and was killed"

    def suite(self) -> Suite:
        """The command as a case, and each expectation. What was not judged has failed, for it has not held."""
        result = self.result
        properties = {"seed": str(self.seed), "url": self.url, "command": self.command, "recording": self.recording}
        times = structs.asdict(result.timings)
        properties |= {f"seconds.{name}": f"{micros / 1e6:.3f}" for name, micros in times.items() if micros is not None}
        return Suite(
            name=self.scenario,
            cases=[self._command_case(), *self._expectation_cases()],
            seconds=(result.timings.ready + result.timings.command) / 1_000_000,
            began=self.began,
            properties=[(name, value) for name, value in properties.items() if value],
        )

    def _end(self) -> str:
        result, after = self.result, _seconds(self.result.timings.command)
        match result.ending:
            case "exited":
                return f"{result.exit} after {after}"
            case "timed out":
                return f"took longer than {after}, and was ended"
            case "enough":
                return f"was ended after {after}, when enough had been seen of it"
            case "stopped":
                return f"was ended after {after}, before it was done"

    def _met(self) -> str:
        """Who came, and when."""
        result, times = self.result, self.result.timings
        counts = f"{_counted(result.attempts, 'handshake')}, {_counted(result.connections, 'connection')}"
        firsts = (("asked", times.knocked), ("connected", times.connected), ("subscribed", times.subscribed))
        told = [f"{word} after {_seconds(at)}" for word, at in firsts if at is not None]
        return counts + (f"; first {', '.join(told)}" if told else "")

    def _command_case(self) -> Case:
        result = self.result
        case = Case(
            classname=self.scenario,
            name=self.command,
            seconds=result.timings.command / 1_000_000,
            out=self._discreet(result.output) + self._attachment(),
        )
        if result.ending == "stopped":
            return structs.replace(case, trouble="error", message=self._end(), kind="stopped")
        if not result.command_failed:
            return case
        kind = "timeout" if result.ending == "timed out" else "exit"
        return structs.replace(case, trouble="failure", message=self._end(), kind=kind, text="\n".join(self.lines()))

    def _expectation_cases(self) -> Iterator[Case]:
        seen = Counter[str]()
        places: list[Place | None] = [*self.places]
        places += [None] * (len(self.result.verdicts) - len(places))
        for verdict, place in zip(self.result.verdicts, places, strict=False):
            seen[verdict.title] += 1
            # GitLab takes cases of one name for one case.
            name = verdict.title if seen[verdict.title] == 1 else f"{verdict.title} ({seen[verdict.title]})"
            case = self._judged(Case(classname=self.scenario, name=name, seconds=0), verdict)
            yield case if place is None else structs.replace(case, file=place.file, line=place.line)

    def _judged(self, case: Case, verdict: Verdict) -> Case:
        match verdict.outcome:
            case Outcome.HELD:
                return case
            case Outcome.FAILED:
                message = str(verdict.failures[0]).split("\n")[0] if verdict.failures else verdict.why
                kind = "failed"
            case Outcome.NOT_JUDGED:
                message, kind = f"not judged: {verdict.why}", "not judged"
        text = "\n".join([*verdict.lines, *self.advice()])
        message, text = self._discreet(message), self._discreet(text)
        out = self._attachment().lstrip("\n")
        return structs.replace(case, trouble="failure", message=message, text=text, kind=kind, out=out)

    def _attachment(self) -> str:
        return f"\n[[ATTACHMENT|{self.recording}]]\n" if self.recording else ""

    def _discreet(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "…")
        return text


def _is_lost(fact: Fact) -> bool:
    return isinstance(fact, Refused) and fact.status == HTTPStatus.NOT_FOUND


def _seconds(micros: Instant) -> str:
    return f"{micros / 1_000_000:.2f} s"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
