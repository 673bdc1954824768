"""`simulate --on` against a real server."""

from typing import Any

import pytest

from pvws.cli.app import run
from pvws.cli.playing_on import advised, playing_on
from pvws.errors import InputError, ReachError
from tests.support.beside_nobody import nobody

NOTHING: dict[str, Any] = {
    "scenario": "quickstart",
    "seed": None,
    "speed": None,
    "duration": None,
    "start": None,
    "set_": None,
    "stay": False,
    "control_token": None,
    "on": ":9001",
    "world": "main",
    "view": "none",
    "port": None,
}


@pytest.mark.parametrize(
    ("name", "value", "option"), [("port", 0, "--port"), ("view", "log", "--view"), ("no_serve", True, "--no-serve")]
)
def test_what_a_server_of_its_own_has_is_refused(name: str, value: object, option: str) -> None:
    with pytest.raises(InputError, match=rf"^--on: expected no {option} beside it"):
        playing_on(NOTHING | {name: value})


def test_what_is_asked_for_is_sent() -> None:
    made = playing_on(NOTHING | {"seed": 3, "speed": "max", "set_": ["peers=5"], "world": "w1"})
    assert (made.seed, made.speed, made.settings, made.control.world_name) == (3, "max", {"peers": "5"}, "w1")
    assert made.path.name == "quickstart.yaml"


def test_where_nothing_answers_it_leaves_with_3(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "quickstart", "--on", nobody()]) == 3
    assert "connection refused" in capfd.readouterr().err
    assert run(["simulate", "quickstrat", "--on", nobody()]) == 2


def test_a_port_that_somebody_else_holds_gets_the_usual_advice() -> None:
    port = int(nobody().rpartition(":")[2])
    error = ReachError(f"127.0.0.1:{port - 1}", "the port is in use by another program", "Choose another one.")
    assert advised(error, NOTHING) is error
    other = ReachError("127.0.0.1:1", "this user may not listen on that port")
    assert advised(other, NOTHING) is other
