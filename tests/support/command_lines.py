"""Command lines as they stand in a document: taken apart as a shell does, and read by the application, but not run."""

import io
import re
import shlex
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from importlib.util import find_spec
from typing import Any

import typer

from pvws.cli.app import app
from pvws.errors import PvwsError
from tests.support.snippets import ROOT

_TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
_EXTRAS = set(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"])
_COMMON = {
    *("cat", "cd", "curl", "docker", "echo", "export", "head", "jq", "kill", "mkdir", "node", "npm", "npx", "pytest"),
    *("python", "sleep", "sort", "uniq", "wait", "cargo", "go", "java", "javac", "locust", "nats-server", "swift"),
    *("source", "zstdcat"),
}
"""What a reader has or installs, and we can say nothing of."""


def commands(text: str) -> Iterator[list[str]]:
    """The words of every command in a block: of each part of a pipe, behind `&&` too, without redirections."""
    for line in text.replace("\\\n", " ").splitlines():
        words: list[str] = []
        skip = False
        for word in [*_words(line.removeprefix("$ ")), ";"]:
            if skip:
                skip = False
            elif re.fullmatch(r"[<>]+&?", word):
                skip = True
            elif re.fullmatch(r"[;&|]+", word):
                if words:
                    yield words
                words = []
            elif words or not re.fullmatch(r"\w+=.*", word):
                words.append(word)


def trouble(words: list[str]) -> str | None:
    """What is wrong with a command: no such command of pvws, option or value of one; no such target or extra."""
    match words:
        case ["pvws", *rest]:
            return _refused(rest)
        case ["make", target] if target not in _TARGETS:
            return f"the Makefile has no target {target}"
        case ["pip", "install", *what]:
            asked = {extra for word in what for extra in re.findall(r"^(?:pvws|\.)\[(.*)\]$", word)}
            return f"there is no extra {asked - _EXTRAS}" if asked - _EXTRAS else None
        case ["python", "-m", module, *_] if find_spec(module) is None:
            return f"there is no module {module}"
        case ["make" | "pip", *_]:
            return None
        case [program, *_] if program in _COMMON or program.startswith("./"):
            return None
    return f"nobody knows {words[0]}"


def _words(line: str) -> list[str]:
    """As a shell has them. What stands in quotes is never an operator."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|<>")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    return list(lexer)


def _refused(rest: list[str]) -> str | None:
    """What the application says to a command line that it does not take. Of one that it takes, nothing is done."""
    name = next((word for word in rest if not word.startswith("-")), "")
    command = _idle_application(name)
    said = io.StringIO()
    try:
        with redirect_stdout(said), redirect_stderr(said):
            command(rest, prog_name="pvws", standalone_mode=True)
    except SystemExit as left:
        return said.getvalue() if left.code else None
    except PvwsError as error:
        return str(error)
    return None


@cache
def _idle_application(name: str) -> Any:
    """The application with one command in full, of which none does anything."""
    application = typer.main.get_command(app(name))
    _idle(application)
    return application


def _idle(command: Any) -> None:
    """Have a command, and all below it, read their words and do nothing."""
    command.callback = lambda *_, **__: None
    for inner in getattr(command, "commands", {}).values():
        _idle(inner)
