"""How many files a server may open, which is how many clients it has room for."""

from pvws.cli.standard import note
from pvws.server.descriptors import allow_descriptors

__all__ = ["allow_clients"]


def allow_clients(wanted: int | None) -> None:
    """Let this process open as many files as its clients need, and say so if it can't; None is as many as it may."""
    allowed = allow_descriptors(wanted)
    if allowed is not None and wanted is not None:
        note(
            f"this system lets a process have room for {allowed:,} clients, not for the {wanted:,} of "
            "limits.max_connections; raise its hard limit of open files (ulimit -Hn)"
        )
