"""The ASGI application: guards, finds the route, reads what was said, has it done, and encodes the answer."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Iterable, Mapping
from email.utils import formatdate
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route as Path
from starlette.routing import Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pvws.answers import Mistake, encoded
from pvws.control.carried import CARRIED, asked_of, at_source, everywhere
from pvws.control.guard import Guard
from pvws.control.page import PATHS, Page
from pvws.control.plane import Plane
from pvws.control.problems import Refusal, refusal_of
from pvws.control.reading import query_of
from pvws.control.route import Answer, Call, Route
from pvws.notation.reader import nearest

if TYPE_CHECKING:
    from pvws.stage.company import Company

__all__ = ["BODY_TIMEOUT_S", "REQUESTS_MAX", "application"]

BODY_TIMEOUT_S = 30.0
"""In which a body must have come: the contract's read timeout."""

REQUESTS_MAX = 256
"""Requests at a time: each may hold a body, and nobody steers with more hands."""

_log = logging.getLogger("pvws.control")
_PROBLEM = "application/problem+json"
_LARGE_BYTES = 65_536
_CLOSING = frozenset({"too-large", "slow-request", "busy"})  # kinds behind which a body may still come


def application(plane: Plane, guard: Guard | None) -> ASGIApp:
    """The application that serves the plane's table of routes, and the page, to whom the guard lets in; without one, to
    everybody.
    """
    return _Door(plane, guard)


