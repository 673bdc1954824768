"""Scenarios: what plays, something else in its place, and those that come with pvws."""

import asyncio
from functools import cache
from typing import Annotated, Any, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType, structs

from pvws.answers import Playing, ShippedScenario, ShippedScenarios
from pvws.control.problems import Refusal
from pvws.control.quantities import Instant
from pvws.control.reading import Nothing
from pvws.control.route import Call, Query, Route
from pvws.control.told import playing_of
from pvws.errors import InputError, Problem
from pvws.notation.document import Node
from pvws.notation.forms import Form
from pvws.notation.quantities import Duration
from pvws.notation.reader import Reader
from pvws.notation.schema import json_schema
from pvws.scenario.quantities import speed
from pvws.scenario.schema import Scenario
from pvws.stage.loading import Files, Loading
from pvws.stage.shipped import find_scenario, shipped_scenarios
from pvws.stage.stage import Stage

__all__ = ["ROUTES", "Wish", "load"]

_FILES_BYTES_MAX = 32 * 1_048_576


def _read_settings(reader: Reader, node: Node, path: str) -> Any:
    entries = reader.mapping(node, path)
    if entries is None:
        return {}
    found = {}
    for name, value in entries.items():
        if isinstance(value.value, dict | list) or value.value is None:
            reader.problem(value, f"{path}.{name}", "a text, a number, true or false")
        else:
            found[name] = value.source
    return found


