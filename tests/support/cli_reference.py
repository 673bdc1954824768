"""docs/cli.md: what every command says of itself, made from the application by `make reference`."""

import io
import os
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import typer
from typer.core import TyperGroup

from pvws.cli.app import COMMANDS, app, run

DOCUMENT = Path(__file__).parents[2] / "docs" / "cli.md"
_HEAD = """# Commands

This is what the program says with `--help`. Results go to stdout, where a program can read them; remarks for people go
to stderr. Colours and live views appear only on a terminal, and `NO_COLOR` is honoured.

| exit code | |
|---|---|
| 0 | done; also after SIGTERM |
| 1 | what was tested has failed |
| 2 | wrong usage, or bad input |
| 3 | could not connect to an address, or listen on it |
| 130 | interrupted by Ctrl-C |
"""
_COLUMNS = "100"


def commands() -> Iterator[tuple[str, ...]]:
    """The words of every command that does something, `("ctl", "fault", "add")`, and of groups with options for all."""
    for name in COMMANDS:
        whole = typer.main.get_command(app(name))
        assert isinstance(whole, TyperGroup), "pvws has commands"
        yield from _below((name,), whole.commands[name])


def helped(*words: str) -> str:
    """What a command says with `--help`."""
    said, before = io.StringIO(), os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = _COLUMNS
    try:
        with redirect_stdout(said):
            assert run([*words, "--help"]) == 0
    finally:
        os.environ.pop("COLUMNS") if before is None else os.environ.update(COLUMNS=before)
    return said.getvalue()


def rendered() -> str:
    """The document."""
    return _HEAD + "".join(f"\n## pvws {' '.join(words)}\n\n```text\n{_lean(*words)}\n```\n" for words in commands())


def _below(words: tuple[str, ...], command: object) -> Iterator[tuple[str, ...]]:
    if not isinstance(command, TyperGroup):
        yield words
        return
    if command.params:
        yield words
    for name, inner in command.commands.items():
        yield from _below((*words, name), inner)


def _lean(*words: str) -> str:
    """Without trailing blanks."""
    return "\n".join(line.rstrip() for line in helped(*words).strip().splitlines())
