"""`pvws schema`: JSON Schemas and the AsyncAPI document, for editors and for code generators."""

from typing import Annotated, TypeAlias

import typer

from pvws.cli.files import write_file
from pvws.cli.schemas import asyncapi_text, config_schema, events_schema, recording_schema_text, scenario_schema

__all__ = ["app", "asyncapi", "config", "events", "recording", "scenario", "schema"]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Try: pvws schema scenario -o pvws-scenario.schema.json",
)
"""The group of commands."""

_Output: TypeAlias = Annotated[
    str | None, typer.Option("--output", "-o", metavar="F", help="Write it to a file instead of stdout.")
]


@app.callback()
def schema() -> None:
    """Print JSON Schemas, and the API's AsyncAPI document."""


@app.command()
def scenario(output: _Output = None) -> None:
    """The schema of the scenario language.

    An editor that knows YAML finds it by the first line of a scenario, which `pvws scenarios new` writes:
    # yaml-language-server: $schema=pvws-scenario.schema.json

    \b
    Example:
      pvws schema scenario -o pvws-scenario.schema.json
    """
    _give(scenario_schema(), output)


@app.command()
def events(output: _Output = None) -> None:
    """The schema of events.

    It includes the values that are filled in for what `emit` is not told.

    \b
    Example:
      pvws schema events -o events.schema.json
    """
    _give(events_schema(), output)


@app.command()
def recording(output: _Output = None) -> None:
    """The schema of a recording's lines.

    The first line is the header, every other an entry.

    \b
    Example:
      pvws schema recording -o recording-line.schema.json
    """
    _give(recording_schema_text(), output)


@app.command()
def config(output: _Output = None) -> None:
    """The schema of the configuration file.

    An editor that knows YAML finds it by the first line of that file:
    # yaml-language-server: $schema=pvws-config.schema.json

    \b
    Example:
      pvws schema config -o pvws-config.schema.json
    """
    _give(config_schema(), output)


@app.command()
def asyncapi(output: _Output = None) -> None:
    """The AsyncAPI 3.0 document of the API.

    It has both profiles, all messages, errors and ways to present a token.

    \b
    Example:
      pvws schema asyncapi -o asyncapi.json
    """
    _give(asyncapi_text(), output)


def _give(text: str, output: str | None) -> None:
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_file("--output", output, text)
