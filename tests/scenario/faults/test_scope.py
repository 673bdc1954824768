import pytest

from pvws.errors import InputError
from pvws.scenario.faults.scope import Scope, Who
from pvws.scenario.faults.spec import read_fault
from pvws.sim.chance import Stream

WHO = Who(3, "0123456789abcdef0123456789abcdef", "dashboard")


@pytest.mark.parametrize("client", ["3", "dashboard", "01234567", WHO.client_id])
def test_a_client_is_addressed_by_number_name_or_id(client: str) -> None:
    assert read_fault(f"drop: 1%, client: {client if client in ('3', 'dashboard') else repr(client)}").concerns(WHO)


@pytest.mark.parametrize("client", ["4", "dash", "'0123'", "'3'"])
def test_another_client_is_not_meant(client: str) -> None:
    assert not read_fault(f"drop: 1%, client: {client}").concerns(WHO)


def test_a_share_of_the_clients_is_about_that_share_and_each_chance_is_its_own() -> None:
    scope = Scope(clients=0.25)
    chosen = [scope.chosen(Stream(7, f"fault x {number}")) for number in range(2_000)]
    assert 440 < sum(chosen) < 560
    assert chosen[5] == scope.chosen(Stream(7, "fault x 5"))
    assert not any(Scope(clients=0.0).chosen(Stream(7, f"{number}")) for number in range(50))
    assert all(Scope().chosen(Stream(7, f"{number}")) for number in range(50))


def test_messages_are_selected_by_topic_and_type() -> None:
    alert, pong = (("alerts",), "storage_alert"), ((), "pong")
    assert Scope().matches(*alert)
    assert Scope().matches(*pong)
    assert Scope(topics=("alerts", "system")).matches(*alert)
    assert Scope(topics=("alerts",)).matches(("system", "alerts"), "raw"), "of several topics one is enough"
    assert not Scope(topics=("system",)).matches(*alert)
    assert not Scope(topics=("alerts",)).matches(*pong)
    assert Scope(types=("pong",)).matches(*pong)
    assert not Scope(topics=("alerts",), types=("network_alert",)).matches(*alert)


@pytest.mark.parametrize(
    ("scope", "numbers"),
    [
        (Scope(), [1, 2, 3, 4, 5, 6]),
        (Scope(nth=3), [3]),
        (Scope(nth=3, count=2), [3, 4]),
        (Scope(count=2), [1, 2]),
    ],
)
def test_it_counts_messages(scope: Scope, numbers: list[int]) -> None:
    assert [number for number in range(1, 7) if scope.counts(number)] == numbers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("client: 0", "a number from 1 on"),
        ("client: ''", "a client's id, the name under its ?client=, or the number of its connection"),
        ("topics: [alert]", 'did you mean "alerts"?'),
        ("topics: []", "at least 1 of them"),
        ("types: [file_uploadd]", 'did you mean "file_uploaded"?'),
        ("nth: 0", "a whole number from 1 on"),
        ("clients: some", 'a percentage like "50%", or all'),
        ("for: 3", "a duration"),
    ],
)
def test_a_wrong_scope_is_told(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_fault(f"drop: 1%, {text}")
    assert said in str(caught.value)
