"""Messages out of data frames (RFC 6455, section 5.4)."""

from websockets.frames import Frame, Opcode

__all__ = ["Assembler"]


class Assembler:
    """Puts together what came in fragments. The protocol has seen to it that they come in a legal order and size.

    With `lenient` a text that is not UTF-8 is given as bytes.
    """

    __slots__ = ("_data", "_lenient", "_opcode")

    def __init__(self, *, lenient: bool) -> None:
        self._lenient = lenient
        self._data: bytearray | None = None  # of a fragmented message, until its last frame has come
        self._opcode = Opcode.TEXT

    def take(self, frame: Frame) -> str | bytes | None:
        """The message that a data frame completes; None if there is more to come.

        Raises UnicodeDecodeError for a text that is not UTF-8 (section 8.1).
        """
        if frame.opcode is not Opcode.CONT:
            self._opcode = frame.opcode
        if not frame.fin:
            if self._data is None:
                self._data = bytearray()
            self._data += frame.data
            return None
        data = bytes(frame.data) if self._data is None else bytes(self._data + frame.data)
        self._data = None
        return data if self._opcode is Opcode.BINARY or self._lenient else data.decode()
