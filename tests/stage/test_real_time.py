import time

import pytest

from pvws.stage.real_time import steady_clock, wall


def test_a_steady_clock_begins_with_the_wall_clock_and_does_not_follow_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = wall()
    clock = steady_clock()
    assert before <= clock() + 1
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert wall() == 0
    assert clock() >= before - 1
