"""`pvws.Control`: a running test-bed, steered from Python."""

import base64
import os
import secrets
import ssl
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from msgspec import MsgspecError

from pvws.answers import (
    ClientState,
    ClientStates,
    Comparison,
    DeliveryReport,
    Disconnected,
    Emitted,
    Happening,
    NodeInfo,
    ServerInfo,
    StageState,
    WorldInfo,
    Worlds,
)
from pvws.answers import Nodes as NodeInfos
from pvws.client.control.address import DEFAULT_CONTROL_URL, TOKEN_VARIABLE, URL_VARIABLE, place_of
from pvws.client.control.answering import not_understood, value_of
from pvws.client.control.event_stream import EventStreamReader, happenings
from pvws.client.control.exchange import Answer, Request
from pvws.client.control.lease import Lease
from pvws.client.control.resources import (
    NODES_S,
    ControlClock,
    ControlFaults,
    ControlJournal,
    ControlRules,
    ControlScenario,
)
from pvws.client.control.transport import Transport
from pvws.client.control.values import Found, Moment, Nodes, body, moment_text, nodes_text, segment
from pvws.errors import InputError, Problem

__all__ = ["Control"]

if TYPE_CHECKING:
    from pvws.world.network import Network
    from pvws.world.truth import Truth

_T = TypeVar("_T")


