"""The functions of the language, each with what it gives and what it has no answer to."""

import pytest

from pvws.expression.functions import FUNCTIONS
from pvws.expression.values import MISSING
from tests.expression.things import File, Peer


def call(name: str, *arguments: object) -> object:
    return FUNCTIONS[name].run(*arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("abs", (-3,), 3),
        ("abs", (-2.5,), 2.5),
        ("abs", ("-1 KiB",), 1024),
        ("float", (3,), 3.0),
        ("float", ("1h2m3s",), 3723.0),
        ("float", ("92%",), 92.0),
        ("int", (3.9,), 3),
        ("int", (-3.9,), -3),
        ("int", ("42",), 42),
        ("int", (1e300,), 1e300),
        ("len", ("héé",), 3),
        ("len", ([1, 2],), 2),
        ("len", ({"a": 1},), 1),
        ("len", (File(3),), 2),
        ("lower", ("ABC",), "abc"),
        ("upper", ("straße",), "STRASSE"),
        ("max", (1, 3, 2), 3),
        ("max", ([1, 3, 2],), 3),
        ("max", (5,), 5),
        ("max", ("a", "b"), "b"),
        ("max", (1000, "1 KiB"), "1 KiB"),
        ("min", (2, 1.5), 1.5),
        ("min", (["2024-01-01T00:00:00Z", "2024-01-01T00:00:00+01:00"],), "2024-01-01T00:00:00+01:00"),
        ("round", (2.4,), 2),
        ("round", (2.5,), 2),
        ("round", (3.5,), 4),
        ("round", (2.567, 2), 2.57),
        ("round", (7, 2), 7),
        ("round", ("1.6",), 2),
        ("text", (3.0,), "3"),
        ("text", (None,), ""),
        ("text", ([1, "a"],), '[1,"a"]'),
        ("has", (None,), True),
    ],
)
def test_a_function_gives(name: str, arguments: tuple[object, ...], result: object) -> None:
    found = call(name, *arguments)
    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("abs", ("x",)),
        ("abs", (True,)),
        ("float", (None,)),
        ("float", ("x",)),
        ("float", (10**400,)),
        ("int", (float("nan"),)),
        ("int", (float("inf"),)),
        ("int", ([],)),
        ("len", (3,)),
        ("len", (None,)),
        ("len", (Peer({"id": 1}),)),
        ("lower", (3,)),
        ("upper", ("x" * 2**20,)),
        ("max", ([],)),
        ("max", (1, "x")),
        ("max", (True,)),
        ("max", (None, 1)),
        ("min", ([1, [2]],)),
        ("min", ([1, 2], 3)),
        ("round", ("x",)),
        ("round", (2.5, 1.0)),
        ("round", (2.5, -1)),
        ("round", (2.5, 16)),
        ("round", (2.5, 10**30)),
        ("round", (float("inf"),)),
        ("text", (float("nan"),)),
    ],
)
def test_a_function_without_an_answer_gives_what_is_missing(name: str, arguments: tuple[object, ...]) -> None:
    assert call(name, *arguments) is MISSING


@pytest.mark.parametrize("name", ["starts_with", "ends_with", "matches"])
@pytest.mark.parametrize("arguments", [(3, "3"), ("3", 3), (None, ""), ([], ""), (["a"], "a")])
def test_what_is_no_text_neither_starts_nor_ends_nor_matches(name: str, arguments: tuple[object, ...]) -> None:
    assert call(name, *arguments) is False


def test_a_text_starts_and_ends_with_a_part_of_it() -> None:
    assert call("starts_with", "report.pdf", "rep") is True
    assert call("starts_with", "report.pdf", "Rep") is False
    assert call("ends_with", "report.pdf", ".pdf") is True
    assert call("ends_with", "report.pdf", "report") is False


@pytest.mark.parametrize(
    ("text", "glob"),
    [
        ("", ""),
        ("", "*"),
        ("abc", "abc"),
        ("abc", "*"),
        ("abc", "a*"),
        ("abc", "*c"),
        ("abc", "a*c"),
        ("abc", "*b*"),
        ("abc", "a?c"),
        ("abc", "???"),
        ("abc", "**a**c**"),
        ("abab", "*ab"),
        ("aab", "a*ab"),
        ("abcabd", "*ab?"),
        ("a\nb", "a?b"),
        ("a\nb", "a*"),
        ("a[1].txt", "a[1].*"),
        ("a.b", "a.b"),
        ("mississippi", "m*iss*ip*i"),
        ("aXbXc", "a*b*c"),
        ("a/b/c", "a*c"),
    ],
)
def test_a_text_matches_a_glob(text: str, glob: str) -> None:
    assert call("matches", text, glob) is True


@pytest.mark.parametrize(
    ("text", "glob"),
    [
        ("abc", ""),
        ("abc", "ab"),
        ("abc", "ABC"),
        ("abc", "a*d"),
        ("abc", "??"),
        ("abc", "????"),
        ("ab", "ab*b"),
        ("aba", "ab*ba"),
        ("axb", "a.b"),
        ("b", "[abc]"),
        ("abc", "abc\n"),
        ("mississippi", "m*issis*issip*"),
    ],
)
def test_a_text_does_not_match_a_glob(text: str, glob: str) -> None:
    assert call("matches", text, glob) is False


def test_a_glob_with_many_stars_takes_no_time_to_speak_of() -> None:
    assert call("matches", "a" * 100_000, "*a" * 100 + "b") is False
    assert call("matches", "ab" * 50_000, "*a*b" * 100) is True
    assert call("matches", "x", "*" * 10_000) is False, "longer than any expression"


def test_yes_or_no_is_no_for_what_is_missing() -> None:
    yes_or_no = [name for name, function in FUNCTIONS.items() if function.of_missing is False]
    assert yes_or_no == ["ends_with", "has", "matches", "starts_with"]
    assert all(function.of_missing is MISSING for name, function in FUNCTIONS.items() if name not in yes_or_no)


def test_functions_are_sorted_and_show_their_names() -> None:
    assert list(FUNCTIONS) == sorted(FUNCTIONS)
    assert all(function.form.startswith(f"{name}(") for name, function in FUNCTIONS.items())
