"""What the parts of the report start ends with them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import ends, lives

SERVED = """
import pathlib, sys
from tests.reliability.served import served
with served(pathlib.Path(sys.argv[1]), "serve") as server:
    print(server.process.pid, flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups to signal")
def test_a_server_ends_with_who_has_started_it_also_when_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVED, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as ours:
        assert ours.stdout is not None
        server = int(ours.stdout.readline())
        assert lives(server)
        ours.kill()
    assert ends(server)
