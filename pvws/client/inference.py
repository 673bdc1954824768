"""Which event a broadcast is: the shipped server does not say its type, but its topic and its data tell it. Pure.

That server writes `broadcast` where the documentation has the event's type (docs/upstream-profile.md, B1). Only what
can be told for certain is told: a wrong guess would be worse than none.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations

import msgspec

from pvws.wire.events import EVENT_TYPES, Payload

__all__ = ["BROADCAST", "METRIC_TYPES", "types_of"]

BROADCAST = "broadcast"
"""What the shipped server gives as the type of every event of a topic."""

METRIC_TYPES: dict[str, str] = {
    "storage_usage": "storage_alert",
    "memory_usage": "performance_alert",
    "cpu_usage": "performance_alert",
    "response_time": "performance_alert",
    "error_rate": "performance_alert",
}
"""The alert that each metric of the contract belongs to, where several types of alert have the same fields."""


def types_of(topic: str, data: Mapping[str, object]) -> tuple[str, ...]:
    """The event types that a broadcast of this topic may be: one if that is certain, several or none otherwise.

    A `type` within the data, which a producer may add, is believed. Otherwise the data must have exactly the fields
    of a type: with one more or less it may be something that the contract does not know, such as a replication in
    other words that has all the fields of an upload. Where types share their fields, the metric decides.
    """
    named = data.get("type")
    if isinstance(named, str) and named in EVENT_TYPES and EVENT_TYPES[named].topic == topic:
        return (named,)
    found = _SHAPES.get((topic, frozenset(data)), ())
    if len(found) > 1:
        by_metric = METRIC_TYPES.get(metric) if isinstance(metric := data.get("metric"), str) else None
        return (by_metric,) if by_metric in found else found
    return found


def _shapes(payload: type[Payload]) -> Iterable[frozenset[str]]:
    """Every set of fields that a payload of this type may have."""
    fields = msgspec.structs.fields(payload)
    required = frozenset(field.encode_name for field in fields if field.required)
    optional = [field.encode_name for field in fields if not field.required]
    for count in range(len(optional) + 1):
        for some in combinations(optional, count):
            yield required | frozenset(some)


def _table() -> dict[tuple[str, frozenset[str]], tuple[str, ...]]:
    table: dict[tuple[str, frozenset[str]], tuple[str, ...]] = {}
    for name, payload in EVENT_TYPES.items():
        for shape in _shapes(payload):
            place = (payload.topic.value, shape)
            table[place] = (*table.get(place, ()), name)
    return table


_SHAPES = _table()
