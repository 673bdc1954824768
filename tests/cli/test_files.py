from collections.abc import Callable
from pathlib import Path

import pytest

from pvws.cli.files import check_other, check_writable, opened, read_file, remove, write_file, write_whole
from pvws.errors import InputError


def open_to_write(option: str, path: str) -> None:
    with opened(option, path):
        raise AssertionError("it is not opened")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = str(tmp_path / "a")
    write_file("--junit", path, "käse\n")
    assert read_file("--baseline", path) == "käse\n"
    write_whole("--ready-file", path, "whole")
    assert read_file("--baseline", path) == "whole"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_whether_a_file_can_be_written_is_known_without_writing_it(tmp_path: Path) -> None:
    new, old = tmp_path / "new", tmp_path / "old"
    old.write_text("kept")
    for path in (new, old):
        check_writable("--junit", str(path))
    assert not new.exists()
    assert old.read_text() == "kept"
    with pytest.raises(InputError, match="--junit: expected a file that can be written"):
        check_writable("--junit", str(tmp_path))


def test_a_file_that_is_read_is_not_written_under_any_name(tmp_path: Path) -> None:
    source, other = tmp_path / "a", tmp_path / "b"
    check_other("--out", str(source), source)  # neither is there
    source.write_text("mine")
    check_other("--out", str(other), source)
    other.symlink_to(source)
    for path in (source, other):
        with pytest.raises(InputError, match="--out: expected another file than the one that is read"):
            check_other("--out", str(path), source)


def test_an_opened_file_has_what_was_written_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("before, and longer")
    with opened("--out", str(path)) as file:
        file.write(b"now")
        assert path.read_bytes() == b"now"


def test_a_file_may_be_gone_before_it_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.touch()
    remove(str(path))
    remove(str(path))
    assert not path.exists()


@pytest.mark.parametrize("write", [lambda option, path: write_file(option, path, ""), open_to_write])
def test_what_can_not_be_written_is_told_with_its_option(tmp_path: Path, write: Callable[[str, str], None]) -> None:
    with pytest.raises(InputError) as caught:
        write("--out", str(tmp_path / "no" / "a"))
    assert str(caught.value) == (
        f'--out: expected a file that can be written, got "{tmp_path / "no" / "a"}" (no such file or directory)'
    )


def test_what_can_not_be_read_is_told_with_its_option(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"k\xe4se")
    for path, said in (
        ("latin", "text in UTF-8, got other bytes at 1 of "),
        ("none", "a file that can be read, got "),
        ("nul\0", "a file that can be read, got "),
    ):
        with pytest.raises(InputError) as caught:
            read_file("--inputs", str(tmp_path / path))
        assert str(caught.value).startswith(f"--inputs: expected {said}")
