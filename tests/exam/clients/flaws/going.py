"""Flaws in how a client goes."""

import time

from reference import Client
from rfc6455 import WebSocket

from flaws import crash


class LeavesWithoutAWord(Client):
    """Goes without a close frame."""

    def leave(self) -> None:
        if self.socket is not None:
            self.socket.drop()


class _NoAnswer(WebSocket):
    def answer_close(self, payload: bytes) -> None:
        self.drop()


class NoAnswerToClose(Client):
    """Drops the connection when the server says goodbye."""

    socket_type = _NoAnswer


class IgnoresSigterm(Client):
    """Says goodbye, and then does not go."""

    def leave(self) -> None:
        super().leave()
        while True:
            time.sleep(60)


class CrashesOnSigterm(Client):
    """Says goodbye, and goes as of a failure."""

    def leave(self) -> None:
        super().leave()
        crash("KeyboardInterrupt")
