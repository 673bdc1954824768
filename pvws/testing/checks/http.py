"""The HTTP endpoints: what the server says about itself."""

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from pvws.testing.answer import Answer
from pvws.testing.rule import Section
from pvws.testing.talk import Talk
from pvws.testing.visit import Visit
from pvws.timestamp import Timestamp
from pvws.units import duration

__all__ = ["SECTION", "held_to_health", "held_to_metrics", "held_to_status"]

SECTION = Section("http")
"""`http.…`"""

_ENDPOINTS = 'contract, "HTTP endpoints"'
_ORIGINS = 'contract, "Origins"'
_SAMPLE = re.compile(r"[A-Za-z_:][\w:]*(\{[^}]*\})? [-+]?(\d+\.?\d*([eE][-+]?\d+)?|Inf|NaN)( -?[\d.]+)?")

_FIELDS = {"health": "status", "metrics": "fileserver", "status": "server"}  # one that no other endpoint has

_Check: TypeAlias = tuple[str, Callable[[Any], bool]]


def _is_timestamp(value: Any) -> bool:
    try:
        return isinstance(value, str) and Timestamp.parse(value) is not None
    except ValueError:
        return False


def _is_duration(value: Any) -> bool:
    try:
        return isinstance(value, str) and duration(value) >= 0
    except ValueError:
        return False


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _word(wanted: str) -> _Check:
    return f'"{wanted}"', lambda value: value == wanted


_TEXT: _Check = ("a string", lambda value: isinstance(value, str) and value != "")
_TIMESTAMP: _Check = ("an RFC 3339 time", _is_timestamp)
_DURATION: _Check = ('a duration as Go prints it ("1m2.5s")', _is_duration)
_COUNT: _Check = ("a whole number", _is_count)
_PATHS: _Check = (
    "a list of paths",
    lambda value: isinstance(value, list) and all(isinstance(path, str) and path[:1] == "/" for path in value),
)


async def _document(visit: Visit, name: str, shape: dict[str, _Check]) -> Answer:
    talk = await visit.connect()
    answer = await talk.ask("GET", visit.target.below(name))
    talk.expect(answer.status == 200, "200 OK", answer)
    talk.expect("application/json" in (answer.header("Content-Type") or ""), "Content-Type: application/json", answer)
    _shaped(talk, answer, shape)
    return answer


def _shaped(talk: Talk, answer: Answer, shape: dict[str, _Check]) -> None:
    document = answer.json()
    talk.expect(isinstance(document, dict), "a JSON object", answer)
    for path, (words, holds) in shape.items():
        value = document
        for step in path.split("."):
            talk.expect(isinstance(value, dict) and step in value, f"a field {path}", answer)
            value = value[step]
        talk.expect(holds(value), f"{path} to be {words}", value)


async def held_to_health(visit: Visit) -> Answer:
    """The answer of the health check, its shape being right."""
    shape = {"status": _word("healthy"), "timestamp": _TIMESTAMP, "uptime": _DURATION, "version": _TEXT}
    return await _document(visit, "health", shape)


async def held_to_metrics(visit: Visit) -> Answer:
    """The answer of the metrics, their shape being right."""
    shape = {
        "websocket.active_connections": _COUNT,
        "websocket.total_connections": _COUNT,
        "websocket.uptime": _DURATION,
        "fileserver.status": _TEXT,
        "timestamp": _TIMESTAMP,
    }
    return await _document(visit, "metrics", shape)


async def held_to_status(visit: Visit) -> Answer:
    """The answer of the status, its shape being right."""
    shape = {
        "server.name": _TEXT,
        "server.version": _TEXT,
        "server.status": _TEXT,
        "server.uptime": _DURATION,
        "websocket.active_connections": _COUNT,
        "websocket.endpoints": _PATHS,
        "timestamp": _TIMESTAMP,
    }
    return await _document(visit, "status", shape)


@SECTION.rule("health", _ENDPOINTS)
async def _health(visit: Visit) -> None:
    """`GET /ws/health` is `{"status":"healthy","timestamp","uptime","version"}`; `uptime` is a Go duration."""
    await held_to_health(visit)


@SECTION.rule("metrics", _ENDPOINTS)
async def _metrics(visit: Visit) -> None:
    """`GET /ws/metrics` is `{"websocket":{"active_connections","total_connections","uptime",…},"fileserver",…}`."""
    await held_to_metrics(visit)


