import gzip
from pathlib import Path

import pytest

from pvws.cli.conversion import convert_file, form_named
from pvws.errors import InputError
from pvws.files.recordings import RecordingWriter, open_recording
from pvws.recording.format import Header, Message, Open, Ping
from pvws.recording.formats import READABLE
from pvws.recording.redact import Redactor

ENTRIES = [Open(0, url="ws://h/?token=s3cr3t"), Ping(1, "recv"), Message(2, "recv", b'{"key":"k"}')]


@pytest.fixture
def recorded(tmp_path: Path) -> str:
    path = str(tmp_path / "a.pvrec.jsonl")
    with RecordingWriter(path, Header(url="ws://h/?token=s3cr3t"), redactor=Redactor(tokens=False)) as writer:
        for entry in ENTRIES:
            writer.write(entry)
    return path


def convert(source: str, target: Path, *paths: str, tokens: bool = True, to_name: str | None = None) -> list[str]:
    return convert_file(source, str(target), to_name=to_name, redactor=Redactor(paths, tokens=tokens))


def test_a_recording_is_compressed_and_redacted_on_its_way(recorded: str, tmp_path: Path) -> None:
    target = tmp_path / "b.pvrec.jsonl.zst"
    assert convert(recorded, target, "key") == [f"{target}: a recording of 3 entries, made from a recording"]
    with open_recording(str(target)) as recording:
        assert recording.header == Header(url="ws://h/?token=REDACTED", redacted=("tokens", "key"))
        assert list(recording) == [
            Open(0, url="ws://h/?token=REDACTED"),
            ENTRIES[1],
            Message(2, "recv", b'{"key":"REDACTED"}'),
        ]


def test_tokens_are_kept_where_somebody_says_so(recorded: str, tmp_path: Path) -> None:
    convert(recorded, tmp_path / "b.jsonl", tokens=False)
    assert b"s3cr3t" in (tmp_path / "b.jsonl").read_bytes()


def test_what_has_no_place_is_told_and_a_har_can_be_compressed(recorded: str, tmp_path: Path) -> None:
    target = tmp_path / "b.har.gz"
    told = convert(recorded, target)
    assert told == [
        f"{target}: a HAR of 3 entries, made from a recording",
        "1 of them has no place in a HAR, and is not in it",
    ]
    assert b"s3cr3t" not in gzip.decompress(target.read_bytes())


@pytest.mark.parametrize("name", ["b.jsonl", "b.jsonl.gz", "b.har", "b.jsonl.zst"])
def test_of_a_source_that_is_wrong_no_part_is_left(recorded: str, tmp_path: Path, name: str) -> None:
    with Path(recorded).open("a") as file:
        file.write("nothing\n")
    with pytest.raises(InputError, match=r"a\.pvrec\.jsonl:5: expected one JSON object"):
        convert(recorded, tmp_path / name)
    assert not (tmp_path / name).exists()


def test_a_source_that_was_cut_short_is_told(recorded: str, tmp_path: Path) -> None:
    Path(recorded).write_bytes(Path(recorded).read_bytes()[:-3])
    assert convert(recorded, tmp_path / "b.jsonl")[-1].endswith(
        "was cut short: its last line has no end and is left out"
    )


def test_the_name_or_an_option_says_the_format(recorded: str, tmp_path: Path) -> None:
    convert(recorded, tmp_path / "b.txt", to_name="har")
    assert (tmp_path / "b.txt").read_bytes().startswith(b'{\n  "log"')
    with pytest.raises(InputError, match=r"^B: expected a name that ends in \.jsonl or \.har"):
        convert(recorded, tmp_path / "b.txt")
    with pytest.raises(InputError, match=r'^--to: expected one of recording, har, raw-ws-capture, got "mockd"'):
        convert(recorded, tmp_path / "b.txt", to_name="mockd")
    assert form_named("--from", None, READABLE) is None
    with pytest.raises(InputError, match=r'\(did you mean "mockforge"\?\)'):
        form_named("--from", "mockforg", READABLE)


def test_a_file_is_not_converted_onto_itself(recorded: str) -> None:
    before = Path(recorded).read_bytes()
    with pytest.raises(InputError, match=r"^B: expected another file than A"):
        convert(recorded, Path(recorded))
    assert Path(recorded).read_bytes() == before


def test_a_target_that_can_not_be_written_is_told(recorded: str, tmp_path: Path) -> None:
    for name in ("no/such/b.jsonl", "no/such/b.har"):
        with pytest.raises(InputError, match=r"^B: expected a file that can be written, got .* \(no such file"):
            convert(recorded, tmp_path / name)
