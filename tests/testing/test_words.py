import pytest

from pvws.testing.words import listed, shown, shown_bytes


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("plain", "plain"),
        ({"a": [1, None]}, '{"a":[1,null]}'),
        (None, "null"),
        ("\x1b[31mred\n", "\\x1b[31mred\\n"),
        ("x" * 300, "x" * 200 + "… (300 characters)"),
    ],
)
def test_a_value_is_shown_printable_and_short(value: object, words: str) -> None:
    assert shown(value) == words


def test_bytes_are_shown_as_text_or_in_hex() -> None:
    assert shown_bytes("schön".encode()) == "schön"
    assert shown_bytes(b"\xff\x00") == "0xff00"
    assert shown_bytes(b"\xff" * 40) == f"0x{'ff' * 32}… (40 bytes)"


def test_what_repeats_is_told_once_and_only_the_last_of_many() -> None:
    assert listed(["a", "b", "b", "b"]) == "a; 3 × b"
    assert listed(list("abcdef")) == "…; c; d; e; f"
    assert listed([]) == ""
