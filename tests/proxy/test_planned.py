import pytest

from pvws.errors import InputError
from pvws.proxy.planned import PlannedFault
from pvws.scenario.faults.spec import read_fault


def test_it_says_when_it_begins_and_all_that_a_fault_says() -> None:
    fault = read_fault("at: 30s, restart: 5s", "--fault", PlannedFault)
    assert (fault.at, fault.kind, str(fault)) == (30_000_000, "restart", "restart: 5s, at: 30s")
    assert read_fault("drop: 1%", "--fault", PlannedFault).at == 0


def test_elsewhere_nothing_begins_later() -> None:
    with pytest.raises(InputError, match=r'expected one of .*, got "at"'):
        read_fault("at: 30s, restart: 5s")
