"""Clients that are the good one (`reference.py`) but for a single flaw each, of those that are met in real life.

    python -I -S flawed.py FLAW [URL]

A flaw is a class in `flaws/`, and is called on the command line what its class is called: `NoBackoff` is `no-backoff`.
Without a flaw it prints the names of all, one a line.
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # `python -I` leaves it out

from flaws import going, reading, returning, secrets, shaking, speaking
from reference import Client, main

FLAWS = {
    re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower(): kind
    for folder in (going, reading, returning, secrets, shaking, speaking)
    for name, kind in vars(folder).items()
    if isinstance(kind, type) and issubclass(kind, Client) and kind is not Client and name[0] != "_"
}
"""By the names that they have on the command line."""

if __name__ == "__main__":
    if len(sys.argv) < 2:
        print("\n".join(FLAWS))
    else:
        sys.exit(main(FLAWS[sys.argv[1]], *sys.argv[2:]))