@SECTION.rule("status", _ENDPOINTS)
async def _status(visit: Visit) -> None:
    """`GET /ws/status` is `{"server":{"name","version","status","uptime"},"websocket":{…,"endpoints"},…}`."""
    await held_to_status(visit)


@SECTION.rule("active-connections", _ENDPOINTS)
async def _active_connections(visit: Visit) -> None:
    """`active_connections` counts the WebSockets that are open."""
    talks = [await visit.open() for _ in range(3)]
    for talk in talks:
        await talk.fence()
    document = (await held_to_metrics(visit)).json()["websocket"]
    talks[0].expect(document["active_connections"] >= 3, "active_connections to be at least 3, of ours", document)


@SECTION.rule("total-connections", _ENDPOINTS, profile="documented")
async def _total_connections(visit: Visit) -> None:
    """`total_connections` counts every WebSocket there ever was, also those that have left."""
    before = (await held_to_metrics(visit)).json()["websocket"]["total_connections"]
    for _ in range(3):
        talk = await visit.open()
        talk.say_close(b"\x03\xe8")
        await talk.close(1000)
    after = (await held_to_metrics(visit)).json()["websocket"]["total_connections"]
    talk.expect(after >= before + 3, f"total_connections to be at least {before} + 3", after)


@SECTION.rule("head", _ENDPOINTS)
async def _head(visit: Visit) -> None:
    """`HEAD` works: the same headers as for GET, and no body."""
    talk = await visit.connect()
    for name in ("health", "metrics", "status"):
        answer = await talk.ask("HEAD", visit.target.below(name))
        talk.expect(answer.status == 200, "200 OK", answer)
        talk.expect("application/json" in (answer.header("Content-Type") or ""), "Content-Type as for GET", answer)
    # If there had been a body, it would be in the way of this answer.
    answer = await talk.ask("GET", visit.target.below("health"))
    talk.expect(answer.status == 200, "200 OK", answer)


@SECTION.rule("not-found", _ENDPOINTS)
async def _not_found(visit: Visit) -> None:
    """Any other path is 404."""
    talk = await visit.connect()
    answer = await talk.ask("GET", visit.target.below("health"))
    talk.expect(answer.status == 200, "200 OK for a path that there is", answer)
    for path in (visit.target.below("no-such-path"), "/no-such-path"):
        answer = await talk.ask("GET", path)
        talk.expect(answer.status == 404, "404 Not Found", answer)


@SECTION.rule("method-not-allowed", _ENDPOINTS, profile="documented")
async def _method_not_allowed(visit: Visit) -> None:
    """Other methods than GET and HEAD: 405 with `Allow`."""
    for method in ("POST", "PUT", "DELETE"):
        talk = await visit.connect()
        answer = await talk.ask(method, visit.target.below("health"), Content_Length="0")
        talk.expect(answer.status == 405, "405 Method Not Allowed", answer)
        talk.expect({"get", "head"} <= answer.tokens("Allow"), "Allow: GET, HEAD, …", answer)


@SECTION.rule("method-with-body", _ENDPOINTS, profile="documented")
async def _method_with_body(visit: Visit) -> None:
    """Other methods: 405, also with a body; connections are kept alive."""
    talk = await visit.connect()
    answer = await talk.ask("POST", visit.target.below("health"), b'{"a body":"that nobody needs"}')
    talk.expect(answer.status == 405, "405 Method Not Allowed", answer)
    answer = await talk.ask("GET", visit.target.below("health"))
    talk.expect(answer.status == 200, "200 OK behind it", answer)


@SECTION.rule("get-with-body", "RFC 9110, section 9.3.1")
async def _get_with_body(visit: Visit) -> None:
    """A body in a GET means nothing: it is passed over, and the next request is read behind it."""
    talk = await visit.connect()
    for body in (b"a body", b""):
        answer = await talk.ask("GET", visit.target.below("health"), body)
        talk.expect(answer.status == 200 and "status" in answer.fields, "the health document", answer)


@SECTION.rule("keep-alive", _ENDPOINTS)
async def _keep_alive(visit: Visit) -> None:
    """Connections are kept alive."""
    talk = await visit.connect()
    for name, field in _FIELDS.items():
        answer = await talk.ask("GET", visit.target.below(name))
        talk.expect(answer.status == 200 and field in answer.fields, f"the {name} document", answer)


