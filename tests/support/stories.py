"""The shipped scenarios, played: what each of them tells, for whoever reads or compares the stories."""

import json
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from pvws.scenario.director import Director
from pvws.scenario.loader import load
from pvws.scenario.schema import Scenario
from pvws.sim.source import Cue, Timed
from pvws.units import duration

FOLDER = Path(__file__).parents[2] / "scenarios"

NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
"""The shipped scenarios by name."""

SHORTENED = {"firehose": "6s"}
"""So much is played of those that would take long: a whole firehose is 600,000 events."""

_TAKEN = 1_000  # messages at a time; how many is nothing that they depend on


class Told(NamedTuple):
    """An event: seconds after the start, topic, type, payload."""

    at: float
    topic: str
    type: str
    data: dict[str, Any]


class Story(NamedTuple):
    """What a scenario tells: all events, the marks by name with their seconds, the codes of closed connections."""

    events: list[Told]
    marks: dict[str, float]
    closed: list[tuple[float, float, int]]
    """Seconds, share of the clients, code."""

    def of(self, *types: str) -> list[Told]:
        """The events of some types."""
        return [event for event in self.events if event.type in types]

    def between(self, begin: float, end: float) -> list[Told]:
        """The events from one second to just before another."""
        return [event for event in self.events if begin <= event.at < end]


@lru_cache(len(NAMES))
def script(name: str) -> Scenario:
    """A shipped scenario."""
    return load((FOLDER / f"{name}.yaml").read_text("utf-8"), f"{name}.yaml")


@lru_cache(len(NAMES))
def played(name: str) -> list[Timed | Cue]:
    """Everything in it that is told, or asked of the stage, in order. It is played once, however many ask."""
    scenario = script(name)
    assert scenario.start is not None, "a run of a shipped scenario repeats"
    shortened = SHORTENED.get(name)
    lasting = scenario.duration if shortened is None else duration(shortened)
    director = Director(scenario, start=scenario.start, seed=scenario.seed, duration=lasting)
    given = list[Timed | Cue]()
    while director.peek() is not None:
        given += director.take(None, _TAKEN)
    return given


def digest(name: str) -> str:
    """SHA-256 of what `pvws simulate NAME --no-serve --out -` writes."""
    made = sha256()
    for event in played(name):
        if isinstance(event, Timed):
            made.update(event.text + b"\n")
    return made.hexdigest()


@lru_cache(len(NAMES))
def story(name: str) -> Story:
    """What a scenario tells."""
    told = Story([], {}, [])
    start = script(name).start or 0
    for event in played(name):
        at = (event.at - start) / 1_000_000
        if isinstance(event, Timed):
            told.events.append(Told(at, event.topic, event.type, json.loads(event.text)["data"]))
        elif event.kind == "mark":
            told.marks[event.name] = at
        elif event.kind == "disconnect":
            told.closed.append((at, event.share, event.code))
    return told
