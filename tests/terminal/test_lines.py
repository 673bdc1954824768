from hypothesis import given
from hypothesis import strategies as st

from pvws.terminal.lines import beside, cut, fitted, heading, padded, width_of
from pvws.terminal.spans import Span, plain

LETTERS = st.text(st.sampled_from("abc …●日本한é"), max_size=30)
LINES = st.lists(LETTERS.map(Span), max_size=6)


@given(LINES, st.integers(0, 40))
def test_a_line_that_is_fitted_is_exactly_so_wide(line: list[Span], width: int) -> None:
    assert width_of(fitted(line, width)) == width


@given(LINES, st.integers(0, 40))
def test_a_line_that_is_cut_is_at_most_so_wide_and_otherwise_as_it_was(line: list[Span], width: int) -> None:
    found = cut(line, width)
    assert width_of(found) <= width
    assert found == line or width_of(line) > width


def test_what_is_cut_shows_it() -> None:
    assert fitted([Span("abc", "good"), Span("def")], 5) == [Span("abc", "good"), Span("d…")]
    assert fitted([Span("abc", "good"), Span("def")], 3) == [Span("ab…", "good")]
    assert fitted([Span("日本語")], 4) == [Span("日 …")]
    assert fitted([Span("ab")], 4) == [Span("ab"), Span("  ")]


def test_lines_stand_beside_each_other_each_as_wide_as_it_says() -> None:
    left, right = [[Span("a")], [Span("b")]], [[Span("long one")]]
    assert [plain(line) for line in beside([(left, 3), (right, 5)])] == ["a    long…", "b"]
    assert beside([]) == []


def test_a_heading_is_a_rule_with_a_title_and_a_note() -> None:
    assert plain(heading("peers", 20, "3")) == "── peers 3 ─────────"
    assert plain(heading("peers", 8)) == "── peer…"


def test_padded_is_so_many_lines() -> None:
    assert padded([[Span("a")]], 2) == [[Span("a")], []]
    assert padded([[Span("a")], []], 1) == [[Span("a")]]
