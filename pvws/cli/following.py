"""What `watch` and `simulate --view` share: a client driven into a view until there is a reason to leave."""

import asyncio
import time
from collections.abc import Callable
from datetime import tzinfo
from typing import Literal, assert_never

from msgspec import Struct

from pvws.cli.run import Stop
from pvws.cli.standard import LAST_WRITE_S, tell_failure
from pvws.cli.unfit import held_to
from pvws.cli.views import JsonView, LogView, View, head_in
from pvws.client.client import Client
from pvws.client.happenings import Connected, Disconnected, Happening, Received, Unreached
from pvws.expression.expression import Expression
from pvws.terminal.ledger import Missed
from pvws.terminal.output import Output
from pvws.terminal.printable import printable, shown
from pvws.terminal.selection import holds
from pvws.wire.messages import ErrorMessage
from pvws.wire.topics import Topic

__all__ = ["JsonView", "LogView", "Reasons", "follow"]


_NOTHING = "  Perhaps nothing plays there. A pvws server plays something with: pvws ctl load quickstart"


class Reasons(Struct, frozen=True):
    """Why to leave: `count` selected messages; `for_s` seconds since the first connection; a message, selected or not,
    for which `until` holds.
    """

    count: int | None = None
    for_s: float | None = None
    until: Expression | None = None


async def follow(
    client: Client,
    view: View,
    stop: Stop,
    reasons: Reasons = Reasons(),  # noqa: B008 - immutable
    *,
    zone: tzinfo | None = None,
    profile: Literal["documented", "upstream"] | None = None,
    tell: Callable[[str], None] | None = None,
    now: Callable[[], float] = time.time,
) -> int:
    """Show what the client receives until there is a reason to leave, and give back the exit code.

    Reasons are those given; a signal (its exit code); the client's iteration is over; a person wants no more; nobody
    reads the view's output any more (0, and without a word). The code is 0, but 1 where something was waited for and
    did not come. Notes on the connection, with times in `zone`, go to `tell`, else where the view has them; so does the
    summary on leaving, which comes when the view has given the terminal back. With a `profile`, what only servers of
    the other one send counts as unreadable. The client is closed at the end.

    Raises ReachError when the client's patience ends, and PvwsError when the output can't be written.
    """
    follower = _Follower(client, view, reasons, profile, _Teller(client, view, zone, tell or view.tell, now))
    driving = asyncio.ensure_future(follower.drive())
    stopping = asyncio.ensure_future(stop.wait())
    failing = asyncio.ensure_future(view.output.failed())
    passing = asyncio.ensure_future(follower.over.wait())
    try:
        with view.entered(follower.over.set, follower.switch):
            await asyncio.wait({driving, stopping, failing, passing}, return_when=asyncio.FIRST_COMPLETED)
            driving.cancel()
            await asyncio.wait({driving})
        view.finish(now())
        await _write_rest(view.output, stopping, failing)
    finally:
        for task in (driving, stopping, failing, passing):
            task.cancel()
        await asyncio.gather(driving, stopping, failing, passing, return_exceptions=True)
    if failing.done() and not failing.cancelled():
        tell_failure(failing.result())
        return stop.exit_code or follower.exit_code
    if view.ledger.connections:
        quiet = [] if view.ledger.total else [_NOTHING]
        (tell or view.tell)("\n".join([*view.ledger.summary(now()), *quiet]))
    if not driving.cancelled():
        driving.result()
    return stop.exit_code or follower.exit_code


