import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pvws.errors import InputError
from pvws.testing.trial.command import Command, Exit
from pvws.testing.trial.watchdog import Watchdog
from tests.support.processes import ends, lives

ENVIRONMENT = dict(os.environ)
QUICK = [sys.executable, "-I", "-S", "-c"]


def python(code: str, **options: Any) -> Command:
    return Command([*QUICK, code], ENVIRONMENT, **options)


def shell(code: str, **options: Any) -> Command:
    return Command(["sh", "-c", code], ENVIRONMENT, **options)


async def said(command: Command, word: str) -> None:
    """Wait until a command has said something."""
    while word not in command.tail.text:  # noqa: ASYNC110 - it is another process that says it
        await asyncio.sleep(0.002)


async def test_a_command_that_ends_by_itself_is_heard_to_the_end() -> None:
    async with shell("echo out; echo err >&2; exit 3") as command:
        assert await command.wait() == Exit(3)
        assert await command.end() == Exit(3)
        assert command.tail.text == "out\nerr\n"
    assert not Exit(3).good
    assert str(Exit(3)) == "exited with 3"


async def test_one_that_a_signal_has_ended_says_so() -> None:
    async with shell("kill -SEGV $$") as command:
        found = await command.wait()
    assert found == Exit(None, signal.SIGSEGV)
    assert str(found) == "was ended by SIGSEGV"
    assert str(Exit(None, 250)) == "was ended by signal 250"


async def test_one_that_goes_on_is_asked_to_end() -> None:
    code = (
        "import os, signal\nsignal.signal(15, lambda *_: (os.write(1, b'asked\\n'), os._exit(7)))\n"
        "print('ready', flush=True)\nwhile True: signal.pause()"
    )
    async with python(code) as command:
        await said(command, "ready")
        assert command.exit is None
        assert await command.end() == Exit(7)
        assert command.tail.text == "ready\nasked\n"


async def test_one_that_does_not_listen_is_killed_when_the_grace_is_over() -> None:
    code = "trap '' TERM; echo ready; while :; do sleep 0.01; done"
    async with shell(code, grace=0.05) as command:
        await said(command, "ready")
        found = await command.end()
    assert found == Exit(None, signal.SIGKILL, forced=True)


async def test_what_a_command_has_started_ends_with_it() -> None:
    async with shell("sleep 100 & echo $! ready; wait") as command:
        await said(command, "ready")
        child = int(command.tail.text.split()[0])
        assert lives(child)
        await command.end()
        assert not lives(child)


async def test_what_a_command_leaves_behind_ends_too_and_keeps_nobody_waiting() -> None:
    began = time.monotonic()
    async with shell("sleep 100 & echo $!; exit 0") as command:
        assert await command.wait() == Exit(0)
        await said(command, "\n")
        child = int(command.tail.text)
        assert lives(child)
        assert await command.end() == Exit(0)
        assert not lives(child)
    assert time.monotonic() - began < 50, "nobody has waited for the sleeper"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of the environment of every process")
async def test_who_has_left_the_session_ends_all_the_same() -> None:
    code = (
        "import os, time\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0:\n"
        "  print(os.getpid(), flush=True)\n  time.sleep(100)\n os._exit(0)\nos.wait()"
    )
    async with python(code) as command:
        await command.wait()
        await said(command, "\n")
        grandchild = int(command.tail.text)
        assert os.getsid(grandchild) != command.pid
        await command.end()
        assert not lives(grandchild)


async def test_whoever_is_cancelled_leaves_nobody_behind() -> None:
    command = shell("trap '' TERM; echo $$ ready; while :; do sleep 0.01; done", grace=100)

    async def wait() -> None:
        async with command:
            await command.wait()

    task = asyncio.ensure_future(wait())
    await said(command, "ready")
    pid = int(command.tail.text.split()[0])
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(ends, pid)


async def test_what_is_passed_on_is_kept_as_well_and_in_order_where_both_go_to_one_place() -> None:
    reader, writer = os.pipe()
    code = "for i in 1 2 3; do echo out $i; echo err $i >&2; done"
    async with shell(code, heard="passed on", ours=(writer, writer)) as command:
        await command.wait()
        await command.end()
    assert os.read(reader, 999).decode() == command.tail.text
    os.close(reader)
    os.close(writer)
    assert command.tail.text == "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n"


