"""The error about a file that an option named and that can't be had."""

from pvws.errors import InputError, Problem

__all__ = ["refused"]


def refused(option: str, expected: str, path: str, error: Exception) -> InputError:
    """The error that says of an option's file what it should be and why it isn't."""
    trouble = (getattr(error, "strerror", None) or str(error)).lower()
    return InputError(Problem(option, expected, f'"{path}" ({trouble})'))
