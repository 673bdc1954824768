"""The screen in this process, on a pseudo-terminal; what signals do to it is in tests/end_to_end/test_watching.py."""

import asyncio
import os
import pty
import termios
from collections.abc import Iterator

import pyte
import pytest

from pvws.terminal.output import Output
from pvws.terminal.screen import Screen
from tests.support.terminal import Screen as EmulatedScreen
from tests.support.terminal import set_size

SIZE = (40, 5)
DRAWN = b"\x1b[?2026l"


class Pair:
    """A terminal: `far` is the end that a person sits at, `near` the one that a program has."""

    def __init__(self) -> None:
        self.far, self.near = pty.openpty()
        set_size(self.near, *SIZE)
        self.before = termios.tcgetattr(self.near)

    async def taken(self, output: Output, end: bytes = b"") -> bytes:
        """What was written to it, up to `end`: what came in two writes may be read in two. Not more than it holds."""
        await output.drain()
        output.flush()
        data = os.read(self.far, 100_000)
        while end not in data:
            data += os.read(self.far, 100_000)
        return data

    @property
    def unseen(self) -> bool:
        """Whether keys come one by one and unseen."""
        flags: int = termios.tcgetattr(self.near)[3]
        return not flags & (termios.ECHO | termios.ICANON)


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    os.close(pair.far)
    os.close(pair.near)


def screen_on(pair: Pair, pressed: list[str] | None = None) -> tuple[Screen, Output]:
    output = Output(pair.near)
    keys = [] if pressed is None else pressed
    return Screen(output, None if pressed is None else pair.near, keys.append, lambda: None), output


async def test_only_lines_that_are_others_now_are_written(pair: Pair) -> None:
    screen, output = screen_on(pair)
    with screen:
        screen.fill(whole=True)
        screen.draw(["one", "two", "three"])
        assert b"\x1b[1;1H\x1b[Kone\x1b[2;1H\x1b[Ktwo\x1b[3;1H\x1b[Kthree" in await pair.taken(output, DRAWN)
        screen.draw(["one", "zwölf", "three"])
        assert await pair.taken(output) == "\x1b[?2026h\x1b[2;1H\x1b[Kzwölf\x1b[?2026l".encode()
        screen.draw(["one", "zwölf", "three"])
        await output.drain()
        screen.draw(["one", "zwölf", "3"])
        assert await pair.taken(output) == b"\x1b[?2026h\x1b[3;1H\x1b[K3\x1b[?2026l", "nothing was written between"


async def test_a_line_as_wide_as_the_screen_keeps_its_last_letter(pair: Pair) -> None:
    screen, output = screen_on(pair)
    emulated = EmulatedScreen(*SIZE)
    with screen:
        screen.fill(whole=True)
        screen.draw(["x" * SIZE[0]] * SIZE[1])
        pyte.ByteStream(emulated).feed(await pair.taken(output, DRAWN))
    assert emulated.display == ["x" * SIZE[0]] * SIZE[1]


async def test_a_terminal_that_takes_nothing_gets_the_latest_picture_later_and_none_between(pair: Pair) -> None:
    screen, output = screen_on(pair)
    with screen:
        screen.fill(whole=True)
        await pair.taken(output)
        output.write_raw(b"x" * 200_000)
        output.flush()
        assert not output.written
        for number in range(1_000):
            screen.draw([f"{number}" * 100])
        assert len(output._held) < 200_000, "pictures pile up nowhere"
        seen = b""
        while not output.written:
            output.flush()
            seen += os.read(pair.far, 100_000)
        screen.draw(["the latest"])
        while b"the latest" not in seen:
            output.flush()  # of a full terminal there is something to read, and into another one this goes
            seen += os.read(pair.far, 100_000)
        assert seen.count(b"\x1b[?2026h") == 1


async def test_leaving_gives_back_what_was_taken(pair: Pair) -> None:
    screen, output = screen_on(pair, [])
    with pytest.raises(RuntimeError), screen:
        screen.fill(whole=True)
        assert pair.unseen
        raise RuntimeError
    assert termios.tcgetattr(pair.near) == pair.before
    written = await pair.taken(output)
    assert written.startswith(b"\r\x1b[K\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J")
    assert written.endswith(b"\x1b[?7h\x1b[?25h\x1b[?1049l")
    screen.draw(["too late"])
    assert output.written


async def test_leaving_a_terminal_that_takes_nothing_takes_a_moment_only(pair: Pair) -> None:
    screen, output = screen_on(pair)
    began = asyncio.get_running_loop().time()
    with screen:
        output.write_raw(b"x" * 1_000_000)
    assert 0.4 < asyncio.get_running_loop().time() - began < 5


async def test_keys_are_told_one_by_one(pair: Pair) -> None:
    pressed: list[str] = []
    screen, _ = screen_on(pair, pressed)
    with screen:
        os.write(pair.far, b"q\x1b[A\xc3\xa4")
        async with asyncio.timeout(10):
            while len(pressed) < 3:  # noqa: ASYNC110 - keys come when they come
                await asyncio.sleep(0.001)
    assert pressed == ["q", "up", "ä"]


async def test_below_what_scrolls_one_line_stays(pair: Pair) -> None:
    screen, output = screen_on(pair)
    with screen:
        screen.scroll([], "keys")
        screen.scroll(["one", "two"], "keys")
        assert await pair.taken(output) == b"\r\x1b[Kkeys\r\x1b[Kone\r\ntwo\r\nkeys"
        screen.scroll([], "keys")
        screen.scroll([], "other keys")
        assert await pair.taken(output) == b"\r\x1b[Kother keys"
    assert await pair.taken(output) == b"\r\x1b[K"


async def test_the_size_is_that_of_the_terminal_now(pair: Pair) -> None:
    screen, _ = screen_on(pair)
    assert screen.size == SIZE
    set_size(pair.near, 100, 30)
    assert screen.size == (100, 30)


async def test_without_a_terminal_there_is_a_size_all_the_same() -> None:
    reading, writing = os.pipe()
    try:
        assert Screen(Output(writing), None, lambda key: None, lambda: None).size == (80, 24)
    finally:
        os.close(reading)
        os.close(writing)
