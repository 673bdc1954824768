"""Whom a recorded message concerns: its topics and types, found without reading it all."""

from typing import NamedTuple

import msgspec
from msgspec import Raw, Struct

__all__ = ["NOBODY", "Concern", "concern_of", "parts_of"]


class Concern(NamedTuple):
    """The topics and types in a message, each once, in their order. Of one event there is one of each.

    An event of the real server has the type `broadcast`; pongs and errors have no topic. What is no JSON object has
    neither.
    """

    topics: tuple[str, ...]
    types: tuple[str, ...]


NOBODY = Concern((), ())
"""Of what is no message of the API."""


class _Envelope(Struct, frozen=True, gc=False):
    type: str = ""
    topic: str = ""


class _Concerns(dict[_Envelope, Concern]):
    """What messages of an envelope concern; a message costs one look-up here, in one object for all of its kind."""

    def __missing__(self, envelope: _Envelope) -> Concern:
        topics, types = (envelope.topic,) if envelope.topic else (), (envelope.type,) if envelope.type else ()
        concern = Concern(topics, types)
        if len(self) < _KNOWN_MAX:
            self[envelope] = concern
        return concern


_KNOWN_MAX = 1_024  # the API has sixteen; a stream that invents more is not remembered
_decode = msgspec.json.Decoder(_Envelope).decode
_check = msgspec.json.Decoder(Raw).decode
_concerns = _Concerns()


def concern_of(data: bytes) -> Concern:
    """The topics and types in a message: of one event, or of several that are joined by newlines."""
    try:
        return _concerns[_decode(data)]
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _joined(data) if b"\n" in data else NOBODY


def parts_of(data: bytes) -> list[bytes]:
    """The messages in a message: several where each line of it that is not blank is one, as the real server joins them.

    JSON may also have line breaks between its parts, so a whole that is one JSON value stays whole.
    """
    if b"\n" not in data or _is_json(data):
        return [data]
    lines = [line for line in data.split(b"\n") if line.strip()]
    return lines if len(lines) > 1 and all(map(_is_json, lines)) else [data]


def _is_json(data: bytes) -> bool:
    try:
        _check(data)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _joined(data: bytes) -> Concern:
    parts = [concern_of(line) for line in data.split(b"\n") if line.strip()]
    topics = dict.fromkeys(topic for part in parts for topic in part.topics)
    types = dict.fromkeys(kind for part in parts for kind in part.types)
    return Concern(tuple(topics), tuple(types))
