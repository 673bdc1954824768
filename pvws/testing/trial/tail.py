"""What a command has said, the last of it."""

from collections import deque
from threading import Lock

__all__ = ["TAIL_BYTES_MAX", "Tail"]

TAIL_BYTES_MAX = 65_536
"""Of what a command says, for a report: a few screens; all of it was passed on."""


class Tail:
    """Takes bytes, from any thread, and keeps the last."""

    def __init__(self, bytes_max: int = TAIL_BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._pieces = deque[bytes]()
        self._kept = 0
        self._lock = Lock()
        self.bytes = 0
        """How much there was in all."""

    def add(self, data: bytes) -> None:
        """Take more."""
        with self._lock:
            self.bytes += len(data)
            self._pieces.append(data)
            self._kept += len(data)
            while self._kept - len(self._pieces[0]) >= self._bytes_max:
                self._kept -= len(self._pieces.popleft())

    @property
    def text(self) -> str:
        """The last of it; if that is not all, behind a line that says how much is missing."""
        with self._lock:
            data, total = b"".join(self._pieces)[-self._bytes_max :], self.bytes
        text = data.decode(errors="replace").replace("\r\n", "\n")
        left_out = total - len(data)
        return f"… {left_out:,} bytes before this are left out\n{text}" if left_out else text
