"""A client of nothing but the standard library, which starts in a few hundredths of a second.

    python -I -S small_client.py WORD...

Each word is something that it does: an address connects, a topic subscribes and waits for a pong, `close` closes
properly, `events=N` reads so many events, `stay` reads until the server closes (it answers) or for ever, `say=TEXT`
sends a text, `exit=N` leaves with a code, `print=TEXT` prints, `env=NAME` prints a variable.
"""

import base64
import os
import socket
import struct
import sys
from urllib.parse import urlsplit

TOPICS = ("file_operations", "peer_network", "system", "alerts")


class Client:
    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
        self.closed = False
        self.socket = socket.create_connection((host, port))
        key = base64.b64encode(os.urandom(16)).decode()
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.file = self.socket.makefile("rb")
        status = self.file.readline()
        while self.file.readline().strip():
            pass
        if b" 101 " not in status:
            sys.exit(f"refused: {status.decode().strip()}")

    def send(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        head = bytes([0x80 | opcode, 0x80 | size]) if size < 126 else struct.pack("!BBH", 0x80 | opcode, 254, size)
        self.socket.sendall(head + bytes(4) + payload)  # a mask of zeros changes nothing

    def read(self) -> tuple[int, bytes]:
        """The next message or close frame, as which the end counts; pings and the server's close are answered."""
        while True:
            head = b"" if self.closed else self.file.read(2)
            if len(head) < 2:
                return 8, b""
            size = head[1] & 127
            if size >= 126:
                size = int.from_bytes(self.file.read(2 if size == 126 else 8), "big")
            payload = self.file.read(size)
            opcode = head[0] & 15
            if opcode == 9:
                self.send(10, payload)
                continue
            if opcode == 8:
                self.close(payload[:2])
            return opcode, payload

    def close(self, code: bytes) -> None:
        if not self.closed:
            self.send(8, code)
            self.closed = True

    def read_until(self, part: bytes) -> None:
        opcode, payload = self.read()
        while opcode != 8 and part not in payload:
            opcode, payload = self.read()

    def do(self, word: str) -> None:
        name, _, value = word.partition("=")
        if word in TOPICS:
            self.send(1, f'{{"type":"subscribe","topic":"{word}"}}'.encode())
            self.send(1, b'{"type":"ping"}')
            self.read_until(b'"pong"')
        elif name == "say":
            self.send(1, value.encode())
        elif name == "events":
            for _ in range(int(value)):
                self.read()
        elif word == "close":
            self.close(b"\x03\xe8")
            while self.file.read(4096):
                pass
        elif word == "stay":
            while self.read()[0] != 8:
                pass
        else:
            sys.exit(f"no such word: {word}")


def main(words: list[str]) -> None:
    client = None
    for word in words:
        name, _, value = word.partition("=")
        if name == "exit":
            sys.exit(int(value))
        elif name == "print":
            print(value, flush=True)
        elif name == "env":
            print(os.environ.get(value, "nothing"), flush=True)
        elif word.startswith(("ws:", "wss:")):
            client = Client(word)
        else:
            assert client is not None, "an address comes first"
            client.do(word)


if __name__ == "__main__":
    main(sys.argv[1:])
