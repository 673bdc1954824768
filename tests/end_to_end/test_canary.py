"""A client with a planted bug: it is found, made short, and what is left repeats it."""

from pathlib import Path

import pytest

from pvws.scenario.loader import load
from tests.support.command import pvws
from tests.support.tried import SMALL

CANARY = (*SMALL[:-1], SMALL[-1].replace("small_client", "canary_client"), "{url}")
LINGER = "250ms"  # much longer than it takes a client to crash, and shorter than usual: most runs wait for it
SCRIPT = """\
scenario: canary
seed: 1
duration: 13s
speed: 200
network: {peers: 1}
behaviours:
  deletes: {rate: 5/s, from: 12s}
timeline:
  - {at: 11s, do: burst, files: 3, over: 300ms}
expect:
  - {client: connects, within: 20s}
explore:
  timing: 100ms
  values: {network.peers: [1, 2]}
  faults:
    - {drop: 100%, types: [file_uploaded], chance: 40%, from: 10900ms, until: 11400ms, for: 1s}
"""
"""All that matters comes behind 50 ms, by when the client has subscribed, and is over 15 ms later."""


@pytest.mark.timeout(240)  # some twenty runs, each with a process: a busy machine takes long for that
def test_a_bug_that_some_seeds_show_is_found_and_made_short_and_the_rest_repeats_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("canary.yaml").write_text(SCRIPT, encoding="utf-8")
    found = pvws("explore", "canary.yaml", "--seeds", "10", "--linger", LINGER, "-o", "found", "--", *CANARY)
    assert found.returncode == 1, found.stdout
    assert "the command exited with 1" in found.stdout
    assert not found.stdout.startswith("seed 1 "), "not every seed shows it"
    shrunk = pvws("shrink", "found.yaml", "--repeat", "1", "--linger", LINGER, "-o", "short.yaml", "--", *CANARY)
    assert shrunk.returncode == 0, shrunk.stderr
    short = load(Path("short.yaml").read_text("utf-8"), "short.yaml")
    assert len(short.timeline) <= 2
    assert len(short.behaviours) <= 1
    assert short.network.count <= 2
    assert len(Path("short.yaml").read_text("utf-8").splitlines()) <= 13
    again = pvws("test", "short.yaml", "--artefacts", "off", "--", *CANARY)
    assert again.returncode == 1
    assert "KeyError" in again.stdout + again.stderr
