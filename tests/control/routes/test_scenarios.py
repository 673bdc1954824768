"""The scenarios that come with pvws."""

from pvws.stage.shipped import shipped_scenarios
from tests.support.steered import Steered


async def test_the_shipped_ones_are_listed(quiet: Steered) -> None:
    found = {each["name"]: each for each in (await quiet.call("GET", "/v1/scenarios")).body["scenarios"]}
    assert found.keys() == shipped_scenarios().keys()
    assert found["quickstart"]["duration_s"] == 30.0
    assert found["quickstart"]["description"]
