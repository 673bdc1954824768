"""Makes the recordings in recordings/ anew, from streams of the real server and from scenarios: `make recordings`."""

from collections.abc import Callable, Iterable
from pathlib import Path

from pvws.files.recordings import RecordingWriter
from pvws.recording.capture import read_capture
from pvws.recording.format import Entry, Header, Mark, Message
from pvws.scenario.director import Director
from pvws.scenario.schema import DEFAULT_START
from pvws.sim.source import Cue, Source, Timed
from pvws.stage.shipped import find_scenario
from pvws.timestamp import Timestamp
from pvws.wire.topics import TOPICS

FOLDER = Path(__file__).parents[2] / "recordings"
SLICE = 1_000

Content = tuple[Header, list[Entry]]


def captured(name: str) -> Content:
    """A stream of the real server."""
    return read_capture((FOLDER / "upstream" / name).read_bytes(), name)


def played(name: str) -> Content:
    """All that a shipped scenario says, at its own times, and its marks."""
    scenario = find_scenario(name)
    start = DEFAULT_START if scenario.start is None else scenario.start
    header = Header(
        by="pvws",
        profile="documented",
        topics=tuple(str(topic) for topic in TOPICS),
        scenario=scenario.scenario,
        seed=scenario.seed,
        start=Timestamp(start),
    )
    source: Source = Director(scenario, start=start, seed=scenario.seed, duration=scenario.duration)
    return header, list(_entries(source, start))


def _entries(source: Source, start: int) -> Iterable[Entry]:
    while source.peek() is not None:
        for each in source.take(None, SLICE):
            match each:
                case Timed():
                    yield Message(each.at - start, "recv", each.text)
                case Cue(kind="mark"):
                    yield Mark(each.at - start, each.name)


MADE: dict[str, tuple[Callable[[str], Content], str]] = {
    "peervault-normal.pvrec.jsonl": (captured, "normal.jsonl"),
    "peervault-bursts.pvrec.jsonl.zst": (captured, "bursts.jsonl"),
    "quickstart.pvrec.jsonl": (played, "quickstart"),
    "partition-and-heal.pvrec.jsonl.gz": (played, "partition-and-heal"),
}
"""Every recording, and how it is made of what."""


def make(name: str, folder: Path = FOLDER) -> Path:
    """Write one of them."""
    how, of = MADE[name]
    header, entries = how(of)
    with RecordingWriter(str(folder / name), header) as writer:
        for entry in entries:
            writer.write(entry)
    return folder / name


def main() -> None:
    """Write them all."""
    for name in MADE:
        make(name)


if __name__ == "__main__":
    main()
