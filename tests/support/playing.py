"""Scripts that are read and played to their end, for tests of the scenario language as a whole."""

from collections.abc import Mapping, Sequence

from pvws.errors import InputError
from pvws.scenario.director import Director
from pvws.scenario.loader import load
from pvws.scenario.schema import Scenario
from pvws.sim.source import ClientInput, Cue, Source, Timed

START = 1_704_067_200_000_000  # 2024-01-01T00:00:00Z
SECOND = 1_000_000
SLICE = 1_000


class Folder:
    """Files beside a script, by their paths."""

    def __init__(self, files: Mapping[str, str] | None = None) -> None:
        self._files = dict(files or {})

    def __call__(self, path: str) -> str:
        if path not in self._files:
            raise FileNotFoundError(2, "no such file", path)
        return self._files[path]


def read_scenario(body: str, given: Sequence[tuple[str, str]] = (), **files: str) -> Scenario:
    """The scenario of a script without its name. `files` are beside it, without their `.yaml`."""
    return load(f"scenario: made-up\n{body}", "made-up.yaml", _folder(files), given)


def complaints_of(text: str, given: Sequence[tuple[str, str]] = (), **files: str) -> list[str]:
    """What the loader says about a whole text, a line a problem; nothing, if all is well. Its file is `f.yaml`."""
    try:
        load(text, "f.yaml", _folder(files), given)
    except InputError as error:
        assert str(error) == "\n".join(str(problem) for problem in error.problems)
        return str(error).split("\n")
    return []


def _folder(files: Mapping[str, str]) -> Folder:
    return Folder({f"{name}.yaml": text for name, text in files.items()})


def director_of(
    scenario: Scenario | str,
    *,
    seed: int | None = None,
    start: int = START,
    inputs: Sequence[ClientInput] = (),
    sequence: int = 0,
    paranoid: bool = False,
) -> Director:
    """A director of a scenario, or of the body of a script."""
    scenario = read_scenario(scenario) if isinstance(scenario, str) else scenario
    return Director(
        scenario,
        start=start,
        seed=scenario.seed if seed is None else seed,
        duration=scenario.duration,
        inputs=inputs,
        sequence=sequence,
        paranoid=paranoid,
    )


def rest(source: Source, until: int | None = None) -> list[Timed | Cue]:
    """All that a source has left to give, or what it has up to an instant."""
    given: list[Timed | Cue] = []
    while (at := source.peek()) is not None and (until is None or at <= until):
        given += source.take(until, SLICE)
    return given


def events(source: Source, *types: str) -> list[Timed]:
    """All events of some types, or of all, that a source has left."""
    return [each for each in rest(source) if isinstance(each, Timed) and (not types or each.type in types)]
