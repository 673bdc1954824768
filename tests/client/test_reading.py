import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.client.reading import Outline, outline, read_message
from pvws.errors import MessageError
from pvws.recording.raw_capture import read_raw_capture
from pvws.timestamp import Timestamp
from pvws.wire.codec import encode_event, encode_server_message
from pvws.wire.defaults import default_payload
from pvws.wire.events import EVENT_TYPES, Payload
from pvws.wire.messages import Event, ServerMessage
from pvws.wire.profiles import UPSTREAM
from pvws.wire.topics import Topic
from pvws.wire.upstream import upstream_text
from tests.property.strategies import payloads, server_messages

RECORDINGS = Path(__file__).parents[2] / "recordings" / "upstream"
TIME = "2024-01-01T00:00:00.000Z"


def read(text: str) -> ServerMessage | MessageError:
    return read_message(text)[0]


@given(server_messages)
def test_what_a_documented_server_sends_is_read_as_the_codec_reads_it(message: ServerMessage) -> None:
    assert read_message(encode_server_message(message).decode()) == (message, False)


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_each_event_in_the_shipped_servers_words_is_the_same_event(name: str) -> None:
    text = json.dumps(
        {"type": name, "topic": EVENT_TYPES[name].topic, "data": default_payload(name), "timestamp": TIME}
    )
    documented = read(text)
    shipped, inferred = read_message(upstream_text(text.encode(), 0, UPSTREAM).decode())
    assert isinstance(documented, Event)
    assert (shipped, inferred) == (documented, True)


def test_an_event_to_all_clients_has_its_type_and_no_topic() -> None:
    text = json.dumps({"type": "file_deleted", "data": default_payload("file_deleted"), "timestamp": TIME})
    message, inferred = read_message(text)
    assert isinstance(message, Event)
    assert (message.topic, inferred) == (Topic.FILE_OPERATIONS, False)


def test_the_recorded_streams_of_the_real_server_are_never_read_as_something_else() -> None:
    told: Counter[bool] = Counter()
    for name in ("normal", "bursts"):
        truth = defaultdict(list)
        for event in json.loads((RECORDINGS / f"{name}.truth.json").read_text("utf-8"))["events"]:
            truth[event["topic"]].append(event["type"])
        received = defaultdict(list)
        for message in read_raw_capture((RECORDINGS / f"{name}.jsonl").read_text("utf-8")).messages:
            for text in message.data.split("\n") if message.dir == "in" and message.opcode == "text" else ():
                if outline(text).type == "broadcast":
                    received[outline(text).topic or ""].append(read(text))
        for topic, messages in received.items():
            if len(messages) != len(truth[topic]):
                continue  # it was unsubscribed from for a while, so that places don't match
            for message, event_type in zip(messages, truth[topic], strict=True):
                told[isinstance(message, Event)] += 1
                assert isinstance(message, MessageError) or message.type == event_type
    assert told[True] > 200
    assert told[False] > 50  # the recorder made up fields of its own for some types


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        ("no json", "", "JSON"),
        ('{"type":"broadcast"', "", "JSON"),
        ('{"type":"broadcast","timestamp":"2024-01-01T00:00:00Z"}', "type", "one of"),
        ('{"type":"broadcast","topic":"system","data":[],"timestamp":"2024-01-01T00:00:00Z"}', "data", "an object"),
        (
            '{"type":"broadcast","topic":"system","data":{},"timestamp":"2024-01-01T00:00:00Z"}',
            "data",
            "fields that tell the type of a broadcast; got those of none",
        ),
        ('{"type":"file_renamed","topic":"system","timestamp":"2024-01-01T00:00:00Z"}', "type", "one of"),
        ('{"type":"file_deleted","timestamp":"2024-01-01T00:00:00Z"}', "topic", "a string"),
        ('{"type":"file_deleted","data":{},"timestamp":"2024-01-01T00:00:00Z"}', "data.key", "a string"),
        ('{"type":"broadcast","topic":"system","data":{},"timestamp":"soon"}', "timestamp", "an RFC 3339 time"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(text: str, path: str, said: str) -> None:
    error, inferred = read_message(text)
    assert isinstance(error, MessageError)
    assert (error.path, inferred) == (path, False)
    assert said in str(error)


def test_a_broadcast_that_may_be_two_things_says_which() -> None:
    data = default_payload("performance_alert") | {"metric": "disk_usage"}
    error = read(json.dumps({"type": "broadcast", "topic": "alerts", "data": data, "timestamp": TIME}))
    assert str(error).endswith("; got those of performance_alert and storage_alert alike")


@given(st.text() | st.builds(lambda value: json.dumps(value), st.recursive(st.none() | st.text(), st.lists)))
def test_no_text_raises_anything(text: str) -> None:
    read_message(text)
    outline(text)
    read_message(f'{{"type":"broadcast"{text}')


@given(payloads, st.integers(0, 400))
def test_no_broadcast_that_is_cut_short_raises_anything(payload: Payload, cut: int) -> None:
    read_message(upstream_text(encode_event(payload, Timestamp.parse(TIME)), 0, UPSTREAM).decode()[:cut])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no json", Outline("", None, None, None)),
        ("[1]", Outline("", None, None, [1])),
        ('{"type":1,"topic":2,"timestamp":3}', Outline("", None, None, None)),
        (
            f'{{"type":"file_renamed","topic":"files","data":{{"a":1}},"timestamp":"{TIME}"}}',
            Outline("file_renamed", "files", Timestamp.parse(TIME), {"a": 1}),
        ),
        ('{"timestamp":"soon"}', Outline("", None, None, None)),
    ],
)
def test_of_other_texts_as_much_is_told_as_can_be(text: str, found: Outline) -> None:
    assert outline(text) == found
