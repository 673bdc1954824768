"""docs/reliability.md and docs/reliability.json belong together, and have all that there is."""

import json

import pytest

from pvws.scenario.faults.spec import KINDS
from tests.reliability import faults
from tests.reliability.__main__ import PARTS, main
from tests.reliability.page import DOCUMENT, read, rendered
from tests.reliability.part import Found, Result


def test_the_page_is_made_of_the_figures() -> None:
    assert DOCUMENT.read_text("utf-8") == rendered(DOCUMENT.read_text("utf-8"), read())


def test_every_part_has_its_place_on_the_page_and_was_run() -> None:
    assert list(read()) == list(PARTS)
    assert "It has not been run yet." in rendered(DOCUMENT.read_text("utf-8"), {})
    assert all(f"<!-- made: {name} -->" in DOCUMENT.read_text("utf-8") for name in PARTS)


def test_every_kind_of_fault_is_in_the_matrix() -> None:
    assert list(faults.CASES) == list(KINDS)


def test_what_breaks_its_bound_is_named_and_gives_1_and_other_parts_stay(
    tmp_path: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data, document = tmp_path / "data.json", tmp_path / "page.md"  # type: ignore[operator]
    data.write_text(json.dumps({"kills": read()["kills"]}))
    document.write_text("<!-- made: fuzz -->\n<!-- end -->\n")
    for module in ("page", "__main__"):
        monkeypatch.setattr(f"tests.reliability.{module}.DATA", data)
    monkeypatch.setattr("tests.reliability.__main__.DOCUMENT", document)
    found = Found([Result("crashes", 2, "", at_most=0), Result("cases", 5, "")], [{"surface": "a|b", "cases": 5}])
    monkeypatch.setitem(PARTS, "fuzz", (lambda minutes: found, 1.0))
    assert main(["fuzz", "--minutes", "0.5"]) == 1
    assert "its bound is broken by fuzz: crashes" in capsys.readouterr().err
    assert list(json.loads(data.read_text())) == ["fuzz", "kills"]
    page = document.read_text()
    assert "`python -m tests.reliability fuzz --minutes 0.5` on " in page
    assert "| crashes | 2 | at most 0 | **broken** |" in page
    assert "| cases | 5 | | |" in page
    assert "| a\\|b | 5 |" in page


@pytest.mark.parametrize("words", [["soka"], ["--minutes", "0"], ["soak", "--minutes", "x"]])
def test_what_can_not_be_run_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "expected" in capsys.readouterr().err or words[-1] == "x"
