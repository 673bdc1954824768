"""What comes of a rule: it held, it was broken, or it could not be judged. Pure."""

from enum import StrEnum

from msgspec import Struct

from pvws.errors import PvwsError

__all__ = ["BrokenError", "Outcome", "UnjudgedError", "Verdict"]


class Outcome(StrEnum):
    """Three, not two: what could not be judged has not held."""

    HELD = "held"
    FAILED = "failed"
    NOT_JUDGED = "not judged"


class BrokenError(PvwsError):
    """The server breaks the rule: what was sent, what had to come, and what came instead, if anything did."""

    def __init__(self, sent: str, expected: str, received: str, *, nothing_came: bool = False) -> None:
        self.sent = sent
        self.expected = expected
        self.received = received
        self.nothing_came = nothing_came
        super().__init__(f"sent {sent}: expected {expected}, received {received}")


class UnjudgedError(PvwsError):
    """The rule can't be judged, and why: something is missing that would have to be there."""


class Verdict(Struct, frozen=True):
    """The outcome of one rule. `sent`, `expected` and `received` of a failure; `why` of what could not be judged.

    All texts are printable and free of tokens.
    """

    rule: str
    outcome: Outcome
    sent: str = ""
    expected: str = ""
    received: str = ""
    why: str = ""
