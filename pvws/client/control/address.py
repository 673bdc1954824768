"""Where a control plane is: what people write for it, and what is wrong with it."""

import re
from urllib.parse import urlsplit

from msgspec import Struct

from pvws.errors import InputError, Problem

__all__ = ["DEFAULT_CONTROL_URL", "TOKEN_VARIABLE", "URL_VARIABLE", "Place", "looks_like_address", "place_of"]

DEFAULT_CONTROL_URL = "http://localhost:8084"
"""Where a control plane is by default: one port above the WebSocket API's."""

URL_VARIABLE = "PVWS_CONTROL_URL"
"""Where it is, if not there."""

TOKEN_VARIABLE = "PVWS_CONTROL_TOKEN"
"""Holds its token, so that this need not stand in the list of processes."""

_PORTS = {"http": 80, "https": 443}
_WEB_SOCKET = {"ws": "http", "wss": "https"}
# `:8084`, `8084`, `host:8084`, `[::1]:8084`: what can't be a topic, a scenario or a word of a command.
_SHORT = re.compile(r":?\d{1,5}|(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}", re.ASCII)


class Place(Struct, frozen=True):
    """A control plane's address. `base` is what stands before `/v1`, usually nothing; `url` is it for people."""

    host: str
    port: int
    encrypted: bool = False
    base: str = ""

    @property
    def url(self) -> str:
        """It as a URL."""
        scheme = "https" if self.encrypted else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[scheme] else f":{self.port}"
        return f"{scheme}://{host}{port}{self.base}"

    @property
    def authority(self) -> str:
        """Host and port, as a request names them."""
        return self.url.split("/", 3)[2]


def looks_like_address(text: str) -> bool:
    """Whether a word of a command line is meant as an address: a URL, or a port with or without a host."""
    return "://" in text or _SHORT.fullmatch(text) is not None


def place_of(text: str, option: str = "CONTROL_URL") -> Place:
    """The place that a person means by `http://host:8084`, `host:8084`, `:8084` or `8084`.

    Raises InputError, with the `option` that gave it.
    """
    expected = f"a URL like {DEFAULT_CONTROL_URL}, or :8084"
    full = text.strip()
    if re.fullmatch(r":?\d{1,5}", full, re.ASCII):
        full = f"localhost:{full.lstrip(':')}"
    if "://" not in full:
        full = f"http://{full}"
    try:
        parts = urlsplit(full)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InputError(Problem(option, expected, f'"{_printable(text)}"', hint=str(error))) from None
    if parts.scheme in _WEB_SOCKET:
        hint = f"that is where clients connect; did you mean {_WEB_SOCKET[parts.scheme]}://{_guess(host, port)}?"
        raise InputError(Problem(option, expected, f'"{_printable(text)}"', hint=hint))
    if parts.scheme not in _PORTS or not host or not full.isascii() or not full.isprintable() or " " in full:
        raise InputError(Problem(option, expected, f'"{_printable(text)}"'))
    if parts.username is not None or parts.query or parts.fragment:
        hint = "a token goes into --token, or the environment"
        raise InputError(Problem(option, f"{expected}, and nothing else in it", "more", hint=hint))
    base = parts.path.rstrip("/").removesuffix("/v1").rstrip("/")
    return Place(host, _PORTS[parts.scheme] if port is None else port, parts.scheme == "https", base)


def _guess(host: str | None, port: int | None) -> str:
    """The control plane of a WebSocket server is usually one port above it."""
    return f"{host or 'localhost'}:{8084 if port is None else min(port + 1, 65_535)}"


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in text)
