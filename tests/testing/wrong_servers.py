"""Deliberately wrong servers: each is right but for one thing, and says which rules that breaks."""

import json
from typing import Any

import msgspec

from pvws.testing.checks.catalogue import RULES
from pvws.testing.frames import Frame
from pvws.wire.frames import Opcode
from pvws.wire.topics import TOPICS
from tests.testing.meddler import Meddler, Wire

_TEXT = Opcode.TEXT


def _rules(*names: str) -> frozenset[str]:
    """Ids; `errors.*` stands for a whole section."""
    found = {
        rule for name in names for rule in RULES if rule == name or (name[-1] == "*" and rule.startswith(name[:-1]))
    }
    assert len(found) >= len(names), f"no such rules in {names}"
    return frozenset(found)


def _object(frame: Frame) -> dict[str, Any]:
    if frame.opcode == _TEXT:
        try:
            value = json.loads(frame.payload)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}
    return {}


def _with_text(frame: Frame, text: str) -> Frame:
    return msgspec.structs.replace(frame, payload=text.encode())


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class NoRateLimit(Meddler):
    """Answers as many pings as come."""

    breaks = _rules(
        "limits.rate-101",
        "limits.rate-error",
        "limits.rate-any-message",
        "limits.rate-penalty",
        "limits.rate-open",
        "limits.rate-per-client",
    )

    def from_client(self, frame: Frame, wire: Wire) -> Frame | None:
        if wire.messages <= 100 or frame.opcode != _TEXT:
            return frame
        wire.to_client(Frame(_TEXT, b'{"type":"pong","timestamp":"2024-01-01T00:00:00.000Z","clientId":"0"}'))
        return None


class StrictRateLimit(Meddler):
    """Lets 99 messages pass in a second."""

    breaks = _rules(
        "limits.rate-100",
        "limits.rate-101",
        "limits.rate-error",
        "limits.rate-any-message",
        "limits.rate-penalty",
        "limits.rate-open",
        "limits.rate-per-client",
    )

    def from_client(self, frame: Frame, wire: Wire) -> Frame | None:
        if wire.messages == 1 and frame.opcode == _TEXT and frame.final:
            # One more that gets no answer: so the client's 100th is the server's 101st.
            wire.to_server(Frame(_TEXT, b'{"type":"unsubscribe","topic":"alerts"}', masked=True))
        return frame


class OtherCodeForOversize(Meddler):
    """Closes with 1008 what is too big."""

    breaks = _rules("limits.message-too-big", "limits.fragments-too-big", "compression.bomb")

    def from_server(self, frame: Frame, wire: Wire) -> Frame | None:
        if frame.opcode == Opcode.CLOSE and frame.payload[:2] == b"\x03\xf1" and not wire.said_close:
            return msgspec.structs.replace(frame, payload=b"\x03\xf0")
        return frame


class SwallowsErrors(Meddler):
    """Says nothing to bad messages, as the shipped server does."""

    breaks = _rules("errors.*", "limits.rate-any-message")

    def from_server(self, frame: Frame, wire: Wire) -> Frame | None:
        return None if b'"INVALID_MESSAGE"' in frame.payload else frame


class PongWithoutClientId(Meddler):
    """Its pongs say no clientId."""

    breaks = _rules("messages.ping-pong")

    def from_server(self, frame: Frame, wire: Wire) -> Frame | None:
        value = _object(frame)
        if value.get("type") == "pong":
            del value["clientId"]
            return _with_text(frame, _compact(value))
        return frame


class OneClientIdForAll(Meddler):
    """Gives every client the same id."""

    breaks = _rules("messages.one-client-id")

    def from_server(self, frame: Frame, wire: Wire) -> Frame | None:
        value = _object(frame)
        if "clientId" in value:
            return _with_text(frame, _compact(value | {"clientId": "0" * 32}))
        return frame


class AcknowledgesSubscriptions(Meddler):
    """Answers `subscribe`."""

    breaks = _rules(
        "messages.subscribe",
        "messages.subscribe-twice",
        "messages.unsubscribe",
        "messages.both-forms",
        "errors.subscribed-still",
    )

    def from_client(self, frame: Frame, wire: Wire) -> Frame | None:
        value = _object(frame)
        if value.get("type") == "subscribe" and str(value.get("topic")) in TOPICS:
            wire.to_client(Frame(_TEXT, b'{"type":"subscribed"}'))
        return frame


class AcceptsUnmasked(Meddler):
    """Takes frames of clients that aren't masked."""

    breaks = _rules("rfc6455.unmasked-frame")

    def from_client(self, frame: Frame, wire: Wire) -> Frame | None:
        return msgspec.structs.replace(frame, masked=True)


class MasksItsFrames(Meddler):
    """Masks what it sends, as only clients do."""

    breaks = _rules("rfc6455.masked-by-server")

    def from_server(self, frame: Frame, wire: Wire) -> Frame | None:
        return msgspec.structs.replace(frame, masked=True)


