"""Synchronized replay: what was recorded behind a client's message waits until a client has sent that message."""

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct, structs

from pvws.limits import EXCERPT_CHARACTERS_MAX
from pvws.recording.format import CLOSE_CODES, Close, Entry, Message, Open
from pvws.recording.redact import REDACTED, Redactor
from pvws.recording.replayer import Replayer
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Cue, Timed
from pvws.timestamp import LAST_INSTANT

__all__ = ["Closing", "Line", "Prompter", "Talk", "talk_of"]

_CONNECTED = 101  # the status of a handshake that was not refused
_VOLATILE = frozenset(("timestamp", "clientId"))
_SHOWN_MAX = 8 * EXCERPT_CHARACTERS_MAX  # of a message in a report: the contract's all fit
_decode = msgspec.json.Decoder().decode
_redactor = Redactor()  # a report is read by more people than a client's token is meant for


class Line(Struct):
    """What a recorded client sent: on its connection, counted from 1 in the order in which they began, and when.

    `place` is where it stands, as file:line. `said` is the moment of the replay at which some client has said it.
    """

    client: int
    t: Instant
    data: bytes
    place: str = ""
    said: Instant | None = None

    @property
    def shown(self) -> str:
        """What it says, and where it stands, for a person."""
        return f"{_shown(self.data)}   ({self.place or 'recorded'} at {self.t / 1_000_000:.6f})"


class Closing(Struct, frozen=True):
    """The server closed a client's connection, by itself and not in answer."""

    client: int
    t: Instant
    code: int
    reason: str = ""


class Talk(Struct, frozen=True):
    """What is waited for, and what ends connections, in order."""

    lines: Sequence[Line] = ()
    closings: Sequence[Closing] = ()


def talk_of(entries: Iterable[tuple[Entry, str]], *, since: Instant = 0, until: Instant | None = None) -> Talk:
    """What clients sent, out of entries and where each stands, but for pings, which are a matter of time; and whom the
    server closed, with a code that can be sent, 1000 where there was none.

    What a client sent when it was closed already had not reached the server. Times count from `since` on.
    """
    clients: dict[int, int] = {}
    ended: set[int] = set()
    lines, closings = list[Line](), list[Closing]()
    for entry, place in entries:
        if until is not None and entry.t > until:
            break
        if not isinstance(entry, Message | Open | Close) or (isinstance(entry, Open) and entry.status != _CONNECTED):
            continue
        client = clients.setdefault(entry.conn, len(clients) + 1)
        if client in ended or isinstance(entry, Open):
            continue
        if isinstance(entry, Close):
            ended.add(client)
            code = 1000 if entry.code is None else entry.code
            if entry.dir == "recv" and code in CLOSE_CODES and entry.t >= since:
                closings.append(Closing(client, entry.t - since, code, entry.reason))
        elif entry.dir == "send" and entry.t >= since and not _is_ping(_value(entry.data)):
            lines.append(Line(client, entry.t - since, entry.data, place))
    return Talk(lines, closings)


