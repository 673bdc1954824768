"""`pvws shrink`: the shortest scenario or recording with which a client still fails."""

from typing import Annotated

import typer

from pvws.cli.options import (
    Config,
    Control,
    ControlToken,
    Env,
    Profile,
    Settings,
    TlsCert,
    TlsKey,
    TlsSelfSigned,
    Tokens,
)
from pvws.cli.run import ENDED_FROM_OUTSIDE, run
from pvws.cli.subjects import Argv, AsJson, Jobs, Linger, Repeat, Timeout

__all__ = ["shrink"]


def shrink(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="RECORDING|SCENARIO", help="A recording, a scenario, or a shipped one's name.")
    ],
    command: Argv,
    repeat: Repeat = 3,
    jobs: Jobs = None,
    any_: Annotated[
        bool, typer.Option("--any", help="Count any failure, not only those in which it fails at first.")
    ] = False,
    timeout: Timeout = None,
    linger: Linger = "1s",
    speed: Annotated[
        str | None,
        typer.Option(
            metavar="X", help="How many times as fast as real time. Default: the scenario's own, and 1 for a recording."
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", metavar="F", help="Where the shortest is written. Default: NAME.min.yaml."),
    ] = None,
    as_json: AsJson = False,
    env: Env = None,
    set_: Settings = None,
    config: Config = None,
    profile: Profile = None,
    token: Tokens = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    tls_self_signed: TlsSelfSigned = False,
    control: Control = None,
    control_token: ControlToken = None,
) -> None:
    """Make a scenario or recording that fails as short as possible.

    It leaves out steps, behaviours, faults, peers and time of a scenario, or messages and time of a recording, as long
    as the command keeps failing in the same way. What a scenario expects stays, except for what the short run can't
    judge. A failure is an expectation that was not met, or an exit code other than 0.

    Ctrl-C keeps the shortest one found so far. The exit code is 2 when the input does not fail every time.

    \b
    Examples:
      pvws shrink train-ride-seed-7.yaml -- node my-client.js
      pvws shrink night.pvrec.jsonl -o short.pvrec.jsonl -- python client.py {url}
    """
    from pvws.cli.shrinking import shrinking_of

    raise typer.Exit(run(shrinking_of(context.params), terminated=ENDED_FROM_OUTSIDE))