async def test_where_they_go_to_two_places_each_gets_its_own() -> None:
    (reader, out), (other, err) = os.pipe(), os.pipe()
    async with shell("echo out; echo err >&2", heard="passed on", ours=(out, err)) as command:
        await command.wait()
        await command.end()
    assert (os.read(reader, 99), os.read(other, 99)) == (b"out\n", b"err\n")
    assert sorted(command.tail.text.split()) == ["err", "out"]
    for descriptor in (reader, out, other, err):
        os.close(descriptor)


async def test_whoever_reads_slowly_gets_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pvws.testing.trial.command._LAST_WORDS_S", 0.001)
    reader, writer = os.pipe()
    # One pipe full is with us, one is on its way, and the rest waits when the command has ended.
    async with python("print('x' * 150_000)", heard="passed on", ours=(writer, writer)) as command:
        await command.wait()
        ending = asyncio.ensure_future(command.end())
        await asyncio.sleep(0.05)
        assert not ending.done()
        got = 0
        while got < 150_001:
            got += len(await asyncio.to_thread(os.read, reader, 65_536))
        assert (await ending).good
    os.close(reader)
    os.close(writer)
    assert command.tail.text.startswith("… 84,465 bytes before this are left out\n")


async def test_a_reader_who_has_left_is_no_reason_to_stop() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    async with python("for _ in range(9): print('x' * 100_000)", heard="passed on", ours=(writer, writer)) as command:
        assert (await command.wait()).good
        await command.end()
    os.close(writer)
    assert command.tail.bytes == 900_009


async def test_one_that_nobody_wants_any_more_when_it_has_started_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    started = list[subprocess.Popen[bytes]]()

    def kept(command: Command, program: str) -> tuple[subprocess.Popen[bytes], Watchdog]:
        started.append(subprocess.Popen([program, *command.argv[1:]], start_new_session=True))
        return started[0], Watchdog(started[0].pid)

    monkeypatch.setattr(Command, "_started", kept)
    starting = asyncio.ensure_future(shell("exec sleep 100").start())
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    while not started or started[0].returncode is None:  # noqa: ASYNC110 - it happens beside us
        await asyncio.sleep(0.002)
    assert started[0].returncode == -signal.SIGKILL


async def test_it_is_in_no_session_of_ours() -> None:
    async with shell("echo $$") as command:
        await command.wait()
        await command.end()
        assert int(command.tail.text) == command.pid
    assert command.pid != os.getsid(0)


@pytest.mark.parametrize(
    ("name", "text", "mode", "expected"),
    [
        ("no-such-command-anywhere", None, 0, "(not found) (is it installed, and its folder in PATH?)"),
        ("npm test", None, 0, "(not found) (its words one by one, or a line for a shell as: sh -c 'npm test')"),
        (
            "node src/main.js",
            None,
            0,
            "(not found) (its words one by one, or a line for a shell as: sh -c 'node src/main.js')",
        ),
        ("./there/nothing", None, 0, "(no such file)"),
        ("plain", "#!/bin/sh\n", 0o644, "(it is not executable)"),
        ("folder", None, 0, "(a folder)"),
        ("lost", "#!/no/such/interpreter\n", 0o755, "(the interpreter that its first line names is not there)"),
        ("bare", "\x01\x02", 0o755, "(exec format error) (a script begins with a line such as #!/bin/sh)"),
        ("a\0b", None, 0, "(not found)"),
    ],
)
async def test_what_can_t_be_run_is_told_in_a_sentence(
    name: str, text: str | None, mode: int, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / name.replace("\0", "")
    if name == "folder":
        path.mkdir()
    if text is not None:
        path.write_text(text)
        path.chmod(mode | stat.S_IRUSR)
    command = Command([str(path) if path.exists() else name], ENVIRONMENT)
    with pytest.raises(InputError) as caught:
        await command.start()
    said = str(caught.value)
    assert said.startswith("COMMAND: expected a command that can be run, got ")
    assert expected in said


async def test_the_path_of_its_own_environment_counts(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("#!/bin/sh\necho $0\n")
    (tmp_path / "mine").chmod(0o755)
    async with Command(["mine"], {"PATH": str(tmp_path)}) as command:
        await command.wait()
        await command.end()
    assert command.tail.text == f"{tmp_path}/mine\n"
