"""The `pvws` command."""

import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    # A descriptor that our caller has closed would be given to the first socket we open.
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)

    from pvws.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
