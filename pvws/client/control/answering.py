"""What an answer means: a value, a refusal in the server's words, or that nobody there is a control plane."""

from http import HTTPStatus
from typing import Any, TypeVar

import h11
import msgspec

from pvws.answers import ProblemDocument, decoded
from pvws.client.control.address import URL_VARIABLE, Place
from pvws.client.control.errors import ControlError, ControlTimeoutError
from pvws.client.control.exchange import Answer, TooLargeError
from pvws.client.trouble import trouble_of
from pvws.errors import ReachError

__all__ = ["START_ONE", "not_understood", "unreached", "value_of"]

_T = TypeVar("_T")

START_ONE = (
    "Is a test-bed running? Start one with: pvws serve, or: pvws simulate quickstart\n"
    f"If its control plane is elsewhere, say where: CONTROL_URL (such as :9001), or the variable {URL_VARIABLE}"
)
"""What helps where nothing answers."""

_NOT_OURS = "A server tells its control plane's address when it starts; it is usually one port above ws://…'s."


def value_of(answer: Answer, kind: type[_T], place: Place) -> _T:
    """What the server answered, of this kind.

    Raises ControlError for a refusal, ControlTimeoutError for what did not happen in time, and ReachError for what no
    control plane answers.
    """
    if answer.status >= 300:
        raise _refusal(answer, place)
    if kind is type(None):
        return None
    if not answer.media.startswith("application/json"):
        raise ReachError(place.url, "what answers there is no control plane of pvws", _NOT_OURS)
    try:
        value: Any = decoded(answer.body, Any if kind is object else kind)
    except msgspec.MsgspecError as error:
        raise not_understood(error, place) from None
    return value  # type: ignore[no-any-return]


def not_understood(error: msgspec.MsgspecError, place: Place) -> ReachError:
    """What a server told is not what a control plane tells."""
    advice = "Is that server of another version of pvws than this program?"
    return ReachError(place.url, f"its answer is not understood: {error}", advice)


def unreached(error: Exception, place: Place, timeout_s: float) -> ReachError:
    """Why there was no answer."""
    match error:
        case TimeoutError():
            return ReachError(place.url, f"no answer within {timeout_s:g} s", START_ONE)
        case EOFError():
            return ReachError(place.url, "the connection ended before the answer was whole", START_ONE)
        case h11.RemoteProtocolError():
            return ReachError(place.url, "what answers there does not speak HTTP", _NOT_OURS)
        case TooLargeError():
            return ReachError(place.url, "the answer is too large", _NOT_OURS)
        case ConnectionResetError():
            return ReachError(place.url, "the connection was reset before it was answered", START_ONE)
        case _:
            return ReachError(place.url, trouble_of(error, place.url).what, START_ONE)


def _refusal(answer: Answer, place: Place) -> ControlError | ReachError:
    try:
        said = f"HTTP {answer.status} {HTTPStatus(answer.status).phrase}"
    except ValueError:
        said = f"HTTP {answer.status}"
    if not answer.media.startswith("application/problem+json"):
        return ReachError(place.url, f"what answers there is no control plane of pvws ({said})", _NOT_OURS)
    try:
        problem = decoded(answer.body, ProblemDocument)
    except msgspec.MsgspecError as error:
        return ReachError(place.url, f"it answered {said}, and is not understood: {error}", _NOT_OURS)
    changes: dict[str, Any] = {"status": answer.status}
    if not problem.detail:
        changes["detail"] = problem.title or said
    problem = msgspec.structs.replace(problem, **changes)
    return ControlTimeoutError(problem) if answer.status == 408 else ControlError(problem)
