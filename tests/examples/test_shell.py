"""The script passes its test, and does what its scenario expects."""

from collections.abc import Callable

import pytest

from tests.examples.conftest import Example

pytestmark = [pytest.mark.tools("shell"), pytest.mark.timeout(180)]
Copied = Callable[[str], Example]
TRIED = ("pvws", "test", "scenario.yaml", "--", "./test.sh")


def test_the_script_passes_its_test_and_holds_what_its_scenario_expects(example: Copied) -> None:
    done = example("shell").run(*TRIED)
    assert done.returncode == 0, done.stdout
    assert "ok: network_alert: split in two" in done.stdout
    assert "ok: storage_alert: Storage usage is" in done.stdout
