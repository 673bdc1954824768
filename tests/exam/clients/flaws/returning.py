"""Flaws in how a client comes back."""

import threading
import time
from random import Random

from reference import Client, GivenUp
from rfc6455 import Lost, Refused, WebSocket

from flaws import crash


class NoReconnect(Client):
    """Takes the end of a connection for the end of everything."""

    def lost(self, trouble: Exception) -> None:
        if self.socket is not None:
            raise GivenUp(trouble)
        super().lost(trouble)


class ReconnectsOnce(Client):
    """Has a flag that says that it has come back, and never takes it down again."""

    times = 0

    def lost(self, trouble: Exception) -> None:
        self.times += self.socket is not None
        if self.times > 1:
            raise GivenUp(trouble)
        super().lost(trouble)


class GivesUpSoon(Client):
    """Tries once to come back, at once, and if that is in vain never again."""

    tried = 0

    def pause(self) -> float:
        return 0.0

    def connect(self) -> None:
        if self.tried == 2:
            raise GivenUp("tried once")
        self.tried += 1
        super().connect()
        self.tried = 1


class NoBackoff(Client):
    """Tries again at once, and again, and again."""

    def pause(self) -> float:
        return max(self.not_before - time.monotonic(), 0.001)


class NoGrowth(Client):
    """Waits for the same time before each attempt."""

    def pause(self) -> float:
        return max(self.not_before - time.monotonic(), 0) + 4


class NoJitter(Client):
    """Has pauses that grow by the same factor each time, so that a thousand of it come back at the same instant."""

    pause_first, pause_most = 2.0, 5.0

    def pause(self) -> float:
        pause = min(self.pause_first * 1.5**self.failures, self.pause_most)
        return max(self.not_before - time.monotonic(), 0) + pause


class SameSeed(Client):
    """Draws its pauses by chance, but has all its copies draw the same."""

    pause_first, pause_most = 2.0, 5.0

    def __init__(self, url: str, token: str) -> None:
        super().__init__(url, token)
        self.chance = Random(7).uniform


class ForgetsItsPauses(Client):
    """Begins with the shortest pause again as soon as it is let in, though it may be thrown out at once."""

    def connect(self) -> None:
        super().connect()
        self.failures = 0

    def pause(self) -> float:
        return 0.05 if self.failures < 2 else super().pause()


class ForgetsSubscriptions(Client):
    """Comes back, and takes it for granted that the server still knows what it wants to hear."""

    has_been_there = False

    def connect(self) -> None:
        super().connect()
        if self.has_been_there:
            self.outbox.clear()
        self.has_been_there = True


class ForgetsSomeSubscriptions(Client):
    """Subscribes again to what it subscribed to first, and not to all that it had."""

    def connect(self) -> None:
        super().connect()
        self.topics = self.topics[:1]


class LeaksConnections(Client):
    """Has two timers that connect again, one for the end and one for the error: each time it has one more."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(url, token)
        self.others: list[Client] = []

    def connect(self) -> None:
        super().connect()
        self.others.append(Client(self.url, ""))
        self.others[-1].headers = self.headers
        if len(self.others) > 1:
            threading.Thread(target=self.others[-1].run, daemon=True).start()

    def leave(self) -> None:
        for client in [*self.others, super()]:
            client.leave()


class IgnoresRetryAfterHeader(Client):
    """Comes back as soon as it likes, whatever a 503 says in its header Retry-After."""

    def refused(self, refusal: Refused) -> None:
        super().refused(Refused(refusal.status, None))


class StaysAwayAfterGoingAway(Client):
    """Stays away when the server says 1001, as if it were its user who goes."""

    def lost(self, trouble: Exception) -> None:
        if getattr(trouble, "code", None) == 1001:
            raise GivenUp(trouble)
        super().lost(trouble)


class StaysAwayAfterTryAgainLater(Client):
    """Stays away when the server says 1013, which means: try again later."""

    def lost(self, trouble: Exception) -> None:
        if getattr(trouble, "code", None) == 1013:
            raise GivenUp(trouble)
        super().lost(trouble)


class CrashesOnReset(Client):
    """Has thought of the end of a stream, and of no error."""

    def lost(self, trouble: Exception) -> None:
        if isinstance(trouble, ConnectionResetError):
            crash(trouble)
        super().lost(trouble)


class CrashesWhenRefused(Client):
    """Is not ready for a port at which nobody listens."""

    def lost(self, trouble: Exception) -> None:
        if isinstance(trouble, ConnectionRefusedError):
            crash(trouble)
        super().lost(trouble)


class CrashesOnStatus(Client):
    """Is not ready for another status than 101."""

    def refused(self, refusal: Refused) -> None:
        crash(refusal)


class _Half(WebSocket):
    def _read(self) -> None:
        try:
            super()._read()
        except Lost:
            time.sleep(0.1)  # and reads the end again


class MissesTheEndOfTheStream(Client):
    """Reads nothing, again and again, and takes that for silence."""

    socket_type = _Half
    idle = 1e6


class NeedsTheServerFirst(Client):
    """Comes back where it has been, but gives up if the server is not there yet when it starts."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(url, token)
        self.has_been_there = False

    def connect(self) -> None:
        try:
            super().connect()
        except (Refused, Lost, OSError) as trouble:
            if not self.has_been_there:
                raise GivenUp(trouble) from trouble
            raise
        self.has_been_there = True


class NoHeartbeat(Client):
    """Listens to a connection that is long dead, for nobody has told it."""

    idle = 1e6


class StormsWhenDenied(Client):
    """Tries the same wrong token again and again."""

    is_unwanted = False

    def refused(self, refusal: Refused) -> None:
        self.is_unwanted = refusal.status in (401, 403)
        super().refused(Refused(503, None) if self.is_unwanted else refusal)

    def denied(self) -> None:
        self.is_unwanted = True

    def pause(self) -> float:
        return 0.1 if self.is_unwanted else super().pause()