class _Door:
    """Everything that comes in, comes through here; and whatever goes wrong behind it is answered here."""

    def __init__(self, plane: Plane, guard: Guard | None) -> None:
        self._guard = guard
        self._plane = plane
        paths: dict[str, dict[str, Route]] = {}
        for route in plane.table:
            paths.setdefault(route.path, {})[route.method] = route
        self._paths = list(paths)
        resources = [Path(path, _Resource(plane, routes)) for path, routes in paths.items()]
        page = _Page(Page())
        self._router = Router(
            [*resources, *(Path(path, page) for path in PATHS)], redirect_slashes=False, default=self._lost
        )
        self._requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        assert scope["type"] == "http", "neither lifespan nor WebSocket is asked for"
        sending = _Sending(send, scope["path"])
        began = time.monotonic()
        self._requests += 1
        try:
            if self._requests > REQUESTS_MAX:
                raise Refusal("busy", f"there are {REQUESTS_MAX} requests, as many as there may be at a time")
            if self._guard is not None:
                self._guard.check(scope["method"], scope["path"], Headers(scope=scope))
            await self._router(scope, receive, sending)
        except ClientDisconnect:
            pass
        except Exception as error:
            if sending.status is not None:  # too late for another answer: the connection is closed
                raise
            await _problem(refusal_of(error))(scope, receive, sending)
        finally:
            self._requests -= 1
            if _log.isEnabledFor(logging.INFO):
                took = (time.monotonic() - began) * 1000
                _log.info("%s %s: %s, %.1f ms", scope["method"], scope["path"], sending.status or "gone", took)

    async def _lost(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"][:100]
        hint = nearest(path, [*self._paths, "/dashboard/"])
        if hint is None and path.startswith("/ws"):
            hint = f"the WebSocket API is at {self._plane.venue.url}"
        said = f"there is no {path}" + ("" if hint is None else f" ({hint})")
        mistake = Mistake("path", "a route of /v1/openapi.json, or / for the dashboard", path, hint)
        raise Refusal("unknown-route", f"{said}; /v1/openapi.json has all routes", [mistake])


class _Resource:
    """What has a path: a route for each method."""

    def __init__(self, plane: Plane, routes: Mapping[str, Route]) -> None:
        self._plane = plane
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        route = self._routes.get("GET" if method == "HEAD" else method)
        if route is None:
            await _other_method(method, self._routes)(scope, receive, send)
            return
        request = Request(scope, receive)
        query = query_of(QueryParams(scope["query_string"]).multi_items(), route.query)
        content = await _body(request, route.body_bytes_max)
        large = len(content) > _LARGE_BYTES  # takes longer to read than an event may wait
        body = await asyncio.to_thread(route.read, content) if large else route.read(content)
        call = Call(self._plane, scope["path_params"], query, body, request.headers)
        company = None if scope.get(CARRIED) else _company_of(route, call)
        if company is not None and not company.leads and route.is_of_source(call):
            replied = await _unless_gone(at_source(company, asked_of(request, content)), receive, call)
            await Response(replied.body, replied.status, media_type=replied.media)(scope, receive, send)
            return
        if company is not None and route.merge and call.everywhere:
            value = await _unless_gone(everywhere(route, call, asked_of(request, content)), receive, call)
        else:
            value = route.handle(call)
        if isawaitable(value):
            value = await (_unless_gone(value, receive, call) if route.waits else value)
        if isinstance(value, AsyncGenerator):
            if method == "HEAD":  # what does not end has no end to wait for either
                await Response(b"", media_type=route.media)(scope, receive, send)
                return
            await _stream(value, route.media, receive, send, self._plane)
            return
        status = route.status
        if isinstance(value, Answer):
            value, status = value.value, value.status
        await Response(encoded(value), status, media_type=route.media)(scope, receive, send)


def _company_of(route: Route, call: Call[Any, Any]) -> "Company | None":
    """The other servers that show the same as the stage that something is about, if they matter to the route."""
    return call.stage.controller.company if route.of_source or route.merge else None


class _Page:
    """The dashboard's files."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await _other_method(scope["method"], ("GET",))(scope, receive, send)
            return
        status, headers, content = self._page.answer(scope["path"], Headers(scope=scope).get("if-none-match"))
        await Response(content, status, headers)(scope, receive, send)


class _Sending:
    """Sends, with the headers that every answer has, and remembers its status."""

    def __init__(self, send: Send, path: str) -> None:
        self._send = send
        self._fresh = path.startswith("/v1")
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            more = [(b"date", formatdate(usegmt=True).encode()), (b"x-content-type-options", b"nosniff")]
            if self._fresh:
                more.append((b"cache-control", b"no-store"))
            message["headers"] = [*message["headers"], *more]
        await self._send(message)


def _problem(refusal: Refusal) -> Response:
    headers = dict(refusal.headers)
    if refusal.kind in _CLOSING:
        headers["Connection"] = "close"
    return Response(encoded(refusal.document), refusal.status, headers, _PROBLEM)


def _other_method(method: str, routes: Iterable[str]) -> Response:
    """The answer to a method that a path does not have, `OPTIONS` being one that all have."""
    allowed = sorted({*routes, "OPTIONS", *(["HEAD"] if "GET" in routes else [])})
    allow = {"Allow": ", ".join(allowed)}
    if method == "OPTIONS":
        return Response(status_code=204, headers=allow)
    expected = f"one of {', '.join(allowed)}"
    return _problem(
        Refusal("method", f"expected {expected}, got {method}", [Mistake("method", expected, method)], headers=allow)
    )


async def _body(request: Request, bytes_max: int) -> bytes:
    """The body of a request, bounded in size and in time."""
    length = request.headers.get("content-length")
    if length in (None, "0") and "transfer-encoding" not in request.headers:
        return b""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        found = f'"{media}"' if media else "none"
        hint = "with curl: --json or -H 'Content-Type: application/json'"
        mistake = Mistake("Content-Type", "application/json", found, hint)
        raise Refusal("content-type", f"Content-Type: expected application/json, got {found} ({hint})", [mistake])
    if length is not None and length.isdecimal() and int(length) > bytes_max:
        raise _too_large(bytes_max)
    content = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for chunk in request.stream():
                content += chunk
                if len(content) > bytes_max:
                    raise _too_large(bytes_max)
    except TimeoutError:
        raise Refusal("slow-request", f"expected the whole body within {BODY_TIMEOUT_S:g} s") from None
    return bytes(content)


def _too_large(bytes_max: int) -> Refusal:
    return Refusal("too-large", f"expected a body of at most {bytes_max:,} bytes, got more")


async def _unless_gone(value: Awaitable[Any], receive: Receive, call: Call[Any, Any]) -> Any:
    """What comes of something that may take long; it is cancelled when the caller goes, or the world or the server
    ends.
    """
    doing = asyncio.ensure_future(value)
    going = asyncio.ensure_future(_gone(receive))
    stopping = asyncio.ensure_future(call.plane.stopping.wait())
    tasks = [doing, going, stopping]
    try:
        stage = call.stage
        ending = asyncio.ensure_future(stage.over.wait())
        tasks.append(ending)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        if stopping.done():
            raise Refusal("stopping", "the server is shutting down")
        if ending.done():
            raise Refusal("unknown-world", f"the world {stage.name} has ended meanwhile")
        raise ClientDisconnect
    finally:
        await _cancelled(*tasks)


async def _stream(chunks: AsyncGenerator[bytes, None], media: str, receive: Receive, send: Send, plane: Plane) -> None:
    """Send chunks as they come, until there are no more, the reader has gone, or the server ends."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", media.encode())]})

    async def pump() -> None:
        async for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})

    pumping = asyncio.ensure_future(pump())
    going = asyncio.ensure_future(_gone(receive))
    stopping = asyncio.ensure_future(plane.stopping.wait())
    try:
        await asyncio.wait({pumping, going, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if pumping.done():
            pumping.result()
    finally:
        await _cancelled(pumping, going, stopping)
        await chunks.aclose()
    if not going.done() or going.cancelled():
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cancelled(*tasks: "asyncio.Future[Any]") -> None:
    """Cancel what is not done, and return when all are."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
