"""When a step of the timeline is taken: at a time, every so often, on a condition, or on what a client does."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import TypeAlias, assert_never

from msgspec import Struct

from pvws.errors import InputError, Problem
from pvws.expression.expression import Expression
from pvws.scenario.matching import fits, matcher, message_of, said
from pvws.scenario.observations import OBSERVATIONS, Observations
from pvws.scenario.play import MEASUREMENTS, TIMELINE, Play
from pvws.sim.source import ClientInput, Deed

__all__ = [
    "Act",
    "At",
    "ClientDoes",
    "Every",
    "Failed",
    "Listener",
    "Place",
    "Taking",
    "Trigger",
    "Watcher",
    "When",
    "begin",
    "condition",
]

_CONDITIONS_KEPT = 16_384  # of a timeline with more, each look at all of them would parse them again
_AT_ONCE_MAX = 1_000  # times that a condition comes true at one instant: more, and steps only answer each other
_SILENCE_MICROS = 1_000_000  # after that a condition is looked at although nothing was told


class At(Struct, frozen=True):
    """Once, so many microseconds after the start."""

    at: int


class Every(Struct, frozen=True):
    """Every so many microseconds: first at `start`, `times` times (None: no matter), but not behind `until` (None: the
    end). What its guard forbids counts as well.
    """

    every: int
    start: int
    until: int | None = None
    times: int | None = None


class When(Struct, frozen=True):
    """Each time that a condition of the world comes true, `times` times; `delay` microseconds later."""

    condition: str
    times: int | None = 1
    delay: int = 0


class ClientDoes(Struct, frozen=True):
    """Each time that a client does something, from the `nth` time on, `times` times; `delay` microseconds later.

    `topic` and `type` restrict it to subscriptions to that topic and messages of that type, `match`, an expression, and
    `schema`, a JSON Schema as a text, to messages that meet them; `by` to one client, by its name or its number. With
    `each` it is counted for each client by itself.
    """

    did: Deed
    topic: str | None = None
    type: str | None = None
    nth: int = 1
    times: int | None = 1
    delay: int = 0
    match: str | None = None
    schema: str | None = None
    by: str | int | None = None
    each: bool = False
    asks: bool = False
    """Whether the step, or what is to be matched, asks for more than who did what."""


Trigger: TypeAlias = At | Every | When | ClientDoes
"""When a step is taken."""

Act: TypeAlias = Callable[[Observations], None]
"""What a step does each time it is taken; it may ask what the run looks like then."""


Failed: TypeAlias = Callable[[InputError], None]
"""Who is told that a step could not be taken."""

Place: TypeAlias = tuple[str, int, int]
"""File, line and column of a step."""


class Taking:
    """A step that is taken again and again: it is counted, and its guard is asked first."""

    __slots__ = ("_act", "_failed", "_guard", "_kernel", "_observations", "_place")

    def __init__(
        self,
        act: Act,
        guard: str | None,
        observations: Observations,
        play: Play,
        place: Place | None = None,
        failed: Failed | None = None,
    ) -> None:
        self._place = place
        self._failed = failed
        self._act = act
        self._guard = guard
        self._observations = observations
        self._kernel = play.kernel

    def take(self, deed: ClientInput | None = None) -> None:
        """Take the step once, if its guard lets it; `deed` is what a client did, if that is why.

        Where it can't be taken `failed` is told, or InputError raised, with its place.
        """
        self._observations.deed = deed
        if self._guard is None or condition(self._guard).holds(self._observations):
            self._observations.number += 1
            try:
                self._act(self._observations)
            except InputError as error:
                if self._failed is None:
                    raise InputError(*(self._placed(problem) for problem in error.problems)) from None
                self._failed(error)
            self._observations.forget()

    def _placed(self, problem: Problem) -> Problem:
        if self._place is None or problem.file is not None:
            return problem
        file, line, column = self._place
        path, expected, found, hint = problem.path, problem.expected, problem.found, problem.hint
        return Problem(path, expected, found, hint=hint, file=file, line=line, column=column)

    def soon(self, delay: int, deed: ClientInput | None = None) -> None:
        """Take it in so many microseconds, in the timeline's turn."""
        self._kernel.after(delay, self.take, deed, rank=TIMELINE)


