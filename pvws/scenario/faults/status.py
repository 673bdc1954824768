"""status: a handshake is refused with an HTTP status."""

import re
from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from pvws.notation.quantities import Duration
from pvws.scenario.faults.fault import HandshakeFault
from pvws.scenario.faults.refusal import Refusal
from pvws.scenario.timeline.action import Mistake
from pvws.sim.chance import Stream

__all__ = ["Status"]

_UNAUTHORIZED = 401
_PHRASES = {  # RFC 9110, section 15, and RFC 6585
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    _UNAUTHORIZED: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    408: "Request Timeout",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class Status(HandshakeFault, frozen=True):
    """The handshake is answered with an HTTP status instead of 101. With `attempts: 3` the first three are, and then
    all succeed.

    A client sees the status, and is to wait for as long as `Retry-After` says. Counted as `refused`.
    """

    word = "refused"

    code: Annotated[int, Meta(ge=200, le=599, description="The HTTP status.", examples=[503, 401, 403])]
    retry_after: Annotated[
        Duration | None,
        Meta(description="What the header `Retry-After` says, in whole seconds rounded up; left out: no such header."),
    ] = None
    location: Annotated[
        str | None, Meta(description="What the header `Location` says, of a redirection.", examples=["/ws2"])
    ] = None

    def mistakes(self) -> Iterable[Mistake]:
        """A header is one line of visible characters."""
        if self.location is not None and not re.fullmatch(r"[!-~]+", self.location):
            yield Mistake(("location",), "a URL, without blanks", f'"{self.location}"')

    def refusal(self, chance: Stream) -> Refusal:
        """The answer."""
        headers = []
        if self.code == _UNAUTHORIZED:  # RFC 9110, section 15.5.2: it says how to do better
            headers.append(("WWW-Authenticate", "Bearer"))
        if self.retry_after is not None:
            headers.append(("Retry-After", str(-(-self.retry_after // 1_000_000))))
        if self.location is not None:
            headers.append(("Location", self.location))
        return Refusal(self.code, f"{_PHRASES.get(self.code, 'Refused')}\n", tuple(headers))
