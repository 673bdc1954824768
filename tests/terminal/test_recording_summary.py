import json
from pathlib import Path

from pvws.files.recordings import open_recording
from pvws.recording.format import Gap, Header, Mark, Message
from pvws.recording.summary import Summary
from pvws.terminal.recording_summary import summary_json, summary_lines
from pvws.timestamp import Timestamp

RECORDINGS = Path(__file__).parents[2] / "recordings"


def summed(name: str) -> tuple[Header, Summary]:
    summary = Summary()
    with open_recording(str(RECORDINGS / name)) as recording:
        for entry in recording:
            summary.add(entry)
        return recording.header, summary


def test_a_recording_of_the_real_server_is_told_in_lines() -> None:
    lines = summary_lines(*summed("peervault-bursts.pvrec.jsonl.zst"))
    told = {line[:14].strip(): line[14:] for line in lines if line[:14].strip()}
    assert told["lasts"] == "20.801117s, 63 entries"
    assert told["received"] == (
        "51 messages with 767 events, 228 KiB, 2.45/s, at most 7 in a second (40 joined, 28 in fragments)"
    )
    assert told["sent"] == "8 messages, 263 B: subscribe 5, ping 2, unsubscribe 1"
    assert told["topics"] == "file_operations 370, system 182, peer_network 158, alerts 55"
    assert told["connection"] == "1: 51 received, 8 sent, closed at 20.800647s with 1000"
    assert told["timeline"].startswith("|") and "█" in told["timeline"]
    assert lines[-1].endswith("a column, from 0s")


def test_marks_and_gaps_are_told_and_many_of_them_counted() -> None:
    summary = Summary()
    for number in range(10):
        summary.add(Mark(number * 1_000_000, f"chapter {number}"))
    summary.add(Gap(20_000_000, "the disk was full", messages=3))
    summary.add(Gap(21_000_000, "too slow", bytes=2048, micros=500_000))
    lines = [line.strip() for line in summary_lines(Header(), summary)]
    assert "mark        7s chapter 7" in lines
    assert "and 2 more" in lines
    assert "gap         20s the disk was full, 3 messages lost" in lines
    assert "gap         21s too slow, 2 KiB, 500ms lost" in lines
    assert not any(line.startswith("timeline") for line in lines), "nothing was received"
    assert "received    nothing" in lines


def test_on_a_terminal_long_lines_are_broken_under_their_beginning() -> None:
    header, summary = summed("peervault-bursts.pvrec.jsonl.zst")
    lines = summary_lines(header, summary, 80)
    assert max(map(len, lines)) <= 80
    assert lines[0].endswith("hub+handler,")
    assert lines[1] == "              gorilla/websocket 1.5.3, Go 1.27.3"
    whole = " ".join(line[14:] for line in summary_lines(header, summary) if "|" not in line).split()
    assert " ".join(line[14:] for line in lines if "|" not in line).split() == whole


def test_a_header_is_told_where_it_says_something() -> None:
    header = Header(seed=7, scenario="storm", start=Timestamp(0), profile="upstream", note="x")
    assert [line.split() for line in summary_lines(header, Summary())][:4] == [
        ["profile", "upstream"],
        ["scenario", "storm,", "seed", "7"],
        ["stage", "time", "from", "1970-01-01T00:00:00.000Z"],
        ["note", "x"],
    ]


def test_programs_get_the_same_in_seconds_and_bytes() -> None:
    header, summary = summed("peervault-normal.pvrec.jsonl")
    told = json.loads(json.dumps(summary_json(header, summary)))
    assert told["header"]["recorded"] == "2026-11-23T01:54:02.198000Z"
    assert told["received"]["messages"] == 67
    assert told["duration"] == 20.80142
    assert told["connections"][0]["code"] == 1000
    assert sum(told["timeline"]["counts"]) == 67
    busy = Summary()
    for t in range(0, 1_000_001, 100):
        busy.add(Message(t, "recv", b"x"))
    assert any("10,001/s, at most 10,000 in a second" in line for line in summary_lines(Header(), busy))
    empty = Summary()
    empty.add(Message(0, "recv", b"x"))
    assert summary_json(Header(), empty)["rate"] == {"mean": 0.0, "peak": 1}
