from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pvws.client.control.values import body, mapping_of, moment_text, segment, sent_files, span_text
from pvws.errors import InputError
from pvws.timestamp import Timestamp

SCRIPT = "scenario: mine\ninclude: parts/more.yaml\nduration: 10s\n"


def test_spans_go_as_texts_and_lose_no_microsecond() -> None:
    assert span_text("1m30s") == "1m30s"
    assert span_text(timedelta(seconds=1, microseconds=1)) == "1000001us"
    assert span_text(None) is None


def test_instants_go_as_texts_and_lose_no_microsecond() -> None:
    assert moment_text("2024-01-01T00:00:00Z") == "2024-01-01T00:00:00Z"
    assert moment_text(Timestamp(1)) == "1970-01-01T00:00:00.000001Z"
    assert moment_text(datetime(1970, 1, 1, microsecond=1, tzinfo=UTC)) == "1970-01-01T00:00:00.000001Z"
    assert moment_text(None) is None
    with pytest.raises(InputError, match="a datetime that says its zone"):
        moment_text(datetime(1970, 1, 1))  # noqa: DTZ001


def test_what_is_left_out_is_not_sent() -> None:
    assert body(a=0, b=None, c=False, d="") == {"a": 0, "c": False, "d": ""}


def test_a_part_of_a_path_is_quoted_whole() -> None:
    assert segment("a/b ä?") == "a%2Fb%20%C3%A4%3F"


@pytest.mark.parametrize(
    "text",
    [
        "latency: 200ms +- 50ms, topics: [alerts], nth: 3, share: 5%",
        "{latency: 200ms +- 50ms, topics: [alerts], nth: 3, share: 5%}",
        "latency: 200ms +- 50ms\ntopics:\n- alerts\nnth: 3\nshare: 5%\n",
    ],
)
def test_a_fault_may_be_written_as_in_a_scenario(text: str) -> None:
    assert mapping_of(text, "fault") == {"latency": "200ms +- 50ms", "topics": ["alerts"], "nth": 3, "share": "5%"}


def test_a_mapping_goes_as_it_is() -> None:
    assert mapping_of({"drop": "5%"}, "fault") == {"drop": "5%"}


@pytest.mark.parametrize("text", ["latency: [", "latency: 1, latency: 2", "a: 'b"])
def test_what_is_no_mapping_is_refused_with_its_name(text: str) -> None:
    with pytest.raises(InputError, match=r"^fault: expected"):
        mapping_of(text, "fault")


def test_a_scenario_is_sent_with_all_files_that_it_is_made_of(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "mine.yaml").write_text(SCRIPT)
    (tmp_path / "parts" / "more.yaml").write_text("seed: 7\n")
    (tmp_path / "other.yaml").write_text("not of it")
    assert sent_files(tmp_path / "mine.yaml") == {
        "files": {"mine.yaml": SCRIPT, "parts/more.yaml": "seed: 7\n"},
        "main": "mine.yaml",
    }


def test_every_mistake_of_a_scenario_is_told_before_it_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("scenario: wrong\nduration: soon\nseed: x\n")
    with pytest.raises(InputError) as caught:
        sent_files(path)
    assert [(problem.file, problem.line) for problem in caught.value.problems] == [(str(path), 2), (str(path), 3)]


def test_values_of_parameters_are_checked_with_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("scenario: mine\nparameters: {peers: 3}\nduration: 10s\nnetwork: {peers: '${peers}'}\n")
    assert sent_files(path, {"peers": "5"})["main"] == "mine.yaml"
    with pytest.raises(InputError, match="peers"):
        sent_files(path, {"peers": "many"})


def test_files_outside_the_folder_are_not_sent(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("seed: 7")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "mine.yaml").write_text("scenario: mine\ninclude: ../secret.yaml\nduration: 10s\n")
    with pytest.raises(InputError, match="a file in the scenario's folder or below it"):
        sent_files(tmp_path / "in" / "mine.yaml")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        sent_files(tmp_path / "none.yaml")
