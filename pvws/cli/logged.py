"""The server's log, for a person who asked for it."""

import logging
import sys
from contextlib import suppress

__all__ = ["log_to_stderr"]


def log_to_stderr(*, verbose: bool) -> None:
    """Have the server's log on stderr, or nowhere."""
    logger = logging.getLogger("pvws")
    logger.propagate = False
    handler: logging.Handler = _ToStderr() if verbose else logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s"))
    logger.handlers = [handler]
    logger.setLevel(logging.DEBUG if verbose else logging.CRITICAL)


class _ToStderr(logging.Handler):
    """Writes to what stderr is at that moment: a live view puts something else in its place while it has the screen."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):
            print(self.format(record), file=sys.stderr, flush=True)  # noqa: T201
