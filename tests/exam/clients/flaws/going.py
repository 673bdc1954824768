"""Flaws in how a client goes."""

import time

from reference import Client
from rfc6455 import WebSocket

from flaws import crash


class _NoFarewell(WebSocket):
    def close(self, code: int = 1000) -> None:
        self.drop()


class LeavesWithoutAWord(Client):
    """Goes without a close frame."""

    socket_type = _NoFarewell


class _NoAnswer(WebSocket):
    def answer_close(self, payload: bytes) -> None:
        pass


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
