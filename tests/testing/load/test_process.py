import os
import sys

import pytest

from pvws.errors import PvwsError
from pvws.testing.load.process import on_core, server_process

TALK = 'import json, sys; print(json.dumps({"a": 1}), flush=True); input(); print(json.dumps({"b": 2}), flush=True)'


def test_a_process_says_lines_of_json_and_is_told_to_go_on() -> None:
    with server_process([sys.executable, "-c", TALK + "; input()"]) as server:
        assert server.hear() == {"a": 1}
        assert not server.has_said()
        assert server.resident_kib() is None or server.resident_kib() > 1_000
        server.tell()
        assert server.hear() == {"b": 2}


def test_one_that_ends_is_told_with_its_exit_code() -> None:
    with server_process([sys.executable, "-c", "raise SystemExit(3)"]) as server:
        with pytest.raises(PvwsError, match="ended by itself, with exit code 3"):
            server.hear()
        with pytest.raises(PvwsError, match="ended by itself, with exit code 3"):
            server.tell()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system lets nobody choose a core")
def test_one_core_is_kept_to_and_given_up_again() -> None:
    before = os.sched_getaffinity(0)
    with on_core(-1):
        assert os.sched_getaffinity(0) == {max(before)}
    assert os.sched_getaffinity(0) == before
