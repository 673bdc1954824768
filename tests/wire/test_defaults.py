"""Default payloads: whole, right, in the contract's order, and nobody's to change."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.errors import MessageError
from pvws.wire.codec import decode_payload, encode_payload
from pvws.wire.defaults import EXAMPLE_TIMESTAMP, completed, default_payload, unknown_fields
from pvws.wire.events import EVENT_TYPES


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_a_default_is_whole_and_in_the_order_of_the_contract(event_type: str) -> None:
    text = msgspec.json.encode(default_payload(event_type))
    assert encode_payload(decode_payload(event_type, text)) == text


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_every_time_in_it_is_the_one_that_was_asked_for(event_type: str) -> None:
    asked = default_payload(event_type, "2030-01-01T00:00:00.000Z")
    assert "2024" not in str(asked)
    assert ("2030" in str(asked)) == (event_type != "system_metrics")
    assert EXAMPLE_TIMESTAMP == "2024-01-01T00:00:00.000Z"


def test_who_changes_a_default_changes_no_other() -> None:
    first = default_payload("network_topology_changed")
    first["clusters"][0]["nodes"].clear()
    default_payload("system_metrics")["storage"].clear()
    assert default_payload("network_topology_changed")["clusters"][0]["nodes"]
    assert default_payload("system_metrics")["storage"]


def test_figures_of_a_default_agree_with_each_other() -> None:
    storage = default_payload("storage_metrics")
    assert storage["usedSpace"] + storage["availableSpace"] == storage["totalSpace"]
    for event_type in ("performance_alert", "security_alert", "storage_alert", "network_alert"):
        alert = default_payload(event_type)
        assert alert["level"] == "warning"
        assert alert["value"] >= alert["threshold"]


@pytest.mark.parametrize(
    "ask", [default_payload, lambda name: completed(name, {}, ""), lambda name: unknown_fields(name, {})]
)
def test_an_event_type_that_does_not_exist_has_none(ask: object) -> None:
    with pytest.raises(KeyError):
        ask("file_eaten")  # type: ignore[operator]


def test_what_is_said_takes_the_place_of_the_default() -> None:
    whole = completed("file_deleted", {"color": "red", "key": "k"}, "now")
    assert whole == default_payload("file_deleted", "now") | {"key": "k", "color": "red"}
    assert list(whole) == ["key", "node", "timestamp", "color"]


def test_objects_are_completed_inside_and_in_lists() -> None:
    default = default_payload("system_metrics")
    assert completed("system_metrics", {"storage": {"usedSpace": 1}}, "") == default | {
        "storage": default["storage"] | {"usedSpace": 1}
    }
    clusters = completed("network_topology_changed", {"clusters": [{"size": 7}, 3]}, "")["clusters"]
    assert clusters == [default_payload("network_topology_changed")["clusters"][0] | {"size": 7}, 3]


@pytest.mark.parametrize(
    ("event_type", "data"),
    [
        ("network_topology_changed", {"clusters": 3}),
        ("network_topology_changed", {"clusters": {}}),
        ("network_topology_changed", {"clusters": [[{}]]}),
        ("system_metrics", {"storage": None}),
        ("system_metrics", {"storage": [{}]}),
    ],
)
def test_what_has_another_shape_is_left_for_the_codec_to_refuse(event_type: str, data: dict[str, object]) -> None:
    whole = completed(event_type, data, EXAMPLE_TIMESTAMP)
    assert whole == default_payload(event_type) | data
    with pytest.raises(MessageError):
        decode_payload(event_type, msgspec.json.encode(whole))


def test_what_was_said_is_left_as_it_is() -> None:
    said = {"storage": {"usedSpace": 1}}
    completed("system_metrics", said, "")
    assert said == {"storage": {"usedSpace": 1}}


def test_unknown_fields_are_found_with_those_that_there_are() -> None:
    data = {"totalNodes": 1, "clusters": [{"id": "x"}, {"leder": 1}, 7], "cluster": []}
    assert list(unknown_fields("network_topology_changed", data)) == [
        (("clusters", 1, "leder"), ["id", "nodes", "leader", "size"]),
        (
            ("cluster",),
            ["totalNodes", "connectedNodes", "averageLatency", "networkDiameter", "clusters", "timestamp"],
        ),
    ]
    assert list(unknown_fields("storage_alert", {"node": "x"})) == []
    assert [keys for keys, _ in unknown_fields("system_metrics", {"storage": {"used": 1}})] == [("storage", "used")]


_NAMES = ["storage", "clusters", "usedSpace", "id", "nodes", "size", "key", "level", "x", "timestamp"]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=3),
)


@given(st.sampled_from(list(EVENT_TYPES)), st.dictionaries(st.sampled_from(_NAMES), _JSON, max_size=5))
def test_whatever_is_said_it_is_completed_to_a_payload_or_to_what_the_codec_refuses(
    event_type: str, data: dict[str, object]
) -> None:
    list(unknown_fields(event_type, data))
    whole = completed(event_type, data, EXAMPLE_TIMESTAMP)
    assert whole.keys() == default_payload(event_type).keys() | data.keys()
    try:
        decode_payload(event_type, msgspec.json.encode(whole))
    except MessageError as error:
        assert error.path.startswith("data")
