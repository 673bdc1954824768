"""The opening handshake: how a connection becomes a WebSocket, and what refuses it."""

from pvws.testing.frames import client_frame
from pvws.testing.rule import Section
from pvws.testing.talk import ACCEPT, KEY
from pvws.testing.visit import Visit
from pvws.wire.frames import Opcode

__all__ = ["SECTION"]

SECTION = Section("handshake")
"""`handshake.…`"""

_LIFE = 'contract, "Connection life"'
_PING = client_frame(Opcode.TEXT, b'{"type":"ping"}')


@SECTION.rule("upgrade", "RFC 6455, section 4.2.2")
async def _upgrade(visit: Visit) -> None:
    """A handshake is answered by 101 with `Upgrade: websocket`, `Connection: Upgrade` and the key's accept value."""
    talk = await visit.connect()
    answer = await talk.handshake()
    talk.expect(answer.status == 101, "101 Switching Protocols", answer)
    talk.expect("websocket" in answer.tokens("Upgrade"), "Upgrade: websocket", answer)
    talk.expect("upgrade" in answer.tokens("Connection"), "Connection: Upgrade", answer)
    accept = answer.header("Sec-WebSocket-Accept")
    talk.expect(accept == ACCEPT, f"Sec-WebSocket-Accept: {ACCEPT} for the key {KEY}", answer)


@SECTION.rule("letter-case", "RFC 6455, section 4.2.1")
async def _letter_case(visit: Visit) -> None:
    """`Upgrade` and `Connection` are compared without regard to case, and `Connection` may be a list."""
    talk = await visit.connect()
    answer = await talk.handshake(Upgrade="WebSocket", Connection="keep-alive, uPgrade")
    talk.expect(answer.status == 101, "101 Switching Protocols", answer)
    await talk.fence()


@SECTION.rule("in-pieces", "RFC 9112, section 2.1")
async def _in_pieces(visit: Visit) -> None:
    """A handshake is a stream of bytes: where it is cut into segments means nothing."""
    talk = await visit.connect()
    head = talk.request("GET", visit.target.websocket, talk.fields())
    for at in range(0, len(head), 7):
        talk.pipe.write(head[at : at + 7])
        await talk.pipe.until(lambda: False, 0)
    answer = await talk.answer()
    talk.expect(answer.status == 101, "101 Switching Protocols", answer)
    await talk.fence()


async def _refused(visit: Visit, **changes: str | None) -> None:
    await visit.open()  # who refuses everybody keeps no rule about whom to refuse
    talk = await visit.connect()
    answer = await talk.handshake(**changes)
    talk.expect(400 <= answer.status < 500, "a refusal (HTTP 4xx)", answer)


@SECTION.rule("no-key", "RFC 6455, section 4.2.1")
async def _no_key(visit: Visit) -> None:
    """A handshake without `Sec-WebSocket-Key` is refused."""
    await _refused(visit, Sec_WebSocket_Key=None)


@SECTION.rule("bad-key", "RFC 6455, section 4.2.1")
async def _bad_key(visit: Visit) -> None:
    """A `Sec-WebSocket-Key` that is not the Base64 form of 16 bytes is refused."""
    for key in ("no base64!", "c2hvcnQ=", "dGhlIHNhbXBsZSBub25jZSBidXQgbG9uZ2Vy"):
        await _refused(visit, Sec_WebSocket_Key=key)


@SECTION.rule("no-connection", "RFC 6455, section 4.2.1")
async def _no_connection(visit: Visit) -> None:
    """A handshake whose `Connection` does not say `Upgrade` is refused."""
    await _refused(visit, Connection=None)
    await _refused(visit, Connection="keep-alive")


@SECTION.rule("no-version", "RFC 6455, section 4.2.1")
async def _no_version(visit: Visit) -> None:
    """A handshake without `Sec-WebSocket-Version` is refused."""
    await _refused(visit, Sec_WebSocket_Version=None)


@SECTION.rule("version-12", "RFC 6455, section 4.2.2")
async def _version_12(visit: Visit) -> None:
    """A handshake of another version is refused by an answer whose `Sec-WebSocket-Version` says 13."""
    await visit.open()
    talk = await visit.connect()
    answer = await talk.handshake(Sec_WebSocket_Version="12")
    talk.expect(400 <= answer.status < 500, "a refusal (HTTP 4xx)", answer)
    talk.expect("13" in answer.tokens("Sec-WebSocket-Version"), "Sec-WebSocket-Version: 13", answer)


@SECTION.rule("post", "RFC 6455, section 4.2.1")
async def _post(visit: Visit) -> None:
    """The method of a handshake is GET: the same with POST is refused."""
    await visit.open()
    talk = await visit.connect()
    talk.pipe.write(talk.request("POST", visit.target.websocket, talk.fields(Content_Length="0")))
    answer = await talk.answer("POST")
    talk.expect(400 <= answer.status < 500, "a refusal (HTTP 4xx)", answer)


