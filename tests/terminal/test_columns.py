from pvws.terminal.columns import columns
from pvws.terminal.spans import Span, plain

ROWS = [["a", "12"], [Span("long one", "bad"), "3"]]


def test_a_column_is_as_wide_as_what_stands_in_it() -> None:
    lines = [plain(line) for line in columns(["name", "n"], ROWS, right=".r")]
    assert lines == ["name       n", "a         12", "long one   3"]


def test_titles_stand_alone_where_there_are_no_rows() -> None:
    assert [plain(line) for line in columns(["name", "n"], [])] == ["name  n"]


def test_lines_are_cut_at_the_terminals_edge() -> None:
    assert [plain(line) for line in columns(["name", "n"], ROWS, width=6)] == ["name …", "a    …", "long …"]
    assert [plain(line) for line in columns(["name", "n"], [["a", "1"], ["b", "long"]], width=7)][1] == "a     1"


def test_no_cell_can_steer_the_terminal() -> None:
    (_, line) = columns(["name"], [["\x1b[2J"]])
    assert plain(line) == "\\x1b[2J"


def test_wide_letters_take_two_columns() -> None:
    lines = [plain(line) for line in columns(["a", "b"], [["漢字", "x"], ["abcd", "y"]])]
    assert lines == ["a     b", "漢字  x", "abcd  y"]
