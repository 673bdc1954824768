"""Rules: what clients are answered, as a scenario's `when` does, added while a stage runs."""

from collections.abc import Callable
from functools import cache
from typing import Any

from msgspec import Struct

from pvws.answers import ActiveRule, Rules
from pvws.control.reading import Nothing, plain
from pvws.control.route import Call, Query, Reaching, Reading, Route
from pvws.control.told import rule_of
from pvws.notation.document import Node
from pvws.notation.schema import json_schema
from pvws.scenario.orders import read_rule
from pvws.scenario.timeline.step import TimelineStep

__all__ = ["ROUTES"]


def _read(node: Node) -> Any:
    rule = plain(node)
    read_rule(rule)
    return rule


class _Holder(Struct):
    step: TimelineStep


@cache
def _schema() -> dict[str, Any]:
    whole = json_schema(_Holder, title="", templates=True)
    step: dict[str, Any] = whole["properties"]["step"]
    return {"title": "A rule"} | step | {"$defs": whole.get("$defs", {})}


def _outline() -> dict[str, Any]:
    """What the document says of a rule: the whole schema, most of the scenario language, would be most of it."""
    return {
        "description": "A step of the scenario language that waits for a client; GET /v1/schema/rule has its schema.",
        "type": "object",
        "required": ["when", "do"],
        "properties": {"when": {"type": "object"}, "do": {"type": "string"}},
    }


_RULE = Reading("Rule", _read, _outline)


def _rules(call: Call[Nothing, Reaching]) -> Rules:
    """Those that hold, in the order in which they were added."""
    return Rules(rules=[rule_of(each) for each in call.stage.controller.rules.active()])


def _add_rule(call: Call[Any, Reaching]) -> ActiveRule:
    """Have a rule hold from now on: what a client does, and what then is done.

    It is written as in a scenario's timeline: `{"when": {"client": "sends", "match": "type == 'ping'"}, "times":
    "always", "in": "2s", "do": "reply", "type": "late"}`. For all nodes of a bus it holds at the
    source, else at this server.
    """
    return rule_of(call.stage.controller.rules.add(call.body))


def _rule(call: Call[Nothing, Reaching]) -> ActiveRule:
    """One that holds, and how many times it was met."""
    return rule_of(call.stage.controller.rules.rule(call.path["id"]))


def _remove_rule(call: Call[Nothing, Reaching]) -> ActiveRule:
    """Have a rule hold no more; what it has begun goes on."""
    return rule_of(call.stage.controller.rules.remove(call.path["id"]))


def _clear_rules(call: Call[Nothing, Reaching]) -> Rules:
    """Have no rule hold any more; which ones did."""
    rules = call.stage.controller.rules
    ended = Rules(rules=[rule_of(each) for each in rules.active()])
    rules.clear()
    return ended


def _rule_schema(call: Call[Nothing, Query]) -> dict[str, Any]:
    """The JSON Schema of a rule."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:pvws:schema:rule:1"} | _schema()


def _is_for_all(call: Call[Any, Reaching]) -> bool:
    return call.everywhere


def _route(method: str, path: str, handle: Callable[[Any], Any], answer: Any, **more: Any) -> Route:
    return Route(
        method=method,
        path=path,
        tag="rules",
        handle=handle,
        query=Reaching,
        answer=answer,
        of_source=_is_for_all,
        **more,
    )


ROUTES = (
    _route("GET", "/v1/rules", _rules, Rules),
    _route("POST", "/v1/rules", _add_rule, ActiveRule, body=_RULE, status=201, problems=("conflict", "too-many")),
    _route("DELETE", "/v1/rules", _clear_rules, Rules),
    _route("GET", "/v1/rules/{id}", _rule, ActiveRule, problems=("unknown",)),
    _route("DELETE", "/v1/rules/{id}", _remove_rule, ActiveRule, problems=("unknown",)),
    Route(method="GET", path="/v1/schema/rule", tag="rules", handle=_rule_schema, answer=dict[str, Any]),
)
"""What this file serves."""
