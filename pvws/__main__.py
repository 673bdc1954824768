"""The `pvws` command."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    from pvws.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
