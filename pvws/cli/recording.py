"""`pvws recording`: what is in recordings, whether they are right, how they differ, and other formats."""

import sys
from shutil import get_terminal_size
from typing import Annotated, TypeAlias

import typer

from pvws.cli.files import write_file
from pvws.cli.options import parsed
from pvws.cli.standard import note, print_json
from pvws.errors import InputError, Problem
from pvws.files.sources import open_source
from pvws.recording.compare import compare, items_of
from pvws.recording.formats import READABLE, WRITABLE
from pvws.recording.redact import Redactor
from pvws.recording.summary import Summary
from pvws.terminal.printable import printable
from pvws.terminal.recording_comparison import comparison_json, comparison_lines
from pvws.terminal.recording_summary import summary_json, summary_lines
from pvws.units import duration

__all__ = ["app", "convert", "diff", "info", "recording", "to_scenario", "validate"]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Try: pvws recording info session.pvrec.jsonl",
)
"""The group of commands."""

_File: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="FILE", help="A recording, also .gz or .zst; or a HAR or other file.", show_default=False),
]
_AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print it as one JSON document.")]


@app.callback()
def recording() -> None:
    """Inspect, check, compare and convert recordings."""


@app.command()
def info(file: _File, as_json: _AsJson = False) -> None:
    """Show what is in a recording.

    How long it is, how many messages of which kind, connections, gaps, and when there was how much.

    \b
    Examples:
      pvws recording info run.pvrec.jsonl
      pvws recording info browser.har --json
    """
    summary = Summary()
    with open_source(file, "FILE") as opened:
        for entry in opened:
            summary.add(entry)
        if as_json:
            told = {"file": file, "cut_short": opened.cut_short, **summary_json(opened.header, summary)}
            print_json(told)
            return
        short = ", cut short: the last line has no end and is left out" if opened.cut_short else ""
        _print(f"{file}: {opened.form}{short}")
        columns = get_terminal_size().columns if sys.stdout.isatty() else None
        for line in summary_lines(opened.header, summary, columns):
            _print(line)


@app.command()
def validate(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Recordings, or other files.", show_default=False)
    ],
) -> None:
    """Check recordings, and say where each mistake is.

    A key that the format does not know is one here, although readers pass it over. Exits with 0 if there is no mistake,
    and with 2 otherwise.

    \b
    Examples:
      pvws recording validate run.pvrec.jsonl
      pvws recording validate recordings/*.jsonl
    """
    wrong = False
    for file in files:
        wrong = _validated(file) or wrong
    if wrong:
        raise typer.Exit(InputError.exit_code)


def _validated(file: str) -> bool:
    """Say what is wrong with a file, as it is found; whether there was anything."""
    wrong = 0

    def tell(problem: Problem) -> None:
        nonlocal wrong
        wrong += 1
        _print(str(problem))

    entries = 0
    cut_short = False
    try:
        with open_source(file, trouble=tell, strict=True) as opened:
            for _ in opened:
                entries += 1
            cut_short = opened.cut_short
    except InputError as error:
        for problem in error.problems:
            tell(problem)
    if not wrong:
        short = "; it was cut short, the last line has no end and is left out" if cut_short else ""
        _print(f"{file}: ok, {entries:,} entr{'y' if entries == 1 else 'ies'}{short}")
    return bool(wrong)


