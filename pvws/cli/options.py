"""Options that several commands share."""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal, TypeAlias, TypeVar

import typer

from pvws.errors import InputError, Problem
from pvws.units import duration

__all__ = [
    "Bus",
    "Config",
    "Control",
    "ControlToken",
    "Env",
    "Host",
    "Port",
    "Profile",
    "ReadyFile",
    "Record",
    "Redact",
    "Reload",
    "Settings",
    "TlsCert",
    "TlsKey",
    "TlsSelfSigned",
    "Tokens",
    "Verbose",
    "WaitForClient",
    "parsed",
    "seconds",
    "settings",
    "variables_of",
]

_T = TypeVar("_T")

Bus: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="URL|@FILE",
        help="A NATS server by which one simulation reaches many servers: nats://HOST[:PORT][/WORLD].",
    ),
]
"""What joins servers."""

Config: TypeAlias = Annotated[str | None, typer.Option(metavar="F", help="A configuration file in YAML.")]
"""Where the server's configuration stands."""

Control: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="PORT|off",
        help="Where the control plane listens on this machine, or ADDRESS:PORT. Default: the port plus one.",
    ),
]
"""Where the server is steered from."""

ControlToken: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="T|@FILE",
        help="The token for steering the server; required where other machines can reach the control plane.",
    ),
]
"""And by whom."""

Env: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--env",
        metavar="NAME=VALUE",
        help="One more variable for the command, such as MY_WS_URL={url}; may be given again.",
    ),
]
"""What a command that is run as a client finds in its environment beside the usual."""

Host: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Name or address to listen on; 0.0.0.0 lets other machines connect. Default: localhost."
    ),
]
"""What a server listens on."""

Port: TypeAlias = Annotated[
    int | None, typer.Option(min=0, max=65_535, help="Port to listen on; 0 picks a free one. Default: 8083.")
]
"""And the port of it."""

Profile: TypeAlias = Annotated[
    Literal["documented", "upstream"] | None,
    typer.Option(help="Keep to the documentation, or behave like the shipped server. Default: documented."),
]
"""Which of the two servers it is like."""

Reload: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--reload",
        help="Play the scenario again from the start when one of its files changes; while that has mistakes, go on.",
    ),
]
"""Whether the files of a scenario are watched."""

Settings: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="K=V",
        help="Change a parameter of the scenario, or anything in it by its path, such as network.peers=40; "
        "may be given again.",
    ),
]
"""What the command line says otherwise than a scenario."""

Tokens: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--token", metavar="T|@FILE", help="A token that clients must present; may be given again."),
]
"""Who may connect."""

TlsCert: TypeAlias = Annotated[str | None, typer.Option(metavar="F", help="Certificate chain in PEM, for wss://.")]
"""With `TlsKey`: encrypt."""

TlsKey: TypeAlias = Annotated[str | None, typer.Option(metavar="F", help="Its key in PEM.")]
"""The key of the certificate."""

TlsSelfSigned: TypeAlias = Annotated[
    bool, typer.Option("--tls-self-signed", help="Make a temporary certificate, and say where its CA's is.")
]
"""Encrypt without a certificate at hand."""

ReadyFile: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="F", help="Write this file, as JSON (url, control, pid), once clients can connect."),
]
"""A file that tells scripts where the server is."""

Record: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="F", help="Record what is played: F.pvrec.jsonl, .gz or .zst."),
]
"""Where a recording of the run goes."""

Redact: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--redact",
        metavar="PATH",
        help="Leave this value out of every recorded message, such as data.key; may be given again.",
    ),
]
"""What a recording is not to hold, beside tokens."""

WaitForClient: TypeAlias = Annotated[
    bool, typer.Option("--wait-for-client", help="Begin the scenario when the first client has subscribed.")
]
"""Whether the clock waits."""

Verbose: TypeAlias = Annotated[
    bool, typer.Option("--verbose", "-v", help="Log connections, messages, errors and performance on stderr.")
]
"""Whether the server tells what it does."""


def parsed(option: str, text: str, read: Callable[[str], _T]) -> _T:
    """The value of an option that `read` makes of its text. Raises InputError where that raises ValueError."""
    try:
        return read(text)
    except ValueError as error:
        raise InputError(Problem(option, str(error), f'"{text}"')) from None


def seconds(option: str, text: str, *, some: bool = False) -> float:
    """The value of an option that is a duration, in seconds; with `some` it may not be 0. Raises InputError."""
    found = parsed(option, text, duration) / 1_000_000
    if some and not found:
        raise InputError(Problem(option, "a duration of more than 0", f'"{text}"'))
    return found


def settings(texts: Sequence[str] | None) -> list[tuple[str, str]]:
    """The names and values of `--set`. Raises InputError with every text that is none."""
    parted = [(text, *text.partition("=")) for text in texts or ()]
    wrong = [text for text, name, sign, _ in parted if not (name.strip() and sign)]
    if wrong:
        expected = "a name and a value such as network.peers=40"
        raise InputError(*(Problem("--set", expected, f'"{text}"') for text in wrong))
    return [(name.strip(), value) for _, name, _, value in parted]


def variables_of(texts: Sequence[str] | None) -> list[tuple[str, str]]:
    """The names and values of `--env`. Raises InputError with every text that is none."""
    parted = [(text, *text.partition("=")) for text in texts or ()]
    if wrong := [text for text, name, sign, _ in parted if not (name and sign) or "\0" in text]:
        raise InputError(
            *(Problem("--env", "a name and a value such as MY_WS_URL={url}", f'"{text}"') for text in wrong)
        )
    return [(name, value) for _, name, _, value in parted]
