"""The AsyncAPI document: everything that is sent and read keeps to it, and what is not, does not."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator, FormatChecker
from msgspec import structs

from pvws.errors import MessageError
from pvws.limits import MESSAGE_DEPTH_MAX
from pvws.timestamp import Timestamp
from pvws.wire.asyncapi import ASYNCAPI_ID, asyncapi_document
from pvws.wire.client_reader import ClientReader
from pvws.wire.codec import encode_server_message
from pvws.wire.defaults import EXAMPLE_TIMESTAMP, default_payload
from pvws.wire.events import EVENT_TYPES
from pvws.wire.messages import ErrorCode, ErrorMessage, Pong
from pvws.wire.profiles import PROFILES, UPSTREAM, ProfileName
from pvws.wire.topics import TOPICS
from pvws.wire.upstream import upstream_text

DOCUMENT = asyncapi_document("1.2.3")
NOW = Timestamp.parse(EXAMPLE_TIMESTAMP)


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def resolved(reference: str) -> Any:
    value: Any = DOCUMENT
    for key in reference.removeprefix("#/").split("/"):
        value = value[key]
    return resolved(value["$ref"]) if set(value) == {"$ref"} else value


def validator(name: str) -> Draft7Validator:
    """For the payload of a message by its name in the document."""
    schema = resolved(f"#/components/messages/{name}")["payload"] | {"components": DOCUMENT["components"]}
    return Draft7Validator(schema, format_checker=FormatChecker(["date-time"]))


def sent_by(operation: str) -> list[str]:
    """The messages of an operation, by their names."""
    return [each["$ref"].rpartition("/")[2] for each in DOCUMENT["operations"][operation]["messages"]]


def event_of(event_type: str) -> dict[str, Any]:
    """An event of a type, with its defaults."""
    topic, data = str(EVENT_TYPES[event_type].topic), default_payload(event_type)
    return {"type": event_type, "topic": topic, "data": data, "timestamp": EXAMPLE_TIMESTAMP}


def test_it_says_what_it_is_and_every_reference_in_it_leads_somewhere() -> None:
    assert (DOCUMENT["asyncapi"], DOCUMENT["id"], DOCUMENT["info"]["version"]) == ("3.0.0", ASYNCAPI_ID, "1.2.3")
    found = set(references(DOCUMENT))
    assert len(found) > 50
    for reference in found:
        assert resolved(reference)


def test_every_message_is_in_a_channel_and_every_one_of_a_channel_in_an_operation() -> None:
    channels = DOCUMENT["channels"].values()
    assert set(DOCUMENT["components"]["messages"]) == {name for channel in channels for name in channel["messages"]}
    used = {reference for reference in references(DOCUMENT["operations"]) if "/messages/" in reference}
    there = {
        f"#/channels/{name}/messages/{each}" for name, it in DOCUMENT["channels"].items() for each in it["messages"]
    }
    assert used == there


def test_every_example_keeps_to_its_schema() -> None:
    for name, message in DOCUMENT["components"]["messages"].items():
        assert message["examples"]
        for example in message["examples"]:
            assert [error.message for error in validator(name).iter_errors(example["payload"])] == []


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_an_event_keeps_to_the_message_of_its_type_alone_and_comes_with_its_topic(event_type: str) -> None:
    topic = EVENT_TYPES[event_type].topic
    event = event_of(event_type)
    names = sent_by({"file_operations": "fileOperations", "peer_network": "peerNetwork"}.get(topic, str(topic)))
    takes = [name for name in names if validator(name).is_valid(event)]
    assert len(takes) == 1
    assert not validator(takes[0]).is_valid(event | {"timestamp": "soon"} | {"data": {}})
    assert not validator(takes[0]).is_valid(event | {"topic": "weather"})


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_what_the_shipped_server_makes_of_an_event_keeps_to_the_broadcast_of_its_topic(event_type: str) -> None:
    topic = EVENT_TYPES[event_type].topic
    event = event_of(event_type)
    text = upstream_text(json.dumps(event, separators=(",", ":")).encode(), 1, UPSTREAM, at=NOW.micros)
    camel = str(topic).title().replace("_", "")
    assert validator(f"broadcast{camel}").is_valid(json.loads(text))
    assert not validator(f"broadcast{camel}").is_valid(event)


@pytest.mark.parametrize("code", ErrorCode)
def test_answers_to_one_client_keep_to_their_messages(code: ErrorCode) -> None:
    wait = 60 if code is ErrorCode.RATE_LIMIT_EXCEEDED else None
    error = ErrorMessage.of(code, "a detail", NOW, client_id="0" * 32, retry_after=wait)
    assert validator("error").is_valid(json.loads(encode_server_message(error)))
    assert validator("pong").is_valid(json.loads(encode_server_message(Pong(NOW, "0" * 32))))
    assert not validator("pong").is_valid(json.loads(encode_server_message(error)))


RECEIVED = [name for name, it in DOCUMENT["operations"].items() if it["action"] == "receive"]


@pytest.mark.parametrize("operation", RECEIVED)
def test_what_it_says_that_clients_send_is_understood_and_nothing_of_it_may_be_missing(operation: str) -> None:
    profile: ProfileName = "upstream" if operation.startswith("upstream") else "documented"
    reader = ClientReader(structs.replace(PROFILES[profile], silent=False))
    for name in sent_by(operation):
        for example in resolved(f"#/components/messages/{name}")["examples"]:
            said = example["payload"]
            assert reader.read(json.dumps(said)) is not None
            for key in said:
                without = {each: value for each, value in said.items() if each != key}
                assert not validator(name).is_valid(without)
                with pytest.raises(MessageError):
                    reader.read(json.dumps(without))


def test_it_names_the_bounds_and_topics_that_there_are() -> None:
    said = DOCUMENT["channels"]["documented"]["description"]
    assert f"nest {MESSAGE_DEPTH_MAX} deep" in said
    assert resolved("#/components/schemas/Topic")["enum"] == [str(topic) for topic in TOPICS]
