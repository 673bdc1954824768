"""An HTTP server that answers whatever a test tells it to, right or wrong: for clients that must bear it."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

JSON = "application/json"
PROBLEM = "application/problem+json"


def answer(body: str | bytes, status: str = "200 OK", media: str = JSON, more: str = "") -> bytes:
    """An answer with this body."""
    content = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {len(content)}\r\n{more}\r\n"
    return head.encode() + content


class Canned:
    """What came to it: whole requests as texts, and how many connections."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.requests: list[str] = []
        self.connections = 0


@contextmanager
def canned(respond: Callable[[str], bytes | None]) -> Iterator[Canned]:
    """Answer each request by what `respond` gives for it; None keeps the client waiting, b"" ends the connection."""
    listening = socket.create_server(("127.0.0.1", 0))
    server, threads, open_ = Canned(listening.getsockname()[1]), list[threading.Thread](), list[socket.socket]()

    def talk(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while (request := _request(connection)) is not None:
                server.requests.append(request)
                if (said := respond(request)) is None:
                    connection.recv(1)
                    return
                connection.sendall(said)
                if not said or b"Connection: close" in said:
                    return

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                server.connections += 1
                open_.append(connection)
                threads.append(threading.Thread(target=talk, args=(connection,)))
                threads[-1].start()

    threads.append(threading.Thread(target=accept))
    threads[0].start()
    try:
        yield server
    finally:
        for each in (listening, *open_):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        listening.close()
        for thread in threads:
            thread.join(10)


def _request(connection: socket.socket) -> str | None:
    content = b""
    while b"\r\n\r\n" not in content:
        if not (piece := connection.recv(65_536)):
            return None
        content += piece
    head, _, body = content.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    while len(body) < int(length[1] if length else 0):
        body += connection.recv(65_536)
    return f"{head.decode()}\r\n\r\n{body.decode()}"
