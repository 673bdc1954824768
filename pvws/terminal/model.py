"""All that a live view shows, folded from what a client tells. Pure; every moment is an argument, in seconds."""

from collections import Counter, deque

from pvws.limits import FILES_READ_A_REDRAW_MAX, NOTES_KEPT_MAX, TEXT_KEPT_CHARACTERS_MAX
from pvws.terminal.head import Head
from pvws.terminal.ledger import Ledger, Missed
from pvws.terminal.link import Link
from pvws.terminal.message import Message
from pvws.terminal.network import Network
from pvws.terminal.rates import Rates
from pvws.wire.events import EVENT_TYPES
from pvws.wire.messages import ErrorMessage, Event
from pvws.wire.topics import Topic

__all__ = ["Model"]

_TAIL_MAX = 64  # skipped files that are read after all, since they are the latest: as many as a screen has rows
_FILE_TYPES = frozenset(name for name, payload in EVENT_TYPES.items() if payload.topic is Topic.FILE_OPERATIONS)


class Model:
    """The ledger, the network, rates, the state of the connection, and notes for people.

    Every message is counted. Peers, alerts and figures are folded without exception; of the events of files so many
    between two redraws are, and the latest of the others: what was left out is in `sampled`. So the cost of a flood has
    a bound, and what a view shows is either exact or says what it isn't. Without `sampling` all are folded.
    """

    def __init__(self, url: str, *, sampling: bool = True) -> None:
        self.ledger = Ledger()
        self.network = Network()
        self.link = Link(url)
        self.rates: Rates[str] = Rates()
        self.notes: deque[tuple[float, str]] = deque(maxlen=NOTES_KEPT_MAX)
        """What happened to the connection, and the like."""
        self.troubles: deque[tuple[float, str]] = deque(maxlen=NOTES_KEPT_MAX)
        """Errors of the server, and messages that can't be read."""
        self._files: Counter[str] = Counter()
        self._sampling = sampling
        self._budget = FILES_READ_A_REDRAW_MAX
        self._tail: deque[Message] = deque(maxlen=_TAIL_MAX)

    def note(self, text: str, at: float) -> None:
        """Something to tell a person."""
        self.notes.append((at, text[:TEXT_KEPT_CHARACTERS_MAX]))

    def connected(self, url: str, at: float, silent_since: float | None = None) -> Missed | None:
        """A connection was made; what lies behind, if there was one before."""
        self.link.connected(url, at)
        self.network.connected()
        return self.ledger.connected(at, silent_since)

    def unreached(self, why: str, retry_in: float, at: float) -> None:
        """A try to connect failed."""
        self.link.unreached(why, retry_in, at)

    def lost(self, why: str, retry_in: float | None, at: float) -> None:
        """The connection was lost; without a further try it has ended, and nothing is missed."""
        self.link.lost(why, retry_in, at)
        if retry_in is not None:
            self.ledger.disconnected(at)

    def fold(self, head: Head | None, message: Message) -> None:
        """A message that was selected: what it says of the network. It was counted before."""
        if head is not None and head.type in _FILE_TYPES:
            self._files["seen"] += 1
            if self._budget <= 0 and self._sampling:
                self._tail.append(message)
                return
            self._budget -= 1
        self._read(message)

    def _read(self, message: Message) -> None:
        said = message.message
        if isinstance(said, Event):
            if said.topic is Topic.FILE_OPERATIONS:
                self._files["read"] += 1
            self.network.saw(said.data, said.timestamp.micros)
        elif isinstance(said, ErrorMessage):
            self.ledger.errors[said.code] += self.ledger.types["error"] > self.ledger.errors.total()
            self._trouble(message.at, f"{said.code}: {said.message}")
        elif (trouble := message.trouble) is not None:
            self._trouble(message.at, f"unreadable: {trouble}")

    def _trouble(self, at: float, text: str) -> None:
        self.troubles.append((at, text[:TEXT_KEPT_CHARACTERS_MAX]))

    def tick(self, at: float) -> None:
        """A redraw is due: the latest of what was skipped is read, and rates are looked at."""
        tail, self._tail = self._tail, deque(maxlen=_TAIL_MAX)
        for message in tail:
            self._read(message)
        self._budget = FILES_READ_A_REDRAW_MAX
        topics = {topic.value: count for topic, count in self.ledger.topics().items()}
        self.rates.look(topics | {"all": self.ledger.total} | self._files, at)

    @property
    def sampled(self) -> float | None:
        """The share of file events that were read in the last seconds; None if all were."""
        seen, read = self.rates.rate("seen"), self.rates.rate("read")
        return read / seen if seen - read > seen * 0.001 else None
