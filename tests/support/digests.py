"""Makes the digests of the shipped scenarios anew: `python -m tests.support.digests > tests/scenarios/digests.json`.

Whoever does that changes what users see, and what they have recorded: say so in the changelog. If another change moved
a digest, that change is wrong.
"""

import json
import sys

from tests.support.stories import NAMES, digest

if __name__ == "__main__":
    sys.stdout.write(json.dumps({name: digest(name) for name in NAMES}, indent=2) + "\n")
