from itertools import combinations
from typing import Any

import msgspec
import pytest

from pvws.client.inference import METRIC_TYPES, types_of
from pvws.wire.events import EVENT_TYPES
from pvws.world.alerts import METRICS

COMMON = {"level": "warning", "message": "m", "value": 1, "threshold": 1, "timestamp": "2024-01-01T00:00:00Z"}


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_event_is_told_by_its_topic_and_fields(name: str) -> None:
    payload = EVENT_TYPES[name]
    fields: dict[str, Any] = {field.encode_name: None for field in msgspec.structs.fields(payload)}
    found = types_of(payload.topic, fields | {"metric": "made_up"} if "metric" in fields else fields)
    assert found == (name,) or set(found) == {"performance_alert", "storage_alert"}


def test_a_field_more_or_less_is_no_guess() -> None:
    upload = {"key": "k", "size": 1, "node": "n", "timestamp": "t"}
    assert types_of("file_operations", upload) == ("file_uploaded",)
    assert types_of("file_operations", upload | {"targetNode": "m", "replicas": 2}) == ()
    assert types_of("file_operations", {"key": "k", "node": "n"}) == ()


def test_the_same_fields_on_another_topic_are_something_else() -> None:
    assert types_of("alerts", {"key": "k", "node": "n", "timestamp": "t"}) == ()


def test_alerts_with_the_same_fields_are_told_by_the_metric_and_otherwise_not() -> None:
    assert types_of("alerts", COMMON | {"metric": "storage_usage"}) == ("storage_alert",)
    assert types_of("alerts", COMMON | {"metric": "cpu_usage"}) == ("performance_alert",)
    assert set(types_of("alerts", COMMON | {"metric": "disk_usage"})) == {"performance_alert", "storage_alert"}
    assert set(types_of("alerts", COMMON | {"metric": 7})) == {"performance_alert", "storage_alert"}
    assert types_of("alerts", COMMON | {"metric": "x", "node": "n"}) == ("storage_alert",)


def test_a_type_that_the_producer_put_into_the_data_is_believed_on_its_own_topic_alone() -> None:
    assert types_of("alerts", COMMON | {"metric": "x", "type": "security_alert"}) == ("security_alert",)
    assert types_of("system", {"type": "security_alert"}) == ()
    assert types_of("system", {"type": 5}) == ()


def test_the_metrics_known_are_those_of_our_world() -> None:
    told_otherwise = {"peer_storage_usage", "unreachable_peers"}  # these alerts have a node, or peers
    incidents = {"auth_failure", "unknown_peer", "integrity_violation", "rate_abuse"}  # and these a source
    assert METRIC_TYPES.keys() == METRICS.keys() - told_otherwise - incidents


def test_no_two_other_types_have_the_same_fields() -> None:
    alike = [
        {one, other}
        for one, other in combinations(EVENT_TYPES, 2)
        if EVENT_TYPES[one].topic == EVENT_TYPES[other].topic and _required(one) == _required(other)
    ]
    assert alike == [{"performance_alert", "storage_alert"}]


def _required(name: str) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(EVENT_TYPES[name]) if field.required}
