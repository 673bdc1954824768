from pathlib import Path

import pytest

from pvws.errors import InputError
from pvws.files import sources
from pvws.files.sources import open_source
from pvws.recording.format import Message, Open

DATA = Path(__file__).parents[1] / "recording" / "data"
RECORDINGS = Path(__file__).parents[2] / "recordings"


def test_a_recording_is_read_lazily_with_its_lines() -> None:
    with open_source(str(RECORDINGS / "peervault-normal.pvrec.jsonl")) as source:
        assert source.form == "recording"
        assert source.header.scenario == "normal"
        lines = [line for line, _ in source.lines()]
    assert lines == list(range(2, 81))
    assert not source.cut_short


def test_another_format_is_read_whole_and_its_entries_are_numbered() -> None:
    with open_source(str(DATA / "har" / "mitm.har")) as source:
        assert (source.form, source.header.by) == ("har", "mitmproxy 11.0.2")
        numbered = list(source.lines())
    assert [number for number, _ in numbered] == list(range(1, 9))
    assert isinstance(numbered[0][1], Open)


def test_a_compressed_har_is_one(tmp_path: Path) -> None:
    import gzip

    path = tmp_path / "a.har.gz"
    path.write_bytes(gzip.compress((DATA / "har" / "pw.har").read_bytes()))
    with open_source(str(path)) as source:
        assert sum(isinstance(entry, Message) for entry in source) == 9


def test_what_is_said_to_be_another_format_is_read_as_that() -> None:
    path = str(DATA / "har" / "pw.har")
    with pytest.raises(InputError, match=r"websocket: expected an object"), open_source(path, form="mockd"):
        pass


def test_what_is_too_large_to_be_read_whole_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "FOREIGN_BYTES_MAX", 300_000)
    path = tmp_path / "a.har"
    path.write_bytes(b'{"log": {' + b" " * 400_000)
    with pytest.raises(InputError, match=r"a\.har:1: expected a file of at most 300,000 b"), open_source(str(path)):
        pass


def test_a_recording_that_was_cut_short_says_so_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes((RECORDINGS / "quickstart.pvrec.jsonl").read_bytes()[:-10])
    with open_source(str(path)) as source:
        assert len(list(source)) == 367
        assert source.cut_short
