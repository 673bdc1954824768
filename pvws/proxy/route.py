"""Where a proxy leads to, and what that changes in the head of a request."""

import re
from urllib.parse import parse_qsl, urlsplit

__all__ = ["Route"]

_LOCAL_PATH = "/ws"  # what clients of the API ask for (API documentation, "Endpoints")
_HOST_LINE = re.compile(rb"^(host[ \t]*:)[^\r\n]*", re.IGNORECASE | re.MULTILINE)
_REQUEST_LINE = re.compile(rb"^(\S+) (\S+) (HTTP/\d\.\d)(\r?\n)")
_PORTS = {"ws": 80, "wss": 443}


class Route:
    """A server's URL, taken apart. A client's `/ws` is the URL's path there, and `/ws/health` what lies below it;
    every other path stays as it is. Parameters of the URL go with every request that lacks them.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.url = url
        self.host = parts.hostname or ""
        self.port = parts.port or _PORTS[parts.scheme]
        self.encrypted = parts.scheme == "wss"
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = self.port == _PORTS[parts.scheme]
        self.authority = host if default else f"{host}:{self.port}"
        """What the server is to read as `Host`."""
        self._path = parts.path or "/"
        self._query = parts.query

    def target(self, target: str) -> str:
        """The request target that the server gets for a client's."""
        path, question, query = target.partition("?")
        if path == _LOCAL_PATH:
            path = self._path
        elif path.startswith(f"{_LOCAL_PATH}/"):
            path = self._path.rstrip("/") + path.removeprefix(_LOCAL_PATH)
        given = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
        added = [field for field in self._query.split("&") if field and field.partition("=")[0] not in given]
        if not added:
            return f"{path}{question}{query}"
        return f"{path}?{'&'.join([query, *added] if query else added)}"

    def rewritten(self, head: bytes) -> bytes:
        """The head of a request as the server gets it; whatever can't be understood stays as it is."""
        head = _HOST_LINE.sub(lambda found: found[1] + b" " + self.authority.encode("latin-1"), head, count=1)
        return _REQUEST_LINE.sub(self._request_line, head, count=1)

    def _request_line(self, found: "re.Match[bytes]") -> bytes:
        target = self.target(found[2].decode("latin-1")).encode("latin-1")
        return b"%s %s %s%s" % (found[1], target, found[3], found[4])
