from datetime import UTC

import pytest

from pvws.cli.frame import Frame
from pvws.cli.views import Looks
from pvws.client.happenings import Received
from pvws.terminal.controls import ViewName
from pvws.terminal.head import head_of
from pvws.terminal.lines import width_of
from pvws.terminal.selection import Selection
from pvws.terminal.spans import plain

UPLOAD = (
    '{"type":"file_uploaded","topic":"file_operations","data":{"key":"k","size":1024,"node":"n","timestamp":'
    '"2024-01-01T00:00:00Z"},"timestamp":"2024-01-01T00:00:00Z"}'
)


def frame(view: ViewName, *, relative: bool = False) -> Frame:
    made = Frame("ws://h/ws", view, Selection(), Looks(zone=UTC, relative=relative))
    made.model.ledger.saw_head(head_of(UPLOAD), 1.0)
    made.fold(head_of(UPLOAD), Received(UPLOAD, 1.0))
    return made


@pytest.mark.parametrize("view", ["table", "dashboard"])
@pytest.mark.parametrize("size", [(80, 24), (200, 50), (20, 5), (1, 1), (5, 3)])
def test_a_picture_fills_the_screen_exactly(view: ViewName, size: tuple[int, int]) -> None:
    made = frame(view)
    for _ in range(2):
        picture = made.picture(*size, 1.0)
        assert len(picture) == size[1]
        assert {width_of(line) for line in picture if line} == {size[0]}
        made.controls.help = True


def test_the_last_line_has_the_keys_and_the_first_ones_the_state() -> None:
    lines = [plain(line) for line in frame("table").picture(80, 24, 1.0)]
    assert lines[0].startswith("○ connecting")
    assert lines[1].startswith("1 message  0/s")
    assert lines[-1].startswith("q quit  p pause  v dashboard")


def test_times_are_absolute_or_relative_in_the_table_too() -> None:
    assert "00:00:00.000" in plain(frame("table").picture(100, 24, 1.0)[8])
    assert "+0.000" in plain(frame("table", relative=True).picture(100, 24, 1.0)[8])


def test_help_lists_the_keys() -> None:
    made = frame("dashboard")
    made.controls.help = True
    assert any("filter by an expression" in plain(line) for line in made.picture(80, 24, 1.0))


def test_a_page_has_no_keys_and_a_table_all_its_rows() -> None:
    made = frame("table")
    for number in range(100):
        text = UPLOAD.replace('"k"', f'"k{number}"')
        made.fold(head_of(text), Received(text, 1.0))
    lines = [plain(line) for line in made.page(80, 24, 1.0)]
    assert len(lines) == 2 + 6 + 101
    assert not any("quit" in line for line in lines)
    assert len(frame("dashboard").page(80, 24, 1.0)) == 24
