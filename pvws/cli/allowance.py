"""How many files a server may open, which is how many clients it has room for."""

from msgspec import structs

from pvws.cli.standard import note
from pvws.server.descriptors import allow_descriptors
from pvws.server.settings import Configuration

__all__ = ["allow_clients", "with_room"]


def with_room(configuration: Configuration) -> Configuration:
    """The same, with no more clients than there can be open files for; this process may open as many as they need."""
    limits = configuration.limits
    if not configuration.settings.quirks.connection_limit:
        allow_clients(None)
        return configuration
    room = allow_clients(limits.max_connections)
    return structs.replace(configuration, limits=structs.replace(limits, max_connections=room))


def allow_clients(wanted: int | None) -> int | None:
    """Let this process open as many files as its clients need; None is as many as it may.

    Where the system does not let it, that is said, and how many it has room for is given back: those beyond are to be
    turned away by a word, which who has no file left for them can't say. Else what was `wanted` is.
    """
    allowed = allow_descriptors(wanted)
    if allowed is None or wanted is None:
        return wanted
    note(
        f"this system lets a process have room for {allowed:,} clients, not for the {wanted:,} of "
        "limits.max_connections; raise its hard limit of open files (ulimit -Hn)"
    )
    return (
        allowed or wanted
    )  # what is kept spare is more than is needed: of very few files some may be had all the same
