import pytest

from pvws import units
from pvws.cli.options import parsed
from pvws.errors import InputError


def test_a_value_is_what_its_reader_makes_of_it() -> None:
    assert parsed("--for", "1m30s", units.duration) == 90_000_000


def test_a_wrong_value_is_told_with_its_option() -> None:
    with pytest.raises(InputError) as caught:
        parsed("--for", "soon", units.duration)
    assert str(caught.value) == '--for: expected a duration like "30s", "1m30s" or "500ms", got "soon"'
    assert caught.value.exit_code == 2
