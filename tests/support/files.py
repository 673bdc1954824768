"""File descriptors: a thousand clients and their server in one process need two thousand."""

import resource

import pytest


def enough_files(wanted: int) -> None:
    """Let this process open so many files, or skip."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"this machine lets a process open {hard} files, and {wanted} are needed")
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
