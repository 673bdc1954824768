"""What was noted of a run, told: bytes made messages again, each in words and as an entry of a recording. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Opcode

from pvws.proxy.frame_tap import FrameTap, Seen, SeenClose, SeenControl, SeenMessage, Unseen
from pvws.recording.format import Close, Entry, Gap, Mark, Message, Open, Ping, Pong
from pvws.server import sightings
from pvws.server.sightings import Sighting
from pvws.sim.agenda import Instant
from pvws.stage.discretion import discreet

__all__ = ["Came", "Given", "Heard", "Marked", "Note", "Refused", "Saw", "Suffered", "Told", "transcript"]

_SHOWN_CHARACTERS_MAX = 240  # of a message in a line: three lines of a terminal, and more than most events have
_NAMED_MAX = 3  # of the clients who got the same
_ENDS_UNTOLD = 1006  # RFC 6455, section 7.4.1: stands for an end without a close frame


class Given(Struct):
    """Bytes were written to some clients; `whole` says that they are whole messages, and not what a narrow line lets
    pass of one.
    """

    real: Instant
    at: Instant
    data: bytes
    clients: list[int]
    whole: bool = True


class Heard(Struct, frozen=True):
    """A client has sent a message."""

    real: Instant
    at: Instant
    client: int
    message: str | bytes


class Saw(Struct, frozen=True):
    """Something was seen of a client's connection."""

    real: Instant
    at: Instant
    client: int
    sighting: Sighting


class Came(Struct, frozen=True):
    """A client has come, or was here when the tape began."""

    real: Instant
    at: Instant
    client: int
    name: str
    address: str
    why_unseen: str = ""


class Refused(Struct, frozen=True):
    """A handshake was refused; `client` is 0 where it was wrong."""

    real: Instant
    at: Instant
    client: int
    name: str
    address: str
    status: int


class Suffered(Struct, frozen=True):
    """A fault did something to a client."""

    real: Instant
    at: Instant
    client: int
    fault: str
    what: str


class Marked(Struct, frozen=True):
    """A mark was passed."""

    real: Instant
    at: Instant
    name: str


Note: TypeAlias = Given | Heard | Saw | Came | Refused | Suffered | Marked
"""Something that was noted while it happened."""


class Told(Struct, frozen=True):
    """One thing that happened: who did what, or got it. The entry has no time and no connection of its own yet; it is
    None where a recording has no word for it.
    """

    real: Instant
    at: Instant
    clients: tuple[int, ...]
    who: str
    said: str
    entry: Entry | None = None

    def __str__(self) -> str:
        return f"{self.who} {self.said}".lstrip()


def transcript(
    notes: Iterable[Note],
    names: Mapping[int, str] = {},
    torn: Iterable[int] = (),
) -> Iterator[Told]:
    """What was noted, in its order. `names` are those by which clients call themselves; of the `torn` the beginning of
    what they were given is missing, so that it begins in the middle of a message.
    """
    reader = _Reader(names, torn)
    for note in notes:
        yield from reader.read(note)


