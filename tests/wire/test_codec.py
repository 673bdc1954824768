"""The codec's texts: what goes out to the byte, and what is said about everything wrong that comes in."""

import json
from typing import Any

import pytest

from pvws.errors import MessageError
from pvws.timestamp import Timestamp
from pvws.wire.codec import (
    CLIENT_TYPES,
    decode_client_message,
    decode_payload,
    decode_server_message,
    encode_client_message,
    encode_event,
    encode_events,
    encode_payload,
    encode_server_message,
)
from pvws.wire.events import EVENT_TYPES, FileDeleted, NetworkAlert, StorageAlert
from pvws.wire.messages import Auth, ErrorCode, ErrorMessage, Event, Ping, Pong, Subscribe, Unsubscribe
from pvws.wire.topics import Topic

NOW = Timestamp(1_704_067_200_123_456)
CLIENT = "0123456789abcdef0123456789abcdef"
STAMP = "2024-01-01T00:00:00Z"
ALL_TYPES = ", ".join(EVENT_TYPES)
CLIENT_TYPES_TEXT = "subscribe, unsubscribe, auth, connection_init, ping"
TOPICS_TEXT = "file_operations, peer_network, system, alerts"
RFC_3339 = "an RFC 3339 time such as 2024-01-01T00:00:00.000Z"

VALID: dict[str, dict[str, Any]] = {
    "file_uploaded": {"key": "k", "size": 1024, "node": "n", "timestamp": STAMP},
    "file_replicated": {
        "key": "k",
        "size": 1,
        "source": "s",
        "node": "n",
        "replicas": 2,
        "status": "SYNCED",
        "timestamp": STAMP,
    },
    "file_updated": {
        "key": "k",
        "size": 1,
        "node": "n",
        "contentType": "text/plain",
        "checksum": "c",
        "tags": ["a", "b"],
        "timestamp": STAMP,
    },
    "peer_connected": {"id": "p", "address": "10.0.0.1", "port": 8080, "capabilities": [], "timestamp": STAMP},
    "peer_health_changed": {
        "id": "p",
        "status": "ONLINE",
        "previousStatus": "DEGRADED",
        "isHealthy": True,
        "responseTime": 0.1,
        "uptime": 5,
        "lastHeartbeat": STAMP,
        "errors": [],
        "timestamp": STAMP,
    },
    "network_topology_changed": {
        "totalNodes": 2,
        "connectedNodes": 2,
        "averageLatency": 0.01,
        "networkDiameter": 1,
        "clusters": [{"id": "c", "nodes": ["p", "q"], "leader": "p", "size": 2}],
        "timestamp": STAMP,
    },
    "system_metrics": {
        "storage": {"totalSpace": 2, "usedSpace": 1, "availableSpace": 1},
        "network": {"activeConnections": 1, "totalBytesTransferred": 1},
        "performance": {"averageResponseTime": 0.1, "requestsPerSecond": 1},
    },
    "performance_metrics": {
        "averageResponseTime": 0.1,
        "requestsPerSecond": 1,
        "errorRate": 0.5,
        "memoryUsage": 50,
        "cpuUsage": 50,
        "timestamp": STAMP,
    },
    "security_alert": {
        "level": "info",
        "message": "m",
        "metric": "x",
        "value": 1,
        "threshold": 2,
        "timestamp": STAMP,
        "source": "p",
        "category": "rate_abuse",
    },
}
ABSENT = object()


def changed(value: Any, path: list[str | int], to: Any) -> Any:
    """A copy with another value at a path, or without what is there."""
    value = json.loads(json.dumps(value))
    place = value
    for step in path[:-1]:
        place = place[step]
    if to is ABSENT:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return value


def complaint(decode: Any, *arguments: Any) -> str:
    with pytest.raises(MessageError) as caught:
        decode(*arguments)
    return str(caught.value)


# The rows of a table stay on one line each, however long.
# ruff: noqa: E501

# What goes out


