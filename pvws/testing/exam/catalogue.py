"""Every case, in the order in which they are reported."""

from collections.abc import Iterable, Mapping, Sequence

from pvws.errors import InputError, Problem
from pvws.notation.nearest import nearest
from pvws.testing.exam import contract, load, reconnect, resilience, security
from pvws.testing.exam.case import Case

__all__ = ["ADMISSION", "CASES", "SUITES", "case_named", "chosen"]

SUITES: Mapping[str, Sequence[Case]] = {
    "contract": contract.CASES,
    "reconnect": reconnect.CASES,
    "resilience": resilience.CASES,
    "load": load.CASES,
    "security": security.CASES,
}
"""The suites by name."""

CASES: Mapping[str, Case] = {case.id: case for cases in SUITES.values() for case in cases}
"""The cases by id."""

ADMISSION = CASES["contract.subscribes"]
"""Who does not keep this can't be examined."""


def chosen(suites: Sequence[str] = (), ids: Sequence[str] = ()) -> list[Case]:
    """The cases of some suites, and those with some ids; all, if none are named.

    Raises InputError for every unknown suite and case at once.
    """
    problems = [_unknown("--suite", "suite", name, SUITES) for name in suites if name not in SUITES]
    problems += [_unknown("--case", "case", name, CASES) for name in ids if name not in CASES]
    if problems:
        raise InputError(*problems)
    everything = not suites and not ids
    return [case for case in CASES.values() if everything or case.suite in suites or case.id in ids]


def case_named(id: str, option: str) -> Case:  # noqa: A002 - a case has one
    """The case with an id. Raises InputError where there is none."""
    if id not in CASES:
        raise InputError(_unknown(option, "case", id, CASES))
    return CASES[id]


def _unknown(where: str, what: str, name: str, known: Iterable[str]) -> Problem:
    """What to say of a name that nothing has: with the nearest one that something has."""
    words = list(known)
    inner = [word for word in words if word.partition(".")[2] == name]
    near = f'did you mean "{inner[0]}"?' if inner else nearest(name, words)
    expected = f"one of {', '.join(words)}" if what == "suite" else "the id of a case (--list tells them)"
    return Problem(where, expected, f'"{name}"', hint=near)
