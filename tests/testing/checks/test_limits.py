import pytest

from pvws.testing.checks.limits import padded
from pvws.testing.verdict import Outcome
from tests.testing.conftest import RightServer
from tests.testing.rulings import assert_holds, judged


@pytest.mark.parametrize("size", [26, 512, 1_048_576])
def test_a_padded_ping_has_the_size_asked_for(size: int) -> None:
    assert len(padded(size)) == size
    assert padded(size).startswith(b'{"type":"ping"')


async def test_every_rule_of_the_section_holds_of_a_right_server(right_server: RightServer) -> None:
    async with right_server() as target:
        await assert_holds(target, "limits")


async def test_another_number_of_connections_than_the_servers_is_found_out(right_server: RightServer) -> None:
    async with right_server(connections=40) as target:
        verdicts = await judged(target, ids=["limits.connections"])
    verdict = verdicts["limits.connections"]
    assert verdict.outcome is Outcome.FAILED
    assert "CONNECTION_REFUSED" in verdict.expected


async def test_many_connections_are_left_out_when_it_has_to_be_quick(right_server: RightServer) -> None:
    async with right_server(quick=True) as target:
        verdicts = await judged(target, ids=["limits.connections"])
    assert verdicts["limits.connections"].why == "skipped by --quick"
