"""Rules: what clients are answered, as a scenario's `when` does, added while a stage runs."""

from functools import cache
from typing import Any

from msgspec import Struct

from pvws.answers import ActiveRule, Rules
from pvws.control.reading import Nothing, plain
from pvws.control.route import Call, Query, Reading, Route
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


def _rules(call: Call[Nothing, Query]) -> Rules:
    """Those that hold, in the order in which they were added."""
    return Rules(rules=[rule_of(each) for each in call.stage.controller.rules.active()])


def _add_rule(call: Call[Any, Query]) -> ActiveRule:
    """Have a rule hold from now on: what a client does, and what then is done.

    It is written as in a scenario's timeline: `{"when": {"client": "sends", "match": "type == 'ping'"}, "times":
    "always", "in": "2s", "do": "reply", "type": "late"}`.
    """
    return rule_of(call.stage.controller.rules.add(call.body))


def _rule(call: Call[Nothing, Query]) -> ActiveRule:
    """One that holds, and how many times it was met."""
    return rule_of(call.stage.controller.rules.rule(call.path["id"]))


def _remove_rule(call: Call[Nothing, Query]) -> ActiveRule:
    """Have a rule hold no more; what it has begun goes on."""
    return rule_of(call.stage.controller.rules.remove(call.path["id"]))


def _clear_rules(call: Call[Nothing, Query]) -> Rules:
    """Have no rule hold any more; which ones did."""
    rules = call.stage.controller.rules
    ended = Rules(rules=[rule_of(each) for each in rules.active()])
    rules.clear()
    return ended


def _rule_schema(call: Call[Nothing, Query]) -> dict[str, Any]:
    """The JSON Schema of a rule."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:pvws:schema:rule:1"} | _schema()


ROUTES = (
    Route(method="GET", path="/v1/rules", tag="rules", handle=_rules, answer=Rules),
    Route(
        method="POST",
        path="/v1/rules",
        tag="rules",
        handle=_add_rule,
        body=_RULE,
        answer=ActiveRule,
        status=201,
        problems=("conflict", "too-many"),
    ),
    Route(method="DELETE", path="/v1/rules", tag="rules", handle=_clear_rules, answer=Rules),
    Route(method="GET", path="/v1/rules/{id}", tag="rules", handle=_rule, answer=ActiveRule, problems=("unknown",)),
    Route(
        method="DELETE",
        path="/v1/rules/{id}",
        tag="rules",
        handle=_remove_rule,
        answer=ActiveRule,
        problems=("unknown",),
    ),
    Route(method="GET", path="/v1/schema/rule", tag="rules", handle=_rule_schema, answer=dict[str, Any]),
)
"""What this file serves."""
