"""`pvws ctl`: a running server, steered from the shell."""

import typer

from pvws.cli import ctl_clock, ctl_journal, ctl_scenario, ctl_stage, ctl_worlds
from pvws.cli.ctl_events import events
from pvws.cli.ctl_faults import faults, rules
from pvws.cli.ctl_group import CtlGroup
from pvws.cli.emit import emit
from pvws.cli.steering import ControlToken, ControlUrl, ControlWorld, Json, Reach

__all__ = ["app", "ctl"]

app = typer.Typer(
    cls=CtlGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Try: pvws ctl state, or of a server elsewhere: pvws ctl :9001 clients --json",
)
"""The group of commands."""


@app.callback()
def ctl(
    context: typer.Context,
    url: ControlUrl = None,
    world: ControlWorld = "main",
    token: ControlToken = None,
    as_json: Json = False,
) -> None:
    """Steer a running server: clients, clock, scenario, faults.

    The options below may also stand behind the command, and the address before it. Exit codes: 3 when nothing answers
    there, 2 when the server refuses, 1 when a wait timed out or a comparison found a difference.

    \b
    Examples:
      pvws ctl state
      pvws ctl :9001 --world w1 clients --json
      pvws ctl fault add 'latency: 200ms, topics: [alerts]'
    """
    context.obj = Reach(url, world, token, as_json)


for _command in (
    ctl_stage.state,
    ctl_stage.info,
    ctl_stage.nodes,
    ctl_stage.clients,
    ctl_stage.disconnect,
    ctl_journal.journal,
    ctl_journal.wait,
    events,
    emit,
    ctl_clock.clock,
    ctl_clock.pause,
    ctl_clock.resume,
    ctl_clock.step,
    ctl_clock.advance,
    ctl_clock.until,
    ctl_clock.seek,
    ctl_clock.speed,
    ctl_clock.settle,
    ctl_stage.mark,
    ctl_scenario.load,
    ctl_scenario.reload,
    ctl_scenario.unload,
    ctl_scenario.scenarios,
    ctl_stage.world,
    ctl_stage.compare,
    ctl_stage.ledger,
    ctl_worlds.worlds,
    ctl_worlds.lease,
    ctl_worlds.end,
    ctl_stage.stop,
):
    app.command()(_command)
app.add_typer(faults, name="fault")
app.add_typer(rules, name="rule")
