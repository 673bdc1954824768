"""The log view: one line a message. Pure but for the machine's time zone, where none is given."""

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import assert_never

from pvws.errors import MessageError
from pvws.terminal.essentials import essentials
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
    be read is when it came. `wide` shortens nothing.
    """

    def __init__(self, *, zone: tzinfo | None, wide: bool) -> None:
        self._zone = zone
        self._wide = wide

    def line(self, message: ServerMessage) -> list[Span]:
        """The line of a message."""
        micros = message.timestamp.micros
        match message:
            case Event():
                rest = essentials(message.data, wide=self._wide)
                return self._columns(micros, message.topic, message.topic, message.type, rest)
            case Pong():
                client = [] if message.client_id is None else [Span(shown(message.client_id, wide=self._wide), "faint")]
                return self._columns(micros, "server", "server", "pong", client)
            case ErrorMessage():
                rest = [Span(message.code, "bad"), Span(shown(message.message, wide=self._wide), "bad")]
                if message.retry_after is not None:
                    rest.append(Span(f"retry after {message.retry_after} s", "warning"))
                return self._columns(micros, "server", "bad", "error", rest)
            case _:
                assert_never(message)

    def unreadable(self, text: str, trouble: MessageError, at: float) -> list[Span]:
        """The line of a text that is no message of the contract: what is wrong with it, and how it begins."""
        wrong = f"expected {trouble.expected}" if trouble.found is None else f"got {trouble.found}"
        where = f"{trouble.path}: {wrong}" if trouble.path else wrong
        rest = [Span(shown(where, wide=self._wide), "bad"), Span(shown(text, wide=self._wide), "faint")]
        return self._columns(int(at * 1_000_000), "?", "bad", "unreadable", rest)

    def _columns(self, micros: int, topic: str, style: str, kind: str, rest: list[Span]) -> list[Span]:
        second, part = divmod(micros, 1_000_000)
        spans = [
            Span(f"{_time_of_day(second, self._zone)}.{part // 1000:03d}", "time"),
            _GAP,
            Span(f"{topic:<{_TOPIC_WIDTH}}", style),
            _GAP,
            Span(f"{kind:<{_TYPE_WIDTH}}", style),
        ]
        for span in rest:
            spans += (_GAP, span)
        return spans


@lru_cache(maxsize=1024)
def _time_of_day(second: int, zone: tzinfo | None) -> str:
    """`12:00:03` of a second since the epoch; hundreds of events share one."""
    try:
        moment = datetime.fromtimestamp(second, UTC).astimezone(zone)
    except (ValueError, OverflowError, OSError):  # in the first or last hours that there are, or outside
        second %= 86_400
        return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    return moment.strftime("%H:%M:%S")
