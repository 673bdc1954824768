"""The recordings in recordings/: right, told of, and made again the same."""

import re
from pathlib import Path

import pytest

from pvws.files.recordings import open_recording
from tests.support.recordings import FOLDER, MADE, make


def test_every_recording_is_told_of_and_made_by_the_command() -> None:
    files = {path.name for path in FOLDER.iterdir() if ".pvrec." in path.name}
    told = set(re.findall(r"^\| \[`([^`]+)`\]", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE))
    assert files == set(MADE) == told


@pytest.mark.parametrize("name", MADE)
def test_a_recording_is_right_and_made_again_the_same(name: str, tmp_path: Path) -> None:
    contents = []
    for path in (FOLDER / name, make(name, tmp_path)):
        # Not the bytes: another zlib compresses otherwise.
        with open_recording(str(path)) as recording:
            contents.append((recording.header, list(recording), recording.cut_short))
    assert contents[0] == contents[1]
    assert contents[0][2] is False
