import asyncio
from pathlib import Path

import pytest

from pvws.cli.noting import Noting
from pvws.cli.run import Stop
from pvws.files.recordings import open_recording
from pvws.recording.format import Entry, Message
from pvws.recording.redact import Redactor
from pvws.server.settings import Configuration
from pvws.sim.source import Timed
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from pvws.wire.topics import TOPICS

TEXT = b'{"type":"storage_alert","topic":"alerts","data":{"key":"secret"},"timestamp":"2024-01-01T00:00:00.000Z"}'


def read(path: Path) -> list[Entry]:
    with open_recording(str(path)) as recording:
        return list(recording)


async def published(tmp_path: Path, stop: Stop, end: str, **more: object) -> tuple[int, list[Entry]]:
    """The exit code and the entries when a server publishes two alerts, and a signal comes then, if it is that."""
    stage, out = Stage(), tmp_path / "a.pvrec.jsonl"
    async with Venue(stage, Configuration(host="127.0.0.1", port=0)) as venue:
        noting = Noting(venue.url, str(out), TOPICS, None, Redactor(["data.key"]), **more)  # type: ignore[arg-type]
        running = asyncio.ensure_future(noting(stop))
        await stage.hub.subscriber(frozenset(TOPICS))
        for number in range(2):
            stage.hub.publish(Timed(0, number, "alerts", "storage_alert", TEXT))
        if end == "signal":
            while not any(b"REDACTED" in each.data for each in read(out) if isinstance(each, Message)):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            stop.request(130)
        return await running, read(out)


@pytest.mark.parametrize(
    ("end", "more", "code"), [("signal", {}, 130), ("count", {"count": 1}, 0), ("time", {"for_s": 0.2}, 0)]
)
async def test_it_leaves_for_each_reason_and_closes_the_connection(
    tmp_path: Path, end: str, more: dict[str, object], code: int
) -> None:
    left, entries = await published(tmp_path, Stop(), end, **more)
    assert left == code
    texts = [each.data for each in entries if isinstance(each, Message) and each.dir == "recv"]
    assert texts == [TEXT.replace(b"secret", b"REDACTED")] * (1 if end == "count" else 2)
    assert [type(each).__name__ for each in entries[-2:]] == ["Close", "Close"]


async def test_a_disk_that_takes_no_more_ends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage()
    async with Venue(stage, Configuration(host="127.0.0.1", port=0)) as venue:
        noting = Noting(venue.url, "/dev/full", TOPICS, None, Redactor())
        with pytest.raises(Exception, match="no space left on device"):
            await noting(Stop())