@SECTION.rule("plain-get", _LIFE, profile="documented")
async def _plain_get(visit: Visit) -> None:
    """A plain GET of `/ws` is 426 with `Upgrade: websocket`, `Connection: Upgrade`, `Sec-WebSocket-Version: 13`."""
    talk = await visit.connect()
    answer = await talk.ask("GET", visit.target.path)
    talk.expect(answer.status == 426, "426 Upgrade Required", answer)
    talk.expect("websocket" in answer.tokens("Upgrade"), "Upgrade: websocket", answer)
    talk.expect("upgrade" in answer.tokens("Connection"), "Connection: Upgrade", answer)
    talk.expect("13" in answer.tokens("Sec-WebSocket-Version"), "Sec-WebSocket-Version: 13", answer)


@SECTION.rule("unknown-path", _LIFE)
async def _unknown_path(visit: Visit) -> None:
    """A handshake on any other path than `/ws` is 404."""
    await visit.open()
    for path in (visit.target.below("no-such-path"), "/no-such-path"):
        talk = await visit.connect()
        answer = await talk.handshake(path)
        talk.expect(answer.status == 404, "404 Not Found", answer)


@SECTION.rule("unknown-query", _LIFE)
async def _unknown_query(visit: Visit) -> None:
    """Unknown query parameters are ignored."""
    talk = await visit.connect()
    answer = await talk.handshake(visit.target.with_query("no-such-parameter=1"))
    talk.expect(answer.status == 101, "101 Switching Protocols", answer)
    await talk.fence()


@SECTION.rule("bad-world", _LIFE, profile="documented")
async def _bad_world(visit: Visit) -> None:
    """`?world=` takes `[A-Za-z0-9._-]{1,64}`; anything else is 400."""
    await visit.open()
    for name in ("no%2Fslash", "", "x" * 65):
        talk = await visit.connect()
        answer = await talk.handshake(f"{visit.target.path}?world={name}")
        talk.expect(answer.status == 400, "400 Bad Request", answer)


@SECTION.rule("pipelined-frame", "RFC 6455, section 4.2.2", profile="documented")
async def _pipelined_frame(visit: Visit) -> None:
    """A frame in the same segment as the handshake is answered behind the 101."""
    talk = await visit.connect()
    head = talk.request("GET", visit.target.websocket, talk.fields())
    talk.send(head + _PING, 'text {"type":"ping"} in the same segment')
    answer = await talk.answer()
    talk.expect(answer.status == 101, "101 Switching Protocols", answer)
    await talk.pong()


@SECTION.rule("after-requests", 'contract, "HTTP endpoints"', profile="documented")
async def _after_requests(visit: Visit) -> None:
    """Connections are kept alive: a handshake may come behind plain requests, with and without a body."""
    talk = await visit.connect()
    answer = await talk.ask("GET", visit.target.below("health"))
    talk.expect(answer.status == 200, "200 OK", answer)
    answer = await talk.ask("GET", visit.target.path, b"a body that nobody needs")
    talk.expect(answer.status == 426, "426 Upgrade Required", answer)
    answer = await talk.handshake()
    talk.expect(answer.status == 101, "101 Switching Protocols", answer)
    await talk.fence()


@SECTION.rule("after-refusal", 'contract, "HTTP endpoints"')
async def _after_refusal(visit: Visit) -> None:
    """Connections are kept alive: behind a refused handshake a right one is accepted."""
    talk = await visit.connect()
    answer = await talk.handshake(Sec_WebSocket_Version="12")
    talk.expect(400 <= answer.status < 500, "a refusal (HTTP 4xx)", answer)
    answer = await talk.handshake()
    talk.expect(answer.status == 101, "101 Switching Protocols", answer)
    await talk.fence()


@SECTION.rule("no-host", "RFC 9112, section 3.2")
async def _no_host(visit: Visit) -> None:
    """A request without `Host` is 400."""
    await visit.open()
    talk = await visit.connect()
    answer = await talk.handshake(Host=None)
    talk.expect(answer.status == 400, "400 Bad Request", answer)


@SECTION.rule("no-http", "RFC 9112, section 2.2")
async def _no_http(visit: Visit) -> None:
    """What is no HTTP request at all is 400."""
    await visit.open()
    talk = await visit.connect()
    talk.send(b"\x16\x03\x01 this is no HTTP\r\n\r\n", "bytes that are no HTTP")
    answer = await talk.answer()
    talk.expect(answer.status == 400, "400 Bad Request", answer)


@SECTION.rule("subprotocol", "RFC 6455, section 4.2.2")
async def _subprotocol(visit: Visit) -> None:
    """Offered subprotocols do no harm, and none is chosen that was not offered."""
    talk = await visit.connect()
    answer = await talk.handshake(Sec_WebSocket_Protocol="chat, superchat")
    talk.expect(answer.status == 101, "101 Switching Protocols", answer)
    chosen = answer.tokens("Sec-WebSocket-Protocol")
    talk.expect(chosen <= {"chat", "superchat"} and len(chosen) <= 1, "one of those offered, or none", answer)
    await talk.fence()


@SECTION.rule("no-extension", "RFC 6455, section 9.1")
async def _no_extension(visit: Visit) -> None:
    """An extension that the client has not offered is not used."""
    talk = await visit.connect()
    answer = await talk.handshake()
    talk.expect(answer.status == 101, "101 Switching Protocols", answer)
    talk.expect(answer.header("Sec-WebSocket-Extensions") is None, "no Sec-WebSocket-Extensions", answer)
    await talk.fence()
