"""The same message on several connections: published once, recorded for each that received it."""

from collections import deque

from pvws.recording.format import Message

__all__ = ["Twins"]

_WINDOW_MICROS = 10_000_000  # by which copies of one message may lie apart: a client that lags is cut before


class Twins:
    """Says of each message whether it is but another connection's copy of one that was there before."""

    def __init__(self) -> None:
        self._counts: dict[bytes, dict[int, int]] = {}
        self._recent: deque[tuple[int, bytes, int]] = deque()

    def is_one(self, message: Message) -> bool:
        """Whether some other connection has received the same text more often by now."""
        self._forget(message.t - _WINDOW_MICROS)
        counts = self._counts.setdefault(message.data, {})
        own = counts.get(message.conn, 0) + 1
        is_one = any(count >= own for conn, count in counts.items() if conn != message.conn)
        counts[message.conn] = own
        self._recent.append((message.t, message.data, message.conn))
        return is_one

    def _forget(self, before: int) -> None:
        while self._recent and self._recent[0][0] < before:
            _, data, conn = self._recent.popleft()
            counts = self._counts[data]
            counts[conn] -= 1
            if not counts[conn]:
                del counts[conn]
                if not counts:
                    del self._counts[data]
