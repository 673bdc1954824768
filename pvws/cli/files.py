"""Files that a command line names: read and written whole, or refused in a sentence with the option's name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

from pvws.errors import InputError, Problem
from pvws.files.refused import refused

__all__ = ["check_other", "check_writable", "opened", "read_file", "refused", "remove", "write_file", "write_whole"]


def read_file(option: str, path: str) -> str:
    """The text of a file. Raises InputError."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(Problem(option, "text in UTF-8", f'other bytes at {error.start} of "{path}"')) from None
    except (OSError, ValueError) as error:
        raise refused(option, "a file that can be read", path, error) from None


def write_file(option: str, path: str, text: str) -> None:
    """Write a file. Raises InputError."""
    try:
        Path(path).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise refused(option, "a file that can be written", path, error) from None


def check_writable(option: str, path: str) -> None:
    """See that a file can be written, which is to be in an hour perhaps; it stays as it is. Raises InputError."""
    there = Path(path).exists()
    with opened(option, path, "ab"):
        pass
    if not there:
        remove(path)


def check_other(option: str, path: str, source: str | Path) -> None:
    """See that what is to be written is not what is read. Raises InputError."""
    try:
        same = Path(path).samefile(source)
    except (OSError, ValueError):
        return  # one of them is not there
    if same:
        raise InputError(Problem(option, "another file than the one that is read", f'"{path}"'))


def write_whole(option: str, path: str, text: str) -> None:
    """Write a file so that whoever waits for it never sees a part of it. Raises InputError."""
    try:
        part = Path(f"{path}.part")
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except (OSError, ValueError) as error:
        raise refused(option, "a file that can be written", path, error) from None


def remove(path: str) -> None:
    """Have the file no longer there, whether it was or not."""
    Path(path).unlink(missing_ok=True)


@contextmanager
def opened(option: str, path: str, mode: Literal["wb", "ab"] = "wb") -> Iterator[BinaryIO]:
    """A file to write to, without a buffer, for as long as this is entered. Raises InputError."""
    try:
        file = Path(path).open(mode, buffering=0)  # noqa: SIM115 - closed below; only opening it is the user's mistake
    except (OSError, ValueError) as error:
        raise refused(option, "a file that can be written", path, error) from None
    with file:
        yield file
