"""What a connection may be told, and what is wrong with it."""

import math
import ssl
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import TypedDict

from pvws.client.authentication import TokenSource, Way
from pvws.client.buffer import POLICIES, Overflow
from pvws.client.changes import Change
from pvws.errors import InputError, Problem

__all__ = ["ClientOptions", "Options", "check_options", "check_times"]


class ClientOptions(TypedDict, total=False):
    """What concerns the connection to the server; all of it is optional. Times are in seconds.

    - `token`: presented with each connection; a function is asked for it each time, a coroutine's too.
    - `authenticate`: how: `"header"` (default), `"query"` or `"message"`.
    - `patience_first_s`: how long the first connection is tried for, 10; `patience_s`: a later one,
      None, which is for ever.
    - `reconnect`: whether another one is made at all, True.
    - `retry_first_s`, `retry_most_s`: the first and the last ceiling of the waits between tries, 0.5 and 30.
    - `heartbeat_s`: between pings, 20, None for none; `heartbeat_timeout_s`: for an answer, 20.
    - `compression`: whether it is offered; None (default) offers it to servers on other machines.
    - `tls`: the context of a wss:// connection; without it the system's authorities are trusted.
    """

    token: TokenSource | None
    authenticate: Way
    patience_first_s: float | None
    patience_s: float | None
    reconnect: bool
    retry_first_s: float
    retry_most_s: float
    heartbeat_s: float | None
    heartbeat_timeout_s: float
    compression: bool | None
    tls: ssl.SSLContext | None


class Options(ClientOptions, total=False):
    """Everything that `connect` and `connect_sync` may be told: what `ClientOptions` say, and

    - `buffer`: how many events may wait for you, 1024; `overflow`: what then: `"wait"` (default: the server is held
      back), `"drop_oldest"` (counted), `"fail"` (BufferFullError).
    - `on_change`: called with each change, as soon as it happens; what it raises ends the connection.
    """

    buffer: int
    overflow: Overflow
    on_change: Callable[[Change], None] | None


def check_options(options: Options) -> None:
    """Raise TypeError for a name that is none, as Python does, and InputError for what `Options` alone has.

    The rest is checked by those who use it.
    """
    for name in options:
        if name not in Options.__annotations__:
            near = get_close_matches(name, Options.__annotations__, 1)
            guess = f"; did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"connect() got an unexpected keyword argument {name!r}{guess}")
    if problems := list(_wrong(options)):
        raise InputError(*problems)


def _wrong(options: Mapping[str, object]) -> Iterator[Problem]:
    if (overflow := options.get("overflow", POLICIES[0])) not in POLICIES:
        yield Problem("overflow", f"one of {', '.join(POLICIES)}", repr(overflow))
    if not isinstance(size := options.get("buffer", 1), int) or size < 1:
        yield Problem("buffer", "a whole number of events, 1 or more", repr(size))
    if (listen := options.get("on_change")) is not None and not callable(listen):
        yield Problem("on_change", "a function that takes a change", repr(listen))


def check_times(
    *,
    patience_first_s: float | None,
    patience_s: float | None,
    retry_first_s: float,
    retry_most_s: float,
    heartbeat_s: float | None,
    heartbeat_timeout_s: float,
) -> None:
    """Raise InputError for every one of these that can't be one, all at once."""
    patiences = {"patience_first_s": patience_first_s, "patience_s": patience_s}
    problems = [
        Problem(name, "seconds, 0 or more, or none for ever", _shown(value))
        for name, value in patiences.items()
        if not (value is None or (_is_number(value) and value >= 0))
    ]
    others = {
        "retry_first_s": retry_first_s,
        "retry_most_s": retry_most_s,
        "heartbeat_s": 1.0 if heartbeat_s is None else heartbeat_s,
        "heartbeat_timeout_s": heartbeat_timeout_s,
    }
    wrong = [name for name, value in others.items() if not (_is_number(value) and 0 < value < math.inf)]
    problems += [Problem(name, "seconds, more than 0", _shown(others[name])) for name in wrong]
    if not {"retry_first_s", "retry_most_s"} & {*wrong} and retry_most_s < retry_first_s:
        expected = f"at least retry_first_s, which is {retry_first_s:g}"
        problems.append(Problem("retry_most_s", expected, _shown(retry_most_s)))
    if problems:
        raise InputError(*problems)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else repr(value)
