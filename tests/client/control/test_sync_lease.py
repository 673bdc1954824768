"""Made from lease.py, which its tests are about; test_sync_control holds that, and one in a thread."""

import pytest

from pvws.client.control.sync_control import SyncControl
from pvws.errors import InputError, ReachError


def test_a_wrong_time_is_refused_before_anybody_is_asked() -> None:
    with pytest.raises(InputError, match=r"^ttl: expected a duration"):
        SyncControl(":1").world(ttl="soon")


def test_a_world_of_nobody_is_none() -> None:
    with pytest.raises(ReachError), SyncControl("127.0.0.1:1").world("w1"):
        pass
