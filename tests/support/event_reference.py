"""The chapters of docs/api.md about events, made from the types of `pvws/wire/events.py`."""

import json
import re
from inspect import cleandoc
from typing import Any

from pvws.wire.defaults import EXAMPLE_TIMESTAMP, default_payload
from pvws.wire.events import EVENT_TYPES
from pvws.wire.schemas import payload_schemas
from pvws.wire.topics import Topic

_REFERENCES, _DEFINITIONS = payload_schemas("{name}")


def events() -> str:
    """Every topic with its event types: what they mean, their fields, and one as it is sent."""
    return "".join(f"\n### `{topic}`\n{''.join(_types(topic))}" for topic in Topic)


def _types(topic: Topic) -> list[str]:
    return [_chapter(name) for name, payload in EVENT_TYPES.items() if payload.topic is topic]


def _chapter(name: str) -> str:
    payload = EVENT_TYPES[name]
    example = {
        "type": name,
        "topic": payload.topic.value,
        "data": default_payload(name)
        | ({"timestamp": EXAMPLE_TIMESTAMP} if "timestamp" in payload.__struct_fields__ else {}),
        "timestamp": EXAMPLE_TIMESTAMP,
    }
    said = re.sub("`[^`]+`", lambda name: _on_the_wire(name[0]), cleandoc(payload.__doc__ or ""))
    rows = "".join(_rows(_DEFINITIONS[payload.__name__], ""))
    return (
        f"\n#### `{name}`\n\n{said}\n\n| field of `data` | is |\n|---|---|\n{rows}"
        f"\n```json\n{json.dumps(example, ensure_ascii=False, separators=(',', ':'))}\n```\n"
    )


def _on_the_wire(name: str) -> str:
    """An attribute's name as messages have it."""
    return re.sub("_([a-z])", lambda letter: letter[1].upper(), name)


def _rows(schema: dict[str, Any], prefix: str) -> list[str]:
    """A row for each field, and for each of those within it."""
    required = set(schema.get("required", ()))
    rows = []
    for field, kind in schema["properties"].items():
        optional = "" if field in required else ", or absent"
        rows.append(f"| `{prefix}{field}` | {_kind(kind)}{optional} |\n")
        inner = _within(kind)
        if inner is not None:
            rows += _rows(inner, f"{prefix}{field}{'[]' if kind.get('type') == 'array' else ''}.")
    return rows


def _within(kind: dict[str, Any]) -> dict[str, Any] | None:
    reference = kind.get("$ref") or kind.get("items", {}).get("$ref")
    return _DEFINITIONS[reference] if reference else None


def _kind(kind: dict[str, Any]) -> str:
    """In words what a value may be."""
    if "enum" in kind:
        return "one of " + ", ".join(f"`{each}`" for each in kind["enum"])
    if "$ref" in kind:
        return "an object"
    if kind.get("format") == "date-time":
        return "a time as RFC 3339 writes it"
    if kind["type"] == "array":
        return "a list of objects" if "$ref" in kind["items"] else f"a list of {kind['items']['type']}s"
    noun = {"integer": "a whole number", "number": "a number", "string": "a text", "boolean": "true or false"}[
        kind["type"]
    ]
    least, most = kind.get("minimum"), kind.get("maximum")
    if least is None:
        return noun
    return f"{noun}, {least} or more" if most is None or most > 2**31 else f"{noun} from {least} to {most}"
