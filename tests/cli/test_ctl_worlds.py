from tests.support.ctl import Ctl
from tests.support.steered_beside import Beside


def test_a_world_is_leased_listed_and_ended(ctl: Ctl, beside: Beside) -> None:
    assert f"{beside.web_socket}?world=w1" in ctl("lease", "w1", "--ttl", "1h").out
    assert [line.split()[0] for line in ctl("worlds").out.splitlines()] == ["world", "main", "w1"]
    assert ctl("state", "--world", "w1", "--json").json["world"] == "w1"
    assert ctl("end", "w1").code == 0
    assert [each["name"] for each in ctl("worlds", "--json").json["worlds"]] == ["main"]
    assert ctl("end", "w1").code == 2
    assert ctl("lease", "w2", "--ttl", "soon").code == 2
