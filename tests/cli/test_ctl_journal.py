from tests.support.ctl import Ctl
from tests.support.staged import listener
from tests.support.steered import Steered
from tests.support.steered_beside import Beside


def test_what_clients_did_is_shown_and_waited_for(ctl: Ctl, beside: Beside) -> None:
    async def talk(test_bed: Steered) -> None:
        async with listener(test_bed.venue, "alerts", path="/ws?client=mobile") as client:
            client.say('{"type":"subscribe","topic":"nonsense"}')
            await client.read_until("INVALID_MESSAGE")

    beside.do(talk)
    entries = ctl("journal", "--json").lines
    assert [each["sequence"] for each in entries] == list(range(1, len(entries) + 1))
    (wrong,) = ctl("journal", "--where", "not valid", "--client", "mobile", "--json").lines
    assert (wrong["text"], wrong["error"]) == ('{"type":"subscribe","topic":"nonsense"}', "INVALID_MESSAGE")
    assert "mobile" in ctl("journal").out
    assert ctl("journal", "--after", str(entries[-1]["sequence"]), "--json").lines == []
    assert len(ctl("journal", "--limit", "1", "--json").lines) == 1
    (found,) = ctl("wait", "did == 'sends' and topic == 'alerts'", "--json").lines
    assert found["type"] == "subscribe"
    assert ctl("wait", "--schema", '{"required": ["topic"]}', "--count", "2").code == 0
    assert ctl("journal", "--clear").code == 0
    assert ctl("journal", "--json").lines == []


def test_a_wait_that_times_out_leaves_with_1(ctl: Ctl) -> None:
    never = ctl("wait", "--type", "never", "--timeout", "1h")
    assert (never.code, 'type: expected one of subscribe, unsubscribe, auth, ping, got "never"' in never.err) == (
        2,
        True,
    )
    said = ctl("wait", "--type", "auth", "--timeout", "10ms")
    assert said.code == 1
    assert said.out.startswith("after 0.01 s 0 of 1 had come")
    assert "\\n" not in said.out
    assert ctl("wait", "--type", "never", "--timeout", "10ms", "--json").lines == []


def test_wrong_wishes_leave_with_2(ctl: Ctl) -> None:
    assert "either" in ctl("wait", "a", "--schema", "{}").err or ctl("wait", "a", "--schema", "{}").code == 2
    assert ctl("wait", "type ==").code == 2
    assert ctl("wait", "--timeout", "soon").code == 2
    assert ctl("wait", "--schema", "{").code == 2