@app.command()
def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="A recording, or another file.", show_default=False)],
    second: Annotated[str, typer.Argument(metavar="B", help="What to compare with it.", show_default=False)],
    tolerance: Annotated[
        str | None,
        typer.Option("--tolerance", metavar="D", help="Report what came later or earlier by more than this: 50ms, 1s."),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="FIELD", help="Another field that does not count; may be given again."),
    ] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Compare whole messages, byte for byte.")] = False,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=0, help="Show up to this many of each kind; 0: all.")
    ] = 20,
    as_json: _AsJson = False,
) -> None:
    """Compare two recordings.

    It reports what is missing in B, extra, changed, in another order or late.

    Messages are aligned by topic and the file, peer or metric that they are about. Timestamps, clientId and
    lastHeartbeat don't count, nor do joins. Exits with 1 if there is a difference.

    \b
    Examples:
      pvws recording diff yesterday.pvrec.jsonl today.pvrec.jsonl --tolerance 100ms
      pvws recording diff a.har b.pvrec.jsonl.zst --ignore data.node --json
    """
    within = None if tolerance is None else parsed("--tolerance", tolerance, duration)
    if "" in (ignored := ignore or []):
        raise InputError(Problem("--ignore", "the name of a field, such as data.node", '""'))
    items, places = [], []
    for option, file in (("A", first), ("B", second)):
        with open_source(file, option) as opened:
            items.append(items_of(opened.lines(), ignore=ignored, exact=exact))
            places.append(f"{file}:" if opened.unit == "line" else f"{file} entry ")
    comparison = compare(items[0], items[1], tolerance=within)
    if as_json:
        print_json({"first": first, "second": second, **comparison_json(comparison)})
    else:
        for line in comparison_lines(comparison, places[0], places[1], limit or None):
            _print(line)
    if comparison.differences:
        raise typer.Exit(1)


@app.command()
def convert(
    source: Annotated[str, typer.Argument(metavar="A", help="What to convert.", show_default=False)],
    target: Annotated[str, typer.Argument(metavar="B", help="Where to.", show_default=False)],
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="F", help=f"What A is: {', '.join(READABLE)}. Default: by its content."),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="F", help=f"What B becomes: {', '.join(WRITABLE)}. Default: by its name."),
    ] = None,
    redact: Annotated[
        list[str] | None,
        typer.Option("--redact", metavar="PATH", help="Make values unreadable, such as data.key; may be given again."),
    ] = None,
    keep_tokens: Annotated[
        bool, typer.Option("--keep-tokens", help="Leave tokens and credentials as they are.")
    ] = False,
) -> None:
    """Convert between recordings, HAR and other formats.

    \b
    Examples:
      pvws recording convert browser.har session.pvrec.jsonl.zst
      pvws recording convert session.pvrec.jsonl session.har
      pvws recording convert session.pvrec.jsonl small.pvrec.jsonl.gz --redact data.key
    """
    from pvws.cli.conversion import convert_file

    for path in redact or ():
        parsed("--redact", path, lambda text: Redactor([text]))
    redactor = Redactor(redact or (), tokens=not keep_tokens)
    for line in convert_file(source, target, from_name=from_, to_name=to, redactor=redactor):
        note(line)


@app.command("to-scenario")
def to_scenario(
    file: _File,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="F", help="Write it to a file instead of stdout.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="N", help="What the scenario is called.")] = None,
) -> None:
    """Turn a recording into a scenario.

    Its timeline emits the recorded events; edit it, and simulate it.

    What the script says is told on stderr, and what of the recording is not in it.

    \b
    Example:
      pvws recording to-scenario run.pvrec.jsonl -o run.yaml
    """
    from pvws.recording.script import script_of
    from pvws.scenario.loader import load  # the language is large, and no other command here needs it

    with open_source(file, "FILE") as opened:
        script = script_of(opened.header, opened, name or opened.header.scenario or "recorded", file)
    load(script.text, output or "<stdout>")  # whatever it says, it is one that can be played
    if output is None:
        typer.echo(script.text, nl=False)
    else:
        write_file("--output", output, script.text)
    left_out = ", ".join(f"{count:,} {what}" for what, count in script.left_out.items())
    told = [
        f"{_events(script.typed)} by type, with the times of the stage" if script.typed else "",
        f"{_events(script.raw)} word for word" if script.raw else "",
        "" if script.typed or script.raw else "no event of the API",
        f"left out: {left_out}" if left_out else "",
    ]
    note("; ".join(each for each in told if each))


def _events(count: int) -> str:
    return f"{count:,} event{'' if count == 1 else 's'}"


def _print(text: str) -> None:
    print(printable(text))  # noqa: T201
