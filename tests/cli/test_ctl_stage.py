import io
import sys
from pathlib import Path

import pytest

from pvws.cli.ctl_stage import json_of
from pvws.errors import InputError
from tests.support.ctl import Ctl
from tests.support.steered_beside import Beside


def test_the_world_at_a_glance(ctl: Ctl) -> None:
    assert "clock      2024-01-01T00:00:00.000Z" in ctl("state").out
    assert ctl("state", "--json").json["clock"]["held"] is True
    assert "ws://" in ctl("info").out


def test_the_ledger_is_shown(ctl: Ctl) -> None:
    assert ctl("ledger").code == 0
    assert "owed" in ctl("ledger", "--json").json


def test_the_server_is_ended(ctl: Ctl, beside: Beside) -> None:
    assert ctl("stop").out == "the server ends\n"
    assert beside.test_bed.stops == 1


def test_json_comes_from_the_line_a_file_or_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"a":\n 1}')
    assert json_of("--data", '{"a": "ä"}') == {"a": "ä"}
    assert json_of("--data", f"@{file}") == {"a": 1}
    monkeypatch.setattr(sys, "stdin", io.StringIO("[1]"))
    assert json_of("--data", "-") == [1]


def test_wrong_json_is_refused_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"a":\n x}')
    with pytest.raises(InputError, match=r"a\.json:2:2: --data: expected JSON, got expecting value"):
        json_of("--data", f"@{file}")
    with pytest.raises(InputError, match=r"1:2: --data: expected JSON"):
        json_of("--data", "{")
    with pytest.raises(InputError, match="not nested so deeply"):
        json_of("--data", "[" * 100_000)
