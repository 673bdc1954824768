from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.scenario.matching import check_schema, fits, matcher, message_of, said, schema_text
from pvws.sim.source import ClientInput
from tests.notation.test_values import values

PING = ClientInput(5, 3, "sends", type="ping", message='{"type":"ping","data":{"x":7}}', client_id="ab12", name="app")


@pytest.mark.parametrize(
    "text",
    [
        "type == 'ping'",
        "data.x > 6 and did == 'sends'",
        "message.data.x == 7",
        "client.number == 3 and client.id == 'ab12' and client.name == 'app'",
        "'ping' in text",
    ],
)
def test_an_expression_asks_for_the_fields_of_a_message_and_for_the_client(text: str) -> None:
    assert matcher(text).holds(partial(said, PING))


def test_a_subscription_has_a_topic_and_no_message() -> None:
    deed = ClientInput(5, 3, "subscribes", topic="alerts")
    assert matcher("topic == 'alerts' and not has(message)").holds(partial(said, deed))
    assert not matcher("type == ''").holds(partial(said, deed)), "it has none"


@given(st.text())
def test_whatever_a_client_sends_is_a_value_or_none(text: str) -> None:
    message_of(text)
    assert matcher("did == 'sends'").holds(partial(said, ClientInput(0, 1, "sends", message=text)))


def test_a_schema_says_what_a_message_must_be() -> None:
    schema = schema_text({"type": "object", "required": ["data"], "properties": {"data": {"type": "object"}}})
    assert fits(schema, message_of(PING.message))
    assert not fits(schema, {"data": 5})
    assert not fits(schema, None)


def test_a_schema_that_refers_to_somewhere_else_fits_nothing_and_fetches_nothing() -> None:
    assert not fits(schema_text({"$ref": "http://127.0.0.1:9/schema"}), {})


@given(values)
def test_the_empty_schema_fits_everything_and_false_nothing(value: object) -> None:
    assert fits(schema_text({}), value)
    nothing = False
    assert not fits(schema_text(nothing), value)


def test_what_is_no_schema_is_told_with_its_path() -> None:
    with pytest.raises(
        InputError, match=r"^schema.properties.a.minimum: expected a JSON Schema, got 'x' is not of type"
    ):
        check_schema({"properties": {"a": {"minimum": "x"}}})
