"""What a handshake is answered with that becomes no WebSocket."""

from msgspec import Struct

__all__ = ["Refusal"]


class Refusal(Struct, frozen=True):
    """A handshake gets this HTTP answer instead of a WebSocket."""

    status: int
    text: str = ""
    headers: tuple[tuple[str, str], ...] = ()
