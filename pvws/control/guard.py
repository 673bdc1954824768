"""Who may call: requests of other sites, other names for this machine and strangers are refused before they are read.

A page of another origin can have a browser send requests here. It is told apart by `Origin` and `Sec-Fetch-Site`, which
browsers add and pages can't change; a body must be JSON, which a page can't send elsewhere without being asked first;
and a page that comes from a name which an attacker has pointed at this machine (DNS rebinding) by `Host`.
"""

import hmac
import socket
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from pvws.answers import Mistake
from pvws.control.listener import is_loopback
from pvws.control.problems import Refusal

__all__ = ["OPEN_PATHS", "Guard"]

OPEN_PATHS = ("/", "/favicon.ico", "/dashboard/")
"""Where no token is needed: the page itself, which holds no secret and asks a person for the token."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


class Guard:
    """Judges heads of requests.

    `host` is what the control plane listens on, by the name that it was given, and `is_local` says that only this
    machine reaches it. `hosts` are further names under which it is called, where `*` is any. With a `token` every
    request to `/v1` must present it.
    """

    def __init__(self, host: str, *, is_local: bool, token: str | None = None, hosts: Iterable[str] = ()) -> None:
        self._is_local = is_local
        self._token = None if token is None else token.encode()
        self._names = {name.lower().rstrip(".") for name in ("localhost", host, *hosts)}
        if not is_local:
            self._names.add(socket.gethostname().lower())
        self._any_name = "*" in self._names

    def check(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        """Let a request in, or raise Refusal. Names of headers are in lower case."""
        self._check_host(headers.get("host", ""))
        self._check_origin(method, headers)
        if self._token is not None and not _is_open(path):
            self._check_token(headers.get("authorization"))

    def _check_host(self, host: str) -> None:
        name = _name_of(host)
        if name is not None and (name in self._names or name.endswith(".localhost") or self._any_name):
            return
        if name is not None and _is_address(name) and (not self._is_local or is_loopback(name)):
            return
        expected = (
            "localhost or an address of this machine" if self._is_local else "an address or a name of this machine"
        )
        raise Refusal(
            "wrong-host",
            f'Host: expected {expected}, got "{host}"; allow another name with control.hosts of the configuration '
            f"or PEERVAULT_WS_CONTROL_HOSTS",
            [Mistake("Host", expected, f'"{host}"')],
        )

    def _check_origin(self, method: str, headers: Mapping[str, str]) -> None:
        origin = headers.get("origin")
        if origin is not None and not _is_own(origin, headers.get("host", "")):
            expected = "none, or the control plane's own"
            raise Refusal(
                "cross-site",
                f'Origin: expected {expected}, got "{origin}"; pages of other origins may not steer this test-bed',
                [Mistake("Origin", expected, f'"{origin}"')],
            )
        site = headers.get("sec-fetch-site", "none")
        goes_there = method in ("GET", "HEAD") and headers.get("sec-fetch-mode") == "navigate"
        if site not in ("none", "same-origin") and not goes_there:
            raise Refusal(
                "cross-site",
                f"Sec-Fetch-Site: expected same-origin, got {site}; pages of other origins may not steer this test-bed",
                [Mistake("Sec-Fetch-Site", "same-origin", f'"{site}"')],
            )

    def _check_token(self, authorization: str | None) -> None:
        assert self._token is not None, "there is one"
        scheme, _, presented = (authorization or "").partition(" ")
        right = scheme.lower() == "bearer" and hmac.compare_digest(presented.strip().encode(), self._token)
        if right:
            return
        found = "none" if authorization is None else "a wrong one" if scheme.lower() == "bearer" else f"{scheme[:20]} …"
        raise Refusal(
            "unauthorised",
            f"Authorization: expected Bearer and the token of the control plane, got {found}",
            [Mistake("Authorization", "Bearer TOKEN", found)],
            headers={"WWW-Authenticate": 'Bearer realm="pvws"'},
        )


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith("/dashboard/")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _name_of(host: str) -> str | None:
    """The name or address in a `Host`, without its port; None where it is none."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    if parts.netloc != host or "@" in host or not parts.hostname:
        return None
    return parts.hostname.rstrip(".")


def _is_own(origin: str, host: str) -> bool:
    """Whether an origin is what a page has that was loaded from this `Host`."""
    try:
        parts, own = urlsplit(origin), urlsplit(f"{urlsplit(origin).scheme}://{host}")
        default = _DEFAULT_PORTS.get(parts.scheme)
        return (
            parts.scheme in _DEFAULT_PORTS
            and parts.hostname == own.hostname
            and (parts.port or default) == (own.port or default)
        )
    except ValueError:
        return False
