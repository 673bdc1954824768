"""What an expression's errors carry, and what they say."""

import pytest

from pvws.errors import InputError
from pvws.expression.trouble import ExpressionError, MissingNameError


def test_an_error_says_column_expected_found_and_hint() -> None:
    error = ExpressionError(7, '"=="', '"="', "as in a == b")
    assert str(error) == 'column 7: expected "==", got "=" (as in a == b)'
    assert (error.column, error.expected, error.found, error.hint) == (7, '"=="', '"="', "as in a == b")


def test_an_error_can_be_moved_to_where_its_text_stands() -> None:
    moved = ExpressionError(7, '"=="', '"="', "as in a == b").moved(3)
    assert str(moved) == 'column 10: expected "==", got "=" (as in a == b)'


def test_a_missing_name_is_named() -> None:
    error = MissingNameError(3, "peer.id")
    assert str(error) == "column 3: expected a value of peer.id, got nothing"
    assert (error.column, error.name) == (3, "peer.id")


@pytest.mark.parametrize("error", [ExpressionError(1, "a value"), MissingNameError(1, "a")])
def test_what_was_written_is_at_fault(error: InputError) -> None:
    assert isinstance(error, InputError)
    assert error.exit_code == 2
