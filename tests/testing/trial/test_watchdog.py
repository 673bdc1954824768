import os
import subprocess
import sys

import pytest

from pvws.testing.trial.watchdog import Watchdog
from tests.support.processes import ends, lives

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups to signal")

WATCHED = """
import os, subprocess, time
from pvws.testing.trial.watchdog import Watchdog
child = subprocess.Popen(["sleep", "100"], start_new_session=True)
watchdog = Watchdog(child.pid)
print(child.pid, flush=True)
time.sleep(100)
"""


def test_when_we_are_killed_what_is_watched_ends() -> None:
    with subprocess.Popen([sys.executable, "-c", WATCHED], stdout=subprocess.PIPE, text=True) as ours:
        assert ours.stdout is not None
        child = int(ours.stdout.readline())
        assert lives(child)
        ours.kill()
    assert ends(child)


def test_what_is_watched_no_more_goes_on() -> None:
    with subprocess.Popen(["sleep", "100"], start_new_session=True) as child:
        watchdog = Watchdog(child.pid)
        watchdog.release()
        watchdog.release()
        assert child.poll() is None
        os.kill(child.pid, 9)
