import pytest

from pvws.client import happenings
from pvws.client.happenings import Connected, Disconnected, Gap, Received, Unreached
from pvws.errors import MessageError
from pvws.wire.messages import ErrorMessage, Event, Pong

TIME = "2024-01-01T00:00:00.000Z"


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


@pytest.mark.parametrize("blank", ["", " "])
def test_pongs_and_errors_are_answers_however_they_are_written(blank: str) -> None:
    data = '{"code":"AUTH_FAILED","message":"m"}'
    pong = Received(f'{{{blank}"type":"pong","timestamp":"{TIME}"}}', 0.0)
    error = Received(f'{{{blank}"type":"error","data":{data},"timestamp":"{TIME}"}}', 0.0)
    assert isinstance(pong.answer, Pong)
    assert isinstance(error.answer, ErrorMessage)


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"error"}',
        '"pong"',
        '{"type":"file_renamed","error":1}',
        f'{{"type":"error","data":{{"code":"MADE_UP","message":"m"}},"timestamp":"{TIME}"}}',
    ],
)
def test_what_only_looks_like_an_answer_is_none(text: str) -> None:
    assert Received(text, 0.0).answer is None


def test_events_are_not_decoded_to_see_that_they_are_no_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(happenings, "read_message", None)
    data = '{"key":"\\"pong\\"","error":"error"}'
    assert Received(f'{{"type":"file_deleted","data":{data}}}', 0.0).answer is None
    assert Received(f'{{"topic":"alerts","type":"a","data":"{"x" * 1024}"error"}}', 0.0).answer is None


def test_a_broadcast_is_an_event_whose_type_was_inferred() -> None:
    data = '{"key":"k","node":"n","timestamp":"2024-01-01T00:00:00Z"}'
    text = f'{{"type":"broadcast","topic":"file_operations","data":{data},"timestamp":"2024-01-01T00:00:00.5Z"}}'
    received = Received(text, 1_704_067_202.0)
    assert received.inferred
    assert isinstance(received.message, Event)
    assert received.message.type == "file_deleted"
    assert received.lag_s == 1.5


def test_what_can_not_be_read_has_no_lag_and_nothing_inferred() -> None:
    received = Received("no json", 1.0)
    assert received.lag_s is None
    assert not received.inferred


def test_a_gap_is_never_shorter_than_nothing_even_if_the_clock_was_set_back() -> None:
    assert Gap(10.0, 12.5, "cut", 1006, "", 3).for_s == 2.5
    assert Gap(10.0, 9.0, "cut", 1006, "", 3).for_s == 0.0


def test_news_is_the_same_whatever_else_is_known_of_it() -> None:
    gap = Gap(1.0, 2.0, "silent", 1006, "", 1)
    assert Connected("u", 1, gap) == Connected("u", 1)
    assert Disconnected(1006, "", None, "silent", at=5.0, lasted_s=7.0) == Disconnected(1006, "", None)
    assert Unreached("u", 1, "refused", 0.5, 3.0) == Unreached("u", 1, "refused", 0.5)
