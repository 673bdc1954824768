"""A terminal to run a command in, of any size and emulated, so that what is on its screen can be read."""

import copy
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import IO, Any

import pyte

TIMEOUT_S = 20.0
_ALTERNATE = 1049  # xterm's mode: a screen of its own, after which the first one is as it was
_SYNCHRONISED = 2026  # a mode of newer terminals: what is written in it is shown when it is left


def set_size(descriptor: int, columns: int, lines: int) -> None:
    """Give a terminal a size."""
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


class Screen(pyte.Screen):  # type: ignore[misc]
    """pyte's screen, and what pyte has not: the alternate screen, whole updates, and a cursor that waits on the last
    column, not behind it, for what is to be wrapped.
    """

    def __init__(self, columns: int, lines: int) -> None:
        super().__init__(columns, lines)
        self.first: tuple[Any, Any] | None = None
        """What the first screen has, while the alternate one is shown."""
        self.updating = False
        """Whether a picture is half drawn."""

    def set_mode(self, *modes: int, **options: Any) -> None:
        self.updating |= _SYNCHRONISED in modes
        if options.get("private") and _ALTERNATE in modes and self.first is None:
            self.first = copy.deepcopy(self.buffer), copy.copy(self.cursor)
            self.erase_in_display(2)
        super().set_mode(*modes, **options)

    def reset_mode(self, *modes: int, **options: Any) -> None:
        self.updating &= _SYNCHRONISED not in modes
        if options.get("private") and _ALTERNATE in modes and self.first is not None:
            (self.buffer, self.cursor), self.first = self.first, None
            self.dirty.update(range(self.lines))
        super().reset_mode(*modes, **options)

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        self.cursor.x = min(self.cursor.x, self.columns - 1)
        super().erase_in_line(how, private)


class Terminal:
    """Runs a command on a terminal of its own for as long as it is entered; killed on leaving if it still runs.

    `stderr` may go elsewhere. Without `emulate` nothing is read from `leader`: somebody else does.
    """

    def __init__(
        self,
        command: Sequence[str],
        columns: int = 80,
        lines: int = 24,
        *,
        stderr: IO[bytes] | None = None,
        emulate: bool = True,
        **environment: str,
    ) -> None:
        self.leader, follower = pty.openpty()
        set_size(follower, columns, lines)
        self.before = termios.tcgetattr(self.leader)
        """How the terminal was set up."""
        self.screen = Screen(columns, lines)
        self.raw = bytearray()
        """All that was written to it."""
        self._stream = pyte.ByteStream(self.screen)
        left_out = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")
        inherited = {name: value for name, value in os.environ.items() if name not in left_out}
        self.process = subprocess.Popen(
            command,
            stdin=follower,
            stdout=follower,
            stderr=follower if stderr is None else stderr,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env=inherited | {"TERM": "xterm-256color", "TZ": "UTC"} | environment,
        )
        os.close(follower)
        self._ended = not emulate

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.leader)

    @property
    def lines(self) -> list[str]:
        """What is on the screen."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        """The same as one text."""
        return "\n".join(self.lines)

    @property
    def restored(self) -> bool:
        """Whether it is set up as it was, shows its cursor and its first screen."""
        now = termios.tcgetattr(self.leader)
        return now == self.before and not self.screen.cursor.hidden and self.screen.first is None

    def until(self, wanted: str | Callable[[str], object]) -> str:
        """The text of the screen once it holds a text, or once a function says so; AssertionError after a while."""
        says = wanted if callable(wanted) else lambda text: wanted in text
        deadline = time.monotonic() + TIMEOUT_S
        while self.screen.updating or not says(self.text):
            left = deadline - time.monotonic()
            assert left > 0, f"never on the screen: {wanted}\n{self.text}"
            assert not self._ended, f"it has ended, and never on the screen: {wanted}\n{self.text}"
            self._read(left)
        return self.text

    def _read(self, seconds: float) -> None:
        if not select.select([self.leader], [], [], seconds)[0]:
            return
        data = b""
        with suppress(OSError):  # EIO: Linux' way of saying that the other side is closed
            data = os.read(self.leader, 65_536)
        if not data:
            self._ended = True
            return
        self.raw += data
        self._stream.feed(data)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.leader, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        """Make it another size, which the system tells the command by a signal."""
        self.screen.resize(lines, columns)
        set_size(self.leader, columns, lines)

    def end(self) -> int:
        """Wait for the command to end by itself, and give back its exit code."""
        deadline = time.monotonic() + TIMEOUT_S
        while not self._ended:
            left = deadline - time.monotonic()
            assert left > 0, f"it does not end\n{self.text}"
            self._read(left)
        return self.process.wait(TIMEOUT_S)


def on_a_terminal(*command: str, keyboard: bool = False, **environment: str) -> str:
    """What a command, which must end well, writes to a terminal with colours; colour escapes and all."""
    leader, follower = pty.openpty()
    inherited = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    process = subprocess.Popen(
        command,
        stdin=follower if keyboard else subprocess.DEVNULL,
        stdout=follower,
        stderr=follower,
        env=inherited | {"TERM": "xterm-256color"} | environment,
    )
    os.close(follower)
    screen = b""
    while True:
        try:
            piece = os.read(leader, 65_536)
        except OSError:  # Linux' way of saying that the other side is closed
            break
        if not piece:
            break
        screen += piece
    os.close(leader)
    assert process.wait() == 0, screen.decode()
    return screen.decode().replace("\r\n", "\n")
