import pytest

from pvws import units
from pvws.cli.options import parsed, seconds, settings
from pvws.errors import InputError


def test_a_value_is_what_its_reader_makes_of_it() -> None:
    assert parsed("--for", "1m30s", units.duration) == 90_000_000


def test_a_wrong_value_is_told_with_its_option() -> None:
    with pytest.raises(InputError) as caught:
        parsed("--for", "soon", units.duration)
    assert str(caught.value) == '--for: expected a duration like "30s", "1m30s" or "500ms", got "soon"'
    assert caught.value.exit_code == 2


def test_a_duration_is_given_in_seconds_and_may_have_to_be_some() -> None:
    assert seconds("--grace", "250ms") == 0.25
    assert seconds("--grace", "0s") == 0
    with pytest.raises(InputError) as caught:
        seconds("--timeout", "0s", some=True)
    assert str(caught.value) == '--timeout: expected a duration of more than 0, got "0s"'


def test_a_setting_is_a_name_and_a_value() -> None:
    assert settings(["peers=40", " network.names.locale =de_DE", "a==", "b="]) == [
        ("peers", "40"),
        ("network.names.locale", "de_DE"),
        ("a", "="),
        ("b", ""),
    ]
    assert settings(None) == []


def test_every_setting_that_is_none_is_told() -> None:
    with pytest.raises(InputError) as caught:
        settings(["peers", "a=1", "=3"])
    assert str(caught.value) == (
        '--set: expected a name and a value such as network.peers=40, got "peers"\n'
        '--set: expected a name and a value such as network.peers=40, got "=3"'
    )
