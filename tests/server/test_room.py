import pytest

from pvws.server.room import is_world


@pytest.mark.parametrize("name", ["main", "a", "Test-1.2_3", "x" * 64])
def test_a_world_has_a_plain_name(name: str) -> None:
    assert is_world(name)


@pytest.mark.parametrize("name", ["", "x" * 65, "a/b", "ä", "a b", "a\n", "٣"])
def test_other_names_are_refused(name: str) -> None:
    assert not is_world(name)
