"""A test-bed with its control plane in the test's own event loop, and calls whose answers must be as is documented."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from pvws.control.envoy import Envoy
from pvws.control.listener import ControlListener
from pvws.control.openapi import document
from pvws.control.plane import Plane
from pvws.control.table import routes
from pvws.server.settings import Configuration, Control
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from tests.support.raw_client import RawClient
from tests.support.staged import Listener, listener

HERE = Configuration("127.0.0.1", 0)
HERE_TOO = Control(host="127.0.0.1", port=0)


@cache
def document_of_all() -> dict[str, Any]:
    """The OpenAPI document of all routes."""
    return document(routes())


@cache
def _validator(pointer: str) -> Draft202012Validator:
    """What judges by the schema at a place of the document."""
    return Draft202012Validator({"$ref": f"urn:document#/{pointer}"}, registry=_registry())


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resource("urn:document", DRAFT202012.create_resource(document_of_all())).crawl()


class Reply:
    """An answer: its status, headers by their names in lower case, and what its body says."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.content = body
        self.body: Any = json.loads(body) if "json" in headers.get("content-type", "") and body else None

    @property
    def kind(self) -> str:
        """The kind of problem that it tells of."""
        assert self.headers["content-type"] == "application/problem+json", self.content
        kind: str = self.body["type"].removeprefix("urn:pvws:problem:")
        return kind

    @property
    def mistakes(self) -> list[tuple[str, str, str | None, str | None]]:
        """Path, what was expected, what was found and a hint, of every mistake."""
        return [(each["path"], each["expected"], each.get("found"), each.get("hint")) for each in self.body["errors"]]


class Steered:
    """A venue and its control plane. `stops` counts how often it was asked to end."""

    def __init__(self, venue: Venue, plane: Plane, listening: ControlListener) -> None:
        self.venue = venue
        self.plane = plane
        self.listening = listening
        self.port = int(listening.url.rpartition(":")[2])
        self.stops = 0

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        documented: bool = True,
    ) -> Reply:
        """Call a route. A header given as "" is left out. What is `documented` is answered as the document says."""
        if content is None:
            content = b"" if body is None else json.dumps(body).encode()
        fields = {"Host": f"127.0.0.1:{self.port}", "Content-Length": str(len(content))}
        fields |= {"Content-Type": "application/json"} if content else {}
        fields |= headers or {}
        head = "\n".join(
            [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items() if value)]
        )
        async with RawClient("127.0.0.1", self.port) as client:
            reply = Reply(*await client.request(head, content))
        if documented:
            self.check(method, path, reply)
        return reply

    def check(self, method: str, path: str, reply: Reply) -> None:
        """Raise AssertionError where an answer is not as the document says."""
        document, path = document_of_all(), path.partition("?")[0]
        places = [each for each in document["paths"] if re.fullmatch(re.sub(r"{\w+}", "[^/]+", each), path)]
        if not places or method.lower() not in document["paths"][places[0]]:
            return
        place = places[0] if path not in document["paths"] else path
        responses = document["paths"][place][method.lower()]["responses"]
        assert str(reply.status) in responses, (
            f"{method} {path} has no {reply.status} in the document: {reply.content!r}"
        )
        media = reply.headers["content-type"]
        assert media in responses[str(reply.status)]["content"], f"{method} {path} answered {media}"
        pointer = "/".join(
            each.replace("~", "~0").replace("/", "~1")
            for each in ("paths", place, method.lower(), "responses", str(reply.status), "content", media, "schema")
        )
        _validator(pointer).validate(reply.body)

    @asynccontextmanager
    async def client(self, *topics: str, path: str = "/ws") -> AsyncIterator[Listener]:
        """A client of the WebSocket API, subscribed."""
        async with listener(self.venue, *topics, path=path) as client:
            yield client


@asynccontextmanager
async def steered(
    stage: Stage | None = None,
    *,
    control: Control = HERE_TOO,
    configuration: Configuration = HERE,
    **options: Any,
) -> AsyncIterator[Steered]:
    """A stage, or a quiet one, that is played, served and steered."""
    stage = Stage() if stage is None else stage
    async with Venue(stage, configuration, **options) as venue, _played(stage):
        found: Steered | None = None

        def stop() -> None:
            assert found is not None, "it listens"
            found.stops += 1

        plane = Plane(venue, routes(), stop=stop)
        async with (
            ControlListener(control, 0, lambda: plane) as listening,
            Envoy(stage.controller.company, lambda: plane),
        ):
            found = Steered(venue, plane, listening)
            yield found


@asynccontextmanager
async def _played(stage: Stage) -> AsyncIterator[None]:
    playing = asyncio.ensure_future(stage.play_on())
    try:
        yield
    finally:
        playing.cancel()
        await asyncio.wait({playing})
    if not playing.cancelled() and (error := playing.exception()) is not None:
        raise error
