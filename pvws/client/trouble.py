"""Why a connection could not be made, in words for a person."""

import os
import re
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from websockets.exceptions import InvalidHandshake, InvalidMessage, InvalidStatus

from pvws.client.address import shown_url
from pvws.client.backoff import asked_wait_s

__all__ = ["Trouble", "trouble_of"]

_START_ONE = "Is a server running? Start one with: pvws serve, or with something to see: pvws simulate quickstart"

_OTHER_SERVER = (
    "Another program answers there. Check the port: pvws serves on 8083 unless told otherwise, and is steered on 8084."
)

_PASSING = (408, 425, 429)  # Request Timeout, Too Early, Too Many Requests: later it may be another answer

_LOCATION_CHARACTERS_MAX = 200  # a line or two of a person's terminal

_ERRNO = re.compile(r"\[Errno (\d+)\]")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong, what may help, and whether trying again is pointless because the answer was definite.

    `refused`: it was the token, or there was none. `retry_after_s`: what the server asked to wait for, in seconds.
    """

    what: str
    advice: str
    definite: bool = False
    refused: bool = False
    retry_after_s: float | None = None


def trouble_of(error: Exception, url: str, *, now: float = 0.0) -> Trouble:
    """The trouble behind an exception that an opening handshake raised. Of what the server chose it quotes only where
    it points to, cut and without what could steer a terminal.

    `now`, in seconds since the epoch, is for a `Retry-After` that is a date.
    """
    match error:
        case InvalidStatus():
            retry_after_s = _retry_after(error.response.headers.get_all("Retry-After"), now)
            place = error.response.headers.get_all("Location")
            return _of_status(error.response.status_code, url, retry_after_s, place[0] if place else "")
        case InvalidMessage():  # closed before it answered: also what a server does that is starting or stopping
            return Trouble("the connection was closed before it was answered, or not in HTTP", _START_ONE)
        case InvalidHandshake():
            return Trouble(f"no WebSocket server answers there ({type(error).__name__})", _START_ONE, definite=True)
        case TimeoutError():
            return Trouble("no answer in time", _START_ONE)
        case ssl.SSLError():
            reason = getattr(error, "verify_message", None) or getattr(error, "reason", None) or "handshake failed"
            advice = "wss:// needs a server with TLS and a certificate that this machine trusts."
            return Trouble(f"no TLS connection: {reason}", advice, definite=True)
        case socket.gaierror():
            return Trouble(f"the host's name can't be looked up: {error.strerror}", "Check the name of the host.")
        case OSError():
            return Trouble(_os_words(error), _START_ONE)
        case ValueError():  # a host name that IDNA does not take is found out only here
            return Trouble(f"not an address: {error}", "Check the name of the host.", definite=True)
        case _:
            return Trouble(f"the connection failed ({type(error).__name__})", _START_ONE)


def _retry_after(values: list[str], now: float) -> float | None:
    """Seconds in a `Retry-After` header (RFC 9110, section 10.2.3): a number or a date; the first of several."""
    value = values[0].strip() if values else ""
    if value.isascii() and value.isdecimal():
        return asked_wait_s(float(value))
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    until = moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.fromtimestamp(now, UTC)
    return asked_wait_s(until.total_seconds())


def _of_status(status: int, url: str, retry_after_s: float | None, location: str) -> Trouble:
    try:
        said = f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        said = f"HTTP {status}"
    parts = urlsplit(url)
    if status in (401, 403):
        advice = "The server lets only some clients in."
    elif 300 <= status < 400:
        advice = f"It points to {_pointed_to(url, location)}, which is not followed: give that address, if it is right."
    elif status == 404 and parts.path != "/ws":
        advice = f"The API is at the path /ws: try {parts.scheme}://{parts.netloc.rpartition('@')[2]}/ws"
    else:
        advice = _OTHER_SERVER if status < 500 and status not in _PASSING else _START_ONE
    return Trouble(
        f"the server answered {said} instead of a WebSocket",
        advice,
        # A server that stops says 503 (contract, "shutdown"), a gateway in front of one that starts 502: those pass.
        definite=status < 500 and status not in _PASSING,
        refused=status in (401, 403),
        retry_after_s=retry_after_s,
    )


def _pointed_to(url: str, location: str) -> str:
    try:
        place = shown_url(urljoin(url, location))
    except ValueError:  # no address at all
        place = ""
    return place[:_LOCATION_CHARACTERS_MAX] if location and place else "another address"


def _os_words(error: OSError) -> str:
    number = error.errno
    if number is None:
        # asyncio tried several addresses of one name and joined the texts ("Multiple exceptions: [Errno 111] …").
        found = set(_ERRNO.findall(str(error)))
        number = int(found.pop()) if len(found) == 1 else None
    if isinstance(error, ConnectionResetError):
        return "the connection was reset before it was answered"
    return "the connection failed" if number is None else os.strerror(number).lower()
