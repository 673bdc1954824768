"""A client that sees bytes: what a library hides, a test of the server must see."""

import asyncio
import base64
import os
import ssl
from types import TracebackType

from websockets.frames import Frame, Opcode


class RawClient:
    """A TCP connection that can do a WebSocket handshake, and send and read single frames."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._address = host, port
        self._tls = tls

    async def __aenter__(self) -> "RawClient":
        self.reader, self.writer = await asyncio.open_connection(*self._address, ssl=self._tls)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.writer.transport.abort()

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)

    async def request(self, head: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
        """Send an HTTP request, given by its lines; status, headers in lower case and body of the answer."""
        self.send(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        return await self.response(has_body=not head.startswith("HEAD"))

    async def response(self, *, has_body: bool = True) -> tuple[int, dict[str, str], bytes]:
        """Read an HTTP answer."""
        status, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0")) if has_body else 0
        return int(status.split()[1]), headers, await self.reader.readexactly(length)

    def handshake_head(self, path: str = "/ws", **headers: str) -> str:
        """The lines of an upgrade request; headers are added, `_` standing for `-`, and one given as "" left out."""
        fields = {
            "Host": "localhost",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        return "\n".join([f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items() if value)])

    async def open(self, path: str = "/ws", **headers: str) -> dict[str, str]:
        """Do the handshake, which must succeed; the headers of the 101."""
        status, answered, body = await self.request(self.handshake_head(path, **headers))
        assert status == 101, body
        return answered

    def frame(self, opcode: Opcode, payload: bytes, *, final: bool = True) -> bytes:
        """A masked frame as bytes."""
        return Frame(opcode, payload, final).serialize(mask=True)

    def say(self, text: str) -> None:
        """Send a text message in one frame."""
        self.send(self.frame(Opcode.TEXT, text.encode()))

    async def read_frame(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame, which must be whole and unmasked."""
        first, length = await self.reader.readexactly(2)
        assert first & 0xF0 == 0x80, "one frame a message, no reserved bit"
        assert length < 0x80, "a server does not mask"
        if length == 126:
            length = int.from_bytes(await self.reader.readexactly(2), "big")
        elif length == 127:
            length = int.from_bytes(await self.reader.readexactly(8), "big")
        return first & 0x0F, await self.reader.readexactly(length)

    async def read_text(self) -> str:
        """The text of the next frame, which must be one."""
        opcode, payload = await self.read_frame()
        assert opcode == Opcode.TEXT, (opcode, payload)
        return payload.decode()

    async def read_close(self) -> tuple[int, str]:
        """Code and reason of the next frame, which must be a close frame."""
        opcode, payload = await self.read_frame()
        assert opcode == Opcode.CLOSE, (opcode, payload)
        return int.from_bytes(payload[:2], "big"), payload[2:].decode()

    async def read_to_end(self) -> bytes:
        """All bytes until the server ends the stream."""
        return await self.reader.read()
