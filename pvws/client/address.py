"""The URL of a server: what is wrong with it, and how it may be shown."""

from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

from websockets.exceptions import InvalidURI
from websockets.uri import parse_uri

from pvws.errors import InputError, Problem

__all__ = ["DEFAULT_URL", "checked_url", "is_encrypted", "is_on_this_machine", "shown_url"]

DEFAULT_URL = "ws://localhost:8083/ws"
"""Where a server is by default (API documentation, "Connection")."""

_SCHEMES = {"http": "ws", "https": "wss"}


def checked_url(url: str, option: str = "URL") -> str:
    """The URL as it was given, once it is known to be one that a WebSocket client can use.

    Raises InputError, with the `option` that gave it, and with the nearest right one where it can be guessed.
    """
    if not isinstance(url, str):
        raise InputError(Problem("URL", f"a URL like {DEFAULT_URL}", f"a {type(url).__name__}"))
    try:
        parse_uri(url)
    except (InvalidURI, ValueError) as error:  # ValueError: an impossible port, or a host that IDNA does not take
        why = error.msg if isinstance(error, InvalidURI) else str(error)
        guess = _guess(url)
        hint = why if guess is None else f"did you mean {guess}?"
        raise InputError(Problem(option, f"a URL like {DEFAULT_URL}", f'"{_printable(url)}"', hint=hint)) from None
    return url


def shown_url(url: str) -> str:
    """The URL for people and logs: without a token or a password, which are secrets, and without control characters."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    query = "&".join("token=…" if field.startswith("token=") else field for field in parts.query.split("&"))
    return _printable(urlunsplit((parts.scheme, place, parts.path, query, "")))


def is_on_this_machine(url: str) -> bool:
    """Whether the host is the loopback interface's, by its name or address; nothing is looked up."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")  # RFC 6761, section 6.3


def is_encrypted(url: str) -> bool:
    """Whether it is a wss:// URL."""
    return urlsplit(url).scheme == "wss"


def _guess(url: str) -> str | None:
    """What was probably meant: `http://`, or no scheme at all, is what people paste."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "ws", url
    scheme = _SCHEMES.get(scheme.lower(), scheme)
    place, slash, path = rest.partition("/")
    guess = f"{scheme}://{place}/{path}" if slash else f"{scheme}://{place}/ws"
    try:
        parse_uri(guess)
    except (InvalidURI, ValueError):
        return None
    return None if guess == url else shown_url(guess)


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in text)
