import json

import pytest

from pvws.client.events import Event, Unknown
from pvws.client.happenings import Received
from pvws.timestamp import Timestamp
from pvws.wire.events import FileDeleted
from pvws.wire.topics import Topic

TIME = "2024-01-01T00:00:00.000Z"
DELETED = {"key": "k", "node": "n", "timestamp": TIME}


def event(**fields: object) -> Event:
    return Event(Received(json.dumps({"timestamp": TIME} | fields), 1_704_067_200.25))


def test_a_known_event_is_typed() -> None:
    found = event(type="file_deleted", topic="file_operations", data=DELETED)
    assert found.data == FileDeleted("k", "n", Timestamp.parse(TIME))
    assert (found.type, found.topic, found.timestamp) == ("file_deleted", Topic.FILE_OPERATIONS, Timestamp.parse(TIME))
    assert (found.at, found.lag_s, found.inferred) == (1_704_067_200.25, 0.25, False)
    assert found.text.startswith('{"timestamp"')


def test_a_broadcast_is_typed_where_it_can_be_told() -> None:
    found = event(type="broadcast", topic="file_operations", data=DELETED)
    assert isinstance(found.data, FileDeleted)
    assert (found.type, found.inferred) == ("file_deleted", True)


def test_a_new_type_is_kept_with_its_data_and_what_is_known_of_it() -> None:
    found = event(type="file_renamed", topic="file_operations", data={"from": "a", "to": "b"})
    assert isinstance(found.data, Unknown)
    assert found.data.value == {"from": "a", "to": "b"}
    assert found.data.trouble.path == "type"
    assert (found.type, found.topic, found.timestamp, found.lag_s) == (
        "file_renamed",
        "file_operations",
        Timestamp.parse(TIME),
        0.25,
    )
    assert not found.inferred


def test_a_known_type_with_a_wrong_field_is_kept_and_says_which() -> None:
    found = event(type="file_deleted", topic="file_operations", data=DELETED | {"key": 7})
    assert isinstance(found.data, Unknown)
    assert str(found.data.trouble) == "data.key: expected a string; got 7"
    assert found.type == "file_deleted"


@pytest.mark.parametrize("text", ["no json", "", "\ud800", "[]", "7"])
def test_no_text_makes_any_attribute_raise(text: str) -> None:
    found = Event(Received(text, 0.0))
    assert isinstance(found.data, Unknown)
    assert (found.type, found.topic, found.timestamp, found.lag_s) == ("", None, None, None)
    assert found.text == text


def test_its_repr_says_what_it_is() -> None:
    found = event(type="file_deleted", topic="file_operations", data=DELETED)
    assert repr(found).startswith("Event(type='file_deleted', topic=<Topic.FILE_OPERATIONS: 'file_operations'>, data=")
