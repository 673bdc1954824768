"""`pvws ctl`'s commands of worlds: which there are, and leases of them."""

from typing import Annotated

import typer

from pvws.cli.answered import worlds_table
from pvws.cli.steering import Told, steer
from pvws.client.control.control import Control

__all__ = ["end", "lease", "worlds"]


def worlds(context: typer.Context) -> None:
    """List the worlds of the server, and where clients join each.

    \b
    Example:
      pvws ctl worlds
    """

    async def act(control: Control) -> Told:
        found = await control.worlds()
        return Told({"worlds": found}, worlds_table(found))

    steer(context.obj, act)


def lease(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What clients say after ?world=.")],
    ttl: Annotated[str, typer.Option(metavar="D", help="How long it is held; leasing it again renews that.")] = "10m",
    scenario: Annotated[
        str | None,
        typer.Option(metavar="S", help="What plays on it, by a name the server knows. Default: what the server plays."),
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Use this seed instead of the scenario's.")] = None,
    held: Annotated[bool, typer.Option("--held", help="Hold the clock at its beginning.")] = False,
) -> None:
    """Make a world and hold it for some time, or hold it longer.

    \b
    Examples:
      pvws ctl lease w1 --held
      pvws ctl lease w1 --ttl 1h
    """

    async def act(control: Control) -> Told:
        made = await control.world(name, ttl=ttl, scenario=scenario, seed=seed, held=held or None).renew()
        return Told(made, worlds_table([made]))

    steer(context.obj, act)


def end(context: typer.Context, name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """End a world; its clients are told goodbye.

    \b
    Example:
      pvws ctl end w1
    """

    async def act(control: Control) -> Told:
        await control.end_world(name)
        return Told({"ended": name})

    steer(context.obj, act)
