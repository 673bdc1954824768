"""Flaws in what a client sends, and when."""

import json

from reference import Client
from rfc6455 import PONG, WebSocket


class SubscribesToNothing(Client):
    """Listens, and never says to what."""

    def subscribe(self) -> None:
        pass


class SubscribesToWhatIsNot(Client):
    """Asks for a topic that there is not, beside those that there are."""

    def subscribe(self) -> None:
        super().subscribe()
        self.outbox.append(json.dumps({"type": "subscribe", "topic": "files"}))


class SaysHello(Client):
    """Sends a message of a type that the API does not have, when it comes back."""

    has_been_there = False

    def subscribe(self) -> None:
        if self.has_been_there:
            self.outbox.append(json.dumps({"type": "resume", "data": {"since": 0}}))
        self.has_been_there = True
        super().subscribe()


class StormsSubscriptions(Client):
    """Subscribes to everything again and again, to be sure."""

    def subscribe(self) -> None:
        for _ in range(50):
            super().subscribe()


class Verbose(Client):
    """Sends more than a megabyte of context with its subscriptions when it comes back."""

    has_been_there = False

    def subscribe(self) -> None:
        super().subscribe()
        if self.has_been_there:
            message = {"type": "subscribe", "topic": self.topics[0], "context": "x" * (1 << 20)}
            self.outbox.append(json.dumps(message))
        self.has_been_there = True


class IgnoresRetryAfter(Client):
    """Is told to slow down, and says it all again after half a second."""

    def slow_down(self, seconds: float) -> None:
        super().slow_down(0.45)


class NeverAsksAgain(Client):
    """Keeps quiet as told, and forgets that what it had said was discarded."""

    def slow_down(self, seconds: float) -> None:
        self.outbox.clear()


class _NoPong(WebSocket):
    def answer_ping(self, payload: bytes) -> None:
        pass


class NoPong(Client):
    """Answers no ping."""

    socket_type = _NoPong


class _PongOfItsOwn(WebSocket):
    def answer_ping(self, payload: bytes) -> None:
        self.send_frame(PONG, b"alive")


class WrongPong(Client):
    """Answers a ping with a payload of its own."""

    socket_type = _PongOfItsOwn
