"""Repeats what the swarm has found: `python -m tests.swarm SEED` plays that seed, prints its script and what is wrong.

`python -m tests.swarm FIRST LAST` looks through all seeds from one to another, and prints those that find something.
"""

import sys

from tests.swarm.script import draw
from tests.swarm.trial import EVENTS_MANY, trial


def main(arguments: list[str]) -> int:
    """0 if nothing is wrong, 1 if something is, 2 if that was no seed."""
    if not 1 <= len(arguments) <= 2 or not all(each.isdecimal() for each in arguments):
        sys.stderr.write("usage: python -m tests.swarm SEED, or FIRST LAST\n")
        return 2
    seeds = [int(each) for each in arguments]
    found = 0
    if len(seeds) == 1:
        sys.stdout.write(f"{draw(seeds[0])}\n")
    for seed in range(seeds[0], seeds[-1] + 1):
        problems = trial(seed) or trial(seed, EVENTS_MANY)
        found += bool(problems)
        sys.stdout.writelines(f"seed {seed}: {problem}\n" for problem in problems)
        sys.stdout.flush()
    sys.stdout.write(f"{found} of {seeds[-1] - seeds[0] + 1} seeds found something\n")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
