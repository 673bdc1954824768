"""`--reload`: the scenario of a server is read again when one of its files changes, and a person is told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from pvws.cli.standard import note
from pvws.stage.stage import Stage

if TYPE_CHECKING:
    from pvws.scenario.schema import Scenario
    from pvws.stage.loading import Loading
    from pvws.stage.reloading import Told

__all__ = ["Current", "reloaded"]


class Current:
    """The scenario as it was read last: what worlds that are made from now on play."""

    def __init__(self, scenario: "Scenario | None") -> None:
        self.scenario = scenario


@asynccontextmanager
async def reloaded(
    loading: "Loading | None", current: Current, stages: Callable[[], Iterable[Stage]]
) -> AsyncIterator[None]:
    """For as long as this is entered every stage that plays the scenario plays it anew when it has changed.

    What is wrong with it is told, and the old one goes on. Nothing is done without a way to read it again.
    """
    if loading is None or current.scenario is None:
        yield
        return
    from pvws.errors import InputError
    from pvws.stage.reloading import reload_on_change
    from pvws.terminal.printable import printable

    def tell(told: "Told") -> None:
        if isinstance(told, InputError):
            wrong = "\n".join(f"  {printable(line)}" for line in str(told).splitlines())
            note(f"{loading.source} has changed and is wrong; the old one goes on:\n{wrong}")
        else:
            current.scenario = told
            note(f"{told.scenario} has changed and plays from its beginning")

    watching = asyncio.ensure_future(reload_on_change(loading, current.scenario, stages, tell))
    watching.add_done_callback(_ended)
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait({watching})


def _ended(watching: "asyncio.Future[None]") -> None:
    if not watching.cancelled() and (error := watching.exception()) is not None:
        note(f"the scenario is watched no more: {error}")
