import gzip
from pathlib import Path

import pytest

from pvws.errors import InputError
from pvws.files import sources
from pvws.files.compression import compressor, encoding_of
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


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_what_is_too_short_for_a_line_has_nothing_in_it(ending: str, tmp_path: Path) -> None:
    stream = compressor(encoding_of(ending))
    whole = stream.compress((RECORDINGS / "quickstart.pvrec.jsonl").read_bytes()) + stream.finish()
    path = tmp_path / f"a.jsonl{ending}"
    for end in range(12):
        path.write_bytes(whole[:end])
        with (
            pytest.raises(InputError, match=rf"a\.jsonl{ending}:1: expected one of the .*, got "),
            open_source(str(path)),
        ):
            pass


@pytest.mark.parametrize(("ending", "data"), [(".gz", "data in gzip"), (".zst", "data in zstd")])
def test_what_is_not_compressed_as_its_name_says_is_told(ending: str, data: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"something else")
    with pytest.raises(InputError, match=rf"a{ending}:1: expected {data}, got other bytes"), open_source(str(path)):
        pass


@pytest.mark.parametrize("name", ["quickstart.pvrec.jsonl", "partition-and-heal.pvrec.jsonl.gz"])
@pytest.mark.parametrize("other", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"])
def test_how_a_file_is_compressed_is_seen_whatever_it_is_called(name: str, other: str, tmp_path: Path) -> None:
    path = tmp_path / other
    path.write_bytes((RECORDINGS / name).read_bytes())
    with open_source(str(path)) as source:
        assert len(list(source)) > 300


def test_a_compressed_file_of_another_format_that_ends_early_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    lines = b"".join(b'{"ts":%d,"dir":"out","text":"%d"}\n' % (each, each * 7919) for each in range(9_999))
    path.write_bytes(gzip.compress(lines)[:-9])
    with open_source(str(path)) as source:
        assert source.cut_short
        assert len(list(source)) == 9_999
    path.write_bytes(gzip.compress(lines) + b"something else")
    with pytest.raises(InputError, match=r"a\.jsonl\.gz:10000: expected data in gzip"), open_source(str(path)):
        pass
    path.write_bytes(gzip.compress(b'{"log": {"entries": [')[:-9])
    with pytest.raises(InputError, match=r"a\.jsonl\.gz:1: expected one JSON text, got none"), open_source(str(path)):
        pass


def test_a_compressed_har_is_one(tmp_path: Path) -> None:
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
