"""Every rule, in the order in which they are reported."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from pvws.errors import InputError, Problem
from pvws.testing.checks import (
    authentication,
    compression,
    errors,
    events,
    handshake,
    http,
    limits,
    messages,
    origins,
    rfc6455,
    timeouts,
    upstream,
    upstream_http,
)
from pvws.testing.rule import Rule, Section
from pvws.wire.profiles import ProfileName

__all__ = ["RULES", "SECTIONS", "selected", "unknown"]

SECTIONS: dict[str, Section] = {
    module.SECTION.name: module.SECTION
    for module in (
        handshake,
        http,
        origins,
        authentication,
        messages,
        errors,
        events,
        limits,
        compression,
        rfc6455,
        upstream_http,
        upstream,
        timeouts,
    )
}
"""The sections by name."""

RULES: dict[str, Rule] = {rule.id: rule for section in SECTIONS.values() for rule in section.rules}
"""The rules by id."""


def selected(profile: ProfileName, sections: Sequence[str] = (), ids: Sequence[str] = ()) -> list[Rule]:
    """The rules of a profile that stand in one of the sections or have one of the ids; all, if none are named.

    Raises InputError for every unknown section and rule at once, and where nothing is left.
    """
    problems = [unknown("--section", "section", name, SECTIONS) for name in sections if name not in SECTIONS]
    problems += [unknown("--rule", "rule", name, RULES) for name in ids if name not in RULES]
    if problems:
        raise InputError(*problems)
    everything = not sections and not ids
    wanted = [rule for rule in RULES.values() if everything or rule.section in sections or rule.id in ids]
    found = [rule for rule in wanted if rule.profile in (None, profile)]
    if not found:
        raise InputError(Problem("--profile", "one that the rules asked for belong to", f'"{profile}"'))
    return found


def unknown(where: str, what: str, name: str, known: Iterable[str]) -> Problem:
    """What to say of a name that nothing has: with the nearest one that something has."""
    words = list(known)
    near = get_close_matches(name, words, 1, 0.5) or [word for word in words if word.endswith(f".{name}")]
    listing = f"one of {', '.join(words)}" if what == "section" else f"the id of a {what}"
    return Problem(where, listing, f'"{name}"', hint=f"did you mean {near[0]}?" if near else None)