@SECTION.rule("pipelining", "RFC 9112, section 9.3.2")
async def _pipelining(visit: Visit) -> None:
    """Requests that come together are answered in their order."""
    talk = await visit.connect()
    fields: dict[str, str | None] = {"Host": visit.target.authority}
    talk.pipe.write(b"".join(talk.request("GET", visit.target.below(name), fields) for name in _FIELDS))
    for name, field in _FIELDS.items():
        answer = await talk.answer()
        talk.expect(answer.status == 200 and field in answer.fields, f"the {name} document", answer)


@SECTION.rule("connection-close", "RFC 9112, section 9.6")
async def _connection_close(visit: Visit) -> None:
    """After a request with `Connection: close` the server answers and ends the connection."""
    talk = await visit.connect()
    answer = await talk.ask("GET", visit.target.below("health"), Connection="close")
    talk.expect(answer.status == 200, "200 OK", answer)
    await talk.end()


async def _figures(visit: Visit, accept: str, kinds: tuple[str, ...]) -> None:
    await (await visit.open()).fence()
    talk = await visit.connect()
    answer = await talk.ask("GET", visit.target.below("metrics"), Accept=accept)
    talk.expect(answer.status == 200, "200 OK", answer)
    kind = (answer.header("Content-Type") or "").partition(";")[0].strip().lower()
    talk.expect(kind in kinds, f"Content-Type: {' or '.join(kinds)}", answer)
    lines = [line for line in answer.body.decode(errors="replace").splitlines() if line and line[0] != "#"]
    for line in lines:
        talk.expect(_SAMPLE.fullmatch(line) is not None, "lines in the Prometheus text format", line)
    active = [line.split(" ")[1] for line in lines if re.match("(?=.*connections).*active", line.partition(" ")[0])]
    talk.expect(any(float(value) >= 1 for value in active), "a sample of active connections, at least 1", answer)


@SECTION.rule("prometheus", _ENDPOINTS, profile="documented")
async def _prometheus(visit: Visit) -> None:
    """`GET /ws/metrics` with `Accept: text/plain`: the same figures in Prometheus text format."""
    await _figures(visit, "text/plain", ("text/plain",))


@SECTION.rule("openmetrics", _ENDPOINTS, profile="documented")
async def _openmetrics(visit: Visit) -> None:
    """`GET /ws/metrics` with `Accept: application/openmetrics-text`: the same figures in Prometheus text format."""
    await _figures(visit, "application/openmetrics-text", ("application/openmetrics-text", "text/plain"))


@SECTION.rule("options", _ORIGINS, profile="documented")
async def _options(visit: Visit) -> None:
    """The HTTP endpoints answer `OPTIONS` with 204."""
    talk = await visit.connect()
    for name in ("health", "metrics", "status"):
        answer = await talk.ask("OPTIONS", visit.target.below(name))
        talk.expect(answer.status == 204, "204 No Content", answer)
        talk.expect(not answer.body, "no body", answer)


@SECTION.rule("preflight", _ORIGINS, profile="documented")
async def _preflight(visit: Visit) -> None:
    """A preflight allows `Authorization, Content-Type` for 600 s."""
    if visit.target.refused_origin is not None:
        raise visit.unjudged("the server lets in some origins only, and which is not known")
    talk = await visit.connect()
    answer = await talk.ask(
        "OPTIONS",
        visit.target.below("health"),
        Origin="https://pvws.example",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="authorization",
    )
    talk.expect(answer.status == 204, "204 No Content", answer)
    allowed = answer.header("Access-Control-Allow-Origin")
    talk.expect(allowed in ("*", "https://pvws.example"), "Access-Control-Allow-Origin: the origin, or *", answer)
    talk.expect("get" in answer.tokens("Access-Control-Allow-Methods"), "Access-Control-Allow-Methods: GET, …", answer)
    headers = answer.tokens("Access-Control-Allow-Headers")
    wanted = "Access-Control-Allow-Headers: Authorization, Content-Type"
    talk.expect({"authorization", "content-type"} <= headers, wanted, answer)
    talk.expect(answer.header("Access-Control-Max-Age") == "600", "Access-Control-Max-Age: 600", answer)
