from pvws.scenario.faults.victim import House, Victim
from tests.support.victims import WrittenDown


def test_a_connection_and_a_server_have_all_that_faults_need() -> None:
    victim: Victim = WrittenDown()
    house: House = WrittenDown()
    wanted = {name for each in (Victim, House) for name in vars(each) if not name.startswith("_")}
    assert wanted <= set(dir(victim)) & set(dir(house))
