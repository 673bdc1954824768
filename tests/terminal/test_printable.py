import json

from hypothesis import given
from hypothesis import strategies as st

from pvws.terminal.printable import one_line, printable, printable_json, shown


@given(st.text())
def test_whatever_comes_in_only_printable_characters_come_out(text: str) -> None:
    assert printable(text).isprintable()
    assert shown(text, wide=True).isprintable()
    assert shown(text, wide=False).isprintable()


def test_escapes_show_what_was_there() -> None:
    assert printable("a\x1b[31m\n\x9b\u202eb") == "a\\x1b[31m\\n\\x9b\\u202eb"
    assert printable("größer → 5 €, [bold]kept[/bold]") == "größer → 5 €, [bold]kept[/bold]"


def test_long_hex_ids_are_shortened_to_eight_digits_and_others_are_not() -> None:
    assert shown("9c1e44aa" * 8, wide=False) == "9c1e44aa…"
    assert shown("9c1e44aa" * 8, wide=True) == "9c1e44aa" * 8
    assert shown("9c1e44aa", wide=False) == "9c1e44aa"
    assert shown("peer-berlin-storage-01", wide=False) == "peer-berlin-storage-01"


def test_a_very_long_text_is_cut_unless_wide() -> None:
    assert shown("x y" * 1_000, wide=False) == ("x y" * 1_000)[:160] + "…"
    assert shown("x y" * 1_000, wide=True) == "x y" * 1_000


def test_a_message_becomes_one_line_and_is_otherwise_left_alone() -> None:
    assert one_line('{"a":\r\n1,"b":"\x9b"}') == '{"a":  1,"b":"\x9b"}'


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())), st.sampled_from([None, "\t", 2]))
def test_json_for_a_terminal_is_printable_and_means_the_same(value: object, indent: str | int | None) -> None:
    text = printable_json(json.dumps(value, ensure_ascii=False, indent=indent))
    assert text.isprintable()
    assert json.loads(text) == value
