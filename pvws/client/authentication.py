"""A token, and the three ways to present it (API documentation, "Authentication")."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple, TypeAlias
from urllib.parse import parse_qs, quote, urlsplit

import msgspec

from pvws.client.address import shown_url
from pvws.client.errors import AuthenticationError
from pvws.errors import InputError, Problem

__all__ = ["WAYS", "Credentials", "Presented", "TokenSource", "Way"]

Way: TypeAlias = Literal["header", "query", "message"]
"""`Authorization: Bearer …`, `?token=…`, or an `auth` message before any other."""

WAYS: tuple[Way, ...] = ("header", "query", "message")
"""All ways; the first is the default, since URLs end up in logs and the real server takes short messages only."""

TokenSource: TypeAlias = str | Callable[[], str | Awaitable[str]]
"""A token, or a function that gives one anew for each connection, for tokens that expire; it may be a coroutine's."""

_REFUSALS_MAX = 2  # in a row: a source may have given a token that expired on the way, but not twice
_ADVICE = "Check the token and that it has not expired; it may be presented as header, query or message."
_ADVICE_WITHOUT = "Give it one: --token T or --token @FILE, or the variable PVWS_TOKEN; token= in Python."


class Presented(NamedTuple):
    """How one connection presents its token: the URL, the headers, and the first message, where there is one."""

    url: str
    headers: dict[str, str]
    message: str | None


class Credentials:
    """What a client presents, connection by connection, and what it does once it was refused.

    Raises InputError for a token that can't be one, or that the URL has already. Errors never quote a token.
    """

    def __init__(self, url: str, token: TokenSource | None, way: Way) -> None:
        if way not in WAYS:
            raise InputError(Problem("authenticate", f"one of {', '.join(WAYS)}", f'"{way}"'))
        if token is not None and "token" in parse_qs(urlsplit(url).query, keep_blank_values=True):
            raise InputError(Problem("token", "one token", "another one in the URL"))
        if token is not None and not callable(token):
            _check(token, way)
        self._url = url
        self._source = token
        self._way = way
        self._token: str | None = None
        self._refused: str | None = None
        self._refusals = 0

    async def present(self) -> Presented:
        """What the next connection presents.

        Raises AuthenticationError where the source gives once more the token that was refused, and whatever the source
        itself raises.
        """
        if self._source is None:
            return Presented(self._url, {}, None)
        self._token = token = self._source if isinstance(self._source, str) else await self._ask(self._source)
        if token == self._refused:
            raise self.error()
        match self._way:
            case "header":
                return Presented(self._url, {"Authorization": f"Bearer {token}"}, None)
            case "query":
                url, hash_, fragment = self._url.partition("#")
                mark = "&" if urlsplit(url).query else "?"
                return Presented(f"{url.rstrip('?')}{mark}token={quote(token, safe='')}{hash_}{fragment}", {}, None)
            case "message":
                message = msgspec.json.encode({"type": "auth", "data": {"token": token}}).decode()
                return Presented(self._url, {}, message)

    async def _ask(self, source: Callable[[], str | Awaitable[str]]) -> str:
        given = source()
        return _check(await given if inspect.isawaitable(given) else given, self._way)

    def refused(self, trouble: str | None = None) -> AuthenticationError | None:
        """What was presented has been refused: the error to end with, or None if another token can be asked for.

        `trouble` is how the server said it, where that was no AUTH_FAILED.
        """
        self._refusals += 1
        self._refused = self._token
        if self._source is None or isinstance(self._source, str) or self._refusals >= _REFUSALS_MAX:
            return self.error(trouble)
        return None

    def accepted(self) -> None:
        """A connection stood for a while: what was presented was right."""
        self._refusals = 0

    def error(self, trouble: str | None = None) -> AuthenticationError:
        """The refusal, in words for a person."""
        without = self._source is None and "token" not in parse_qs(urlsplit(self._url).query)
        trouble = trouble or ("the server asks for a token" if without else "the server refuses the token")
        return AuthenticationError(shown_url(self._url), trouble, _ADVICE_WITHOUT if without else _ADVICE)


def _check(token: object, way: Way) -> str:
    """The token; raise InputError for what can't be presented that way. What is wrong is said without quoting it."""
    if not isinstance(token, str):
        raise InputError(Problem("token", "a text", f"a {type(token).__name__}"))
    if way == "header" and not (token.isascii() and token.isprintable() and token == token.strip()):
        hint = 'present it as "query" or "message"'
        raise InputError(Problem("token", "printable ASCII characters, to stand in a header", "others", hint=hint))
    try:
        token.encode()
    except UnicodeEncodeError:
        raise InputError(Problem("token", "text that UTF-8 can hold", "half a surrogate pair")) from None
    if not token:
        raise InputError(Problem("token", "a text", "an empty one"))
    return token
