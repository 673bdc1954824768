"""Every rule holds of our own server, in both profiles; so the checker judges nothing that is right as wrong."""

import pytest

from pvws.testing.verdict import Outcome
from tests.testing.conftest import RightServer
from tests.testing.rulings import BROKEN_YET, failures, judged_whole, told, with_outcome


@pytest.mark.parametrize("profile", ["documented", "upstream"])
async def test_every_rule_holds_of_our_own_server(right_server: RightServer, profile: str) -> None:
    verdicts = await judged_whole(lambda times: right_server(profile, times=times))
    assert failures(verdicts) == BROKEN_YET[profile], told(verdicts)
    for verdict in verdicts.values():
        if verdict.outcome is Outcome.NOT_JUDGED:
            assert verdict.rule.startswith(("authentication.", "origins.refused")), verdict


async def test_every_rule_holds_of_our_own_server_with_tokens(right_server: RightServer) -> None:
    verdicts = await judged_whole(lambda times: right_server(times=times, token="sesame"))
    assert failures(verdicts) == BROKEN_YET["documented"], told(verdicts)
    assert with_outcome(verdicts, Outcome.NOT_JUDGED) == {
        "authentication.none-configured",
        "authentication.topics",
        "messages.auth-ignored",
        "origins.refused",
        "origins.refused-headers",
    }
