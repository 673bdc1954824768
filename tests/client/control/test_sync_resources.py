"""Made from resources.py, which its tests are about; test_sync_control holds that. Here each part is used once."""

from pathlib import Path

import pytest

import pvws
from tests.support.steered_beside import Beside


def test_each_part_of_a_world_answers(beside: Beside) -> None:
    with pvws.SyncControl(beside.url) as control:
        assert control.clock.state().held
        assert control.journal.entries().lost == 0
        assert control.faults.list() == []
        assert control.rules.list() == []
        assert "quickstart" in {each.name for each in control.scenario.shipped()}
        with pytest.raises(pvws.InputError, match="no such file"):
            control.scenario.load(Path("none.yaml"))
