"""The JSON Schemas of what users read and write, as texts that are the same in every run."""

from typing import Any

import msgspec

from pvws import __version__
from pvws.notation.schema import json_schema
from pvws.recording.format import VERSION
from pvws.recording.schema import recording_schema
from pvws.scenario.schema import Scenario
from pvws.server.settings import Configuration
from pvws.wire.asyncapi import asyncapi_document
from pvws.wire.events import EVENT_TYPES, Payload
from pvws.wire.schemas import TIMESTAMP, payload_schemas

__all__ = [
    "CONFIG_ID",
    "EVENTS_ID",
    "RECORDING_ID",
    "SCENARIO_ID",
    "asyncapi_text",
    "config_schema",
    "events_schema",
    "recording_schema_text",
    "scenario_schema",
]

CONFIG_ID = "urn:pvws:schema:config:1"
"""Names the schema of a server's configuration."""

SCENARIO_ID = "urn:pvws:schema:scenario:1"
"""Names the schema of the scenario language in its version 1."""

EVENTS_ID = "urn:pvws:schema:events:1"
"""Names the schema of events."""

RECORDING_ID = f"urn:pvws:schema:recording:{VERSION}"
"""Names the schema of a recording's lines in the version that is written."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def scenario_schema() -> str:
    """The schema of a scenario, for editors."""
    return _text(json_schema(Scenario, title="A scenario of pvws", schema_id=SCENARIO_ID, templates=True))


def config_schema() -> str:
    """The schema of a configuration, for editors: what stands under `websocket`. Other roots are PeerVault's own."""
    schema = json_schema(Configuration, title="", schema_id=CONFIG_ID)
    definitions = schema.pop("$defs", {})
    head = {key: schema.pop(key) for key in ("$schema", "$id", "title")}
    document = head | {
        "title": "A configuration of a pvws server",
        "type": "object",
        "properties": {"websocket": schema},
    }
    return _text(document | ({"$defs": definitions} if definitions else {}))


def events_schema() -> str:
    """The schema of an event, with what `emit` fills in for what is left out of its payload as defaults."""
    references, definitions = payload_schemas("#/$defs/{name}")
    events = [_event_schema(EVENT_TYPES[name], data) for name, data in references.items()]
    document = {
        "$schema": _DIALECT,
        "$id": EVENTS_ID,
        "title": "An event of the PeerVault WebSocket API",
        "description": "What a server broadcasts to those who subscribed to a topic. A default is what emit fills in.",
        "type": "object",
        "anyOf": events,
        "$defs": definitions,
    }
    return _text(document)


def asyncapi_text() -> str:
    """The AsyncAPI document of the whole API."""
    return _text(asyncapi_document(__version__))


def recording_schema_text() -> str:
    """The schema of a line of a recording."""
    return _text(recording_schema(RECORDING_ID))


def _event_schema(payload: type[Payload], data: dict[str, Any]) -> dict[str, Any]:
    return {
        "properties": {
            "type": {"const": payload.type},
            "topic": {"const": payload.topic.value},
            "data": data,
            "timestamp": TIMESTAMP,
        },
        "required": ["type", "topic", "data", "timestamp"],
    }


def _text(schema: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"
