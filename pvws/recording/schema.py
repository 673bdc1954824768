"""The JSON Schema of a line of a recording: the first one is a header, every other an entry."""

from typing import Any

from pvws.limits import INTEGER_MAX
from pvws.recording.format import FORMAT, SECONDS_MAX, VERSION

__all__ = ["recording_schema"]

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0, "maximum": INTEGER_MAX}
_INSTANT = {"type": "string", "format": "date-time"}
_BASE64 = {"type": "string", "contentEncoding": "base64", "pattern": "^(?:[A-Za-z0-9+/]{4})*[A-Za-z0-9+/=]{0,4}$"}
_HEADERS = {"type": "array", "items": {"type": "array", "items": _TEXT, "minItems": 2, "maxItems": 2}}


_KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "message": ("A text message that is one JSON value without line breaks, byte for byte.", {}),
    "text": ("Any other text message.", _TEXT),
    "base64": ("A binary message; a text message that is not UTF-8 with opcode: text.", _BASE64),
    "ping": ("A control ping.", {"$ref": "#/$defs/payload"}),
    "pong": ("A control pong.", {"$ref": "#/$defs/payload"}),
    "close": ("A close frame; 1006 where a connection ended without one.", {"$ref": "#/$defs/close"}),
    "open": ("A connection was opened, or refused.", {"$ref": "#/$defs/open"}),
    "mark": ("A name for an instant.", {"$ref": "#/$defs/mark"}),
    "gap": ("Something was lost here.", {"$ref": "#/$defs/gap"}),
}
_WITHOUT_DIRECTION = ("open", "mark", "gap")


def recording_schema(schema_id: str) -> dict[str, Any]:
    """The schema as a JSON value. More keys than it names are allowed, and passed over by readers."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_id,
        "title": "A line of a recording of pvws",
        "description": "The first line is the header, every other one an entry; docs/recording-format.md has the rest.",
        "anyOf": [{"$ref": "#/$defs/header"}, {"$ref": "#/$defs/entry"}],
        "$defs": {"header": _header(), "entry": _entry(), **_parts()},
    }


def _entry() -> dict[str, Any]:
    kinds = {name: {"description": said, **inner} for name, (said, inner) in _KINDS.items()}
    return {
        "type": "object",
        "required": ["t"],
        "properties": {
            "t": {
                "description": "Seconds since the recording began, read as whole microseconds.",
                "type": "number",
                "minimum": 0,
                "maximum": SECONDS_MAX,
            },
            "conn": {
                "description": "Which connection; left out: 1, of a gap all of them.",
                "type": "integer",
                "minimum": 1,
                "maximum": INTEGER_MAX,
            },
            "dir": {"description": "As seen from the client.", "enum": ["send", "recv"]},
            "opcode": {"description": "Of base64: which kind of message.", "enum": ["text", "binary"]},
            "fragments": {
                "description": "Sizes in bytes of the frames, where there were several.",
                "anyOf": [{"type": "null"}, {"type": "array", "items": _COUNT, "minItems": 1}],
            },
            **kinds,
        },
        "oneOf": [{"required": [name] if name in _WITHOUT_DIRECTION else [name, "dir"]} for name in _KINDS],
    }


def _parts() -> dict[str, Any]:
    """What stands under the kinds that have an object of their own."""
    status = {"type": "integer", "minimum": 100, "maximum": 599, "default": 101}
    opened = {"url": _TEXT, "status": status, "address": _TEXT, "subprotocol": _TEXT}
    seconds = {"type": "number", "minimum": 0, "maximum": SECONDS_MAX}
    return {
        "payload": _object({"text": _TEXT, "base64": _BASE64}),
        "close": _object({"code": {"type": "integer", "minimum": 0, "maximum": 65_535}, "reason": _TEXT}),
        "open": _object({**opened, "request": _HEADERS, "response": _HEADERS}),
        "mark": _object({"name": _TEXT}, "name"),
        "gap": _object({"reason": _TEXT, "messages": _COUNT, "bytes": _COUNT, "seconds": seconds}, "reason"),
    }


def _header() -> dict[str, Any]:
    return _object(
        {
            "format": {"const": FORMAT},
            "version": {"const": VERSION},
            "recorded": {"description": "The wall clock's instant at t = 0.", **_INSTANT},
            "by": {"description": "The program that recorded.", **_TEXT},
            "url": {"description": "Of what.", **_TEXT},
            "server": {"description": "What is known of the server.", **_TEXT},
            "profile": {"description": "documented or upstream, where pvws served.", **_TEXT},
            "topics": {"description": "What was subscribed to.", "type": "array", "items": _TEXT},
            "scenario": {"description": "Whose name, where one was played.", **_TEXT},
            "seed": {"description": "Its seed.", "type": "integer", "minimum": -(2**63), "maximum": 2**64},
            "start": {"description": "Stage time at t = 0, where it is not `recorded`.", **_INSTANT},
            "redacted": {"description": "What was made unreadable.", "type": "array", "items": _TEXT},
            "note": {"description": "A sentence for people.", **_TEXT},
        },
        "format",
        "version",
    )


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}