class Prompter:
    """A `Source` that gives out what a replayer does, but nothing before all that clients had sent by then was sent.

    The n-th client that connects stands for the n-th that was recorded. Its messages are the same if they say the same:
    the order of keys, timestamps and the form of a subscription don't matter, and what was redacted is anything. They
    may come early, and in another order than they were sent, but nothing else may come, pings aside. Between two of
    them time goes on as recorded, from when the first of them came. Where the server had closed a connection, a cue
    closes that of the client.

    Order of calls: `heard` for every message, before `tell` says that something was sent. The first that does not fit
    ends the source, and `report` says why; so does a client that leaves before it has said everything.
    """

    def __init__(self, replayer: Replayer, talk: Talk, start: Instant) -> None:
        self._replayer = replayer
        lines = talk.lines
        self._lines = lines
        self._times = [start + line.t for line in lines]
        self._closings = deque(
            Cue(start + each.t, "disconnect", code=each.code, reason=each.reason, client=each.client)
            for each in talk.closings
        )
        self._unsaid: defaultdict[int, list[Line]] = defaultdict(list)  # by client
        for line in lines:
            self._unsaid[line.client].append(line)
        self._said = Counter[int]()  # how many lines of each client were
        self._next = 0  # the first line that was not said
        self._delay: Instant = 0  # by which what is given out is later than recorded
        self._news = False
        self.report: list[str] = []
        """What is wrong, in lines for a person; nothing as long as all is well."""

    @property
    def waiting(self) -> bool:
        """Whether nothing can be given out before a client says something."""
        return not self.report and self._next < len(self._lines) and self._due() is None

    @property
    def left(self) -> Sequence[Line]:
        """What was not said yet."""
        return [line for line in self._lines if line.said is None]

    def peek(self) -> Instant | None:
        """When the next message is due; the end of the calendar while a client has to say something before."""
        if self.report:
            return None
        due = self._due()
        if due is not None:
            return due
        return LAST_INSTANT if self._next < len(self._lines) else None

    def take(self, until: Instant | None, limit: int) -> list[Timed | Cue]:
        """What is due up to and including an instant, and before the next thing that a client has to say."""
        due = self._due()
        if self.report or due is None or (until is not None and due > until):
            return []
        bound = None if until is None else until - self._delay
        if self._next < len(self._lines):
            line = self._times[self._next] - 1
            bound = line if bound is None else min(bound, line)
        given = self._taken(bound, limit)
        return [structs.replace(each, at=each.at + self._delay) for each in given] if self._delay else given

    def welcome(self, topic: str) -> list[Timed]:
        """What tells a new subscriber of a topic what is there."""
        return self._replayer.welcome(topic)

    def tell(self, deed: ClientInput) -> ClientInput | None:
        """A client has done something: whoever waits is to look again where that was news."""
        if deed.did == "disconnects":
            missing = self._unsaid.get(deed.client)
            if missing and not self.report:
                self.report = [f"client {deed.client} has left before it sent everything", *_missing(missing)]
                return deed
        news, self._news = self._news, False
        return deed if news else None

    def heard(self, client: int, message: str | bytes, at: Instant) -> None:
        """A client, counted from 1, has sent a message at an instant of the replay."""
        data = message.encode() if isinstance(message, str) else message
        value = _value(data)
        expected = self._unsaid.get(client)
        if self.report or expected is None or _is_ping(value):
            return
        fitting = next((place for place, line in enumerate(expected) if _fits(_value(line.data), value)), None)
        self._news = True
        if fitting is None:
            self._mismatch(client, self._said[client] + 1, data, expected)
            return
        expected.pop(fitting).said = at
        self._said[client] += 1
        while self._next < len(self._lines) and (said := self._lines[self._next].said) is not None:
            # From the last thing that was waited for on, time goes on as it was recorded.
            self._delay = max(self._delay, said - self._times[self._next])
            self._next += 1

    def _taken(self, bound: Instant | None, limit: int) -> list[Timed | Cue]:
        """What the replayer has up to a closing, or the closing once that is nothing."""
        if not self._closings or (bound is not None and bound < self._closings[0].at):
            return self._replayer.take(bound, limit)
        return self._replayer.take(self._closings[0].at, limit) or [self._closings.popleft()]

    def _due(self) -> Instant | None:
        """When the next message or closing is due; None without, or if a client has to say something first."""
        at = self._replayer.peek()
        if self._closings:
            at = self._closings[0].at if at is None else min(at, self._closings[0].at)
        if at is None or bisect_left(self._times, at + 1) > self._next:
            return None
        return at + self._delay

    def _mismatch(self, client: int, number: int, data: bytes, expected: Sequence[Line]) -> None:
        said, value = _shown(data), _value(_redacted(data))
        if not expected:
            self.report = [f"message {number} of client {client} is one more than was recorded", f"  got       {said}"]
            return
        line = expected[0]
        self.report = [
            f"message {number} of client {client} is not what was recorded",
            f"  expected  {line.shown}",
            f"  got       {said}",
            *(f"  {each}" for each in _differences(_value(line.data), value)),
        ]


def _value(data: bytes) -> Any:
    """What a message says, without what changes from run to run; the bytes themselves where it is no JSON object."""
    try:
        value = _decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return data
    if not isinstance(value, dict):
        return data
    said = {name: each for name, each in value.items() if name not in _VOLATILE}
    if said.get("type") in ("subscribe", "unsubscribe"):  # the shipped server's form, the documented one, or both
        topic = said.get("topic", said.get("data"))
        return {"type": said["type"], "topic": topic}
    return said


def _is_ping(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") == "ping"


def _fits(recorded: Any, said: Any) -> bool:
    if recorded == REDACTED:
        return True
    if isinstance(recorded, dict) and isinstance(said, dict):
        return recorded.keys() == said.keys() and all(_fits(recorded[name], said[name]) for name in recorded)
    return type(recorded) is type(said) and bool(recorded == said)


def _differences(recorded: Any, said: Any) -> list[str]:
    if not (isinstance(recorded, dict) and isinstance(said, dict)):
        return []
    names = dict.fromkeys((*recorded, *said))
    return [
        f"{name}: expected {_json(recorded, name)}, got {_json(said, name)}"
        for name in names
        if name not in recorded or name not in said or not _fits(recorded[name], said[name])
    ]


def _json(value: dict[str, Any], name: str) -> str:
    if name not in value:
        return "nothing"
    text = msgspec.json.encode(value[name]).decode()
    return text if len(text) <= EXCERPT_CHARACTERS_MAX else f"{text[:EXCERPT_CHARACTERS_MAX]}…"


def _redacted(data: bytes) -> bytes:
    entry = _redactor.entry(Message(0, "send", data))
    return entry.data if isinstance(entry, Message) else data


def _shown(data: bytes) -> str:
    text = _redacted(data).decode(errors="backslashreplace")
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"


def _missing(lines: Sequence[Line]) -> list[str]:
    shown = [f"  expected  {line.shown}" for line in lines[:5]]
    more = len(lines) - len(shown)
    return shown if more <= 0 else [*shown, f"  and {more} more"]