def test_an_event_is_written_compactly_with_the_contracts_keys_in_order() -> None:
    assert encode_event(FileDeleted("file_hash", "node_id", Timestamp(0)), NOW) == (
        b'{"type":"file_deleted","topic":"file_operations","data":{"key":"file_hash","node":"node_id",'
        b'"timestamp":"1970-01-01T00:00:00.000Z"},"timestamp":"2024-01-01T00:00:00.123Z"}'
    )


def test_an_event_is_the_same_as_a_message_unless_it_is_for_one_client() -> None:
    payload = FileDeleted("k", "n", NOW)
    text = encode_event(payload, NOW)
    assert encode_server_message(Event(payload, NOW)) == text
    assert encode_server_message(Event(payload, NOW, CLIENT)) == text[:-1] + b',"clientId":"%b"}' % CLIENT.encode()


def test_many_events_are_written_as_each_alone() -> None:
    payloads = [
        FileDeleted("a", "n", NOW),
        NetworkAlert("info", "é", "m", 1.5, 1.0, NOW, []),
        FileDeleted("b", "n", NOW),
    ]
    for instants in ([0, 999, 1_000], [5, 5, 5], [1_500, 70_000, 9_999_999_999]):
        assert list(encode_events(payloads, instants)) == [
            encode_event(payload, Timestamp(at)) for payload, at in zip(payloads, instants, strict=True)
        ]
    assert list(encode_events([], [])) == []


def test_a_payload_alone_is_what_stands_under_data() -> None:
    alert = NetworkAlert("warning", 'é"\n', "latency", 1.5, 1.0, NOW, ["p", "q"])
    assert encode_payload(alert).decode() == (
        '{"level":"warning","message":"é\\"\\n","metric":"latency","value":1.5,"threshold":1.0,'
        '"timestamp":"2024-01-01T00:00:00.123Z","peers":["p","q"]}'
    )
    assert encode_payload(alert) in encode_event(alert, NOW)


def test_absent_fields_are_left_out() -> None:
    alert = StorageAlert("info", "m", "storage_usage", 1.0, 2.0, NOW)
    assert b"node" not in encode_payload(alert)
    assert encode_server_message(Pong(NOW)) == b'{"type":"pong","timestamp":"2024-01-01T00:00:00.123Z"}'


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (
            Pong(NOW, CLIENT),
            f'{{"type":"pong","timestamp":"2024-01-01T00:00:00.123Z","clientId":"{CLIENT}"}}',
        ),
        (
            ErrorMessage.of(ErrorCode.INVALID_MESSAGE, "type: expected more", NOW, client_id=CLIENT),
            '{"type":"error","data":{"code":"INVALID_MESSAGE","message":"Message format is invalid: type: expected '
            f'more"}},"timestamp":"2024-01-01T00:00:00.123Z","clientId":"{CLIENT}"}}',
        ),
        (
            ErrorMessage.of(ErrorCode.RATE_LIMIT_EXCEEDED, None, NOW, retry_after=60),
            '{"type":"error","data":{"code":"RATE_LIMIT_EXCEEDED","message":"Rate limit exceeded. Please slow down '
            'your requests.","retryAfter":60},"timestamp":"2024-01-01T00:00:00.123Z"}',
        ),
    ],
)
def test_an_answer_is_written_with_the_contracts_keys_in_order(message: Pong | ErrorMessage, text: str) -> None:
    assert encode_server_message(message).decode() == text
    assert decode_server_message(text) == type(message)(
        **{name: getattr(message, name) for name in message.__struct_fields__}
        | {"timestamp": Timestamp.parse(NOW.text)}
    )


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (Subscribe(Topic.ALERTS), '{"type":"subscribe","topic":"alerts"}'),
        (Unsubscribe(Topic.SYSTEM), '{"type":"unsubscribe","topic":"system"}'),
        (Auth("t0ken"), '{"type":"auth","data":{"token":"t0ken"}}'),
        (Ping(), '{"type":"ping"}'),
    ],
)
def test_a_client_message_is_written_in_the_documented_form(message: Any, text: str) -> None:
    assert encode_client_message(message).decode() == text
    assert decode_client_message(text) == message


