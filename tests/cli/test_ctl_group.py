import pytest

from pvws.cli.ctl_group import arranged

COMMANDS = frozenset({"state", "wait", "seek"})


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("state", "state"),
        (":9001 state", "--url :9001 state"),
        ("--world w1 host:9001 state", "--world w1 --url host:9001 state"),
        ("state --json", "--json state"),
        ("state --world w1 --token=t", "--world w1 --token=t state"),
        ("state --url :9001", "--url :9001 state"),
        ("wait 8084 --count 2", "wait 8084 --count 2"),
        ("seek 2024-01-01T00:00:00Z", "seek 2024-01-01T00:00:00Z"),
        ("wait -- --json", "wait -- --json"),
        ("state --world", "--world state"),
        ("nothing :9001", "nothing :9001"),
    ],
)
def test_what_says_which_server_is_meant_may_stand_anywhere(given: str, meant: str) -> None:
    assert arranged(given.split(), COMMANDS) == meant.split()