class IgnoresInvalidUtf8(Meddler):
    """Reads text that is not UTF-8."""

    breaks = _rules("rfc6455.invalid-utf8", "rfc6455.invalid-utf8-fragments")

    def from_client(self, frame: Frame, wire: Wire) -> Frame | None:
        if frame.opcode in (_TEXT, Opcode.CONTINUATION) and not wire.compressed:
            text = bytes(byte if byte < 0x80 else 0x3F for byte in frame.payload)
            return msgspec.structs.replace(frame, payload=text)
        return frame


class IgnoresReservedBits(Meddler):
    """Doesn't look at the reserved bits."""

    breaks = _rules("rfc6455.reserved-bits")

    def from_client(self, frame: Frame, wire: Wire) -> Frame | None:
        if frame.payload == b'{"type":"ping"}':
            return msgspec.structs.replace(frame, reserved=0)
        return frame


class JoinsStrayContinuations(Meddler):
    """Takes a continuation that continues nothing for a message."""

    breaks = _rules("rfc6455.continuation-alone")

    def from_client(self, frame: Frame, wire: Wire) -> Frame | None:
        if frame.opcode == Opcode.CONTINUATION and frame.payload == b'{"type":"ping"}':
            return Frame(_TEXT, frame.payload, masked=True)
        return frame


class WrongSentence(Meddler):
    """Its errors begin with words of its own."""

    breaks = _rules("errors.sentence")

    def from_server(self, frame: Frame, wire: Wire) -> Frame | None:
        text = frame.payload.replace(b"Message format is invalid", b"Bad message")
        return msgspec.structs.replace(frame, payload=text) if frame.opcode == _TEXT else frame


class ClosesAfterError(Meddler):
    """Parts with who sends a bad message."""

    breaks = _rules("errors.*", "limits.rate-any-message") - _rules("errors.shape", "errors.client-id")

    def from_server(self, frame: Frame, wire: Wire) -> Frame | None:
        if b'"INVALID_MESSAGE"' in frame.payload:
            wire.to_client(frame)
            return Frame(Opcode.CLOSE, b"\x03\xf0")
        return frame


class NoHealth(Meddler):
    """Has no health check: 404."""

    breaks = _rules(
        "handshake.after-requests",
        "http.health",
        "http.head",
        "http.not-found",
        "http.method-not-allowed",
        "http.method-with-body",
        "http.get-with-body",
        "http.keep-alive",
        "http.pipelining",
        "http.connection-close",
        "http.options",
        "http.preflight",
        "origins.credentials",
    )

    def request(self, head: bytes) -> bytes:
        return head.replace(b"/ws/health", b"/ws/wealth")


class NoVersion(Meddler):
    """Never says which version it would take."""

    breaks = _rules("handshake.version-12", "handshake.plain-get")

    def answer(self, data: bytes) -> bytes:
        return data.replace(b"Sec-WebSocket-Version: 13\r\n", b"")


class WrongAcceptKey(Meddler):
    """Answers the key with something else."""

    breaks = _rules("handshake.upgrade")

    def answer(self, data: bytes) -> bytes:
        return data.replace(b"Sec-WebSocket-Accept: s3", b"Sec-WebSocket-Accept: S3")


class UptimeInSeconds(Meddler):
    """Its uptime is a number."""

    breaks = _rules("http.health", "http.metrics", "http.status", "http.active-connections", "http.total-connections")

    def answer(self, data: bytes) -> bytes:
        before, found, rest = data.partition(b'"uptime":"')
        value, _, after = rest.partition(b'"')
        return before + b'"uptime":' + b"1" * (len(value) + 2) + after if found else data


class NoCors(Meddler):
    """Tells browsers nothing."""

    breaks = _rules("http.preflight", "origins.headers", "origins.vary")

    def answer(self, data: bytes) -> bytes:
        return data.replace(b"Access-Control-", b"Axcess-Control-").replace(b"Vary:", b"Wary:")


class SecondsOnly(Meddler):
    """Its timestamps have no decimals."""

    breaks = _rules("messages.timestamp")

    def from_server(self, frame: Frame, wire: Wire) -> Frame | None:
        value = _object(frame)
        if value.get("type") == "pong":
            return _with_text(frame, _compact(value | {"timestamp": "2024-01-01T00:00:00Z"}))
        return frame


class EmptyPongs(Meddler):
    """Answers control pings without their payload."""

    breaks = _rules("rfc6455.ping-payload", "rfc6455.control-between-fragments")

    def from_server(self, frame: Frame, wire: Wire) -> Frame | None:
        return Frame(Opcode.PONG, b"") if frame.opcode == Opcode.PONG else frame


