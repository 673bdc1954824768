"""The journal: what clients did and sent, numbered, to be asked, and to be waited for."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, get_args

from msgspec import Struct

from pvws.errors import InputError, Problem, PvwsError
from pvws.expression.expression import Expression
from pvws.limits import EXCERPT_CHARACTERS_MAX, JOURNAL_BYTES_MAX, JOURNAL_ENTRIES_MAX
from pvws.notation.nearest import nearest
from pvws.scenario.matching import check_schema, fits, matcher, message_of, said, schema_text
from pvws.server.room import Said
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Deed
from pvws.stage.observer import Observer
from pvws.timestamp import Timestamp
from pvws.wire.codec import CLIENT_TYPES
from pvws.wire.topics import TOPICS

__all__ = ["Entry", "Journal", "JournalTimeoutError", "Wanted"]

_TOLD_MAX = 5  # of what came instead of what was waited for
_ID_DIGITS_MIN = 8  # as many as logs and tables show
_SLICE = 200  # entries that are looked at between two turns of the loop
_DEEDS: tuple[str, ...] = get_args(Deed)
_TYPES = tuple(kind for kind in CLIENT_TYPES if kind != "connection_init")  # which is another word for auth
_TOPICS: tuple[str, ...] = tuple(TOPICS)
_HINTS = {"type": "a message that is none of the API's has no type: an expression finds it, type == 'hello'"}


class Entry(Struct, frozen=True):
    """Something that a client did: the `number`-th that the stage has seen, counted from 1.

    `at` is stage time, `real` real time, both in microseconds. `client` is the how manieth connection it is. Of what it
    `sends`, `text` is the message, in which tokens are hidden, empty if its bytes are no text, and `size` its bytes;
    the `type` is empty for a message that is none of the API's, and `error` is the code of the error that it was
    answered, with its detail in `why`. Of a connection that ended `code` is that of the client's close frame, if one
    came.
    """

    number: int
    at: Instant
    real: Instant
    client: int
    client_id: str
    name: str
    did: Deed
    topic: str = ""
    type: str = ""
    text: str = ""
    size: int = 0
    binary: bool = False
    error: str = ""
    why: str = ""
    code: int | None = None

    @property
    def valid(self) -> bool:
        """Whether it was answered no error."""
        return not self.error

    @property
    def message(self) -> Any:
        """The JSON value of what was sent; None if that is none."""
        return message_of(self.text) if self.text else None

    def __str__(self) -> str:
        who = self.name or f"client {self.client}"
        what = self.topic if self.did in ("subscribes", "unsubscribes") else self.text[:EXCERPT_CHARACTERS_MAX]
        error = f" ({self.error})" if self.error else ""
        return f"{Timestamp(self.at)} {who} {self.did} {what}".rstrip() + error

    def look_up(self, name: str) -> object:
        """What a name stands for in an expression on it. Raises KeyError for a name that there is not."""
        match name:
            case "number" | "size" | "binary" | "error" | "why" | "valid":
                return getattr(self, name)
            case "code" if self.code is not None:
                return self.code
            case "at":
                return Timestamp(self.at).text
            case _:
                pass  # a field of its message, if it has one
        deed = ClientInput(self.at, self.client, self.did, self.topic, self.type, self.text, self.client_id, self.name)
        return said(deed, name)


class Wanted(Struct, frozen=True):
    """Which entries are meant: what is None says nothing.

    `match` is an expression on an entry, whose names are the fields of the client's message (`type`, `topic`, `data` …)
    and `message`, `text`, `did`, `client.number`, `client.id`, `client.name`, `at`, `number`, `valid`, `error`, `why`,
    `size`, `code`; `schema` a JSON Schema that the message fits. `client` is a number, be it as a text, a name, an id,
    or the first eight digits of one, or more; `type` that of a message, `did` one of connects, disconnects, subscribes,
    unsubscribes and sends, `topic` that of a subscription or of a message.
    """

    match: str | None = None
    schema: Mapping[str, Any] | None = None
    client: int | str | None = None
    type: str | None = None
    did: str | None = None
    topic: str | None = None

    def test(self) -> Callable[[Entry], bool]:
        """Whether an entry is meant. Raises ExpressionError with the column, and InputError for what is no schema, and
        for words that no entry ever has.
        """
        self._check()
        expression = None if self.match is None else matcher(self.match)
        schema = None
        if self.schema is not None:
            check_schema(self.schema)
            schema = schema_text(self.schema)
        return partial(self._fits, expression, schema)

    def _check(self) -> None:
        """Who waits for what can't come would wait in vain. A message, right or wrong, may be about any topic."""
        topics = _TOPICS if self.did in ("subscribes", "unsubscribes") else ()
        asked = (("did", self.did, _DEEDS), ("type", self.type, _TYPES), ("topic", self.topic, topics))
        problems = [
            Problem(name, f"one of {', '.join(words)}", json.dumps(word), hint=nearest(word, words) or _HINTS.get(name))
            for name, word, words in asked
            if word is not None and words and word not in words
        ]
        if problems:
            raise InputError(*problems)

    def _fits(self, expression: Expression | None, schema: str | None, entry: Entry) -> bool:
        if self.did is not None and entry.did != self.did:
            return False
        if self.type is not None and (entry.did != "sends" or entry.type != self.type):
            return False
        if self.client is not None and not _is(self.client, entry):
            return False
        if self.topic is not None and _found(entry, "topic") != self.topic:
            return False
        if schema is not None and (entry.did != "sends" or not fits(schema, entry.message)):
            return False
        return expression is None or expression.holds(entry.look_up)

    def __str__(self) -> str:
        told = {name: getattr(self, name) for name in self.__struct_fields__}
        return (
            ", ".join(f"{name} {json.dumps(value)}" for name, value in told.items() if value is not None) or "anything"
        )


