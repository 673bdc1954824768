"""Everybody else: what they get is compared with the leader's bytes, and read frame by frame where it differs."""

from pvws.testing.load.leader import Leader
from pvws.testing.load.reader import Cut, MessageReader
from pvws.testing.load.reckoning import Reckoning, compare

__all__ = ["Follower"]

_CONTROL_BYTES_MAX = 127  # RFC 6455, section 5.5: a head of two bytes, and 125


class Follower:
    """One connection. While it gets the leader's bytes it costs one comparison of memory for each piece that comes.

    Where they differ it is read by itself: a control frame may stand there, and once that is read the bytes may agree
    again; or a message is missing, and then it is read by itself to the end. `quiet` says that it begins with the
    leader's first message; else it begins with any, the first that comes.

    At first it is read by itself, until `agree` is called, and again from `part` on: a pong that is waited for must be
    read also where nothing of the leader's is left to compare.
    """

    __slots__ = ("_alone", "_astray", "_began", "_compared", "_got", "_place", "_reader", "_shared")

    def __init__(self, *, quiet: bool) -> None:
        self._began: int | None = 0 if quiet else None  # with which of the leader's messages
        self._shared = 0  # how many messages from there on it has got like the leader
        self._place = 0  # how much of the leader's log it has got, while that agrees
        self._reader: MessageReader | None = MessageReader()  # what reads it, while it does not
        self._got: list[int] = []  # what it has got behind those it shares, while it is read
        self._compared = 0  # how many of these are the leader's
        self._alone = True  # whether it is to be read by itself
        self._astray = False  # whether one of them is not, so that it will never agree again

    def room(self, leader: Leader) -> int | None:
        """How many bytes may be read of it now, since nobody is read ahead of the leader; None for any.

        Who is read by itself for a control frame may be ahead by as much as one has, and agrees again soon.
        """
        if self._reader is None:
            return len(leader.log) - self._place
        if self._alone or self._astray or self._began is None:
            return None
        agrees = self._rejoin(leader)
        return max(0, len(leader.log) - self._place) + (0 if agrees else _CONTROL_BYTES_MAX)

    def take(self, data: bytes | memoryview, leader: Leader) -> list[Cut]:
        """Take what has come; the control frames in it."""
        if self._reader is None:
            if leader.log.startswith(data, self._place):
                self._place += len(data)
                return []
            self._part(leader)
        return self._read(bytes(data), leader)

    def messages(self, leader: Leader) -> int:
        """How many messages have come."""
        if self._reader is None:
            return leader.messages_of(leader.frames_within(self._place)) - (self._began or 0)
        return self._shared + len(self._got)

    def behind(self, leader: Leader) -> bool:
        """Whether the leader has got something that it has not, as far as that can be told without reading."""
        return self._reader is None and self._place < len(leader.log)

    def agree(self, leader: Leader) -> None:
        """Compare it with the leader from now on, wherever it agrees."""
        self._alone = False
        self._rejoin(leader)

    def part(self, leader: Leader) -> None:
        """Read it by itself from now on, also ahead of the leader."""
        self._alone = True
        if self._reader is None:
            self._part(leader)

    def _part(self, leader: Leader) -> None:
        messages = leader.messages_of(leader.frames_within(self._place))
        frames = leader.frames_of(messages)
        assert frames is not None, "the log has the frames of its messages"
        # From the last whole message on, so that it is known what the bytes are that come next.
        self._reader = MessageReader()
        self._reader.feed(bytes(leader.log[leader.end_of(frames) : self._place]))
        self._shared = messages - (self._began or 0)
        self._got, self._compared = [], 0

    def reckon(self, leader: Leader, *, to_the_end: bool) -> Reckoning:
        """What it got against what the leader has from where it began.

        To the end of that; or, where more may have come to the leader since, to its own last message.
        """
        self.part(leader)
        if self._began is None and self._got and self._got[0] in leader.messages:
            self._began = leader.messages.index(self._got[0])
        began = self._began or 0
        wanted = leader.messages[began + self._shared :]
        if wanted == self._got or not (to_the_end or self._got or self._began is None):
            return Reckoning(reach=1)
        if not to_the_end and self._got and self._got[-1] in wanted:
            wanted = wanted[: len(wanted) - wanted[::-1].index(self._got[-1])]
        shared = leader.messages[began : began + self._shared]
        return compare(shared + wanted, shared + self._got)

    def _read(self, data: bytes, leader: Leader) -> list[Cut]:
        assert self._reader is not None, "what is read has a reader"
        control: list[Cut] = []
        for cut in self._reader.feed(data):
            if cut.is_control:
                control.append(cut)
            else:
                self._got += map(hash, cut.texts)
        self._rejoin(leader)
        return control

    def _rejoin(self, leader: Leader) -> bool:
        """Agree again with the leader, if all that has come is what the leader has; whether it does."""
        if self._alone or self._astray or self._reader is None or self._reader.within_message:
            return False
        got, messages = self._got, leader.messages
        if self._began is None:
            if not got or got[0] not in messages:
                return False
            self._began = messages.index(got[0])
        first = self._began + self._shared
        while self._compared < len(got):
            if first + self._compared >= len(messages):
                self._place = len(leader.log)  # it is ahead of the leader
                return False
            if messages[first + self._compared] != got[self._compared]:
                self._astray = True
                return False
            self._compared += 1
        frames = leader.frames_of(first + len(got))
        if frames is None:
            return False
        self._place, rest = leader.end_of(frames), self._reader.rest
        if not leader.log.startswith(rest, self._place):  # a control frame begins, or the leader has not got it yet
            return False
        self._place += len(rest)
        self._reader, self._got = None, []
        return True
