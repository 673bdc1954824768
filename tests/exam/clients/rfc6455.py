"""A WebSocket as a client has it (RFC 6455), over a blocking socket and with the standard library alone.

It is as strict as the RFC asks a client to be. What a flawed client does otherwise is a method that it overrides.
"""

import base64
import contextlib
import hashlib
import os
import socket
import time
from typing import NoReturn
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
_CONTINUATION = 0x0
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_MESSAGE_BYTES_MAX = 16 << 20
_HEAD_BYTES_MAX = 64 << 10


class Lost(Exception):  # noqa: N818 - no mistake of anybody's
    """The connection is over; `code` is that of the server's close frame, None where there was none."""

    def __init__(self, why: str, code: int | None = None) -> None:
        super().__init__(why)
        self.code = code


class Refused(Exception):  # noqa: N818
    """The handshake was answered otherwise than with 101; `retry_after` is in seconds."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.retry_after = retry_after


class WebSocket:
    """One connection. `open` it, then `receive` again and again: that is where pings and close frames are answered."""

    close_timeout = 2.0  # seconds that the server has to answer a close frame

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._parts = urlsplit(url)
        self._headers = headers
        self._buffer = bytearray()
        self._fragments: list[bytes] = []
        self._opcode = 0
        self.heard = time.monotonic()
        """When the server was heard of last."""

    # Opening (RFC 6455, section 4.1)

    def open(self, timeout: float) -> None:
        """Connect and shake hands, within so many seconds altogether. Raises OSError, Refused or Lost."""
        until = time.monotonic() + timeout
        address = self._parts.hostname or "localhost", self._parts.port or 80
        self._socket = socket.create_connection(address, timeout)
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            key = base64.b64encode(os.urandom(16))
            self._socket.sendall(self._request(key))
            status, head = self._read_head(until)
            if status != 101:
                raise Refused(status, _seconds(head.get("retry-after", "")))
            self._check(head, key)
        except BaseException:
            self._socket.close()
            raise
        self.heard = time.monotonic()

    def _request(self, key: bytes) -> bytes:
        parts = self._parts
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [
            f"GET {target} HTTP/1.1",
            f"Host: {parts.netloc.rpartition('@')[2]}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key.decode()}",
            "Sec-WebSocket-Version: 13",
            *(f"{name}: {value}" for name, value in self._headers.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode()

    def _read_head(self, until: float) -> tuple[int, dict[str, str]]:
        while b"\r\n\r\n" not in self._buffer:
            if len(self._buffer) > _HEAD_BYTES_MAX:
                raise Lost("a head without an end")
            self._socket.settimeout(max(until - time.monotonic(), 0.001))
            self._read()
        head, _, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        self._buffer = bytearray(rest)
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ", 2)
        if len(words) < 2 or not words[1].isdecimal():
            raise Lost(f"no HTTP: {first[:40]!r}")
        headers = dict[str, str]()
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        return int(words[1]), headers

    def _check(self, head: dict[str, str], key: bytes) -> None:
        """An answer for somebody else, or with what was not asked for, is none."""
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest()).decode()
        if head.get("upgrade", "").lower() != "websocket" or "upgrade" not in head.get("connection", "").lower():
            raise Lost("not upgraded")
        if head.get("sec-websocket-accept") != accept:
            raise Lost("a wrong Sec-WebSocket-Accept")
        if "sec-websocket-extensions" in head or "sec-websocket-protocol" in head:
            raise Lost("an extension or a subprotocol that was not offered")

    # Speaking

    def send(self, text: str) -> None:
        """Send a message."""
        self.send_frame(TEXT, text.encode())

    def ping(self) -> None:
        """Ask for a sign of life."""
        self.send_frame(PING, os.urandom(4))

    def send_frame(self, opcode: int, payload: bytes) -> None:
        """Send a frame, masked with a key that nobody can foresee (section 5.3)."""
        size = len(payload)
        if size < 126:
            head = bytes((0x80 | opcode, 0x80 | size))
        elif size < 65536:
            head = bytes((0x80 | opcode, 0x80 | 126)) + size.to_bytes(2, "big")
        else:
            head = bytes((0x80 | opcode, 0x80 | 127)) + size.to_bytes(8, "big")
        key = os.urandom(4)
        mask = int.from_bytes((key * (size // 4 + 1))[:size], "big")
        masked = (int.from_bytes(payload, "big") ^ mask).to_bytes(size, "big")
        self._socket.settimeout(self.close_timeout)
        self._socket.sendall(head + key + masked)

    def close(self, code: int = 1000) -> None:
        """Say goodbye, wait for a while until the server has, and be gone (section 7.1.1).

        Who ended it with bytes unread would reset the connection, and its close frame might never arrive.
        """
        with contextlib.suppress(OSError):
            self.send_frame(CLOSE, code.to_bytes(2, "big"))
            self._read_out()
        self.drop()

    def _read_out(self) -> None:
        until = time.monotonic() + self.close_timeout
        while (left := until - time.monotonic()) > 0:
            self._socket.settimeout(left)
            if not self._socket.recv(1 << 18):
                return

    def drop(self) -> None:
        """Be gone."""
        self._socket.close()

    # Listening

    def receive(self, until: float) -> str | bytes | None:
        """The next message, or None if there is none by that instant. Raises Lost or OSError when it is over."""
        while True:
            while (frame := self._take_frame()) is not None:
                message = self._hear(*frame)
                if message is not None:
                    return message
            wait = until - time.monotonic()
            self._socket.settimeout(max(wait, 0.000_001))
            try:
                self._read()
            except (TimeoutError, BlockingIOError):
                if wait <= 0:
                    return None

    def _read(self) -> None:
        piece = self._socket.recv(1 << 18)
        if not piece:
            raise Lost("the end of the stream, without a close frame")
        self.heard = time.monotonic()
        self._buffer += piece

    def _take_frame(self) -> tuple[bool, int, bytes] | None:
        """Whether it is the last of its message, its opcode and its payload; None if it is not there whole yet."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 0x7F, 2
        if size >= 126:
            start = 4 if size == 126 else 10
            if len(buffer) < start:
                return None
            size = int.from_bytes(buffer[2:start], "big")
        self._check_frame(buffer[0], buffer[1], size)
        if len(buffer) < start + size:
            return None
        frame = bool(buffer[0] & 0x80), buffer[0] & 0x0F, bytes(buffer[start : start + size])
        del buffer[: start + size]
        return frame

    def _check_frame(self, first: int, second: int, size: int) -> None:
        """What section 5.2 forbids, section 7.1.7 has a client fail the connection for."""
        final, opcode = first & 0x80, first & 0x0F
        if first & 0x70 or second & 0x80 or opcode not in (_CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
            self.fail(1002, "a frame with bits that nobody may set")
        if opcode >= CLOSE and (not final or size > 125):
            self.fail(1002, "a control frame that is long, or in pieces")
        if opcode < CLOSE and (opcode == _CONTINUATION) is not bool(self._opcode):
            self.fail(1002, "a message within a message, or the rest of none")
        if sum(map(len, self._fragments)) + size > _MESSAGE_BYTES_MAX:
            self.fail(1009, "a message that is too large")

    def _hear(self, final: bool, opcode: int, payload: bytes) -> str | bytes | None:
        if opcode == PING:
            self.answer_ping(payload)
        elif opcode == CLOSE:
            self._closed(payload)
        elif opcode != PONG:
            return self.put_together(final, opcode, payload)
        return None

    def put_together(self, final: bool, opcode: int, payload: bytes) -> str | bytes | None:
        """The message whose last frame this is (section 5.4)."""
        self._opcode = self._opcode or opcode
        self._fragments.append(payload)
        if not final:
            return None
        whole, opcode = b"".join(self._fragments), self._opcode
        self._fragments, self._opcode = [], 0
        return self.decode(whole) if opcode == TEXT else whole

    def decode(self, text: bytes) -> str:
        """A text has to be UTF-8 (section 8.1)."""
        try:
            return text.decode()
        except UnicodeDecodeError:
            self.fail(1007, "a text that is no UTF-8")

    def answer_ping(self, payload: bytes) -> None:
        """With the same payload (section 5.5.3)."""
        self.send_frame(PONG, payload)

    def _closed(self, payload: bytes) -> None:
        code = int.from_bytes(payload[:2], "big") if len(payload) > 1 else None
        if len(payload) == 1 or not _may_be_sent(code):
            self.fail(1002, "a close frame that is none")
        try:
            reason = payload[2:].decode()
        except UnicodeDecodeError:
            self.fail(1007, "a reason that is no UTF-8")
        with contextlib.suppress(OSError):
            self.answer_close(payload[:2])
            self._read_out()
        self.drop()
        raise Lost(f"closed with {code} {reason}", code)

    def answer_close(self, payload: bytes) -> None:
        """With the same code (section 5.5.1)."""
        self.send_frame(CLOSE, payload)

    def fail(self, code: int, why: str) -> NoReturn:
        """Fail the connection: say so, and go (section 7.1.7)."""
        self.close(code)
        raise Lost(why)


def _may_be_sent(code: int | None) -> bool:
    return code is None or (1000 <= code <= 1014 and code not in (1004, 1005, 1006)) or 3000 <= code <= 4999


def _seconds(said: str) -> float | None:
    return float(said) if said.isdecimal() else None