class AlwaysClosesWith1000(Meddler):
    """Answers every close frame with 1000."""

    breaks = _rules(
        "rfc6455.control-fragmented",
        "rfc6455.control-oversized",
        "rfc6455.close-echo",
        "rfc6455.close-one-byte",
        "rfc6455.close-invalid",
        "rfc6455.close-bad-reason",
    )

    def from_server(self, frame: Frame, wire: Wire) -> Frame | None:
        by_client = frame.opcode == Opcode.CLOSE and wire.said_close
        return Frame(Opcode.CLOSE, b"\x03\xe8") if by_client and wire.messages == 0 else frame


class EventsSayClientId(Meddler):
    """Its events carry a clientId."""

    breaks = _rules("events.no-client-id", "events.compact")

    def from_server(self, frame: Frame, wire: Wire) -> Frame | None:
        value = _object(frame)
        return _with_text(frame, _compact(value | {"clientId": "0" * 32})) if "topic" in value else frame


class SubscribesToEverything(Meddler):
    """Sends all topics to who asked for one."""

    breaks = _rules("events.topics")

    def from_client(self, frame: Frame, wire: Wire) -> Frame | None:
        value = _object(frame)
        if value.get("type") == "subscribe" and str(value.get("topic")) in TOPICS:
            for topic in TOPICS:
                wire.to_server(Frame(_TEXT, f'{{"type":"subscribe","topic":"{topic}"}}'.encode(), masked=True))
            return None
        return frame


class LosesEvents(Meddler):
    """Loses an event now and then."""

    breaks = _rules("events.same-bytes")

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._events = 0

    def from_server(self, frame: Frame, wire: Wire) -> Frame | None:
        if "topic" in _object(frame):
            self._events += 1
            return None if self._events % 7 == 0 else frame
        return frame


class KeepsContext(Meddler):
    """Agrees to compression without a word about context takeover."""

    breaks = _rules("compression.negotiation")

    def answer(self, data: bytes) -> bytes:
        return data.replace(b"; server_no_context_takeover; client_no_context_takeover", b"")


class KeepsAfterAuthFailure(Meddler):
    """Says AUTH_FAILED and leaves the connection open."""

    token = "sesame"
    breaks = _rules(
        "authentication.wrong-query",
        "authentication.wrong-header",
        "authentication.wrong-message",
        "authentication.nothing-ping",
        "authentication.nothing-subscribe",
        "authentication.nothing-junk",
        "authentication.nothing-timeout",
        "authentication.query-first",
    )
    slow = True

    def from_server(self, frame: Frame, wire: Wire) -> Frame | None:
        failed = frame.opcode == Opcode.CLOSE and not wire.said_close and frame.payload[:2] == b"\x03\xf0"
        if not failed or b"no pong" in frame.payload:
            return frame
        wire.keeps_client = True
        return None


class KeepsDeadHandshakes(Meddler):
    """Waits for ever for a handshake."""

    slow = True
    waits_for_head = True
    breaks = _rules("timeouts.silent-handshake", "timeouts.half-handshake", "timeouts.slow-handshake")


class NeverPings(Meddler):
    """Sends no pings, and so takes everybody for dead."""

    slow = True
    breaks = _rules("timeouts.ping-period", "timeouts.idle")

    def from_server(self, frame: Frame, wire: Wire) -> Frame | None:
        return None if frame.opcode == Opcode.PING else frame


class KeepsDeadConnections(Meddler):
    """Never minds a client that answers no pings."""

    slow = True
    breaks = _rules("timeouts.pong-wait", "timeouts.any-byte")

    def from_server(self, frame: Frame, wire: Wire) -> Frame | None:
        if frame.opcode == Opcode.PING:
            wire.to_server(Frame(Opcode.PONG, frame.payload, masked=True))
        return frame


class OtherCodeForTooMany(Meddler):
    """Closes with 1000 who is one too many."""

    slow = True
    breaks = _rules("limits.connections", "limits.connections-freed")

    def from_server(self, frame: Frame, wire: Wire) -> Frame | None:
        refused = frame.opcode == Opcode.CLOSE and frame.payload[:2] == b"\x03\xf5"
        return Frame(Opcode.CLOSE, b"\x03\xe8") if refused else frame


WRONG_SERVERS: tuple[type[Meddler], ...] = (
    NoRateLimit,
    StrictRateLimit,
    OtherCodeForOversize,
    SwallowsErrors,
    PongWithoutClientId,
    OneClientIdForAll,
    AcknowledgesSubscriptions,
    AcceptsUnmasked,
    MasksItsFrames,
    IgnoresInvalidUtf8,
    IgnoresReservedBits,
    JoinsStrayContinuations,
    WrongSentence,
    ClosesAfterError,
    NoHealth,
    NoVersion,
    WrongAcceptKey,
    UptimeInSeconds,
    NoCors,
    SecondsOnly,
    EmptyPongs,
    AlwaysClosesWith1000,
    EventsSayClientId,
    SubscribesToEverything,
    LosesEvents,
    KeepsContext,
    KeepsAfterAuthFailure,
    KeepsDeadHandshakes,
    NeverPings,
    KeepsDeadConnections,
    OtherCodeForTooMany,
)
"""All of them."""
