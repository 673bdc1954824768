"""A trial: a stage of its own on a free port, a command that is to be a client of it, and the verdicts."""

import asyncio
import os
import signal
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Literal, NoReturn, TypeAlias, TypeVar, cast

from msgspec import Struct

from pvws import __version__
from pvws.recording.format import Header
from pvws.scenario.expectations import Kind
from pvws.server.room import Caller
from pvws.server.settings import Configuration
from pvws.sim.agenda import Instant
from pvws.stage.observer import Observer
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from pvws.testing.judging.facts import Fact, Knocked, Opened, Subscribed
from pvws.testing.judging.witness import Witness
from pvws.testing.tape import Tape
from pvws.testing.trial.command import GRACE_S, Command, Heard
from pvws.testing.trial.result import Ending, Result, Timings
from pvws.testing.trial.until import Running, Until
from pvws.testing.trial.variables import Address, filled, variables
from pvws.timestamp import LAST_INSTANT

__all__ = ["FACTS_KEPT", "Begin", "Beside", "Steering", "Trial"]

FACTS_KEPT = 10_000
"""Of what was seen of clients; of a longer trial the last."""

_LAST_READ_S = 0.5
"""How long is waited for what a command had sent when it ended: the kernel has it, and a fault may hold it."""

Begin: TypeAlias = Literal["handshake", "subscription", "start"]
"""When the scenario's clock begins to run: with the first handshake, the first subscription, or at once."""

_T = TypeVar("_T")


class Steering(Struct, frozen=True):
    """The control plane beside a trial: its URL and the token that takes, if any."""

    url: str = ""
    token: str = ""


Beside: TypeAlias = Callable[[Venue, Callable[[], None]], AbstractAsyncContextManager[Steering]]
"""What stands beside the server for as long as it is entered; the function that it is given ends the trial."""


@asynccontextmanager
async def _alone(venue: Venue, stop: Callable[[], None]) -> AsyncIterator[Steering]:
    yield Steering()


class Trial(Struct, frozen=True, kw_only=True):
    """What is tried; `run` tries it, as often as one likes, each time on a server and a stage of its own.

    `stage` makes what plays, by a name: `main`, and those worlds that clients ask for; see `staged`. `expect` is judged
    of the main one. The server listens where `configuration` says: port 0 is a free one. It takes connections before
    `argv` is started, in whose words `{url}`, `{host}`, `{port}`, `{http}`, `{control}` and `{token}` are filled in;
    its environment is `environment` with what `variables` adds, and `more`. With a `query` the URL has that behind it,
    and no token is told beside it. `authority` is a certificate authority
    that it must trust, and `bundle` those that it trusts anyway with that.

    With `begin` "handshake" what is due at the very start, such as a fault, is in effect before anybody comes; all else
    counts from the first handshake, however long the command takes to get there. Times of expectations count from when
    the command was started.

    It ends when the command does; when `until` returns, if there is one; after `timeout` seconds. A command that has
    not ended is asked to by SIGTERM, and killed `grace` seconds later, with all that it has started. What it does then
    is not judged, unless `judges_end` says so.
    """

    argv: Sequence[str]
    stage: Callable[[str], Stage]
    expect: Sequence[Kind] = ()
    configuration: Configuration = Configuration(port=0)
    environment: Mapping[str, str] | None = None
    """None is our own."""
    more: Sequence[tuple[str, str]] = ()
    query: str = ""
    begin: Begin = "handshake"
    until: Until | None = None
    timeout: float | None = None
    grace: float = GRACE_S
    judges_end: bool = False
    heard: Heard = "kept"
    taped: bool = False
    """Whether what goes between clients and the main stage is kept, for a recording."""
    beside: Beside = _alone
    observers: Callable[[Stage], Sequence[Observer]] = lambda stage: ()
    """Who else observes the main stage, from before anybody comes."""
    authority: str = ""
    bundle: str = ""
    listens: Callable[[Address], None] = lambda address: None
    """Is told where the server is, once it takes connections."""

    async def run(self, stopped: Callable[[], Awaitable[signal.Signals]] | None = None) -> Result:
        """Try it. `stopped` returns when somebody wants no more, with the signal that the command is to get.

        Raises ReachError where the address can't be had, InputError where the command can't be run, and what the
        scenario raises when it can't be played on. When this is cancelled all that was started is killed.
        """
        return await _Run(self).run(stopped)