class JournalTimeoutError(PvwsError):
    """What was waited for did not come in time. `came` are the entries that were meant, `others` the last else."""

    def __init__(
        self, wanted: Wanted, count: int, timeout: float, came: Sequence[Entry], others: Sequence[Entry]
    ) -> None:
        self.wanted = wanted
        self.count = count
        self.timeout = timeout
        self.came = tuple(came)
        self.others = tuple(others)
        told = [f"after {timeout:g} s {len(came)} of {count} had come of: {wanted}"]
        if others:
            told.append("what came instead, the latest last:")
            told += [f"  {entry}" for entry in others[-_TOLD_MAX:]]
        elif not came:
            told.append("nothing came from any client")
        super().__init__("\n".join(told))


class Journal(Observer):
    """Keeps what clients did on a stage: the last 10,000 entries, fewer if their messages are large."""

    def __init__(self, entries_max: int = JOURNAL_ENTRIES_MAX, bytes_max: int = JOURNAL_BYTES_MAX) -> None:
        self._entries_max = entries_max
        self._bytes_max = bytes_max
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._waiting: list[_Waiting] = []
        self.last = 0
        """The number of the last entry there ever was; 0 before the first."""

    @property
    def first(self) -> int:
        """The number of the first entry that is kept; that of the next one, if none is."""
        return self._entries[0].number if self._entries else self.last + 1

    def __len__(self) -> int:
        return len(self._entries)

    def did(self, deed: ClientInput, real: Instant, said: Said | None, code: int | None) -> None:
        """A client has done something."""
        self.last += 1
        entry = Entry(
            self.last, deed.at, real, deed.client, deed.client_id, deed.name, deed.did, deed.topic, deed.type, code=code
        )
        if said is not None:
            entry = _with_message(entry, deed.message, said)
        self._entries.append(entry)
        self._bytes += entry.size
        while len(self._entries) > self._entries_max or (self._bytes > self._bytes_max and len(self._entries) > 1):
            self._bytes -= self._entries.popleft().size
        for waiting in self._waiting:
            waiting.see(entry)

    def entries(self, wanted: Wanted = Wanted(), *, after: int = 0, limit: int | None = None) -> list[Entry]:  # noqa: B008
        """Entries behind the one of a number, at most so many, the earliest first.

        Raises ExpressionError with the column, and InputError for what is no schema, and for words that no entry has.
        """
        meant, found = wanted.test(), list[Entry]()
        for entry in self._entries:
            if entry.number > after and meant(entry):
                if limit is not None and len(found) >= limit:
                    break
                found.append(entry)
        return found

    async def wait(
        self,
        wanted: Wanted = Wanted(),  # noqa: B008 - it never changes
        *,
        count: int = 1,
        timeout: float = 10.0,  # noqa: ASYNC109 - it says what came instead
        after: int = 0,
    ) -> list[Entry]:
        """The first `count` entries that are meant behind the one of a number, once they are there.

        What is in the journal already counts. Raises JournalTimeoutError, with what came, after so many seconds, and
        what `entries` does.
        """
        meant, found, others = wanted.test(), list[Entry](), deque[Entry](maxlen=_TOLD_MAX)
        waiting = _Waiting(meant, count, after, found, others)
        deadline = asyncio.get_running_loop().time() + timeout
        await self._look(waiting)
        self._waiting.append(waiting)  # in the same turn of the loop, so that nothing is missed
        try:
            async with asyncio.timeout_at(deadline):
                await waiting.done.wait()
        except TimeoutError:
            raise JournalTimeoutError(wanted, count, timeout, found, tuple(others)) from None
        finally:
            self._waiting.remove(waiting)
        return found

    async def select(
        self,
        wanted: Wanted = Wanted(),  # noqa: B008
        *,
        after: int = 0,
        limit: int,
    ) -> list[Entry]:
        """The same as `entries`, but events need not wait until all of the journal was looked at."""
        found = list[Entry]()
        await self._look(_Waiting(wanted.test(), limit, after, found, deque(maxlen=0)))
        return found

    async def _look(self, waiting: "_Waiting") -> None:
        """Show somebody all entries, also those that come meanwhile, a slice at a time."""
        while not waiting.done.is_set():
            ahead = max(0, waiting.after + 1 - self.first)
            for entry in islice(self._entries, ahead, ahead + _SLICE):
                waiting.see(entry)
            if waiting.after >= self.last or not self._entries:
                return
            await asyncio.sleep(0)

    def clear(self) -> int:
        """Forget all entries; the numbers go on. How many that were."""
        gone = len(self._entries)
        self._entries.clear()
        self._bytes = 0
        return gone


