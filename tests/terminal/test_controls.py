import pytest

from pvws.terminal.controls import HELP, VIEWS, Controls
from pvws.terminal.selection import Selection
from pvws.terminal.spans import plain
from pvws.wire.topics import Topic


@pytest.fixture
def controls() -> Controls:
    return Controls("dashboard", Selection(["file_*"]))


def press(controls: Controls, keys: str) -> None:
    for key in keys:
        assert not controls.press(key)


def test_quit_is_said_by_two_keys(controls: Controls) -> None:
    assert controls.press("q")
    assert controls.press("quit")


def test_pause_is_on_and_off(controls: Controls) -> None:
    press(controls, "p")
    assert controls.paused
    assert plain(controls.line(80)).startswith(" PAUSED ")
    press(controls, " ")
    assert not controls.paused


def test_views_go_round(controls: Controls) -> None:
    seen = []
    for _ in range(4):
        seen.append(controls.view)
        assert f"v {VIEWS[(VIEWS.index(controls.view) + 1) % 3]}" in plain(controls.line(80))
        press(controls, "v")
    assert seen == ["dashboard", "log", "table", "dashboard"]


def test_topics_are_switched_and_the_line_says_which_are_off(controls: Controls) -> None:
    press(controls, "14")
    assert controls.selection.off == {Topic.FILE_OPERATIONS, Topic.ALERTS}
    assert "off: file_operations, alerts" in plain(controls.line(200))
    press(controls, "1")
    assert controls.selection.off == {Topic.ALERTS}


def test_a_filter_is_typed_applied_and_taken_back(controls: Controls) -> None:
    press(controls, "4/data.size > 3qq")
    controls.press("backspace")
    controls.press("backspace")
    assert plain(controls.line(80)).startswith("filter: data.size > 3")
    controls.press("enter")
    where = controls.selection.where
    assert where is not None
    assert (where.text, controls.typed) == ("data.size > 3", None)
    assert controls.selection.types == ("file_*",), "what the command line said stays"
    assert controls.selection.off == {Topic.ALERTS}
    press(controls, "/")
    controls.press("erase")
    controls.press("enter")
    assert controls.selection.where is None


def test_a_filter_is_left_alone_by_escape(controls: Controls) -> None:
    press(controls, "/data.size > 3")
    controls.press("escape")
    assert (controls.typed, controls.selection.where) == (None, None)


def test_a_mistake_in_a_filter_is_shown_at_its_column_and_can_be_mended(controls: Controls) -> None:
    press(controls, "/data.size = 3")
    controls.press("enter")
    line = controls.line(80)
    assert plain(line) == 'filter: data.size = 3  column 11: expected "==", got "="'
    assert [span.text for span in line if span.style == "wrong"] == ["="]
    for _ in range(3):
        controls.press("backspace")
    press(controls, "== 3")
    controls.press("enter")
    assert controls.selection.where is not None


def test_the_mistake_is_in_sight_however_long_the_filter_is(controls: Controls) -> None:
    press(controls, "/" + "type == 'a' or " * 20 + "x = 1")
    assert "x = 1" in plain(controls.line(60))[:60]
    controls.press("enter")
    assert "unknown" not in plain(controls.line(60))
    assert [span.text for span in controls.line(60) if span.style == "wrong"] in (["="], ["x"])


def test_what_is_typed_cannot_steer_the_terminal(controls: Controls) -> None:
    press(controls, "/'\u202e'")
    assert plain(controls.line(80)).isprintable()


def test_the_table_is_moved_through_by_sections_and_rows(controls: Controls) -> None:
    sections = []
    for _ in range(4):
        controls.press("tab")
        sections.append(controls.section)
    assert sections == ["peers", "files", "alerts", None]
    for key in ("down", "down", "page down", "up"):
        controls.press(key)
    assert controls.offset == 11
    controls.press("page up")
    controls.press("page up")
    assert controls.offset == 0
    controls.press("down")
    controls.press("home")
    assert controls.offset == 0


def test_help_names_every_key_that_does_something(controls: Controls) -> None:
    press(controls, "?")
    assert controls.help
    controls.press("escape")
    assert not controls.help
    assert {key for keys, _ in HELP for key in keys.replace(",", "").split()} == {*"qpv/t?1234", "space", "tab"}


def test_other_keys_do_nothing(controls: Controls) -> None:
    for key in ("x", "left", "ä", "backspace", "enter"):
        assert not controls.press(key)