class Watcher:
    """Looks at a condition, and has a step taken whenever that comes true.

    It is told to look when something was told; of what changes in silence, such as the time, it finds out within a
    second.
    """

    __slots__ = ("_at", "_at_once", "_kernel", "_left", "_name", "_observations", "_taking", "_trigger", "_was")

    def __init__(self, trigger: When, taking: Taking, observations: Observations, play: Play, name: str) -> None:
        self._kernel = play.kernel
        self._name = name
        self._at = -1
        self._at_once = 0
        self._trigger = trigger
        self._taking = taking
        self._observations = observations
        self._left = trigger.times
        self._was = False
        self._kernel.after(_SILENCE_MICROS, self._listen, rank=MEASUREMENTS)

    def _listen(self, _: None) -> None:
        self.look()
        if self._left != 0:
            self._kernel.after(_SILENCE_MICROS, self._listen, rank=MEASUREMENTS)

    def look(self) -> None:
        """Look now. Raises InputError if its step and others only answer each other, so that time stands still."""
        holds = self._left != 0 and condition(self._trigger.condition).holds(self._observations)
        if holds and not self._was:
            self._left = None if self._left is None else self._left - 1
            self._count()
            self._taking.soon(self._trigger.delay)
        self._was = holds

    def _count(self) -> None:
        now = self._kernel.now
        self._at_once = self._at_once + 1 if now == self._at else 1
        self._at = now
        if self._at_once > _AT_ONCE_MAX:
            expected = f"a condition that comes true at most {_AT_ONCE_MAX} times at one instant"
            raise InputError(Problem(f"{self._name}.when", expected, "more", hint='an "in" lets time go on'))


class Listener:
    """Hears what clients do, and has a step taken when it is what the trigger means."""

    __slots__ = ("_heard", "_taking", "_trigger", "fired")

    def __init__(self, trigger: ClientDoes, taking: Taking) -> None:
        self._trigger = trigger
        self._taking = taking
        self._heard: dict[int, int] = {}
        self.fired = 0
        """How often that was so."""

    @property
    def asks(self) -> bool:
        """Whether it wants to know more of what a client did than who did what: its words, and its name."""
        return self._trigger.asks

    def hear(self, deed: ClientInput) -> None:
        """A client has done something."""
        wanted = self._trigger
        if not _is_meant(wanted, deed):
            return
        who = deed.client if wanted.each else 0
        heard = self._heard[who] = self._heard.get(who, 0) + 1
        if heard >= wanted.nth and (wanted.times is None or heard < wanted.nth + wanted.times):
            self.fired += 1
            self._taking.soon(wanted.delay, deed)
        if wanted.each and deed.did == "disconnects":
            self._heard.pop(who, None)


def _is_meant(wanted: ClientDoes, deed: ClientInput) -> bool:
    if deed.did != wanted.did or wanted.topic not in (None, deed.topic) or wanted.type not in (None, deed.type):
        return False
    if wanted.by is not None and wanted.by not in (deed.client, deed.name):
        return False
    if wanted.match is not None and not matcher(wanted.match).holds(partial(said, deed)):
        return False
    return wanted.schema is None or fits(wanted.schema, message_of(deed.message))


class _Repeating:
    __slots__ = ("_end", "_kernel", "_left", "_taking", "_trigger")

    def __init__(self, trigger: Every, taking: Taking, play: Play) -> None:
        self._trigger = trigger
        self._taking = taking
        self._kernel = play.kernel
        self._left = trigger.times
        self._end = None if trigger.until is None else play.start + trigger.until

    def take(self, _: None) -> None:
        kernel = self._kernel
        self._left = None if self._left is None else self._left - 1
        if self._left != 0 and (self._end is None or kernel.now + self._trigger.every <= self._end):
            kernel.after(self._trigger.every, self.take, rank=TIMELINE)
        self._taking.take()


def begin(
    trigger: Trigger,
    name: str,
    play: Play,
    act: Act,
    guard: str | None,
    place: Place | None = None,
    failed: Failed | None = None,
) -> None:
    """Have a step taken when its trigger says so. `name` is that of the stream from which it draws what is random."""
    observations = Observations(play, play.chance.stream(f"observations of {name}"))
    taking = Taking(act, guard, observations, play, place, failed)
    match trigger:
        case At():
            taking.soon(trigger.at)
        case Every():
            assert trigger.until is None or trigger.start <= trigger.until, "it would never be taken"
            play.kernel.after(trigger.start, _Repeating(trigger, taking, play).take, rank=TIMELINE)
        case When():
            play.watchers.append(Watcher(trigger, taking, observations, play, name))
        case ClientDoes():
            play.listeners.append(Listener(trigger, taking))
        case _:
            assert_never(trigger)


@lru_cache(maxsize=_CONDITIONS_KEPT)
def condition(text: str) -> Expression:
    """The condition that a text is; parsed once, and not kept by a run, which so can be pickled. Raises what parsing
    does.
    """
    return Expression.parse(text, known=OBSERVATIONS)
