"""A tape: what went between a stage and its clients, both ways, as it was on the wire. For reports and recordings."""

from collections import deque
from collections.abc import Callable, Iterator

from msgspec import structs

from pvws.limits import TAPE_BYTES_MAX, TAPE_MESSAGES_MAX
from pvws.recording.format import Entry, Gap, Header, Mark
from pvws.scenario.faults.refusal import Refusal
from pvws.server import sightings
from pvws.server.room import Caller, Client
from pvws.server.sightings import Sighting
from pvws.server.subscriber import Subscriber
from pvws.sim.agenda import Instant
from pvws.sim.source import Cue
from pvws.stage.faults import Active
from pvws.stage.observer import Observer
from pvws.stage.stage import Stage
from pvws.testing.transcript import Came, Given, Heard, Marked, Note, Refused, Saw, Suffered, Told, transcript
from pvws.timestamp import Timestamp
from pvws.wire.topics import TOPICS

__all__ = ["Tape"]

_NOTE_BYTES = 200  # that a note takes beside what it holds
_SEEN_AMONG_BYTES = sightings.PingSent | sightings.CloseSent | sightings.ErrorSent
_NARROW = "the tape began while a narrow line was between it and the server"


class Tape(Observer):
    """Keeps what passes between a stage and its clients from now on, until it is closed.

        with Tape(stage) as tape:
            ...
        print("\\n".join(tape.lines(last=20)))
        tape.write("failed.pvrec.jsonl")

    What clients are sent is taken from the bytes that are written to them: whatever faults have done to it is seen, and
    when they let it go. The bytes are only read when somebody asks. What clients send are whole messages, close frames
    and pongs; their pings show in the pongs that they get. It is bounded: the oldest is forgotten first, and counted in
    `dropped`. Tokens stay out of lines and of what is written.

    `header` says more of the recording: who makes it, its `url` and `profile`. Made, closed, and asked until it is
    closed, on the stage's event loop; afterwards anywhere.
    """

    def __init__(
        self,
        stage: Stage,
        header: Header = Header(),  # noqa: B008 - it never changes
        *,
        messages_max: int = TAPE_MESSAGES_MAX,
        bytes_max: int = TAPE_BYTES_MAX,
    ) -> None:
        self._stage = stage
        self._header = header
        self._messages_max = messages_max
        self._bytes_max = bytes_max
        self._notes: deque[Note] = deque()
        self._size = 0
        self._bytes = 0
        self._names: dict[int, str] = {}
        self._torn: set[int] = set()  # clients of whom a part of a message was forgotten
        self._taps: dict[int, tuple[Subscriber, Callable[[bytes], None], Callable[[bytes], None]]] = {}
        self.dropped = 0
        """How much was forgotten: a message to several clients counts as often as there were clients."""
        self.began: Instant = stage.real()
        """When it began, in real time."""
        self.ended: Instant | None = None
        """When it was closed, in real time."""
        self._began_at = stage.now().micros
        self._playing = stage.controller.state().playing
        for _, client in stage.clients().values():
            self._meet(client)
        self._stop = stage.observe(self)

    def __enter__(self) -> "Tape":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Keep no more of what happens. May be called again."""
        if self.ended is not None:
            return
        self.ended = self._stage.real()
        self._playing = self._stage.controller.state().playing or self._playing
        self._stop()
        for member, tap, write in self._taps.values():
            if member.write is tap:  # else a gate has it, and what it hears from now on is nothing
                member.write = write
        self._taps.clear()

    def __len__(self) -> int:
        return self._size

    def lines(self, last: int | None = None) -> list[str]:
        """What happened, in words, or the last so many lines of it: when, in real time since the tape began and in
        stage time, who, and what. What several clients got at once is one line.
        """
        lines = deque[str](maxlen=last)
        for each in self._told():
            lines.append(f"+{(each.real - self.began) / 1_000_000:.3f}s {Timestamp(each.at)} {each}")
        return list(lines)

    def entries(self) -> Iterator[Entry]:
        """The same as entries of a recording, which begins with the tape. Nothing is left out of them."""
        if self.dropped:
            yield Gap(0, "a tape is bounded: the oldest was forgotten", messages=self.dropped)
        for each in self._told():
            t = each.real - self.began
            match each.entry:
                case None:
                    pass
                case Mark():
                    yield structs.replace(each.entry, t=t)
                case _:
                    for conn in each.clients:
                        yield structs.replace(each.entry, t=t, conn=conn)

    def header(self) -> Header:
        """What the recording says of itself."""
        header = structs.replace(
            self._header, recorded=Timestamp(self.began), start=Timestamp(self._began_at), topics=tuple(TOPICS)
        )
        if self._playing is None:
            return header
        return structs.replace(header, scenario=self._playing.name, seed=self._playing.seed)

    def write(self, path: str, option: str = "--record") -> int:
        """Write all of it as a recording, without tokens; how many entries that were.

        Raises PvwsError where the file can't be written; `option` is what named it.
        """
        from pvws.files.recordings import RecordingWriter  # most tapes are never written

        with RecordingWriter(path, self.header(), option=option, conns=True) as writer:
            for entry in self.entries():
                writer.write(entry)
        return writer.entries

    # What it hears

    def connected(self, client: int, client_id: str, at: Instant, real: Instant) -> None:
        """A client has come."""
        self._meet(self._stage.newest)

    def disconnected(self, client: int, at: Instant, real: Instant) -> None:
        """A client has gone, and with it the way to it."""
        self._taps.pop(client, None)

    def heard(self, client: int, message: str | bytes, at: Instant, real: Instant) -> None:
        """A client has sent a message."""
        self._note(Heard(real, at, client, message), len(message))

    def saw(self, client: int, sighting: Sighting, at: Instant, real: Instant) -> None:
        """Something was seen of a connection."""
        if not isinstance(sighting, _SEEN_AMONG_BYTES):
            self._note(Saw(real, at, client, sighting))

    def refused(self, caller: Caller, refusal: Refusal, at: Instant, real: Instant) -> None:
        """Somebody could not come in."""
        self._note(Refused(real, at, caller.number, caller.name, caller.address, refusal.status))

    def suffered(self, client: int, fault: Active, what: str, at: Instant, real: Instant) -> None:
        """A fault has done something to a client."""
        self._note(Suffered(real, at, client, str(fault), what))

    def cued(self, cue: Cue) -> None:
        """A mark was passed."""
        if cue.kind == "mark":
            self._note(Marked(self._stage.real(), cue.at, cue.name))

    # Within

    def _told(self) -> Iterator[Told]:
        return transcript(tuple(self._notes), self._names, self._torn)

    def _meet(self, client: Client) -> None:
        """Hear what a client is sent, in the place where it leaves for its transport."""
        real, at, number, member = self._stage.real(), self._stage.now().micros, client.number, client.member
        if client.name:
            self._names[number] = client.name
        is_narrow = member.gate is not None
        self._note(Came(real, at, number, client.name, client.address, _NARROW if is_narrow else ""))
        if is_narrow:
            return
        write = member.write

        def tap(data: bytes) -> None:
            if self.ended is None:
                self._given(number, data, whole=member.gate is None)
            write(data)

        member.write = tap
        self._taps[number] = member, tap, write

    def _given(self, client: int, data: bytes, *, whole: bool) -> None:
        last = self._notes[-1] if self._notes else None
        if isinstance(last, Given) and last.data is data:  # an audience is written the same bytes, one by one
            last.clients.append(client)
            self._size += 1
            self._shorten()
        else:
            stage = self._stage
            self._note(Given(stage.real(), stage.now().micros, data, [client], whole), len(data))

    def _note(self, note: Note, size: int = 0) -> None:
        self._notes.append(note)
        self._size += 1
        self._bytes += _NOTE_BYTES + size
        self._shorten()

    def _shorten(self) -> None:
        """Forget the oldest, as long as there is too much."""
        while len(self._notes) > 1 and (self._size > self._messages_max or self._bytes > self._bytes_max):
            note, count, size = self._notes.popleft(), 1, _NOTE_BYTES
            match note:
                case Given():
                    count, size = len(note.clients), size + len(note.data)
                    if not note.whole:
                        self._torn.update(note.clients)
                case Heard():
                    size += len(note.message)
                case _:
                    pass
            self._size -= count
            self._bytes -= size
            self.dropped += count