_Settings: TypeAlias = Annotated[
    dict[str, str],
    Form(
        _read_settings,
        label="values by name",
        schema={"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
    ),
]


def _read_speed(reader: Reader, node: Node, path: str) -> Any:
    try:
        return speed(node.source)
    except ValueError as error:
        return reader.problem(node, path, str(error))


_Speed: TypeAlias = Annotated[
    float | UnsetType | None,
    Form(
        _read_speed,
        label="speed",
        schema={"anyOf": [{"const": "max"}, {"type": "number", "exclusiveMinimum": 0}]},
        write=lambda found: None if found is UNSET else found,
    ),
]


class Wish(Struct, frozen=True, kw_only=True):
    """What to play, and how, where it is not to be as the script says."""

    scenario: Annotated[
        str | None, Meta(description="The name of one that comes with pvws, or the path of one where the server runs.")
    ] = None
    files: Annotated[
        dict[str, str] | None, Meta(description="Or the texts of its files, by their paths; `main` is the script.")
    ] = None
    main: Annotated[str | None, Meta(description="Which of the files is the script.")] = None
    seed: Annotated[int | None, Meta(description="Another seed.")] = None
    speed: Annotated[_Speed, Meta(description="A factor of real time, or `max`.")] = UNSET
    duration: Annotated[Duration | None, Meta(description="How much of it.")] = None
    start: Annotated[
        Instant | None, Meta(description="When it begins; not before now, once clients have connected.")
    ] = None
    held: Annotated[bool | None, Meta(description="Whether the clock is to stand at its beginning, or to run.")] = None
    loop: Annotated[bool, Meta(description="Whether it begins again when it has ended.")] = False
    set: Annotated[
        _Settings,
        Meta(description="Other values of parameters, or of anything in it by its path, as `--set` has them."),
    ] = {}

    def over(self, playing: Loading | None) -> Loading:
        """What is to be loaded: without a scenario, what plays, otherwise. Raises InputError."""
        if self.scenario is not None and self.files is not None:
            raise InputError(Problem("", "either scenario or files", "both"))
        if (self.files is None) != (self.main is None):
            found = "nothing" if self.main is None else f'"{self.main}" without them'
            raise InputError(Problem("main", "the path of the script, beside files", found))
        given = tuple(self.set.items())
        if self.files is not None and self.main is not None:
            return Loading(Files(self.files, self.main), given, self.seed, self.speed, self.duration, self.loop)
        if self.scenario is not None:
            return Loading(self.scenario, given, self.seed, self.speed, self.duration, self.loop)
        if playing is None:
            raise InputError(Problem("scenario", "one to play, for nothing does", "none"))
        said = {"seed": self.seed, "duration": self.duration, "loop": self.loop or None}
        changes: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
        if self.speed is not UNSET:
            changes["speed"] = self.speed
        return structs.replace(playing, given=(*playing.given, *given), **changes)


def _nothing_plays() -> Refusal:
    return Refusal("no-world", "no scenario plays here; load one: PUT /v1/scenario")


async def load(stage: Stage, wish: Wish) -> Playing:
    """Have a stage play what is wished for. Raises InputError with every problem; then the old one goes on."""
    loading = wish.over(stage.controller.loading)
    scenario = await asyncio.to_thread(loading.read)  # a large one takes longer than an event may wait
    if stage.over.is_set():
        raise Refusal("unknown-world", f"the world {stage.name} has ended meanwhile")
    start = None if wish.start is None else wish.start.micros
    return playing_of(stage.controller.load(loading, scenario=scenario, start=start, held=wish.held))


def _scenario(call: Call[Nothing, Query]) -> Playing:
    """The scenario that plays."""
    playing = call.stage.controller.state().playing
    if playing is None:
        raise _nothing_plays()
    return playing_of(playing)


async def _load(call: Call[Wish, Query]) -> Playing:
    """Play another scenario, or the same otherwise, from its beginning; clients stay connected and subscribed.

    It is read as a whole before anything changes; if it is wrong, every mistake is told, with its file and line, and
    the old one goes on. Stage time never goes back for a client that is here.
    """
    return await load(call.stage, call.body)


async def _reload(call: Call[Nothing, Query]) -> Playing:
    """Read the scenario that plays again, and play it from its beginning; if it is wrong, the old one goes on."""
    if call.stage.controller.loading is None:
        raise _nothing_plays()
    return await load(call.stage, Wish())


def _unload(call: Call[Nothing, Query]) -> Nothing:
    """Have nothing play; clients stay."""
    call.stage.controller.unload()
    return Nothing()


async def _scenarios(call: Call[Nothing, Query]) -> ShippedScenarios:
    """The scenarios that come with pvws, which can be loaded by their names."""
    return ShippedScenarios(scenarios=await asyncio.to_thread(_shipped))


@cache
def _shipped() -> list[ShippedScenario]:
    found = [(name, find_scenario(name)) for name in shipped_scenarios()]
    return [
        ShippedScenario(name=name, title=each.description or "", duration_s=each.duration / 1_000_000)
        for name, each in found
    ]


def _scenario_schema(call: Call[Nothing, Query]) -> dict[str, Any]:
    """The JSON Schema of a scenario."""
    return _schema()


@cache
def _schema() -> dict[str, Any]:
    return json_schema(Scenario, title="A scenario of pvws", schema_id="urn:pvws:schema:scenario:1", templates=True)


ROUTES = (
    Route(method="GET", path="/v1/scenario", tag="scenario", handle=_scenario, answer=Playing, problems=("no-world",)),
    Route(
        method="PUT",
        path="/v1/scenario",
        tag="scenario",
        handle=_load,
        body=Wish,
        answer=Playing,
        body_bytes_max=_FILES_BYTES_MAX,
        problems=("conflict",),
        of_source=True,
    ),
    Route(
        method="POST",
        path="/v1/scenario/reload",
        tag="scenario",
        handle=_reload,
        answer=Playing,
        problems=("invalid", "no-world", "conflict"),
        of_source=True,
    ),
    Route(
        method="DELETE",
        path="/v1/scenario",
        tag="scenario",
        handle=_unload,
        answer=Nothing,
        problems=("conflict",),
        of_source=True,
    ),
    Route(method="GET", path="/v1/scenarios", tag="scenario", handle=_scenarios, answer=ShippedScenarios),
    Route(method="GET", path="/v1/schema/scenario", tag="scenario", handle=_scenario_schema, answer=dict[str, Any]),
)
"""What this file serves."""
