import pytest

from pvws.client.changes import Change, Dropped, Refused, State, state_after
from pvws.client.happenings import Connected, Disconnected, Unreached
from pvws.timestamp import Timestamp
from pvws.wire.messages import ErrorCode, ErrorMessage

REFUSED = Refused(ErrorMessage(ErrorCode.RATE_LIMIT_EXCEEDED, "slow down", Timestamp(0), 60))


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize(
    ("change", "leads_to"),
    [
        (Connected("ws://h/ws", 1), State.CONNECTED),
        (Disconnected(1006, "", 0.5), State.RECONNECTING),
        (Disconnected(1000, "", None), State.CLOSED),
        (Unreached("ws://h/ws", 1, "refused", 0.5), None),
        (REFUSED, None),
        (Dropped(7), None),
    ],
)
def test_a_change_leads_from_each_state_to_one(state: State, change: Change, leads_to: State | None) -> None:
    assert state_after(state, change) is (leads_to or state)
