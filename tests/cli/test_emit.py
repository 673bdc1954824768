import json
from pathlib import Path

import pytest

from pvws.cli.app import run
from tests.support.ctl import Ctl
from tests.support.steered import Steered
from tests.support.steered_beside import Beside


def test_an_event_goes_to_who_subscribed(
    beside: Beside, capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = beside.connect("file_operations", path="/ws?client=a")
    data = tmp_path / "data.json"
    data.write_text('{"key": "größe", "size": 97}')
    assert run(["emit", beside.url, "file_operations", "file_uploaded", "--data", f"@{data}"]) == 0
    assert "for 1 client\n" in capfd.readouterr().out
    monkeypatch.setenv("PVWS_CONTROL_URL", beside.url)
    assert run(["emit", "file_operations", "file_deleted", "--client", "a", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["at"]
    assert run(["emit", "system", "system_metrics", "--to-all"]) == 0
    assert "for 1 client\n" in capfd.readouterr().out

    async def heard(test_bed: Steered) -> list[str]:
        return [json.loads(text).get("type") for text in await client.catch_up()]

    assert [each for each in beside.do(heard) if each != "pong"] == ["file_uploaded", "file_deleted", "system_metrics"]


def test_ctl_emits_as_well(ctl: Ctl) -> None:
    assert ctl("emit", "alerts", "storage_alert", "--data", '{"value": 1}').code == 0


def test_wrong_input_leaves_with_2_and_what_would_be_right(ctl: Ctl) -> None:
    assert "expected a topic and a type" in ctl("emit", "alerts").err
    assert "as in: pvws emit file_operations file_updated" in ctl("emit", "file_updated").err
    assert "expected a JSON object" in ctl("emit", "alerts", "storage_alert", "--data", "[]").err
    assert "level" in ctl("emit", "alerts", "storage_alert", "--data", '{"level": "worst"}').err
    assert ctl("emit", "alert", "storage_alert").code == 2
