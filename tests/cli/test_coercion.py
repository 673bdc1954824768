"""The words of a command line become values, or a sentence that says what was expected and what was found."""

from typing import Annotated, Any, Literal

import pytest
import typer
from typer.main import get_command

from pvws.cli.coercion import read_plainly
from pvws.errors import InputError

GIVEN: list[dict[str, Any]] = []


def command(
    name: str,
    more: Annotated[list[str] | None, typer.Argument(metavar="-- COMMAND …")] = None,
    count: Annotated[int | None, typer.Option(min=1)] = None,
    port: Annotated[int, typer.Option(min=0, max=65_535)] = 8083,
    most: Annotated[int | None, typer.Option(max=9)] = None,
    seed: int = 0,
    rate: Annotated[float, typer.Option("--rate", "-r")] = 1.5,
    view: Annotated[Literal["none", "log", "dashboard"], typer.Option()] = "none",
    topic: Annotated[list[str] | None, typer.Option()] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    GIVEN.append(dict(locals()))


def run(*words: str) -> dict[str, Any]:
    application = typer.Typer()
    application.command()(command)
    made = get_command(application)
    read_plainly(made)
    made(list(words), standalone_mode=False)
    return GIVEN.pop()


def test_what_is_not_given_is_as_the_signature_has_it() -> None:
    found = run("x")
    assert (found["name"], found["count"], found["port"], found["rate"], found["view"]) == (
        "x",
        None,
        8083,
        1.5,
        "none",
    )
    assert (found["topic"], found["more"], found["as_json"]) == (None, None, False)


def test_each_word_is_read_as_the_type_of_its_parameter() -> None:
    options = ("--count", "3", "--port", "0", "--seed", "-7", "-r", "2e3", "--view", "log", "--json")
    found = run("x", "a", "b", *options, "--topic", "alerts", "--topic", "system")
    assert [found[name] for name in ("count", "port", "seed", "rate", "view", "as_json")] == [
        3,
        0,
        -7,
        2e3,
        "log",
        True,
    ]
    assert (found["topic"], found["more"]) == (["alerts", "system"], ["a", "b"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--count", "0"), '--count: expected a whole number from 1 on, got "0"'),
        (("--port", "65536"), '--port: expected a whole number from 0 to 65535, got "65536"'),
        (("--most", "10"), '--most: expected a whole number up to 9, got "10"'),
        (("--seed", "1.5"), '--seed: expected a whole number, got "1.5"'),
        (("--seed", "9" * 19), f'--seed: expected a whole number of up to 18 digits, got "{"9" * 19}"'),
        (("--seed", "9" * 5_000), "--seed: expected a whole number of up to 18 digits, got "),
        (("-r", "fast"), '--rate: expected a number, got "fast"'),
        (("--view", "logs"), '--view: expected none, log or dashboard, got "logs" (did you mean "log"?)'),
        (("--topic", "\udcff"), "--topic: expected a text in UTF-8, got '\\udcff'"),
        (("\udcff",), "-- COMMAND …: expected a text in UTF-8"),
    ],
)
def test_what_is_wrong_is_said_with_what_would_be_right(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(InputError) as told:
        run("x", *words)
    assert str(told.value).startswith(said)


def test_a_word_in_utf_8_is_taken_under_every_locale_and_no_other_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsencode", lambda text: text.encode("ascii", "surrogateescape"))
    given = "läuft".encode().decode("ascii", "surrogateescape")
    assert run(given)["name"] == given
    with pytest.raises(InputError, match="expected a text in UTF-8"):
        run("läuft".encode("latin-1").decode("ascii", "surrogateescape"))
