"""The server of a command under test: what is expected of the client has a say in its configuration, the last one."""

from pathlib import Path
from typing import Any

import pytest

from pvws.cli.configured import SERVER_OPTIONS
from pvws.cli.trusted import Served, served_by
from tests.support.evidence import expectation

PINGS = [expectation("answers_pings")]
SECOND = 1_000_000


def served(*expected: Any, **given: Any) -> Served:
    parameters: dict[str, Any] = dict.fromkeys(SERVER_OPTIONS) | {"tls_self_signed": False}
    return served_by(parameters | given, expected)


def test_where_pings_are_to_be_answered_they_come_in_time_for_a_short_run() -> None:
    assert served().configuration.timeouts.ping_period == 54 * SECOND
    assert served(*PINGS).configuration.timeouts.ping_period == SECOND


def test_who_says_how_often_a_ping_comes_is_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("websocket: {timeouts: {ping_period: 54s}}\n", encoding="utf-8")
    assert served(*PINGS, config=str(path)).configuration.timeouts.ping_period == 54 * SECOND
    monkeypatch.setenv("PEERVAULT_WS_PING_PERIOD", "7s")
    assert served(*PINGS).configuration.timeouts.ping_period == 7 * SECOND


def test_without_a_certificate_for_the_occasion_nobody_has_to_be_trusted() -> None:
    assert (served().authority, served().bundle, served().configuration.port) == ("", "", 0)
