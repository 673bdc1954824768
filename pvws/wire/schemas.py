"""The JSON Schemas of payloads, with what `emit` fills in as defaults. Pure."""

import inspect
from typing import Any

import msgspec

from pvws.timestamp import Timestamp
from pvws.wire.defaults import default_payload
from pvws.wire.events import EVENT_TYPES

__all__ = ["TIMESTAMP", "payload_schemas"]

TIMESTAMP: dict[str, Any] = {"type": "string", "format": "date-time"}
"""The schema of a timestamp: RFC 3339."""


def payload_schemas(template: str) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """By event type a reference to the schema of its payload; and the schemas, by the names that `template` refers to.

    More fields than they name are allowed: a client that refuses them breaks when the API grows. `template` is such as
    `#/$defs/{name}`.
    """
    references, definitions = msgspec.json.schema_components(
        tuple(EVENT_TYPES.values()), schema_hook=_timestamp, ref_template=template
    )
    for definition in definitions.values():
        if "description" in definition:  # a docstring, of which the compiler drops the indentation from Python 3.13 on
            definition["description"] = inspect.cleandoc(definition["description"])
    for name, payload in EVENT_TYPES.items():
        defaults = default_payload(name)
        for key, schema in definitions[payload.__name__]["properties"].items():
            if key in defaults and schema.get("format") != "date-time":  # of a time the clock decides
                schema.setdefault("default", defaults[key])
    return dict(zip(EVENT_TYPES, references, strict=True)), definitions


def _timestamp(kind: type) -> dict[str, Any]:
    assert kind is Timestamp, "no other type of ours stands in a payload"
    return TIMESTAMP
