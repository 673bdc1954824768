"""The codec, for every message there can be and for anything else that may come over a wire."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pvws.errors import MessageError
from pvws.limits import EXCERPT_CHARACTERS_MAX, MESSAGE_DEPTH_MAX
from pvws.wire.codec import (
    decode_client_message,
    decode_payload,
    decode_server_message,
    encode_client_message,
    encode_event,
    encode_payload,
    encode_server_message,
)
from pvws.wire.events import EVENT_TYPES, Payload
from pvws.wire.messages import ClientMessage, Event, ServerMessage
from tests.property.strategies import by_type, client_messages, payloads, server_messages, timestamps

Decode = Callable[[str | bytes], object]

NOW = '"timestamp":"2024-01-01T00:00:00.000Z"'
ENVELOPE_KEYS = ["type", "topic", "data", "timestamp", "clientId"]


def test_there_is_a_strategy_for_every_event_type() -> None:
    assert by_type.keys() == EVENT_TYPES.keys()


@pytest.mark.parametrize("event_type", EVENT_TYPES)
@given(data=st.data())
def test_every_event_comes_back_as_it_went(event_type: str, data: st.DataObject) -> None:
    payload = data.draw(by_type[event_type])
    timestamp = data.draw(timestamps)
    text = encode_event(payload, timestamp)
    assert decode_server_message(text) == Event(payload, timestamp)
    assert decode_server_message(text.decode()) == Event(payload, timestamp)
    assert decode_payload(event_type, encode_payload(payload)) == payload


@given(server_messages)
def test_every_server_message_comes_back_as_it_went(message: ServerMessage) -> None:
    assert decode_server_message(encode_server_message(message)) == message


@given(client_messages)
def test_every_client_message_comes_back_as_it_went(message: ClientMessage) -> None:
    assert decode_client_message(encode_client_message(message)) == message


@given(server_messages)
def test_what_goes_out_has_the_contracts_order_and_no_blanks(message: ServerMessage) -> None:
    text = encode_server_message(message).decode()
    value = json.loads(text)
    assert list(value) == [key for key in ENVELOPE_KEYS if key in value]
    besides_strings = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    assert not re.search(r"\s|null", besides_strings), "no blanks, and what is absent is left out"


@given(payloads, timestamps, st.randoms(use_true_random=False))
def test_order_blanks_and_unknown_fields_make_no_difference(payload: Payload, timestamp: Any, random: Any) -> None:
    value = json.loads(encode_event(payload, timestamp))
    value["data"]["unknown"] = [{"a": None}]
    items = [*value.items(), ("future", {"of": "the API"})]
    random.shuffle(items)
    text = json.dumps(dict(items), indent=2)
    assert decode_server_message(f"\n {text}\t ") == Event(payload, timestamp)


def refuses_or_reads(decode: Decode, text: str | bytes) -> None:
    """The promise of every decoder: a message, or a MessageError of a bounded text. Never anything else."""
    try:
        decode(text)
    except MessageError as error:
        assert len(str(error)) < 500 + 2 * EXCERPT_CHARACTERS_MAX
        str(error).encode()  # it goes out again in an error message


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["subscribe", "auth", "file_uploaded", "alerts", "\ud800", 10**400, 1e308 * 10]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "topic", "data", "timestamp", "token", "key", "clusters", "code"]) | st.text(),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)

every_decoder = pytest.mark.parametrize(
    "decode",
    [
        decode_client_message,
        decode_server_message,
        *(pytest.param(lambda text, name=name: decode_payload(name, text), id=name) for name in EVENT_TYPES),
    ],
)


@every_decoder
@given(st.text(st.characters()) | st.binary())
@example("")
@example("\ud800")
@example(b"\xff\xfe")
@example("\ufeff{}")
@example(b"\xef\xbb\xbf{}")
@example("{}{}")
@example('{"type":')
def test_any_text_is_read_or_refused(decode: Decode, text: str | bytes) -> None:
    refuses_or_reads(decode, text)


@every_decoder
@given(json_values)
@example({"type": "\ud800"})
@example({"type": {"\udfff": 1}})
@example({"type": "subscribe", "topic": "\ud800"})
@example({"type": 10**400})
@example({"key": 10**400})
@example({"size": float("inf")})
def test_any_json_value_is_read_or_refused(decode: Decode, value: Any) -> None:
    refuses_or_reads(decode, json.dumps(value))


@every_decoder
@pytest.mark.parametrize(
    "text",
    [
        '{"type":1,',
        '{"type":1e999}',
        '{"key":1e999}',
        '{"size":1e999}',
        '{"size":' + "9" * 5_000 + "}",
        '{"type":' + "9" * 5_000 + "}",
        '{"key":1,"key":"twice"}',
        '{"clusters":[{"id":1}],"clusters":[]}',
        '{"clusters":[{"id":1}],"clusters":null}',
        '{"storage":{"totalSpace":"1"},"storage":7}',
        '{"data":{},"data":[],' + NOW + ',"type":"error"}',
        '{"key":1,"node":"\\ud800"}',
    ],
)
def test_a_text_that_breaks_after_its_first_mistake_is_refused(decode: Decode, text: str) -> None:
    refuses_or_reads(decode, text)
    refuses_or_reads(decode, text.encode())


@every_decoder
@pytest.mark.parametrize("depth", [MESSAGE_DEPTH_MAX, MESSAGE_DEPTH_MAX + 1, 1_000, 100_000])
def test_any_depth_is_read_or_refused(decode: Decode, depth: int) -> None:
    for opening, closing in (("[", "]"), ('{"key":', "}"), ("[", ""), ('{"data":', "")):
        value = opening * depth + "0" * bool(closing) + closing * depth
        for around in ("%s", '{"type":%s}', '{"type":"ping","data":%s}', '{"data":%s,"key":%s}'):
            refuses_or_reads(decode, around.replace("%s", value))


@given(st.one_of(server_messages.map(encode_server_message), client_messages.map(encode_client_message)), st.data())
def test_a_damaged_message_is_read_or_refused(text: bytes, data: st.DataObject) -> None:
    damaged = bytearray(text)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged)))
        match data.draw(st.sampled_from(["cut", "flip", "insert", "drop"])):
            case "cut":
                del damaged[at:]
            case "flip" if at < len(damaged):
                damaged[at] ^= 1 << data.draw(st.integers(0, 7))
            case "insert":
                damaged[at:at] = data.draw(st.sampled_from([b'"', b"{", b"}", b",", b"null", b"1e9", b"\\u", b"\xc3"]))
            case "drop":
                del damaged[at : at + 1]
    for decode in (decode_server_message, decode_client_message):
        refuses_or_reads(decode, bytes(damaged))


@given(server_messages, st.data())
def test_a_message_with_one_wrong_value_is_read_or_refused(message: ServerMessage, data: st.DataObject) -> None:
    value = json.loads(encode_server_message(message))
    place = value
    while True:
        key = data.draw(st.sampled_from(sorted(place)) if isinstance(place, dict) else st.integers(0, len(place) - 1))
        if not place[key] or not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(json_values)
    refuses_or_reads(decode_server_message, json.dumps(value))


@given(st.text("0123456789ABCDEF", min_size=1).map("5ECRET-".__add__), json_values)
def test_a_token_is_never_shown(secret: str, rest: Any) -> None:
    token = json.dumps(secret)
    for text in (
        f'{{"type":"auth","data":{{"token":[{token}]}}}}',
        f'{{"type":"auth","data":{token}}}',
        f'{{"type":"auth","data":{{"token":{token}}}',
        f'{{"type":"auth","data":{{"token":{token}}}}}{{"a":{json.dumps(rest)}}}',
        f'[{{"type":"auth","data":{{"token":{token}}}}}]',
    ):
        with pytest.raises(MessageError) as caught:
            decode_client_message(text)
        assert secret not in str(caught.value)
