"""`pvws replay`: recordings, served to clients as they were received."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

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
    TlsCert,
    TlsKey,
    TlsSelfSigned,
    Tokens,
    Verbose,
    WaitForClient,
)
from pvws.errors import InputError, Problem

if TYPE_CHECKING:
    from pvws.cli.wishes import Source

__all__ = ["replay"]


def replay(
    context: typer.Context,
    recordings: Annotated[
        list[str], typer.Argument(metavar="F…", help="Recordings; F@+30s begins 30 s later than the others.")
    ],
    speed: Annotated[
        str, typer.Option(metavar="X|max", help="How many times the recorded pace, or as fast as possible.")
    ] = "1",
    from_: Annotated[
        str | None, typer.Option("--from", metavar="D", help="Begin at this time of the recording: 90s, 10m.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="D", help="End at this time.")] = None,
    mark: Annotated[str | None, typer.Option(metavar="NAME", help="Begin at this mark.")] = None,
    loop: Annotated[
        bool, typer.Option("--loop", help="Start over at the end, until interrupted; stage time goes on.")
    ] = False,
    stay: Annotated[bool, typer.Option("--stay", help="Keep serving at the end.")] = False,
    mode: Annotated[
        Literal["timed", "synchronized"],
        typer.Option(help="By the clock; or what followed a client's message waits until a client sends it."),
    ] = "timed",
    topic: Annotated[list[str] | None, typer.Option(metavar="T", help="Only this topic; may be given again.")] = None,
    type_: Annotated[
        list[str] | None, typer.Option("--type", metavar="T", help="Only this type; may be given again.")
    ] = None,
    max_gap: Annotated[str | None, typer.Option(metavar="D", help="Shorten silences to this.")] = None,
    timestamps: Annotated[
        Literal["keep", "shift"], typer.Option(help="Leave timestamps in messages, or move them to now.")
    ] = "keep",
    ids: Annotated[
        Literal["keep", "remap"],
        typer.Option(help="Leave keys and ids as they are, or make new ones in every round of --loop."),
    ] = "keep",
    split: Annotated[bool, typer.Option("--split", help="Send joined messages one by one.")] = False,
    catch_up: Annotated[
        bool, typer.Option("--catch-up", help="Tell each new subscriber which peers are up and which files there are.")
    ] = False,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Start no server; with --record, only rewrite.")] = False,
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
    verbose: Verbose = False,
) -> None:
    """Serve recordings to clients, byte for byte.

    Clients receive the messages of their topics, in the recorded profile unless you ask for another. It ends when the
    recordings do. In synchronized mode the exit code is 1 when a client sends something other than what was recorded;
    stderr says what.

    \b
    Examples:
      pvws replay session.pvrec.jsonl
      pvws replay session.pvrec.jsonl --speed 10 --max-gap 2s --from 1m
      pvws replay morning.pvrec.jsonl evening.pvrec.jsonl@+30s --loop --timestamps shift
      pvws replay session.pvrec.jsonl --mode synchronized --wait-for-client
      pvws replay session.pvrec.jsonl --loop --bus nats://localhost:4222
    """
    from pvws.cli.configured import configured_by
    from pvws.cli.replaying import Replaying
    from pvws.cli.run import run
    from pvws.cli.wishes import wishes_of

    given = context.params
    _check_together(given)
    wishes = wishes_of(given)
    if record is not None:
        _check_is_another(record, wishes.sources)
    if profile is None and not no_serve:
        given = given | {"profile": wishes.profile}
    replaying = Replaying(
        wishes,
        None if no_serve else configured_by(given),
        stay=stay,
        record=record,
        wait_for_client=wait_for_client,
        ready_file=ready_file,
        verbose=verbose,
        bus=bus,
    )
    raise typer.Exit(run(replaying))


def _check_is_another(record: str, sources: Sequence["Source"]) -> None:
    """Raise InputError where a recording would be written over one that is replayed, which would be lost."""
    for source in sources:
        with suppress(OSError):  # not there yet
            if Path(record).samefile(source.path):
                raise InputError(Problem("--record", "another file than those that are replayed", f'"{record}"'))


def _check_together(given: Mapping[str, Any]) -> None:
    """Raise InputError for every pair of options that can't be meant together."""
    clashes = [
        ("mark", "--mark", "from_", "--from"),
        ("loop", "--loop", "stay", "--stay"),
        ("bus", "--bus", "catch_up", "--catch-up"),  # which clients of this server alone would get
        *(
            ("no_serve", "--no-serve", name, f"--{name.replace('_', '-')}")
            for name in ("stay", "loop", "catch_up", "wait_for_client", "ready_file", "host", "port")
        ),
    ]
    problems = [
        Problem(flag, f"no {other_flag} beside it", "both")
        for name, flag, other, other_flag in clashes
        if given[name] not in (None, False) and given[other] not in (None, False)
    ]
    if given["mode"] == "synchronized":
        problems += [
            Problem("--mode synchronized", f"no {flag} beside it", "both")
            for name, flag in (
                ("loop", "--loop"),
                ("max_gap", "--max-gap"),
                ("no_serve", "--no-serve"),
                ("bus", "--bus"),  # of whose clients only one would be meant
            )
            if given[name]
        ]
    if problems:
        raise InputError(*problems)
