"""The AsyncAPI document, read by the AsyncAPI project's own parser."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pvws.cli.schemas import asyncapi_text

pytestmark = pytest.mark.tools


def parsed(node: Path, *texts: str) -> list[dict[str, Any]]:
    """What the parser says of each text; one process for all, for it takes seconds to start."""
    program = Path(__file__).with_name("asyncapi.mjs")
    given = json.dumps(texts)
    ended = subprocess.run([node, program], input=given, capture_output=True, text=True, timeout=150, check=True)
    said: list[dict[str, Any]] = json.loads(ended.stdout)
    return said


@pytest.mark.timeout(180)
def test_it_is_taken_without_a_complaint_and_one_that_is_wrong_is_not(node: Path) -> None:
    document = json.loads(asyncapi_text())
    wrong = json.loads(asyncapi_text())
    wrong["channels"]["documented"]["messages"]["pong"]["$ref"] = "#/components/messages/pang"
    said, complained = parsed(node, asyncapi_text(), json.dumps(wrong))
    assert said["complaints"] == []
    assert (said["title"], said["channels"]) == ("The PeerVault WebSocket API", ["documented", "upstream"])
    assert set(said["messages"]) == set(document["components"]["messages"])
    assert complained["complaints"]
