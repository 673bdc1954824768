"""On real sockets: what clients have read is compared with what the tape says that they were given."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from pvws.errors import InputError
from pvws.files.recordings import open_recording
from pvws.files.sources import open_source
from pvws.recording.format import Close, Gap, Header, Mark, Message, Open, Ping, Pong
from pvws.recording.replayer import Replayer, Track
from pvws.scenario.faults.spec import read_fault
from pvws.server.settings import Configuration
from pvws.sim.source import Timed
from pvws.stage.journal import Wanted
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from pvws.testing.tape import Tape
from tests.support.staged import Listener, listener, story


@asynccontextmanager
async def taped(stage: Stage, profile: str = "documented", **bounds: int) -> AsyncIterator[tuple[Venue, Tape]]:
    configuration = Configuration("127.0.0.1", 0, profile=profile)  # type: ignore[arg-type]
    async with Venue(stage, configuration) as venue:
        with Tape(stage, Header(by="a test"), **bounds) as tape:
            yield venue, tape


def given(tape: Tape, conn: int) -> list[str]:
    return [each.data.decode() for each in tape.entries() if isinstance(each, Message) and _is(each, conn, "recv")]


def sent(tape: Tape, conn: int) -> list[str]:
    return [each.data.decode() for each in tape.entries() if isinstance(each, Message) and _is(each, conn, "send")]


def _is(message: Message, conn: int, direction: str) -> bool:
    return message.conn == conn and message.dir == direction


async def test_each_client_is_on_it_with_what_it_got_and_what_it_sent() -> None:
    stage = story()
    async with (
        taped(stage) as (venue, tape),
        listener(venue, "file_operations") as one,
        listener(venue, "alerts") as two,
    ):
        await stage.clock.advance("30s")
        for client, number in ((one, 1), (two, 2)):
            texts = await client.catch_up()
            assert len(texts) > 2
            assert given(tape, number) == texts
        assert [json.loads(each)["type"] for each in sent(tape, 1)] == ["subscribe", "ping", "ping"]


async def test_compressed_messages_are_told_as_they_are_read() -> None:
    stage = story()
    async with taped(stage) as (venue, tape), connect(venue.url) as client:
        await client.send('{"type":"subscribe","topic":"alerts"}')
        await stage.controller.journal.wait(Wanted(did="subscribes"))
        stage.controller.emit("security_alert", {"message": "so " * 500})
        text = await client.recv()
        assert client.protocol.extensions, "the canary: it is compressed"
        assert given(tape, 1) == [text]


async def test_messages_are_told_as_faults_have_left_them() -> None:
    stage = story()
    for fault in ("duplicate: 100%, types: [file_uploaded]", "corrupt: truncate, nth: 3", "fragment: 40 B"):
        stage.faults.add(read_fault(fault))
    async with taped(stage) as (venue, tape), connect(venue.url) as client:
        await client.send('{"type":"subscribe","topic":"file_operations"}')
        await stage.controller.journal.wait(Wanted(did="subscribes"))
        await stage.clock.advance("10s")
        stage.faults.clear()
        await client.send('{"type":"ping"}')
        texts = list[str]()
        while not texts or '"pong"' not in texts[-1]:
            texts.append(await client.recv(decode=True))
        assert given(tape, 1) == texts
        lines = tape.lines()
    assert any("is under f1 (duplicate: 100%, types: [file_uploaded]): duplicated" in line for line in lines)
    assert any(line.endswith("frames") for line in lines)


async def test_what_a_narrow_line_lets_pass_is_told_when_it_has_passed() -> None:
    stage = story()
    async with taped(stage) as (venue, tape), listener(venue, "file_operations") as client:
        stage.faults.add(read_fault("bandwidth: 40 B/s"))
        await stage.clock.advance("10s")
        some = given(tape, 1)
        stage.faults.clear()
        texts = await client.catch_up()
        assert given(tape, 1) == texts
        assert len(some) < len(texts)


async def test_joined_and_cut_messages_of_the_shipped_server_are_told_whole() -> None:
    stage = story()
    async with taped(stage, "upstream") as (venue, tape), connect(venue.url, compression=None) as client:
        await client.send('{"type":"subscribe","data":"file_operations"}')
        await stage.controller.journal.wait(Wanted(did="subscribes"))
        await stage.clock.advance("30s")
        await client.send('{"type":"ping"}')
        texts = list[str]()
        while not texts or '"pong"' not in texts[-1]:
            texts.append(await client.recv(decode=True))
        assert given(tape, 1) == texts
        assert any("\n" in text for text in texts), "the canary"


async def test_what_several_clients_got_at_once_is_one_line_that_names_them() -> None:
    stage = Stage()
    async with taped(stage) as (venue, tape):
        clients = [await _joined(venue, name) for name in ("ann", "ben", "cem", "dea", "eve")]
        stage.controller.emit("storage_alert", {"level": "critical"})
        for client in clients:
            await client.read_until("storage_alert")
        (line,) = [line for line in tape.lines() if "storage_alert" in line]
        assert ' ann, ben, cem and 2 more gets {"type":"storage_alert"' in line
        assert len([each for each in tape.entries() if isinstance(each, Message) and b"critical" in each.data]) == 5
        for client in clients:
            await client.__aexit__(None, None, None)


async def _joined(venue: Venue, name: str) -> Listener:
    client = await Listener("127.0.0.1", venue.port).__aenter__()
    await client.open(f"/ws?client={name}")
    await client.subscribe("alerts")
    return client


async def test_lines_say_when_who_and_what_and_the_last_can_be_had() -> None:
    stage = story()
    async with taped(stage) as (venue, tape), listener(venue, path="/ws?client=dashboard") as client:
        client.say('{"type":"auth","data":{"token":"secret"}}')
        client.say("nonsense")
        await client.read_until("INVALID_MESSAGE")
        stage.controller.mark("storm")
        *_, before, auth, nonsense, error, mark = tape.lines()
        assert "dashboard gets {" in before
        assert auth.endswith('2024-01-01T00:00:00.000Z dashboard sends {"type":"auth","data":{"token":"…"}}')
        assert nonsense.startswith("+0.")
        assert nonsense.endswith("Z dashboard sends nonsense")
        assert "INVALID_MESSAGE" in error
        assert mark.endswith("Z mark storm")
        assert tape.lines(last=2) == [error, mark]
        assert tape.lines(last=0) == []


async def test_how_connections_begin_and_end_is_told() -> None:
    stage = Stage()
    async with taped(stage) as (venue, tape):
        async with connect(f"{venue.url}?client=proper") as proper:
            await (await proper.ping(b"hello"))
            await proper.close(1001)
        await stage.controller.journal.wait(Wanted(did="disconnects"))
        async with listener(venue) as broken:
            broken.send(b"\xff\xff\xff\xff")
            assert (await broken.read_close())[0] == 1002
        await stage.controller.journal.wait(Wanted(did="disconnects"), count=2)
        stage.faults.add(read_fault("status: 503"))
        with pytest.raises(Exception, match="503"):
            await connect(venue.url)
        told = [line.partition("Z ")[2] for line in tape.lines()]
        assert told[:4] == [
            "proper connects from 127.0.0.1",
            "proper gets a pong (b'hello')",
            "proper closes: 1001",
            "proper is told to go: 1001",
        ]
        assert any(line.startswith("client 2 breaks the WebSocket protocol, 1002: ") for line in told)
        assert told[-1] == "client 3 is refused: HTTP 503"
        entries = list(tape.entries())
        assert [each.status for each in entries if isinstance(each, Open)] == [101, 101, 503]
        assert [(each.dir, each.code) for each in entries if isinstance(each, Close) and each.conn == 1] == [
            ("send", 1001),
            ("recv", 1001),
        ]
        assert any(isinstance(each, Gap) and each.conn == 2 for each in entries)


async def test_pings_of_the_server_and_their_pongs_are_on_it() -> None:
    stage = Stage(held=True)
    async with taped(stage) as (venue, tape), connect(venue.url):
        assert (await stage.clock.advance("1s", ack=True)).complete
        kinds = [type(each) for each in tape.entries()]
        assert kinds == [Open, Ping, Pong]


async def test_a_recording_of_it_can_be_read_and_replayed(tmp_path: Path) -> None:
    stage = story()
    path = str(tmp_path / "run.pvrec.jsonl")
    async with taped(stage) as (venue, tape), listener(venue, "file_operations", "alerts") as client:
        client.say('{"type":"auth","data":{"token":"secret"}}')
        await stage.clock.advance("25s")
        texts = await client.catch_up()
        written = tape.write(path)
        assert written == len(list(tape.entries()))
        wanted = list(tape.entries())
    with open_recording(path) as recording:
        header, entries = recording.header, list(recording)
    assert (header.by, header.topics) == ("a test", ("file_operations", "peer_network", "system", "alerts"))
    assert header.start is not None
    assert header.start.text == "2024-01-01T00:00:00.000Z"
    assert [each.data for each in entries if isinstance(each, Message) and each.dir == "recv"] == [
        text.encode() for text in texts
    ]
    assert [type(each) for each in entries] == [type(each) for each in wanted]
    assert any(isinstance(each, Mark) for each in entries)
    assert not any(b"secret" in each.data for each in entries if isinstance(each, Message))
    with open_source(path) as source:
        replayer = Replayer([Track(lambda: iter(source))], start=0)
        events = list[str]()
        while replayer.peek() is not None:
            events += [each.text.decode() for each in replayer.take(None, 10_000) if isinstance(each, Timed)]
    assert events == [text for text in texts if '"pong"' not in text]


async def test_a_file_that_cant_be_written_is_told_as_such() -> None:
    with Tape(Stage()) as tape, pytest.raises(InputError, match="--artefacts"):
        tape.write("/nowhere/at/all.jsonl", "--artefacts")


async def test_it_is_bounded_and_says_how_much_was_forgotten() -> None:
    stage = Stage()
    async with taped(stage, messages_max=20) as (venue, tape), listener(venue, "alerts") as client:
        for number in range(50):
            stage.controller.emit("storage_alert", {"value": number})
            await client.read_until("storage_alert")
        assert len(tape) == 20
        first, *rest = tape.entries()
        assert isinstance(first, Gap)
        assert first.messages == tape.dropped > 30
        assert json.loads(rest[-1].data)["data"]["value"] == 49  # type: ignore[union-attr]
    async with taped(Stage(), bytes_max=1) as (venue, tape), listener(venue) as client:
        await client.catch_up()
        assert len(tape) == 1, "the last thing is always there"


async def test_half_a_message_whose_beginning_was_forgotten_is_left_out() -> None:
    stage = story()
    async with taped(stage, messages_max=3) as (venue, tape), listener(venue, "file_operations") as client:
        stage.faults.add(read_fault("bandwidth: 40 B/s"))
        await stage.clock.advance("20s")
        assert tape.dropped
        assert given(tape, 1) == []
        stage.faults.clear()
        await client.catch_up()
        assert given(tape, 1)[-1] == client.texts[-1]


async def test_a_closed_one_keeps_nothing_more_and_leaves_the_connection_alone() -> None:
    stage = Stage()
    async with taped(stage) as (venue, tape), listener(venue, "alerts") as client:
        (member,) = stage.hub.members()
        with Tape(stage) as later:
            assert [type(each) for each in later.entries()] == [Open], "who is here has come"
            within = member.write
        assert member.write is not within, "the way to the client is as it was"
        tape.close()
        tape.close()
        told = tape.lines()
        stage.controller.emit("storage_alert")
        await client.catch_up()
        assert tape.lines() == told


async def test_one_that_begins_behind_a_narrow_line_says_what_it_cant_see() -> None:
    stage = story()
    async with taped(stage) as (venue, _), listener(venue, "file_operations") as client:
        stage.faults.add(read_fault("bandwidth: 1 KiB/s"))
        with Tape(stage) as tape:
            await stage.clock.advance("10s")
            stage.faults.clear()
            await client.catch_up()
        assert "is not seen: the tape began while a narrow line was between" in tape.lines()[1]
