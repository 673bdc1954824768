"""What the shipped server was observed to do with requests: handshakes, endpoints, CORS."""

import re

from pvws.testing.answer import Answer
from pvws.testing.checks.http import held_to_health, held_to_metrics, held_to_status
from pvws.testing.checks.upstream import row
from pvws.testing.frames import client_frame
from pvws.testing.rule import Section
from pvws.testing.talk import Talk
from pvws.testing.visit import Visit
from pvws.wire.frames import Opcode

__all__ = ["SECTION"]

SECTION = Section("upstream-http", profile="upstream")
"""`upstream-http.…`"""

_ORIGIN = "https://pvws.example"
_NAMES = ("health", "metrics", "status")
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z")
_CORS = {
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Allow-Headers": "Content-Type, Authorization",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
}


def _has_cors(talk: Talk, answer: Answer, origin: str = "") -> None:
    for name, value in ({"Access-Control-Allow-Origin": origin} | _CORS).items():
        talk.expect(answer.header(name) == value, f"{name}: {value}", answer)


def _refusal(talk: Talk, answer: Answer, status: int, body: bytes) -> None:
    talk.expect(answer.status == status, f"HTTP {status}", answer)
    talk.expect(answer.body == body, f"the body {body!r}", answer)
    kind = answer.header("Content-Type")
    talk.expect(kind == "text/plain; charset=utf-8", "Content-Type: text/plain; charset=utf-8", answer)
    talk.expect(answer.header("X-Content-Type-Options") == "nosniff", "X-Content-Type-Options: nosniff", answer)
    _has_cors(talk, answer)


@SECTION.rule("bare-101", row("H1"))
async def _bare_101(visit: Visit) -> None:
    """The 101 has just `Upgrade`, `Connection` and `Sec-WebSocket-Accept`, in that order; no CORS headers."""
    talk = await visit.connect()
    answer = await talk.handshake(Origin=_ORIGIN)
    talk.expect(answer.status == 101, "101 Switching Protocols", answer)
    names = [name for name, _ in answer.headers]
    talk.expect(names == ["Upgrade", "Connection", "Sec-WebSocket-Accept"], "three headers", answer)
    values = [value for _, value in answer.headers[:2]]
    talk.expect(values == ["websocket", "Upgrade"], "Upgrade: websocket, Connection: Upgrade", answer)


@SECTION.rule("no-subprotocol", row("H2"))
async def _no_subprotocol(visit: Visit) -> None:
    """Offered subprotocols are ignored: no `Sec-WebSocket-Protocol` back."""
    talk = await visit.connect()
    answer = await talk.handshake(Sec_WebSocket_Protocol="chat")
    talk.expect(answer.status == 101, "101 Switching Protocols", answer)
    talk.expect(answer.header("Sec-WebSocket-Protocol") is None, "no Sec-WebSocket-Protocol", answer)
    await talk.fence()


