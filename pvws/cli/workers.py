"""`pvws serve --workers N`: processes that share a port, each a node of a bus, and one that looks after them."""

import asyncio
import json
import os
import signal
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from pvws.cli.ready import told_ready
from pvws.cli.run import Stop, unless_stopped
from pvws.cli.standard import note
from pvws.errors import InputError, Problem, PvwsError, ReachError
from pvws.server.settings import Configuration
from pvws.server.sockets import bound_sockets, can_share_ports, share_ports

__all__ = ["WORKER_VARIABLE", "Workers", "end_with_parent", "workers_of"]

WORKER_VARIABLE = "PVWS_WORKER"
"""Set for a process that is one of several workers: its number."""

_STDIN = 0
_WORKERS_MAX = 64
_READY_S = 60.0  # a machine that is busy starts many processes slowly
_STOP_S = 8.0  # clients get a close frame and have five seconds to answer it
_DEATHS_MAX = 3  # of one worker within a minute: one more would only die again
_MINUTE_S = 60.0
_ALONE = ("scenario", "config", "host", "profile", "tls_cert", "tls_key", "control_token", "bus")
_REFUSED = ("record", "tls_self_signed", "wait_for_client")


def workers_of(parameters: Mapping[str, Any], configuration: Configuration) -> "Workers":
    """The workers that the parameters of `pvws serve` ask for. Raises InputError where there can't be any."""
    number = parameters["workers"]
    if parameters["bus"] is None:
        hint = "start a NATS server with: nats-server -js"
        expected = "--bus URL beside it, by which all workers show the same"
        raise InputError(Problem("--workers", expected, "none", hint=hint))
    from pvws.cli.bused import address_of  # only here: with the bus comes what no other server needs

    address_of(parameters["bus"])  # said once, and not by each
    if not can_share_ports():
        raise InputError(Problem("--workers", "Linux, where processes can share a port", sys.platform))
    if not 1 <= number <= _WORKERS_MAX:
        raise InputError(Problem("--workers", f"a number from 1 to {_WORKERS_MAX}", str(number)))
    for name in _REFUSED:
        if parameters[name]:
            option = f"--{name.replace('_', '-')}"
            raise InputError(Problem("--workers", f"no {option} beside it, which each of them would do", option))
    arguments = [word for name in _ALONE if parameters[name] is not None for word in _option(name, parameters[name])]
    arguments += [word for each in parameters["token"] or () for word in ("--token", each)]
    arguments += [word for each in parameters["set_"] or () for word in ("--set", each)]
    arguments += [f"--{name}" for name in ("reload", "verbose") if parameters[name]]
    return Workers(number, configuration, tuple(arguments), parameters["control"], parameters["ready_file"])


def end_with_parent() -> None:
    """Have this process, a worker, be told to end when the one that looks after it is gone, also when that was killed:
    it has the other end of our standard input.
    """

    def wait() -> None:
        with suppress(OSError):  # it is closed: nobody has the other end either
            while os.read(_STDIN, 4096):
                pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="pvws-parent", daemon=True).start()


