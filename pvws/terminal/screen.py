"""The terminal, taken over for a live view and given back whatever happens."""

import asyncio
import os
import select
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any

from pvws.terminal.keys import Keys
from pvws.terminal.output import Output

__all__ = ["Screen"]

_LAST_WORD_S = 0.5  # for a terminal that takes nothing more, such as one stopped by Ctrl-S
_READ_BYTES = 4096

# What xterm calls them; every terminal emulator knows these. A synchronised update (2026) is shown whole or not at all
# by those that know it, and ignored by the others. Lines are not wrapped, so that a wrong width can't shift the rest.
_ENTER = b"\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
_LEAVE = b"\x1b[?7h\x1b[?25h\x1b[?1049l"
_BEGIN_UPDATE = b"\x1b[?2026h"
_END_UPDATE = b"\x1b[?2026l"
_CLEAR = b"\x1b[H\x1b[2J"
_CLEAR_LINE = b"\r\x1b[K"


class Screen:
    """A terminal to draw on with `output`, and to read keys from with the descriptor `keyboard`, if there is one.

    While it is entered, keys come one by one and unseen; `full` takes the whole screen, and otherwise there is one line
    at the bottom below what scrolls. Leaving restores everything, also before the process is stopped (Ctrl-Z) or ended
    by a signal that nobody else handles. `pressed` gets keys, `resized` is called when the size is another one, or
    when what was drawn may be gone.
    """

    def __init__(
        self, output: Output, keyboard: int | None, pressed: Callable[[str], None], resized: Callable[[], None]
    ) -> None:
        self._output = output
        self._keyboard = keyboard
        self._pressed = pressed
        self._resized = resized
        self._loop = asyncio.get_running_loop()
        self._keys = Keys()
        self._saved: list[Any] | None = None
        self._signals: list[signal.Signals] = []
        self._entered = False
        self._full = False
        self._lines: list[bytes] = []
        self._bottom = b""

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines."""
        try:
            columns, lines = os.get_terminal_size(self._output.descriptor)
        except OSError:  # it is gone
            columns, lines = 80, 24
        return max(columns, 1), max(lines, 1)

    @property
    def full(self) -> bool:
        """Whether it has the whole screen."""
        return self._full

    def __enter__(self) -> "Screen":
        self._take()
        for name, handler in (
            ("SIGWINCH", self._resize),
            ("SIGTSTP", self._suspend),
            ("SIGHUP", lambda: self._end(signal.SIGHUP)),
            ("SIGQUIT", lambda: self._end(signal.SIGQUIT)),
        ):
            if (number := getattr(signal, name, None)) is not None:
                with suppress(NotImplementedError, RuntimeError, ValueError):
                    self._loop.add_signal_handler(number, handler)
                    self._signals.append(number)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number in self._signals:
            self._loop.remove_signal_handler(number)
        self._signals.clear()
        self._give_back()

    def fill(self, *, whole: bool) -> None:
        """Take the whole screen, or give all but the last line back."""
        if whole != self._full and self._entered:
            self._output.write_raw(_CLEAR_LINE + _ENTER if whole else _LEAVE)
        self._full = whole
        self._lines.clear()
        self._bottom = b""

    def draw(self, lines: Sequence[str]) -> bool:
        """Show these lines, as many as the screen has; only those that are others now are written.

        If the terminal hasn't taken the last picture yet, nothing is, since what would come late is out of date; then
        this is False.
        """
        if not self._entered:
            return False
        self._output.flush()
        if not self._output.written:
            return False
        pieces = [] if self._lines else [_CLEAR]
        drawn = [line.encode(errors="backslashreplace") for line in lines]
        for number, line in enumerate(drawn):
            if number >= len(self._lines) or self._lines[number] != line:
                # Erased first: behind a line as wide as the screen the cursor still stands on its last letter.
                pieces.append(b"\x1b[%d;1H\x1b[K%b" % (number + 1, line))
        self._lines = drawn
        if pieces:
            self._output.write_raw(b"".join([_BEGIN_UPDATE, *pieces, _END_UPDATE]))
        return True

    def scroll(self, lines: Sequence[str], bottom: str) -> None:
        """Write lines above the one at the bottom, which is another one now, perhaps."""
        last = bottom.encode(errors="backslashreplace")
        if not self._entered or (not lines and last == self._bottom):
            return
        written = "".join(f"{line}\n" for line in lines).encode(errors="backslashreplace")
        self._output.write_raw(_CLEAR_LINE + written + last)
        self._bottom = last

    def _take(self) -> None:
        keyboard = self._keyboard
        if keyboard is not None:
            self._unbuffer(keyboard)
        self._entered = True
        self._lines.clear()
        self._bottom = b""
        if self._full:
            self._output.write_raw(_ENTER)

    def _unbuffer(self, keyboard: int) -> None:
        """Have keys come one by one and unseen; Ctrl-C and Ctrl-Z stay signals."""
        try:
            import termios
        except ImportError:  # Windows
            return
        try:
            if self._in_background(keyboard):
                return  # where asking for keys would stop us
            saved = termios.tcgetattr(keyboard)
            modes = [*saved[:3], saved[3] & ~(termios.ECHO | termios.ICANON), *saved[4:6], list(saved[6])]
            modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
            termios.tcsetattr(keyboard, termios.TCSANOW, modes)
        except (OSError, termios.error):
            return
        self._saved = saved
        self._loop.add_reader(keyboard, self._read)

    @staticmethod
    def _in_background(keyboard: int) -> bool:
        try:
            return os.tcgetpgrp(keyboard) != os.getpgrp()
        except OSError:  # it is not the terminal that controls us, which stops nobody
            return False

    def _give_back(self) -> None:
        if not self._entered:
            return
        self._entered = False
        self._say(_LEAVE if self._full else _CLEAR_LINE)
        if self._saved is not None and self._keyboard is not None:
            import termios

            self._loop.remove_reader(self._keyboard)
            with suppress(OSError, termios.error):
                termios.tcsetattr(self._keyboard, termios.TCSANOW, self._saved)
            self._saved = None

    def _say(self, last: bytes) -> None:
        """Write what is held and then this, now; a terminal that takes nothing is waited for a moment only."""
        self._output.write_raw(last)
        self._output.flush()
        deadline = self._loop.time() + _LAST_WORD_S
        while not self._output.written and not self._output.broken and self._loop.time() < deadline:
            if hasattr(select, "poll"):
                poll = select.poll()
                poll.register(self._output.descriptor, select.POLLOUT)
                poll.poll(50)
            self._output.flush()

    def _read(self) -> None:
        assert self._keyboard is not None, "only a keyboard is read"
        try:
            data = os.read(self._keyboard, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:  # the terminal is gone, which its signal tells
            self._loop.remove_reader(self._keyboard)
            return
        for key in self._keys.feed(data):
            if key == "redraw":
                self._resize()
            else:
                self._pressed(key)

    def _resize(self) -> None:
        self._lines.clear()
        self._bottom = b""
        self._resized()

    def _suspend(self) -> None:
        """Ctrl-Z: give the terminal back, stop as anybody would, and take it again when we go on."""
        self._give_back()
        number = signal.SIGTSTP
        self._loop.remove_signal_handler(number)
        previous = signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)  # returns when we are continued
        signal.signal(number, previous)
        self._loop.add_signal_handler(number, self._suspend)
        self._take()
        self._resized()

    def _end(self, number: signal.Signals) -> None:
        """A signal that ends the process: the terminal first."""
        self._give_back()
        self._loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
