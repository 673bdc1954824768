"""Scenarios on disk: those that come with the package, by name, and anybody's, by path; and the names they ask for."""

import shlex
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from pvws.errors import InputError, Problem
from pvws.notation.document import Node
from pvws.notation.nearest import nearest
from pvws.recording.format import FORMAT
from pvws.scenario.loader import load
from pvws.scenario.preparation import prepare
from pvws.scenario.schema import Scenario
from pvws.stage.faker_names import faker_names
from pvws.world.names import DEFAULT_NAMES, Names

__all__ = ["FILE_BYTES_MAX", "Script", "find_scenario", "find_script", "names_of", "shipped_scenarios"]

FILE_BYTES_MAX = 16 * 1_048_576
"""Of a file that a scenario is made of: 100,000 rows of a wide CSV file; what is larger was named by mistake."""

_SUFFIXES = (".yaml", ".yml")
_RECORDING = f'{{"format":"{FORMAT}"'  # as the first line of one begins

_PACKAGE = Path(__file__).resolve().parents[1]


def shipped_scenarios() -> dict[str, Path]:
    """Where the scenarios that come with the package lie, by name."""
    # In a wheel they lie inside the package, in a checkout beside it.
    folder = next((each for each in (_PACKAGE / "scenarios", _PACKAGE.parent / "scenarios") if each.is_dir()), None)
    return {} if folder is None else {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def find_scenario(
    name: str, given: Sequence[tuple[str, str]] = (), files: Callable[[Sequence[Path]], object] = lambda found: None
) -> Scenario:
    """The scenario of a path or of a shipped one's name, with names and values `given` as `--set` has them.

    `files` is told what it was made of, or was to be, also when something is wrong. Raises InputError: with the
    nearest shipped one where there is none, or with every problem found in it.
    """
    script = find_script(name)
    try:
        return script.scenario(given)
    finally:
        files(script.files)


def find_script(name: str, option: str = "SCENARIO") -> "Script":
    """The text of a scenario, which may be wrong; `option` is what names it on the command line.

    Raises InputError where there is none, with the nearest name.
    """
    shipped = shipped_scenarios()
    path = shipped.get(name, Path(name))
    try:
        script = Script(path, _text(path))
    except UnicodeDecodeError as error:
        raise InputError(Problem("", "text in UTF-8", f"other bytes at {error.start}", file=path)) from None
    except (OSError, ValueError) as error:
        trouble = (getattr(error, "strerror", None) or str(error)).lower()
        expected = f"a scenario's file, or one of the shipped ones: {', '.join(shipped)}"
        hint = nearest(name, tuple(shipped))
        if hint is None and path.suffix in _SUFFIXES and isinstance(error, FileNotFoundError):
            hint = f"pvws scenarios new {shlex.quote(name)} writes one to begin with"
        raise InputError(Problem(option, expected, f'"{name}" ({trouble})', hint=hint)) from None
    if script.text.startswith(_RECORDING):  # else each of its fields is told to be none of a scenario's
        raise InputError(Problem(option, "a scenario", f'"{name}" (a recording)', hint="pvws replay plays it"))
    return script


def names_of(scenario: Scenario) -> Names:
    """The names that people see in a scenario: pvws's own, or those of a language, for which Faker is asked.

    Raises InputError for a locale that Faker does not know.
    """
    names = scenario.network.names
    return DEFAULT_NAMES if names is None else _faker_names(names.locale, scenario.seed)


_faker_names = lru_cache(8)(faker_names)  # each world of a server asks again


class Script:
    """The text of a scenario and where it lies: includes and CSV files are read below its folder and nowhere else."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.text = text
        self.files: list[Path] = [path]
        """Every file that was asked for, be it there or not: what it depends on, once it was read."""
        self._folder = path.parent.resolve()
        self._read: set[str] = set()

    def scenario(self, given: Sequence[tuple[str, str]] = ()) -> Scenario:
        """The scenario, with names and values `given`. Raises InputError with every problem found."""
        self._read.clear()
        self.files = [self.path]
        try:
            scenario = load(self.text, str(self.path), read=self.read, given=given)
            try:
                names_of(scenario)  # a wrong locale is a mistake in the script as any other
            except InputError as error:
                root = prepare(self.text, str(self.path), self.read, given).root
                raise InputError(*(_at_its_place(problem, root) for problem in error.problems)) from None
        except InputError as error:
            raise InputError(*(self._findable(problem) for problem in error.problems)) from None
        return scenario

    def read(self, path: str) -> str:
        """The text of a file by its path below the folder. Raises OSError or ValueError, saying what is the matter."""
        file = (self._folder / path).resolve()
        if not file.is_relative_to(self._folder):
            raise ValueError("it leads out of the scenario's folder")
        self.files.append(file)
        if file.exists() and not file.is_file():
            raise ValueError("it is no file")
        text = _text(file)
        self._read.add(path)
        return text

    def _findable(self, problem: Problem) -> Problem:
        """The problem with the file as one would name it from here, where it is below the script's folder."""
        if problem.file in self._read and problem.file != str(self.path):
            problem.file = str(self.path.parent / problem.file)
        return problem


def _text(path: Path) -> str:
    """The text of a file. Raises OSError, or ValueError when it is too large or not in UTF-8."""
    with path.open("rb") as file:
        content = file.read(FILE_BYTES_MAX + 1)
    if len(content) > FILE_BYTES_MAX:
        raise ValueError(f"it is larger than {FILE_BYTES_MAX:,} bytes")
    return content.decode("utf-8")


def _at_its_place(problem: Problem, root: Node) -> Problem:
    """The problem, with file, line and column of the value at its path."""
    node = root
    for key in problem.path.split("."):
        if not isinstance(node.value, dict) or key not in node.value:
            return problem
        node = node.value[key]
    if node.origin is not None:
        problem.file = node.origin
    else:
        problem.file, problem.line, problem.column = node.file, node.line, node.column
    return problem
