"""`pvws simulate --on`: a scenario, played on a server that runs already."""

import asyncio
import shlex
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from pvws.answers import ClockState, Playing, StageState
from pvws.cli.answered import delivered_text
from pvws.cli.ctl_clock import speed_of
from pvws.cli.options import settings
from pvws.cli.progress import Look, show_progress
from pvws.cli.reaching import secret
from pvws.cli.run import Stop, unless_stopped
from pvws.cli.standard import note, terminal_at
from pvws.cli.tally import Tally
from pvws.client.control.control import Control
from pvws.client.control.sync_control import SyncControl
from pvws.errors import InputError, Problem, PvwsError, ReachError
from pvws.stage.shipped import find_script
from pvws.world.network import Network

__all__ = ["PlayingOn", "advised", "playing_on"]

_SENT = ("seed", "speed", "duration", "start")  # options that are sent along
_OTHERS = ("set_", "stay", "control_token", "on", "world", "scenario", *_SENT)
_ASKING_S = 2.0  # who holds a port: a server on this machine answers within milliseconds

_KINDS = ("state", "clock", "cue", "scenario")
_LOOK_S = 1.0  # how often the network is asked about, for the line of progress


def playing_on(parameters: Mapping[str, Any]) -> "PlayingOn":
    """The run that `simulate`'s parameters ask for. Raises InputError for those that `--on` has no use for."""
    for name, value in parameters.items():
        if name not in _OTHERS and value is not None and value is not False and value not in ("none", [], ()):
            option = f"--{name.replace('_', '-')}"
            raise InputError(
                Problem("--on", f"no {option} beside it, which a server has that it starts itself", option)
            )
    speed, token = parameters["speed"], secret("--control-token", parameters["control_token"])
    return PlayingOn(
        Control(parameters["on"], world=parameters["world"], token=token),
        find_script(parameters["scenario"]).path,
        seed=parameters["seed"],
        speed=None if speed is None else speed_of("--speed", speed),
        duration=parameters["duration"],
        start=parameters["start"],
        settings=dict(settings(parameters["set_"])),
        stay=parameters["stay"],
    )


def advised(error: ReachError, parameters: Mapping[str, Any]) -> ReachError:
    """The error of a port in use, with the command that plays on the server that holds it, if that is one of ours."""
    host, _, port = error.address.rpartition(":")
    if "in use" not in error.trouble or not port.isdecimal() or error.trouble.startswith("for the control plane"):
        return error
    try:
        with SyncControl(f"{host}:{int(port) + 1}", timeout_s=_ASKING_S) as control:
            info = control.info()
    except PvwsError:
        return error
    if not info.url.partition("?")[0].endswith(f":{port}/ws"):
        return error
    options = [(f"--{name}", parameters[name]) for name in _SENT] + [
        ("--set", each) for each in parameters["set_"] or ()
    ]
    words = [f"{name} {shlex.quote(str(value))}" for name, value in options if value is not None]
    command = " ".join(["pvws simulate", shlex.quote(parameters["scenario"]), *words, "--on", info.control])
    advice = f"A pvws server is there already; to play on that one:\n  {command}\n{error.advice}"
    return ReachError(error.address, error.trouble, advice)


class PlayingOn(Struct, frozen=True):
    """One run. Call it with the `Stop` of the command; it gives the exit code.

    What is read of `path` is played on `control`'s world until it has ended, or is interrupted: then the server is left
    as it was without it, unless what it plays is to `stay`.
    """

    control: Control
    path: Path
    seed: int | None = None
    speed: float | Literal["max"] | None = None
    duration: str | None = None
    start: str | None = None
    settings: Mapping[str, str] = {}
    stay: bool = False

    async def __call__(self, stop: Stop) -> int:
        """Load it, follow it, and report."""
        async with self.control as control:
            before = await control.state()
            playing = await control.scenario.load(
                self.path,
                seed=self.seed,
                speed=self.speed,
                duration=self.duration,
                start=self.start,
                set=self.settings,
                held=False,
            )
            run = _Run(control, playing, before)
            try:
                note(f"{playing.name} plays on {control.url}, world {control.world_name}; Ctrl-C ends it")
                await self._follow(run, stop)
            finally:
                if not run.replaced and not (self.stay and not stop.requested):
                    await _unloaded(control, before)
        run.tell()
        return stop.exit_code

    async def _follow(self, run: "_Run", stop: Stop) -> None:
        async with run.progressing():
            await unless_stopped(stop, run.follow())


