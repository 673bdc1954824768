"""The AsyncAPI document, read by the AsyncAPI project's own parser."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pvws.cli.schemas import asyncapi_text

pytestmark = pytest.mark.tools


def parsed(node: Path, text: str) -> dict[str, Any]:
    program = Path(__file__).with_name("asyncapi.mjs")
    ended = subprocess.run([node, program], input=text, capture_output=True, text=True, timeout=60, check=True)
    said: dict[str, Any] = json.loads(ended.stdout)
    return said


def test_it_is_taken_without_a_complaint(node: Path) -> None:
    said = parsed(node, asyncapi_text())
    assert said["complaints"] == []
    assert (said["title"], said["channels"]) == ("The PeerVault WebSocket API", ["documented", "upstream"])
    document = json.loads(asyncapi_text())
    assert set(said["messages"]) == set(document["components"]["messages"])


def test_one_that_is_wrong_is_not(node: Path) -> None:
    document = json.loads(asyncapi_text())
    document["channels"]["documented"]["messages"]["pong"]["$ref"] = "#/components/messages/pang"
    assert parsed(node, json.dumps(document))["complaints"]
