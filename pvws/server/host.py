"""What a connection and the server it belongs to know of each other."""

from collections.abc import Callable
from typing import Protocol

from pvws.server.deadlines import Deadlines
from pvws.server.encoder import Encoder
from pvws.server.http import Request, Response
from pvws.server.room import Room, Rooms
from pvws.server.settings import Settings
from pvws.server.tally import Counted
from pvws.session.echo import Echo
from pvws.session.session import Moment, Rules, Session

__all__ = ["Guest", "Host"]


class Guest(Protocol):
    """A connection, as its server sees it."""

    address: str
    counted: bool
    entered: Room | None

    @property
    def is_websocket(self) -> bool:
        """Whether the handshake is done."""
        ...

    @property
    def dropped(self) -> int:
        """Messages that it was never sent because it was too slow."""
        ...

    def close(self, code: int, reason: str = "", grace: float | None = None) -> None:
        """Say goodbye behind all that was queued."""
        ...

    def dismiss(self, code: int, reason: str = "") -> None:
        """Say goodbye with any code, since the whole server goes."""
        ...

    def abort(self) -> None:
        """Cut at once."""
        ...


class Host(Protocol):
    """What a connection needs of the server it belongs to. Times in seconds."""

    main: Room
    rooms: Rooms
    deadlines: Deadlines
    settings: Settings
    rules: Rules
    clock: Callable[[], float]
    soon: Callable[..., object]

    @property
    def stopping(self) -> bool:
        """Whether it takes nobody any more."""
        ...

    def moment(self, room: Room, real: float | None = None) -> Moment:
        """Now, in the stage time of a room and in real time; `real` where that is known already."""
        ...

    def wall(self) -> int:
        """Microseconds since the epoch."""
        ...

    def date(self) -> str:
        """Real time, as HTTP writes it."""
        ...

    def answer(self, request: Request) -> Response:
        """The answer to a plain HTTP request."""
        ...

    def with_origin(self, request: Request, response: Response) -> Response:
        """An answer with the CORS headers that its request earns."""
        ...

    def turned_away(self, request: Request, address: str, answer: Response) -> None:
        """A handshake was refused before any room had a word."""
        ...

    def session(self, room: Room) -> Session | Echo:
        """The rules of one more client of a room."""
        ...

    def encoder(self, window: int | None) -> Encoder:
        """What makes frames for a client; `window` is that of its compression, if it has one."""
        ...

    def connected(self, connection: Guest) -> None:
        """A transport is there."""
        ...

    def upgraded(self, before: Guest, after: Guest) -> None:
        """A transport has another owner."""
        ...

    def opened(self, connection: Guest) -> str | None:
        """A handshake is done; why the client can't stay, if it can't."""
        ...

    def disconnected(self, connection: Guest) -> None:
        """The transport is gone."""
        ...

    def would_crash(self, room: Room | None) -> None:
        """More is queued for a client, of a room, than the real server bears."""
        ...

    def count(self, what: Counted, key: str, room: Room | None = None) -> None:
        """Count one more `message`, `error` by its code, or `disconnect` by its reason; of a room's client if given."""
        ...
