from pathlib import Path

import pytest

from pvws.cli.ctl_scenario import meant
from tests.support.ctl import Ctl


def test_another_scenario_is_loaded_and_unloaded(ctl: Ctl, tmp_path: Path) -> None:
    assert ctl("load", "quickstart", "--seed", "9", "--held").out == "quickstart plays, seed 9, 30 s\n"
    file = tmp_path / "mine.yaml"
    file.write_text("scenario: mine\nparameters: {peers: 3}\nduration: 10s\nnetwork: {peers: '${peers}'}\n")
    playing = ctl("load", str(file), "--set", "peers=5", "--speed", "max", "--duration", "5s", "--json").json
    assert (playing["name"], playing["duration_s"]) == ("mine", 5)
    assert ctl("reload").out == "mine plays, seed 0, 5 s\n"
    assert ctl("unload").out == "nothing plays\n"
    assert ctl("reload").code == 2
    assert "plays      nothing" in ctl("state").out


def test_every_mistake_is_told(ctl: Ctl, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("scenario: wrong\nduration: soon\nseed: x\n")
    said = ctl("load", str(file))
    assert said.code == 2
    assert [line.split(":")[-3] for line in said.err.splitlines()] or f"{file}:2" in said.err
    assert f"{file}:3" in said.err
    assert "quickstart" in ctl("load", "quickstrat").err


def test_scenarios_of_the_server_are_listed(ctl: Ctl) -> None:
    assert "quickstart" in ctl("scenarios").out


@pytest.mark.parametrize(
    ("text", "found"), [("quickstart", "quickstart"), ("mine.yaml", Path("mine.yaml")), ("a/b", Path("a/b"))]
)
def test_a_file_is_told_from_a_name(text: str, found: object) -> None:
    assert meant(text) == found
