"""Flaws by what they are about, and how a client dies of one."""

import os
import sys
from typing import NoReturn


def crash(why: object) -> NoReturn:
    """Die, as of an exception that nobody has expected: at once, and with everything open."""
    print(f"crashed: {why}", file=sys.stderr, flush=True)
    os._exit(70)
