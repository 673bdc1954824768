"""The kernel: stage time, moved on by what stands on the agenda and by nothing else."""

from typing import Any

from pvws.sim.agenda import Action, Agenda, Instant

__all__ = ["Kernel"]


class Kernel:
    """Runs actions in the order of the agenda. `now` is the instant of the last one run, from `start` on.

    Order of calls: `schedule` at any time, also from within an action; `peek`, then `step`, or `run`.
    """

    __slots__ = ("_agenda", "now")

    def __init__(self, start: Instant) -> None:
        self.now = start
        self._agenda = Agenda()

    def schedule(self, at: Instant, action: Action, argument: Any = None, *, rank: int = 0) -> None:
        """Have an action run at an instant, which must not lie in the past."""
        assert at >= self.now, f"an action was scheduled for {at}, before {self.now}"
        self._agenda.add(at, action, argument, rank=rank)

    def after(self, delay: Instant, action: Action, argument: Any = None, *, rank: int = 0) -> None:
        """Have an action run some microseconds from now."""
        self.schedule(self.now + delay, action, argument, rank=rank)

    def peek(self) -> Instant | None:
        """When the next action is due; None when nothing is left to do."""
        return self._agenda.peek()

    def step(self) -> None:
        """Run the next action. Raises IndexError when nothing is left to do."""
        self.now, action, argument = self._agenda.pop()
        action(argument)

    def run(self, until: Instant) -> None:
        """Run all actions due up to and including an instant, which is `now` afterwards."""
        while (at := self._agenda.peek()) is not None and at <= until:
            self.step()
        self.now = max(self.now, until)
