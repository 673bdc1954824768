import pytest

from pvws.client import happenings
from pvws.client.happenings import Received
from pvws.errors import MessageError
from pvws.wire.messages import Pong


def test_a_message_of_the_contract_is_decoded_and_has_no_trouble() -> None:
    received = Received('{"type":"pong","timestamp":"2024-01-01T00:00:00.000Z"}', 12.5)
    assert isinstance(received.message, Pong)
    assert received.trouble is None
    assert received.at == 12.5


def test_a_text_that_is_none_is_kept_with_what_is_wrong() -> None:
    received = Received('{"type":"file_renamed","timestamp":"2024-01-01T00:00:00.000Z"}', 0.0)
    assert received.message is None
    assert isinstance(received.trouble, MessageError)
    assert received.trouble.path == "type"
    assert "file_renamed" in received.text


def test_a_text_is_decoded_once_and_not_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    decode = happenings.read_message
    monkeypatch.setattr(happenings, "read_message", lambda text: asked.append(text) or decode(text))
    received = Received("broken", 0.0)
    assert asked == []
    assert received.message is None
    assert received.trouble is not None
    assert asked == ["broken"]
