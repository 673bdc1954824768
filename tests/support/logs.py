"""What is done to the log, taken back: commands that run within a test have it on a stderr that is not theirs alone."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["log_kept"]


@contextmanager
def log_kept() -> Iterator[None]:
    """Loggers are afterwards what they were before."""
    loggers = [logging.getLogger(name) for name in ("pvws", "asyncio")]
    before = [(logger, logger.handlers[:], logger.level, logger.propagate) for logger in loggers]
    try:
        yield
    finally:
        for logger, logger.handlers, level, logger.propagate in before:
            logger.setLevel(level)
