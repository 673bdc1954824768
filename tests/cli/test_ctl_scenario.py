from pathlib import Path

import pytest

from pvws.cli.ctl_scenario import meant
from tests.support.ctl import Ctl


def test_scenarios_of_the_server_are_listed(ctl: Ctl) -> None:
    assert "quickstart" in ctl("scenarios").out


@pytest.mark.parametrize(
    ("text", "found"), [("quickstart", "quickstart"), ("mine.yaml", Path("mine.yaml")), ("a/b", Path("a/b"))]
)
def test_a_file_is_told_from_a_name(text: str, found: object) -> None:
    assert meant(text) == found
