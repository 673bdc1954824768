import os
import signal
import subprocess
import sys

import pytest

from pvws.testing.trial import family
from pvws.testing.trial.family import MARK_VARIABLE, Family

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sessions")


@pytest.fixture(params=[True, False], ids=["listed", "by group"])
def _listed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """With what Linux tells of processes, and without, as on macOS."""
    listed: bool = request.param
    monkeypatch.setattr(family, "_is_listed", lambda: listed)
    return listed


@pytest.mark.usefixtures("_listed")
def test_a_session_lives_until_its_last_process_has_ended() -> None:
    process = subprocess.Popen(["sleep", "100"], start_new_session=True)
    found = Family(process.pid, "a mark")
    assert found.lives()
    found.send(signal.SIGTERM)
    assert process.wait(20) == -signal.SIGTERM
    assert not found.lives()
    found.send(signal.SIGKILL)  # to nobody


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of the environment of every process")
def test_who_has_the_mark_belongs_to_it_and_nobody_else_does() -> None:
    marked = subprocess.Popen(["sleep", "100"], env=os.environ | {MARK_VARIABLE: "ours"}, start_new_session=True)
    other = subprocess.Popen(["sleep", "100"], env=os.environ | {MARK_VARIABLE: "theirs"}, start_new_session=True)
    try:
        found = Family(2**30, "ours")
        assert found.lives()
        found.send(signal.SIGKILL)
        assert marked.wait(20) == -signal.SIGKILL
        assert not found.lives()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
