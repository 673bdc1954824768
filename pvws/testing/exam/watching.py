"""How long a case is looked on: until its script is over and all is decided, or something has failed."""

import asyncio
import time

from pvws.sim.source import Cue
from pvws.stage.observer import Observer
from pvws.testing.exam.case import END, Case
from pvws.testing.trial.until import DECIDED_LOOK_S, Running, last_words
from pvws.testing.verdict import Outcome

__all__ = ["Watching"]


class Watching(Observer):
    """One trial of a case. `until` is for the trial, whose main stage this observes.

    The client is given `coming_s` seconds to come.
    """

    def __init__(self, case: Case, coming_s: float) -> None:
        self.came = False
        """Whether the client has done what the script waits for before it begins."""
        self.is_over = False
        """Whether the script has been played to its end."""
        self._case = case
        self._coming_s = coming_s
        self._marked = False

    def cued(self, cue: Cue) -> None:
        """A script may say itself that it is over."""
        if cue.kind == "mark" and cue.name == END:
            self._marked = True

    async def until(self, running: Running) -> None:
        """Return when enough was seen."""
        try:
            async with asyncio.timeout(self._coming_s):
                await self._coming(running)
        except TimeoutError:
            return None
        self.came = True
        over_since: float | None = None
        held_since: float | None = None
        while True:
            now = time.monotonic()
            if self._marked or running.over.is_set():
                self.is_over = True
                over_since = now if over_since is None else over_since
            outcomes = {verdict.outcome for verdict in running.witness.verdicts()}
            if Outcome.FAILED in outcomes:
                return await last_words(running)
            if over_since is not None:
                has_held = outcomes <= {Outcome.HELD} and running.witness.settled()
                held_since = None if not has_held else now if held_since is None else held_since
                if held_since is not None and now - held_since >= self._case.linger_s:
                    return None
                if now - over_since > self._case.patience_s:
                    return None
            await asyncio.sleep(DECIDED_LOOK_S)  # verdicts change by time alone, too

    async def _coming(self, running: Running) -> None:
        if self._case.begin == "subscription":
            await running.stage.hub.subscriber(frozenset())
        else:
            await running.came.wait()
