"""A trial: a script is played in every way that should make no difference, and all that it tells is believed or not."""

import json
import pickle
from collections.abc import Iterator
from typing import get_args

from pvws.errors import MessageError, PvwsError
from pvws.scenario.director import Director
from pvws.scenario.inputs import input_line, inputs_head, read_inputs
from pvws.scenario.loader import load
from pvws.scenario.schema import DEFAULT_START, Scenario
from pvws.sim.chance import Stream
from pvws.sim.source import ClientInput, Cue, Deed, Timed
from pvws.timestamp import Timestamp
from pvws.wire.codec import decode_server_message, encode_event
from pvws.wire.events import EVENT_TYPES
from pvws.wire.messages import Event
from pvws.wire.topics import TOPICS
from pvws.world.truth import Truth, truth
from tests.swarm.script import EMITTED, EMITTED_NUMBER, draw
from tests.world.story import Story

__all__ = ["EVENTS_MANY", "EVENTS_MAX", "trial"]

EVENTS_MAX = 600
"""After so many a trial ends: the most of what a script can do has happened, and it takes a third of a second."""

EVENTS_MANY = 3_000
"""For whoever has time: what takes a minute of a busy script happens as well."""

_PROBLEMS_MAX = 20
_EMITTED = (EMITTED.encode(), str(EMITTED_NUMBER).encode())


def trial(seed: int, events_max: int = EVENTS_MAX) -> list[str]:
    """What is wrong with the run of a seed's script, in sentences; nothing, if all is well."""
    try:
        scenario = load(draw(seed), f"swarm-{seed}.yaml")
        trial = _Trial(scenario, seed, events_max)
        trial.play()
        trial.play_again()
        trial.ask_again()
    except PvwsError as error:
        return str(error).split("\n")
    return trial.problems[:_PROBLEMS_MAX]


