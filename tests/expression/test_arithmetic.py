"""Reckoning: what comes out, and what is missing instead of failing."""

import pytest

from pvws.expression.arithmetic import OPERATIONS, negative, reckoned
from pvws.expression.values import MISSING
from pvws.timestamp import Timestamp


@pytest.mark.parametrize(
    ("left", "operator", "right", "result"),
    [
        (1, "+", 2, 3),
        (1, "+", 0.5, 1.5),
        (5, "-", 7, -2),
        (3, "*", 4, 12),
        (1, "/", 4, 0.25),
        (4, "/", 2, 2.0),
        (7, "//", 2, 3),
        (-7, "//", 2, -4),
        (7, "%", 4, 3),
        (-7, "%", 4, 1),
        ("a", "+", "b", "ab"),
        ("1", "+", "2", "12"),
        (1, "+", "2", 3),
        (2048, "/", "1 KiB", 2.0),
        ("1 KiB", "*", 3, 3072),
        (90, "-", "30s", 60.0),
        (2**63 - 2, "+", 1, 2**63 - 1),
    ],
)
def test_this_is_what_comes_out(left: object, operator: str, right: object, result: object) -> None:
    found = OPERATIONS[operator](left, right)
    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize("operator", OPERATIONS)
@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, None),
        (1, True),
        (1, "x"),
        ("x", 1),
        (None, None),
        ([1], [2]),
        ([1], 2),
        ({}, 1),
        (True, True),
        (Timestamp(0), 1),
        (float("nan"), 1),
    ],
)
def test_what_cannot_be_reckoned_is_missing(left: object, operator: str, right: object) -> None:
    assert OPERATIONS[operator](left, right) is MISSING


@pytest.mark.parametrize("operator", ["/", "//", "%"])
@pytest.mark.parametrize("zero", [0, 0.0, "0", "0%"])
def test_nothing_is_divided_by_zero(operator: str, zero: object) -> None:
    assert OPERATIONS[operator](1, zero) is MISSING


@pytest.mark.parametrize("operator", ["-", "*", "/", "//", "%"])
def test_two_texts_are_joined_and_nothing_else(operator: str) -> None:
    assert OPERATIONS[operator]("6", "3") is MISSING


def test_a_very_large_whole_number_becomes_a_float_and_one_past_that_is_missing() -> None:
    assert repr(OPERATIONS["+"](2**63 - 1, 1)) == "9.223372036854776e+18"
    assert type(OPERATIONS["*"](-(2**62), 3)) is float
    assert OPERATIONS["*"](1e200, 1e200) is MISSING
    assert OPERATIONS["-"](float("inf"), float("inf")) is MISSING
    assert OPERATIONS["*"](10**400, 10**400) is MISSING
    assert OPERATIONS["/"](10**400, 3) is MISSING
    assert OPERATIONS["//"](10**400, 10**399) == 10


def test_a_joined_text_is_no_longer_than_a_message() -> None:
    assert len(OPERATIONS["+"]("a" * 2**19, "b" * 2**19)) == 2**20
    assert OPERATIONS["+"]("a" * 2**19, "b" * (2**19 + 1)) is MISSING


def test_a_sign_is_turned() -> None:
    assert negative(3) == -3
    assert negative("1 KiB") == -1024
    assert negative("x") is MISSING
    assert negative(None) is MISSING


def test_an_operation_that_fails_gives_what_is_missing() -> None:
    assert reckoned(int, float("nan")) is MISSING
    assert reckoned(int, float("inf")) is MISSING
    assert reckoned(int, 2.9) == 2