# What comes in: from a server


@pytest.mark.parametrize(("event_type", "data"), VALID.items())
def test_the_examples_of_this_file_are_valid(event_type: str, data: dict[str, Any]) -> None:
    topic = EVENT_TYPES[event_type].topic
    event = decode_server_message(json.dumps({"timestamp": STAMP, "data": data, "topic": topic, "type": event_type}))
    assert isinstance(event, Event)
    assert event.data == decode_payload(event_type, json.dumps(data))
    assert event.type == event_type


@pytest.mark.parametrize(
    ("event_type", "path", "value", "text"),
    [
        # missing
        ("file_uploaded", ["key"], ABSENT, "data.key: expected a string; got nothing"),
        ("file_uploaded", ["timestamp"], ABSENT, "data.timestamp: expected an RFC 3339 time; got nothing"),
        ("file_replicated", ["status"], ABSENT, "data.status: expected one of SYNCED, SYNCING, FAILED, PENDING; got nothing"),
        ("system_metrics", ["storage"], ABSENT, "data.storage: expected an object; got nothing"),
        ("system_metrics", ["storage", "usedSpace"], ABSENT, "data.storage.usedSpace: expected a whole number; got nothing"),
        ("network_topology_changed", ["clusters", 0, "leader"], ABSENT, "data.clusters[0].leader: expected a string; got nothing"),
        # wrong type
        ("file_uploaded", ["key"], 7, "data.key: expected a string; got 7"),
        ("file_uploaded", ["key"], None, "data.key: expected a string; got null"),
        ("file_uploaded", ["size"], "big", 'data.size: expected a whole number; got "big"'),
        ("file_uploaded", ["size"], 1.5, "data.size: expected a whole number; got 1.5"),
        ("file_uploaded", ["size"], True, "data.size: expected a whole number; got true"),
        ("peer_health_changed", ["isHealthy"], 1, "data.isHealthy: expected true or false; got 1"),
        ("peer_health_changed", ["uptime"], "5s", 'data.uptime: expected a number; got "5s"'),
        ("peer_health_changed", ["errors"], {}, "data.errors: expected an array; got {}"),
        ("system_metrics", ["network"], [], "data.network: expected an object; got []"),
        ("system_metrics", ["performance", "requestsPerSecond"], None, "data.performance.requestsPerSecond: expected a number; got null"),
        # ranges
        ("file_uploaded", ["size"], -1, "data.size: expected a whole number >= 0; got -1"),
        ("file_uploaded", ["size"], 2**53, "data.size: expected a whole number <= 9007199254740991; got 9007199254740992"),
        ("peer_connected", ["port"], 65_536, "data.port: expected a whole number <= 65535; got 65536"),
        ("performance_metrics", ["errorRate"], 1.1, "data.errorRate: expected a number <= 1.0; got 1.1"),
        ("performance_metrics", ["cpuUsage"], 100.5, "data.cpuUsage: expected a number <= 100.0; got 100.5"),
        ("performance_metrics", ["memoryUsage"], -0.5, "data.memoryUsage: expected a number >= 0.0; got -0.5"),
        # one of a few words
        ("security_alert", ["level"], "fatal", 'data.level: expected one of info, warning, critical; got "fatal"'),
        ("security_alert", ["level"], 3, "data.level: expected a string; got 3"),
        (
            "peer_health_changed",
            ["previousStatus"],
            "online",
            'data.previousStatus: expected one of ONLINE, DEGRADED, OFFLINE, UNKNOWN; got "online"',
        ),
        # in lists
        ("file_updated", ["tags", 1], 5, "data.tags[1]: expected a string; got 5"),
        ("network_topology_changed", ["clusters", 0], "c", 'data.clusters[0]: expected an object; got "c"'),
        ("network_topology_changed", ["clusters", 0, "size"], -2, "data.clusters[0].size: expected a whole number >= 0; got -2"),
        ("network_topology_changed", ["clusters", 0, "nodes", 1], None, "data.clusters[0].nodes[1]: expected a string; got null"),
        # timestamps
        ("file_uploaded", ["timestamp"], "yesterday", f'data.timestamp: expected {RFC_3339}; got "yesterday"'),
        ("file_uploaded", ["timestamp"], 1_704_067_200, f"data.timestamp: expected {RFC_3339}; got 1704067200"),
        (
            "peer_health_changed",
            ["lastHeartbeat"],
            "2024-02-30T00:00:00Z",
            "data.lastHeartbeat: expected a date and a time of day that exist, in the years 1 to 9999; "
            'got "2024-02-30T00:00:00Z"',
        ),
        (
            "file_uploaded",
            ["timestamp"],
            "2024-01-01T00:00:00+25:00",
            'data.timestamp: expected a zone offset between -23:59 and +23:59; got "2024-01-01T00:00:00+25:00"',
        ),
        # long values are cut
        ("file_uploaded", ["size"], "x" * 100, f'data.size: expected a whole number; got "{"x" * 59}…'),
    ],
)  # fmt: skip
def test_a_wrong_payload_says_where_what_was_expected_and_what_was_found(
    event_type: str, path: list[str | int], value: Any, text: str
) -> None:
    data = changed(VALID[event_type], path, value)
    assert complaint(decode_payload, event_type, json.dumps(data)) == text
    envelope = {"type": event_type, "topic": EVENT_TYPES[event_type].topic, "data": data, "timestamp": STAMP}
    assert complaint(decode_server_message, json.dumps(envelope)) == text


