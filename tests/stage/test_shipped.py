from pathlib import Path

import pytest

from pvws.errors import InputError
from pvws.stage.shipped import find_scenario, shipped_scenarios


def test_the_shipped_scenarios_are_found_by_name() -> None:
    assert "quickstart" in shipped_scenarios()
    assert find_scenario("quickstart").scenario == "quickstart"


def test_anybodys_scenario_is_found_by_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("pvws: 1\nscenario: mine\n", encoding="utf-8")
    assert find_scenario(str(path)).scenario == "mine"


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        find_scenario("quikstart")
    text = str(caught.value)
    assert text.startswith("SCENARIO: expected a scenario's file, or one of the shipped ones: ")
    assert text.endswith('got "quikstart" (no such file or directory) (did you mean "quickstart"?)')


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a directory"):
        find_scenario(str(tmp_path))


def test_a_file_that_is_not_utf_8_is_told_with_the_place(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"pvws: 1 # \xe4\n")
    with pytest.raises(InputError) as caught:
        find_scenario(str(path))
    assert str(caught.value) == f"{path}: expected text in UTF-8, got other bytes at 10"


def test_a_mistake_is_told_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("pvws: 1\nscenario: mine\nduration: soon\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        find_scenario(str(path))
    assert str(caught.value) == (
        f'{path}:3:11: duration: expected a duration like "30s", "1m30s" or "500ms", got "soon"'
    )
