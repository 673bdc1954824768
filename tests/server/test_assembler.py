from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from pvws.server.assembler import Assembler


@given(st.text(), st.lists(st.integers(0, 40), max_size=5))
def test_a_text_is_the_same_however_it_is_cut(text: str, cuts: list[int]) -> None:
    data = text.encode()
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(places)]
    assembler = Assembler(lenient=False)
    taken = [
        assembler.take(Frame(Opcode.CONT if number else Opcode.TEXT, piece, number == len(pieces) - 1))
        for number, piece in enumerate(pieces)
    ]
    assert taken == [None] * (len(pieces) - 1) + [text]


def test_a_binary_message_is_given_as_bytes_and_the_next_text_as_text() -> None:
    assembler = Assembler(lenient=False)
    assert assembler.take(Frame(Opcode.BINARY, b"\xff", fin=False)) is None
    assert assembler.take(Frame(Opcode.CONT, b"\xfe")) == b"\xff\xfe"
    assert assembler.take(Frame(Opcode.TEXT, b"text")) == "text"


def test_a_text_that_is_not_utf_8_is_refused_unless_it_is_read_leniently() -> None:
    with pytest.raises(UnicodeDecodeError):
        Assembler(lenient=False).take(Frame(Opcode.TEXT, b"\xff"))
    assert Assembler(lenient=True).take(Frame(Opcode.TEXT, b"\xff")) == b"\xff"
