from pathlib import Path

import pytest

from pvws.errors import InputError
from pvws.recording.format import Header
from pvws.recording.write import header_line
from pvws.stage.shipped import FILE_BYTES_MAX, find_scenario, find_script, names_of, shipped_scenarios
from pvws.world.names import DEFAULT_NAMES


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
    with pytest.raises(InputError, match=r"\(pvws scenarios new mine\.yaml writes one to begin with\)$"):
        find_scenario("mine.yaml")


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a directory"):
        find_scenario(str(tmp_path))


def test_a_recording_is_told_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "run.pvrec.jsonl"
    path.write_bytes(header_line(Header(by="pvws", profile="documented")))
    with pytest.raises(InputError) as caught:
        find_scenario(str(path))
    assert str(caught.value) == f'SCENARIO: expected a scenario, got "{path}" (a recording) (pvws replay plays it)'


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


def script(folder: Path, text: str, **files: str) -> str:
    """The path of a scenario of that text, with other files, by name, in its folder."""
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
    (folder / "main.yaml").write_text(f"scenario: main\n{text}", encoding="utf-8")
    return str(folder / "main.yaml")


def wrong(path: str) -> str:
    with pytest.raises(InputError) as caught:
        find_scenario(path)
    return str(caught.value)


def test_values_of_the_command_line_go_into_it(tmp_path: Path) -> None:
    path = script(tmp_path, "parameters: {peers: 3}\nnetwork: {peers: '${peers}'}\n")
    assert find_scenario(path).network.count == 3
    assert find_scenario(path, [("peers", "9")]).network.count == 9
    assert find_scenario("quickstart", [("network.peers", "5")]).network.count == 5


def test_what_it_includes_is_read_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    assert find_scenario(script(tmp_path, "include: part.yaml\n", part="seed: 9\n")).seed == 9
    path = script(tmp_path, "include: below/part.yaml\n")
    (tmp_path / "below" / "part.yaml").write_text("seed: 8\n")
    assert find_scenario(path).seed == 8


def test_a_mistake_in_an_included_file_is_told_with_that_files_path(tmp_path: Path) -> None:
    path = script(tmp_path, "include: part.yaml\n", part="\nseed: x\n")
    assert wrong(path) == f'{tmp_path / "part.yaml"}:2:7: seed: expected a whole number, got "x"'


def test_nothing_outside_its_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret.yaml").write_text("seed: 9\n")
    (tmp_path / "inside" / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    path = script(tmp_path / "inside", "include: link.yaml\n")
    assert wrong(path).endswith(
        'include: expected a file that can be read, got "link.yaml" (it leads out of the scenario\'s folder)'
    )
    script(tmp_path / "inside", "include: ../secret.yaml\n")
    assert "expected a file in the scenario's folder or below it" in wrong(path)


def test_a_folder_that_is_a_link_is_where_the_scenario_lies(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    script(tmp_path / "real", "include: part.yaml\n", part="seed: 9\n")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert find_scenario(str(tmp_path / "link" / "main.yaml")).seed == 9


def test_what_is_included_must_be_a_file_in_utf_8_of_some_size(tmp_path: Path) -> None:
    path = script(tmp_path, "include: part.yaml\n")
    part = tmp_path / "part.yaml"
    assert "(no such file or directory)" in wrong(path)
    part.mkdir()
    assert 'got "part.yaml" (it is no file)' in wrong(path)
    part.rmdir()
    part.write_bytes(b"# \xe4")
    assert "include: expected a file in UTF-8, got other bytes at 2" in wrong(path)
    part.write_bytes(b"#" * (FILE_BYTES_MAX + 1))
    assert 'got "part.yaml" (it is larger than 16,777,216 bytes)' in wrong(path)


def test_a_scenario_without_end_is_not_read_to_its_end() -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("needs /dev/zero, which Unix has")
    assert "(it is larger than 16,777,216 bytes)" in wrong("/dev/zero")


def test_a_path_that_can_be_none_is_told() -> None:
    assert wrong("nul\0").startswith("SCENARIO: expected a scenario's file")


def test_the_option_that_names_it_is_told() -> None:
    with pytest.raises(InputError, match="--from: expected a scenario's file"):
        find_script("nowhere", "--from")


def test_names_are_our_own_unless_a_language_is_asked_for(tmp_path: Path) -> None:
    assert names_of(find_scenario("quickstart")) is DEFAULT_NAMES
    german = find_scenario(script(tmp_path, "network: {names: {locale: de_DE}}\n"))
    names = names_of(german)
    assert names != DEFAULT_NAMES
    assert names_of(german) is names, "it is asked for once"


def test_an_unknown_language_is_told_with_its_place(tmp_path: Path) -> None:
    path = script(tmp_path, "network:\n  names: {locale: de_XX}\n")
    assert wrong(path).startswith(f"{path}:3:19: network.names.locale: expected a locale that Faker knows")
    script(tmp_path, "include: part.yaml\n", part="network: {names: {locale: de_XX}}\n")
    assert wrong(path).startswith(f"{tmp_path / 'part.yaml'}:1:27: network.names.locale: ")
    with pytest.raises(InputError, match=r"^--set network\.names\.locale: network\.names\.locale: expected a locale"):
        find_scenario(path, [("network.names.locale", "xx")])
