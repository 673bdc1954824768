"""Which origins a browser may come from, and what it is told about that (contract, "Origins")."""

from pvws.server.settings import Cors

__all__ = ["may_connect", "response_headers"]

_PREFLIGHT = [
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type"),
    ("Access-Control-Max-Age", "600"),
]


def may_connect(cors: Cors, origin: str | None, host: str | None) -> bool:
    """Whether a handshake may go on. Without `Origin` it is no browser's, and passes."""
    if origin is None:
        return True
    if not cors.enabled:
        return host not in (None, "") and origin.partition("://")[2] == host
    return "*" in cors.origins or origin in cors.origins


def response_headers(cors: Cors, origin: str | None, *, preflight: bool) -> list[tuple[str, str]]:
    """The CORS headers of an answer: an allowed origin is echoed, and credentials never go together with `*`."""
    if not cors.enabled:
        return []
    headers = [("Vary", "Origin")]
    if "*" in cors.origins:
        headers.append(("Access-Control-Allow-Origin", origin or "*"))
    elif origin in cors.origins and origin is not None:
        headers += [("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true")]
    else:
        return headers
    return headers + _PREFLIGHT if preflight else headers
