"""What is carried on a bus: what a source gives out, how it stands, and the bytes of both."""

import re
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from pvws.errors import InputError, MessageError
from pvws.scenario.faults.spec import FaultSpec, read_fault
from pvws.sim.agenda import Instant
from pvws.sim.source import Cue, CueKind, Letter, Timed, Verbatim

__all__ = [
    "Carried",
    "Entry",
    "Meant",
    "Played",
    "State",
    "Wire",
    "carries",
    "decode_entry",
    "decode_state",
    "encode_entry",
]

_NO_TOKEN = re.compile(r"[^A-Za-z0-9_-]")
_EVENT, _CUE, _STATE = "Pvws-Event", "Pvws-Cue", "Pvws-State"


class Played(Struct, frozen=True, kw_only=True):
    """The scenario that plays: from `start` on, for `duration`, in microseconds. `source` is where it comes from."""

    name: str
    title: str = ""
    seed: int = 0
    start: Instant = 0
    duration: int = 0
    source: str = ""
    loop: bool = False


class State(Struct, frozen=True, kw_only=True):
    """How a source stands: in its `run`, at an instant of stage time, `place` entries behind it in the stream.

    `sequence` is the number of the next message. `speed` None is as fast as it goes. From a `jump` on, stage time and
    numbers are others than what came before led to; from a `fresh` state on something else plays; `over` says that
    nothing more comes of this run. `by_topic` and `by_type` are how many events there were. `version` is that of pvws.
    """

    run: str
    at: Instant
    sequence: int
    place: int = 0
    speed: float | None = 1.0
    held: bool = False
    ended: bool = False
    jump: bool = False
    fresh: bool = False
    over: bool = False
    start: Instant = 0
    end: Instant | None = None
    played: Played | None = None
    by_topic: dict[str, int] = {}
    by_type: dict[str, int] = {}
    version: str = ""


class Meant(Struct, frozen=True):
    """A cue for a client of one `node` alone, whose number there it has."""

    node: str
    cue: Cue


Entry: TypeAlias = Timed | Cue | State | Meant
"""What a stream holds."""


class Carried(Struct, frozen=True, gc=False):
    """An entry at its `place` in the stream: places are counted from 1, and none is left out but what was lost."""

    place: int
    entry: Entry


class Wire(Struct, frozen=True, gc=False):
    """An entry as a bus carries it: the last two words of its subject, a header with its name, and the payload."""

    tail: str
    name: str
    header: str
    payload: bytes


class _Event(Struct, frozen=True, gc=False, array_like=True, omit_defaults=True):
    sequence: int
    at: Instant
    type: str
    topic: str
    topics: tuple[str, ...] | None = None
    binary: bool = False
    fragments: tuple[int, ...] | None = None


class _Cue(Struct, frozen=True, omit_defaults=True):
    at: Instant
    kind: CueKind
    name: str = ""
    micros: int = 0
    share: float = 1.0
    seed: int = 0
    code: int = 1000
    reason: str = ""
    whom: str = ""
    fault: dict[str, Any] | None = None
    text: bytes = b""
    binary: bool = False
    fragments: tuple[int, ...] | None = None
    topic: str = ""
    type: str = ""
    to_all: bool = False
    client: int | None = None
    node: str = ""


_encode = msgspec.json.encode
_event_of = msgspec.json.Decoder(_Event).decode
_cue_of = msgspec.json.Decoder(_Cue).decode
_state_of = msgspec.json.Decoder(State).decode


def carries(cue: Cue) -> bool:
    """Whether a cue concerns all nodes: not one for a client by its number, which is that of one server alone."""
    if cue.kind == "step" or cue.client is not None:
        return False
    return not (isinstance(cue.asked, FaultSpec) and isinstance(cue.asked.client, int))


def encode_entry(entry: Entry) -> Wire:
    """An entry as it is carried. The text of an event is its payload, byte for byte."""
    if isinstance(entry, Timed):
        return _encode_event(entry)
    if isinstance(entry, State):
        return Wire("-.state", _STATE, "1", _encode(entry))
    node = ""
    if isinstance(entry, Meant):
        node, entry = entry.node, entry.cue
    fault = entry.asked.written() if isinstance(entry.asked, FaultSpec) else None
    said = {"name", "micros", "share", "seed", "code", "reason", "whom", "client"}
    if isinstance(entry, Letter):
        said |= {"text", "binary", "fragments", "topic", "type", "to_all"}
    cue = _Cue(entry.at, entry.kind, fault=fault, node=node, **{key: getattr(entry, key) for key in said})
    return Wire(f"-.{entry.kind}", _CUE, "1", _encode(cue))


def decode_entry(name: str, header: str, payload: bytes) -> Entry:
    """What was carried under a header of a name. Raises MessageError for what no source of pvws has sent."""
    try:
        if name == _EVENT:
            return _decode_event(_event_of(header), payload)
        if name == _STATE:
            return _state_of(payload)
        if name == _CUE:
            return _decode_cue(_cue_of(payload))
    except (msgspec.MsgspecError, ValueError, InputError) as error:
        raise MessageError(name, "what a source of pvws sends", str(error)) from None
    raise MessageError("", "a header of pvws", f'"{name}"')


def decode_state(content: bytes) -> State:
    """A state that was told beside the stream. Raises MessageError."""
    found = decode_entry(_STATE, "1", content)
    assert isinstance(found, State), "that is what it was read as"
    return found


def _encode_event(event: Timed) -> Wire:
    if type(event) is Timed:
        header, topic = _Event(event.sequence, event.at, event.type, event.topic), event.topic
    else:
        assert isinstance(event, Verbatim), "there is no other"
        header = _Event(event.sequence, event.at, event.type, event.topic, event.topics, event.binary, event.fragments)
        topic = "+".join(event.topics)
    return Wire(f"{_token(topic)}.{_token(event.type)}", _EVENT, _encode(header).decode(), event.text)


def _decode_event(event: _Event, text: bytes) -> Timed:
    if event.topics is None:
        return Timed(event.at, event.sequence, event.topic, event.type, text)
    return Verbatim(
        event.at, event.sequence, event.topic, event.type, text, event.topics, event.binary, event.fragments
    )


def _decode_cue(cue: _Cue) -> Cue | Meant:
    found = _cue_said(cue)
    return Meant(cue.node, found) if cue.node else found


def _cue_said(cue: _Cue) -> Cue:
    asked: FaultSpec | None = None if cue.fault is None else read_fault(_encode(cue.fault).decode())
    told: dict[str, Any] = {
        key: getattr(cue, key) for key in ("name", "micros", "share", "seed", "code", "reason", "whom", "client")
    }
    if cue.kind != "send":
        return Cue(cue.at, cue.kind, asked=asked, **told)
    letter = {key: getattr(cue, key) for key in ("text", "binary", "fragments", "topic", "type", "to_all")}
    return Letter(cue.at, cue.kind, **told, **letter)


def _token(text: str) -> str:
    """A word of a subject: what may not stand in one is written as in a URL, and nothing as a hyphen."""
    if not text:
        return "-"
    if text.isascii() and text.replace("_", "").isalnum():  # nearly always
        return text
    kept = text.encode("utf-8", "replace")
    return "".join(chr(each) if not _NO_TOKEN.match(chr(each)) or each == 0x2B else f"%{each:02X}" for each in kept)
