from tests.testing.conftest import RightServer
from tests.testing.rulings import assert_holds


async def test_every_rule_of_the_section_holds_of_a_right_server(right_server: RightServer) -> None:
    async with right_server() as target:
        await assert_holds(target, "http")