class _Run:
    """What is known of it: the last that the server told, and marks."""

    def __init__(self, control: Control, playing: Playing, before: StageState) -> None:
        self.replaced = False
        """Whether something else plays by now."""
        self._control = control
        self._playing = playing
        self._before = before
        self._state: StageState | None = None
        self._started = time.monotonic()
        self._start: int | None = None
        self._network: Network | None = None
        self._tally = Tally()

    async def follow(self) -> None:
        """Return once it has ended, or something else plays. Raises ReachError when the server ends."""
        async with aclosing(self._control.events(_KINDS)) as happenings:
            async for happening in happenings:
                self._saw(happening.data)
                if self.replaced or self._ended():
                    return
                if isinstance(happening.data, ClockState) and happening.data.ended:
                    self._saw(await self._control.state())
                    return
        raise ReachError(self._control.url, "the server has ended, and the scenario with it")

    def _saw(self, told: object) -> None:
        match told:
            case StageState() as state:
                self._state = state
                if self._start is None:
                    self._start = state.clock.start.micros
                scenario = state.scenario
                self.replaced = scenario is None or (scenario.name, scenario.seed) != (
                    self._playing.name,
                    self._playing.seed,
                )
            case {"kind": "mark", "name": str(name)} if self._state is not None:
                self._tally.marked(name, self._played())

    def _ended(self) -> bool:
        return self._state is not None and self._state.clock.ended

    def _played(self) -> int:
        """How far it is: time goes on when it has ended, but it does not."""
        if self._state is None:
            return 0
        played = max(0, self._state.clock.at.micros - (self._start or 0))
        lasts = self._playing.duration_s
        return played if lasts is None else min(played, round(lasts * 1_000_000))

    def _counts(self) -> dict[str, int]:
        """How many events of each type there were since it was loaded."""
        if self._state is None:
            return {}
        before, now = self._before.events.by_type, self._state.events.by_type
        return {
            name: count - (before.get(name, 0) if before.get(name, 0) <= count else 0) for name, count in now.items()
        }

    @asynccontextmanager
    async def progressing(self) -> AsyncIterator[None]:
        """For as long as this is entered a line says how far it is, if there is a terminal."""
        if not terminal_at(sys.stderr):
            yield
            return
        lasts = self._playing.duration_s
        whole = None if lasts is None else round(lasts * 1_000_000)
        tasks = {
            asyncio.ensure_future(show_progress(self._playing.name, whole, self._look)),
            asyncio.ensure_future(self._look_at_network()),
        }
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _look_at_network(self) -> None:
        while True:
            with suppress(PvwsError):
                self._network = await self._control.network()
            await asyncio.sleep(_LOOK_S)

    def _look(self) -> Look:
        network, state = self._network, self._state
        storage = None
        if network is not None and network.total_space:
            storage = network.used_space / network.total_space
        return Look(
            played=self._played(),
            events=sum(self._counts().values()),
            clients=0 if state is None else state.clients,
            peers=0 if network is None else sum(peer.connected for peer in network.peers),
            storage=storage,
            alerts=0 if network is None else len(network.alerts),
            mark=self._tally.last_mark,
        )

    def tell(self) -> None:
        """The summary."""
        counts = {name: count for name, count in self._counts().items() if count}
        self._tally.types.update(counts)
        self._tally.total = sum(counts.values())
        lines = self._tally.summary(self._playing.name, self._played(), time.monotonic() - self._started)
        if self._state is not None:
            lines.append(f"  delivered {delivered_text(self._state.ledger)}")
        if self.replaced:
            lines.append("  something else was loaded meanwhile")
        note("\n".join(lines))


async def _unloaded(control: Control, before: StageState) -> None:
    """Leave the world as it was, but for what played on it."""
    with suppress(ReachError):  # it has ended, and there is nothing left to unload
        await control.scenario.unload()
        if before.clock.held:
            await control.clock.hold()
