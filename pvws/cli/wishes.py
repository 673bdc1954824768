"""What a command line wishes of a replay: which recordings, and what of them is played in which way."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from msgspec import Struct

from pvws.cli.options import parsed
from pvws.cli.standard import note
from pvws.errors import InputError, Problem
from pvws.files.sources import RecordingSource, open_source
from pvws.recording.concern import concern_of
from pvws.recording.format import Entry, Header, Mark, Message
from pvws.recording.prompter import Talk, talk_of
from pvws.recording.quick import Quick
from pvws.recording.replayer import Choice, Track
from pvws.recording.retime import instant_in
from pvws.scenario.quantities import speed
from pvws.sim.agenda import Instant
from pvws.sim.source import Timed
from pvws.units import duration, duration_text
from pvws.wire.profiles import ProfileName
from pvws.wire.topics import TOPICS

__all__ = ["Source", "Wishes", "wishes_of"]

_OFFSET = re.compile(r"(.+)@\+([^@/]+)", re.DOTALL)
_LOOKED_AT = 200  # entries, to find out what the header does not say
_PROBLEMS_TOLD_MAX = 20


class Source(Struct):
    """A recording on disk, and what it says of itself. `problems` counts the lines that were left out."""

    path: str
    offset: Instant = 0
    header: Header = Header()
    problems: int = 0

    def entries(self) -> Iterator[Entry]:
        """Its entries, from the beginning; lines that are none are told and left out."""
        with self._read() as recording:
            yield from recording

    def parts(self, quick: Quick) -> Iterator[list[Timed] | Iterator[Entry]]:
        """The same by parts, some of them events already."""
        with self._read() as recording:
            yield from recording.parts(quick)

    def placed(self) -> Iterator[tuple[Entry, str]]:
        """The same with file and line of each."""
        with self._read() as recording:
            for entry in recording:
                yield entry, f"{self.path}:{recording.line}"

    @contextmanager
    def _read(self) -> Iterator[RecordingSource]:
        self.problems = 0
        with open_source(self.path, "F", trouble=self._tell) as recording:
            yield recording
            if recording.cut_short:
                note(f"{self.path} is cut short; it is read up to its last whole line")

    def _tell(self, problem: Problem) -> None:
        self.problems += 1
        if self.problems <= _PROBLEMS_TOLD_MAX:
            note(f"{problem}; the line is left out")


class Wishes(Struct, frozen=True):
    """A replay: `tracks` from the `start` of stage time on, at a speed, None being as fast as it goes.

    `talk` is what clients have to say in a synchronized one. `profile` is the recorded one.
    """

    sources: tuple[Source, ...]
    tracks: tuple[Track, ...]
    choice: Choice
    start: Instant
    speed: float | None
    profile: ProfileName
    talk: Talk | None = None

    @property
    def name(self) -> str:
        """What a person calls it."""
        return " and ".join(source.path for source in self.sources)


def wishes_of(given: Mapping[str, Any]) -> Wishes:
    """The wishes that a command's parameters express. Raises InputError with what is wrong."""
    sources = tuple(_source(text) for text in given["recordings"])
    bases, profiles = zip(*map(_looked_into, sources), strict=True)
    since, until = _moment("--from", given["from_"]) or 0, _moment("--to", given["to"])
    if given["mark"] is not None:
        since = _mark(sources, given["mark"])
    if until is not None and until < since:
        raise InputError(Problem("--to", f"a time from {duration_text(since)} on", f'"{given["to"]}"'))
    profile: ProfileName = "upstream" if "upstream" in profiles else "documented"
    asked = given["profile"] or profile
    choice = Choice(
        since=since,
        until=until,
        topics=frozenset(_topics(given["topic"] or ())),
        types=frozenset(given["type_"] or ()),
        max_gap=_moment("--max-gap", given["max_gap"]),
        loop=given["loop"],
        # Only documented events can be said in the shipped server's way; all else goes out as it stands.
        exact=asked == "upstream" and profile == "upstream",
        split=given["split"],
        shift=given["timestamps"] == "shift",
        remap=given["ids"] == "remap",
        catch_up=given["catch_up"],
    )
    tracks = tuple(
        Track(each.entries, base, each.offset, each.parts) for each, base in zip(sources, bases, strict=True)
    )
    synchronized = given["mode"] == "synchronized"
    if synchronized and len(sources) > 1:
        raise InputError(Problem("--mode synchronized", "one recording", f"{len(sources)}"))
    return Wishes(
        sources,
        tracks,
        choice,
        time.time_ns() // 1000 if choice.shift else bases[0] + since,
        parsed("--speed", given["speed"], speed),
        profile,
        talk_of(sources[0].placed(), since=since, until=until) if synchronized else None,
    )


def _source(text: str) -> Source:
    found = _OFFSET.fullmatch(text)
    if found is None:
        return Source(text)
    return Source(found[1], parsed("F@+D", found[2], duration))


def _looked_into(source: Source) -> tuple[Instant, ProfileName]:
    """The instant at t = 0 by the clock of its messages, and the profile of its server."""
    with open_source(source.path, "F", trouble=lambda problem: None) as recording:
        source.header = header = recording.header
        first = [each for each in islice(recording, _LOOKED_AT) if isinstance(each, Message) and each.dir == "recv"]
    base = header.start or header.recorded
    profile: ProfileName = "upstream" if header.profile == "upstream" or _is_upstream(header, first) else "documented"
    if base is not None:
        return base.micros, profile
    told = next(((at - each.t) for each in first if (at := instant_in(each.data)) is not None), None)
    return time.time_ns() // 1000 if told is None else told, profile


def _is_upstream(header: Header, messages: Sequence[Message]) -> bool:
    return header.profile == "" and any("broadcast" in concern_of(each.data).types for each in messages)


def _moment(option: str, text: str | None) -> Instant | None:
    return None if text is None else parsed(option, text, duration)


def _mark(sources: Sequence[Source], name: str) -> Instant:
    marks = {
        entry.name: entry.t + source.offset
        for source in reversed(sources)
        for entry in source.entries()
        if isinstance(entry, Mark)
    }
    if name in marks:
        return marks[name]
    raise InputError(
        Problem("--mark", f"one of {', '.join(marks)}" if marks else "a recording with marks", f'"{name}"')
    )


def _topics(names: Sequence[str]) -> Sequence[str]:
    wrong = [name for name in names if name not in TOPICS]
    if wrong:
        raise InputError(*(Problem("--topic", f"one of {', '.join(TOPICS)}", f'"{name}"') for name in wrong))
    return names
