"""The opening handshake: whether a request becomes a WebSocket (RFC 6455, section 4.2; contract, "Origins")."""

import logging
from collections.abc import Callable

from msgspec import Struct
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHeader
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as LibraryRequest
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from pvws.server import upstream_http
from pvws.server.endpoints import WEBSOCKET_PATH, upgrade_required
from pvws.server.http import Request, Response
from pvws.server.origins import may_connect
from pvws.server.room import MAIN, is_name, is_world
from pvws.server.settings import Settings

__all__ = ["Accepted", "RememberingProtocol", "handshake"]

# The library logs every connection at level INFO; the server's own log is to be its only voice.
_silent = logging.getLogger("pvws.websockets")
_silent.setLevel(logging.CRITICAL)

# Without context takeover one compressed frame serves every client (RFC 7692, section 7.1.1); the window is as the
# client asks. The library reads what clients compress.
_DEFLATE = [ServerPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True)]


class RememberingProtocol(ServerProtocol):
    """Keeps what a close frame said that the library refuses: gorilla/websocket quotes its code."""

    refused_close = b""

    def recv_frame(self, frame: Frame) -> None:
        """As ever; the tests of the upstream profile fail if the library should call it no more."""
        if frame.opcode is Opcode.CLOSE:
            self.refused_close = bytes(frame.data)
        super().recv_frame(frame)


class Accepted(Struct, frozen=True):
    """A handshake that succeeded: the protocol that reads its frames, and the bytes of the 101.

    `token` is what was presented in the query or else the header, `world` the one that is named or `main`, `name` what
    the client calls itself or empty, `window` (9 to 15) that of the compression if what is sent may be compressed.
    """

    protocol: ServerProtocol
    response: bytes
    token: str | None
    world: str
    name: str
    window: int | None


def handshake(request: Request, settings: Settings, admits: Callable[[str], bool]) -> Accepted | Response | None:
    """What becomes of a request: a WebSocket, the answer that refuses it, or None if it is no handshake at all.

    `admits` tells whether a token is right; it is asked where a wrong one is to be refused here and not in a message.
    """
    quirks = settings.quirks
    if request.path != WEBSOCKET_PATH or request.header("upgrade") is None:
        return None
    if not quirks.any_origin and not may_connect(settings.cors, request.header("origin"), request.header("host")):
        return Response(403, b"this origin may not connect; cors.origins lists those that may\n")
    world = request.query("world")
    if world is None:
        world = MAIN
    elif not is_world(world):
        return Response(400, b"world: expected 1 to 64 of A-Z, a-z, 0-9, dot, underscore and hyphen\n")
    name = request.query("client")
    if name is not None and not is_name(name):
        return Response(400, b"client: expected a letter, then at most 63 of A-Z, a-z, 0-9, dot, underscore, hyphen\n")
    token = _token(request)
    judged = settings.auth.reject == "handshake" and settings.auth.tokens and quirks.authentication
    if judged and token is not None and not admits(token):
        return Response(401, b"wrong token\n", headers=[("WWW-Authenticate", "Bearer")])
    # In state OPEN the library's parser begins with frames: the head has been read already.
    protocol = (RememberingProtocol if quirks.go_close_reasons else ServerProtocol)(
        state=OPEN,
        max_size=settings.message_size,
        extensions=_DEFLATE if settings.compression.enabled and not quirks.bare_handshake else None,
        logger=_silent,
    )
    try:
        headers = Headers(request.headers)
    except InvalidHeader as error:  # it has a control character, which h11 lets pass
        return _refused(request, settings, 400, f"{error}\n".encode())
    response = protocol.accept(LibraryRequest(request.target, headers, request.method, request.version))
    if response.status_code != 101:
        return _refused(request, settings, response.status_code, bytes(response.body or b""))
    deflate = protocol.extensions[0] if protocol.extensions else None
    window = deflate.local_max_window_bits if isinstance(deflate, PerMessageDeflate) else None
    if quirks.bare_handshake:
        del response.headers["Date"]
    return Accepted(protocol, response.serialize(), token, world, name or "", window)


def _token(request: Request) -> str | None:
    """The token that a request presents; the query comes before the header (contract, "Authentication")."""
    token = request.query("token")
    if token is not None:
        return token
    scheme, _, value = (request.header("authorization") or "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


def _refused(request: Request, settings: Settings, status: int, text: bytes) -> Response:
    """The library's answer to a handshake that is none, in a form that keeps the connection alive."""
    if settings.quirks.go_refusals:
        return upstream_http.refusal(405 if status == 405 else 400, request.header("origin"))
    if status == 426:
        return upgrade_required(text.decode())
    # RFC 6455, section 4.4: whoever refuses a version tells which one it would take.
    headers = [("Allow", "GET")] if status == 405 else [("Sec-WebSocket-Version", "13")]
    return Response(status, text, headers=headers)
