"""Clients: who is here, what they did and sent, what they are sent, and goodbye."""

import asyncio
from base64 import b64decode
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from pvws.answers import ClientState, ClientStates, Disconnected, Emitted, OfNodes
from pvws.control.reading import JsonObject, Nothing
from pvws.control.route import Call, Query, Reaching, Route
from pvws.control.told import client_of, labelled
from pvws.errors import InputError, Problem
from pvws.scenario.faults.scope import ClientShare, ClientWord
from pvws.stage import controller
from pvws.wire.topics import TOPICS

__all__ = ["ROUTES"]

_SLICE = 50  # clients between two turns of the loop


class _Listed(Reaching, frozen=True, kw_only=True):
    """Which of them."""

    after: Annotated[int, Meta(ge=0, description="Those that came behind the one of this number.")] = 0
    limit: Annotated[int | None, Meta(ge=1, description="At most so many.")] = None


async def _clients(call: Call[Nothing, _Listed]) -> ClientStates:
    """Who is here, in the order in which they came; or on all nodes, each with its node."""
    stage, query = call.stage, call.query
    found = list[ClientState]()
    after, left, here = query.after, query.limit, stage.clients()
    while left is None or left > 0:
        some = stage.controller.clients(after=after, limit=_SLICE if left is None else min(_SLICE, left))
        if not some:
            break
        found += [client_of(stage, each, here[each.id][1] if each.id in here else None) for each in some]
        after = some[-1].number
        left = None if left is None else left - len(some)
        await asyncio.sleep(0)  # a thousand of them take longer than an event may wait
    return ClientStates(clients=found)


def _client(call: Call[Nothing, Query]) -> ClientState:
    """One of them: by its id or the beginning of it, by its name (`?client=NAME`), or by its number."""
    stage = call.stage
    state = stage.controller.client(call.path["which"])
    return client_of(stage, state, stage.clients()[state.id][1])


class _Goodbye(Struct, frozen=True):
    """Who is to go, and what is said: one `client`, or a share of all `clients`."""

    client: Annotated[ClientWord | None, Meta(description="Its id or the beginning of it, its name, or number.")] = None
    clients: Annotated[ClientShare | None, Meta(description="Which share of them.", examples=["50%", "all"])] = None
    code: Annotated[int, Meta(description="The code of the close frame.")] = 1000
    reason: Annotated[str, Meta(description="Its reason.")] = ""


def _disconnect(call: Call[_Goodbye, Reaching]) -> Disconnected:
    """Close connections, with a close frame behind all that was queued; who was told.

    A share is one of each server's clients.
    """
    body, hand = call.body, call.stage.controller
    if (body.client is None) == (body.clients is None):
        raise InputError(Problem("", "either client or clients", "neither" if body.client is None else "both"))
    share = 1.0 if body.clients is None else body.clients
    told = hand.disconnect(body.client, share=share, code=body.code, reason=body.reason) if share else []
    return Disconnected(clients=[each.id for each in told])


class _Emission(Struct, frozen=True):
    """An event: its `type`, and of its `data` what is not to be as by default. Or a message as it stands: its `text`,
    or bytes in `base64`, to the subscribers of some `topics`.
    """

    type: Annotated[str | None, Meta(description="The type of the event.", examples=["storage_alert"])] = None
    topic: Annotated[str | None, Meta(description="Its topic; left out, the one that the type has.")] = None
    data: Annotated[JsonObject | None, Meta(description="Its payload; what is left out is filled in.")] = None
    extra: Annotated[bool, Meta(description="Whether the payload may have fields that the type has not.")] = False
    text: Annotated[str | None, Meta(description="A message as it stands, right or wrong.")] = None
    base64: Annotated[str | None, Meta(description="The same as bytes; it goes as a binary message.")] = None
    binary: Annotated[bool | None, Meta(description="Whether it goes as a binary message, whatever it is.")] = None
    topics: Annotated[
        list[str], Meta(description="Whose subscribers get a message that stands for itself; left out: all.")
    ] = []
    fragments: Annotated[list[int] | None, Meta(description="The sizes of the frames that it goes in.")] = None
    client: Annotated[ClientWord | None, Meta(description="The one client that gets it.")] = None
    to_all: Annotated[
        bool,
        Meta(description="Whether everybody gets it, subscribed or not; in the upstream profile without its topic."),
    ] = False


_OF_EVENTS = ("type", "topic", "data", "extra")
_OF_RAW = ("text", "base64", "binary", "topics", "fragments")


def _emit(call: Call[_Emission, Query]) -> Emitted:
    """Send an event to the subscribers of its topic, or to one client; or a message as it stands.

    An event is checked against its type, and what is left out of it is filled in; what stands for itself may be wrong
    in any way. It leaves behind all that was published before, also while the clock is held.
    """
    body, hand = call.body, call.stage.controller
    is_raw = body.text is not None or body.base64 is not None
    others = [name for name in (_OF_EVENTS if is_raw else _OF_RAW) if getattr(body, name) not in (None, False, [])]
    if (body.type is None and not is_raw) or others or (body.text is not None and body.base64 is not None):
        expected = "a type with its data, or else a text or base64 with its topics"
        raise InputError(Problem("", expected, ", ".join(others) or ("both" if is_raw else "neither")))
    if not is_raw:
        assert body.type is not None, "it was looked at"
        given = hand.emit(
            body.type, body.data, topic=body.topic, client=body.client, to_all=body.to_all, extra=body.extra
        )
        return _emitted(given)
    payload = body.text if body.base64 is None else _bytes(body.base64)
    assert payload is not None, "one of them is given"
    given = hand.emit_raw(
        payload,
        topics=() if body.client is not None or body.to_all else body.topics or TOPICS,
        client=body.client,
        to_all=body.to_all,
        binary=body.binary,
        fragments=body.fragments,
    )
    return _emitted(given)


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise InputError(Problem("base64", "base64 (RFC 4648, section 4)", str(error).lower())) from None


def _emitted(given: controller.Emitted) -> Emitted:
    return Emitted(at=given.timestamp, sequence=given.sequence, reached=given.reached)


def _all_clients(values: Sequence[tuple[str, ClientStates]], missing: OfNodes) -> ClientStates:
    return ClientStates(clients=labelled(values, "clients"), silent=missing.silent, refused=missing.refused)


def _all_gone(values: Sequence[tuple[str, Disconnected]], missing: OfNodes) -> Disconnected:
    gone = [each for _, value in values for each in value.clients]
    return Disconnected(clients=gone, silent=missing.silent, refused=missing.refused)


def _is_to_all(call: Call[_Emission, Query]) -> bool:
    return call.body.client is None


ROUTES = (
    Route(
        method="GET",
        path="/v1/clients",
        tag="clients",
        handle=_clients,
        query=_Listed,
        answer=ClientStates,
        waits=True,
        merge=_all_clients,
    ),
    Route(
        method="GET",
        path="/v1/clients/{which}",
        tag="clients",
        handle=_client,
        answer=ClientState,
        problems=("unknown",),
    ),
    Route(
        method="POST",
        path="/v1/disconnect",
        tag="clients",
        handle=_disconnect,
        body=_Goodbye,
        query=Reaching,
        answer=Disconnected,
        problems=("unknown", "conflict"),
        merge=_all_gone,
    ),
    Route(
        method="POST",
        path="/v1/emit",
        tag="clients",
        handle=_emit,
        body=_Emission,
        answer=Emitted,
        problems=("unknown", "conflict"),
        of_source=_is_to_all,
    ),
)
"""What this file serves."""
