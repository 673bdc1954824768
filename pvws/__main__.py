"""The `pvws` command."""

import codecs
import io
import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    try:
        import signal  # not above, where nobody catches a Ctrl-C that comes meanwhile

        # Until a command's own handlers stand: the imports take a moment in which a signal means the same as later.
        signal.signal(signal.SIGTERM, lambda number, frame: os._exit(0))
        _open_missing_descriptors()
        _bear_any_letter()
        from pvws.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _open_missing_descriptors() -> None:
    """A descriptor that our caller has closed would be given to the first socket we open."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _bear_any_letter() -> None:
    """Where the locale's encoding lacks a letter a question mark stands for it: a sparkline is no reason to stop."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and codecs.lookup(stream.encoding).name != "utf-8":
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    main()
