from pathlib import Path

import pytest

from pvws.cli.schemas import scenario_schema
from pvws.cli.starter import SCHEMA_FILE, starter, write_starter
from pvws.errors import InputError
from pvws.stage.shipped import find_scenario, find_script, shipped_scenarios

HEADER = "# yaml-language-server: $schema=pvws-scenario.schema.json\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty one, in which the process is."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(name: str, like: str | None = None) -> str:
    with pytest.raises(InputError) as caught:
        write_starter(name, like)
    return str(caught.value)


def test_a_starter_is_a_right_scenario_with_the_editors_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_starter("mine")
    assert (folder / "mine.yaml").read_text("utf-8").startswith(HEADER)
    assert find_scenario("mine.yaml", [("peers", "50")]).network.count == 50
    said = capsys.readouterr().err
    assert "pvws-scenario.schema.json: the scenarios' schema" in said
    assert "mine.yaml: your scenario; play it with: pvws simulate mine.yaml --view log" in said


def test_the_schema_is_written_beside_it_and_brought_up_to_date(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / SCHEMA_FILE).write_text("{}")
    write_starter("one")
    assert (folder / SCHEMA_FILE).read_text("utf-8") == scenario_schema()
    capsys.readouterr()
    write_starter("two")
    assert SCHEMA_FILE not in capsys.readouterr().err, "it is there already"


def test_what_is_commented_out_in_the_starter_is_right_as_well() -> None:
    text = starter("mine").replace("  # churn", "  churn").replace("  # - {", "  - {")
    Path("all.yaml").write_text(text, "utf-8")
    scenario = find_scenario("all.yaml")
    assert len(scenario.behaviours) == 4
    assert len(scenario.timeline) == 5


@pytest.mark.parametrize("shipped", shipped_scenarios())
def test_every_shipped_scenario_is_a_beginning(folder: Path, shipped: str) -> None:
    write_starter("mine.yml", shipped)
    text = (folder / "mine.yml").read_text("utf-8")
    assert text == HEADER + find_script(shipped).text.replace(f"\nscenario: {shipped}\n", "\nscenario: mine\n")
    assert find_scenario("mine.yml").scenario == "mine"


@pytest.mark.parametrize("name", ["on", "null", "käse", "1", "two words", "a: b", '"', "#"])
def test_any_name_is_written_so_that_it_is_read(name: str) -> None:
    write_starter(name)
    assert find_scenario(f"{name}.yaml").scenario == name


def test_a_beginning_has_one_line_for_editors() -> None:
    write_starter("one")
    write_starter("two", "one.yaml")
    assert Path("two.yaml").read_text("utf-8").count("yaml-language-server") == 1


def test_nothing_is_overwritten(folder: Path) -> None:
    (folder / "mine.yaml").write_text("precious")
    assert refused("mine") == 'NAME: expected a file that is not there yet, got "mine.yaml"'
    assert (folder / "mine.yaml").read_text() == "precious"
    assert [each.name for each in folder.iterdir()] == ["mine.yaml"]


def test_wrong_names_are_told() -> None:
    for name in ("", ".yaml", "a/", " ", "bell\x07"):
        assert refused(name).startswith("NAME: expected a name of printable characters, or a file, got ")
    assert refused("no/folder") == (
        'NAME: expected a file that can be written, got "no/folder.yaml" (no such file or directory)'
    )


def test_what_can_not_be_begun_with_is_told(folder: Path) -> None:
    assert refused("mine", "quikstart").startswith("--from: expected a scenario's file, or one of the shipped ones")
    (folder / "wrong.yaml").write_text("scenario: x\nduration: soon\n")
    assert refused("mine", "wrong.yaml").startswith("wrong.yaml:2:11: duration: expected a duration")
    (folder / "part.yaml").write_text("seed: 3\n")
    (folder / "whole.yaml").write_text("scenario: x\ninclude: part.yaml\n")
    (folder / "below").mkdir()
    assert refused("below/mine", "whole.yaml").startswith("--from: expected a scenario that needs no files of its own")
    assert not (folder / "mine.yaml").exists()
