"""When enough was seen of a command that does not end by itself."""

import asyncio
from collections.abc import Awaitable, Callable

from msgspec import Struct

from pvws.stage.stage import Stage
from pvws.testing.judging.witness import Witness
from pvws.testing.verdict import Outcome

__all__ = ["DECIDED_LOOK_S", "Running", "Until", "decided", "last_words", "nobody_came", "scenario_over"]

DECIDED_LOOK_S = 0.02
"""How often `decided` looks: a verdict may change by time alone."""

_LAST_WORDS_S = 0.1  # for a command that is about to end by itself, once an expectation has failed
_GONE_S = 2.0  # the same when it has no connection left: it has most likely crashed, and how is told by its exit code


class Running(Struct, frozen=True, eq=False):
    """A trial that is under way: the stage, who watches it, and what one may wait for.

    `came` is set when somebody has first asked to be let in, `over` when the scenario has been played.
    """

    url: str
    stage: Stage
    witness: Witness
    came: asyncio.Event
    over: asyncio.Event


Until = Callable[[Running], Awaitable[object]]
"""Returns when enough was seen; the command is asked to end then."""


async def scenario_over(running: Running) -> None:
    """Until the scenario has been played. It does not begin before somebody comes: see `nobody_came`."""
    await running.over.wait()


async def decided(running: Running) -> None:
    """Until something that was expected has failed, or all of it has held. What holds may be broken later: the judge
    knows no later, so this is for expectations that are met once.
    """
    while True:
        outcomes = {verdict.outcome for verdict in running.witness.verdicts()}
        if Outcome.FAILED in outcomes or outcomes == {Outcome.HELD}:
            return
        await asyncio.sleep(DECIDED_LOOK_S)


async def last_words(running: Running) -> None:
    """Until a command that has failed has had the time to end by itself, if that is what it is about to do: while it is
    connected this is a moment, and while it is not, longer.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.sleep(_LAST_WORDS_S)
    while not running.stage.clients() and loop.time() - began < _GONE_S:  # noqa: ASYNC110 - a process that ends sets no event
        await asyncio.sleep(DECIDED_LOOK_S)


def nobody_came(seconds: float, until: Until) -> Until:
    """Until `until`, or until nobody has asked to be let in for so many seconds from the start."""

    async def wait(running: Running) -> None:
        try:
            async with asyncio.timeout(seconds):
                await running.came.wait()
        except TimeoutError:
            return
        await until(running)

    return wait
