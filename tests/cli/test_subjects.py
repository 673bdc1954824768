"""What `explore` and `shrink` share: the command that is run, and those that are shown."""

from pathlib import Path
from typing import Any

import pytest

from pvws.cli.subjects import (
    cores,
    last_words,
    shown_shrink,
    shown_test,
    subject_of,
)
from pvws.errors import InputError
from pvws.server.settings import Configuration
from pvws.testing.trial.command import Exit
from pvws.testing.trial.result import Result, Timings
from pvws.testing.trial.trial import Trial

GIVEN: dict[str, Any] = {
    "command": ["node", "my client.js"],
    "timeout": None,
    "linger": "1s",
    "repeat": 3,
    "jobs": None,
    "env": None,
    "config": None,
    "profile": None,
    "token": None,
    "tls_cert": None,
    "tls_key": None,
    "tls_self_signed": False,
    "control": None,
    "control_token": None,
}


def configuration_of(**given: Any) -> Configuration:
    subject = subject_of(GIVEN | given, given.get("recorded"))
    trial: Trial = subject.trial(stage=None)
    return trial.configuration


def result(ending: Any = "exited") -> Result:
    return Result(ending=ending, exit=Exit(1), verdicts=(), timings=Timings())


def test_each_run_has_a_port_of_its_own_whatever_the_configuration_says(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("websocket:\n  port: 9\n  profile: upstream\n", encoding="utf-8")
    found = configuration_of(config=str(path))
    assert (found.port, found.profile) == (0, "upstream")
    assert configuration_of(config=str(path), profile="documented").profile == "documented"


def test_a_server_with_tls_is_told_to_the_command_with_whom_it_has_to_trust_and_repeated() -> None:
    given = GIVEN | {"tls_self_signed": True}
    trial: Trial = subject_of(given).trial(stage=None)
    assert trial.configuration.tls is not None
    assert Path(trial.authority).read_text("ascii") in Path(trial.bundle).read_text("utf-8")
    assert shown_test("a.yaml", result(), given) == "pvws test a.yaml --tls-self-signed -- node 'my client.js'"
    assert "--tls-self-signed" in shown_shrink("a.yaml", given)


def test_times_are_read_and_what_is_wrong_with_them_is_told() -> None:
    assert subject_of(GIVEN | {"linger": "250ms"}).linger == 0.25
    with pytest.raises(InputError, match=r"^--timeout: expected a duration"):
        subject_of(GIVEN | {"timeout": "soon"})
    with pytest.raises(InputError, match=r"^COMMAND: "):
        subject_of(GIVEN | {"command": []})


def test_the_commands_that_are_shown_repeat_what_was_given_but_for_secrets() -> None:
    given = GIVEN | {"token": ["@tokens.txt", "secret"], "profile": "upstream", "timeout": "5s", "jobs": 2}
    assert shown_test("a b.yaml", result(), given) == (
        "pvws test 'a b.yaml' --timeout 5s --profile upstream --token @tokens.txt --token TOKEN -- node 'my client.js'"
    )
    assert shown_test("a.yaml", result("enough"), GIVEN) == "pvws test a.yaml --until scenario -- node 'my client.js'"
    assert shown_shrink("a.yaml", GIVEN) == "pvws shrink a.yaml -- node 'my client.js'"
    assert shown_shrink("a.yaml", given | {"repeat": 1}) == (
        "pvws shrink a.yaml --repeat 1 --jobs 2 --timeout 5s --profile upstream --token @tokens.txt --token TOKEN "
        "-- node 'my client.js'"
    )


def test_the_last_words_of_a_command_do_not_steer_a_terminal() -> None:
    assert last_words("") == last_words(" \n") == []
    said = last_words("".join(f"line {number}\n" for number in range(30)) + "\x1b[2J")
    assert len(said) == 13
    assert "\x1b" not in said[-1]


def test_there_is_a_core_at_least() -> None:
    assert cores() >= 1
