"""What stands in the place of a transport that is gone, so that a client that has left keeps nothing of it."""

import asyncio

__all__ = ["DEPARTED"]


class _Departed(asyncio.Transport):
    """Takes everything, and does nothing: a transport that was closed does the same."""

    def is_closing(self) -> bool:
        return True

    def close(self) -> None: ...

    def abort(self) -> None: ...

    def write(self, data: bytes | bytearray | memoryview) -> None: ...

    def write_eof(self) -> None: ...

    def can_write_eof(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


DEPARTED = _Departed()
"""One for all."""
