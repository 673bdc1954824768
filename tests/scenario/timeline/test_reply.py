import json

import pytest

from pvws.scenario.timeline.reply import Reply
from pvws.sim.source import ClientInput, Letter
from tests.support.playing import SECOND, START, director_of, rest
from tests.support.small_run import read_step


def replies(step: str, message: str = '{"id":7}') -> list[Letter]:
    director = director_of(f"duration: 9s\ntimeline:\n  - {step}")
    director.tell(ClientInput(START + SECOND, 4, "sends", message=message, client_id="ab", name="app"))
    return [each for each in rest(director) if isinstance(each, Letter)]


def test_a_message_has_the_time_and_the_clients_id() -> None:
    (letter,) = replies("{when: {client: sends}, in: 2s, do: reply, type: ack, topic: x, data: {of: '${message.id}'}}")
    assert (letter.at, letter.client) == (START + 3 * SECOND, 4)
    assert json.loads(letter.text) == {
        "type": "ack",
        "topic": "x",
        "data": {"of": 7},
        "timestamp": "2024-01-01T00:00:03.000Z",
        "clientId": "ab",
    }


def test_null_is_data_too() -> None:
    (letter,) = replies("{when: {client: sends}, do: reply, type: ack, data: null}")
    assert json.loads(letter.text)["data"] is None


def test_texts_and_bytes_go_as_they_stand_also_in_pieces() -> None:
    (letter,) = replies("{when: {client: sends}, do: reply, raw: '${client.name}!', fragments: [1, 3]}")
    assert (letter.text, letter.binary, letter.fragments) == (b"app!", False, (1, 3))
    (letter,) = replies("{when: {client: sends}, do: reply, base64: AP8=}")
    assert (letter.text, letter.binary) == (b"\x00\xff", True)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{when: {client: sends}, do: reply}", "timeline[0].type: expected a type, or raw, or base64, got nothing"),
        ("{when: {client: sends}, do: reply, raw: x, type: y}", 'timeline[0].type: expected nothing beside "raw"'),
        ("{when: {client: sends}, do: reply, type: y, fragments: [1, 2]}", 'timeline[0].fragments: expected a "raw"'),
        ("{at: 3s, do: reply, type: y}", "timeline[0].do: expected when: {client: …} beside reply"),
    ],
)
def test_what_is_no_reply_is_told(step: str, said: str) -> None:
    (complaint,) = read_step(step)[1]
    assert said in complaint


def test_a_reply_alone_says_nothing() -> None:
    assert Reply().type is None
