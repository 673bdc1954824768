from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.bus.entry import Entry, Meant, Played, State, carries, decode_entry, decode_state, encode_entry
from pvws.errors import MessageError
from pvws.scenario.faults.spec import read_fault
from pvws.sim.source import Cue, Letter, Timed, Verbatim

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TIMED = st.builds(
    Timed,
    at=st.integers(0, 2**53),
    sequence=st.integers(0, 2**53),
    topic=TEXTS,
    type=TEXTS,
    text=st.binary(max_size=50),
)


@given(TIMED)
def test_an_event_comes_as_it_went_and_its_text_is_the_payload(event: Timed) -> None:
    wire = encode_entry(event)
    assert wire.payload == event.text
    assert decode_entry(wire.name, wire.header, wire.payload) == event
    assert "\n" not in wire.header and "\r" not in wire.header, "a header is a line"
    words = wire.tail.split(".")
    assert len(words) == 2 and all(words), "topic and type are a word of the subject each"
    assert not set(wire.tail) & set(" \t\r\n*>"), "and have nothing in them that means something in a subject"


@pytest.mark.parametrize(
    ("entry", "tail"),
    [
        (Timed(1, 2, "alerts", "storage_alert", b"{}"), "alerts.storage_alert"),
        (Verbatim(1, 2, "alerts system", "", b"\xff\x00", ("alerts", "system"), binary=True, fragments=(1, 1)),
         "alerts+system.-"),
        (Verbatim(1, 2, "", "", b"", ()), "-.-"),
        (Timed(1, 2, "no topic.", "a*b", b""), "no%20topic%2E.a%2Ab"),
        (Cue(5, "mark", name="ten"), "-.mark"),
        (Cue(5, "pause", micros=3), "-.pause"),
        (Cue(5, "disconnect", share=0.5, seed=9, code=1012, reason="later"), "-.disconnect"),
        (Cue(5, "unfault", name="slow"), "-.unfault"),
        (Cue(5, "fault", name="timeline[3] 1", asked=read_fault("latency: 200ms +- 50ms, topics: [alerts], for: 30s")),
         "-.fault"),
        (Letter(5, "send", whom="dashboard", text=b"\xff", binary=True, fragments=(1,)), "-.send"),
        (Meant("a1", Letter(5, "send", client=3, text=b"{}", topic="system", type="greeting")), "-.send"),
        (Meant("a1", Cue(5, "disconnect", client=3, code=4001)), "-.disconnect"),
        (Meant("a1", Cue(5, "fault", asked=read_fault("latency: 1s, client: 3"))), "-.fault"),
        (Letter(5, "send", to_all=True, text=b"{}", topic="alerts", type="x"), "-.send"),
        (State(run="r", at=5, sequence=3, played=Played(name="quickstart", seed=7), by_topic={"alerts": 1}), "-.state"),
    ],
)  # fmt: skip
def test_every_kind_of_entry_comes_as_it_went(entry: Entry, tail: str) -> None:
    wire = encode_entry(entry)
    assert wire.tail == tail
    found = decode_entry(wire.name, wire.header, wire.payload)
    assert found == entry
    assert type(found) is type(entry)


def test_a_state_is_told_beside_the_stream_as_well() -> None:
    state = State(run="r", at=5, sequence=3, speed=None, held=True)
    assert decode_state(encode_entry(state).payload) == state


@pytest.mark.parametrize(
    ("cue", "carried"),
    [
        (Cue(1, "mark", name="x"), True),
        (Cue(1, "disconnect", share=0.5), True),
        (Cue(1, "disconnect", client=3), False),
        (Cue(1, "step", name="fill"), False),
        (Cue(1, "fault", asked=read_fault("drop: 10%")), True),
        (Cue(1, "fault", asked=read_fault("drop: 10%, client: dashboard")), True),
        (Cue(1, "fault", asked=read_fault("drop: 10%, client: 3")), False),
        (Letter(1, "send", client=3, text=b""), False),
    ],
)
def test_what_is_for_a_client_by_its_number_concerns_one_server(cue: Cue, *, carried: bool) -> None:
    assert carries(cue) is carried


@given(name=st.sampled_from(["Pvws-Event", "Pvws-Cue", "Pvws-State", "Nats-Other"]), header=TEXTS, payload=st.binary())
def test_what_no_source_has_sent_is_an_error_of_ours(name: str, header: str, payload: bytes) -> None:
    with suppress(MessageError):
        decode_entry(name, header, payload)


def test_a_fault_that_is_none_is_an_error_of_ours() -> None:
    with pytest.raises(MessageError):
        decode_entry("Pvws-Cue", "1", b'{"at":1,"kind":"fault","fault":{"dorp":"10%"}}')
