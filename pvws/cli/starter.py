"""A scenario to begin with, written beside the schema that lets an editor help."""

import re
import shlex
from pathlib import Path

import msgspec

from pvws.cli.files import refused, write_file
from pvws.cli.schemas import scenario_schema
from pvws.cli.standard import note
from pvws.errors import InputError, Problem
from pvws.stage.shipped import Script, find_script

__all__ = ["SCHEMA_FILE", "starter", "write_starter"]

SCHEMA_FILE = "pvws-scenario.schema.json"
"""The name of the schema beside a scenario."""

_HEADER = f"# yaml-language-server: $schema={SCHEMA_FILE}\n"
_SUFFIXES = (".yaml", ".yml")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
_WORDS = ("null", "true", "false", "on", "off", "yes", "no")
_NAMED = re.compile(r"^scenario:.*$", re.MULTILINE)
_SCHEMA_LINE = re.compile(r"^# yaml-language-server:.*\n", re.MULTILINE)

_TEXT = """\
# What this scenario is to show of your client: which situation, and what the client should do in it.
#
#   pvws scenarios validate FILE            every mistake, with its line
#   pvws simulate FILE --view log           play it, and see what a client gets
#   pvws simulate FILE --set peers=50       with another value of a parameter
pvws: 1
scenario: NAME
description: Peers store files, one of them is lost for a while, and storage fills up to a warning.
seed: 1                   # another seed, another run; the same seed, the same bytes
duration: 1m

parameters:               # `--set peers=50` changes one
  peers: 8

network:
  peers: ${peers}
  capacity: 1 GiB         # of each peer
  replication: 3          # copies that a file should have

behaviours:               # what goes on all the time
  uploads: {rate: 2/s, size: {lognormal: {median: 1 MiB, sigma: 1.2, max: 32 MiB}}}
  deletes: {rate: 0.2/s}
  metrics: {every: 5s}
  # churn: {rate: 2/min, downtime: {exponential: 20s}}

alerts:
  storage_usage: {warning: 80, critical: 95, clear: 75}

timeline:                 # what happens when
  - {at: 15s, do: mark, name: trouble}
  - {at: 15s, do: leave, peer: peer-2, reason: timeout, for: 10s}
  - {at: 30s, do: fill, to: 85%, over: 10s}
  # - {at: 45s, do: disconnect, clients: 50%, code: 1012}
  # - {when: {client: subscribes, topic: alerts}, do: emit, type: storage_alert}
"""


def starter(name: str, text: str = _TEXT) -> str:
    """A scenario's text under another name, with the line by which editors find the schema."""
    written = name if _PLAIN.fullmatch(name) and name not in _WORDS else msgspec.json.encode(name).decode()
    text = _SCHEMA_LINE.sub("", text.removeprefix("\ufeff"))
    return _HEADER + _NAMED.sub(lambda _: f"scenario: {written}", text, count=1)


def write_starter(name: str, like: str | None = None) -> None:
    """Write a scenario to begin with: to a file, or to NAME.yaml here. `like` is another scenario to begin with.

    Raises InputError for a file that is there, for a name that is none, and when the other scenario is wrong or can't
    be moved.
    """
    path = Path(name) if name.endswith(_SUFFIXES) else Path(f"{name}.yaml")
    stem = path.stem
    if not stem.isprintable() or not stem.strip() or stem.startswith(".") or Path(name).name != name.rpartition("/")[2]:
        raise InputError(Problem("NAME", "a name of printable characters, or a file", f'"{name}"'))
    if like is None:
        text = starter(stem)
    else:
        other = find_script(like, "--from")
        other.scenario()  # what is wrong in it is told with its own lines
        text = starter(stem, other.text)
    try:
        Script(path, text).scenario()
    except InputError as error:
        expected = "a scenario that needs no files of its own folder"
        raise InputError(Problem("--from", expected, f'"{like}" ({error.problems[0]})')) from None
    schema, schema_text = path.parent / SCHEMA_FILE, scenario_schema()
    _write_new(path, text)
    if not schema.exists() or schema.read_text(encoding="utf-8", errors="replace") != schema_text:
        write_file("NAME", str(schema), schema_text)
        note(f"{schema}: the scenarios' schema; editors that know YAML schemas complete words and mark mistakes")
    note(f"{path}: your scenario; play it with: pvws simulate {shlex.quote(str(path))} --view log")


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(Problem("NAME", "a file that is not there yet", f'"{path}"')) from None
    except (OSError, ValueError) as error:
        raise refused("NAME", "a file that can be written", str(path), error) from None
