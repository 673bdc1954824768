import gzip
import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.files.compression import Encoding, compressor, decompressed, encoding_in, encoding_of
from pvws.recording.read import BrokenStreamError, CutShortError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ENCODINGS: tuple[Encoding, ...] = ("plain", "gzip", "zstd")
PIECES = [b"first line\n" * 50, b"", b"second\n", bytes(range(256)) * 9]


def whole(pieces: list[bytes], encoding: Encoding) -> bytes:
    stream = compressor(encoding)
    return b"".join(stream.compress(piece) for piece in pieces) + stream.finish()


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("a.jsonl", "plain"), ("a.pvrec.jsonl.gz", "gzip"), ("A.GZ", "gzip"), ("a.zst", "zstd"), ("gz", "plain")],
)
def test_the_extension_says_how_a_file_is_compressed(name: str, encoding: Encoding) -> None:
    assert encoding_of(name) == encoding


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_first_bytes_of_a_file_say_how_it_is_compressed_if_they_are_known(encoding: Encoding) -> None:
    assert encoding_in(whole([b"{}"], encoding)) == encoding
    assert encoding_in(b"something else") is None
    assert encoding_in(b"") is None


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_what_is_compressed_comes_back_however_it_is_cut(encoding: Encoding, size: int) -> None:
    data = whole(PIECES, encoding)
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    assert b"".join(decompressed(blocks, encoding)) == b"".join(PIECES)


def test_other_programs_read_what_is_compressed_and_the_other_way_round() -> None:
    text = b"".join(PIECES)
    assert gzip.decompress(whole(PIECES, "gzip")) == text
    assert zstd.decompress(whole(PIECES, "zstd")) == text
    assert b"".join(decompressed([gzip.compress(text)], "gzip")) == text
    assert b"".join(decompressed([zstd.compress(text)], "zstd")) == text


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_streams_behind_each_other_are_one(encoding: Encoding) -> None:
    data = whole([b"a\n"], encoding) + whole([b"b\n"], encoding)
    assert b"".join(decompressed([data], encoding)) == b"a\nb\n"
    assert b"".join(decompressed([data[:9], data[9:]], encoding)) == b"a\nb\n"


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_what_was_flushed_can_be_read_without_the_end(encoding: Encoding) -> None:
    stream = compressor(encoding)
    data = stream.compress(b"one\n") + stream.flush() + stream.compress(b"two\n") + stream.flush()
    data += stream.compress(b"three\n")
    blocks = decompressed([data], encoding)
    assert next(blocks) == b"one\ntwo\n"
    with pytest.raises(CutShortError):
        list(blocks)


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_what_is_no_such_stream_is_told(encoding: Encoding) -> None:
    with pytest.raises(BrokenStreamError, match=f"^data in {encoding}$"):
        list(decompressed([b"plain text\n"], encoding))
    with pytest.raises(BrokenStreamError):
        list(decompressed([whole(PIECES, encoding), b"and something else behind it"], encoding))


def test_of_a_bomb_only_a_piece_is_held_at_a_time() -> None:
    for encoding in ("gzip", "zstd"):
        bomb = whole([b"\0" * 50_000_000], encoding)
        assert max(map(len, decompressed([bomb], encoding))) <= 65_536


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
@given(data=st.binary(max_size=60), cut=st.integers(0, 60), whole_first=st.booleans())
def test_any_bytes_are_decompressed_or_refused(encoding: Encoding, data: bytes, cut: int, whole_first: bool) -> None:
    if whole_first:
        data = whole([data], encoding)
    data = data[:cut] + data[cut + 1 :]
    with suppress(CutShortError, BrokenStreamError):
        b"".join(decompressed([data[at : at + 1] for at in range(len(data))], encoding))
