import pytest

from pvws.cli import allowance
from pvws.cli.allowance import allow_clients, with_room
from pvws.server.settings import Configuration


def test_room_for_fewer_clients_than_wished_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(allowance, "allow_descriptors", lambda wanted: 900)
    assert allow_clients(10_000) == 900
    assert "room for 900 clients, not for the 10,000 of limits.max_connections" in capsys.readouterr().err


def test_room_for_all_is_not_worth_a_word(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(allowance, "allow_descriptors", lambda wanted: None)
    assert allow_clients(10_000) == 10_000
    assert allow_clients(None) is None
    assert not capsys.readouterr().err


def test_where_nothing_is_left_beside_what_is_kept_spare_nobody_is_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "allow_descriptors", lambda wanted: 0)
    assert allow_clients(10_000) == 10_000


def test_no_more_clients_are_let_in_than_files_can_be_opened_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "allow_descriptors", lambda wanted: 300)
    assert with_room(Configuration()).limits.max_connections == 300
    assert with_room(Configuration(profile="upstream")) == Configuration(profile="upstream"), "which knows no limit"
