from msgspec.structs import replace

from pvws.testing.verdict import Outcome
from tests.testing.conftest import RightServer
from tests.testing.rulings import assert_holds, judged, with_outcome


async def test_every_rule_of_the_section_holds_of_the_upstream_profile(right_server: RightServer) -> None:
    async with right_server("upstream") as target:
        await assert_holds(target, "upstream")


async def test_hardly_any_rule_of_the_section_holds_of_the_documented_profile(right_server: RightServer) -> None:
    async with right_server() as target:
        verdicts = await judged(replace(target, profile="upstream", quick=True), ["upstream"])
    assert with_outcome(verdicts, Outcome.HELD) == ALIKE


ALIKE = {"upstream.topic-form", "upstream.good-timestamp", "upstream.512-bytes"}
"""Rows that both kinds of server keep."""
