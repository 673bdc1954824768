"""From a recording to a scenario: a timeline in which its messages are emitted, to be read and edited by people.

An event that our encoder would write the same is a step with its type and data; its times are left to the stage's
clock, as in any scenario. Everything else of a topic is a step with the raw text. What was sent to one client alone,
such as a pong, has no place in a timeline.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from pvws.errors import InputError, MessageError, Problem
from pvws.limits import TIMELINE_STEPS_MAX, YAML_BYTES_MAX
from pvws.notation.written import flow
from pvws.recording.concern import concern_of, parts_of
from pvws.recording.format import CLOSE_CODES, Close, Entry, Header, Mark, Message, Open
from pvws.recording.twins import Twins
from pvws.timestamp import Timestamp
from pvws.units import duration_notation
from pvws.wire.codec import decode_server_message, encode_event
from pvws.wire.messages import Event
from pvws.wire.topics import TOPICS

__all__ = ["Script", "script_of"]

_INSTANTS = ("timestamp", "lastHeartbeat")
_REASON_BYTES_MAX = 123
_HEAD_BYTES = 4_096  # of the script above the timeline
_LINGER = 2_000_000  # µs that a script goes on behind its last event, for clients to take it
_decode = msgspec.json.Decoder().decode


class Script(Struct, frozen=True):
    """A scenario's text; how many of its steps have a type and how many a raw text; and what was left out, by why."""

    text: str
    typed: int
    raw: int
    left_out: dict[str, int]


def script_of(header: Header, entries: Iterable[Entry], name: str, file: str | None = None) -> Script:
    """The scenario of a recording. Raises InputError for one with more messages than a timeline can have.

    Its clock begins at the recording's: so what was recorded of a scenario is the same again, byte for byte. It
    lasts as long as the recording, and at least 2 s behind its last event.
    """
    steps = _Steps()
    for entry in entries:
        steps.add(entry)
        if len(steps.lines) > TIMELINE_STEPS_MAX or steps.bytes > YAML_BYTES_MAX - _HEAD_BYTES:
            expected = (
                f"a recording that makes at most {TIMELINE_STEPS_MAX} steps and {YAML_BYTES_MAX} bytes of a script"
            )
            raise InputError(Problem("", expected, "more", file=file, hint="replay plays one of any length"))
    start = header.start or header.recorded or steps.start or Timestamp(1_704_067_200_000_000)
    told = f"Made from a recording{f' of {header.scenario}' if header.scenario else ''}"
    events = steps.typed + steps.raw
    plural = "" if events == 1 else "s"
    lines = [
        "pvws: 1",
        f"scenario: {flow(name if name.strip() and name.isprintable() else 'recorded')}",
        f"description: {flow(f'{told}: {events:,} event{plural}.')}",
        f"start: {start.exact}",
        f"duration: {duration_notation(max(steps.last, steps.told + _LINGER))}",
        "network: {peers: 0}  # nothing happens but what the timeline says",
        *(["timeline:"] if steps.lines else []),
        *steps.lines,
    ]
    return Script("\n".join(lines) + "\n", steps.typed, steps.raw, dict(steps.left_out))


class _Steps:
    """The steps of a timeline, a line each, as entries are added."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.bytes = 0
        self.typed = 0
        self.raw = 0
        self.left_out: Counter[str] = Counter()
        self.last = 0
        self.told = 0  # when clients were told something for the last time
        self.start: Timestamp | None = None
        self._twins = Twins()
        self._closed: set[int] = set()
        self._conns = 1  # the highest number of a connection by now

    def add(self, entry: Entry) -> None:
        self.last = max(self.last, entry.t)
        if isinstance(entry, Open):
            self._closed.discard(entry.conn)
        self._conns = max(self._conns, getattr(entry, "conn", None) or 1)
        match entry:
            case Message(dir="recv", opcode="text"):
                for part in parts_of(entry.data):
                    # What several clients received is said once.
                    if not self._twins.is_one(Message(entry.t, "recv", part, entry.conn)):
                        self._event(entry.t, part)
            case Message(dir="recv"):
                self.left_out["binary messages"] += 1
            case Message():
                self.left_out["messages that the client sent"] += 1
            case Mark() if not (entry.name.strip() and entry.name.isprintable()):
                self.left_out["marks without a printable name"] += 1
            case Mark():
                self._step(entry.t, {"do": "mark", "name": entry.name})
            case Close():
                self._close(entry)
            case _:
                pass  # pings, opens and gaps are nothing that a script would say

    def _close(self, close: Close) -> None:
        """A server that closes disconnects its clients; one that answers a client's close frame does not."""
        if close.conn in self._closed:
            return
        self._closed.add(close.conn)
        if close.dir == "send":
            return
        if close.code not in CLOSE_CODES or len(close.reason.encode()) > _REASON_BYTES_MAX:
            self.left_out["closes that a script can't have"] += 1
        elif self._conns > 1:
            self.left_out["closes of one of several connections"] += 1
        else:
            said = {"reason": close.reason} if close.reason else {}
            self._step(close.t, {"do": "disconnect", "code": close.code, **said})

    def _event(self, t: int, text: bytes) -> None:
        concern = concern_of(text)
        topics = [topic for topic in concern.topics if topic in TOPICS]
        if not topics:
            self.left_out["messages without a topic of the API"] += 1
            return
        if (typed := self._typed(t, text)) is not None:
            self.typed += 1
            self._step(t, typed)
            return
        try:
            raw = text.decode()
        except UnicodeDecodeError:
            self.left_out["messages that are not UTF-8"] += 1
            return
        self.raw += 1
        kind = {"type": concern.types[0]} if concern.types and concern.types[0].strip() else {}
        self._step(t, {"do": "emit", **kind, "topic": topics[0]}, f", raw: {_quoted(_escaped(raw))}")

    def _typed(self, t: int, text: bytes) -> dict[str, Any] | None:
        """The step of an event, if it is one that our encoder writes the same; None of any other."""
        try:
            event = decode_server_message(text)
        except MessageError:
            return None
        if not isinstance(event, Event) or encode_event(event.data, event.timestamp) != text:
            return None
        if self.start is None:
            self.start = Timestamp(event.timestamp.micros - t)
        message = _decode(text)
        data = message["data"]
        for name in _INSTANTS:
            if data.get(name) == message["timestamp"]:
                del data[name]
        return {"do": "emit", "type": message["type"], "data": _escaped(data)}

    def _step(self, t: int, step: dict[str, Any], more: str = "") -> None:
        if step["do"] != "mark":
            self.told = t
        line = f"  - {flow({'at': duration_notation(t), **step})[:-1]}{more}}}"
        self.bytes += len(line.encode()) + 1
        self.lines.append(line)


def _quoted(text: str) -> str:
    """A text on one line of YAML; JSON reads best in single quotes."""
    return "'" + text.replace("'", "''") + "'" if text.isprintable() else flow(text)


def _escaped(value: Any) -> Any:
    """The value as it is written in a script, where `${` begins a template."""
    match value:
        case str():
            return value.replace("${", "$${")
        case dict():
            return {key: _escaped(each) for key, each in value.items()}
        case list():
            return [_escaped(each) for each in value]
        case _:
            return value
