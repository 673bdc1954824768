"""The OpenAPI 3.1 document of the control plane, made of the table of routes and the types that they read and give."""

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from inspect import getdoc
from typing import Any

import msgspec
from msgspec import Struct

from pvws import __version__
from pvws.answers import ProblemDocument
from pvws.control.problems import KINDS
from pvws.control.route import Reading, Route
from pvws.notation.forms import fields
from pvws.notation.schema import json_schema
from pvws.timestamp import Timestamp

__all__ = ["document"]

_REFERENCE = "#/components/schemas/{name}"
_TAGS = {
    "server": "What serves, and its end.",
    "worlds": "Stages beside the main one: made, leased, renewed and ended.",
    "state": "How a stage is doing, and what is true in its world.",
    "clients": "Who is here, what they sent, and what they are sent.",
    "clock": "Stage time: held, moved and set.",
    "scenario": "What plays.",
    "faults": "What networks and servers do to clients in real life.",
    "rules": "What clients are answered.",
    "events": "What happens, as it happens.",
    "world": "What is true in the simulated network.",
}
_ALWAYS = ("query", "unknown-world", "wrong-host", "cross-site", "mistake")
_WITH_BODY = ("syntax", "invalid", "too-large", "content-type", "slow-request")
_WHILE_WAITING = ("stopping",)
_AT_THE_SOURCE = ("no-source", "silent-source")


def document(table: Sequence[Route]) -> dict[str, Any]:
    """The document that describes a table of routes."""
    schemas: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = {}
    for route in table:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    _answer_schema(ProblemDocument, schemas)
    used = {route.tag for route in table}
    about_token = "Needed where the control plane listens beyond loopback, or was given a token."
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "The control plane of pvws",
            "version": __version__,
            "summary": "Steers a running test-bed for clients of the PeerVault WebSocket API.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": about} for name, about in _TAGS.items() if name in used],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": about_token}},
        },
        "security": [{}, {"token": []}],
    }


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    summary, _, description = (getdoc(route.handle) or "").partition("\n")
    said: dict[str, Any] = {"operationId": _camel(route.name, route.tag), "tags": [route.tag], "summary": summary}
    if description.strip():
        said["description"] = " ".join(description.split())
    said["parameters"] = [*_path_parameters(route.path), *_query_parameters(route.query, schemas)]
    if route.takes_body:
        if isinstance(route.body, Reading):
            schema, required = _put(route.body.name, route.body.schema(), schemas), True
        else:
            schema = _body_schema(route.body, schemas)
            required = any(field.is_required for field in fields(route.body))
        said["requestBody"] = {"required": required, "content": {"application/json": {"schema": schema}}}
    said["responses"] = dict(sorted(_responses(route, schemas).items()))
    return said


def _responses(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    content = {route.media: {"schema": _answer_schema(route.answer, schemas)}}
    found: dict[str, Any] = {str(route.status): {"description": HTTPStatus(route.status).phrase, "content": content}}
    for status, about in route.also.items():
        found[str(status)] = {"description": about, "content": content}
    kinds = [*_ALWAYS, *route.problems]
    kinds += _WITH_BODY if route.takes_body else ()
    kinds += _WHILE_WAITING if route.waits or route.of_source or route.merge else ()
    kinds += _AT_THE_SOURCE if route.of_source else ()
    by_status: dict[int, list[str]] = {401: ["unauthorised"]}
    for kind in kinds:
        by_status.setdefault(KINDS[kind][0], []).append(kind)
    problem = {"application/problem+json": {"schema": {"$ref": _REFERENCE.format(name="ProblemDocument")}}}
    for status, names in by_status.items():
        about = "; ".join(f"{KINDS[kind][1]} (`{kind}`)" for kind in dict.fromkeys(names))
        found[str(status)] = {"description": about, "content": problem}
    return found


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _query_parameters(kind: type[Struct], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    name = kind.__name__.lstrip("_")
    schema = _taken_in(name, json_schema(kind, title=name), schemas)
    required = schema.get("required", ())
    found = []
    for name, each in schema["properties"].items():
        about = each.pop("description", None)
        said = {"name": name, "in": "query", "required": name in required, "schema": each}
        found.append(said if about is None else said | {"description": about})
    return found


def _body_schema(kind: type[Struct], schemas: dict[str, Any]) -> dict[str, Any]:
    """The schema of what is read, put beside all others."""
    name = kind.__name__.lstrip("_")
    return _put(name, json_schema(kind, title=name), schemas)


def _put(name: str, schema: Mapping[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Put a schema beside all others, and its definitions, under names of their own; gives a reference to it."""
    schemas[name] = _taken_in(name, schema, schemas)
    return {"$ref": _REFERENCE.format(name=name)}


def _taken_in(name: str, schema: Mapping[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """A schema without definitions, which are put beside all others."""
    names = {f"#/$defs/{inner}": f"{name}.{_plain(inner)}" for inner in schema.get("$defs", {})}
    for inner, definition in schema.get("$defs", {}).items():
        schemas[names[f"#/$defs/{inner}"]] = _moved(definition, names)
    rest = {key: value for key, value in schema.items() if key not in ("$schema", "$id", "$defs", "title")}
    moved: dict[str, Any] = _moved(rest, names)
    return moved


def _answer_schema(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """The schema of what is answered."""
    if kind is str:
        return {"type": "string"}
    (schema,), found = msgspec.json.schema_components([kind], schema_hook=_time_schema, ref_template=_REFERENCE)
    schemas.update(found)
    return dict(schema)


def _time_schema(kind: type) -> dict[str, Any]:
    assert kind is Timestamp, f"no answer has a {kind.__name__}"
    return {"type": "string", "format": "date-time"}


def _moved(value: Any, names: Mapping[str, str]) -> Any:
    """A schema with references to where definitions are now, and JSON's own ideas of what a text and a truth are."""
    if isinstance(value, list):
        return [_moved(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    if isinstance(reference := value.get("$ref"), str):
        value = value | {"$ref": _REFERENCE.format(name=names[reference])}
    if value.get("enum") == [True, False, "on", "off"]:
        value = {key: each for key, each in value.items() if key != "enum"} | {"type": "boolean"}
    if value.get("type") == ["string", "number"]:
        value = value | {"type": "string"}
    return {key: _moved(each, names) for key, each in value.items()}


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", name)


def _camel(*parts: str) -> str:
    words: Iterable[str] = [word for part in parts for word in part.split("_")]
    first, *rest = dict.fromkeys(words)
    return first + "".join(word.title() for word in rest)
