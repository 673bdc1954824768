"""The state of the connection, for a status line. A pure fold; every moment is an argument, in seconds."""

from typing import Literal

from pvws.terminal.spans import Span
from pvws.units import duration_text

__all__ = ["Link"]


class Link:
    """Whether there is a connection, since when, and what is being done about it if not."""

    def __init__(self, url: str) -> None:
        self.url = url
        """For people: without secrets."""
        self.state: Literal["connecting", "connected", "lost", "ended"] = "connecting"
        self._since: float | None = None
        self._why = ""
        self._retry_at: float | None = None

    def connected(self, url: str, at: float) -> None:
        """A connection was made."""
        self.url = url
        self.state, self._since, self._why, self._retry_at = "connected", at, "", None

    def unreached(self, why: str, retry_in: float, at: float) -> None:
        """A try failed; the next one follows."""
        self._why, self._retry_at = why, at + retry_in

    def lost(self, why: str, retry_in: float | None, at: float) -> None:
        """The connection was lost, or has ended for good where no try follows."""
        self.state = "lost" if retry_in is not None else "ended"
        self._since, self._why = at, why
        self._retry_at = None if retry_in is None else at + retry_in

    def told(self, at: float) -> list[Span]:
        """The state in words: `● connected 2m10s`, `✗ lost 3s ago (1006), trying again in 0.4s`."""
        lasted = "" if self._since is None else _seconds(at - self._since)
        why = f" ({self._why})" if self._why else ""
        again = "" if self._retry_at is None else f", trying again in {_seconds(self._retry_at - at)}"
        match self.state:
            case "connected":
                return [Span("●", "good"), Span(" connected ", "amount"), Span(lasted, "faint")]
            case "connecting":
                return [Span("○", "warning"), Span(" connecting", "amount"), Span(f"{why}{again}", "warning")]
            case "lost":
                return [Span("✗", "bad"), Span(" lost ", "bad"), Span(f"{lasted} ago{why}{again}", "warning")]
            case "ended":
                return [Span("✗", "bad"), Span(" closed by the server", "bad"), Span(why, "warning")]


def _seconds(seconds: float) -> str:
    """Whole seconds: tenths that flicker tell nothing."""
    return duration_text(max(0, int(seconds)) * 1_000_000)
