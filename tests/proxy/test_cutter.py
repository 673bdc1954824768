from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from pvws.proxy.cutter import Cut, Cutter

frames = st.lists(
    st.builds(
        lambda opcode, data, fin, mask: (Frame(opcode, data, fin), mask),
        st.sampled_from([Opcode.TEXT, Opcode.BINARY, Opcode.CONT]),
        st.binary(max_size=125) | st.just(bytes(126)) | st.just(bytes(300)),
        st.booleans(),
        st.booleans(),
    ),
    max_size=5,
)


@given(frames, st.integers(1, 500))
def test_frames_are_cut_wherever_the_pieces_end_and_no_byte_is_lost(made: list[tuple[Frame, bool]], size: int) -> None:
    raw = [frame.serialize(mask=mask) for frame, mask in made]
    stream, cutter, cuts = b"".join(raw), Cutter(), list[Cut]()
    for start in range(0, len(stream), size):
        cuts += cutter.feed(stream[start : start + size])
    assert [cut.raw for cut in cuts] == raw
    assert [(cut.opcode, cut.final) for cut in cuts] == [(frame.opcode, frame.fin) for frame, _ in made]
    assert [len(cut.payload) for cut in cuts] == [len(frame.data) for frame, _ in made]
    assert all(cut.payload == frame.data for cut, (frame, mask) in zip(cuts, made, strict=True) if not mask)
    assert cutter.between_frames


def test_a_long_frame_is_one_frame() -> None:
    raw = Frame(Opcode.BINARY, bytes(70_000)).serialize(mask=True)
    cutter = Cutter()
    assert [cut.raw for cut in (*cutter.feed(raw[:8]), *cutter.feed(raw[8:]))] == [raw]


def test_within_a_frame_there_is_no_place_for_another() -> None:
    cutter = Cutter()
    assert list(cutter.feed(b"\x81\x05he")) == []
    assert not cutter.between_frames


def test_what_is_no_frame_passes_as_it_comes() -> None:
    cutter = Cutter()
    first, rest = cutter.feed(b"\x81\x01x" + b"\x83\x01y")
    assert (first.raw, rest.opcode, rest.raw) == (b"\x81\x01x", -1, b"\x83\x01y")
    assert cutter.blind
    assert [cut.raw for cut in cutter.feed(b"more")] == [b"more"]


def test_a_frame_of_unbearable_size_passes_as_it_comes() -> None:
    cutter = Cutter(most=10)
    (cut,) = cutter.feed(b"\x81\x0b" + bytes(11))
    assert (cut.opcode, len(cut.raw)) == (-1, 13)
