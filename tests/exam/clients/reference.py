"""A good client of the PeerVault WebSocket API: small, with the standard library alone, and without a known flaw.

    python -I -S reference.py [URL]      the URL is that of PVWS_URL if it is left out, the token that of PVWS_TOKEN

It subscribes to every topic, keeps what it is told, stays until SIGTERM, and comes back whenever it can. What a flawed
client does otherwise is a method that it overrides: see `flawed.py`.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).parent))  # `python -I` leaves it out

from rfc6455 import Lost, Refused, WebSocket

TOPICS = ("file_operations", "peer_network", "system", "alerts")
"""All that there are."""


class Leave(BaseException):
    """SIGTERM has come."""


class GivenUp(Exception):  # noqa: N818
    """The server does not want this client, now or later."""


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


class Client:
    """What it is about is `run`; all else is a decision of its own."""

    socket_type = WebSocket
    open_timeout = 5.0  # seconds for a connection and its handshake
    idle = 1.0  # seconds of silence before it asks for a sign of life
    dead = 3.0  # seconds that one may take
    pause_first, pause_most = 0.25, 3.0  # seconds: ceilings of the pauses between attempts
    quiet_most = 300.0  # seconds of quiet that it lets a server ask for
    settled = 2.0  # seconds that a connection has to hold before pauses begin anew

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.topics = list(TOPICS)
        self.socket: WebSocket | None = None
        self.chance = random.uniform
        self.opened = 0.0
        self.failures = 0
        self.not_before = 0.0
        """The server has asked for no attempt before that."""
        self.quiet_until = 0.0
        """The server has asked for no message before that."""
        self.is_denied = False
        """Something was AUTH_FAILED."""
        self.outbox: list[str] = []
        self.seen = 0

    def run(self) -> None:
        """Connect and listen, for ever. Raises GivenUp where that is no use."""
        while True:
            try:
                self.connect()
                self.listen()
            except Refused as refusal:
                self.refused(refusal)
            except (Lost, OSError) as trouble:
                self.lost(trouble)
            time.sleep(self.pause())

    # Coming, and coming back

    def connect(self) -> None:
        """Open a connection and subscribe."""
        socket = self.socket_type(self.url, self.headers)
        socket.open(self.open_timeout)
        self.socket, self.opened = socket, time.monotonic()
        self.outbox.clear()
        self.quiet_until = 0.0
        self.is_denied = False
        self.subscribe()

    def subscribe(self) -> None:
        """Ask for every topic: in the documented form, and in that of the shipped server."""
        for topic in self.topics:
            self.outbox.append(json.dumps({"type": "subscribe", "topic": topic, "data": topic}))

    def lost(self, trouble: Exception) -> None:
        """The connection is over, or there never was one."""
        held = 0.0
        if self.socket is not None:
            held = time.monotonic() - self.opened
            self.socket.drop()
            self.socket = None
        self.tell(trouble)
        self.failures = 0 if held > self.settled else self.failures + 1
        if self.is_denied and getattr(trouble, "code", None) == 1008:
            raise GivenUp(trouble)

    def refused(self, refusal: Refused) -> None:
        """The server has answered with another status."""
        self.tell(refusal)
        self.failures += 1
        if refusal.status in (401, 403):
            raise GivenUp(refusal)
        if refusal.retry_after is not None:
            self.not_before = time.monotonic() + refusal.retry_after

    def pause(self) -> float:
        """How long to wait before the next attempt: longer each time, and not when everybody else comes."""
        ceiling = min(self.pause_first * 2.0**self.failures, self.pause_most)
        return max(self.not_before - time.monotonic(), 0) + ceiling * self.chance(0.7, 1)

    # What comes

    def listen(self) -> None:
        """Read until the connection is over, which raises."""
        asked: float | None = None
        while True:
            self.speak()
            now = time.monotonic()
            message = self.socket.receive(self.next_look(now, asked))
            if message is not None:
                self.hear(message)
            if self.socket.heard > now or message is not None:
                asked = None
            elif asked is None and now - self.socket.heard > self.idle:
                asked = now
                self.socket.ping()
            elif asked is not None and now - asked > self.dead:
                raise Lost("no sign of life")

    def next_look(self, now: float, asked: float | None) -> float:
        """Until when it may wait for a message."""
        until = asked + self.dead if asked is not None else self.socket.heard + self.idle
        if self.outbox:
            until = min(until, self.quiet_until)
        return max(until + 0.001, now)

    def speak(self) -> None:
        """Send what is to be said, as soon as the server wants to hear it."""
        while self.outbox and time.monotonic() >= self.quiet_until:
            self.socket.send(self.outbox.pop(0))

    def hear(self, message: str | bytes) -> None:
        """Take a message; what is wrong with it, or with one of several in it, costs nothing but that."""
        for text in self.texts(message):
            try:
                said = self.parse(text)
                if said is not None:
                    self.take(said)
            except (ValueError, LookupError, TypeError, OverflowError, RecursionError) as mistake:
                self.tell(f"passed over {text[:60]!r}: {mistake!r}")

    def texts(self, message: str | bytes) -> list[str]:
        """The shipped server joins messages by newlines, which JSON never has within a text."""
        if isinstance(message, bytes):
            message = message.decode(errors="replace")
        return message.split("\n")

    def parse(self, text: str) -> dict[str, object] | None:
        """A JSON object; None for a blank text."""
        if not text.strip():
            return None
        said = json.loads(text, parse_constant=_not_json)
        if not isinstance(said, dict):
            raise TypeError("no object")
        return said

    def take(self, said: dict[str, object]) -> None:
        """An event, or an answer. Types that nobody knows yet are none of its business."""
        if said["type"] == "error":
            error = said["data"]
            if not isinstance(error, dict):
                raise TypeError("an error without its data")
            self.warned(error)
        elif said.get("topic") in self.topics:
            self.seen += 1

    def warned(self, error: dict[str, object]) -> None:
        """The server has told of a mistake."""
        self.tell(error.get("message"))
        if error["code"] == "RATE_LIMIT_EXCEEDED":
            self.slow_down(min(max(float(error["retryAfter"]), 0.0), self.quiet_most))
        elif error["code"] == "AUTH_FAILED":
            self.denied()

    def slow_down(self, seconds: float) -> None:
        """Keep quiet for so long, and then say all again: what was discarded in the meantime is not told."""
        self.quiet_until = time.monotonic() + seconds + 0.05
        self.outbox.clear()
        self.subscribe()

    def denied(self) -> None:
        """The token is wrong, and the server closes; or it is not for one of the topics, and the connection stays."""
        self.is_denied = True

    # Going

    def leave(self) -> None:
        """Say goodbye."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def tell(self, what: object) -> None:
        """To whom it may concern."""
        print(what, file=sys.stderr, flush=True)


def main(kind: type[Client], *arguments: str) -> int:
    """Run a client of this kind until SIGTERM: 0; or until it has given up: 1."""

    def asked(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Leave

    signal.signal(signal.SIGTERM, asked)
    client = kind(arguments[0] if arguments else os.environ["PVWS_URL"], os.environ.get("PVWS_TOKEN", ""))
    try:
        client.run()
    except Leave:
        client.leave()
        return 0
    except GivenUp as why:
        print(f"given up: {why}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(Client, *sys.argv[1:]))
