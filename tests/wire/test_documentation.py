"""Golden: every JSON example of the API documentation is read, and written back as the same JSON value.

The documentation is in `data/`, as upstream published it, so that nothing here can drift from it unseen.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pvws.errors import MessageError
from pvws.timestamp import Timestamp
from pvws.wire.codec import decode_client_message, decode_server_message, encode_client_message, encode_server_message
from pvws.wire.events import EVENT_TYPES
from pvws.wire.messages import SENTENCES, ErrorMessage, Event
from pvws.wire.topics import TOPICS

DOCUMENTATION = (Path(__file__).parent / "data" / "peervault-websocket-api.md").read_text("utf-8")
BLOCKS = re.findall(r"^```json\n(.*?)^```$", DOCUMENTATION, re.DOTALL | re.MULTILINE)

# "Message Format" shows the envelope with words in the place of values: the only block that is no message.
(GENERIC_ENVELOPE,) = (block for block in BLOCKS if '"message_type"' in block)
EXAMPLES = [block for block in BLOCKS if block is not GENERIC_ENVELOPE]
FROM_CLIENTS = [block for block in EXAMPLES if json.loads(block)["type"] in ("subscribe", "unsubscribe")]
FROM_SERVERS = [block for block in EXAMPLES if block not in FROM_CLIENTS]


def name_of(block: str) -> str:
    value = json.loads(block)
    return str(value["data"].get("code", value["type"]) if "data" in value else value["type"])


def with_instants(value: Any) -> Any:
    """The same JSON value with its timestamps as instants: the examples write seconds, we write milliseconds."""
    if isinstance(value, dict):
        return {
            key: Timestamp.parse(inner) if key == "timestamp" else with_instants(inner) for key, inner in value.items()
        }
    return [with_instants(inner) for inner in value] if isinstance(value, list) else value


def test_the_documentation_has_the_examples_that_we_know() -> None:
    messages = {"subscribe", "unsubscribe", "file_uploaded", "file_deleted", "peer_connected", "peer_disconnected"}
    assert {name_of(block) for block in EXAMPLES} == messages | {"system_metrics", "performance_alert", *SENTENCES}
    assert len(EXAMPLES) == 12


@pytest.mark.parametrize("block", FROM_CLIENTS, ids=name_of)
def test_a_documented_client_message_is_read_and_written_back(block: str) -> None:
    assert json.loads(encode_client_message(decode_client_message(block))) == json.loads(block)


@pytest.mark.parametrize("block", FROM_SERVERS, ids=name_of)
def test_a_documented_server_message_is_read_and_written_back(block: str) -> None:
    message = decode_server_message(block)
    assert with_instants(json.loads(encode_server_message(message))) == with_instants(json.loads(block))
    assert isinstance(message, Event | ErrorMessage)


@pytest.mark.parametrize("block", FROM_SERVERS, ids=name_of)
def test_what_we_write_has_the_documented_order_of_keys(block: str) -> None:
    ours, theirs = json.loads(encode_server_message(decode_server_message(block))), json.loads(block)
    assert list(ours) == list(theirs)
    assert list(ours["data"]) == list(theirs["data"])


def test_the_generic_envelope_is_no_message_and_is_refused_for_its_type() -> None:
    with pytest.raises(MessageError) as caught:
        decode_server_message(GENERIC_ENVELOPE)
    assert str(caught.value) == f'type: expected one of {", ".join(EVENT_TYPES)}, pong, error; got "message_type"'
    with pytest.raises(MessageError) as caught:
        decode_client_message(GENERIC_ENVELOPE)
    assert str(caught.value) == (
        'type: expected one of subscribe, unsubscribe, auth, connection_init, ping; got "message_type"'
    )


def test_the_documented_sentences_of_the_errors_are_ours() -> None:
    documented = {
        value["data"]["code"]: value["data"]["message"]
        for value in map(json.loads, EXAMPLES)
        if value["type"] == "error"
    }
    assert documented == SENTENCES


def test_the_documented_topics_and_event_types_are_ours_in_the_documented_order() -> None:
    section = DOCUMENTATION.partition("## Available Topics")[2].partition("\n## ")[0]
    assert tuple(re.findall(r"^### .*\(`(\w+)`\)$", section, re.MULTILINE)) == TOPICS
    listed = {
        topic: re.findall(r"^- `(\w+)`", part, re.MULTILINE)
        for topic, part in zip(TOPICS, re.split(r"^### ", section, flags=re.MULTILINE)[1:], strict=True)
    }
    for topic, types in listed.items():
        assert {name for name, payload in EVENT_TYPES.items() if payload.topic == topic} == set(types)
