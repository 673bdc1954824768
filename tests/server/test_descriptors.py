"""In processes of their own, as a limit that was lowered may not be raised again."""

import subprocess
import sys

import pytest

BEGIN = """
import resource
from pvws.server.descriptors import SPARE, allow_descriptors
resource.setrlimit(resource.RLIMIT_NOFILE, (200, 400))
"""


@pytest.mark.parametrize(
    ("connections", "allowed", "soft"),
    [("100", "None", 200), ("300", "None", 364), ("336", "None", 400), ("1_000", "336", 400), ("None", "None", 400)],
    ids=["enough already", "raised", "just enough", "not enough", "as many as may be"],
)
def test_the_soft_limit_is_raised_to_what_is_needed_and_never_the_hard_one(
    connections: str, allowed: str, soft: int
) -> None:
    code = f"{BEGIN}print(allow_descriptors({connections}), resource.getrlimit(resource.RLIMIT_NOFILE))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{allowed} ({soft}, 400)"


def test_where_there_is_no_such_limit_any_number_is_allowed() -> None:
    code = "import sys; sys.modules['resource'] = None\nfrom pvws.server.descriptors import allow_descriptors\n"
    done = subprocess.run(
        [sys.executable, "-c", code + "print(allow_descriptors(10**6))"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "None"
