"""The kernel: stage time, moved on by what stands on the agenda and by nothing else."""

from heapq import heappop, heappush, heappushpop
from typing import Any

from mypy_extensions import mypyc_attr

from pvws.sim.agenda import Action, Entry, Instant
from pvws.timestamp import Timestamp

__all__ = ["SILENT_STEPS_MAX", "Kernel"]

SILENT_STEPS_MAX = 10_000
"""Steps of which nothing is told before whoever asked gets a turn: a few hundredths of a second."""

_MILLISECOND = 1_000  # microseconds


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Kernel:
    """Runs actions in the order of the agenda. `now` is the instant of the last one run, from `start` on.

    The agenda is a heap of (at, rank, sequence, action, argument): no two entries compare equal, so the order is
    total. At one instant the lower rank comes first, and within a rank what was put down first. Actions are bound
    methods and arguments plain values, so that a kernel can be pickled with the world it moves. An action that gives
    a number is to happen again so many microseconds later, with the same argument and rank: it is put down again,
    behind what it has put down itself.

    Order of calls: `schedule` at any time, also from within an action; `peek`, then `step`, or `run`.
    """

    __slots__ = ("_enough", "_entries", "_sequence", "_until", "now", "stamp")

    def __init__(self, start: Instant) -> None:
        self.now = start
        self.stamp = Timestamp(start - start % _MILLISECOND)
        """The instant as the API writes it, which is to the millisecond: one object for all that happens in that."""
        self._until = self.stamp.micros + _MILLISECOND
        self._entries: list[Entry] = []
        self._enough = 0
        self._sequence = 0  # a plain number, since Python 3.14 no longer pickles itertools.count

    def __len__(self) -> int:
        return len(self._entries)

    def schedule(self, at: Instant, action: Action, argument: Any = None, rank: int = 0) -> None:
        """Have an action run at an instant, which must not lie in the past."""
        assert at >= self.now, f"an action was scheduled for {at}, before {self.now}"
        heappush(self._entries, (at, rank, self._sequence, action, argument))
        self._sequence += 1

    def after(self, delay: Instant, action: Action, argument: Any = None, rank: int = 0) -> None:
        """Have an action run some microseconds from now, none of them below 0."""
        heappush(self._entries, (self.now + delay, rank, self._sequence, action, argument))
        self._sequence += 1

    def clear(self) -> None:
        """Put down nothing any more: all that was to happen does not."""
        self._entries.clear()

    def peek(self) -> Instant | None:
        """When the next action is due; None when nothing is left to do."""
        return self._entries[0][0] if self._entries else None

    def step(self) -> None:
        """Run the next action. Raises IndexError when nothing is left to do."""
        self.now, rank, _, action, argument = heappop(self._entries)
        if self.now >= self._until:
            self._turn()
        if (again := action(argument)) is not None:
            self.after(again, action, argument, rank)

    def run_on(self, until: Instant, told: list[Any], enough: int) -> list[Instant]:
        """Run what is due up to and including an instant, until there is `enough` in the list `told` or somebody calls
        for a halt. Gives the instant of each thing in it. While something is left there from before nothing is run.

        It also stops after some steps of which nothing was told, so that whoever waits is never deaf for long.
        """
        entries, instants = self._entries, [self.now] * len(told)
        if told or not entries or enough < 1:
            return instants
        number, silent, stamped = 0, 0, self._until
        self._enough = enough
        at, rank, sequence, action, argument = heappop(entries)
        while at <= until:
            self.now = at
            if at >= stamped:
                stamped = self._turn()
            again = action(argument)
            number += 1
            if len(told) == number:  # one thing, as nearly always
                instants.append(at)
            elif len(told) > number:
                number = len(told)
                instants += [at] * (number - len(instants))
            else:
                number -= 1
                silent += 1
                if silent == SILENT_STEPS_MAX:
                    self._enough = 0
            if again is not None:  # to put down one entry and take up the next is little more than one of the two
                entry = (at + again, rank, self._sequence, action, argument)
                self._sequence += 1
                at, rank, sequence, action, argument = heappushpop(entries, entry)
            elif entries:
                at, rank, sequence, action, argument = heappop(entries)
            else:
                return instants
            if number >= self._enough:
                break
        heappush(entries, (at, rank, sequence, action, argument))
        return instants

    def halt(self) -> None:
        """What is told now is to be heard before anything else happens: `run_on` stops behind this action."""
        self._enough = 0

    def run(self, until: Instant) -> None:
        """Run all actions due up to and including an instant, which is `now` afterwards."""
        while self._entries and self._entries[0][0] <= until:
            self.step()
        self.now = max(self.now, until)
        if self.now >= self._until:
            self._turn()

    def _turn(self) -> Instant:
        """Another millisecond has begun. Gives its end."""
        self.stamp = Timestamp(self.now - self.now % _MILLISECOND)
        self._until = self.stamp.micros + _MILLISECOND
        return self._until
