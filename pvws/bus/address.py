"""Where a bus is, and which world of it is meant: `nats://localhost:4222/team-a?age=10m&bytes=256MiB`."""

import re
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from msgspec import Struct

from pvws import units
from pvws.errors import InputError, Problem
from pvws.limits import BUS_AGE_S, BUS_BYTES_MAX
from pvws.notation.nearest import nearest

__all__ = ["Address", "read_address"]

_PORT = 4222  # that of NATS
_WORLD = re.compile(r"[A-Za-z0-9_-]{1,64}")  # a token of a subject: no dots
_BOUNDS = ("age", "bytes")
_EXPECTED = "nats://[user:password@]host[:port][/world][?age=10m&bytes=256MiB]"


class Address(Struct, frozen=True):
    """A bus: the `server`'s URL with what it takes to get in, and the same to be `shown`, without that.

    What is played in one `world` is not heard in another. The world's stream keeps entries for `age_s` seconds, and no
    more than so many `bytes` of them.
    """

    server: str
    shown: str
    world: str = "main"
    age_s: float = BUS_AGE_S
    bytes: int = BUS_BYTES_MAX

    def __str__(self) -> str:
        return self.shown if self.world == "main" else f"{self.shown}/{self.world}"


def read_address(text: str) -> Address:
    """The bus of a URL. Raises InputError, in which no password is."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port or _PORT
    except ValueError:
        raise InputError(Problem("--bus", _EXPECTED, "a URL that can't be read")) from None
    if parts.scheme not in ("nats", "tls") or not host or parts.fragment:
        raise InputError(Problem("--bus", _EXPECTED, f'"{_harmless(text)}"'))
    bare = f"[{host}]" if ":" in host else host
    secret, at, _ = parts.netloc.rpartition("@")
    world = parts.path.strip("/") or "main"
    if not _WORLD.fullmatch(world):
        expected = "a world of up to 64 letters, digits, hyphens and underscores behind the host"
        raise InputError(Problem("--bus", expected, f'"{world}"'))
    bounds = dict(parse_qsl(parts.query, keep_blank_values=True))
    for key in bounds:
        if key not in _BOUNDS:
            raise InputError(Problem("--bus", "age or bytes behind the ?", f'"{key}"', hint=nearest(key, [*_BOUNDS])))
    try:
        age_s = units.duration(bounds["age"]) / 1_000_000 if "age" in bounds else BUS_AGE_S
        size = units.size(bounds["bytes"]) if "bytes" in bounds else BUS_BYTES_MAX
    except ValueError as error:
        raise InputError(Problem("--bus", str(error), f'"{parts.query}"')) from None
    if age_s < 1 or size < 1_048_576:
        raise InputError(Problem("--bus", "an age of a second or more, and 1 MiB or more", f'"{parts.query}"'))
    shown = urlunsplit((parts.scheme, f"{bare}:{port}", "", "", ""))
    server = urlunsplit((parts.scheme, f"{secret}{at}{bare}:{port}", "", "", ""))
    return Address(server, shown, world, age_s, size)


def _harmless(text: str) -> str:
    """A URL without what stands before the @."""
    scheme, sign, rest = text.partition("://")
    return f"{scheme}{sign}{rest.rpartition('@')[2]}" if sign else text.rpartition("@")[2]
