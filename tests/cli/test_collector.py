"""The collector of cycles: it looks seldom while a scenario is played, and not at what was there before."""

import subprocess
import sys

SCRIPT = """
import gc
from pvws.cli.collector import spare_collector
before = len(gc.get_objects())
spare_collector()
assert gc.get_freeze_count() > 0.9 * before, "what there was is left alone"
looks = gc.get_stats()[0]["collections"]
kept = [[] for _ in range(40_000)]
assert gc.get_stats()[0]["collections"] == looks, "nobody looked at 40,000 new things"
kept += [[] for _ in range(40_000)]
assert gc.get_stats()[0]["collections"] > looks, "but somebody does look"
"""


def test_what_is_loaded_is_left_alone_and_new_things_are_looked_at_seldom() -> None:
    # A process of its own: it is for all that a process does.
    subprocess.run([sys.executable, "-c", SCRIPT], check=True)
