import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pvws.cli.schemas import (
    CONFIG_ID,
    EVENTS_ID,
    RECORDING_ID,
    SCENARIO_ID,
    config_schema,
    events_schema,
    recording_schema_text,
    scenario_schema,
)
from pvws.notation.document import parse
from pvws.stage.shipped import find_script, shipped_scenarios
from pvws.wire.defaults import EXAMPLE_TIMESTAMP, default_payload
from pvws.wire.events import EVENT_TYPES
from tests.support.trees import plain


@pytest.fixture(scope="module")
def events() -> Draft202012Validator:
    schema = json.loads(events_schema())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def event(name: str) -> dict[str, Any]:
    """An event of a type, with its defaults."""
    return {
        "type": name,
        "topic": EVENT_TYPES[name].topic.value,
        "data": default_payload(name),
        "timestamp": EXAMPLE_TIMESTAMP,
    }


def test_the_schema_of_scenarios_is_one_and_has_a_name() -> None:
    schema = json.loads(scenario_schema())
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == SCENARIO_ID == "urn:pvws:schema:scenario:1"
    assert next(iter(schema["properties"])) == "pvws", "the order is that of the language"


def test_the_schema_of_recordings_names_the_version_that_is_written() -> None:
    schema = json.loads(recording_schema_text())
    Draft202012Validator.check_schema(schema)
    assert (
        schema["$id"]
        == RECORDING_ID
        == f"urn:pvws:schema:recording:{schema['$defs']['header']['properties']['version']['const']}"
    )


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_shipped_scenario_keeps_to_the_schema(name: str) -> None:
    validator = Draft202012Validator(json.loads(scenario_schema()))
    script = plain(parse(find_script(name).text, name))
    assert [error.message for error in validator.iter_errors(script)] == []


def test_a_mistake_in_a_scenario_is_one_for_the_schema() -> None:
    validator = Draft202012Validator(json.loads(scenario_schema()))
    assert validator.is_valid({"scenario": "mine", "duration": "30s"})
    assert not validator.is_valid({"scenario": "mine", "duration": "soon"})
    assert not validator.is_valid({"scenario": "mine", "durations": "30s"})


@pytest.fixture(scope="module")
def configurations() -> Draft202012Validator:
    schema = json.loads(config_schema())
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == CONFIG_ID
    return Draft202012Validator(schema)


def test_the_documented_configuration_keeps_to_the_schema_and_has_its_defaults(
    configurations: Draft202012Validator,
) -> None:
    text = (Path(__file__).parents[2] / "docs/configuration.md").read_text("utf-8")
    [whole] = re.findall(r"```yaml\n(websocket:\n  host.*?)```", text, re.DOTALL)
    document = plain(parse(whole, "configuration.md"))
    assert [error.message for error in configurations.iter_errors(document)] == []
    schema = configurations.schema["properties"]["websocket"]["properties"]
    assert set(document["websocket"]) == set(schema), "the page shows every key"
    assert schema["limits"]["properties"]["max_message_size"]["default"] == 1_048_576


@pytest.mark.parametrize(
    ("websocket", "right"),
    [
        ({"limits": {"max_connections": "none"}, "quirks": {"coalesce": "on", "read_limit": 512}}, True),
        ({"auth": {"tokens": ["T", 1, {"token": "U", "topics": ["alerts"], "expires": "2026-12-31T00:00:00Z"}]}}, True),
        ({"limits": {"max_connections": 0}}, False),
        ({"quirks": {"coalesces": True}}, False),
        ({"auth": {"tokens": [{"topics": ["alerts"]}]}}, False),
        ({"auth": {"tokens": [{"token": "T", "topics": ["weather"]}]}}, False),
        ({"timeouts": {"ping": "5s"}}, False),
        ({"timeouts": {"read": "soon"}}, False),
    ],
)
def test_a_mistake_in_a_configuration_is_one_for_the_schema(
    configurations: Draft202012Validator, websocket: dict[str, Any], right: bool
) -> None:
    assert configurations.is_valid({"websocket": websocket, "peervault": {}}) is right


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_an_event_of_defaults_keeps_to_the_schema(events: Draft202012Validator, name: str) -> None:
    assert events.is_valid(event(name))
    assert events.is_valid(event(name) | {"clientId": "x", "new": 1}), "the API may grow"
    assert not events.is_valid(event(name) | {"topic": "weather"})
    assert not events.is_valid(event(name) | {"data": {}})


def test_the_defaults_are_those_that_are_filled_in_but_for_times(events: Draft202012Validator) -> None:
    assert events.schema["$id"] == EVENTS_ID
    fields = events.schema["$defs"]["FileReplicated"]["properties"]
    told = {name: field.get("default") for name, field in fields.items()}
    assert told == default_payload("file_replicated") | {"timestamp": None}


def test_a_storage_alert_need_not_be_about_a_node(events: Draft202012Validator) -> None:
    assert "node" not in events.schema["$defs"]["StorageAlert"]["required"]
    assert "default" not in events.schema["$defs"]["StorageAlert"]["properties"]["node"]