class Workers(Struct, frozen=True):
    """So many processes of `pvws serve` with these arguments. Call it with the `Stop` of the command.

    They listen on one port, and the kernel divides those who connect among them. The first has the control plane where
    it would be without workers, the others where there is room. One that dies is replaced, three times a minute at
    most; one that can't start ends them all.
    """

    number: int
    configuration: Configuration
    arguments: tuple[str, ...]
    control: str | None = None
    ready_file: str | None = None

    async def __call__(self, stop: Stop) -> int:
        """Start them, see that they are there, and end them."""
        share_ports()
        try:
            keeping = await bound_sockets(
                self.configuration.host, self.configuration.port
            )  # the port is ours meanwhile
        finally:
            share_ports(on=False)
        port = keeping[0].getsockname()[1]
        loop = asyncio.get_running_loop()
        with tempfile.TemporaryDirectory(prefix="pvws-workers-") as folder:
            workers = [
                _Worker(number, Path(folder), self._command(number, port)) for number in range(1, self.number + 1)
            ]
            try:
                ready = await unless_stopped(stop, asyncio.gather(*(worker.start() for worker in workers)))
                if ready is None:
                    return stop.exit_code
                url, control = ready[0]["url"], ready[0]["control"]
                note(f"{self.number} workers serve {url}; Ctrl-C ends them")
                with told_ready(self.ready_file, url, control):
                    watching = [asyncio.ensure_future(worker.watch(loop.time)) for worker in workers]
                    stopping = asyncio.ensure_future(stop.wait())
                    try:
                        await asyncio.wait((*watching, stopping), return_when=asyncio.FIRST_COMPLETED)
                        for each in watching:
                            if each.done():
                                each.result()
                    finally:
                        for each in (*watching, stopping):
                            each.cancel()
                        await asyncio.wait((*watching, stopping))
            finally:
                for worker in workers:
                    worker.terminate()  # at once, before a second signal can cut what waits for them
                for kept in keeping:
                    kept.close()
                await asyncio.gather(*(worker.stop() for worker in workers))
        return stop.exit_code

    def _command(self, number: int, port: int) -> list[str]:
        control = self.control
        if number > 1 and control != "off":
            host, sign, _ = (control or "").rpartition(":")
            control = f"{host}{sign}0"
        elif control is None:
            control = str(port + 1) if self.configuration.port else "0"
        return [*self.arguments, "--port", str(port), "--control", control]


class _Worker:
    """One of the processes."""

    def __init__(self, number: int, folder: Path, arguments: Sequence[str]) -> None:
        self._number = number
        self._ready = folder / f"{number}.json"
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self._telling: asyncio.Task[None] | None = None

    async def start(self) -> dict[str, Any]:
        """Start it; what it says of where it is, once clients can connect. Raises PvwsError where it did not start."""
        self._ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pvws", "serve", *self._arguments, "--ready-file", str(self._ready)]
        self._process = await asyncio.create_subprocess_exec(
            *command,
            env=os.environ | {WORKER_VARIABLE: str(self._number)},
            stdin=asyncio.subprocess.PIPE,  # see `end_with_parent`
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C is for us, who tell them
        )
        self._telling = asyncio.ensure_future(self._tell())
        ended = asyncio.ensure_future(self._process.wait())
        try:
            async with asyncio.timeout(_READY_S):
                while not self._ready.exists():
                    if ended.done():
                        raise _failed(self._number, ended.result())
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise ReachError(f"worker {self._number}", f"it was not ready within {_READY_S:g} s") from None
        finally:
            ended.cancel()
        found: dict[str, Any] = json.loads(self._ready.read_text("utf-8"))
        return found

    async def watch(self, time: Callable[[], float]) -> None:
        """Replace it whenever it has died. Raises PvwsError where that would not help."""
        deaths: deque[float] = deque(maxlen=_DEATHS_MAX)
        while True:
            assert self._process is not None, "it was started"
            code = await self._process.wait()
            if len(deaths) == _DEATHS_MAX and time() - deaths[0] < _MINUTE_S:
                raise _failed(self._number, code)
            deaths.append(time())
            note(f"worker {self._number} has ended ({_way(code)}); another one takes its place")
            await self.start()

    def terminate(self) -> None:
        """Have it end: its clients are told goodbye."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.terminate()

    async def stop(self) -> None:
        """Return once it has ended, as it was told to; it is made to after some seconds."""
        process = self._process
        if process is None:
            return
        try:
            async with asyncio.timeout(_STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        if self._telling is not None:
            await asyncio.wait({self._telling}, timeout=1)

    async def _tell(self) -> None:
        """Pass on what it says, with its number."""
        assert self._process is not None, "it was started"
        assert self._process.stderr is not None, "it is a pipe"
        async for line in self._process.stderr:
            note(f"worker {self._number}: {line.decode('utf-8', 'replace').rstrip().removeprefix('pvws: ')}")


def _failed(number: int, code: int) -> PvwsError:
    error = PvwsError(f"worker {number} has ended ({_way(code)}), and so all do")
    if code in (2, 3):  # it has said why
        error.exit_code = code
    return error


def _way(code: int) -> str:
    if code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"


def _option(name: str, value: object) -> tuple[str, str]:
    return f"--{name.replace('_', '-')}", str(value)
