"""Entries of every kind, as Hypothesis draws them."""

import json
from itertools import pairwise

from hypothesis import strategies as st

from pvws.limits import INTEGER_MAX
from pvws.recording.format import Close, Entry, Gap, Header, Mark, Message, Open, Ping, Pong
from pvws.timestamp import Timestamp

words = st.text(max_size=12)
names = st.text(min_size=1, max_size=12)
times = st.integers(0, 10**15)
counts = st.integers(0, INTEGER_MAX)
conns = st.integers(1, 3) | st.integers(1, INTEGER_MAX)
directions = st.sampled_from(["send", "recv"])
maybe = st.none() | counts
headers = st.lists(st.tuples(words, words), max_size=3).map(tuple)
payloads = st.binary(max_size=125)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
json_texts = st.builds(
    lambda value, indent, ascii_only: json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode(),
    json_values,
    st.sampled_from([None, None, None, 1]),
    st.booleans(),
)
texts = json_texts | st.text(max_size=30).map(str.encode) | st.binary(max_size=30)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    data = draw(texts)
    cuts = draw(st.none() | st.lists(st.integers(0, len(data)), min_size=1, max_size=3).map(sorted))
    ends = None if cuts is None else [0, *cuts, len(data)]
    sizes = None if ends is None else tuple(end - start for start, end in pairwise(ends))
    return Message(draw(times), draw(directions), data, draw(conns), draw(st.sampled_from(["text", "binary"])), sizes)


entries: st.SearchStrategy[Entry] = st.one_of(
    messages(),
    st.builds(Ping, times, directions, payloads, conns),
    st.builds(Pong, times, directions, payloads, conns),
    st.builds(Open, times, conns, words, st.integers(100, 599), words, words, headers, headers),
    st.builds(Close, times, directions, st.none() | st.integers(0, 65_535), words, conns),
    st.builds(Mark, times, names),
    st.builds(Gap, times, names, st.none() | conns, maybe, maybe, st.none() | st.integers(0, 10**12)),
)
"""Any entry."""

recordings: st.SearchStrategy[list[Entry]] = st.lists(entries, max_size=8).map(
    lambda drawn: sorted(drawn, key=lambda entry: entry.t)
)
"""Entries in the order of time."""

instants = st.none() | st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999).map(Timestamp)
whole_headers: st.SearchStrategy[Header] = st.builds(
    Header,
    recorded=instants,
    by=words,
    url=words,
    server=words,
    profile=words,
    topics=st.lists(words, max_size=3).map(tuple),
    scenario=words,
    seed=st.none() | st.integers(-(2**63), 2**64),
    start=instants,
    redacted=st.lists(words, max_size=3).map(tuple),
    note=words,
)
"""Any header."""
