"""Errors: the facts they carry and the texts made from them, letter by letter."""

from pathlib import PurePosixPath

import pytest

from pvws.errors import InputError, MessageError, Problem, PvwsError, ReachError


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("", "a mapping"), "expected a mapping"),
        (Problem("", "a mapping", "a list"), "expected a mapping, got a list"),
        (Problem("seed", "a whole number", '"x"'), 'seed: expected a whole number, got "x"'),
        (
            Problem("behaviours.uploads.rate", 'a rate like "2/s"', '"fast"', file="scenarios/storm.yaml", line=12),
            'scenarios/storm.yaml:12: behaviours.uploads.rate: expected a rate like "2/s", got "fast"',
        ),
        (
            Problem("", "valid YAML", file=PurePosixPath("a.yaml"), line=3, column=7),
            "a.yaml:3:7: expected valid YAML",
        ),
        (Problem("", "a file", file="a.yaml"), "a.yaml: expected a file"),
        (
            Problem("--topic", "a topic", '"alert"', hint="did you mean alerts?"),
            '--topic: expected a topic, got "alert" (did you mean alerts?)',
        ),
        (Problem("", "a name", hint="any will do"), "expected a name (any will do)"),
    ],
)
def test_a_problem_says_where_it_is_what_was_expected_and_what_was_found(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_an_input_error_holds_every_problem_and_says_one_a_line() -> None:
    problems = Problem("a", "one"), Problem("b", "two", "three")
    error = InputError(*problems)
    assert error.problems == problems
    assert str(error) == "a: expected one\nb: expected two, got three"


def test_an_input_error_without_a_problem_is_our_own_mistake() -> None:
    with pytest.raises(AssertionError, match="says what is wrong"):
        InputError()


def test_a_message_error_carries_its_facts() -> None:
    error = MessageError("data.size", "a whole number", '"big"')
    assert (error.path, error.expected, error.found) == ("data.size", "a whole number", '"big"')
    assert str(error) == 'data.size: expected a whole number; got "big"'


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (MessageError("", "one JSON object"), "expected one JSON object"),
        (MessageError("", "one JSON object", "an array"), "expected one JSON object; got an array"),
        (MessageError("topic", "a string"), "topic: expected a string"),
    ],
)
def test_a_message_error_without_a_path_or_a_value_leaves_them_out(error: MessageError, text: str) -> None:
    assert str(error) == text


def test_a_reach_error_names_the_address_the_trouble_and_what_to_do() -> None:
    error = ReachError("localhost:8083", "the port is in use", "Try --port 0.")
    assert (error.address, error.trouble, error.advice) == ("localhost:8083", "the port is in use", "Try --port 0.")
    assert str(error) == "localhost:8083: the port is in use\nTry --port 0."
    assert str(ReachError("localhost:8083", "nobody listens")) == "localhost:8083: nobody listens"


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (PvwsError("broken"), 1),
        (InputError(Problem("", "sense")), 2),
        (MessageError("", "sense"), 1),
        (ReachError("here", "gone"), 3),
    ],
)
def test_every_error_is_a_pvws_error_with_its_exit_code(error: PvwsError, exit_code: int) -> None:
    assert isinstance(error, PvwsError)
    assert error.exit_code == exit_code
