"""Streams that are compressed by their file's extension, so that what was flushed can be read whatever comes after.

gzip is the standard library's. Zstandard is the standard library's from Python 3.14 on (PEP 784), and until then its
author's own backport of the same module.
"""

import sys
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, Literal, Protocol, TypeAlias

from pvws.recording.read import BrokenStreamError, CutShortError

__all__ = ["Compressor", "Encoding", "compressor", "decompressed", "encoding_in", "encoding_of"]

Encoding: TypeAlias = Literal["plain", "gzip", "zstd"]

_GZIP = 16 + zlib.MAX_WBITS  # zlib's way to say: with gzip's header and trailer
_PIECE_BYTES = 65_536  # of what comes out of a decompressor at once, however well it was compressed
_BEGINNINGS: tuple[tuple[bytes, Encoding], ...] = (
    (b"\x1f\x8b", "gzip"),  # RFC 1952, section 2.3.1
    (b"\x28\xb5\x2f\xfd", "zstd"),  # RFC 8878, section 3.1.1
    (b"{", "plain"),
    (b"[", "plain"),
    (b"\xef\xbb\xbf", "plain"),
)


class Compressor(Protocol):
    """Compresses a stream piece by piece."""

    def compress(self, data: bytes) -> bytes:
        """What is to be written of it by now, which may be nothing."""
        ...

    def flush(self) -> bytes:
        """What makes everything that was given until now readable."""
        ...

    def finish(self) -> bytes:
        """The end of the stream."""
        ...


def encoding_of(path: str) -> Encoding:
    """How a file of that name is compressed."""
    lower = path.lower()
    return "gzip" if lower.endswith(".gz") else "zstd" if lower.endswith((".zst", ".zstd")) else "plain"


def encoding_in(head: bytes) -> Encoding | None:
    """How a file that begins like that is compressed, whatever its name: browsers unpack what they load, and leave it
    its name. None of what begins like nothing that we know.
    """
    return next((encoding for beginning, encoding in _BEGINNINGS if head.startswith(beginning)), None)


def compressor(encoding: Encoding) -> Compressor:
    """A compressor for one stream."""
    match encoding:
        case "gzip":
            return _Gzip()
        case "zstd":
            return _Zstd()
        case "plain":
            return _Plain()


def decompressed(blocks: Iterable[bytes], encoding: Encoding) -> Iterator[bytes]:
    """What was compressed, in blocks of any size; several streams one behind the other are one.

    Raises CutShortError at the end of a stream that was not finished, behind everything that could be made out, and
    BrokenStreamError for what is no such stream.
    """
    match encoding:
        case "gzip":
            return _gunzipped(blocks)
        case "zstd":
            return _unzstandard(blocks)
        case "plain":
            return iter(blocks)


class _Plain:
    def compress(self, data: bytes) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""

    def finish(self) -> bytes:
        return b""


class _Gzip:
    def __init__(self) -> None:
        self._stream = zlib.compressobj(wbits=_GZIP)

    def compress(self, data: bytes) -> bytes:
        return self._stream.compress(data)

    def flush(self) -> bytes:
        return self._stream.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        return self._stream.flush(zlib.Z_FINISH)


class _Zstd:
    def __init__(self) -> None:
        self._stream = _zstd().ZstdCompressor()

    def compress(self, data: bytes) -> bytes:
        return bytes(self._stream.compress(data))

    def flush(self) -> bytes:
        return bytes(self._stream.flush(self._stream.FLUSH_BLOCK))

    def finish(self) -> bytes:
        return bytes(self._stream.flush(self._stream.FLUSH_FRAME))


def _gunzipped(blocks: Iterable[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj(_GZIP)
    begun = False
    for block in blocks:
        data = block
        while data:
            if stream.eof:
                stream, begun = zlib.decompressobj(_GZIP), False
            try:
                piece = stream.decompress(data, _PIECE_BYTES)
            except zlib.error:
                raise BrokenStreamError("data in gzip") from None
            begun = True
            if piece:
                yield piece
            data = stream.unused_data if stream.eof else stream.unconsumed_tail
    if begun and not stream.eof:
        raise CutShortError


def _unzstandard(blocks: Iterable[bytes]) -> Iterator[bytes]:
    zstd = _zstd()
    stream = zstd.ZstdDecompressor()
    begun = False
    for block in blocks:
        data = block
        while data or (begun and not stream.eof and not stream.needs_input):
            if stream.eof:
                stream, begun = zstd.ZstdDecompressor(), False
            try:
                piece = stream.decompress(data, _PIECE_BYTES)
            except zstd.ZstdError:
                raise BrokenStreamError("data in zstd") from None
            begun = True
            if piece:
                yield piece
            data = stream.unused_data if stream.eof else b""  # what it has not used yet, it keeps
    if begun and not stream.eof:
        raise CutShortError


if sys.version_info >= (3, 14):

    def _zstd() -> Any:
        from compression import zstd

        return zstd

else:

    def _zstd() -> Any:
        from backports import zstd  # imported when it is needed: it takes longer than all the rest

        return zstd
