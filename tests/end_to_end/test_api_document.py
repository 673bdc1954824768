"""docs/api.md: its messages are what the codec writes, and its tables name every code that there is."""

import json
import re

import pytest

from pvws.timestamp import Timestamp
from pvws.wire.codec import decode_server_message, encode_server_message
from pvws.wire.events import EVENT_TYPES
from pvws.wire.messages import ErrorCode, ErrorMessage, Event
from tests.support.snippets import ROOT, texts

MESSAGES = texts("docs/api.md", "json")
TEXT = (ROOT / "docs" / "api.md").read_text("utf-8")


def test_there_is_an_error_and_an_event_of_every_type() -> None:
    assert [json.loads(text)["type"] for text in MESSAGES] == ["error", *(name for name in _in_order())]


@pytest.mark.parametrize("text", MESSAGES, ids=lambda text: json.loads(text)["type"])
def test_every_message_is_one_that_a_server_writes_just_so(text: str) -> None:
    message = decode_server_message(text)
    assert isinstance(message, Event | ErrorMessage)
    assert encode_server_message(message).decode() == text.strip()
    assert message.timestamp == Timestamp.parse("2024-01-01T00:00:00.000Z")


def test_every_code_of_an_error_has_a_row() -> None:
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", TEXT, re.MULTILINE)) == set(ErrorCode)


def _in_order() -> list[str]:
    """Event types by their topics, as the page has them."""
    return sorted(EVENT_TYPES, key=lambda name: list(EVENT_TYPES[name].topic.__class__).index(EVENT_TYPES[name].topic))
