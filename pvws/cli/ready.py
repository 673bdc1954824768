"""The file that tells scripts where a server is, for as long as it serves."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

from pvws.cli.files import remove, write_whole

__all__ = ["told_ready"]


@contextmanager
def told_ready(path: str | None, url: str, control: str | None) -> Iterator[None]:
    """For as long as this is entered the file says where clients connect, who serves, and where that is steered.

    Nothing without a path. Raises InputError where it can't be written.
    """
    if path is None:
        yield
        return
    write_whole("--ready-file", path, json.dumps({"url": url, "control": control, "pid": os.getpid()}) + "\n")
    try:
        yield
    finally:
        remove(path)
