"""An address where nobody is."""

import socket


def nobody() -> str:
    """The URL of a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"
