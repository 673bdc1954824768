"""`pvws ctl load` and `unload`: what plays on a running server."""

from pathlib import Path
from typing import Annotated

import typer

from pvws.answers import Playing
from pvws.cli.answered import scenarios_table
from pvws.cli.ctl_clock import speed_of
from pvws.cli.options import Settings, settings
from pvws.cli.steering import Told, steer
from pvws.client.control.control import Control

__all__ = ["load", "meant", "reload", "scenarios", "unload"]


def load(
    context: typer.Context,
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A file, whose text is sent, or the name of a shipped scenario.")
    ],
    seed: Annotated[int | None, typer.Option(metavar="N", help="Use this seed instead of the scenario's.")] = None,
    speed: Annotated[str | None, typer.Option(metavar="X|max", help="Times real time.")] = None,
    duration: Annotated[str | None, typer.Option(metavar="D", help="Play only so much of it: 90s, 10m.")] = None,
    start: Annotated[
        str | None,
        typer.Option(metavar="T|now", help="Where the simulated clock begins, such as 2026-01-05T10:00:00Z."),
    ] = None,
    set_: Settings = None,
    held: Annotated[bool, typer.Option("--held", help="Hold the clock at its beginning.")] = False,
    loop: Annotated[bool, typer.Option("--loop", help="Begin again when it has ended.")] = False,
) -> None:
    """Play another scenario, while clients stay connected.

    If there is a mistake in it, every one is told, and what played before plays on.

    \b
    Examples:
      pvws ctl load storage-crunch --seed 7
      pvws ctl load mine.yaml --held --set network.peers=40
    """
    given = dict(settings(set_))
    factor = None if speed is None else speed_of("--speed", speed)

    async def act(control: Control) -> Told:
        playing = await control.scenario.load(
            meant(scenario),
            seed=seed,
            speed=factor,
            duration=duration,
            start=start,
            set=given,
            held=held or None,
            loop=loop,
        )
        return Told(playing, [_plays(playing)])

    steer(context.obj, act)


def meant(scenario: str) -> str | Path:
    """What somebody means by a word: a file if there is one, or it looks like one; else a name the server knows."""
    path = Path(scenario)
    return path if path.suffix or len(path.parts) > 1 or path.is_file() else scenario


def _plays(playing: Playing) -> str:
    lasts = "" if playing.duration_s is None else f", {playing.duration_s:g} s"
    return f"{playing.name} plays, seed {playing.seed}{lasts}"


def reload(context: typer.Context) -> None:
    """Read what plays again, and play it from its beginning.

    \b
    Example:
      pvws ctl reload
    """

    async def act(control: Control) -> Told:
        playing = await control.scenario.reload()
        return Told(playing, [_plays(playing)])

    steer(context.obj, act)


def unload(context: typer.Context) -> None:
    """Have nothing play, while clients stay connected.

    \b
    Example:
      pvws ctl unload
    """

    async def act(control: Control) -> Told:
        await control.scenario.unload()
        return Told({"scenario": None}, ["nothing plays"])

    steer(context.obj, act)


def scenarios(context: typer.Context) -> None:
    """List the scenarios that the server can load by name.

    \b
    Example:
      pvws ctl scenarios
    """

    async def act(control: Control) -> Told:
        found = await control.scenario.shipped()
        return Told({"scenarios": found}, scenarios_table(found))

    steer(context.obj, act)
