"""A ping whose pong somebody waits for: the way to know that a client has got everything."""

from collections.abc import Callable

__all__ = ["Probe"]


class Probe:
    """What is asked of one connection at a time. It is answered by its pong, by the next question, or by the end."""

    __slots__ = ("_answered", "_payload")

    def __init__(self) -> None:
        self._payload = b""
        self._answered: Callable[[], object] | None = None

    def ask(self, payload: bytes, answered: Callable[[], object]) -> None:
        """A ping with this payload is sent; `answered` is called once."""
        self.end()
        self._payload, self._answered = payload, answered

    def pong(self, payload: bytes) -> None:
        """A pong has come, whoever asked for it."""
        if payload == self._payload:
            self.end()

    def end(self) -> None:
        """No answer will come any more, or it is there."""
        answered, self._answered = self._answered, None
        if answered is not None:
            answered()
