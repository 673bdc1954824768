"""`pvws simulate`: a scenario, played to clients or into a file."""

import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import msgspec
import typer

from pvws import units
from pvws.cli.collector import spare_collector
from pvws.cli.configured import SERVER_OPTIONS, configured_by
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
    parsed,
    settings,
)
from pvws.errors import InputError, Problem, ReachError
from pvws.scenario import quantities
from pvws.scenario.schema import Scenario
from pvws.stage.loading import Loading
from pvws.stage.shipped import find_scenario
from pvws.timestamp import LAST_INSTANT, Timestamp

__all__ = ["simulate"]


def simulate(
    context: typer.Context,
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A file, or the name of a shipped scenario.")],
    seed: Annotated[int | None, typer.Option(metavar="N", help="Use this seed instead of the scenario's.")] = None,
    speed: Annotated[
        str | None,
        typer.Option(
            metavar="X|max",
            help="How many times as fast as real time; max, the default without a server, is as fast as possible.",
        ),
    ] = None,
    duration: Annotated[str | None, typer.Option(metavar="D", help="Play only so much of it: 90s, 10m.")] = None,
    start: Annotated[
        str | None,
        typer.Option(metavar="T|now", help="Where the simulated clock begins, such as 2026-01-05T10:00:00Z."),
    ] = None,
    loop: Annotated[
        bool, typer.Option("--loop", help="Start over when it has ended, until interrupted; stage time goes on.")
    ] = False,
    stay: Annotated[bool, typer.Option("--stay", help="Keep serving when the scenario has ended.")] = False,
    out: Annotated[
        str | None, typer.Option(metavar="F|-", help="Write the events as JSON Lines, to a file or to stdout.")
    ] = None,
    view: Annotated[Literal["none", "log", "dashboard"], typer.Option(help="Show what a client receives.")] = "none",
    set_: Settings = None,
    inputs: Annotated[
        str | None, typer.Option(metavar="F", help="Repeat a run, with what clients did in it, from --save-inputs.")
    ] = None,
    save_inputs: Annotated[
        str | None, typer.Option(metavar="F", help="Save what clients do that the scenario reacts to.")
    ] = None,
    paranoid: Annotated[
        bool,
        typer.Option("--paranoid", help="Check after every few steps that the world does not contradict itself."),
    ] = False,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Start no server: just compute the events.")] = False,
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
    verbose: Verbose = False,
    on: Annotated[
        str | None,
        typer.Option(
            metavar="CONTROL_URL", help="Play it on a server that is already running: its control plane's address."
        ),
    ] = None,
    world: Annotated[str, typer.Option(metavar="W", help="With --on: on which of its worlds.")] = "main",
) -> None:
    """Play a scenario to clients, on a server of its own.

    It ends when the scenario does; --loop starts over. The same scenario, seed, start, duration and inputs give the
    same events, byte for byte; the summary has the SHA-256 of what --out has written.

    \b
    Examples:
      pvws simulate quickstart --loop
      pvws simulate quickstart --no-serve --out events.jsonl
      pvws simulate my-scenario.yaml --speed 10 --seed 42 --view log
      pvws simulate storage-crunch --view dashboard
      pvws simulate firehose --set rate=500 --loop
      pvws simulate my-scenario.yaml --on http://localhost:8084
      pvws simulate quickstart --loop --bus nats://localhost:4222
    """
    from pvws.cli.journal import read_journal
    from pvws.cli.run import run
    from pvws.cli.serving import Serving

    if on is not None:
        from pvws.cli.playing_on import playing_on

        raise typer.Exit(run(playing_on(context.params)))
    _check_together(context.params)
    given = settings(set_)
    found = find_scenario(scenario, given)
    found = _with_options(found, seed=seed, speed=speed, duration=duration, start=start)
    if no_serve and speed is None and bus is None:
        found = msgspec.structs.replace(found, speed=None)  # nobody watches it in real time
    start_at = time.time_ns() // 1000 if found.start is None else found.start
    if start_at + found.duration > LAST_INSTANT:
        found_text = f"{Timestamp(start_at)} and {units.duration_text(found.duration)}"
        raise InputError(Problem("--start", "a run that ends before the year 10000", found_text))
    serving = Serving(
        found,
        None if no_serve else configured_by(context.params),
        start=start_at,
        loop=loop,
        paranoid=paranoid,
        inputs=None if inputs is None else tuple(read_journal(inputs, found, start_at)),
        stay=stay,
        wait_for_client=wait_for_client,
        record=record,
        ready_file=ready_file,
        reload=reload,
        out=out,
        save_inputs=save_inputs,
        show=None if view == "none" else view,
        progress=True,
        verbose=verbose,
        bus=bus,
        loading=Loading(scenario, tuple(given), seed, found.speed, found.duration, loop),
    )
    spare_collector()
    try:
        raise typer.Exit(run(serving))
    except ReachError as error:
        from pvws.cli.playing_on import advised

        raise advised(error, context.params) from None


def _with_options(
    scenario: Scenario, *, seed: int | None, speed: str | None, duration: str | None, start: str | None
) -> Scenario:
    """The scenario with what the command line says otherwise. Raises InputError."""
    changes: dict[str, Any] = {} if seed is None else {"seed": seed}
    options: tuple[tuple[str, str | None, Callable[[str], Any]], ...] = (
        ("speed", speed, quantities.speed),
        ("duration", duration, units.duration),
        ("start", start, quantities.start),
    )
    for name, text, read in options:
        if text is not None:
            changes[name] = parsed(f"--{name}", text, read)
    return msgspec.structs.replace(scenario, **changes)


def _check_together(parameters: Mapping[str, Any]) -> None:
    """Refuse options that contradict each other, instead of letting one win in silence."""
    if parameters["no_serve"]:
        for name in (*SERVER_OPTIONS, "stay", "wait_for_client", "ready_file", "reload", "save_inputs", "view"):
            value = parameters[name]
            if value is not None and value is not False and value not in ("none", [], ()):
                option = f"--{name.replace('_', '-')}"
                raise InputError(Problem("--no-serve", f"no {option} beside it, which needs a server", option))
    if parameters["reload"] and parameters["inputs"] is not None:
        raise InputError(
            Problem("--reload", "no --inputs beside it, since a journal is that of one script", "--inputs")
        )
    for name in ("inputs", "save_inputs"):
        if parameters["loop"] and parameters[name] is not None:
            option = f"--{name.replace('_', '-')}"
            raise InputError(Problem("--loop", f"no {option} beside it, since a journal is that of one round", option))
    if parameters["inputs"] is not None and parameters["save_inputs"] is not None:
        expected = "no --inputs beside it, since what clients do then changes nothing"
        raise InputError(Problem("--save-inputs", expected, "--inputs"))
    if (view := parameters["view"]) == "none":
        return
    if parameters["wait_for_client"]:
        raise InputError(Problem("--wait-for-client", f"none beside --view {view}, which is a client itself", "both"))
    if parameters["out"] == "-":
        raise InputError(Problem("--view", "none beside --out -, since both would write to stdout", view))
