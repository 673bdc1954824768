"""`pvws serve`: the server alone, or playing a scenario for ever."""

import time
from typing import Annotated

import typer

from pvws.cli.options import Host, Port, ReadyFile, WaitForClient

__all__ = ["serve"]


def serve(
    scenario: Annotated[
        str | None, typer.Option(metavar="S", help="A scenario to play: a file, or the name of a shipped one.")
    ] = None,
    host: Host = "localhost",
    port: Port = 8083,
    wait_for_client: WaitForClient = False,
    ready_file: ReadyFile = None,
) -> None:
    """Serve the PeerVault WebSocket API.

    Serves until it is interrupted. Without a scenario nothing happens in the network, but everything else of the
    API works.

    \b
    Examples:
      pvws serve
      pvws serve --scenario quickstart --port 0
    """
    from pvws.cli.run import run
    from pvws.cli.serving import Serving
    from pvws.stage.shipped import find_scenario

    found = None if scenario is None else find_scenario(scenario)
    start = 0 if found is None else found.start if found.start is not None else time.time_ns() // 1000
    serving = Serving(
        found, (host, port), start=start, stay=True, wait_for_client=wait_for_client, ready_file=ready_file
    )
    raise typer.Exit(run(serving))
