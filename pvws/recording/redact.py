"""Secrets made unreadable before anything is written: tokens, credentials, and what else one asks for.

In messages only the value is replaced, and every other byte stays as it was.
"""

import re
from collections.abc import Callable, Sequence

from msgspec import structs

from pvws.recording.format import Entry, Header, Headers, Message, Open
from pvws.recording.spans import Path, spans

__all__ = ["REDACTED", "TOKENS", "Redactor", "redacted_url"]

REDACTED = "REDACTED"
"""What stands where a secret stood."""

TOKENS = "tokens"
"""What the header says of a recording from which tokens and credentials were taken."""

_SECRET_KEYS = frozenset({"token", "access_token", "authorization", "password", "api_key", "apikey"})
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
# A cheap look that leaves no secret out: a key may also be written with escapes. One search for each of these words
# costs a fraction of what one for all of them, in any case, does.
_SUSPICIOUS = (b"token", b"authorization", b"password", b"api_key", b"apikey", b"\\u00")
_USER = re.compile(r"(?<=//)[^/@?#]*@")
_QUERY = re.compile(r"(?<=[?&])([^=&#]*)=([^&#]*)")
_STEP = re.compile(r"\*|\[(?:\d+|\*)?\]|[^.\[\]*]+")
_PATH = re.compile(r"(?:\$\.)?((?:\*|[^.\[\]*]+)(?:\[(?:\d+|\*)?\])*(?:\.(?:\*|[^.\[\]*]+)(?:\[(?:\d+|\*)?\])*)*)")


class Redactor:
    """Makes entries without secrets; keeps nothing between them.

    Without more, that are the values of keys called `token` and the like in messages, whoever sent them, tokens and
    passwords in URLs, and the headers that carry credentials. `paths` are further values within messages, such as
    `data.key`, `data.clusters[].leader` or `*.node`. Raises ValueError for a path that is none, saying what was
    expected. With `tokens` false only the paths count.
    """

    def __init__(self, paths: Sequence[str] = (), *, tokens: bool = True) -> None:
        self._tokens = tokens
        self._paths = [_steps(path) for path in paths]
        self.redacts = (*((TOKENS,) if tokens else ()), *paths)
        """What the header of a recording says of it."""

    def header(self, header: Header) -> Header:
        """The header, which says what was redacted."""
        told = (*header.redacted, *(each for each in self.redacts if each not in header.redacted))
        url = redacted_url(header.url) if self._tokens else header.url
        return structs.replace(header, url=url, redacted=told)

    def entry(self, entry: Entry) -> Entry:
        """The entry, or one in its place that holds no secret."""
        if isinstance(entry, Message):
            return self._message(entry)
        if isinstance(entry, Open) and self._tokens:
            return structs.replace(
                entry,
                url=redacted_url(entry.url),
                request=_headers(entry.request),
                response=_headers(entry.response),
            )
        return entry

    def _message(self, message: Message) -> Message:
        data = message.data
        is_suspicious = self._tokens and _is_suspicious(data.lower())
        if not (is_suspicious or self._paths):
            return message
        found = list(spans(data, self._wanted if is_suspicious else self._named))
        if not found:
            return message
        replaced, moved = _replaced(data, found)
        fragments = None if message.fragments is None else _cut(message.fragments, moved)
        return structs.replace(message, data=replaced, fragments=fragments)

    def _wanted(self, path: Path) -> bool:
        return path[-1].lower() in _SECRET_KEYS or self._named(path)

    def _named(self, path: Path) -> bool:
        return any(len(steps) == len(path) and all(map(_fits, steps, path)) for steps in self._paths)


def _is_suspicious(lower: bytes) -> bool:
    for word in _SUSPICIOUS:  # noqa: SIM110 - a generator for each message would cost more than the searches
        if word in lower:
            return True
    return False


def redacted_url(url: str) -> str:
    """A URL without its user, its password and the tokens in its query."""

    def value(match: re.Match[str]) -> str:
        name = match[1].lower()
        return f"{match[1]}={REDACTED}" if name in _SECRET_KEYS else match[0]

    return _QUERY.sub(value, _USER.sub(f"{REDACTED}@", url))


def _headers(headers: Headers) -> Headers:
    return tuple((name, REDACTED if name.lower() in _SECRET_HEADERS else value) for name, value in headers)


def _steps(path: str) -> tuple[str, ...]:
    match = _PATH.fullmatch(path)
    if match is None or path == "$":
        raise ValueError('a path within messages such as "data.key" or "data.clusters[].leader"')
    return tuple(_STEP.findall(match[1]))


def _fits(step: str, key: str) -> bool:
    if step in ("[]", "[*]"):
        return key.startswith("[")
    return step == key or (step == "*" and not key.startswith("["))


def _replaced(data: bytes, found: list[tuple[int, int]]) -> tuple[bytes, Callable[[int], int]]:
    """The data with other values at some places, and what says where a byte of it is now."""
    word = f'"{REDACTED}"'.encode()
    parts: list[bytes] = []
    at = 0
    for start, end in found:
        parts += (data[at:start], word)
        at = end
    parts.append(data[at:])

    def moved(offset: int) -> int:
        by = 0
        for start, end in found:
            if offset >= end:
                by += len(word) - (end - start)
            elif offset > start:  # a frame ended within the secret: it ends within the word now
                return start + by + min(offset - start, len(word))
        return offset + by

    return b"".join(parts), moved


def _cut(fragments: tuple[int, ...], moved: Callable[[int], int]) -> tuple[int, ...]:
    """The sizes of the frames when their ends have moved."""
    sizes, before, end = [], 0, 0
    for size in fragments:
        end += size
        sizes.append(moved(end) - before)
        before += sizes[-1]
    return tuple(sizes)