UPLOADED = {"type": "file_uploaded", "topic": "file_operations", "data": VALID["file_uploaded"], "timestamp": STAMP}
ERROR = {"type": "error", "data": {"code": "AUTH_FAILED", "message": "m"}, "timestamp": STAMP}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([], "expected an object; got []"),
        (None, "expected an object; got null"),
        ({}, "type: expected a string; got nothing"),
        (changed(UPLOADED, ["type"], 1), "type: expected a string; got 1"),
        (changed(UPLOADED, ["type"], "boom"), f'type: expected one of {ALL_TYPES}, pong, error; got "boom"'),
        (changed(UPLOADED, ["type"], "subscribe"), f'type: expected one of {ALL_TYPES}, pong, error; got "subscribe"'),
        (changed(UPLOADED, ["timestamp"], ABSENT), "timestamp: expected an RFC 3339 time; got nothing"),
        (changed(UPLOADED, ["timestamp"], "now"), f'timestamp: expected {RFC_3339}; got "now"'),
        (changed(UPLOADED, ["topic"], ABSENT), "topic: expected a string; got nothing"),
        (changed(UPLOADED, ["topic"], None), "topic: expected a string; got null"),
        (changed(UPLOADED, ["topic"], "alerts"), 'topic: expected "file_operations" for file_uploaded; got "alerts"'),
        (changed(UPLOADED, ["data"], ABSENT), "data: expected an object; got nothing"),
        (changed(UPLOADED, ["data"], "x"), 'data: expected an object; got "x"'),
        ({**UPLOADED, "clientId": 5}, "clientId: expected a string; got 5"),
        (changed(ERROR, ["data"], ABSENT), "data: expected an object; got nothing"),
        (changed(ERROR, ["data", "code"], ABSENT), "data.code: expected one of CONNECTION_REFUSED, AUTH_FAILED, INVALID_MESSAGE, RATE_LIMIT_EXCEEDED; got nothing"),
        (changed(ERROR, ["data", "code"], "OOPS"), 'data.code: expected one of CONNECTION_REFUSED, AUTH_FAILED, INVALID_MESSAGE, RATE_LIMIT_EXCEEDED; got "OOPS"'),
        (changed(ERROR, ["data", "message"], None), "data.message: expected a string; got null"),
        (changed(ERROR, ["data", "retryAfter"], 1.5), "data.retryAfter: expected a whole number; got 1.5"),
    ],
)  # fmt: skip
def test_a_wrong_server_message_says_where_what_was_expected_and_what_was_found(value: Any, text: str) -> None:
    assert complaint(decode_server_message, json.dumps(value)) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("", "expected JSON; got Input data was truncated"),
        ("hello", "expected JSON; got invalid character (byte 0)"),
        ('{"type":"pong","timestamp":"' + STAMP + '"}{}', "expected JSON; got trailing characters (byte 51)"),
        ('{"type":1,', "type: expected a string"),
        ('{"type":1e999}', "type: expected a number that a double can hold"),
        (b'{"type":"\xff"}', "expected text in UTF-8; got other bytes"),
        ("\ud800", "expected text in UTF-8; got other bytes"),
        # So deep that no Python's C stack takes it: what comes to its end before that is truncated, no more.
        ('{"type":"pong","x":' + "[" * 1_000_000, "expected at most 64 levels of nesting; got more"),
    ],
)
def test_what_is_no_json_is_refused_from_a_server(raw: str | bytes, text: str) -> None:
    assert complaint(decode_server_message, raw) == text


