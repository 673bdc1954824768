"""The server's log, for a person who asked for it, and what went wrong for everybody."""

import logging
import sys
from contextlib import suppress

__all__ = ["log_to_stderr"]


def log_to_stderr(*, verbose: bool) -> None:
    """Have the server's log on stderr; unasked for, only what has gone wrong in it."""
    logger = logging.getLogger("pvws")
    logger.propagate = False
    handler = _ToStderr()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s" if verbose else "%(message)s"))
    logger.handlers = [handler]
    logger.setLevel(logging.DEBUG if verbose else logging.ERROR)


class _ToStderr(logging.Handler):
    """Writes to what stderr is at that moment: a live view puts something else in its place while it has the screen."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):
            print(self.format(record), file=sys.stderr, flush=True)  # noqa: T201
