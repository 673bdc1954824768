"""`pvws serve`: the server alone, or playing a scenario for ever."""

import os
import time
from typing import Annotated

import typer

from pvws.cli.options import (
    Bus,
    Config,
    Control,
    ControlToken,
    Host,
    Port,
    Profile,
    ReadyFile,
    Record,
    Reload,
    Settings,
    TlsCert,
    TlsKey,
    TlsSelfSigned,
    Tokens,
    Verbose,
    WaitForClient,
    settings,
)
from pvws.errors import InputError, Problem

__all__ = ["serve"]


def serve(
    context: typer.Context,
    scenario: Annotated[
        str | None, typer.Option(metavar="S", help="A scenario to play: a file, or the name of a shipped one.")
    ] = None,
    set_: Settings = None,
    echo: Annotated[
        bool, typer.Option("--echo", help="Answer every message with itself, for test suites of the protocol.")
    ] = False,
    config: Config = None,
    host: Host = None,
    port: Port = None,
    profile: Profile = None,
    token: Tokens = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    tls_self_signed: TlsSelfSigned = False,
    control: Control = None,
    control_token: ControlToken = None,
    bus: Bus = None,
    record: Record = None,
    wait_for_client: WaitForClient = False,
    ready_file: ReadyFile = None,
    reload: Reload = False,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", help="Run N processes that share the port and show the same; needs --bus."),
    ] = None,
    verbose: Verbose = False,
) -> None:
    """Serve the API until you stop it, with or without a scenario.

    Without a scenario the network is quiet, but the rest of the API works. Options override environment variables
    (PEERVAULT_WS_…), and these the configuration file. With --bus, clients see what a simulation plays there, and
    --scenario is for the worlds under ?world=.

    \b
    Examples:
      pvws serve
      pvws serve --scenario quickstart --port 0
      pvws serve --profile upstream -v
      pvws serve --bus nats://localhost:4222
      pvws serve --bus nats://localhost:4222 --workers 4
    """
    from pvws.cli.configured import configured_by
    from pvws.cli.run import run
    from pvws.cli.serving import Serving
    from pvws.server.sockets import share_ports

    given = settings(set_)
    if given and scenario is None:
        raise InputError(Problem("--set", "a scenario that it is about beside it, with --scenario", "none"))
    if reload and scenario is None:
        raise InputError(Problem("--reload", "a scenario to be read again beside it, with --scenario", "none"))
    if bus is not None and echo:
        expected = "no --echo beside it, since a simulation plays: pvws simulate SCENARIO --bus URL"
        raise InputError(Problem("--bus", expected, "--echo"))
    if workers is not None:
        from pvws.cli.workers import workers_of

        raise typer.Exit(run(workers_of(context.params, configured_by(context.params))))
    if os.environ.get("PVWS_WORKER"):
        from pvws.cli.workers import end_with_parent

        share_ports()
        end_with_parent()
    found = loading = None
    if scenario is not None:
        from pvws.stage.loading import Loading
        from pvws.stage.shipped import find_scenario

        found, loading = find_scenario(scenario, given), Loading(scenario, tuple(given))
    serving = Serving(
        None if bus else found,
        configured_by(context.params),
        start=0 if found is None else found.start if found.start is not None else time.time_ns() // 1000,
        stay=True,
        echo=echo,
        wait_for_client=wait_for_client,
        record=record,
        ready_file=ready_file,
        reload=reload,
        verbose=verbose,
        bus=bus,
        loading=loading,
        beside=found if bus else None,
    )
    raise typer.Exit(run(serving))
