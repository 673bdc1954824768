"""A client that may fail: run against what plays, as often as one likes; and in which ways it has failed."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from msgspec import Struct

from pvws.errors import InputError, Problem
from pvws.recording.format import Entry
from pvws.recording.replayer import Choice, Replayer, Track
from pvws.scenario.expectations import Kind
from pvws.scenario.schema import Scenario
from pvws.sim.agenda import Instant
from pvws.stage.stage import Stage
from pvws.testing.trial.result import Result
from pvws.testing.trial.staging import staged
from pvws.testing.trial.trial import Begin, Trial
from pvws.testing.trial.until import DECIDED_LOOK_S, Running, Until, last_words, nobody_came
from pvws.testing.verdict import Outcome

__all__ = ["COMES_S", "LINGER_S", "Subject", "came", "lasted", "not_judged", "replayed", "ways"]

LINGER_S = 1.0
"""How long a command that has not ended when all has been played is waited for, if nothing else is said: it may be
about to fail.
"""

COMES_S = 60.0
"""How long a command is waited for to connect: nothing plays before, and many have to be built first."""


class Subject(Struct, frozen=True):
    """A command that is a client. `trial` makes a trial of it, of what plays, what is expected, whether it is taped and
    the rest by their names in `Trial`.

    It is waited for `linger` seconds when all has been played; then it is asked to end, which is no failure. `comes` is
    how many seconds it has for its first handshake.
    """

    trial: Callable[..., Trial]
    linger: float = LINGER_S
    comes: float = COMES_S

    async def meet(self, scenario: Scenario, *, taped: bool = False) -> Result:
        """One run with a scenario, judged by what that expects. It begins with the first handshake."""
        return await self._run(staged(scenario), scenario.expect, "handshake", taped=taped)

    async def hear(self, stage: Callable[[str], Stage]) -> Result:
        """One run with what plays on a stage, from the first subscription on."""
        return await self._run(stage, (), "subscription")

    async def _run(
        self, stage: Callable[[str], Stage], expect: Sequence[Kind], begin: Begin, *, taped: bool = False
    ) -> Result:
        until = nobody_came(self.comes, _enough(self.linger))
        return await self.trial(stage=stage, expect=expect, begin=begin, until=until, taped=taped).run()


def _enough(linger: float) -> Until:
    """Until all has been played and so many seconds are over, or something that was expected has failed."""

    async def played(running: Running) -> None:
        await running.over.wait()
        await asyncio.sleep(linger)

    async def failed(running: Running) -> None:
        while True:
            if any(verdict.outcome is Outcome.FAILED for verdict in running.witness.verdicts()):
                break
            await asyncio.sleep(DECIDED_LOOK_S)
        await last_words(running)

    async def wait(running: Running) -> None:
        tasks = {asyncio.ensure_future(each(running)) for each in (played, failed)}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return wait


def came(result: Result) -> None:
    """Raises InputError where the command neither tried to connect nor failed by itself: called so it is no client."""
    if result.attempts == 0 and not result.command_failed:
        found = "none, and it has ended" if result.ending == "exited" else "none in time"
        raise InputError(
            Problem("COMMAND", "a command that connects to $PVWS_URL, or to {url} in its arguments", found)
        )


def ways(result: Result) -> frozenset[str]:
    """In which ways a client has failed, in words that are the same whenever it fails the same way; none, if it has not
    failed.

    A failure is what was expected and not done, an exit code other than 0, and a command that took too long. What could
    not be judged is none, and neither is how a command ends that was asked to.
    """
    found = [f"failed: {verdict.title}" for verdict in result.verdicts if verdict.outcome is Outcome.FAILED]
    if result.ending == "timed out":
        found.append("the command took too long")
    elif result.command_failed:
        found.append(f"the command {result.exit}")
    return frozenset(found)


def not_judged(results: Iterable[Result]) -> list[str]:
    """What was expected and could not be judged in any of some runs of the same expectations."""
    verdicts = [verdict for result in results for verdict in result.verdicts]
    judged = {verdict.title for verdict in verdicts if verdict.outcome is not Outcome.NOT_JUDGED}
    return [title for title in dict.fromkeys(verdict.title for verdict in verdicts) if title not in judged]


def lasted(result: Result, speed: float | None) -> Instant | None:
    """How much stage time a run took from its first handshake to its end, in microseconds, at most; None if unknown."""
    knocked = result.timings.knocked
    return None if knocked is None or speed is None else int((result.timings.command - knocked) * speed)


def replayed(
    entries: Sequence[Entry], start: Instant, *, exact: bool = True, speed: float | None = 1.0
) -> Callable[[str], Stage]:
    """What makes a stage, of a name, on which a recording is played. `start` is the instant at its t = 0."""
    made = partial(Replayer, (Track(lambda: entries, start),), start, Choice(exact=exact))

    def make(name: str) -> Stage:
        return Stage(made(), name=name, start=start, speed=speed, remake=lambda inputs: made())

    return make
