"""The reception: what a request gets that is whole, an answer or a WebSocket."""

from pvws.server.endpoints import WEBSOCKET_PATH
from pvws.server.handshake import Accepted, handshake
from pvws.server.host import Host
from pvws.server.http import Request, Response

__all__ = ["consider", "is_knock"]


def is_knock(request: Request) -> bool:
    """Whether somebody wants a WebSocket, right or wrong, be it at a path where none is."""
    upgrade = request.header("upgrade")
    return upgrade is not None and (request.path == WEBSOCKET_PATH or upgrade.strip().lower() == "websocket")


def consider(request: Request, host: Host) -> Accepted | Response:
    """The answer to a request, or that it is accepted as a handshake, in which case nothing has been sent."""
    if host.stopping:
        gone = Response(503, b"the server is shutting down\n", headers=[("Connection", "close")])
        return host.with_origin(request, gone)
    answer = handshake(request, host.settings, lambda token: host.rules.access.judge(token, host.wall()) is not None)
    if answer is None:
        return host.answer(request)
    if isinstance(answer, Accepted) or host.settings.quirks.go_refusals:
        return answer
    return host.with_origin(request, answer)
