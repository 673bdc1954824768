from pvws.server.settings import Cors
from tests.testing.conftest import RightServer
from tests.testing.rulings import assert_holds


async def test_every_rule_of_the_section_holds_of_a_right_server(right_server: RightServer) -> None:
    async with right_server() as target:
        await assert_holds(target, "origins", but=("refused", "refused-headers"))


async def test_a_refused_origin_is_judged_where_it_is_named(right_server: RightServer) -> None:
    cors = Cors(origins=("https://good.example",))
    async with right_server(cors=cors, refused_origin="https://evil.example") as target:
        await assert_holds(target, "origins", but=["any", "headers"])
