"""Traffic: what moved and how it went, in total."""

__all__ = ["Traffic"]


class Traffic:
    """Counts requests, failures and bytes, and the microseconds that answers took; since the beginning, all of them.

    Whoever answers a request puts down in `answered` how long that took, in microseconds, and whoever stores a copy
    puts down its size in `stored`: that costs an event less than half of what adding it to every sum would that it is
    in. The sums are made when somebody asks; call `settle` now and then, so that both stay short.
    """

    __slots__ = ("_answers", "_copies", "_moved", "_response_micros", "_stored", "answered", "failures", "stored")

    def __init__(self) -> None:
        self.answered: list[int] = []
        self.stored: list[int] = []
        self.failures = 0
        self._answers = 0
        self._response_micros = 0
        self._copies = 0
        self._stored = 0
        self._moved = 0  # beside what was stored

    @property
    def requests(self) -> int:
        """All of them, failed ones as well."""
        return self._answers + len(self.answered) + self.failures

    @property
    def response_micros(self) -> int:
        """Of those that were answered."""
        return self._response_micros + sum(self.answered)

    @property
    def bytes(self) -> int:
        """What moved: what was stored, and what was read or sent for other reasons."""
        return self.stored_bytes + self._moved

    @property
    def stored_bytes(self) -> int:
        """What was stored, be it there still or not."""
        return self._stored + sum(self.stored)

    @property
    def stored_copies(self) -> int:
        """In how many copies."""
        return self._copies + len(self.stored)

    def request(self, size: int, response_micros: int) -> None:
        """A request was answered: so many bytes, of which none is stored anew, after so long."""
        self.answered.append(response_micros)
        self._moved += size

    def failure(self) -> None:
        """A request failed."""
        self.failures += 1

    def settle(self) -> None:
        """Add up what was put down."""
        self._answers, self._response_micros = self._answers + len(self.answered), self.response_micros
        self._copies, self._stored = self.stored_copies, self.stored_bytes
        self.answered.clear()
        self.stored.clear()
