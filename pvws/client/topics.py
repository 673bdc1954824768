"""Topics as a user of the library names them."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from pvws.errors import InputError, Problem
from pvws.wire.topics import TOPICS, Topic

__all__ = ["checked_topics"]


def checked_topics(names: str | Iterable[str]) -> tuple[Topic, ...]:
    """The topics of these names, each once, in their order; one name alone may be given as it is.

    Raises InputError for every name that is none at once, with the nearest that is.
    """
    given = _listed(names)
    problems = [_unknown(name) for name in given if name not in TOPICS]
    if problems:
        raise InputError(*problems)
    return tuple(dict.fromkeys(Topic(name) for name in given))


def _listed(names: object) -> list[Any]:
    return list(names) if isinstance(names, Iterable) and not isinstance(names, str) else [names]


def _unknown(name: object) -> Problem:
    near = get_close_matches(name.lower(), TOPICS, 1) if isinstance(name, str) else []
    hint = f"did you mean {near[0]}?" if near else None
    return Problem("topics", f"some of {', '.join(TOPICS)}", repr(name), hint=hint)
