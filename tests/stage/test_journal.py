"""The journal, without sockets: what is kept, asked for and waited for."""

import asyncio
from typing import Any

import pytest

from pvws.errors import InputError
from pvws.expression.trouble import ExpressionError
from pvws.server.room import Said
from pvws.sim.source import ClientInput, Deed
from pvws.stage.journal import Journal, JournalTimeoutError, Wanted

AT = 1_704_067_200_000_000


def note(journal: Journal, did: Deed, client: int = 1, text: str = "", error: str = "", **more: Any) -> None:
    said = Said(text, error, "why" if error else "") if did == "sends" else None
    kind = more.pop("type", "")
    deed = ClientInput(AT, client, did, more.pop("topic", ""), kind, text, f"{client:032x}", more.pop("name", ""))
    journal.did(deed, AT + 5, said, more.pop("code", None))


@pytest.fixture
def journal() -> Journal:
    journal = Journal()
    note(journal, "connects", name="app")
    note(journal, "sends", text='{"type":"subscribe","topic":"alerts"}', type="subscribe", name="app")
    note(journal, "subscribes", topic="alerts", name="app")
    note(journal, "connects", 2)
    note(journal, "sends", 2, text="oops", error="INVALID_MESSAGE")
    note(journal, "disconnects", 2, code=1000)
    return journal


def numbers(journal: Journal, **wanted: Any) -> list[int]:
    return [entry.number for entry in journal.entries(Wanted(**wanted))]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"client": 2}, [4, 5, 6]),
        ({"client": "app"}, [1, 2, 3]),
        ({"client": "2"}, [4, 5, 6]),
        ({"client": f"{2:032x}"}, [4, 5, 6]),
        ({"client": "00000000"}, [1, 2, 3, 4, 5, 6]),
        ({"client": "0"}, []),
        ({"client": ""}, []),
        ({"did": "connects"}, [1, 4]),
        ({"type": "subscribe"}, [2]),
        ({"topic": "alerts"}, [2, 3]),
        ({"match": "type == 'subscribe' and topic == 'alerts'"}, [2]),
        ({"match": "not valid and error == 'INVALID_MESSAGE' and why == 'why'"}, [5]),
        ({"match": "code == 1000"}, [6]),
        ({"match": "number > 3 and client.number == 2 and size < 5"}, [4, 5, 6]),
        ({"match": "at == '2024-01-01T00:00:00.000Z' and text == 'oops'"}, [5]),
        ({"schema": {"required": ["topic"]}, "did": "sends"}, [2]),
    ],
)
def test_entries_are_asked_for_by_what_they_are(journal: Journal, wanted: dict[str, Any], found: list[int]) -> None:
    if "schema" in wanted:
        wanted = wanted | {"schema": {"type": "object"} | wanted["schema"]}
    assert numbers(journal, **wanted) == found


def test_a_part_is_asked_for(journal: Journal) -> None:
    assert [entry.number for entry in journal.entries(after=2, limit=2)] == [3, 4]


def test_what_is_wrong_is_told(journal: Journal) -> None:
    with pytest.raises(ExpressionError, match="column 6"):
        journal.entries(Wanted(match="type = 'x'"))
    with pytest.raises(InputError, match=r"schema\.type: expected a JSON Schema"):
        journal.entries(Wanted(schema={"type": "objct"}))


def test_the_oldest_entries_go_and_numbers_go_on() -> None:
    few, small = Journal(entries_max=3), Journal(bytes_max=10)
    for _ in range(5):
        note(few, "connects")
        note(small, "sends", text="four")
    assert [few.first, few.last, len(few)] == [3, 5, 3]
    assert [small.first, small.last, len(small)] == [4, 5, 2]
    note(small, "sends", text="x" * 100)
    assert len(small) == 1, "the last is kept, however large"
    assert small.clear() == 1
    assert [small.first, small.last] == [7, 6]


async def test_what_is_there_already_need_not_be_waited_for(journal: Journal) -> None:
    (entry,) = await journal.wait(Wanted(did="disconnects"), timeout=0)
    assert entry.code == 1000


async def test_what_is_waited_for_may_come_later(journal: Journal) -> None:
    waiting = asyncio.ensure_future(journal.wait(Wanted(type="ping"), count=2, after=6))
    await asyncio.sleep(0)
    note(journal, "sends", text='{"type":"ping"}', type="ping")
    note(journal, "connects", 3)
    note(journal, "sends", 3, text='{"type":"ping"}', type="ping")
    note(journal, "sends", 3, text='{"type":"ping"}', type="ping")
    assert [entry.number for entry in await waiting] == [7, 9]


async def test_whoever_waited_in_vain_is_told_what_came(journal: Journal) -> None:
    with pytest.raises(JournalTimeoutError) as caught:
        await journal.wait(Wanted(type="subscribe", client="app"), count=2, timeout=0)
    assert [entry.number for entry in caught.value.came] == [2]
    assert str(caught.value).splitlines()[0] == 'after 0 s 1 of 2 had come of: client "app", type "subscribe"'
    assert str(caught.value).splitlines()[-2:] == [
        "  2024-01-01T00:00:00.000Z client 2 sends oops (INVALID_MESSAGE)",
        "  2024-01-01T00:00:00.000Z client 2 disconnects",
    ]


async def test_whoever_waited_where_nobody_came_is_told_that() -> None:
    with pytest.raises(JournalTimeoutError, match="nothing came from any client"):
        await Journal().wait(timeout=0)


async def test_a_long_journal_is_looked_through_between_turns_of_the_loop_and_nothing_is_missed() -> None:
    journal = Journal()
    for _ in range(1_000):
        note(journal, "sends", text='{"type":"ping"}', type="ping")
    waiting = asyncio.ensure_future(journal.wait(Wanted(type="ping"), count=1_003, timeout=20))
    selecting = asyncio.ensure_future(journal.select(Wanted(type="ping"), after=990, limit=10))
    for _ in range(3):  # while it is being looked through
        await asyncio.sleep(0)
        assert not waiting.done()
        note(journal, "sends", text='{"type":"ping"}', type="ping")
    assert [entry.number for entry in await waiting] == list(range(1, 1_004))
    assert [entry.number for entry in await selecting] == list(range(991, 1_001))


async def test_what_is_forgotten_while_it_is_looked_through_is_not_waited_for() -> None:
    journal = Journal()
    for _ in range(1_000):
        note(journal, "connects")
    waiting = asyncio.ensure_future(journal.wait(Wanted(did="sends"), timeout=20))
    await asyncio.sleep(0)
    journal.clear()
    await asyncio.sleep(0)
    note(journal, "sends", text="later")
    assert [entry.number for entry in await waiting] == [1_001]


async def test_numbers_that_are_still_to_come_may_be_waited_behind(journal: Journal) -> None:
    waiting = asyncio.ensure_future(journal.wait(Wanted(did="connects"), after=7))
    await asyncio.sleep(0)
    note(journal, "connects", 3)
    note(journal, "connects", 4)
    assert [entry.number for entry in await waiting] == [8]
