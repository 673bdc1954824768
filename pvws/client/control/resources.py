"""What a world has that is controlled by itself: its clock, what plays, its journal, faults and rules."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pvws.answers import (
    ActiveFault,
    ActiveRule,
    ClockState,
    Faults,
    JournalEntries,
    JournalEntry,
    Moved,
    Playing,
    Rules,
    ShippedScenario,
    ShippedScenarios,
)
from pvws.client.control.errors import ControlError
from pvws.client.control.values import (
    Found,
    Moment,
    Nodes,
    Span,
    body,
    mapping_of,
    moment_text,
    nodes_text,
    segment,
    sent_files,
    span_text,
)

if TYPE_CHECKING:
    from pvws.client.control.control import Control

__all__ = ["NODES_S", "WAIT_S", "ControlClock", "ControlFaults", "ControlJournal", "ControlRules", "ControlScenario"]

_NO_WORLD = "urn:pvws:problem:no-world"

WAIT_S = 10.0
"""How much real time the server takes for a move of the clock or a wait, when nothing else is said."""


NODES_S = 7.0
"""How much longer an answer may take that other servers of a bus have a part in: each may be silent for 5 s."""


class ControlClock:
    """Stage time of a world: see "Holding the clock" in the documentation for what each call does.

    Moves need a held clock, or the server refuses (ControlError, 409). They return when all that was due has been
    handed to the sockets of all clients, and name who has not got everything, within `timeout_s` seconds of real time;
    past that ControlTimeoutError. With `ack` they wait for a pong of every client behind the last event. The answer has
    the last `events` of the messages that were given out, up to 1,000.
    """

    def __init__(self, control: "Control") -> None:
        self._control = control

    async def state(self) -> ClockState:
        """Where it stands."""
        return await self._control.ask("GET", "/v1/clock", ClockState)

    async def hold(self, *, timeout_s: float = WAIT_S, ack: bool = False) -> Moved:
        """Stop it where it is, and return when all that was due by then has been handed over."""
        return await self._move("hold", {}, timeout_s, ack)

    async def resume(self) -> ClockState:
        """Let it run on from where it stands, without making up for the time it stood."""
        return await self._control.ask("POST", "/v1/clock/resume", ClockState, body={})

    async def advance(
        self,
        by: Span | None = None,
        *,
        to: Moment | None = None,
        timeout_s: float = WAIT_S,
        ack: bool = False,
        events: int = 0,
    ) -> Moved:
        """Move it on by a span, or to an instant."""
        return await self._move("advance", body(by=span_text(by), to=moment_text(to)), timeout_s, ack, events)

    async def step(self, count: int = 1, *, timeout_s: float = WAIT_S, ack: bool = False, events: int = 0) -> Moved:
        """Move it on to the next instant at which there is an event, so many times."""
        return await self._move("step", body(n=count), timeout_s, ack, events)

    async def until(
        self,
        where: str | None = None,
        *,
        mark: str | None = None,
        type: str | None = None,  # noqa: A002 - the API's word
        topic: str | None = None,
        within: Span | None = None,
        timeout_s: float = WAIT_S,
        ack: bool = False,
        events: int = 0,
    ) -> Moved:
        """Move it on to the next event of a type or topic, or that meets an expression, or to the next mark of a name.

        Where it does not come before the end, or `within` a span of stage time, ControlError (409) says so.
        """
        said = body(where=where, mark=mark, type=type, topic=topic, within=span_text(within))
        return await self._move("until", said, timeout_s, ack, events)

    async def set_speed(self, speed: float | Literal["max"]) -> ClockState:
        """Run at another factor of real time from now on, or as fast as it goes, without a jump."""
        return await self._control.ask("POST", "/v1/clock/speed", ClockState, body=body(speed=speed))

    async def seek(self, to: Moment) -> Moved:
        """Set it to an instant without giving out what lies between, forward or back."""
        asked = body(to=moment_text(to))
        return await self._control.ask("POST", "/v1/clock/seek", Moved, body=asked, waits_s=WAIT_S)

    async def settle(self, *, timeout_s: float = WAIT_S) -> Moved:
        """Return when all that was published has been handed to every client; who has not got it is named."""
        asked = body(timeout=timeout_s)
        return await self._control.ask("POST", "/v1/clock/settle", Moved, body=asked, waits_s=timeout_s)

    async def _move(self, how: str, said: dict[str, Any], timeout_s: float, ack: bool, events: int = 0) -> Moved:
        asked = said | body(timeout=timeout_s, ack=ack or None, events=events or None)
        return await self._control.ask("POST", f"/v1/clock/{how}", Moved, body=asked, waits_s=timeout_s)


class ControlScenario:
    """What plays on a world."""

    def __init__(self, control: "Control") -> None:
        self._control = control

    async def state(self) -> Playing | None:
        """What plays; None for a quiet world."""
        try:
            return await self._control.ask("GET", "/v1/scenario", Playing)
        except ControlError as error:
            if error.type == _NO_WORLD:
                return None
            raise

    async def load(
        self,
        scenario: str | Path,
        *,
        seed: int | None = None,
        speed: float | Literal["max"] | None = None,
        duration: Span | None = None,
        start: Moment | None = None,
        set: Mapping[str, str] | None = None,  # noqa: A002 - the option's name
        held: bool | None = None,
        loop: bool = False,
    ) -> Playing:
        """Play another scenario, while clients stay: a `Path` of this machine, whose files are read, checked and sent,
        or as a text the name of one that comes with the server, or a path of the server's.

        `set` gives parameters other values, `held` has the clock stand at its beginning, or run, and with `loop` it
        begins again when it has ended. Raises InputError or ControlError with every mistake found in it; then what
        played before plays on.
        """
        asked: dict[str, Any] = {"scenario": scenario} if isinstance(scenario, str) else sent_files(scenario, set)
        asked |= body(seed=seed, speed=speed, duration=span_text(duration), start=moment_text(start), held=held)
        if loop:
            asked["loop"] = True
        if set:
            asked["set"] = dict(set)
        return await self._control.ask("PUT", "/v1/scenario", Playing, body=asked, waits_s=WAIT_S)

    async def reload(self) -> Playing:
        """Read what plays again, and play it from its beginning; if it is wrong now, the old one plays on."""
        return await self._control.ask("POST", "/v1/scenario/reload", Playing, body={}, waits_s=WAIT_S)

    async def unload(self) -> None:
        """Have nothing play; clients stay."""
        await self._control.ask("DELETE", "/v1/scenario", type(None))

    async def shipped(self) -> Sequence[ShippedScenario]:
        """Those that come with the server."""
        return (await self._control.ask("GET", "/v1/scenarios", ShippedScenarios)).scenarios


class ControlJournal:
    """What the clients of a world did, the sequence of entries counted from 1."""

    def __init__(self, control: "Control") -> None:
        self._control = control

    async def entries(
        self,
        *,
        after: int | None = None,
        limit: int | None = None,
        client: str | int | None = None,
        did: str | None = None,
        type: str | None = None,  # noqa: A002 - the API's word
        topic: str | None = None,
        where: str | None = None,
        nodes: Nodes = "here",
    ) -> JournalEntries:
        """Entries behind a sequence number: of a client, of what was done, of messages of a type, about a topic, and
        those that meet an expression. Of all nodes of a bus they come by real time, and `after` has no meaning, since
        each counts by itself.
        """
        query = body(
            nodes=nodes_text(nodes),
            after=after,
            limit=limit,
            client=client,
            did=did,
            type=type,
            topic=topic,
            where=where,
        )
        return await self._control.ask("GET", "/v1/journal", JournalEntries, query=query, waits_s=NODES_S)

    async def wait(
        self,
        match: str | None = None,
        *,
        schema: Mapping[str, Any] | None = None,
        client: str | int | None = None,
        did: str | None = None,
        type: str | None = None,  # noqa: A002 - the API's word
        topic: str | None = None,
        count: int | None = None,
        timeout_s: float = WAIT_S,
        after: int | None = None,
        nodes: Nodes = "here",
    ) -> Found[JournalEntry]:
        """Wait until there are so many entries of a kind, as for `entries`, or with a message of a JSON Schema; those.

        With `nodes="all"` it is all nodes of a bus together that are to have so many. What was there before counts,
        unless it is to be behind a sequence number. Raises ControlTimeoutError, which has what came.
        """
        asked = body(match=match, schema=schema, did=did, type=type, topic=topic, count=count, after=after)
        asked["timeout"] = timeout_s
        if client is not None:
            asked["client"] = str(client)
        query, waits_s = {"nodes": nodes_text(nodes)}, timeout_s + NODES_S
        found = await self._control.ask(
            "POST", "/v1/journal/wait", JournalEntries, query=query, body=asked, waits_s=waits_s
        )
        return Found(found.entries, found)

    async def clear(self, *, nodes: Nodes = "here") -> None:
        """Forget all entries; the sequence goes on."""
        query = {"nodes": nodes_text(nodes)}
        await self._control.ask("DELETE", "/v1/journal", type(None), query=query, waits_s=NODES_S)


class ControlFaults:
    """What a world does to its clients on purpose: on the server that is asked, or on all `nodes` of its bus.

    A fault of all nodes has a name, made up where it was given none, by which all know it; its id is each server's own.
    """

    def __init__(self, control: "Control") -> None:
        self._control = control

    async def add(self, fault: str | Mapping[str, Any], *, nodes: Nodes = "here") -> ActiveFault:
        """Switch one on, from now on: `"latency: 200ms, topics: [alerts]"`, or the same as a mapping. What other nodes
        have, if they were meant, is in `elsewhere`.
        """
        asked, query = mapping_of(fault, "fault"), {"nodes": nodes_text(nodes)}
        return await self._control.ask("POST", "/v1/faults", ActiveFault, query=query, body=asked, waits_s=NODES_S)

    async def list(self, *, nodes: Nodes = "here") -> Found[ActiveFault]:
        """Those that are on, in the order in which they were added."""
        query = {"nodes": nodes_text(nodes)}
        found = await self._control.ask("GET", "/v1/faults", Faults, query=query, waits_s=NODES_S)
        return Found(found.faults, found)

    async def get(self, fault_id: str, *, nodes: Nodes = "here") -> ActiveFault:
        """One of them, by its id or its name, with what it did so far."""
        query = {"nodes": nodes_text(nodes)}
        return await self._control.ask(
            "GET", f"/v1/faults/{segment(fault_id)}", ActiveFault, query=query, waits_s=NODES_S
        )

    async def remove(self, fault_id: str, *, nodes: Nodes = "here") -> ActiveFault:
        """Switch one off, by its id or its name; what it holds back is given out. As it was."""
        query = {"nodes": nodes_text(nodes)}
        return await self._control.ask(
            "DELETE", f"/v1/faults/{segment(fault_id)}", ActiveFault, query=query, waits_s=NODES_S
        )

    async def clear(self, *, nodes: Nodes = "here") -> Found[ActiveFault]:
        """Switch all off; which those were."""
        query = {"nodes": nodes_text(nodes)}
        found = await self._control.ask("DELETE", "/v1/faults", Faults, query=query, waits_s=NODES_S)
        return Found(found.faults, found)


class ControlRules:
    """How a world answers what clients send: those of the server that is asked, or of all `nodes` of its bus. Rules for
    all nodes are kept by its source.
    """

    def __init__(self, control: "Control") -> None:
        self._control = control

    async def add(self, rule: str | Mapping[str, Any], *, nodes: Nodes = "here") -> ActiveRule:
        """Answer so from now on; a text is what stands between the braces of a mapping in YAML."""
        asked, query = mapping_of(rule, "rule"), {"nodes": nodes_text(nodes)}
        return await self._control.ask("POST", "/v1/rules", ActiveRule, query=query, body=asked)

    async def list(self, *, nodes: Nodes = "here") -> Sequence[ActiveRule]:
        """Those that hold, in the order in which they were added."""
        return (await self._control.ask("GET", "/v1/rules", Rules, query={"nodes": nodes_text(nodes)})).rules

    async def get(self, rule_id: str, *, nodes: Nodes = "here") -> ActiveRule:
        """One of them, and how often it was met."""
        query = {"nodes": nodes_text(nodes)}
        return await self._control.ask("GET", f"/v1/rules/{segment(rule_id)}", ActiveRule, query=query)

    async def remove(self, rule_id: str, *, nodes: Nodes = "here") -> None:
        """Answer so no more."""
        query = {"nodes": nodes_text(nodes)}
        await self._control.ask("DELETE", f"/v1/rules/{segment(rule_id)}", type(None), query=query)

    async def clear(self, *, nodes: Nodes = "here") -> None:
        """Have no rule any more."""
        await self._control.ask("DELETE", "/v1/rules", type(None), query={"nodes": nodes_text(nodes)})
