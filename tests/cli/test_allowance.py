import pytest

from pvws.cli import allowance
from pvws.cli.allowance import allow_clients


def test_room_for_fewer_clients_than_wished_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(allowance, "allow_descriptors", lambda wanted: 900)
    allow_clients(10_000)
    assert "room for 900 clients, not for the 10,000 of limits.max_connections" in capsys.readouterr().err


def test_room_for_all_is_not_worth_a_word(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(allowance, "allow_descriptors", lambda wanted: None)
    allow_clients(10_000)
    assert not capsys.readouterr().err
