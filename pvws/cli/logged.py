"""The server's log, for a person who asked for it."""

import logging

__all__ = ["log_to_stderr"]


def log_to_stderr(*, verbose: bool) -> None:
    """Have the server's log on stderr, or nowhere."""
    logger = logging.getLogger("pvws")
    logger.propagate = False
    handler: logging.Handler = logging.StreamHandler() if verbose else logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s"))
    logger.handlers = [handler]
    logger.setLevel(logging.DEBUG if verbose else logging.CRITICAL)
