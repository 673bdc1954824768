"""Known deviations: rules that a server is known to break, so that only new ones fail. Pure."""

import json
from collections.abc import Iterable

from pvws.errors import InputError, Problem
from pvws.testing.checks.catalogue import RULES, unknown
from pvws.testing.verdict import Outcome, Verdict

__all__ = ["baseline_text", "read_baseline"]


def read_baseline(text: str, file: str) -> frozenset[str]:
    """The ids in a baseline: one a line, `#` begins a comment; or a JSON list of them.

    Raises InputError, with the line, for an id that no rule has: the baseline would hide nothing.
    """
    if text.lstrip().startswith("["):
        try:
            found = json.loads(text)
        except ValueError as error:
            raise InputError(Problem("", "a JSON list of rule ids", str(error), file=file)) from None
        lines = [(1, str(name)) for name in found]
    else:
        lines = [(number, line.partition("#")[0].strip()) for number, line in enumerate(text.splitlines(), 1)]
    names = [(number, name) for number, name in lines if name]
    problems = []
    for number, name in names:
        if name not in RULES:
            problem = unknown("", "rule", name, RULES)
            problem.file, problem.line = file, number
            problems.append(problem)
    if problems:
        raise InputError(*problems)
    return frozenset(name for _, name in names)


def baseline_text(verdicts: Iterable[Verdict]) -> str:
    """A baseline of what has failed now."""
    failed = [verdict.rule for verdict in verdicts if verdict.outcome is Outcome.FAILED]
    return "".join(
        f"{line}\n" for line in ("# Rules this server is known to break: pvws check server --baseline", *failed)
    )
