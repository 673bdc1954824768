"""Scenarios on disk: those that come with the package, by name, and anybody's, by path."""

from difflib import get_close_matches
from pathlib import Path

from pvws.errors import InputError, Problem
from pvws.scenario.loader import load
from pvws.scenario.schema import Scenario

__all__ = ["find_scenario", "shipped_scenarios"]

_PACKAGE = Path(__file__).resolve().parents[1]


def shipped_scenarios() -> dict[str, Path]:
    """Where the scenarios that come with the package lie, by name."""
    # In a wheel they lie inside the package, in a checkout beside it.
    folder = next((each for each in (_PACKAGE / "scenarios", _PACKAGE.parent / "scenarios") if each.is_dir()), None)
    return {} if folder is None else {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def find_scenario(name: str) -> Scenario:
    """The scenario of a path or of a shipped one's name. Raises InputError, which names the nearest shipped one."""
    shipped = shipped_scenarios()
    path = shipped.get(name, Path(name))
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        near = get_close_matches(name, shipped, 1)
        trouble = (error.strerror or str(error)).lower()
        expected = f"a scenario's file, or one of the shipped ones: {', '.join(shipped)}"
        hint = f'did you mean "{near[0]}"?' if near else None
        raise InputError(Problem("SCENARIO", expected, f'"{name}" ({trouble})', hint=hint)) from None
    except UnicodeDecodeError as error:
        raise InputError(Problem("", "text in UTF-8", f"other bytes at {error.start}", file=path)) from None
    return load(text, str(path))
