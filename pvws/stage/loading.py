"""Another scenario onto a stage: read whole before anything changes, and made so that stage time goes on."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from msgspec import UNSET, Struct, UnsetType, structs

from pvws.errors import InputError, Problem
from pvws.scenario.director import Director
from pvws.scenario.loader import load
from pvws.scenario.loop import Loop
from pvws.scenario.schema import Scenario
from pvws.sim.agenda import Instant
from pvws.stage.playing import director_of, loop_of
from pvws.stage.shipped import find_scenario, names_of
from pvws.stage.steering import Plays
from pvws.timestamp import LAST_INSTANT, Timestamp
from pvws.units import duration_text

__all__ = ["Files", "Loading", "What", "loading_of"]


class Files(Struct, frozen=True):
    """A scenario that lies nowhere: the texts of its files by their paths, and which of them is the script."""

    files: Mapping[str, str]
    main: str


What: TypeAlias = str | Files | Scenario
"""What can be loaded: the name of a shipped scenario or the path of one, the texts of one, or one that was read."""


class Loading(Struct, frozen=True):
    """What is to be loaded, and how; it can be read again, for the texts may have changed.

    `given` are names and values, of parameters or of anything else by its path, as `--set` has them. `seed`, `speed`
    (None is as fast as it goes) and `duration` (in microseconds) are the script's own unless they are said. A `loop`
    begins again when it has ended.
    """

    what: What
    given: tuple[tuple[str, str], ...] = ()
    seed: int | None = None
    speed: float | UnsetType | None = UNSET
    duration: int | None = None
    loop: bool = False

    @property
    def source(self) -> str:
        """Where it comes from: a name or a path."""
        match self.what:
            case str():
                return self.what
            case Files():
                return self.what.main
            case Scenario():
                return self.what.scenario

    def written(self) -> dict[str, Any]:
        """The same as a JSON value, of which `loading_of` makes it again; of a scenario that was read only its name."""
        match self.what:
            case str():
                told: dict[str, Any] = {"scenario": self.what}
            case Files():
                told = {"files": dict(self.what.files), "main": self.what.main}
            case Scenario():
                told = {"object": self.what.scenario}
        if self.given:
            told["set"] = dict(self.given)
        said = {"seed": self.seed, "duration": self.duration, "loop": self.loop or None}
        return told | {key: value for key, value in said.items() if value is not None}

    def read(self, files: Callable[[Sequence[Path]], object] = lambda found: None) -> Scenario:
        """The scenario as it is now. Raises InputError with every problem found, each with its file and line.

        `files` is told on which files it depends, also when something is wrong; nothing, if it lies nowhere.
        """
        scenario = self._found(files)
        if self.seed is not None:
            scenario = structs.replace(scenario, seed=self.seed)
        if self.speed is not UNSET:
            scenario = structs.replace(scenario, speed=self.speed)
        if self.duration is not None:
            scenario = structs.replace(scenario, duration=self.duration)
        names_of(scenario)
        return scenario

    def _found(self, files: Callable[[Sequence[Path]], object]) -> Scenario:
        match self.what:
            case str():
                return find_scenario(self.what, self.given, files)
            case Files():
                return _from_texts(self.what, self.given)
            case Scenario():
                if self.given:
                    raise InputError(Problem("set", "nothing, for the scenario was read already", self.given[0][0]))
                return self.what

    def source_of(self, scenario: Scenario, start: Instant, sequence: int) -> tuple[Director | Loop, Plays]:
        """What plays it from an instant on, and how. Raises InputError where the calendar ends before it."""
        if start + scenario.duration > LAST_INSTANT:
            found = f"{Timestamp(start)} and {duration_text(scenario.duration)}"
            raise InputError(Problem("start", "a run that ends before the year 10000", found))
        if self.loop:
            loop = loop_of(scenario, start, sequence=sequence)
            return loop, Plays(start, None, scenario.speed, what=self.written())
        remake = partial(director_of, scenario, start, sequence=sequence)
        return remake(()), Plays(start, start + scenario.duration, scenario.speed, remake, self.written())


def loading_of(written: Mapping[str, Any]) -> Loading:
    """What was loaded, of what `Loading.written` gave. Raises InputError for what can't be loaded again."""
    if "object" in written:
        expected = "a scenario that has a name, a path or texts"
        found = f'"{written["object"]}", which was loaded from within a program'
        raise InputError(Problem("plays", expected, found))
    what = Files(written["files"], written["main"]) if "files" in written else written["scenario"]
    return Loading(
        what,
        tuple(written.get("set", {}).items()),
        seed=written.get("seed"),
        duration=written.get("duration"),
        loop=written.get("loop", False),
    )


def _from_texts(texts: Files, given: Sequence[tuple[str, str]]) -> Scenario:
    if texts.main not in texts.files:
        raise InputError(Problem("main", f"one of the files: {', '.join(texts.files)}", f'"{texts.main}"'))

    def read(path: str) -> str:
        try:
            return texts.files[path]
        except KeyError:
            raise FileNotFoundError(2, "it is not among the files", path) from None

    return load(texts.files[texts.main], texts.main, read=read, given=given)
