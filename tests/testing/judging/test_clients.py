import pytest

from pvws.testing.judging import clients
from pvws.testing.judging.clients import Clients, Connection, Party


def come(who: Clients, number: int, name: str = "") -> Connection:
    party = who.party(name)
    party.live.add(number)
    return Connection(number, party)


def test_all_connections_of_a_name_are_one_client_s() -> None:
    who = Clients()
    one, other = come(who, 1, "dash"), come(who, 2, "dash")
    assert one.party is other.party
    assert str(one.party) == "dash"
    assert come(who, 3, "app").party is not one.party


def test_a_client_without_a_name_is_one_however_often_it_comes_again() -> None:
    who = Clients()
    parties = set()
    for number in range(1, 5):
        connection = come(who, number)
        parties.add(connection.party)
        who.leaves(connection, number * 10)
    assert [str(each) for each in parties] == ["the client"]


def test_clients_without_a_name_that_are_there_at_once_are_told_apart_and_come_back_in_order() -> None:
    who = Clients()
    first, second, named = come(who, 1), come(who, 2), come(who, 3, "dash")
    assert [str(each.party) for each in (first, second, named)] == ["the client", "client no. 2", "dash"]
    who.leaves(second, 10)
    who.leaves(first, 20)
    assert come(who, 4).party is second.party
    assert come(who, 5).party is first.party
    assert str(come(who, 6).party) == "client no. 3"


def test_of_too_many_names_those_that_have_gone_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "CLIENTS_JUDGED_MAX", 2)
    who = Clients()
    stays, goes = come(who, 1, "stays"), come(who, 2, "goes")
    who.leaves(goes, 10)
    come(who, 3, "third")
    assert len(who) == 2
    assert who.party("stays") is stays.party
    assert who.party("goes") is not goes.party


def test_what_is_remembered_of_a_client_is_bounded() -> None:
    assert Party("a", 0).history.maxlen is not None
