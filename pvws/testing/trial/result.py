"""What comes of a trial."""

from typing import Literal, TypeAlias

from msgspec import Struct

from pvws.sim.agenda import Instant
from pvws.testing.judging.facts import Fact
from pvws.testing.judging.verdict import Verdict
from pvws.testing.tape import Tape
from pvws.testing.trial.command import Exit
from pvws.testing.verdict import Outcome

__all__ = ["Ending", "Result", "Timings"]

Ending: TypeAlias = Literal["exited", "enough", "timed out", "stopped"]
"""Why a trial has ended: the command did by itself; enough was seen of it (see `Trial.until`); it took too long; or
somebody wanted no more.
"""


class Timings(Struct, frozen=True):
    """How long things took, in microseconds of real time, all but `ready` from when the command was started.

    `ready`: until the server took connections; `knocked`: until the first handshake; `connected`, `subscribed`: until
    the first client was; `command`: until the command had ended, or was asked to. None is never.
    """

    ready: Instant = 0
    knocked: Instant | None = None
    connected: Instant | None = None
    subscribed: Instant | None = None
    command: Instant = 0


class Result(Struct, frozen=True, kw_only=True):
    """What comes of a trial: why it ended, how the command did, and a verdict on each expectation, in their order.

    `output` is the last of what the command said, unless it went to a terminal; `facts` the last of what was seen of
    its connections; `tape` is what went between it and the main stage, closed, if the trial was taped. `attempts`
    counts handshakes, `connections` those that were let in, on the main stage.
    """

    ending: Ending
    exit: Exit
    verdicts: tuple[Verdict, ...]
    timings: Timings
    output: str = ""
    facts: tuple[Fact, ...] = ()
    attempts: int = 0
    connections: int = 0
    tape: Tape | None = None
    worlds: tuple[str, ...] = ()
    """Other stages that clients came to, which are not judged."""

    @property
    def held(self) -> bool:
        """Whether all that was expected has held. What could not be judged has not."""
        return all(verdict.outcome is Outcome.HELD for verdict in self.verdicts)

    @property
    def failed(self) -> bool:
        """Whether something that was expected was not done; what could not be judged is no failure."""
        return any(verdict.outcome is Outcome.FAILED for verdict in self.verdicts)

    @property
    def command_failed(self) -> bool:
        """Whether the command says that something is wrong, or took too long. One that was asked to end may say
        what it likes, since many clients have no other way to end.
        """
        return self.ending == "timed out" or (self.ending == "exited" and not self.exit.good)

    @property
    def passed(self) -> bool:
        """Whether the command did well and all that was expected has held."""
        return self.held and not self.command_failed and self.ending != "stopped"
