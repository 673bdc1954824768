"""What cases ask of a client beside what is on the wire: how it ends, what it prints, how two of it differ. Pure."""

import signal
from collections.abc import Iterable, Sequence
from itertools import accumulate

from pvws.sim.agenda import Instant
from pvws.testing.exam.case import Part, Rule
from pvws.testing.judging.facts import Ended, Fact, GoneAway, Knocked, Refused, Stood, ToldError, line
from pvws.testing.trial.result import Result
from pvws.testing.verdict import Outcome
from pvws.testing.words import shown

__all__ = [
    "comes_back",
    "differs",
    "ends_when_asked",
    "evidence",
    "is_let_in",
    "lives",
    "pauses",
    "prints_nothing_of",
]

_SIGTERM = signal.SIGTERM.value
_PAUSES_MIN = 3
_ALIKE_SHARE, _ALIKE_MICROS = 0.02, 5_000  # what timers err, and a busy machine adds
_APART_MICROS = 250_000  # between two, however long they wait: more than a busy machine adds to some pauses
_LINES_MAX = 12


def ends_when_asked(results: Sequence[Result]) -> Part:
    """SIGTERM ends it in time: by an exit code that says that all was well, or by the signal itself."""
    title = "ends in time when it gets SIGTERM, with 0, with 143 or by the signal"
    (result,) = results
    if result.ending == "exited":
        return Part(title, Outcome.NOT_JUDGED, f"it {result.exit} before it was asked to end")
    end = result.exit
    if end.forced:
        return _failed(title, "it was still there when its time was over, and had to be killed")
    if end.code in (0, 128 + _SIGTERM) or end.signal == _SIGTERM:
        return Part(title, Outcome.HELD)
    return _failed(title, f"it {end}")


def comes_back(results: Sequence[Result]) -> Part:
    """It has tried to connect more than once: what nobody has told it, it has noticed itself."""
    title = "notices by itself that nothing comes any more"
    (result,) = results
    attempts = [fact for fact in result.facts if isinstance(fact, Knocked)]
    if len(attempts) > 1:
        return Part(title, Outcome.HELD)
    if not attempts or result.ending == "exited":
        return Part(title, Outcome.NOT_JUDGED, "it was not there any more")
    seconds = (result.facts[0].real + result.timings.command - attempts[0].real) / 1_000_000
    found = f"it had made no other connection when {seconds:.0f} s had gone by"
    return _failed(title, found, evidence(result.facts))


def lives(results: Sequence[Result]) -> Part:
    """It does not end, whatever comes."""
    title = "does not end"
    (result,) = results
    if result.ending == "exited":
        return _failed(title, f"it {result.exit}", evidence(result.facts))
    return Part(title, Outcome.HELD)


def is_let_in(results: Sequence[Result]) -> Part:
    """The server never said that the token is wrong, or missing."""
    title = "is never refused for its token"
    (result,) = results
    for fact in result.facts:
        refused = isinstance(fact, ToldError) and fact.code == "AUTH_FAILED"
        if refused or (isinstance(fact, Refused) and fact.status in (401, 403)):
            return _failed(title, f"it {fact}", evidence(result.facts, fact))
    if not any(isinstance(fact, Knocked) for fact in result.facts):
        return Part(title, Outcome.NOT_JUDGED, "nobody has connected")
    return Part(title, Outcome.HELD)


def prints_nothing_of(secret: str) -> Rule:
    """A secret stands in nothing that it prints."""

    def rule(results: Sequence[Result]) -> Part:
        title = "prints nothing of the token"
        for result in results:
            for text in result.output.splitlines():
                if secret in text:
                    return _failed(
                        title, f"it printed “{shown(text.replace(secret, '…'))}”, the token where it says “…”"
                    )
        return Part(title, Outcome.HELD)

    return rule


def differs(results: Sequence[Result]) -> Part:
    """Of two that lose their connections in the same way, one pauses otherwise than the other, most of the time.

    More than half of the pauses have to be the same for chance to have no part in them. A busy machine makes some of
    them differ, so that one needs many where they are short; and by chance a few are the same. Where it is only the
    first pause that is drawn, what counts is how far apart they come back.
    """
    title = "chance has a part in its pauses: two of it do not come back at the same moments"
    series = [pauses(result.facts) for result in results]
    fewest = min(len(each) for each in series)
    if fewest < _PAUSES_MIN:
        return Part(title, Outcome.NOT_JUDGED, f"{fewest} pauses were seen, and {_PAUSES_MIN} are needed")
    pairs = list(zip(*series, strict=False))
    different = sum(1 for one, other in pairs if abs(one - other) > max(_ALIKE_MICROS, _ALIKE_SHARE * max(one, other)))
    moments = zip(*(accumulate(each) for each in series), strict=False)
    apart = sum(1 for one, other in moments if abs(one - other) > _APART_MICROS)
    if 2 * max(different, apart) > len(pairs):
        return Part(title, Outcome.HELD)
    one, other = (_listed(each[: min(fewest, _LINES_MAX)]) for each in series)
    return _failed(title, f"one paused for {one}; the other paused for {other}")


def pauses(facts: Iterable[Fact]) -> list[Instant]:
    """How long nobody tried, each time that somebody had been disconnected or refused, in microseconds."""
    found, free = list[Instant](), None
    for fact in facts:
        match fact:
            case Ended() | Refused() | GoneAway():
                free = fact.real
            case Knocked() if free is not None:
                found.append(fact.real - free)
                free = None
            case _:
                pass
    return found


def evidence(facts: Sequence[Fact], last: Fact | None = None) -> list[str]:
    """The last things that client and server did, up to a fact, as lines; seconds count from the first of all."""
    until = [fact for fact in facts if not isinstance(fact, Stood) and (last is None or fact.real <= last.real)]
    return [line(fact, facts[0].real, f"[{fact.client}]" if fact.client else "") for fact in until[-_LINES_MAX:]]


def _failed(title: str, found: str, seen: Iterable[str] = ()) -> Part:
    return Part(title, Outcome.FAILED, lines=(f"failed: {title}", f"  {found}", *(f"    {each}" for each in seen)))


def _listed(micros: Iterable[Instant]) -> str:
    return ", ".join(f"{each / 1_000_000:.3f} s" for each in micros)
