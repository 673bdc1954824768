"""What may go wrong with a client, by what its user can do about it."""

from pvws.errors import PvwsError, ReachError

__all__ = ["AuthenticationError", "BufferFullError", "ClosedError", "LostError"]


class AuthenticationError(ReachError):
    """The server refuses the token, or asks for one. Trying again with the same one would not help, so nobody does."""


class LostError(PvwsError):
    """The connection was lost, and the client was told not to connect again.

    `code` and `reason` are those of the close frame; 1006 and `""` where none came.
    """

    exit_code = 3

    def __init__(self, address: str, code: int, reason: str) -> None:
        self.address = address
        self.code = code
        self.reason = reason
        said = "".join(letter if letter.isprintable() else "�" for letter in reason)
        super().__init__(f"{address}: the connection was lost ({f'{code} {said}'.rstrip()})")


class BufferFullError(PvwsError):
    """Events came faster than they were taken, and the client was told to fail rather than to wait or to drop.

    `size` is how many were waiting.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"{size} events were waiting and one more came: they are not taken fast enough")


class ClosedError(PvwsError):
    """Something was asked of a client that is closed."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(f"{address}: the client is closed")