class _Follower:
    """Drives the client into the view."""

    def __init__(
        self,
        client: Client,
        view: View,
        reasons: Reasons,
        profile: Literal["documented", "upstream"] | None,
        teller: "_Teller",
    ) -> None:
        self._client = client
        self._view = view
        self._reasons = reasons
        self._profile = profile
        self._teller = teller
        self.over = asyncio.Event()
        """Set when it is time to leave."""
        self._seen = False
        self._switching: set[asyncio.Task[None]] = set()

    def switch(self, topic: Topic, on: bool) -> None:
        """Subscribe to a topic, or no more."""
        task = asyncio.ensure_future(self._client.subscribe(topic) if on else self._client.unsubscribe(topic))
        self._switching.add(task)
        task.add_done_callback(self._switching.discard)

    @property
    def exit_code(self) -> int:
        """1 if something was waited for and did not come."""
        return int(self._reasons.until is not None and not self._seen)

    async def drive(self) -> None:
        """Go on until enough has come."""
        left = -1 if self._reasons.count is None else self._reasons.count
        output, show, until = self._view.output, self._view.show, self._reasons.until
        teller, profile = self._teller, self._profile
        async with self._client as client:
            async for happening in client:
                if type(happening) is not Received:
                    output.flush()  # so that on a terminal the note stands where it belongs
                    self._happened(happening)
                    continue
                if profile is not None:
                    happening = held_to(profile, happening)
                if show(happening):
                    left -= 1
                else:
                    teller.passed_over(happening)
                if teller.awaits_stream:
                    teller.stream_goes_on()
                if until is not None and holds(until, head_in(happening), happening.text):
                    self._seen = True
                    return
                if left == 0:
                    return
                if output.full:
                    await output.drain()

    def _happened(self, happening: Happening) -> None:
        first = self._view.ledger.connections == 0
        self._teller.happened(happening)
        if first and self._reasons.for_s is not None and isinstance(happening, Connected):
            asyncio.get_running_loop().call_later(self._reasons.for_s, self.over.set)


async def _write_rest(output: Output, stopping: "asyncio.Task[None]", failing: "asyncio.Task[OSError]") -> None:
    """Give the reader what is still held back: all of it, unless there is a signal or the reader leaves."""
    draining = asyncio.ensure_future(output.drain())
    await asyncio.wait({draining, stopping, failing}, return_when=asyncio.FIRST_COMPLETED)
    if stopping.done():
        await asyncio.wait({draining, failing}, timeout=LAST_WRITE_S, return_when=asyncio.FIRST_COMPLETED)
    draining.cancel()


class _Teller:
    """Puts into words what happens to the connection, and has it counted."""

    def __init__(
        self,
        client: Client,
        view: View,
        zone: tzinfo | None,
        tell: Callable[[str], None],
        now: Callable[[], float],
    ) -> None:
        self._client = client
        self._view = view
        self._zone = zone
        self._tell = tell
        self._now = now
        self._trouble: str | None = None
        self._missed: Missed | None = None
        self._errors = set[str]()

    @property
    def awaits_stream(self) -> bool:
        """Whether the first message after a loss is still to come."""
        return self._missed is not None

    def stream_goes_on(self) -> None:
        """It came: what was missed can be told."""
        assert self._missed is not None, "something was missed"
        self._tell(self._missed.told(self._view.ledger.last_sent, self._zone))
        self._missed = None

    def passed_over(self, received: Received) -> None:
        """A message is not shown. If it is an error, it is told all the same, each code once: it tells of us."""
        if '"error"' not in received.text[:100]:
            return
        said = received.message
        if isinstance(said, ErrorMessage) and said.code not in self._errors:
            self._errors.add(said.code)
            self._tell(f"the server says {said.code}: {shown(said.message, wide=False)}")

    def happened(self, happening: Happening) -> None:
        match happening:
            case Connected():
                self._connected(happening)
            case Disconnected():
                why = f"{happening.code} {printable(happening.reason)}".rstrip()
                if happening.cause == "silent":
                    why = "it stood, but no ping was answered"
                self._view.lost(why, happening.retry_in, self._now())
                if happening.retry_in is None:
                    self._tell(f"the server has closed the connection ({why})")
                else:
                    self._tell(f"connection lost ({why}): trying again in {happening.retry_in:.1f} s")
            case Unreached():
                self._unreached(happening)
            case Received():
                pass
            case _:
                assert_never(happening)

    def _connected(self, happening: Connected) -> None:
        since = None if happening.gap is None else happening.gap.began_at
        self._missed = self._view.connected(happening.url, self._now(), since)
        self._trouble = None
        again = "again " if self._missed is not None else ""
        self._tell(f"connected {again}to {happening.url}")

    def _unreached(self, happening: Unreached) -> None:
        self._view.unreached(happening.trouble, happening.retry_in, self._now())
        if happening.trouble == self._trouble:
            return  # the same every few seconds is no news
        self._trouble = happening.trouble
        patience_s = self._client.patience_s
        until = "" if patience_s is None else f" for up to {patience_s:g} s"
        self._tell(f"{happening.url}: {happening.trouble}; trying again{until}")
