"""What a control plane refused, with its words and facts."""

from collections.abc import Sequence

from pvws.answers import JournalEntry, Mistake, ProblemDocument
from pvws.errors import PvwsError

__all__ = ["ControlError", "ControlTimeoutError", "mistake_text"]

_WRONG_INPUT = 2
_NOT_THERE = 3
_IN_VAIN = "urn:pvws:problem:never-happened"  # nothing was wrong with what was said


_AWAY = ("urn:pvws:problem:no-source", "urn:pvws:problem:silent-source")  # of a bus: who is to do it


class ControlError(PvwsError):
    """The server has refused a request, and says why.

    `status` is HTTP's, `type` names the kind of problem, `detail` is the server's sentence, and `errors` has every
    mistake that it found in what was said: path, what was expected there, what was found, and a hint.
    """

    def __init__(self, problem: ProblemDocument) -> None:
        self.problem = problem
        is_wrong = 400 <= problem.status < 500 and problem.type != _IN_VAIN
        self.exit_code = _WRONG_INPUT if is_wrong else _NOT_THERE if problem.type in _AWAY else PvwsError.exit_code
        super().__init__(_text(problem))

    @property
    def status(self) -> int:
        """HTTP's status."""
        return self.problem.status

    @property
    def type(self) -> str:
        """The kind of problem: `urn:pvws:problem:invalid`."""
        return self.problem.type

    @property
    def detail(self) -> str:
        """What is wrong, in a sentence."""
        return self.problem.detail

    @property
    def errors(self) -> Sequence[Mistake]:
        """Every mistake found."""
        return self.problem.errors


class ControlTimeoutError(ControlError):
    """What was waited for did not happen in time. `entries` are those that came, of a wait for the journal."""

    def __init__(self, problem: ProblemDocument) -> None:
        super().__init__(problem)
        self.exit_code = PvwsError.exit_code

    @property
    def entries(self) -> Sequence[JournalEntry]:
        """What came of what was waited for."""
        return self.problem.entries


def mistake_text(mistake: Mistake) -> str:
    """A mistake in a sentence, as errors of one's own files are told."""
    place = ":".join(str(part) for part in (mistake.file, mistake.line, mistake.column) if part is not None)
    where = ": ".join(part for part in (place, mistake.path) if part)
    said = f"expected {mistake.expected}" + ("" if mistake.found is None else f", got {mistake.found}")
    hint = "" if mistake.hint is None else f" ({mistake.hint})"
    return f"{where}: {said}{hint}" if where else f"{said}{hint}"


def _text(problem: ProblemDocument) -> str:
    """One mistake is told by the sentence; several stand below each other."""
    if len(problem.errors) > 1:
        return "\n".join(map(mistake_text, problem.errors))
    return problem.detail or problem.title or f"the server answered HTTP {problem.status}"
