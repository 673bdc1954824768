"""The listener: sockets on an address, and the connections that came in through them."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.utils import formatdate
from functools import partial

from msgspec import structs

from pvws.limits import CRASH_RESTART_S, METRICS_CLIENTS_MAX, MISTAKES_TOLD_MAX, PATH_CHARACTERS_TOLD_MAX
from pvws.scenario.faults.refusal import Refusal
from pvws.server.certificates import server_context
from pvws.server.connection import Connection
from pvws.server.deadlines import Deadlines
from pvws.server.door import Door
from pvws.server.encoder import Deflate, Encoder, Plain, Upstream
from pvws.server.endpoints import WEBSOCKET_PATH, Figures, StageFigures, answer
from pvws.server.host import Guest
from pvws.server.http import Request, Response
from pvws.server.hub import Hub
from pvws.server.origins import response_headers
from pvws.server.own_process import process_figures
from pvws.server.room import MAIN, Caller, Client, Room, Rooms, Said, is_name
from pvws.server.settings import Limits, Settings
from pvws.server.sightings import Sighting
from pvws.server.tally import Counted, Tally
from pvws.server.upstream_http import upstream_answer
from pvws.session.access import Access
from pvws.session.echo import Echo
from pvws.session.session import Moment, Rules, Session
from pvws.sim.source import Deed, Timed
from pvws.timestamp import Timestamp
from pvws.wire.profiles import Quirks

__all__ = ["Listener"]

_log = logging.getLogger("pvws.server")

_STOP_SLACK_S = 1.0  # for a last deadline to be reached before all that is left is cut


class Listener:
    """Accepts connections and lets them speak with a hub.

    `now` gives stage time, `client_id` the id of one more client. With `echo` every message is answered by itself.
    `rooms` are where clients go that name a world; without any there is only the main one. Order of calls: `start`,
    then `stop`.
    """

    def __init__(
        self,
        hub: Hub,
        now: Callable[[], Timestamp],
        client_id: Callable[[], str],
        settings: Settings = Settings(),  # noqa: B008 - immutable
        *,
        echo: bool = False,
        rooms: Rooms | None = None,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.hub = hub
        self.rooms: Rooms = _OnlyMain(_Main(hub, now, client_id)) if rooms is None else rooms
        main = self.rooms.find(MAIN)
        assert main is not None, "there is always a main room"
        self.main: Room = main
        self._echo = echo
        self.settings = settings
        self.rules = _rules(settings)
        self.deadlines = Deadlines(loop)
        self.clock = loop.time
        self.soon: Callable[..., object] = loop.call_soon
        quirks = settings.quirks
        self._encoders: dict[int | None, Encoder] = {None: Upstream(quirks) if _needs_upstream(quirks) else Plain()}
        self._door = Door(lambda: Connection(self))
        self._refusals = 0
        self._connections: set[Guest] = set()
        self._all_gone = asyncio.Event()
        self._all_gone.set()
        self._stopping = False
        self._told = set[str]()  # mistakes of clients that the log has
        self._started = time.monotonic()
        self._tally = Tally()
        self._staying = 0
        self._staying_by_address: Counter[str] = Counter()
        self._down_until = 0.0

    @property
    def port(self) -> int:
        """The port it listens on, once it is started."""
        return self._door.port

    @property
    def url(self) -> str:
        """Where clients connect."""
        host = f"[{self._door.host}]" if ":" in self._door.host else self._door.host
        scheme = "ws" if self.settings.tls is None else "wss"
        return f"{scheme}://{host}:{self.port}{WEBSOCKET_PATH}"

    async def start(self, host: str, port: int) -> None:
        """Listen on every address of a host, on one port; port 0 is any that is free on all of them.

        Raises ReachError when that can't be, and InputError for a certificate or key that can't be used.
        """
        tls = None if self.settings.tls is None else server_context(self.settings.tls)
        door = Door(lambda: Connection(self), tls=tls, tls_timeout=self.settings.timeouts.read / 1_000_000)
        await door.open(host, port)
        self._door = door

    async def stop(self, code: int = 1001, reason: str = "") -> None:
        """Close every connection behind what was queued for it, and return when all are gone.

        Who connects meanwhile is answered 503. A client that does not answer the close frame is cut after the grace
        time. When the call is cancelled, all are cut at once.
        """
        self._stopping = True
        try:
            await self._door.settled()
            for connection in tuple(self._connections):
                connection.close(code, reason)
            # Each has its own deadline; the bound here is for those that keep coming.
            async with asyncio.timeout(self.settings.timeouts.close / 1_000_000 + _STOP_SLACK_S):
                await self._all_gone.wait()
        except TimeoutError:
            pass
        finally:
            self._door.close()
            for connection in tuple(self._connections):
                connection.abort()
            self.deadlines.close()

    # What a fault of the whole server does

    def refuse(self) -> None:
        """Have the kernel refuse connections, until as many calls of `accept` have followed."""
        self._refusals += 1
        if not self._stopping:
            self._door.shut()

    def accept(self) -> None:
        """Take connections again, on the same port, unless another `refuse` still holds."""
        self._refusals -= 1
        if not self._refusals and not self._stopping:
            self._door.reopen()

    def dismiss(self, code: int | None, reason: str = "") -> int:
        """End every connection, as a server does that is restarted: with a close frame, or without a word where there
        is no code. How many there were.
        """
        leaving = tuple(self._connections)
        for connection in leaving:
            if code is None:
                connection.abort()
            else:
                connection.dismiss(code, reason)
        return len(leaving)

    def moment(self, room: Room, real: float | None = None) -> Moment:
        """Now, in the stage time of a room and in real time; `real` where that is known already."""
        return Moment(room.now(), self.clock() if real is None else real, self.wall())

    def wall(self) -> int:
        """Microseconds since the epoch."""
        return time.time_ns() // 1000

    def session(self, room: Room) -> Session | Echo:
        """The rules of one more client of a room."""
        client_id = room.client_id()
        return Echo(client_id, self.rules) if self._echo else Session(client_id, self.rules)

    def date(self) -> str:
        """Real time, as HTTP writes it."""
        return formatdate(usegmt=True)

    def answer(self, request: Request) -> Response:
        """The answer to a plain HTTP request, with the CORS headers that go with it."""
        world = request.query("world")
        room = None if world is None else self.rooms.find(world)
        if world is not None and room is None:
            return self.with_origin(request, Response(404, f"there is no world {world}\n".encode()))
        figures, quirks = self.figures(room), self.settings.quirks
        return upstream_answer(request, figures, quirks) or self.with_origin(request, answer(request, figures))

    def with_origin(self, request: Request, response: Response) -> Response:
        """An answer with the CORS headers that its request earns."""
        preflight = request.method == "OPTIONS"
        cors = response_headers(self.settings.cors, request.header("origin"), preflight=preflight)
        return structs.replace(response, headers=[*response.headers, *cors])

    def turned_away(self, request: Request, address: str, answer: Response) -> None:
        """A handshake was refused before any room had a word: tell the one that it was about, if there is one."""
        why = ""
        if request.path != WEBSOCKET_PATH:
            why = f"a WebSocket is at {WEBSOCKET_PATH}, not at {request.path[:PATH_CHARACTERS_TOLD_MAX]}"
            self._tell_once(f"{address} was answered {answer.status}: {why}")
        room = self.rooms.find(request.query("world") or MAIN)
        name = request.query("client") or ""
        if room is not None:
            caller = Caller(address, name if is_name(name) else "")
            room.refused(caller, Refusal(answer.status, why, tuple(answer.headers)))

    def _tell_once(self, text: str) -> None:
        """Log what a client does all the time that has the wrong address: as an error, but not each time."""
        if text not in self._told and len(self._told) < MISTAKES_TOLD_MAX:
            self._told.add(text)
            _log.error("%s", text)
        else:
            _log.debug("%s", text)

    def encoder(self, window: int | None) -> Encoder:
        """What makes frames for clients with this window of compression, or with none."""
        if window not in self._encoders:
            assert window is not None, "the plain encoder is there from the start"
            self._encoders[window] = Deflate(window, self.settings.compression.threshold)
        return self._encoders[window]

    def figures(self, room: Room | None = None) -> Figures:
        """What the HTTP endpoints tell: of one room, or of the whole server with the main room's stage."""
        tally = self._tally if room is None else room.tally
        here = (each for each in self._connections if room is None or each.entered is room)
        return Figures(
            now=Timestamp(self.wall()),
            uptime=int((time.monotonic() - self._started) * 1_000_000),
            world=None if room is None else room.name,
            active_connections=tally.active,
            total_connections=tally.connections,
            messages_received=tally.of["message"].total(),
            dropped=tally.dropped + sum(connection.dropped for connection in here),
            events=self.rooms.published() if room is None else room.hub.published,
            errors=tally.of["error"],
            disconnects=tally.of["disconnect"],
            stage=partial(_stage_figures, room or self.main),
            process=process_figures,
        )

    def connected(self, connection: Guest) -> None:
        """A transport is there."""
        self._connections.add(connection)
        self._all_gone.clear()
        if self.clock() < self._down_until:
            connection.abort()

    def upgraded(self, before: Guest, after: Guest) -> None:
        """A transport has another owner."""
        self._connections.remove(before)
        self._connections.add(after)

    def would_crash(self, room: Room | None) -> None:
        """More is queued for a client, of a room, than the real server bears (A20, B11, B13)."""
        self.count("disconnect", "would_have_crashed", room)
        _log.warning("the real server would have crashed here")
        if self.settings.quirks.crash:
            self._down_until = self.clock() + CRASH_RESTART_S
            for connection in tuple(self._connections):
                connection.abort()

    @property
    def stopping(self) -> bool:
        """Whether it is saying goodbye, and takes nobody any more."""
        return self._stopping

    def opened(self, connection: Guest) -> str | None:
        """A handshake is done; why the client can't stay, if it can't."""
        for tally in self._tallies(connection.entered):
            tally.opened()
        limits = self.settings.limits
        if not self.settings.quirks.connection_limit:
            limits = Limits(max_connections=None)
        if limits.max_connections is not None and self._staying >= limits.max_connections:
            return f"there are {self._staying} connections, as many as there may be"
        here = self._staying_by_address[connection.address]
        if limits.connections_per_address is not None and here >= limits.connections_per_address:
            return f"there are {here} connections from this address, as many as there may be"
        connection.counted = True
        self._staying += 1
        self._staying_by_address[connection.address] += 1
        return None

    def disconnected(self, connection: Guest) -> None:
        """The transport is gone."""
        self._connections.discard(connection)
        if connection.is_websocket:
            for tally in self._tallies(connection.entered):
                tally.closed(connection.dropped)
        if connection.entered is not None:
            self.rooms.leave(connection.entered)
        if connection.counted:
            self._staying -= 1
            self._staying_by_address[connection.address] -= 1
            if not self._staying_by_address[connection.address]:
                del self._staying_by_address[connection.address]
        if not self._connections:
            self._all_gone.set()

    def count(self, what: Counted, key: str, room: Room | None = None) -> None:
        """Count one more `message`, `error` by its code, or `disconnect` by its reason; of a room's client if given."""
        for tally in self._tallies(room):
            tally.of[what][key] += 1

    def _tallies(self, room: Room | None) -> Iterator[Tally]:
        """Where what a client does is counted: for the server, and for its room."""
        yield self._tally
        if room is not None:
            yield room.tally


