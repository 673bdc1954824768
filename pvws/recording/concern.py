"""Whom a recorded message concerns: its topics and types, found without reading it all."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
from msgspec import Struct

from pvws.recording.format import Entry, Message

__all__ = ["NOBODY", "Concern", "Due", "concern_of", "due_messages"]


class Concern(NamedTuple):
    """The topics and types in a message, each once, in their order. Of one event there is one of each.

    An event of the real server has the type `broadcast`; pongs and errors have no topic. What is no JSON object has
    neither.
    """

    topics: tuple[str, ...]
    types: tuple[str, ...]


NOBODY = Concern((), ())
"""Of what is no message of the API."""


class Due(Struct, frozen=True, gc=False):
    """A message that a server sent, with what its replay needs to know of it. `at` is microseconds since t = 0."""

    at: int
    concern: Concern
    text: bytes


class _Envelope(Struct, gc=False):
    type: str = ""
    topic: str = ""


_decode = msgspec.json.Decoder(_Envelope).decode
_known: dict[tuple[str, str], Concern] = {}
_KNOWN_MAX = 1_024  # the API has sixteen; a stream that invents more is not remembered


def concern_of(data: bytes) -> Concern:
    """The topics and types in a message: of one event, or of several that are joined by newlines."""
    try:
        envelope = _decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _joined(data) if b"\n" in data else NOBODY
    return _known.get((envelope.type, envelope.topic)) or _remembered(envelope.type, envelope.topic)


def due_messages(entries: Iterable[Entry]) -> Iterator[Due]:
    """The messages that the client received, text and binary, each whole."""
    for entry in entries:
        if type(entry) is Message and entry.dir == "recv":
            yield Due(entry.t, concern_of(entry.data), entry.data)


def _remembered(kind: str, topic: str) -> Concern:
    concern = Concern((topic,) if topic else (), (kind,) if kind else ())
    if len(_known) < _KNOWN_MAX:
        _known[kind, topic] = concern
    return concern


def _joined(data: bytes) -> Concern:
    parts = [concern_of(line) for line in data.split(b"\n") if line.strip()]
    topics = dict.fromkeys(topic for part in parts for topic in part.topics)
    types = dict.fromkeys(kind for part in parts for kind in part.types)
    return Concern(tuple(topics), tuple(types))
