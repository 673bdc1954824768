import pytest

from pvws.errors import InputError
from pvws.scenario.faults.spec import read_fault
from tests.support.victims import begun


def test_it_refuses_until_it_ends() -> None:
    house, undo = begun("refuse: on, for: 30s")
    assert undo is not None
    undo()
    assert house.done == [("refuse",), ("accept",)]
    assert house.counts == {"shut": 1}


@pytest.mark.parametrize("scope", ["client: 3", "clients: 50%"])
def test_it_concerns_the_whole_server(scope: str) -> None:
    with pytest.raises(InputError, match=r"expected with refuse one of .*\(refuse concerns the whole server\)"):
        read_fault(f"refuse: on, {scope}")
