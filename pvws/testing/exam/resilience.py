"""What a client bears: events that are new, strange or broken, and a server that is slow. It goes on."""

import json

from pvws.testing.exam.case import Case
from pvws.testing.exam.events import SAMPLES, Event, befalls, binary, raw, told

__all__ = ["CASES", "SHORTENED"]

SHORTENED = "timeouts: {ping_period: 500ms, close: 2s}"
"""Settings with which a client is soon asked for a sign of life."""

_CONTRACT = "API documentation, “Message Format”"
_UNKNOWN = "API documentation, “Error Handling”: what a client can't read is no reason to end"
_UPSTREAM = "the shipped server, as observed: messages that wait are joined by newlines"


def _bears(name: str, purpose: str, reference: str, steps: str) -> Case:
    return Case(
        id=f"resilience.{name}",
        purpose=purpose,
        reference=reference,
        settings=SHORTENED,
        script=befalls(steps),
    )


def _fragmented(topic: str) -> str:
    text = json.dumps(SAMPLES[topic])
    sizes = [1, 0, 7, 30, len(text) - 38]
    return raw("200ms", text, topic, keys=f", fragments: {sizes}")


def _times(at: str) -> str:
    forms = (
        "2024-01-01T01:00:00+01:00",
        "2023-12-31T19:00:00.5-05:00",
        "2024-01-01T00:00:00.123456789Z",
        "2024-01-01T00:00:00Z",
        "2024-01-01t00:00:00z",
    )
    return "".join(told(at, lambda event: _timed(event, when)) for when in forms)  # noqa: B023 - called at once


def _timed(event: Event, when: str) -> Event:
    return event | {"timestamp": when, "data": event["data"] | {"timestamp": when}}


_UNICODE = "Ω≈ 你好 🚀 \u202eright to left\u202c e\u0301 \u0000 \u2028 \U0010fffd"

CASES = (
    _bears(
        "unknown-type",
        "An event of a type that it does not know is passed over.",
        f"{_CONTRACT}; an API may grow",
        told("200ms", lambda event: event | {"type": "not_yet_invented"}),
    ),
    _bears(
        "unknown-topic",
        "An event of a topic that it does not know is passed over.",
        f"{_CONTRACT}; an API may grow",
        told("200ms", lambda event: event | {"topic": "quantum_state"}),
    ),
    _bears(
        "unknown-field",
        "Fields that it does not know are passed over.",
        f"{_CONTRACT}; RFC 8259, section 4",
        told("200ms", lambda event: event | {"trace": {"id": [1]}, "data": event["data"] | {"shard": {"of": [7]}}}),
    ),
    _bears(
        "missing-field",
        "An event without fields that it should have costs no more than that event.",
        f"{_CONTRACT}: topic, clientId and more are optional; RFC 8259, section 4",
        told("200ms", lambda event: event | {"data": {}})
        + told("200ms", lambda event: event | {"data": None})
        + told("200ms", lambda event: {"type": event["type"], "topic": event["topic"]})
        + told("200ms", lambda event: {"topic": event["topic"], "data": event["data"]}),
    ),
    _bears(
        "wrong-type",
        "An event with values of another JSON type costs no more than that event.",
        _CONTRACT,
        told("200ms", lambda event: event | {"data": {key: ["?"] for key in event["data"]}})
        + told("200ms", lambda event: event | {"data": "none"})
        + told("200ms", lambda event: event | {"data": [1], "timestamp": 1704067200})
        + told("200ms", lambda event: event | {"type": 7, "topic": None}),
    ),
    _bears(
        "invalid-json",
        "A message that is no JSON costs no more than that message.",
        f"RFC 8259, section 2; {_UNKNOWN}",
        told("200ms", lambda event: json.dumps(event)[:-9]) + raw("200ms", "{'type': None}") + raw("200ms", "ping"),
    ),
    _bears(
        "no-object",
        "A message that is JSON and no object costs no more than that message.",
        f"{_CONTRACT}; RFC 8259, section 3",
        "".join(raw("200ms", text) for text in ("[]", '"file_uploaded"', "42", "null", "true", '[{"type":"x"}]')),
    ),
    _bears(
        "empty-message",
        "A message of no bytes costs no more than that message.",
        "RFC 6455, section 5.2: a payload may be empty",
        "  - {at: 200ms, do: fault, empty: 100%, count: 4, for: 90ms}\n" + told("210ms"),
    ),
    _bears(
        "binary-message",
        "An event that comes as a binary message costs no more than that message.",
        "RFC 6455, section 5.6",
        "".join(binary("200ms", json.dumps(event).encode(), topic) for topic, event in SAMPLES.items()),
    ),
    _bears(
        "joined-messages",
        "Several events in one message, with newlines between, cost no more than that message.",
        _UPSTREAM,
        told("200ms", lambda event: "\n".join([json.dumps(event)] * 3)),
    ),
    _bears(
        "fragmented-message",
        "An event that comes in several frames, one of them empty, is put together.",
        "RFC 6455, section 5.4",
        "".join(_fragmented(topic) for topic in SAMPLES),
    ),
    _bears(
        "large-message",
        "An event of 900 KiB, which the limit allows, is taken.",
        "API documentation, “Rate Limiting”: the message size limit is 1 MiB",
        "  - {at: 200ms, do: fault, oversize: 900 KiB, for: 90ms}\n" + told("210ms"),
    ),
    _bears(
        "unknown-error",
        "An error with a code that it does not know is passed over.",
        "API documentation, “Error Handling”",
        raw("200ms", '{"type":"error","data":{"code":"QUOTA_EXCEEDED"},"timestamp":"2024-01-01T00:00:00.000Z"}')
        + raw("200ms", '{"type":"error","data":null}')
        + raw("200ms", '{"type":"error"}'),
    ),
    _bears(
        "time-formats",
        "Timestamps in any form of RFC 3339 are read, or passed over.",
        "RFC 3339, section 5.6",
        _times("200ms"),
    ),
    _bears(
        "disordered",
        "Events that come twice, in another order, and with times gone by cost no more than themselves.",
        "API documentation, “Message Handling”",
        told("200ms", lambda event: event | {"timestamp": "2038-01-19T03:14:08.000Z"})
        + told("200ms") * 3
        + told("200ms", lambda event: event | {"timestamp": "1999-12-31T23:59:59.999Z"}),
    ),
    _bears(
        "unicode",
        "Text is any text: scripts, emoji, marks of direction, even U+0000.",
        "RFC 8259, sections 7 and 8; RFC 3629",
        told(
            "200ms",
            lambda event: json.dumps(event | {"data": event["data"] | {"key": _UNICODE, "message": _UNICODE}}),
        )
        + told(
            "200ms",
            lambda event: (
                json.dumps(event | {"data": event["data"] | {"key": _UNICODE.replace("\0", "")}}, ensure_ascii=False)
                .replace("\u202e", "")
                .replace("\u202c", "")
                .replace("\u2028", "")
            ),
        ),
    ),
    Case(
        id="resilience.slow-handshake",
        purpose="When each handshake of its return takes 2 s it waits for that, and is back within 30 s.",
        reference="API documentation, “Connection Configuration”: the read timeout is 30 s",
        script="""\
duration: 800ms
timeline:
  - {at: 300ms, do: fault, slow_handshake: 2s}
  - {at: 300ms, do: disconnect, code: 1012}
expect:
  - {client: reconnects, within: 30s}
""",
    ),
)
"""The cases of the suite, in their order."""
