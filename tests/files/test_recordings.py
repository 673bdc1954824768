"""Recordings on a real disk: read back at any time, and whole up to where a failure was."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pvws.errors import InputError, PvwsError
from pvws.files.recordings import RecordingWriter, open_recording, opened_blocks
from pvws.recording.format import Entry, Header, Message, Open
from pvws.recording.redact import Redactor

EXTENSIONS = ["", ".gz", ".zst"]
ENTRIES: list[Entry] = [Message(number, "recv", b'{"number":%d}' % number) for number in range(1_000)]


def read(path: Path) -> tuple[Header, list[Entry], bool]:
    with open_recording(str(path)) as recording:
        entries = list(recording)
        return recording.header, entries, recording.cut_short


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_what_is_written_is_read_back(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"a.pvrec.jsonl{extension}"
    with RecordingWriter(str(path), Header(by="test")) as writer:
        for entry in ENTRIES:
            writer.write(entry)
    assert (writer.entries, writer.lost, writer.trouble) == (1_000, 0, None)
    assert read(path) == (Header(by="test", redacted=("tokens",)), ENTRIES, False)
    writer.close()


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_what_was_flushed_is_read_while_it_is_being_written(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"a.pvrec.jsonl{extension}"
    with RecordingWriter(str(path), Header()) as writer:
        assert read(path)[1] == [], "the header is there at once"
        for entry in ENTRIES[:10]:
            writer.write(entry)
        writer.flush()
        writer.write(ENTRIES[10])
        assert read(path)[1:] == (ENTRIES[:10], bool(extension)), "only a compressed file has an end to miss"
    assert read(path)[1:] == (ENTRIES[:11], False)


KILLED = """
import os, sys
from pvws.files.recordings import RecordingWriter
from pvws.recording.format import Header, Message

writer = RecordingWriter(sys.argv[1], Header())
for number in range(int(sys.argv[2])):
    writer.write(Message(number, "recv", b'{"number":%d}' % number))
    writer.flush()
writer.write(Message(10**6, "recv", b"0"))
os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no such signal here")
@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_process_that_is_killed_loses_what_it_had_not_flushed(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"a.pvrec.jsonl{extension}"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), "200"], check=False)
    assert done.returncode == -signal.SIGKILL
    assert read(path)[1:] == (ENTRIES[:200], bool(extension))


FULL = """
import resource, signal, sys
from pvws.errors import PvwsError
from pvws.files.recordings import RecordingWriter
from pvws.recording.format import Header, Message

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))
writer = RecordingWriter(sys.argv[1], Header())
for number in range(1_000):
    try:
        writer.write(Message(number, "recv", b'{"number":%d}' % number))
        writer.flush()
    except PvwsError as error:
        print(error)
writer.close()
print(writer.entries, writer.lost, writer.trouble is not None)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="files have no limits there that a test could set")
@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_full_disk_ends_the_file_with_its_last_whole_line_and_is_told_once(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"a.pvrec.jsonl{extension}"
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], check=True, capture_output=True, text=True)
    told, counted = done.stdout.splitlines()
    assert told == f"{path}: the recording ends here, it can't be written any further: file too large"
    entries, lost, has_trouble = counted.split()
    assert (entries, has_trouble) == ("1000", "True")
    read_back = read(path)[1:]
    assert read_back == (ENTRIES[: 1_000 - int(lost)], bool(extension))
    assert 0 < int(lost) < 1_000


def test_much_is_flushed_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.pvrec.jsonl"
    with RecordingWriter(str(path), Header()) as writer:
        writer.write(Message(0, "recv", b"1" * 300_000))
        assert path.stat().st_size > 300_000


def test_secrets_do_not_reach_the_disk_unless_somebody_says_so(tmp_path: Path) -> None:
    message = Message(0, "send", b'{"type":"auth","data":{"token":"s3cr3t"}}')
    entries: list[Entry] = [Open(0, url="ws://h/?token=s3cr3t"), message]
    for name, redactor in (("hidden", None), ("open", Redactor(tokens=False))):
        with RecordingWriter(str(tmp_path / name), Header(url="ws://h/?token=s3cr3t"), redactor=redactor) as writer:
            for entry in entries:
                writer.write(entry)
    assert b"s3cr3t" not in (tmp_path / "hidden").read_bytes()
    assert read(tmp_path / "open") == (Header(url="ws://h/?token=s3cr3t"), entries, False)


def test_with_several_connections_each_line_names_its_own(tmp_path: Path) -> None:
    with RecordingWriter(str(tmp_path / "a"), Header(), conns=True) as writer:
        writer.write(ENTRIES[0])
    assert b'"conn":1,' in (tmp_path / "a").read_bytes()


@pytest.mark.parametrize("extension", [".gz", ".zst"])
def test_a_file_that_is_not_what_its_name_says_is_told(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"a{extension}"
    path.write_bytes(b"no recording at all\n")
    with pytest.raises(InputError, match="expected data in "), open_recording(str(path)):
        pass


def test_files_that_can_not_be_opened_are_told_with_their_option(tmp_path: Path) -> None:
    missing, folder = str(tmp_path / "missing"), str(tmp_path)
    with pytest.raises(InputError, match=r'^FILE: .* can be read, got ".*missing" \(no such'), open_recording(missing):
        pass
    with pytest.raises(InputError, match=r"^A: .* \(is a directory\)"), opened_blocks(folder, "A") as blocks:
        list(blocks)
    with pytest.raises(InputError, match=r"^--record: expected a file that can be written, got .* \(is a directory\)"):
        RecordingWriter(folder, Header())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device here")
def test_a_disk_that_is_full_from_the_start_is_told() -> None:
    with pytest.raises(PvwsError, match=r"^/dev/full: .*: no space left on device$"):
        RecordingWriter("/dev/full", Header())
