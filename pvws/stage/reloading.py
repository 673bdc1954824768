"""A scenario that is read again whenever one of its files changes, and then plays in place of what did."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

from msgspec import structs

from pvws.errors import InputError, Problem, PvwsError
from pvws.scenario.schema import Scenario
from pvws.stage.loading import Loading
from pvws.stage.stage import Stage

__all__ = ["PERIOD_S", "Told", "reload_on_change"]

PERIOD_S = 0.3
"""Between two looks at the files: as quick as a person changes windows."""

Told: TypeAlias = Scenario | InputError
"""What became of a change: the scenario that plays now, or what is wrong with it."""

_Look: TypeAlias = tuple[tuple[int, int, int] | None, ...]


async def reload_on_change(
    loading: Loading,
    playing: Scenario,
    stages: Callable[[], Iterable[Stage]],
    tell: Callable[[Told], object],
    *,
    period_s: float | None = None,
) -> None:
    """Look at the files of a scenario for ever. Once they have changed, and stay so for a look, it is read again, and
    played from its beginning on every stage that plays it. If it is wrong the old one goes on, or on that stage alone
    which can't play it now; `tell` hears of either. `playing` is the scenario as it was read for what plays now: if it
    has changed since, that is a change too.

    A stage that has been given another scenario to play is left alone.
    """
    period_s = PERIOD_S if period_s is None else period_s
    watched = _Watched()
    told, seen = await asyncio.to_thread(watched.read, loading)
    if not _is(told, playing):
        _play(told, loading, stages(), tell)
    while True:
        await asyncio.sleep(period_s)
        now = await asyncio.to_thread(watched.look)
        if now == seen:
            continue
        while True:  # who writes a file may not be done with it
            await asyncio.sleep(period_s)
            seen, now = now, await asyncio.to_thread(watched.look)
            if now == seen:
                break
        told, seen = await asyncio.to_thread(watched.read, loading)
        _play(told, loading, stages(), tell)


def _is(told: Told, playing: Scenario) -> bool:
    """Whether it is the scenario that plays, whose start may have been given beside the script."""
    return isinstance(told, Scenario) and structs.replace(told, start=playing.start) == playing


def _play(told: Told, loading: Loading, stages: Iterable[Stage], tell: Callable[[Told], object]) -> None:
    troubles: list[InputError] = []
    if isinstance(told, Scenario):
        for stage in tuple(stages):
            if stage.controller.loading == loading:
                troubles += _load(stage, loading, told)
    tell(told)
    for trouble in troubles:
        tell(trouble)


def _load(stage: Stage, loading: Loading, scenario: Scenario) -> list[InputError]:
    """Have a stage play it; where that can't be, it alone goes on with the old one. What was in the way."""
    try:
        stage.controller.load(loading, scenario=scenario)
    except InputError as error:
        return [error]
    except PvwsError as error:
        return [InputError(Problem(f"world {stage.name}", "one that can play something else now", str(error)))]
    return []


class _Watched:
    """The files that a scenario depends on: those that are not there are waited for."""

    def __init__(self) -> None:
        self._files: list[Path] = []

    def read(self, loading: Loading) -> tuple[Told, _Look]:
        """The scenario, or what is wrong, and what was seen of its files before they were read: what is written while
        they are being read is seen by the next look.
        """
        while True:
            files, seen = self._files, self.look()
            told = self._read(loading)
            if self._files == files:
                return told, seen
            # It is made of other files now, which nobody has looked at before.

    def _read(self, loading: Loading) -> Told:
        try:
            return loading.read(self._found)
        except InputError as error:
            return error

    def look(self) -> _Look:
        """What can be seen of the files without reading them."""
        return tuple(_look(file) for file in self._files)

    def _found(self, files: Sequence[Path]) -> None:
        self._files = list(dict.fromkeys(files))


def _look(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
