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


def test_clients_are_listed_shown_and_disconnected(ctl: Ctl, beside: Beside) -> None:
    beside.connect("alerts", path="/ws?client=mobile")
    assert "mobile" in ctl("clients").out
    (client,) = ctl("clients", "--json").json["clients"]
    assert client["topics"] == ["alerts"]
    assert f"id         {client['id']}" in ctl("clients", "mobile").out
    assert ctl("clients", "laptop").code == 2
    assert "mobile" in ctl("clients", "laptop").err
    gone = ctl("disconnect", "mobile", "--code", "1012", "--reason", "restart")
    assert gone.out.splitlines() == ["1 disconnected", f"  {client['id']}"]
    assert ctl("disconnect", "--clients", "100%").code == 0
    assert ctl("disconnect").code == 2


def test_a_mark_is_set(ctl: Ctl) -> None:
    assert ctl("mark", "here").code == 0


def test_the_truth_is_told_and_a_view_compared_with_it(ctl: Ctl, tmp_path: Path) -> None:
    assert ctl("advance", "5s").code == 0
    assert "peers      3 connected of 3" in ctl("world").out
    truth = ctl("world", "--json").json
    same = ctl("compare", f'{{"fileCount": {truth["fileCount"]}}}')
    assert (same.code, same.out) == (0, "the view is true\n")
    view = tmp_path / "view.json"
    view.write_text('{"fileCount": 1000}')
    other = ctl("compare", f"@{view}")
    assert other.code == 1
    assert other.out.splitlines()[1].split() == ["fileCount", str(truth["fileCount"]), "1000"]
    assert ctl("world", "--at", "2024-01-01T00:00:01Z").code == 0
    assert "an object" in ctl("compare", "[]").err


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
    with pytest.raises(InputError, match=r"a\.json:2:2: --data: expected JSON \(expecting value\)"):
        json_of("--data", f"@{file}")
    with pytest.raises(InputError, match=r"1:2: --data: expected JSON"):
        json_of("--data", "{")
    with pytest.raises(InputError, match="not nested so deeply"):
        json_of("--data", "[" * 100_000)
