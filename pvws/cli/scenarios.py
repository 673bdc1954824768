"""`pvws scenarios`: those that come with the package, and whether one's own are right."""

from typing import Annotated, Any

import typer

from pvws.cli.options import Settings, settings
from pvws.cli.standard import print_json
from pvws.cli.starter import write_starter
from pvws.errors import InputError, Problem
from pvws.scenario.schema import Scenario
from pvws.stage.shipped import find_scenario, find_script, shipped_scenarios
from pvws.terminal.printable import printable
from pvws.units import duration_notation

__all__ = ["app", "list_", "new", "scenarios", "show", "validate"]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Try: pvws scenarios new mine, and then: pvws simulate mine.yaml --view log",
)
"""The group of commands."""


@app.callback()
def scenarios() -> None:
    """List, show and check scenarios, or start one of your own."""


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print them as one JSON document.")] = False,
) -> None:
    """List the scenarios that come with pvws.

    \b
    Example:
      pvws scenarios list
    """
    shipped = {name: find_scenario(name) for name in shipped_scenarios()}
    if as_json:
        print_json([_described(name, scenario) for name, scenario in shipped.items()])
        return
    columns = [(name, duration_notation(scenario.duration), scenario.description) for name, scenario in shipped.items()]
    widths = [max((len(row[column]) for row in columns), default=0) for column in range(2)]
    for name, lasts, description in columns:
        print(f"{name:<{widths[0]}}  {lasts:>{widths[1]}}  {description}".rstrip())  # noqa: T201


def _described(name: str, scenario: Scenario) -> dict[str, Any]:
    return {
        "name": name,
        "description": scenario.description,
        "duration": duration_notation(scenario.duration),
        "parameters": list(scenario.parameters),
    }


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A shipped scenario, or a file.")],
) -> None:
    """Print a scenario as it is written.

    \b
    Example:
      pvws scenarios show quickstart > mine.yaml
    """
    typer.echo(find_script(name).text, nl=False)


@app.command()
def validate(
    names: Annotated[list[str], typer.Argument(metavar="NAME|FILE...", help="Shipped scenarios, or files.")],
    set_: Settings = None,
) -> None:
    """Check scenarios, and say where each mistake is.

    Exits with 0 if there is none, and with 2 otherwise.

    \b
    Examples:
      pvws scenarios validate mine.yaml
      pvws scenarios validate scenarios/*.yaml --set peers=100
    """
    given = settings(set_)
    wrong = False
    for name in names:
        try:
            script = find_script(name)
            said = [f"{name}: ok, {_contents(script.scenario(given))}"]
        except InputError as error:
            wrong = True
            said = [str(problem) for problem in sorted(error.problems, key=lambda each: _place(each, name))]
        for line in said:
            print(printable(line))  # noqa: T201
    if wrong:
        raise typer.Exit(InputError.exit_code)


def _place(problem: Problem, name: str) -> tuple[bool, str, int, int]:
    """Where a problem belongs in a list of them: those of the script itself before those of its other files."""
    return problem.file != name, problem.file or "", problem.line or 0, problem.column or 0


def _contents(scenario: Scenario) -> str:
    counts = (
        (scenario.network.count, "peer"),
        (len(scenario.behaviours), "behaviour"),
        (len(scenario.timeline), "step"),
        (len(scenario.expect), "expectation"),
        (len(scenario.parameters), "parameter"),
    )
    told = (f"{count:,} {noun}{'' if count == 1 else 's'}" for count, noun in counts if count)
    return ", ".join((duration_notation(scenario.duration), *told))


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help="Its name, or the file to write.")],
    like: Annotated[
        str | None,
        typer.Option("--from", metavar="S", help="Begin with a copy of a shipped scenario, or of another file."),
    ] = None,
) -> None:
    """Write a scenario to begin with.

    Beside it goes a schema, with which editors complete words and mark mistakes.

    \b
    Examples:
      pvws scenarios new mine
      pvws scenarios new tests/storm.yaml --from quickstart
    """
    write_starter(name, like)