class Control:
    """A running test-bed:

        async with pvws.Control() as control:
            await control.clock.hold()
            await control.emit("alerts", "storage_alert", {"level": "critical"})

    `url` is its control plane's address, `http://localhost:8084` if neither it nor PVWS_CONTROL_URL says otherwise;
    `:9001` and `host:9001` do as well. `world` is which of its worlds is meant. `token` is needed where it listens
    beyond this machine; left out, it is that of PVWS_CONTROL_TOKEN. An answer may take `timeout_s` seconds, beside
    what it waits for. `tls` is for an https:// address. Nothing is asked before the first call.

    Calls raise ControlError where the server refuses, with its words and every mistake it found; ReachError where
    none can be reached; InputError for what is found wrong before it is sent.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        world: str = "main",
        token: str | None = None,
        timeout_s: float = 10.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        place = place_of(url or os.environ.get(URL_VARIABLE) or DEFAULT_CONTROL_URL, "url" if url else URL_VARIABLE)
        token = token or os.environ.get(TOKEN_VARIABLE) or None
        if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
            raise InputError(Problem("token", "visible ASCII characters"))
        self._transport = Transport(place, token, timeout_s, tls)
        self._use(world)

    def _use(self, world: str) -> None:
        self.world_name = world
        """Which world is meant."""
        self.clock = ControlClock(self)
        """Its time."""
        self.scenario = ControlScenario(self)
        """What plays on it."""
        self.journal = ControlJournal(self)
        """What its clients did."""
        self.faults = ControlFaults(self)
        """What it does to them."""
        self.rules = ControlRules(self)
        """How it answers them."""

    @property
    def url(self) -> str:
        """The control plane's address."""
        return self._transport.place.url

    def at(self, world: str) -> "Control":
        """The same test-bed, with another of its worlds meant. It shares connections, and need not be closed."""
        other = Control.__new__(Control)
        other._transport = self._transport
        other._use(world)
        return other

    async def ask(
        self,
        method: str,
        path: str,
        kind: type[_T] = object,  # type: ignore[assignment]
        *,
        query: Mapping[str, Any] | None = None,
        body: object = None,
        waits_s: float = 0.0,
    ) -> _T:
        """Any request to `/v1/…`, about this world. The answer is read as a `kind`, or given back as plain values.

        `waits_s` is how long the server may take beside `timeout_s`.
        """
        asked = {**(query or {}), "world": None if self.world_name == "main" else self.world_name}
        request = Request(method=method, path=path, query=asked, body=body, waits_s=waits_s)
        return value_of(await self._transport.ask(request), kind, self._transport.place)

    async def info(self) -> ServerInfo:
        """What serves, and where clients connect."""
        return await self.ask("GET", "/v1", ServerInfo)

    async def state(self, *, nodes: Nodes = "here") -> StageState:
        """The world at a glance; with counts of all nodes of a bus, if these are meant."""
        return await self.ask("GET", "/v1/state", StageState, query={"nodes": nodes_text(nodes)}, waits_s=NODES_S)

    async def nodes(self) -> Sequence[NodeInfo]:
        """The servers of its bus, the source first, with how many clients each has and how far it is behind; without a
        bus it is alone.
        """
        return (await self.ask("GET", "/v1/nodes", NodeInfos)).nodes

    async def clients(self, *, nodes: Nodes = "here") -> Found[ClientState]:
        """Who is connected, in the order in which they came; on all nodes of a bus, if these are meant."""
        query = {"nodes": nodes_text(nodes)}
        found = await self.ask("GET", "/v1/clients", ClientStates, query=query, waits_s=NODES_S)
        return Found(found.clients, found)

    async def client(self, which: str | int) -> ClientState:
        """One of them: by id or the beginning of one, by its name (`?client=NAME`), or as the how manieth it came."""
        return await self.ask("GET", f"/v1/clients/{segment(str(which))}", ClientState)

    async def disconnect(
        self,
        client: str | int | None = None,
        *,
        clients: str | None = None,
        code: int = 1000,
        reason: str = "",
        nodes: Nodes = "here",
    ) -> Found[str]:
        """Close the connection of a client, or of a share of them (`"50%"`), with a code and a reason; who was told.

        With `nodes="all"` that is done on all nodes of the bus, a share being one of each node's clients.
        """
        which = None if client is None else str(client)
        asked = body(client=which, clients=clients, code=code, reason=reason or None)
        query = {"nodes": nodes_text(nodes)}
        found = await self.ask("POST", "/v1/disconnect", Disconnected, query=query, body=asked, waits_s=NODES_S)
        return Found(found.clients, found)

    async def emit(
        self,
        topic: str,
        type: str,  # noqa: A002 - the API's word
        data: Mapping[str, Any] | None = None,
        *,
        client: str | int | None = None,
        to_all: bool = False,
        extra: bool = False,
    ) -> Emitted:
        """Publish an event, to whoever subscribed to its topic, or to one client alone.

        What `data` leaves out is filled in; what is wrong in it is refused, and what the type has not as well, unless
        `extra` is to be allowed. With `to_all` every client gets it, and in the upstream profile without its topic, as
        from the shipped server.
        """
        which = None if client is None else str(client)
        asked = body(
            topic=topic,
            type=type,
            data=None if data is None else dict(data),
            client=which,
            to_all=to_all or None,
            extra=extra or None,
        )
        return await self.ask("POST", "/v1/emit", Emitted, body=asked)

    async def emit_raw(
        self,
        payload: str | bytes,
        topics: Iterable[str] | None = None,
        *,
        client: str | int | None = None,
        to_all: bool = False,
        binary: bool | None = None,
        fragments: Sequence[int] | None = None,
    ) -> Emitted:
        """Send a message as it stands, right or wrong, to subscribers of any of some topics (else of all), to one
        client, or `to_all`: a text, or bytes as a binary message unless `binary` says otherwise, in frames of the sizes
        `fragments`.
        """
        which = None if client is None else str(client)
        asked = body(topics=None if topics is None else list(topics), client=which, to_all=to_all or None)
        asked |= body(binary=binary, fragments=fragments)
        if isinstance(payload, str):
            asked["text"] = payload
        else:
            asked["base64"] = base64.b64encode(payload).decode()
        return await self.ask("POST", "/v1/emit", Emitted, body=asked)

    async def mark(self, name: str) -> None:
        """Set a mark, which recordings, waits and the ledger see."""
        await self.ask("POST", "/v1/mark", body={"name": name})

    async def truth(self, at: Moment | None = None) -> "Truth":
        """What is so in the simulated network, now or at an instant: peers, files and their copies, usage, alerts.

        Raises ControlError (409) where no scenario plays.
        """
        from pvws.world.truth import Truth  # not before it is asked for: it brings the simulated network along

        return await self.ask("GET", "/v1/world", Truth, query={"at": moment_text(at)})

    async def network(self) -> "Network":
        """The same of now, with links and without files: what can be asked for every second."""
        from pvws.world.network import Network

        return await self.ask("GET", "/v1/network", Network)

    async def compare(self, view: Mapping[str, Any], at: Moment | None = None) -> Comparison:
        """A client's own view beside the truth, field by field; `view` has what the client knows of it."""
        return await self.ask("POST", "/v1/world/compare", Comparison, body=body(view=view, at=moment_text(at)))

    async def ledger(self) -> DeliveryReport:
        """What was delivered, how late, and what clients missed, each by itself; on a bus also what all servers of it
        delivered `together`.
        """
        return await self.ask("GET", "/v1/ledger", DeliveryReport, waits_s=NODES_S)

    async def schema(self, of: Literal["fault", "rule", "scenario"]) -> dict[str, Any]:
        """The JSON Schema of what faults, rules or scenarios are written in."""
        return await self.ask("GET", f"/v1/schema/{of}", dict)

    async def worlds(self) -> Sequence[WorldInfo]:
        """All worlds of the server, `main` first."""
        return (await self.ask("GET", "/v1/worlds", Worlds)).worlds

    async def world_info(self, name: str) -> WorldInfo:
        """One of them. Raises ControlError (404) where there is none of this name."""
        return await self.at("main").ask("GET", f"/v1/worlds/{segment(name)}", WorldInfo)

    def world(
        self,
        name: str | None = None,
        *,
        ttl: str = "30s",
        scenario: str | None = None,
        seed: int | None = None,
        speed: float | Literal["max"] | None = None,
        held: bool | None = None,
        set: Mapping[str, str] | None = None,  # noqa: A002 - the option's name
    ) -> Lease:
        """A world of one's own while it is entered, for tests that share a server; without a name, of one of its own:

            async with control.world(held=True, scenario="quickstart") as world:
                await world.control.clock.advance("10s")

        It plays `scenario`, or what the server plays, from the beginning.
        """
        called = f"world-{secrets.token_hex(6)}" if name is None else name
        wishes = body(scenario=scenario, seed=seed, speed=speed, held=held, set=None if set is None else dict(set))
        return Lease(self.at(called), called, ttl, wishes)

    async def end_world(self, name: str) -> None:
        """End a world at once; its clients are told goodbye."""
        await self.at("main").ask("DELETE", f"/v1/worlds/{segment(name)}", type(None))

    async def events(
        self,
        kinds: Iterable[str] | None = None,
        *,
        topics: Iterable[str] | None = None,
        types: Iterable[str] | None = None,
        where: str | None = None,
        rate: float | None = None,
    ) -> AsyncGenerator[Happening, None]:
        """What happens from now on, as it does: events published, what clients do and say, faults, the clock …

        `kinds` are those of the control plane's documentation; the rest is about events alone: their topics and types,
        an expression, and how many a second at most. A happening of the kind `gap` tells how many were left out,
        because of that or because this program was too slow. Ends with the server.
        """
        lists = {"kinds": kinds, "topics": topics, "types": types}
        asked: dict[str, object] = {name: None if each is None else ",".join(each) for name, each in lists.items()}
        asked |= {"where": where, "rate": rate, "world": None if self.world_name == "main" else self.world_name}
        request, place = Request(method="GET", path="/v1/events", query=asked), self._transport.place

        def opened(answer: Answer) -> None:
            if answer.status >= 300 or not answer.media.startswith("text/event-stream"):
                value_of(answer, type(None), place)

        reader = EventStreamReader()
        async with aclosing(self._transport.stream(request, opened)) as pieces:
            async for piece in pieces:
                for told in reader.feed(piece):
                    try:
                        found = happenings(*told)
                    except MsgspecError as error:
                        raise not_understood(error, place) from None
                    for happening in found:
                        yield happening

    async def stop(self) -> None:
        """End the server, as a signal would: clients are told goodbye, recordings are written."""
        await self.ask("POST", "/v1/stop", type(None), body={})

    async def close(self) -> None:
        """Close the connections to it."""
        await self._transport.close()

    async def __aenter__(self) -> "Control":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()
