"""What a rule's dialogue is given: the server, and connections to it that are dropped when the dialogue is over."""

import errno
from types import TracebackType

from pvws.testing.pipe import Pipe
from pvws.testing.talk import Talk
from pvws.testing.target import Target
from pvws.testing.verdict import BrokenError, UnjudgedError

__all__ = ["Visit"]


class Visit:
    """One rule's connections. Enter it; on leaving they are all dropped, whatever their state."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._talks: list[Talk] = []

    async def __aenter__(self) -> "Visit":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for talk in self._talks:
            talk.pipe.abort()

    @property
    def has_judged(self) -> bool:
        """Whether the server has been held to anything."""
        return any(talk.expectations for talk in self._talks)

    async def connect(self) -> Talk:
        """One more connection; nothing is sent on it yet."""
        try:
            pipe = await Pipe.open(self.target, self.target.patience)
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                raise UnjudgedError("this machine has no more files to open for connections") from None
            late = isinstance(error, TimeoutError)
            raise BrokenError("nothing", "a connection", str(error) or "no answer", nothing_came=late) from None
        talk = Talk(pipe, self.target)
        self._talks.append(talk)
        return talk

    async def open(self, target: str | None = None, **changes: str | None) -> Talk:
        """One more connection on which a handshake has been done, and accepted."""
        talk = await self.connect()
        return talk.opened(await talk.handshake(target, **changes))

    def unjudged(self, why: str) -> UnjudgedError:
        """The error to raise when something is missing that the rule needs."""
        return UnjudgedError(why)
