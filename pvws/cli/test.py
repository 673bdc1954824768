"""`pvws test`: a command, in whatever language, as the client of a scenario."""

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from msgspec import structs

from pvws import units
from pvws.cli.options import (
    Config,
    Control,
    ControlToken,
    Env,
    Host,
    Profile,
    ReadyFile,
    Record,
    Settings,
    TlsCert,
    TlsKey,
    TlsSelfSigned,
    Tokens,
    Verbose,
    parsed,
    seconds,
    settings,
    variables_of,
)
from pvws.errors import InputError, Problem

if TYPE_CHECKING:
    from pvws.stage.shipped import Script
    from pvws.testing.trial.command import Heard
    from pvws.testing.trial.report import Place
    from pvws.testing.trial.until import Until

__all__ = ["ARTEFACTS", "test"]

ARTEFACTS = "pvws-artefacts"
"""The folder for recordings of runs that failed, where nothing else is said."""

_NOBODY_CAME_S = 60.0  # until when somebody must have come, where not the command ends the trial: builds take long


def test(
    context: typer.Context,
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A file, or the name of a shipped scenario.")],
    command: Annotated[
        list[str] | None, typer.Argument(metavar="-- COMMAND …", help="What to run as the client, with its arguments.")
    ] = None,
    junit: Annotated[
        str | None, typer.Option(metavar="F", help="Write a report in JUnit's XML, for GitHub, GitLab, Jenkins.")
    ] = None,
    timeout: Annotated[
        str | None, typer.Option(metavar="D", help="Stop the command after this time, as a failure: 90s, 10m.")
    ] = None,
    until: Annotated[
        Literal["command", "scenario", "decided"],
        typer.Option(
            help="When it is over: when the command ends; when the scenario has been played; or as soon as every "
            "expectation has held, or one has failed. The last two stop a command that does not end by itself."
        ),
    ] = "command",
    begin: Annotated[
        Literal["handshake", "subscription", "start"],
        typer.Option(
            help="When the scenario's clock begins to run: with the first handshake or subscription, or at once."
        ),
    ] = "handshake",
    grace: Annotated[
        str,
        typer.Option(metavar="D", help="How long the command may take to end after SIGTERM before it is killed."),
    ] = "5s",
    env: Env = None,
    artefacts: Annotated[
        str,
        typer.Option(metavar="DIR|off", help="The folder for the recording of a failed run; it is made if needed."),
    ] = ARTEFACTS,
    set_: Settings = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Use this seed instead of the scenario's.")] = None,
    speed: Annotated[
        str | None, typer.Option(metavar="X|max", help="How many times as fast as real time, or as fast as possible.")
    ] = None,
    duration: Annotated[
        str | None, typer.Option(metavar="D", help="Play only so much of the scenario: 90s, 10m.")
    ] = None,
    config: Config = None,
    host: Host = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Port to listen on. Default: a free one.")] = None,
    profile: Profile = None,
    token: Tokens = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    tls_self_signed: TlsSelfSigned = False,
    control: Control = None,
    control_token: ControlToken = None,
    record: Record = None,
    ready_file: ReadyFile = None,
    verbose: Verbose = False,
) -> None:
    """Run your client or its tests against a scenario, and judge it.

    A server is started on a free port (or --port), and then COMMAND, which finds the address in the environment
    variables PVWS_URL and PEERVAULT_WS_URL, or in place of {url} in its arguments. The exit code is 0 only if COMMAND
    exited with 0 and clients met everything that the scenario expects of them.

    \b
    Examples:
      pvws test quickstart -- npm test
      pvws test reconnect.yaml --junit report.xml --timeout 2m -- go test ./...
      pvws test reconnect.yaml --until scenario -- node client.js {url}
    """
    from pvws.cli.run import ENDED_FROM_OUTSIDE, run
    from pvws.cli.trusted import served_by
    from pvws.cli.trying import Trying
    from pvws.scenario import quantities
    from pvws.stage.loading import Loading
    from pvws.stage.shipped import find_script
    from pvws.testing.trial.staging import staged
    from pvws.testing.trial.trial import Trial

    given, more = settings(set_), variables_of(env)
    script = find_script(scenario)
    found = script.scenario(given)
    if seed is not None:
        found = structs.replace(found, seed=seed)
    if speed is not None:
        found = structs.replace(found, speed=parsed("--speed", speed, quantities.speed))
    if duration is not None:
        found = structs.replace(found, duration=parsed("--duration", duration, units.duration))
    if found.start is None:
        found = structs.replace(found, start=time.time_ns() // 1000)
    if not command:
        raise InputError(Problem("COMMAND", f"a command after --, as in: pvws test {scenario} -- npm test", "none"))
    loading = Loading(scenario, tuple(given), seed, found.speed, found.duration)
    served = served_by(context.params, found.expect)
    trial = Trial(
        argv=command,
        stage=staged(found, loading),
        expect=tuple(found.expect),
        configuration=served.configuration,
        more=more,
        begin=begin,
        until=_until(until),
        timeout=None if timeout is None else seconds("--timeout", timeout, some=True),
        grace=seconds("--grace", grace),
        heard=_heard(),
        authority=served.authority,
        bundle=served.bundle,
    )
    trying = Trying(
        trial=trial,
        scenario=found,
        places=_places(script, given) if junit is not None else (),
        junit=junit,
        artefacts=None if artefacts == "off" else artefacts,
        record=record,
        ready_file=ready_file,
        verbose=verbose,
    )
    raise typer.Exit(run(trying, terminated=ENDED_FROM_OUTSIDE))


def _heard() -> "Heard":
    """A terminal is the command's own, so that it shows its colours; what goes elsewhere is kept as well."""
    if sys.stdout is None or sys.stderr is None:
        return "kept"
    return "inherited" if sys.stdout.isatty() else "passed on"


def _until(word: str) -> "Until | None":
    from pvws.testing.trial.until import decided, nobody_came, scenario_over

    return None if word == "command" else nobody_came(_NOBODY_CAME_S, scenario_over if word == "scenario" else decided)


def _places(script: "Script", given: Sequence[tuple[str, str]]) -> "list[Place]":
    """Where the expectations of a script stand."""
    from pvws.scenario.preparation import prepare
    from pvws.testing.trial.report import Place

    root = prepare(script.text, str(script.path), script.read, given).root
    expected = root.value.get("expect") if isinstance(root.value, dict) else None
    nodes = expected.value if expected is not None and isinstance(expected.value, list) else ()
    return [Place(node.file or str(script.path), node.line) for node in nodes]
