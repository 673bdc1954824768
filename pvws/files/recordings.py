"""Recordings on disk: opened to be read, or to be written as things happen."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from itertools import chain
from pathlib import Path
from types import TracebackType

from pvws.errors import PvwsError
from pvws.files.compression import compressor, decompressed, encoding_in, encoding_of
from pvws.files.refused import refused
from pvws.recording.format import Entry, Header
from pvws.recording.read import Recording, Trouble
from pvws.recording.redact import Redactor
from pvws.recording.write import entry_line, header_line

__all__ = ["RecordingWriter", "open_recording", "opened_blocks"]

_BLOCK_BYTES = 65_536  # what is decoded of it at once stays in the cache: a quarter faster than 256 KiB
_HELD_BYTES_MAX = 262_144  # what is not flushed; past it, it is


@contextmanager
def open_recording(path: str, option: str = "FILE", *, trouble: Trouble | None = None) -> Iterator[Recording]:
    """A recording on disk, to be iterated over for as long as this is entered.

    Compressed or not is told by its first bytes, or by its name: `.gz`, `.zst`. Raises InputError for a file that can't
    be read, with the `option` that named it, and with file and line for what is no recording; with `trouble` only its
    header must be one.
    """
    with opened_blocks(path, option) as blocks:
        yield Recording(blocks, path, trouble=trouble)


@contextmanager
def opened_blocks(path: str, option: str = "FILE") -> Iterator[Iterator[bytes]]:
    """The bytes of a file, decompressed. Raises InputError for a file that can't be read.

    Of the blocks, as of `decompressed`, also CutShortError and BrokenStreamError.
    """
    try:
        file = Path(path).open("rb", buffering=0)  # noqa: SIM115 - closed below; only opening it is the user's mistake
    except (OSError, ValueError) as error:
        raise refused(option, "a file that can be read", path, error) from None
    with file:
        blocks = _read_blocks(file, path, option)
        head = next(blocks, b"")
        yield decompressed(chain([head], blocks), encoding_in(head) or encoding_of(path))


class RecordingWriter:
    """A recording on disk that is being written, redacted unless somebody says otherwise.

    Order of calls: `write` for each entry, `flush` whenever what was written is to be safe from a crash of ours, at
    the latest when there is nothing to do; `close` at the end. The header is safe at once. What has been flushed can
    be read whatever happens later, of a compressed file as well.

    Raises InputError when the file can't be opened. The first failure to write is raised as a PvwsError, with the path
    and the reason; the file then ends with its last whole line, `trouble` is that error, and everything behind it is
    counted in `lost`, and not raised again. Nothing is dropped before. Not to be used by two threads.
    """

    def __init__(
        self,
        path: str,
        header: Header,
        *,
        option: str = "--record",
        conns: bool = False,
        redactor: Redactor | None = None,
    ) -> None:
        self.path = path
        self.entries = 0
        """How many entries were given."""
        self.lost = 0
        """How many of them are not in the file, nor will be."""
        self.trouble: PvwsError | None = None
        """Why not."""
        self._conns = conns
        self._redactor = Redactor() if redactor is None else redactor
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._whole = 0  # bytes of the file up to which everything is well
        self._stream = compressor(encoding_of(path))
        try:
            # Without a buffer: a failure is to show where it happens, and what was flushed is the kernel's.
            self._file = Path(path).open("wb", buffering=0)  # noqa: SIM115 - closed by `close`
        except (OSError, ValueError) as error:
            raise refused(option, "a file that can be written", path, error) from None
        self._hold(header_line(self._redactor.header(header)))
        try:
            self.flush()
        except PvwsError:
            self._file.close()
            raise

    def write(self, entry: Entry) -> None:
        """One more entry; it is in the file after the next flush, which comes by itself when much is held."""
        self.entries += 1
        if self.trouble is not None:
            self.lost += 1
            return
        self._hold(entry_line(self._redactor.entry(entry), conns=self._conns))
        if self._held_bytes >= _HELD_BYTES_MAX:
            self.flush()

    def flush(self) -> None:
        """Everything that was written until now can be read from now on."""
        if self._held and self.trouble is None:
            self._give(self._stream.compress(b"".join(self._held)) + self._stream.flush(), len(self._held))

    def close(self) -> None:
        """End the file. May be called again."""
        if self._file.closed:
            return
        try:
            self.flush()
            if self.trouble is None:
                self._give(self._stream.finish(), 0)
        finally:
            self._file.close()

    def __enter__(self) -> "RecordingWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _hold(self, line: bytes) -> None:
        self._held.append(line)
        self._held_bytes += len(line)

    def _give(self, data: bytes, lines: int) -> None:
        """Write it whole, or nothing of it."""
        try:
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            with suppress(OSError):  # a pipe can't be cut; then the last line may be half of one, and readers say so
                self._file.truncate(self._whole)
            self.lost += lines
            reason = (error.strerror or str(error)).lower()
            self.trouble = PvwsError(f"{self.path}: the recording ends here, it can't be written any further: {reason}")
            raise self.trouble from None
        self._whole += len(data)
        self._held.clear()
        self._held_bytes = 0


def _read_blocks(file: FileIO, path: str, option: str) -> Iterator[bytes]:
    try:
        while block := file.read(_BLOCK_BYTES):
            yield block
    except OSError as error:  # a folder, or a disk that fails
        raise refused(option, "a file that can be read", path, error) from None