class _Waiting:
    """Takes what is meant of the entries that it is shown, until there are enough; and remembers the last others.

    `after` is the number of the last one that it need not be shown.
    """

    def __init__(
        self, meant: Callable[[Entry], bool], count: int, after: int, found: list[Entry], others: deque[Entry]
    ) -> None:
        self._meant = meant
        self._count = count
        self._found = found
        self._others = others
        self.after = after
        self.done = asyncio.Event()

    def see(self, entry: Entry) -> None:
        if entry.number <= self.after or self.done.is_set():
            return
        self.after = entry.number
        if not self._meant(entry):
            self._others.append(entry)
            return
        self._found.append(entry)
        if len(self._found) >= self._count:
            self.done.set()


def _is(which: int | str, entry: Entry) -> bool:
    """Whether a client is meant. Fewer digits of an id would be those of several, and might be a number or a name."""
    text = str(which)
    if text in (str(entry.client), entry.name, entry.client_id):
        return text != ""
    return len(text) >= _ID_DIGITS_MIN and entry.client_id.startswith(text)


def _found(entry: Entry, name: str) -> object:
    try:
        return entry.look_up(name)
    except KeyError:
        return None


def _topic(text: str) -> str:
    """The topic that a message names, if it names one."""
    message = message_of(text) if '"topic"' in text else None
    topic = message.get("topic") if isinstance(message, dict) else None
    return topic if isinstance(topic, str) else ""


def _with_message(entry: Entry, text: str, said: Said) -> Entry:
    message = said.message
    return Entry(
        entry.number,
        entry.at,
        entry.real,
        entry.client,
        entry.client_id,
        entry.name,
        entry.did,
        _topic(text),
        entry.type,
        text,
        len(message.encode()) if isinstance(message, str) else len(message),
        isinstance(message, bytes),
        said.error,
        said.why,
    )
