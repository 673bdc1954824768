"""The command line: which commands there are, and errors put into words and exit codes.

A command's module is imported when that command is called, so that `pvws --help` and one command never pay for
the imports of another.
"""

import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typer.main import get_command

from pvws import __version__
from pvws.cli.coercion import read_plainly
from pvws.cli.root import HELP, Root
from pvws.errors import InputError, Problem, PvwsError

__all__ = ["COMMANDS", "app", "run"]

COMMANDS: dict[str, str] = {
    "simulate": "Play a scenario to clients, on a server of its own.",
    "serve": "Serve the API until you stop it, with or without a scenario.",
    "replay": "Serve recordings to clients, byte for byte.",
    "scenarios": "List, show and check scenarios, or start one of your own.",
    "watch": "Connect to a server and show what it sends.",
    "ctl": "Steer a running server: clients, clock, scenario, faults.",
    "emit": "Have a running server send one event.",
    "test": "Run your client or its tests against a scenario, and judge it.",
    "check": "Check a server against the contract, or examine a client.",
    "explore": "Vary a scenario until a client fails, and keep that run.",
    "shrink": "Make a scenario or recording that fails as short as possible.",
    "record": "Record what a server sends.",
    "proxy": "Stand between a client and a server: record, and add faults.",
    "recording": "Inspect, check, compare and convert recordings.",
    "bench": "Measure pvws, or any server, on this machine.",
    "schema": "Print JSON Schemas, and the API's AsyncAPI document.",
}
"""Every command and its first line of help, which is also the first line of its function's docstring."""

_UsageError: Any = typer.BadParameter.__mro__[1]  # typer gives it no public name


def app(wanted: str | None = None) -> typer.Typer:
    """The application, with the command `wanted` in full and the others by their first line of help."""
    application = typer.Typer(
        name="pvws",
        cls=Root,
        help=HELP,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,  # plain help: Rich would take longer to import than all the rest
        pretty_exceptions_enable=False,
        epilog="pvws COMMAND --help shows what a command takes, with examples.",
    )
    application.callback()(_root)
    for name, summary in COMMANDS.items():
        if name == wanted:
            module = import_module(f"pvws.cli.{name}")
            if isinstance(group := getattr(module, "app", None), typer.Typer):
                application.add_typer(group, name=name)
            else:
                application.command(name, cls=_Command)(getattr(module, name))
        else:
            application.command(name, help=summary)(_nothing)
    return application


class _Command(TyperCommand):
    """A command. Where it takes another one behind `--`, whatever stands before is no part of that."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Part the two. Raises InputError."""
        behind = args[args.index("--") + 1 :] if "--" in args else None
        try:
            left = super().parse_args(ctx, args)
        except _UsageError as error:
            error.message += self._advice(error, behind)
            raise
        given = ctx.params.get("command")
        if behind and isinstance(given, list | tuple) and list(given) != behind:
            before = given[: len(given) - len(behind)]
            found = f'"{before[0]}" as well' if before else "none"
            raise InputError(Problem('before "--"', f"one {self.params[0].metavar}", found))
        return left

    def _advice(self, error: Any, behind: list[str] | None) -> str:
        """What may help, as a line of its own, where such a mistake is often made; else nothing."""
        if self.name == "serve" and "extra argument" in error.message:
            return "\nA scenario is an option here: pvws serve --scenario quickstart"
        takes_command = any(parameter.name == "command" for parameter in self.params)
        if takes_command and behind is None and not getattr(error, "possibilities", True):
            return f"\nIf it is an option of your command, put -- before that: pvws {self.name} SCENARIO -- npm test"
        return ""


def run(arguments: Sequence[str]) -> int:
    """Run a command line and give back its exit code; what goes wrong is told on stderr in a sentence."""
    if arguments and arguments[0] == "help":  # as git and cargo have it
        arguments = [*arguments[1:], "--help"]
    wanted = next((argument for argument in arguments if not argument.startswith("-")), None)
    try:
        command = get_command(app(wanted))
        read_plainly(command)
        code = command(list(arguments), prog_name="pvws", standalone_mode=True)
        return code if isinstance(code, int) else 0
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    except PvwsError as error:
        from pvws.terminal.printable import printable

        # The error quotes what a person or a file has said, which must not steer the terminal.
        text = "\n".join(printable(line) for line in str(error).splitlines())
        print(f"pvws: {text}", file=sys.stderr)  # noqa: T201
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            _discard_stdout()
            print(f"pvws: the output can't be written any further: {str(error.strerror).lower()}", file=sys.stderr)  # noqa: T201
            return 1
        from pvws.cli.run import internal_error

        internal_error(error)
        return 1


def _discard_stdout() -> None:
    """What is still held for it would fail again when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _version(value: bool) -> None:
    if value:
        print(f"pvws {__version__}")  # noqa: T201
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", is_eager=True, callback=_version)
    ] = False,
) -> None: ...


def _nothing() -> None:
    """Stands for a command that this command line does not call."""
