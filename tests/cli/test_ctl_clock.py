import pytest

from pvws.cli.ctl_clock import speed_of
from pvws.errors import InputError
from tests.support.ctl import Ctl


def test_the_clock_is_held_moved_and_let_go(ctl: Ctl) -> None:
    assert "held" in ctl("pause").out
    moved = ctl("advance", "5s", "--json").json
    assert moved["clock"]["at"] == "2024-01-01T00:00:05.000000Z"
    assert "2024-01-01T00:00:06.000Z (6s), held;" in ctl("advance", "--to", "2024-01-01T00:00:06Z").out
    assert "marks passed: ten" in ctl("until", "--mark", "ten").out
    assert '"security_alert"' in ctl("until", "type == 'security_alert'", "--within", "1m").out
    assert ctl("step", "2", "--json").json["count"] >= 2
    assert ctl("seek", "2024-01-01T00:00:01Z").code == 0
    assert ctl("clock", "--json").json["at"] == "2024-01-01T00:00:01.000000Z"
    assert ctl("speed", "max", "--json").json["speed"] == "max"
    assert ctl("speed", "2").code == 0
    assert ctl("settle").code == 0
    assert "runs at speed 2" in ctl("resume").out
    running = ctl("advance", "1s")
    assert (running.code, running.out) == (2, "")
    assert "hold" in running.err
    assert ctl("pause").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["advance"], "expected either a duration, or --to, got neither"),
        (["advance", "1s", "--to", "x"], "got both"),
        (["advance", "soon"], "by: expected a duration"),
        (["advance", "1s", "--timeout", "soon"], '--timeout: expected a duration like "30s"'),
        (["speed", "fast"], "speed: expected"),
        (["seek", "noon"], "to: expected"),
        (["until"], "expected"),
        (["until", "type ="], "expected"),
    ],
)
def test_wrong_input_leaves_with_2_and_what_would_be_right(ctl: Ctl, arguments: list[str], words: str) -> None:
    said = ctl(*arguments)
    assert said.code == 2
    assert words in said.err


def test_what_never_happens_is_said(ctl: Ctl) -> None:
    ctl("pause")
    said = ctl("until", "--type", "network_alert", "--within", "1s")
    assert said.code == 1
    assert "did not happen" in said.err


def test_a_speed_is_a_factor_or_max() -> None:
    assert (speed_of("speed", "2.5"), speed_of("speed", "max")) == (2.5, "max")
    with pytest.raises(InputError, match=r"^--speed: expected"):
        speed_of("--speed", "0")
