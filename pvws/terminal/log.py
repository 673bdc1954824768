"""The log view: one line a message. Pure but for the machine's time zone, where none is given."""

from datetime import tzinfo
from typing import assert_never

from pvws.errors import MessageError
from pvws.terminal.clock import since, time_of_day
from pvws.terminal.essentials import essentials
from pvws.terminal.message import Message
from pvws.terminal.printable import shown
from pvws.terminal.spans import Span
from pvws.wire.messages import ErrorMessage, Event, Pong, ServerMessage
from pvws.wire.topics import TOPICS

__all__ = ["Log"]

_TOPIC_WIDTH = max(len(topic) for topic in TOPICS)
_TYPE_WIDTH = 19  # all names but network_topology_changed; its 24 would leave 80 columns too little for the rest
_GAP = Span("  ")


class Log:
    """Makes the lines: time of day, topic, type, and the essentials, in columns.

    The time is the envelope's, which a simulation sets, in `zone` (None: the machine's); that of a text that can't
    be read is when it came. With `relative` it is that since the first line. `wide` shortens nothing.
    """

    def __init__(self, *, zone: tzinfo | None, wide: bool, relative: bool = False) -> None:
        self._zone = zone
        self._wide = wide
        self._first: dict[bool, int] = {}  # of the server's clock and of ours
        self.relative = relative

    def of(self, message: Message) -> list[Span]:
        """The line of what came, whatever it is."""
        said, trouble = message.message, message.trouble
        if said is not None:
            return self.line(said)
        assert trouble is not None, "a text is a message or has a trouble"
        return self.unreadable(message.text, trouble, message.at)

    def line(self, message: ServerMessage) -> list[Span]:
        """The line of a message."""
        time = self.time(message.timestamp.micros)
        match message:
            case Event():
                rest = essentials(message.data, wide=self._wide)
                return self._columns(time, message.topic, message.topic, message.type, rest)
            case Pong():
                client = [] if message.client_id is None else [Span(shown(message.client_id, wide=self._wide), "faint")]
                return self._columns(time, "server", "server", "pong", client)
            case ErrorMessage():
                rest = [Span(message.code, "bad"), Span(shown(message.message, wide=self._wide), "bad")]
                if message.retry_after is not None:
                    rest.append(Span(f"retry after {message.retry_after} s", "warning"))
                return self._columns(time, "server", "bad", "error", rest)
            case _:
                assert_never(message)

    def unreadable(self, text: str, trouble: MessageError, at: float) -> list[Span]:
        """The line of a text that is no message of the contract: what is wrong with it, and how it begins."""
        wrong = f"expected {trouble.expected}" if trouble.found is None else f"got {trouble.found}"
        where = f"{trouble.path}: {wrong}" if trouble.path else wrong
        rest = [Span(shown(where, wide=self._wide), "bad"), Span(shown(text, wide=self._wide), "faint")]
        return self._columns(self.time(int(at * 1_000_000), ours=True), "?", "bad", "unreadable", rest)

    def time(self, micros: int, *, ours: bool = False) -> str:
        """An instant as this log writes it, twelve columns wide; `ours` if it is of this machine's clock."""
        first = self._first.setdefault(ours, micros)
        return since(micros - first) if self.relative else time_of_day(micros, self._zone)

    def _columns(self, time: str, topic: str, style: str, kind: str, rest: list[Span]) -> list[Span]:
        spans = [
            Span(time, "time"),
            _GAP,
            Span(f"{topic:<{_TOPIC_WIDTH}}", style),
            _GAP,
            Span(f"{kind:<{_TYPE_WIDTH}}", style),
        ]
        for span in rest:
            spans += (_GAP, span)
        return spans
