"""Requests that are carried to another server of a bus and done there, by the same routes, as if it had been asked."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from inspect import isawaitable
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import Struct, structs
from starlette.requests import Request
from starlette.types import ASGIApp, Message

from pvws.answers import OfNodes, ProblemDocument, decoded
from pvws.bus.bus import UnansweredError
from pvws.control.problems import KINDS, Refusal, refusal_of
from pvws.control.route import Call, Route
from pvws.stage.company import Company, Other
from pvws.stage.nodes import SOURCE

__all__ = [
    "CARRIED",
    "Carried",
    "Replied",
    "Told",
    "ask_other",
    "asked_of",
    "at_source",
    "done",
    "everywhere",
    "merged",
]

_T = TypeVar("_T")

CARRIED = "pvws.carried"
"""Stands in the scope of a request that another server has sent: it is done where it is."""


class Carried(Struct, frozen=True):
    """A request: what was asked for, without who asked."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""


class Replied(Struct, frozen=True):
    """What was answered. What it has changed stands in the stream up to a `place`."""

    status: int
    media: str
    body: bytes
    place: int = 0


class Told(Struct, frozen=True):
    """What one of several servers has answered: a value of the route's type, or the problem that it had."""

    node: str
    value: Any = None
    problem: ProblemDocument | None = None


_carried_of = msgspec.msgpack.Decoder(Carried).decode
_replied_of = msgspec.msgpack.Decoder(Replied).decode
_encode = msgspec.msgpack.encode


# Where it is done


async def done(application: ASGIApp, company: Company, question: bytes, left: asyncio.Event) -> bytes:
    """What a server of a bus answers to what another one has asked of its control plane; see `pvws.bus.courier`."""
    replied = await _done(application, _carried_of(question), left)
    await asyncio.sleep(0)  # what was changed is told at the end of a turn
    return _encode(structs.replace(replied, place=company.place()))


async def _done(application: ASGIApp, carried: Carried, left: asyncio.Event) -> Replied:
    """What an application answers."""
    bodies = [carried.body]

    async def receive() -> Message:
        if bodies:
            return {"type": "http.request", "body": bodies.pop(), "more_body": False}
        await left.wait()
        return {"type": "http.disconnect"}

    status, media, content = 0, "", bytearray()

    async def send(message: Message) -> None:
        nonlocal status, media
        if message["type"] == "http.response.start":
            status = message["status"]
            media = next((value.decode() for name, value in message["headers"] if name == b"content-type"), "")
        else:
            content.extend(message.get("body", b""))

    length = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(carried.body))]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": carried.method,
        "scheme": "http",
        "path": carried.path,
        "raw_path": carried.path.encode(),
        "query_string": carried.query.encode(),
        "root_path": "",
        "headers": length if carried.body else [],
        CARRIED: True,
    }
    await application(scope, receive, send)
    return Replied(status or HTTPStatus.SERVICE_UNAVAILABLE, media, bytes(content))


# Where it is asked


def asked_of(request: Request, body: bytes) -> Carried:
    """A request as it is carried. `nodes` does not go with it: who has it knows who is meant."""
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name != "nodes"]
    return Carried(request.method, request.scope["path"], urlencode(pairs), body)


async def at_source(company: Company, asked: Carried) -> Replied:
    """What the source answers, once what it has changed is here as well. Raises Refusal where it does not."""
    try:
        replied = _replied_of(await company.ask(SOURCE, _encode(asked)))
    except UnansweredError as error:
        raise _unanswered(company, error) from None
    await company.arrive(replied.place)
    return replied


def _unanswered(company: Company, error: UnansweredError) -> Refusal:
    if error.seconds is None:
        return Refusal(
            "no-source",
            f"nothing plays on {company.bus}, so there is nobody who could do that; start what is to play with: "
            f"pvws simulate SCENARIO --bus {company.bus}",
        )
    if not company.is_reached:
        return Refusal(
            "silent-source",
            f"{company.bus} is gone, and tried again until it is back; what was asked may have been done before, and "
            "may not",
        )
    return Refusal(
        "silent-source",
        f"what plays on {company.bus} did not answer within {error.seconds:g} s, so it may have done that or not; "
        "see whether its process and the bus are well, and how it stands, before you ask again",
    )


async def everywhere(route: Route, call: Call[Any, Any], asked: Carried) -> Any:
    """What comes of something that all servers do: this one by itself, the others as they are asked.

    Raises Refusal where none of them could.
    """
    company: Company | None = call.stage.controller.company
    assert company is not None, "there may be others"
    call, path, body = route.for_all(call)
    asked = structs.replace(asked, path=path or asked.path, body=asked.body if body is None else body)
    others = company.others()
    here = await _here(company.name, route, call)
    if here.problem is not None and here.problem.type.endswith(":invalid"):  # wherever it is asked
        raise _refused(here.problem, ())
    told = await asyncio.gather(*(_there(company, each, asked, route) for each in others))
    silent = [other.name for other, each in zip(others, told, strict=True) if each is None]
    return merged(route, [here, *(each for each in told if each is not None)], silent)


def merged(route: Route, told: Sequence[Told], silent: Sequence[str]) -> Any:
    """One answer of all, which names those that have not answered, or have refused. Raises Refusal where all have."""
    assert route.merge is not None, "it is a route that all nodes can be meant by"
    values = [(each.node, each.value) for each in told if each.problem is None]
    problems = {each.node: each.problem for each in told if each.problem is not None}
    if not values:
        raise _refused(next(iter(problems.values())), silent)
    # What a node does not know is somewhere else.
    refused = {node: problem.detail for node, problem in problems.items() if not problem.type.endswith(":unknown")}
    return route.merge(values, OfNodes(silent=list(silent), refused=refused))


async def _here(name: str, route: Route, call: Call[Any, Any]) -> Told:
    try:
        value = route.handle(call)
        return Told(name, await value if isawaitable(value) else value)
    except Exception as error:
        return Told(name, problem=refusal_of(error).document)


async def _there(company: Company, other: Other, asked: Carried, route: Route) -> Told | None:
    """What another server says; None where it does not."""
    try:
        return Told(other.name, await ask_other(company, other, asked, route.answer))
    except Refusal as refusal:
        return Told(other.name, problem=refusal.document)
    except (UnansweredError, msgspec.MsgspecError):
        return None


async def ask_other(company: Company, other: Other, asked: Carried, kind: type[_T]) -> _T:
    """What another server answers, of a kind. Raises Refusal where it refuses, UnansweredError where it does not
    answer, and MsgspecError where that is not understood.
    """
    replied = _replied_of(await company.ask(other.id, _encode(asked)))
    if replied.status >= HTTPStatus.BAD_REQUEST:
        raise _refused(decoded(replied.body, ProblemDocument), ())
    return decoded(replied.body, kind)


def _refused(problem: ProblemDocument, silent: Sequence[str]) -> Refusal:
    kind = problem.type.rpartition(":")[2]
    kind = kind if kind in KINDS else "conflict"  # of a server of another version
    missing = f"; of {', '.join(silent)} there was no answer" if silent else ""
    return Refusal(kind, problem.detail + missing, problem.errors, entries=problem.entries, came_to=problem.came_to)
