"""A client of an echo server: every message is answered by itself, for the test suites of protocols."""

from pvws.session.rate import RateLimit
from pvws.session.session import Action, Close, Moment, Phase, Reply, Rules

__all__ = ["Echo"]

_POLICY_VIOLATION = 1008  # RFC 6455, section 7.4.1


class Echo:
    """Has the face of a `Session`, and its rate limit: past it messages are not answered."""

    __slots__ = ("_rate", "client_id", "heard", "phase", "topics")

    def __init__(self, client_id: str, rules: Rules) -> None:
        self.client_id = client_id
        self.phase = Phase.OPEN
        self.topics: frozenset[str] = frozenset()
        self.heard = ""
        limit = rules.messages_per_second
        self._rate = None if limit is None else RateLimit(limit, rules.penalty)

    def begin(self, presented: str | None, moment: Moment) -> list[Action]:
        """Nothing: whoever comes is welcome."""
        return []

    def receive(self, message: str | bytes, moment: Moment) -> list[Action]:
        """The message itself, text as text and binary as binary."""
        if self._rate is not None and not self._rate.admit(moment.real):
            return []
        if isinstance(message, str):
            return [Reply(message.encode())]
        return [Reply(message, binary=True)]

    def revoke(self, moment: Moment) -> list[Action]:
        """The end: it has no messages of its own in which it could say why."""
        return [Close(_POLICY_VIOLATION, "authentication failed")]

    def penalise(self, moment: Moment, seconds: float) -> None:
        """Answer nothing for so many seconds."""
        if self._rate is None:
            self._rate = RateLimit(None, 0.0)
        self._rate.penalise(moment.real, seconds)

    def pardon(self) -> None:
        """Answer again."""
        if self._rate is not None:
            self._rate.pardon()

    def wake(self, moment: Moment) -> list[Action]:
        """Nothing: it never asks to be woken."""
        return []
