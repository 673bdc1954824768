"""File descriptors: every connection takes one, and a process may open only so many."""

__all__ = ["SPARE", "allow_descriptors"]

SPARE = 64
"""What a process opens beside its connections: files, listening sockets, the event loop's own."""


def allow_descriptors(connections: int | None) -> int | None:
    """Let this process have so many connections, None being as many as the system lets it have.

    Raises the soft limit for that, never the hard one, and lowers neither. Gives back how many connections it can have
    if these are fewer; None where they are enough, or where there is no such limit (Windows).
    """
    try:
        import resource
    except ImportError:
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if soft == unlimited:
        return None
    wanted = hard if connections is None else connections + SPARE
    if hard != unlimited:
        wanted = min(wanted, hard)
    if wanted == unlimited or wanted > soft:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
        except (OSError, ValueError):  # macOS has a bound of its own below a hard limit that is none
            pass
    if connections is None or soft == unlimited or soft >= connections + SPARE:
        return None
    return max(0, soft - SPARE)