def test_a_complaint_about_a_key_that_comes_twice_shows_no_value_it_does_not_mean() -> None:
    data = '{"clusters":[{"id":1}],"clusters":[]}'
    assert complaint(decode_payload, "network_topology_changed", data) == "data.clusters[0].id: expected a string"


def test_a_message_error_from_the_codec_carries_its_facts() -> None:
    with pytest.raises(MessageError) as caught:
        decode_payload("file_uploaded", '{"key":5}')
    assert (caught.value.path, caught.value.expected, caught.value.found) == ("data.key", "a string", "5")


def test_a_payload_of_a_type_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        decode_payload("file_eaten", "{}")


def test_unknown_fields_from_a_server_are_ignored_and_timestamps_may_have_any_form() -> None:
    value = {**UPLOADED, "new": {"a": [1]}, "timestamp": "2024-01-01T01:00:00.123456789+01:00", "clientId": CLIENT}
    event = decode_server_message(json.dumps(value))
    assert isinstance(event, Event)
    assert event.timestamp == Timestamp(1_704_067_200_123_456)
    assert event.client_id == CLIENT


# What comes in: from a client


def test_client_types_are_those_of_the_contract() -> None:
    assert CLIENT_TYPES == ("subscribe", "unsubscribe", "auth", "connection_init", "ping")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (' \r\n\t{"type" : "subscribe", "topic" : "alerts"} \n', Subscribe(Topic.ALERTS)),
        ('{"type":"subscribe","topic":"alerts","data":"alerts"}', Subscribe(Topic.ALERTS)),
        ('{"type":"subscribe","topic":"alerts","timestamp":5,"clientId":[],"x":1e999}', Subscribe(Topic.ALERTS)),
        ('{"type":"ping","type":"subscribe","topic":"nope","topic":"system"}', Subscribe(Topic.SYSTEM)),
        ('{"type":"connection_init","data":{"token":"t"}}', Auth("t")),
        ('{"type":"auth","data":{"token":1,"token":"t","more":null}}', Auth("t")),
        ('{"type":"ping","topic":7,"data":"\\ud800"}', Ping()),
        ('{"type":"ping","x":' + "[" * 63 + "]" * 63 + "}", Ping()),
        ('{"type":"ping","x":"' + "[{" * 100 + '"}', Ping()),
        ('{"\\u0074ype":"ping"}', Ping()),
    ],
)
def test_what_the_contract_allows_a_client_is_read(text: str, message: Any) -> None:
    assert decode_client_message(text) == message
    assert decode_client_message(text.encode()) == message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # not one JSON object
        ("", "expected one JSON object; got none at character 0 (Expecting value)"),
        ("hello", "expected one JSON object; got none at character 0 (Expecting value)"),
        ('{"type":', "expected one JSON object; got none at character 8 (Expecting value)"),
        ('{"type":"ping"}{}', "expected one JSON object; got none at character 15 (Extra data)"),
        ("\ufeff{}", "expected one JSON object; got none at character 0 (Expecting value)"),
        ('{"type":NaN}', "expected one JSON object; got a number that JSON does not have"),
        ('{"type":-Infinity}', "expected one JSON object; got a number that JSON does not have"),
        ('{"type":' + "9" * 5_000 + "}", "expected one JSON object; got a number that JSON does not have"),
        ("[]", "expected one JSON object; got an array"),
        ("null", "expected one JSON object; got null"),
        ("true", "expected one JSON object; got a boolean"),
        ("5", "expected one JSON object; got a number"),
        ("5.5", "expected one JSON object; got a number"),
        ('"ping"', "expected one JSON object; got a string"),
        (b'{"type":"\xff"}', "expected text in UTF-8; got other bytes at 9 (invalid start byte)"),
        ('{"type":"ping","x":' + "[" * 64 + "]" * 64 + "}", "expected at most 64 levels of nesting; got more"),
        ('{"type":"ping","x":' + "[" * 100_000, "expected at most 64 levels of nesting; got more"),
        # type
        ("{}", f"type: expected one of {CLIENT_TYPES_TEXT}; got nothing"),
        ('{"type":null}', f"type: expected one of {CLIENT_TYPES_TEXT}; got null"),
        ('{"type":["ping"]}', f'type: expected one of {CLIENT_TYPES_TEXT}; got ["ping"]'),
        ('{"type":"Ping"}', f'type: expected one of {CLIENT_TYPES_TEXT}; got "Ping"'),
        ('{"type":"file_uploaded"}', f'type: expected one of {CLIENT_TYPES_TEXT}; got "file_uploaded"'),
        ('{"type":"\\ud800"}', f'type: expected one of {CLIENT_TYPES_TEXT}; got "\\ud800"'),
        # topic
        ('{"type":"subscribe"}', f"topic: expected one of {TOPICS_TEXT}; got nothing"),
        ('{"type":"unsubscribe"}', f"topic: expected one of {TOPICS_TEXT}; got nothing"),
        ('{"type":"subscribe","data":"alerts"}', f"topic: expected one of {TOPICS_TEXT}; got nothing"),
        ('{"type":"subscribe","topic":5}', f"topic: expected one of {TOPICS_TEXT}; got 5"),
        ('{"type":"subscribe","topic":"alert"}', f'topic: expected one of {TOPICS_TEXT}; got "alert"'),
        ('{"type":"subscribe","topic":"' + "é" * 70 + '"}', f'topic: expected one of {TOPICS_TEXT}; got "{"é" * 59}…'),
        # token, which is never shown
        ('{"type":"auth"}', "data: expected an object with the token; got nothing"),
        ('{"type":"auth","data":null}', "data: expected an object with the token; got null"),
        ('{"type":"auth","data":"s3cret"}', "data: expected an object with the token; got a string"),
        ('{"type":"auth","data":["s3cret"]}', "data: expected an object with the token; got an array"),
        ('{"type":"auth","data":{}}', "data.token: expected a string; got nothing"),
        ('{"type":"auth","data":{"token":53}}', "data.token: expected a string; got a number"),
        ('{"type":"connection_init","data":{"token":true}}', "data.token: expected a string; got a boolean"),
        ('{"type":"auth","data":{"token":{"s":"3cret"}}}', "data.token: expected a string; got an object"),
        ('{"type":"auth","data":{"token":"s3cret"', "expected one JSON object; got none at character 39 (Expecting ',' delimiter)"),
    ],
)  # fmt: skip
def test_a_wrong_client_message_says_where_what_was_expected_and_what_was_found(
    text: str | bytes, expected: str
) -> None:
    assert complaint(decode_client_message, text) == expected
    if isinstance(text, str):
        assert complaint(decode_client_message, text.encode()) == expected


def test_the_contracts_own_example_of_an_error_is_ours() -> None:
    with pytest.raises(MessageError) as caught:
        decode_client_message('{"type":"subscribe","topic":"alert"}')
    error = ErrorMessage.of(ErrorCode.INVALID_MESSAGE, str(caught.value), NOW)
    assert error.message == (
        'Message format is invalid: topic: expected one of file_operations, peer_network, system, alerts; got "alert"'
    )
