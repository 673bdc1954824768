"""What everybody is to get: what one connection, the leader, has got, and where its messages stand in its bytes."""

import zlib
from bisect import bisect_left, bisect_right

from pvws.testing.load.reader import Cut, MessageReader

__all__ = ["Leader"]


class Leader:
    """The only connection that is always read frame by frame. Control frames are no part of what the others are to get.

    A frame's number counts data frames from 0, a message's messages.
    """

    def __init__(self) -> None:
        self.log = bytearray()
        """The bytes of its data frames."""
        self.messages: list[int] = []
        """Its messages, by their hashes."""
        self.checksum = 0
        """Of all its messages' texts, one behind the other, by CRC-32."""
        self._reader = MessageReader()
        self._ends: list[int] = []  # of each data frame, in the log
        self._counts: list[int] = []  # messages up to that end

    def read(self, data: bytes) -> list[Cut]:
        """Read on; the control frames among what was read."""
        control: list[Cut] = []
        start, stretch = 0, self._reader.rest + data
        for cut in self._reader.feed(data):
            if cut.is_control:
                control.append(cut)
            else:
                self.log += stretch[start : start + cut.size]
                for text in cut.texts:
                    self.messages.append(hash(text))
                    self.checksum = zlib.crc32(text, self.checksum)
                self._ends.append(len(self.log))
                self._counts.append(len(self.messages))
            start += cut.size
        return control

    def frames_within(self, place: int) -> int:
        """How many frames end at or before a place in the log."""
        return bisect_right(self._ends, place)

    def end_of(self, frames: int) -> int:
        """Where so many frames end."""
        return self._ends[frames - 1] if frames else 0

    def messages_of(self, frames: int) -> int:
        """How many messages so many frames complete."""
        return self._counts[frames - 1] if frames else 0

    def frames_of(self, messages: int) -> int | None:
        """How many frames complete so many messages and nothing of a further one; None where none do."""
        frames = bisect_left(self._counts, messages) + 1 if messages else 0
        return frames if frames <= len(self._counts) and self.messages_of(frames) == messages else None
