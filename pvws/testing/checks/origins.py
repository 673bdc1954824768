"""Origins: which pages may connect, and what the HTTP endpoints tell browsers."""

from pvws.testing.rule import Section
from pvws.testing.visit import Visit

__all__ = ["SECTION"]

SECTION = Section("origins")
"""`origins.…`"""

_ORIGINS = 'contract, "Origins"'
_CORS = 'API documentation, "CORS Configuration"'
_ORIGIN = "https://pvws.example"


def _needs_any_origin(visit: Visit) -> None:
    if visit.target.refused_origin is not None:
        raise visit.unjudged("the server lets in some origins only, and which is not known")


@SECTION.rule("any", _CORS)
async def _any(visit: Visit) -> None:
    """Default: allow all origins (`*`)."""
    _needs_any_origin(visit)
    for origin in (_ORIGIN, "null", "http://localhost:3000"):
        talk = await visit.connect()
        answer = await talk.handshake(Origin=origin)
        talk.expect(answer.status == 101, "101 Switching Protocols", answer)
        await talk.fence()


@SECTION.rule("none", _ORIGINS)
async def _none(visit: Visit) -> None:
    """A request without `Origin` is no browser and passes."""
    talk = await visit.connect()
    answer = await talk.handshake(Origin=None)
    talk.expect(answer.status == 101, "101 Switching Protocols", answer)
    await talk.fence()


@SECTION.rule("refused", _ORIGINS, profile="documented")
async def _refused(visit: Visit) -> None:
    """A browser connection from an origin that is not configured: HTTP 403."""
    if visit.target.refused_origin is None:
        raise visit.unjudged("needs --refused-origin, and a server that lets in some origins only")
    await visit.open()
    talk = await visit.connect()
    answer = await talk.handshake(Origin=visit.target.refused_origin)
    talk.expect(answer.status == 403, "403 Forbidden", answer)


@SECTION.rule("refused-headers", _ORIGINS, profile="documented")
async def _refused_headers(visit: Visit) -> None:
    """`Access-Control-Allow-Origin` names an allowed origin; to another one it is not given."""
    if visit.target.refused_origin is None:
        raise visit.unjudged("needs --refused-origin, and a server that lets in some origins only")
    talk = await visit.connect()
    answer = await talk.ask("GET", visit.target.below("health"), Origin=visit.target.refused_origin)
    talk.expect(answer.status == 200 and "status" in answer.fields, "the health document", answer)
    allowed = answer.header("Access-Control-Allow-Origin")
    talk.expect(allowed not in ("*", visit.target.refused_origin), "no Access-Control-Allow-Origin for it", answer)


@SECTION.rule("headers", _ORIGINS, profile="documented")
async def _headers(visit: Visit) -> None:
    """HTTP endpoints send the CORS headers; `Access-Control-Allow-Origin` echoes an allowed origin, or says `*`."""
    _needs_any_origin(visit)
    talk = await visit.connect()
    for name in ("health", "metrics", "status"):
        answer = await talk.ask("GET", visit.target.below(name), Origin=_ORIGIN)
        allowed = answer.header("Access-Control-Allow-Origin")
        talk.expect(allowed in ("*", _ORIGIN), f"Access-Control-Allow-Origin: {_ORIGIN}, or *", answer)


@SECTION.rule("vary", _ORIGINS, profile="documented")
async def _vary(visit: Visit) -> None:
    """HTTP endpoints send `Vary: Origin`, so that no cache mixes origins."""
    talk = await visit.connect()
    for name in ("health", "metrics", "status"):
        answer = await talk.ask("GET", visit.target.below(name), Origin=_ORIGIN)
        talk.expect("origin" in answer.tokens("Vary"), "Vary: Origin", answer)


@SECTION.rule("credentials", _ORIGINS)
async def _credentials(visit: Visit) -> None:
    """Credentials are never allowed together with `*`."""
    talk = await visit.connect()
    answer = await talk.ask("GET", visit.target.below("health"), Origin=_ORIGIN)
    talk.expect(answer.status == 200 and "status" in answer.fields, "the health document", answer)
    allowed = answer.header("Access-Control-Allow-Origin")
    credentials = answer.header("Access-Control-Allow-Credentials") == "true"
    talk.expect(not (credentials and allowed == "*"), "no credentials with *", answer)
