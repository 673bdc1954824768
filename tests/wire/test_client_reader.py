"""What a server with quirks makes of what clients send: as real Go does it, and quirk by quirk."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.errors import MessageError
from pvws.wire.client_reader import ClientReader
from pvws.wire.codec import decode_client_message
from pvws.wire.messages import Auth, ClientMessage, Ping, Subscribe, Unsubscribe
from pvws.wire.profiles import DOCUMENTED, UPSTREAM, Quirks
from pvws.wire.topics import Topic

ALERTS = Subscribe("alerts")
READING = ("subscribe_by_data", "any_topic", "silent", "strict_timestamps", "fold_keys", "lenient_utf8")
"""The quirks that the reader knows."""


def only(**quirks: bool) -> ClientReader:
    """A reader of the documented profile but for these quirks."""
    return ClientReader(msgspec.structs.replace(DOCUMENTED, **quirks))


def complaint(reader: ClientReader, text: str | bytes) -> str:
    with pytest.raises(MessageError) as caught:
        reader.read(text)
    return str(caught.value)


# All of it: what the real server does (its answers were checked against Go 1.27.3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type":"subscribe","data":"alerts"}', ALERTS),  # A2
        ('{"type":"subscribe","data":"alerts","topic":"system"}', ALERTS),
        ('{"type":"unsubscribe","data":"alerts"}', Unsubscribe("alerts")),  # A3
        ('{"type":"subscribe","data":"Alerts "}', Subscribe("Alerts ")),  # A5
        ('{"type":"subscribe","data":""}', Subscribe("")),
        ('{"type":"subscribe","data":"\\ud800x"}', Subscribe("\ufffdx")),
        ('{"type":"ping"}', Ping()),  # A9
        ('\t{"type":"ping"} \r\n', Ping()),  # A11
        (b'{"type":"ping"}', Ping()),  # A16
        ('{"type":"ping","topic":null,"clientId":null,"timestamp":null,"data":null}', Ping()),
        ('{"type":"ping","timestamp":"2024-01-01T00:00:00.5+02:00"}', Ping()),  # A13
        ('{"type":"ping","timestamp":"2024-01-01T00:00:00\\u005a"}', Ping()),
        ('{"TYPE":"ping"}', Ping()),  # A14
        ('{"Type":"subscribe","dAtA":"alerts"}', ALERTS),
        ('{"type":"nothing","type":"ping","x":1e999}', Ping()),
        ('{"type":"ping","TYPE":null}', Ping()),
        ('{"type":"subscribe","data":"system","DATA":"alerts"}', ALERTS),
        ('{"type":"ping","clientId":"mine"}', Ping()),
        ('{"type":"ping","data":' + "[" * 200 + "]" * 200 + "}", Ping()),
        (b'{"type":"subscribe","data":"\xff\xe2\x82"}', Subscribe("\ufffd\ufffd\ufffd")),  # A15
        (b'{"type":"subscribe","data":"\xed\xa0\x80"}', Subscribe("\ufffd\ufffd\ufffd")),
    ],
)
def test_what_the_real_server_hears(text: str | bytes, message: ClientMessage) -> None:
    assert ClientReader(UPSTREAM).read(text) == message


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"subscribe","topic":"alerts"}',  # A1
        '{"type":"subscribe","data":{"topic":"alerts"}}',  # A2
        '{"type":"subscribe","data":["alerts"]}',
        '{"type":"subscribe","data":"alerts","data":null}',
        '{"type":"unsubscribe","topic":"alerts"}',  # A3
        '{"type":"pong"}',  # A10
        '{"type":"made_up"}',
        '{"type":"auth"}',
        '{"type":"PING"}',
        "{}",
        "",  # A11
        "nothing",
        "[]",
        "1",
        "null",
        '\ufeff{"type":"ping"}',
        '{"type":"ping",}',
        '{"type":"ping"}\n{"type":"ping"}',
        '{"type":"ping","x":NaN}',
        '{"type":5}',  # A12
        '{"type":5,"type":"ping"}',
        '{"type":"ping","topic":5}',
        '{"type":"ping","clientId":{}}',
        '{"type":"ping","CLIENTID":1}',
        '{"type":"ping","timestamp":""}',  # A13
        '{"type":"ping","timestamp":1704067200}',
        '{"type":"ping","timestamp":"2024-01-01T00:00:00"}',
        '{"type":"ping","timestamp":"2024-01-01 00:00:00Z"}',
        '{"type":"ping","timestamp":"2024-01-01t00:00:00Z"}',
        '{"type":"ping","timestamp":"2024-01-01T00:00:00z"}',
        '{"type":"ping","timestamp":"2024-01-01T00:00:00+0200"}',
        '{"type":"ping","timestamp":"2024-01-01T00:00:60Z"}',
        '{"type":"ping","timestamp":"2024-01-01T24:00:00Z"}',
        '{"type":"ping","timestamp":[],"timestamp":null}',
        '{"type":"ping","timeſtamp":""}',
        b'\xff{"type":"ping"}',  # A15: read as text, but still no JSON
        '{"type":"ping","data":' + "[" * 100_000,
    ],
)
def test_what_the_real_server_drops_in_silence(text: str | bytes) -> None:
    assert ClientReader(UPSTREAM).read(text) is None


# None of it, and each alone


@given(st.text() | st.binary() | st.dictionaries(st.sampled_from(["type", "topic", "data"]), st.text()).map(json.dumps))
def test_without_quirks_it_is_the_documented_reader(text: str | bytes) -> None:
    try:
        expected = decode_client_message(text)
    except MessageError as error:
        assert complaint(ClientReader(DOCUMENTED), text) == str(error)
    else:
        assert ClientReader(DOCUMENTED).read(text) == expected


def test_a_documented_topic_is_one_of_the_four() -> None:
    message = only(fold_keys=True).read('{"type":"subscribe","topic":"alerts"}')
    assert isinstance(message, Subscribe)
    assert isinstance(message.topic, Topic)


def test_subscribing_by_data_alone_still_wants_a_known_topic_and_says_so() -> None:
    reader = only(subscribe_by_data=True)
    assert reader.read('{"type":"subscribe","data":"alerts","topic":5}') == ALERTS
    four = "one of file_operations, peer_network, system, alerts"
    assert complaint(reader, '{"type":"subscribe","topic":"alerts"}') == f"data: expected {four}; got nothing"
    assert complaint(reader, '{"type":"subscribe","data":"alert"}') == f'data: expected {four}; got "alert"'
    assert complaint(reader, '{"type":"subscribe","data":["alerts"]}') == f"data: expected {four}; got an array"
    assert complaint(reader, '{"type":"subscribe","data":{}}') == f"data: expected {four}; got an object"
    assert complaint(reader, '{"type":"subscribe","data":null}') == f"data: expected {four}; got null"


def test_any_topic_alone_is_read_from_where_it_is_documented() -> None:
    reader = only(any_topic=True)
    assert reader.read('{"type":"subscribe","topic":"Alerts "}') == Subscribe("Alerts ")
    assert complaint(reader, '{"type":"subscribe","topic":5}') == "topic: expected a topic, as a string; got 5"
    long = json.dumps({"type": "subscribe", "topic": 10**70})
    assert complaint(reader, long) == f"topic: expected a topic, as a string; got 1{'0' * 59}…"


def test_silence_alone_drops_what_is_answered_otherwise() -> None:
    reader = only(silent=True)
    assert reader.read('{"type":"subscribe","topic":"alerts"}') == ALERTS
    assert reader.read('{"type":"subscribe","topic":"alert"}') is None
    assert reader.read('{"type":"subscribe","data":"alerts"}') is None
    assert reader.read('{"type":"ping","timestamp":""}') == Ping()
    assert reader.read('{"TYPE":"ping"}') is None
    assert reader.read(b'{"type":"ping","x":"\xff"}') is None


def test_strict_timestamps_alone_are_answered_by_an_error() -> None:
    reader = only(strict_timestamps=True)
    assert reader.read('{"type":"ping","timestamp":null}') == Ping()
    expected = "timestamp: expected a time that Go takes, such as 2024-01-01T00:00:00Z; got"
    assert complaint(reader, '{"type":"ping","timestamp":"yesterday"}') == f'{expected} "yesterday"'
    assert complaint(reader, '{"type":"ping","timestamp":1704067200}') == f"{expected} 1704067200"


def test_folded_keys_alone_change_what_a_key_is_and_nothing_else() -> None:
    reader = only(fold_keys=True)
    assert reader.read('{"TYPE":"subscribe","Topic":"alerts"}') == ALERTS
    assert reader.read('{"type":"ping","TYPE":"subscribe","TOPIC":"x","topic":"alerts"}') == ALERTS
    assert reader.read('{"type":"auth","DATA":{"token":"t","TOKEN":"T"}}') == Auth("t")
    kinds = "type: expected one of subscribe, unsubscribe, auth, connection_init, ping; got"
    assert complaint(reader, '{"TYPE":"PING"}') == f'{kinds} "PING"'
    assert complaint(reader, '{"tYpE":null}') == f"{kinds} null"
    assert complaint(reader, "{}") == f"{kinds} nothing"


def test_lenient_utf8_alone_reads_what_is_no_utf8_within_strings() -> None:
    reader = only(lenient_utf8=True)
    assert reader.read(b'{"type":"ping","x":"\xff"}') == Ping()
    assert "one of file_operations" in complaint(reader, b'{"type":"subscribe","topic":"\xff"}')
    assert complaint(reader, b"\xff") == "expected one JSON object; got none at character 0 (Expecting value)"


@pytest.mark.parametrize("name", sorted({*READING} - {"silent", "lenient_utf8"}))
@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"type":"ping"}{}', '{"x":NaN}', '{"type":"ping","data":' + "[" * 70 + "]" * 70 + "}", b"\xff"],
)
def test_what_is_no_message_at_all_is_refused_as_documented(name: str, text: str | bytes) -> None:
    with pytest.raises(MessageError) as documented:
        decode_client_message(text)
    assert complaint(only(**{name: True}), text) == str(documented.value)


@pytest.mark.parametrize("name", READING)
def test_a_token_is_read_with_any_quirk_and_shown_with_none(name: str) -> None:
    reader = only(**{name: True})
    assert reader.read('{"type":"auth","data":{"token":"t"}}') == Auth("t")
    assert reader.read('{"type":"connection_init","data":{"token":"t"}}') == Auth("t")
    for data in ('"5317"', "5317", '{"token":5317}', '{"token":["5317"]}', '{"token":true}', '{"token":null}', "{}"):
        text = f'{{"type":"auth","data":{data}}}'
        if name == "silent":
            assert reader.read(text) is None
        else:
            assert complaint(reader, text).startswith("data")
            assert "5317" not in complaint(reader, text)
            assert complaint(reader, text) == complaint(ClientReader(DOCUMENTED), text)


quirks = st.builds(Quirks, **dict.fromkeys(READING, st.booleans()))
keys = st.sampled_from(["type", "Type", "topic", "TOPIC", "data", "timestamp", "clientId", "x"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
words = st.sampled_from(["subscribe", "unsubscribe", "ping", "auth", "alerts", "2024-01-01T00:00:00Z"])
objects = st.dictionaries(keys, words | scalars | st.lists(scalars) | st.dictionaries(st.text(), scalars))


@given(st.text() | st.binary() | objects.map(json.dumps), quirks)
def test_any_text_is_read_dropped_or_refused(text: str | bytes, quirks: Quirks) -> None:
    try:
        message = ClientReader(quirks).read(text)
    except MessageError:
        assert not quirks.silent
    else:
        assert message is not None or quirks.silent
        if isinstance(message, Subscribe | Unsubscribe):
            message.topic.encode()
            assert quirks.any_topic or isinstance(message.topic, Topic)