class _Trial:
    """Plays a script in slices, tells what clients do, and follows the events. Then it has it played again."""

    def __init__(self, scenario: Scenario, seed: int, events_max: int) -> None:
        self.problems: list[str] = []
        self._events_max = events_max
        self._scenario = scenario
        self._start = DEFAULT_START if scenario.start is None else scenario.start
        self._chance = Stream(seed, "a trial of the swarm")
        self._paranoid = True  # once: it costs a look at everything after every step
        self._played = self._director([])
        self._paranoid = False
        self._story = Story(scenario.alerts.thresholds(), scenario.network.replication)
        self._events: list[Timed | Cue] = []
        self._sequence = 0
        self._journal: list[ClientInput] = []
        self._truths: dict[int, Truth] = {}

    def _director(self, inputs: list[ClientInput]) -> Director:
        scenario = self._scenario
        return Director(
            scenario,
            start=self._start,
            seed=scenario.seed,
            duration=scenario.duration,
            inputs=inputs,
            paranoid=self._paranoid,
        )

    def play(self) -> None:
        """Play it in slices, whose ends are random, while random clients do random things."""
        source, chance = self._played, self._chance
        while (due := source.peek()) is not None and len(self._events) < self._events_max and not self.problems:
            until = None if chance.random() < 0.5 else due + chance.below(3_000_000)
            taken = source.take(until, chance.between(1, 40))
            self._check(taken)
            self._events += taken
            now = source.play.kernel.now
            due = source.peek()
            if due is None or due > now:
                self._rest(complete=chance.random() < 0.1)
            if chance.random() < 0.3:
                self._tell(now + chance.below(200_000))
        if source.peek() is None:
            self._rest(complete=True)

    def play_again(self) -> None:
        """Play it in long slices, with a pickle between two and what clients did from a journal: it tells the same."""
        scenario, seed = self._scenario, self._scenario.seed
        lines = [inputs_head(scenario.scenario, seed, self._start)]
        lines += [input_line(deed, self._start) for deed in self._journal]
        director = self._director(read_inputs("\n".join([*lines, ""]), "inputs", self._start))
        again = director.take(None, self._chance.between(1, self._events_max))
        director = pickle.loads(pickle.dumps(director))
        while len(again) < len(self._events) and director.peek() is not None:
            again += director.take(None, self._events_max)
        for number, (one, other) in enumerate(zip(self._events, again, strict=False)):
            if one != other:
                self.problems.append(f"event {number} of the second run is {other}, and was {one}")
                return
        if len(again) < len(self._events):
            self.problems.append(f"the second run ends after {len(again)} events of {len(self._events)}")

    def ask_again(self) -> None:
        """Ask what was true at some earlier instant, as a stage does: it must be what was true then."""
        if self._truths:
            at = self._chance.choice(list(self._truths))
            director = self._director([deed for deed in self._journal if deed.at <= at])
            while (due := director.peek()) is not None and due <= at:
                director.take(at, self._events_max)
            director.pass_until(at)
            if truth(director.play.world) != self._truths[at]:
                self.problems.append(f"what was true {at - self._start} µs after the start is not true any more")

    def _tell(self, at: int) -> None:
        chance = self._chance
        did: Deed = chance.choice(get_args(Deed))
        topic = str(chance.choice(TOPICS)) if did.endswith("subscribes") else ""
        kind = chance.choice(("ping", "subscribe", "auth")) if did == "sends" else ""
        last = self._journal[-1].at if self._journal else 0
        told = self._played.tell(ClientInput(max(at, last), chance.between(1, 9), did, topic, kind))
        if told is not None:
            self._journal.append(told)
            if told.at <= self._played.play.kernel.now:
                self.problems.append("a client's deed takes effect in the past")

    def _rest(self, *, complete: bool) -> None:
        """Nothing more happens at this instant: what was told must make sense, and if asked, be the whole truth."""
        self._story.rest()
        if complete:
            now = self._played.play.kernel.now
            told = self._truths[now] = truth(self._played.play.world)
            self.problems += self._story.against(told)
        self.problems += self._story.problems
        self._story.problems.clear()

    def _check(self, taken: list[Timed | Cue]) -> None:
        """What a source promises of what it gives, and what the contract says of each text."""
        for place, told in enumerate(taken):
            if isinstance(told, Cue):
                if place != len(taken) - 1:
                    self.problems.append(f"behind {told} there is more")
                continue
            before = self._events[-1] if place == 0 and self._events else taken[place - 1] if place else told
            if told.at < before.at:
                self.problems.append(f"{told} is from the past")
            if told.sequence != self._sequence:
                self.problems.append(f"{told} is not number {self._sequence}")
            self._sequence += 1
            if told.at > before.at:
                self._story.rest()
            self._follow(told)

    def _follow(self, told: Timed) -> None:
        for peer in self._played.play.world.peers[len(self._story.capacities) :]:
            self._story.capacities[peer.id] = peer.capacity
        if any(mark in told.text for mark in _EMITTED):
            self.problems += _unlike_its_envelope(told) if told.type in EVENT_TYPES else ()
            return
        self.problems += _wrong(told)
        if not self.problems:
            self._story.tell(json.loads(told.text))


def _unlike_its_envelope(told: Timed) -> Iterator[str]:
    message = json.loads(told.text)
    if message.get("type") not in (told.type, EMITTED):
        yield f"{told} has another type inside"


def _wrong(told: Timed) -> Iterator[str]:
    """How the text of an event of the network breaks the contract."""
    try:
        event = decode_server_message(told.text)
    except MessageError as error:
        yield f"{told} is no message: {error}"
        return
    if not isinstance(event, Event) or (event.data.type, event.data.topic) != (told.type, told.topic):
        yield f"{told} is something else inside"
    elif encode_event(event.data, event.timestamp) != told.text:
        yield f"{told} reads differently when it is written again"
    elif event.timestamp != Timestamp(told.at - told.at % 1_000):
        yield f"{told} has another instant inside"
