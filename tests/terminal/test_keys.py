from hypothesis import given
from hypothesis import strategies as st

from pvws.terminal.keys import Keys


def test_letters_and_keys_with_names() -> None:
    assert Keys().feed("qÄ/ \r\t\x7f\x1b[A\x1b[B\x1bOC\x1b[D\x1b[5~\x1b[6~\x1b[H\x1b[4~\x04\x0c\x15".encode()) == [
        *("q", "Ä", "/", " ", "enter", "tab", "backspace", "up", "down", "right", "left"),
        *("page up", "page down", "home", "end", "quit", "redraw", "erase"),
    ]


def test_an_escape_alone_is_the_key_and_unknown_sequences_are_none() -> None:
    keys = Keys()
    assert keys.feed(b"\x1b") == ["escape"]
    assert keys.feed(b"\x1b[1;5Pa\x1b[200~b\x07") == ["a", "b"]


def test_a_letter_may_come_in_pieces() -> None:
    keys = Keys()
    assert [keys.feed(bytes([byte])) for byte in "€".encode()] == [[], [], ["€"]]


@given(st.lists(st.binary()))
def test_whatever_comes_every_key_is_a_letter_or_a_name(pieces: list[bytes]) -> None:
    keys = Keys()
    for piece in pieces:
        for key in keys.feed(piece):
            assert key.isprintable()
            assert key
