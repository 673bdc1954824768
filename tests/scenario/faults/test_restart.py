import pytest

from pvws.errors import InputError
from pvws.scenario.faults.restart import Restart
from pvws.scenario.faults.spec import read_fault
from tests.support.victims import begun


@pytest.mark.parametrize(
    ("text", "dismissal"),
    [
        ("restart: 5s", ("dismiss", 1012, "service restart")),
        ("restart: {down: 5s, code: 1001}", ("dismiss", 1001, "service restart")),
        ("restart: {down: 5s, code: none}", ("dismiss", None, "")),
    ],
)
def test_nobody_can_connect_everybody_goes_and_it_comes_back(text: str, dismissal: tuple[object, ...]) -> None:
    house, undo = begun(text)
    assert undo is not None
    undo()
    assert house.done == [("refuse",), dismissal, ("accept",)]
    assert house.counts == {"restarted": 1, "disconnected": 3}
    fault = read_fault(text).fault
    assert isinstance(fault, Restart)
    assert fault.lasts == 5_000_000


def test_zero_means_never() -> None:
    assert read_fault("restart: 0").never


def test_it_concerns_the_whole_server() -> None:
    with pytest.raises(InputError, match=r"restart concerns the whole server"):
        read_fault("restart: 5s, client: dash")
