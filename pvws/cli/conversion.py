"""Converts a file into another, as `pvws recording convert` does."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pvws.errors import InputError, Problem
from pvws.files.compression import compressor, encoding_of
from pvws.files.recordings import RecordingWriter
from pvws.files.refused import refused
from pvws.files.sources import RecordingSource, open_source
from pvws.notation.nearest import nearest
from pvws.recording.format import Entry
from pvws.recording.formats import READABLE, WRITABLE, FormatName, format_of_name, write_content
from pvws.recording.redact import Redactor

__all__ = ["convert_file", "form_named"]

_CALLED = {
    "recording": "a recording",
    "har": "a HAR",
    "raw-ws-capture": "a raw-ws-capture",
    "mockd": "a recording of mockd",
    "mockforge": "a replay file of MockForge",
}
_NAMES = "a name that ends in .jsonl or .har, each with .gz or .zst behind it, or --to"


def form_named(option: str, name: str | None, known: tuple[FormatName, ...]) -> FormatName | None:
    """The format of an option; None where it was not given. Raises InputError for a name that is none."""
    if name is None:
        return None
    form = next((each for each in known if each == name), None)
    if form is None:
        raise InputError(Problem(option, f"one of {', '.join(known)}", f'"{name}"', hint=nearest(name, known)))
    return form


def convert_file(
    source: str,
    target: str,
    *,
    from_name: str | None = None,
    to_name: str | None = None,
    redactor: Redactor,
) -> list[str]:
    """Write `target` from `source`, each in its format, and say in sentences what became of it.

    Raises InputError for wrong names, and for what is wrong in the source; then there is no `target`.
    """
    from_form = form_named("--from", from_name, READABLE)
    to_form = form_named("--to", to_name, WRITABLE) or format_of_name(target)
    if to_form is None:
        raise InputError(Problem("B", _NAMES, f'"{target}"'))
    if Path(target).exists() and Path(source).exists() and Path(target).samefile(source):
        raise InputError(Problem("B", "another file than A", f'"{target}"'))
    with open_source(source, "A", from_form) as opened:
        counted = _Counted(opened)
        if to_form == "recording":
            with RecordingWriter(target, opened.header, option="B", redactor=redactor) as writer:
                try:
                    for entry in counted:
                        writer.write(entry)
                except InputError:  # of the source: what is there by now looks like a whole recording and is none
                    writer.close()
                    with suppress(OSError):  # a pipe has it already
                        Path(target).unlink()
                    raise
            without_place = 0
        else:
            header = redactor.header(opened.header)
            data, without_place = write_content(to_form, header, map(redactor.entry, counted))
            _write_bytes(target, data)
        entries = f"{counted.entries:,} entr{'y' if counted.entries == 1 else 'ies'}"
        told = [f"{target}: {_CALLED[to_form]} of {entries}, made from {_CALLED[opened.form]}"]
        if without_place:
            have, are = ("has", "is") if without_place == 1 else ("have", "are")
            told.append(f"{without_place:,} of them {have} no place in {_CALLED[to_form]}, and {are} not in it")
        if opened.cut_short:
            told.append(f"{source} was cut short: its last line has no end and is left out")
        return told


class _Counted:
    """Entries, counted as they go by."""

    def __init__(self, source: RecordingSource) -> None:
        self._source = source
        self.entries = 0

    def __iter__(self) -> Iterator[Entry]:
        for entry in self._source:
            self.entries += 1
            yield entry


def _write_bytes(path: str, data: bytes) -> None:
    stream = compressor(encoding_of(path))
    try:
        Path(path).write_bytes(stream.compress(data) + stream.finish())
    except (OSError, ValueError) as error:
        raise refused("B", "a file that can be written", path, error) from None