class _Run(Observer):
    """One go at it."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._stage = stage = trial.stage("main")
        self._began = stage.real()
        self._ready: Instant = 0
        self._firsts: dict[type[Fact], Instant] = {}
        self._facts = deque[Fact](maxlen=FACTS_KEPT)
        self._came, self._over, self._asked = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._left = asyncio.Event()
        stage.observe(self)
        for observer in trial.observers(stage):
            stage.observe(observer)
        self._tape: Tape | None = None
        self._worlds: dict[str, None] = {}

    async def run(self, stopped: Callable[[], Awaitable[signal.Signals]] | None) -> Result:
        trial, stage = self._trial, self._stage
        async with (
            Venue(stage, trial.configuration, make=self._world) as venue,
            trial.beside(venue, self._asked.set) as steering,
        ):
            await self._open()
            address = self._address(venue, steering)
            environment = variables(address, os.environ if trial.environment is None else trial.environment, trial.more)
            argv = [filled(word, address) for word in trial.argv]
            trial.listens(address)
            self._ready = stage.real() - self._began
            if trial.taped:
                header = Header(by=f"pvws {__version__}", url=venue.url, profile=trial.configuration.profile)
                self._tape = Tape(stage, header)
            with Witness(stage, trial.expect, self._keep) as witness:
                self._began = stage.real()
                running = Running(venue.url, stage, witness, self._came, self._over)
                async with Command(argv, environment, heard=trial.heard, grace=trial.grace) as command:
                    return await self._watch(command, running, stopped)

    # What is heard of the stage

    def knocked(self, caller: Caller, at: Instant, real: Instant) -> None:
        """Somebody has come."""
        self._came.set()

    def disconnected(self, client: int, at: Instant, real: Instant) -> None:
        """Somebody has gone."""
        self._left.set()

    def _keep(self, fact: Fact) -> None:
        self._firsts.setdefault(type(fact), fact.real)
        self._facts.append(fact)

    # From beginning to end

    async def _open(self) -> None:
        """Have what is due at the very start happen, if nobody is to be waited for to hear it."""
        if self._trial.begin == "handshake" and not self._stage.quiet:
            clock = self._stage.clock
            clock.pause()
            await clock.advance(0)
            clock.resume()

    def _world(self, name: str) -> Stage:
        """A stage beside the main one, on which the same plays."""
        self._worlds[name] = None
        return self._trial.stage(name)

    async def _play(self) -> None:
        """Play when it is time to, and then serve on. Returns only by an exception."""
        match self._trial.begin:
            case "handshake":
                await self._came.wait()
            case "subscription":
                await self._stage.hub.subscriber(frozenset())
            case "start":
                pass
        await self._stage.play()
        self._over.set()
        await self._stage.play_on()
        await asyncio.Event().wait()  # it was quiet from the beginning

    async def _watch(
        self, command: Command, running: Running, stopped: Callable[[], Awaitable[signal.Signals]] | None
    ) -> Result:
        """See the command to its end."""
        trial, witness = self._trial, running.witness
        exited, playing = _task(command.wait()), _task(self._play())
        asked, stopping = _task(self._asked.wait()), _task(_never() if stopped is None else stopped())
        enough = _task(_never() if trial.until is None else trial.until(running))
        tasks = cast(set[asyncio.Task[object]], {exited, playing, asked, enough, stopping})
        try:
            await asyncio.wait(tasks, timeout=trial.timeout, return_when=asyncio.FIRST_COMPLETED)
            for task in (playing, enough):
                if task.done():
                    task.result()  # what went wrong in it is told, and the command ended
            if exited.done():
                return await self._end(command, witness, "exited")
            if stopping.done():
                return await self._end(command, witness, "stopped", stopping.result())
            return await self._end(command, witness, "enough" if asked.done() or enough.done() else "timed out")
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _end(
        self, command: Command, witness: Witness, ending: Ending, ask: signal.Signals = signal.SIGTERM
    ) -> Result:
        """End the command and what it has left behind, and come to the verdicts."""
        took = self._stage.real() - self._began
        if ending == "exited":
            await self._read_out()
        elif self._trial.judges_end and ending != "stopped":
            await command.end(ask)
            await self._read_out()
        witness.close()
        # Where the command has ended by itself, nobody is there any more who could do what is still to be done.
        verdicts = witness.verdicts(LAST_INSTANT if ending == "exited" else None)
        end = await command.end(ask)
        if self._tape is not None:
            self._tape.close()
        return Result(
            ending=ending,
            exit=end,
            verdicts=tuple(verdicts),
            timings=self._timings(took),
            output=command.tail.text,
            facts=tuple(self._facts),
            attempts=self._stage.attempts,
            connections=self._stage.connections,
            tape=self._tape,
            worlds=tuple(self._worlds),
        )

    async def _read_out(self) -> None:
        """Return when all clients have gone: what they sent at last is read before that. Some may stay."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _LAST_READ_S
        while self._stage.clients() and (left := until - loop.time()) > 0:
            self._left.clear()
            try:
                async with asyncio.timeout(left):
                    await self._left.wait()
            except TimeoutError:
                return

    def _timings(self, took: Instant) -> Timings:
        def since(kind: type[Fact]) -> Instant | None:
            return None if kind not in self._firsts else self._firsts[kind] - self._began

        return Timings(self._ready, since(Knocked), since(Opened), since(Subscribed), took)

    def _address(self, venue: Venue, steering: Steering) -> Address:
        trial = self._trial
        tokens = trial.configuration.auth.tokens
        return Address(
            url=f"{venue.url}?{trial.query}" if trial.query else venue.url,
            token=tokens[0].token if tokens and not trial.query else "",
            control=steering.url,
            control_token=steering.token,
            authority=trial.authority,
            bundle=trial.bundle,
        )


def _task(what: Awaitable[_T]) -> "asyncio.Task[_T]":
    async def wait() -> _T:
        return await what

    return asyncio.create_task(wait())


async def _never() -> NoReturn:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")