class _Main:
    """The room of a server that has no other."""

    def __init__(self, hub: Hub, now: Callable[[], Timestamp], client_id: Callable[[], str]) -> None:
        self.name = MAIN
        self.hub = hub
        self.tally = Tally()
        self.now = now
        self.client_id = client_id
        self._callers = 0

    def attempt(self, caller: Caller) -> None:
        """Whoever comes may come in."""
        self._callers += 1
        caller.number = self._callers

    def welcome(self, topic: str) -> Sequence[Timed]:
        """Nothing is told."""
        return ()

    def note(
        self,
        client: Client,
        did: Deed,
        topic: str = "",
        type: str = "",  # noqa: A002 - the API's word
        *,
        said: Said | None = None,
        code: int | None = None,
    ) -> None:
        """Nobody wants to know."""

    def hear(self, client: Client, message: str | bytes) -> None:
        """Nobody wants to know."""

    def refused(self, caller: Caller, refusal: Refusal) -> None:
        """Nobody wants to know."""

    def saw(self, client: Client, sighting: Sighting) -> None:
        """Nobody wants to know."""


class _OnlyMain:
    """All rooms of such a server."""

    def __init__(self, main: Room) -> None:
        self._main = main

    def enter(self, name: str) -> Room | None:
        """The main room, under its own name alone."""
        return self.find(name)

    def leave(self, room: Room) -> None:
        """Nothing: it never ends."""

    def find(self, name: str) -> Room | None:
        """The main room, under its own name alone."""
        return self._main if name == MAIN else None

    def published(self) -> Mapping[str, int]:
        """The main room's."""
        return self._main.hub.published


def _stage_figures(room: Room) -> StageFigures:
    delivery = room.hub.delivery
    slowest = delivery.clients(METRICS_CLIENTS_MAX)
    return StageFigures(room.name, room.now(), len(room.hub), delivery.stage(), slowest)


def _rules(settings: Settings) -> Rules:
    return Rules.under(
        settings.quirks,
        Access(settings.auth.tokens),
        settings.auth.timeout / 1_000_000,
        settings.limits.messages_per_second,
        settings.limits.retry_after / 1_000_000,
    )


def _needs_upstream(quirks: Quirks) -> bool:
    """Whether what is sent is not made of the documented texts, each in a frame of its own."""
    return (
        quirks.broadcast_envelope
        or quirks.go_json
        or quirks.go_timestamps
        or quirks.coalesce
        or quirks.fragment is not None
    )
