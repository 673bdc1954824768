"""What is answered when a request can't be met: problem details (RFC 9457) that say what would be right."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pvws.answers import JournalEntry, Mistake, ProblemDocument
from pvws.errors import InputError, MessageError, Problem, PvwsError, TooManyError
from pvws.notation.reader import nearest
from pvws.stage.advance import (
    Advance,
    CantGoBackError,
    ClockTimeoutError,
    NeverHappenedError,
    NotHeldError,
)
from pvws.stage.clients import NoSuchClientError
from pvws.stage.faults import NoSuchFaultError
from pvws.stage.oracle import NothingPlaysError
from pvws.stage.rules import NoSuchRuleError

__all__ = ["KINDS", "Refusal", "refusal_of", "unknown"]

_log = logging.getLogger("pvws.control")

_MISTAKES_MAX = 100  # told of one request: a person mends no more at once

KINDS: Final[Mapping[str, tuple[int, str]]] = {
    "syntax": (400, "The body is no JSON"),
    "query": (400, "The query is not understood"),
    "request": (400, "The request is not understood"),
    "unauthorised": (401, "A token is needed"),
    "wrong-host": (403, "This host name is not served"),
    "cross-site": (403, "Pages of other origins may not call"),
    "unknown-route": (404, "There is no such route"),
    "unknown-world": (404, "There is no such world"),
    "unknown": (404, "There is no such thing"),
    "method": (405, "This method is not for this route"),
    "timeout": (408, "It did not happen in time"),
    "slow-request": (408, "The request did not come in time"),
    "conflict": (409, "It can't be done as things stand"),
    "clock-runs": (409, "The clock is not held"),
    "no-way-back": (409, "The clock can't be set back"),
    "never-happened": (409, "What was waited for did not come"),
    "no-world": (409, "No simulated world is played here"),
    "too-many": (409, "There are as many as there may be"),
    "too-large": (413, "The request is too large"),
    "content-type": (415, "The body is of the wrong type"),
    "invalid": (422, "What was said is wrong"),
    "mistake": (500, "A mistake of pvws"),
    "no-source": (502, "Nothing plays on the bus"),
    "busy": (503, "There are too many requests"),
    "stopping": (503, "The server is shutting down"),
    "silent-source": (504, "What plays on the bus does not answer"),
}
"""Every kind of problem there is, with its status and title; its `type` is `urn:pvws:problem:` and the kind."""


class Refusal(Exception):  # noqa: N818 - it is the answer, not an error of anybody's program
    """The answer to a request that can't be met. `entries` are what came of a wait that was in vain, `came_to` says
    how far a clock came.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        errors: Iterable[Mistake] = (),
        *,
        headers: Mapping[str, str] | None = None,
        entries: Sequence[JournalEntry] = (),
        came_to: Mapping[str, Any] | None = None,
    ) -> None:
        self.kind = kind
        self.headers = dict(headers or {})
        status, title = KINDS[kind]
        self.document = ProblemDocument(
            type=f"urn:pvws:problem:{kind}",
            title=title,
            status=status,
            detail=detail,
            errors=list(errors)[:_MISTAKES_MAX],
            entries=list(entries),
            came_to=None if came_to is None else dict(came_to),
        )
        """What the answer's body says."""
        super().__init__(detail)

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.document.status


def unknown(what: str, name: str, known: Sequence[str], *, kind: str = "unknown") -> Refusal:
    """There is no `what` of this name: the answer says which there are, and the nearest."""
    there = f"there {'is' if len(known) == 1 else 'are'} {', '.join(known)}" if known else f"there is no {what} at all"
    hint = nearest(name, known)
    said = f'there is no {what} "{name}"; {there}' + ("" if hint is None else f" ({hint})")
    expected = f"one of {', '.join(known)}" if known else f"a {what}, of which there is none"
    return Refusal(kind, said, [Mistake(what, expected, f'"{name}"', hint)])


def refusal_of(error: Exception) -> Refusal:
    """The answer to a request on whose way an error came up; one that nobody has foreseen is a mistake of ours."""
    match error:
        case Refusal():
            return error
        case InputError():
            return _wrong(error.problems)
        case MessageError():
            return Refusal("invalid", str(error), [Mistake(error.path, error.expected, error.found)])
        case NoSuchClientError():
            return Refusal("unknown", str(error), [Mistake("client", "a client that is here", f'"{error.which}"')])
        case NoSuchFaultError():
            return unknown("fault", error.wanted, error.there)
        case NoSuchRuleError():
            return unknown("rule", error.id, error.known)
        case NothingPlaysError():
            return Refusal("no-world", str(error))
        case NotHeldError():
            return Refusal("clock-runs", f"{error} (pvws ctl pause, or POST /v1/clock/hold)")
        case CantGoBackError():
            return Refusal("no-way-back", str(error))
        case ClockTimeoutError():
            return Refusal("timeout", str(error), came_to=_came_to(error.advance))
        case NeverHappenedError():
            return Refusal("never-happened", str(error), came_to=_came_to(error.advance))
        case TooManyError():
            return Refusal("too-many", str(error))
        case PvwsError():
            return Refusal("conflict", str(error))
        case _:
            return _mistake(error)


def _mistake(error: Exception) -> Refusal:
    _log.error("a mistake of pvws in the control plane: %r", error)
    _log.debug("where that was", exc_info=error)
    said = f"{type(error).__name__}; please report it, with what -v logs"
    return Refusal("mistake", f"this is a mistake in pvws: {said}")


def _wrong(problems: Sequence[Problem]) -> Refusal:
    mistakes = [
        Mistake(each.path, each.expected, each.found, each.hint, each.file, each.line, each.column) for each in problems
    ]
    more = "" if len(mistakes) == 1 else f" (and {len(mistakes) - 1} more)"
    return Refusal("invalid", f"{problems[0]}{more}", mistakes)


def _came_to(advance: Advance) -> dict[str, Any]:
    return {"at": advance.timestamp.exact, "count": advance.count, "ended": advance.ended}
