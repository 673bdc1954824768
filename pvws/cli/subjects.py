"""What `explore` and `shrink` share: their options, the command that is run, and the command that repeats a run."""

import os
import shlex
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Any, TypeAlias

import typer
from msgspec import structs

from pvws.cli.controlled import controlled
from pvws.cli.options import seconds, variables_of
from pvws.cli.trusted import served_by
from pvws.errors import InputError, Problem
from pvws.scenario.expectations import Kind
from pvws.server.settings import Configuration
from pvws.stage.venue import Venue
from pvws.terminal.printable import printable
from pvws.testing.subject import Subject
from pvws.testing.trial.result import Result
from pvws.testing.trial.trial import Steering, Trial

__all__ = [
    "Argv",
    "AsJson",
    "Jobs",
    "Linger",
    "Repeat",
    "Timeout",
    "cores",
    "last_words",
    "shown_shrink",
    "shown_test",
    "subject_of",
]

_LAST_LINES_MAX = 12
_SERVED = ("config", "profile", "tls_cert", "tls_key", "tls_self_signed", "control", "token")
_USUAL = {"repeat": 3, "linger": "1s"}  # what is not said, because it is so anyway

Argv: TypeAlias = Annotated[
    list[str], typer.Argument(metavar="-- COMMAND…", help="The client, which connects to $PVWS_URL or {url}.")
]
"""What is run as a client."""

Repeat: TypeAlias = Annotated[
    int, typer.Option(min=1, metavar="K", help="How often to repeat a run; it fails only if it fails every time.")
]
"""How sure one wants to be."""

Jobs: TypeAlias = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="How many runs go on side by side. Default: one per core.")
]
"""How many servers and clients there are at a time."""

Timeout: TypeAlias = Annotated[
    str | None, typer.Option(metavar="D", help="A command that takes longer fails. Default: no limit.")
]
"""How long a command may take."""

Linger: TypeAlias = Annotated[
    str, typer.Option(metavar="D", help="How long to wait for the command when everything has been played.")
]
"""And how long when nothing comes any more."""

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the report as one JSON document.")]
"""For programs."""


def cores() -> int:
    """On how many cores this process may run."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def subject_of(parameters: Mapping[str, Any], profile: str | None = None, expected: Iterable[Kind] = ()) -> Subject:
    """The client that a command's parameters name, of which this is `expected`, against servers on free ports that they
    configure; `profile` is that of the server unless they say another. Raises InputError.
    """
    argv: Sequence[str] = parameters["command"]
    if not argv:
        raise InputError(Problem("COMMAND", 'the command of a client behind "--"', "none"))
    timeout = parameters["timeout"]
    options = {**parameters, "host": None, "port": 0}
    if options["profile"] is None:
        options["profile"] = profile
    served = served_by(options, expected)
    configuration = structs.replace(served.configuration, port=0)
    trial = partial(
        Trial,
        argv=argv,
        configuration=configuration,
        timeout=None if timeout is None else seconds("--timeout", timeout, some=True),
        more=variables_of(parameters["env"]),
        beside=partial(_steered, configuration),
        authority=served.authority,
        bundle=served.bundle,
    )
    return Subject(trial, seconds("--linger", parameters["linger"]))


@asynccontextmanager
async def _steered(configuration: Configuration, venue: Venue, stop: Callable[[], None]) -> AsyncIterator[Steering]:
    async with controlled(venue, configuration, stop) as url:
        yield Steering(url or "", configuration.control.token or "" if url else "")


def shown_test(file: str, result: Result, parameters: Mapping[str, Any]) -> str:
    """The command line that runs a scenario again, as a shell takes it, by a run of it and the parameters of this one.

    Tokens are not repeated, unless they stand in a file.
    """
    words = ["pvws", "test", file]
    if result.ending != "exited":
        words += ["--until", "scenario"]
    words += _words(parameters, "timeout", "env", *_SERVED, "control_token")
    return shlex.join([*words, "--", *parameters["command"]])


def shown_shrink(file: str, parameters: Mapping[str, Any]) -> str:
    """The command line that makes it shorter."""
    words = ["pvws", "shrink", file]
    words += _words(parameters, "repeat", "jobs", "timeout", "linger", "env", *_SERVED)
    return shlex.join([*words, "--", *parameters["command"]])


def _words(parameters: Mapping[str, Any], *names: str) -> list[str]:
    """The options among some that were given, as they are written."""
    words = list[str]()
    for name in names:
        value = parameters[name]
        if value is True:
            words.append(f"--{name.replace('_', '-')}")
            continue
        for each in (
            value if isinstance(value, list | tuple) else () if value in (_USUAL.get(name), False) else (value,)
        ):
            secret = name in ("token", "control_token") and not str(each).startswith("@")
            words += [f"--{name.replace('_', '-')}", "TOKEN" if secret else str(each)]
    return words


def last_words(output: str) -> list[str]:
    """The last lines of what a command has said, indented, and nothing that steers a terminal."""
    lines = [printable(line) for line in output.rstrip().split("\n")][-_LAST_LINES_MAX:] if output.strip() else []
    return [f"  {line}" for line in ["the last of what it said:", *(f"  {line}" for line in lines)]] if lines else []