class _Reader:
    """Reads the bytes of each client where it stands."""

    def __init__(self, names: Mapping[int, str], torn: Iterable[int]) -> None:
        self._names = names
        self._torn = set(torn)
        self._taps: dict[int, FrameTap] = {}
        self._closed: set[int] = set()  # clients who have said goodbye, or were told it
        self._cut: dict[int, str] = {}

    def read(self, note: Note) -> Iterator[Told]:
        match note:
            case Given():
                yield from self._given(note)
            case Heard():
                yield self._heard(note)
            case Saw():
                yield from self._saw(note)
            case Came(real, at, client, _, address, why):
                yield self._told(real, at, client, f"connects from {address}", Open(0, address=address))
                if why:
                    yield self._told(real, at, client, f"gets what is not seen: {why}", Gap(0, why, 0))
            case Refused(real, at, client, name, address, status):
                answer = Open(0, status=status, address=address) if client else None
                who = name or (f"client {client}" if client else f"somebody at {address}")
                yield Told(real, at, (client,), who, f"is refused: HTTP {status}", answer)
            case Suffered(real, at, client, fault, what):
                yield self._told(real, at, client, f"is under {fault}: {what}")
            case Marked(real, at, name):
                yield Told(real, at, (), "", f"mark {name}", Mark(0, name))

    def _heard(self, note: Heard) -> Told:
        message, said = note.message, discreet(note.message)
        if isinstance(message, str):
            return self._told(
                note.real, note.at, note.client, f"sends {_shown(said)}", Message(0, "send", message.encode())
            )
        shown = _shown(said) if said else f"{len(message):,} bytes that are no text"
        entry = Message(0, "send", message, opcode="binary")
        return self._told(note.real, note.at, note.client, f"sends {shown}", entry)

    def _given(self, note: Given) -> Iterator[Told]:
        if note.whole:
            self._torn.difference_update(note.clients)
        # What stands where a message begins reads the same for everybody.
        fresh = tuple(each for each in note.clients if each not in self._taps and each not in self._torn)
        amid = [(each,) for each in note.clients if each in self._taps]
        for clients in (fresh, *amid) if fresh else amid:
            tap = self._taps.pop(clients[0], None) or FrameTap(masked=False, extensions=_extensions())
            blind = False
            for seen in tap.feed(note.data):
                blind = blind or isinstance(seen, Unseen)
                yield self._seen(note, clients, seen)
            if not blind and not tap.between_messages:
                self._taps[clients[0]] = tap

    def _seen(self, note: Given, clients: tuple[int, ...], seen: Seen) -> Told:
        entry: Entry
        match seen:
            case SeenMessage(payload, binary, fragments):
                entry = Message(0, "recv", payload, opcode="binary" if binary else "text", fragments=fragments)
                shown = (
                    f"{len(payload):,} binary bytes" if binary else _shown(discreet(payload.decode(errors="replace")))
                )
                said = f"gets {shown}" + (f" in {len(fragments)} frames" if fragments else "")
            case SeenControl(opcode, payload):
                entry = Ping(0, "recv", payload) if opcode is Opcode.PING else Pong(0, "recv", payload)
                said = f"gets a {opcode.name.lower()}" + (f" ({payload!r})" if payload else "")
            case SeenClose(code, reason):
                self._closed.update(clients)
                entry = Close(0, "recv", code, reason)
                said = f"is told to go: {_code(code)}" + (f" {reason}" if reason else "")
            case Unseen(why):
                entry = Gap(0, why, 0)
                said = f"gets {why}"
        return Told(note.real, note.at, clients, self._who(clients), said, entry)

    def _saw(self, note: Saw) -> Iterator[Told]:
        said = ""
        entry: Entry | None = None
        match note.sighting:
            case sightings.PongCame(payload):
                said, entry = "sends a pong" + (f" ({payload!r})" if payload else ""), Pong(0, "send", payload)
            case sightings.CloseCame(code):
                self._closed.add(note.client)
                said, entry = f"closes: {_code(code)}", Close(0, "send", code)
            case sightings.Violated(code, why, larger_than):
                limit = "" if larger_than is None else f" (over {larger_than:,} bytes)"
                said = f"breaks the WebSocket protocol, {code}: {why}{limit}"
                entry = Gap(0, f"what the client sent is no WebSocket's, {code}: {why}{limit}", 0)
            case sightings.StreamEnded():
                said = "ends its stream"
            case sightings.CutOff(why):
                self._cut[note.client] = why
                said = f"is cut: {why}"
            case sightings.Hindered(by, begins):
                said = f"is under {by}" if begins else f"is under {by} no longer"
            case sightings.Lost(reset):
                said = "is gone, without an end of its stream" if reset else "is gone"
                cut = self._cut.pop(note.client, None)
                if note.client not in self._closed:
                    how = f"the server has cut it: {cut}" if cut else "the connection was reset" if reset else ""
                    entry = Close(0, "recv" if cut else "send", _ENDS_UNTOLD, how or "the stream ended")
                self._closed.discard(note.client)
                self._taps.pop(note.client, None)
            case _:
                pass  # what the server has sent is seen among the bytes
        if said:
            yield self._told(note.real, note.at, note.client, said, entry)

    def _told(self, real: Instant, at: Instant, client: int, said: str, entry: Entry | None = None) -> Told:
        return Told(real, at, (client,), self._who((client,)), said, entry)

    def _who(self, clients: tuple[int, ...]) -> str:
        shown = [self._names.get(client) or f"client {client}" for client in clients[:_NAMED_MAX]]
        more = len(clients) - len(shown)
        return ", ".join(shown) + (f" and {more:,} more" if more else "") if shown else ""


def _extensions() -> list[PerMessageDeflate]:
    """What reads whatever the server has compressed: it takes nothing over from one message to the next."""
    return [PerMessageDeflate(True, False, 15, 15)]  # noqa: FBT003 - the library's


def _code(code: int | None) -> str:
    return "no code" if code is None else str(code)


def _shown(text: str) -> str:
    """One line of a message."""
    if not text:
        return "an empty message"
    line = text[:_SHOWN_CHARACTERS_MAX].encode("unicode_escape" if not text.isprintable() else "utf-8").decode()
    return line + ("…" if len(text) > _SHOWN_CHARACTERS_MAX else "")