@SECTION.rule("no-compression", row("H3"))
async def _no_compression(visit: Visit) -> None:
    """An offered permessage-deflate is ignored; a frame with RSV1 is 1002."""
    talk = await visit.connect()
    answer = await talk.handshake(Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits")
    talk.expect(answer.status == 101, "101 Switching Protocols", answer)
    talk.expect(answer.header("Sec-WebSocket-Extensions") is None, "no Sec-WebSocket-Extensions", answer)
    talk.send(client_frame(Opcode.TEXT, b"x", reserved=4), "a text frame with RSV1 set")
    await talk.close(1002)


async def _bad_request(visit: Visit, **changes: str | None) -> None:
    talk = await visit.connect()
    answer = await talk.handshake(**changes)
    _refusal(talk, answer, 400, b"Bad Request\n")
    spelled = [value for name, value in answer.headers if name == "Sec-Websocket-Version"]
    talk.expect(spelled == ["13"], "Sec-Websocket-Version: 13, in that spelling", answer)
    answer = await talk.handshake()
    talk.expect(answer.status == 101, "101 for a right handshake behind it", answer)


@SECTION.rule("bad-handshake", row("H4"))
async def _bad_handshake(visit: Visit) -> None:
    """Missing or other Upgrade, Connection, Key, Version: 400 `Bad Request`, version 13; the connection stays open."""
    await _bad_request(visit, Upgrade="h2c")
    await _bad_request(visit, Connection=None)
    await _bad_request(visit, Connection="keep-alive")
    await _bad_request(visit, Sec_WebSocket_Key=None)
    await _bad_request(visit, Sec_WebSocket_Version=None)
    await _bad_request(visit, Sec_WebSocket_Version="12")


@SECTION.rule("bad-key", row("H6"))
async def _bad_key(visit: Visit) -> None:
    """A key that is not the Base64 form of 16 bytes: 400 as well."""
    await _bad_request(visit, Sec_WebSocket_Key="c2hvcnQ=")


@SECTION.rule("post-handshake", row("H7"))
async def _post_handshake(visit: Visit) -> None:
    """POST with upgrade headers: 405 `Method Not Allowed` without `Allow`; a plain POST, HEAD or GET: 400."""
    talk = await visit.connect()
    talk.pipe.write(talk.request("POST", visit.target.websocket, talk.fields(Content_Length="0")))
    answer = await talk.answer("POST")
    _refusal(talk, answer, 405, b"Method Not Allowed\n")
    talk.expect(answer.header("Allow") is None, "no Allow", answer)
    for method in ("GET", "POST"):
        answer = await talk.ask(method, visit.target.path, Content_Length="0")
        _refusal(talk, answer, 400, b"Bad Request\n")


@SECTION.rule("any-origin", row("H8"))
async def _any_origin(visit: Visit) -> None:
    """Any origin, or none, is accepted; never 403."""
    for origin in (_ORIGIN, "null", "nonsense", None):
        talk = await visit.connect()
        answer = await talk.handshake(Origin=origin)
        talk.expect(answer.status == 101, "101 Switching Protocols", answer)
        await talk.fence()


@SECTION.rule("paths", row("H10"))
async def _paths(visit: Visit) -> None:
    """`/ws/`, `//ws`, `/WS`, `/`: 404 `404 page not found`, with the CORS headers."""
    await visit.open()
    path = visit.target.path
    for wrong in (f"{path}/", f"/{path}", path.upper(), "/"):
        talk = await visit.connect()
        _refusal(talk, await talk.handshake(wrong), 404, b"404 page not found\n")


@SECTION.rule("encoded-path", row("H10"))
async def _encoded_path(visit: Visit) -> None:
    """`/%77s` is the same path, an absolute target works, and the query is ignored."""
    path, authority = visit.target.path, visit.target.authority
    for target in (f"/%{ord(path[1:2] or '/'):02x}{path[2:]}", f"http://{authority}{path}", f"{path}?no=such"):
        talk = await visit.connect()
        answer = await talk.handshake(target)
        talk.expect(answer.status == 101, "101 Switching Protocols", answer)
        await talk.fence()


@SECTION.rule("upgrade-elsewhere", row("H10"))
async def _upgrade_elsewhere(visit: Visit) -> None:
    """Upgrade headers on `/ws/health`: plain 200 JSON."""
    talk = await visit.connect()
    answer = await talk.handshake(visit.target.below("health"))
    talk.expect(answer.status == 200 and "status" in answer.fields, "200 with the health document", answer)


@SECTION.rule("early-frame", row("H11"))
async def _early_frame(visit: Visit) -> None:
    """A frame in the same segment as the handshake: the connection is closed with no response at all."""
    await visit.open()
    talk = await visit.connect()
    head = talk.request("GET", visit.target.websocket, talk.fields())
    talk.send(head + client_frame(Opcode.TEXT, b'{"type":"ping"}'), "a text frame in the same segment")
    await talk.pipe.until(lambda: talk.pipe.ended, visit.target.patience)
    talk.expect(talk.pipe.ended, "the end of the connection", "the connection stays open")
    talk.expect(not talk.pipe.received, "no response at all", bytes(talk.pipe.received).decode(errors="replace"))


@SECTION.rule("tokens-ignored", row("H12"))
async def _tokens_ignored(visit: Visit) -> None:
    """A token in query, Authorization or cookie, right or wrong, is ignored: 101."""
    await (await visit.open(visit.target.with_query("token=wrong"), Authorization=None)).fence()
    await (await visit.open(Authorization="Bearer wrong")).fence()
    await (await visit.open(Authorization=None, Cookie="token=wrong")).fence()


@SECTION.rule("bodies", row("E4"))
async def _bodies(visit: Visit) -> None:
    """Keys sorted, the body ends in a newline, `Content-Type: application/json`, Content-Length and Date."""
    talk = await visit.connect()
    for name, keys in (
        ("health", ["status", "timestamp", "uptime", "version"]),
        ("metrics", ["fileserver", "timestamp", "websocket"]),
        ("status", ["server", "timestamp", "websocket"]),
    ):
        answer = await talk.ask("GET", visit.target.below(name), Accept="text/plain")
        talk.expect(list(answer.fields) == keys, f"the keys {', '.join(keys)}", answer)
        talk.expect(answer.body.endswith(b"}\n"), "a newline at the end", answer)
        talk.expect(answer.header("Content-Type") == "application/json", "Content-Type: application/json", answer)
        length = answer.header("Content-Length")
        talk.expect(length == str(len(answer.body)), f"Content-Length: {len(answer.body)}", answer)
        talk.expect(answer.header("Date") is not None, "Date", answer)


@SECTION.rule("documents", row("E1 to E3"))
async def _documents(visit: Visit) -> None:
    """The fields of the three documents, and no more."""
    health = (await held_to_health(visit)).json()
    metrics = (await held_to_metrics(visit)).json()
    status = (await held_to_status(visit)).json()
    talk = await visit.connect()
    talk.expect(len(health) == 4, "four fields", health)
    talk.expect(metrics["fileserver"] == {"status": "running"}, '{"status":"running"}', metrics)
    talk.expect(len(metrics["websocket"]) == 3, "three fields of websocket", metrics)
    talk.expect(status["server"]["name"] == "PeerVault WebSocket API", "the name PeerVault WebSocket API", status)
    path = visit.target.path
    paths = [path, *(visit.target.below(name) for name in _NAMES)]
    talk.expect(status["websocket"]["endpoints"] == paths, "the four paths", status)


@SECTION.rule("timestamps", row("E5"))
async def _timestamps(visit: Visit) -> None:
    """`timestamp`: UTC, RFC 3339 with up to 9 decimals, trailing zeros cut."""
    talk = await visit.connect()
    asked = [await talk.ask("GET", visit.target.below("health")) for _ in range(20)]
    texts = [answer.fields.get("timestamp") for answer in asked]
    for text in texts:
        right = isinstance(text, str) and _UTC.fullmatch(text) is not None
        talk.expect(right, "an RFC 3339 time without trailing zeros", text)
    talk.expect(
        any(len(str(text)) > len("2024-01-01T00:00:00.000Z") for text in texts), "more than three decimals", texts
    )


@SECTION.rule("total-is-active", row("E7"))
async def _total_is_active(visit: Visit) -> None:
    """`total_connections` equals `active_connections`; it falls when clients leave."""
    await (await visit.open()).fence()
    talk = await visit.connect()
    answer = await talk.ask("GET", visit.target.below("metrics"))
    figures = answer.fields.get("websocket")
    talk.expect(isinstance(figures, dict), "figures of websocket", answer)
    assert isinstance(figures, dict), "the expectation says so"
    right = figures.get("total_connections") == figures.get("active_connections") != 0
    talk.expect(right, "total_connections to be active_connections", figures)


@SECTION.rule("any-method", row("E8"))
async def _any_method(visit: Visit) -> None:
    """GET, POST, DELETE, …: all 200; HEAD: headers and Content-Length, no body."""
    talk = await visit.connect()
    for method in ("POST", "HEAD", "PUT", "DELETE", "PATCH"):
        answer = await talk.ask(method, visit.target.below("health"), Content_Length="0")
        talk.expect(answer.status == 200, "200 OK", answer)
        talk.expect("status" in answer.fields or method == "HEAD", "the body of GET, but for HEAD", answer)


@SECTION.rule("options", row("E9"))
async def _options(visit: Visit) -> None:
    """OPTIONS on any path, known or not: 200, empty, Content-Length 0, CORS headers."""
    talk = await visit.connect()
    for path in (visit.target.below("health"), visit.target.path, "/no-such-path"):
        answer = await talk.ask("OPTIONS", path)
        talk.expect(answer.status == 200 and not answer.body, "200 without a body", answer)
        talk.expect(answer.header("Content-Length") == "0", "Content-Length: 0", answer)
        _has_cors(talk, answer)


@SECTION.rule("cors", row("E10"))
async def _cors(visit: Visit) -> None:
    """CORS headers always; `Access-Control-Allow-Origin` echoes the origin, empty without one; no `Vary`."""
    talk = await visit.connect()
    for name in _NAMES:
        answer = await talk.ask("GET", visit.target.below(name), Origin=_ORIGIN)
        _has_cors(talk, answer, _ORIGIN)
        talk.expect(answer.header("Vary") is None, "no Vary", answer)
        _has_cors(talk, await talk.ask("GET", visit.target.below(name)))
