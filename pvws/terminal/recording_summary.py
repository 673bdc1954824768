"""What a recording holds, in lines for a person."""

from collections import Counter
from textwrap import wrap

from pvws.recording.format import Gap, Header
from pvws.recording.summary import Summary, picture
from pvws.units import duration_notation, size_text

__all__ = ["summary_json", "summary_lines"]

_LABEL_COLUMNS = 12
_TEXT_COLUMNS_MIN = 40
_PICTURE_COLUMNS = 64  # and so a line is as wide as a terminal
_NAMED_MAX = 8  # marks, gaps, types and connections that are shown; the rest is counted


def summary_lines(header: Header, summary: Summary, columns: int | None = None) -> list[str]:
    """A line for each thing there is something to say of; broken where it is wider than so many columns."""
    rows = [
        ("from", " ".join(each for each in (header.url, header.server) if each)),
        ("recorded", header.recorded.text if header.recorded else ""),
        ("by", header.by),
        ("profile", header.profile),
        ("scenario", header.scenario + ("" if header.seed is None else f", seed {header.seed}")),
        ("stage time", f"from {header.start.text}" if header.start else ""),
        ("redacted", ", ".join(header.redacted)),
        ("note", header.note),
        ("lasts", f"{duration_notation(summary.duration)}, {summary.entries:,} entries"),
        ("received", _received(summary)),
        ("sent", _sent(summary)),
        ("topics", _counted(summary.topics)),
        ("types", _counted(summary.types)),
        ("pings", f"{summary.pings:,}, pongs {summary.pongs:,}" if summary.pings or summary.pongs else ""),
        ("silence", _silence(summary)),
        *_connections(summary),
        *_some("mark", [f"{duration_notation(mark.t)} {mark.name}" for mark in summary.marks], summary.marks_count),
        *_some("gap", [_gap(gap) for gap in summary.gaps], summary.gaps_count),
        *_timeline(summary),
    ]
    room = None if columns is None else max(_TEXT_COLUMNS_MIN, columns - _LABEL_COLUMNS - 2)
    lines = []
    for label, text in rows:
        parts = [text] if room is None or text.startswith("|") else wrap(text, room)
        names = [label, *[""] * len(parts)]
        lines += [f"  {name:<{_LABEL_COLUMNS}}{part}" for name, part in zip(names, parts, strict=False) if part]
    return lines


def summary_json(header: Header, summary: Summary) -> dict[str, object]:
    """The same for programs: times in seconds, sizes in bytes."""
    return {
        "header": {
            "recorded": header.recorded.exact if header.recorded else None,
            "by": header.by,
            "url": header.url,
            "server": header.server,
            "profile": header.profile,
            "topics": header.topics,
            "scenario": header.scenario,
            "seed": header.seed,
            "start": header.start.exact if header.start else None,
            "redacted": header.redacted,
            "note": header.note,
        },
        "entries": summary.entries,
        "duration": summary.duration / 1_000_000,
        "received": {"messages": summary.received, "events": summary.events, "bytes": summary.received_bytes},
        "sent": {"messages": summary.sent, "bytes": summary.sent_bytes},
        "rate": {"mean": _rate(summary), "peak": summary.peak},
        "joined": summary.joined,
        "fragmented": summary.fragmented,
        "binary": summary.binary,
        "pings": summary.pings,
        "pongs": summary.pongs,
        "longest_silence": {"from": summary.silence_from / 1_000_000, "seconds": summary.longest_silence / 1_000_000},
        "topics": dict(summary.topics.most_common()),
        "types": dict(summary.types.most_common()),
        "connections": [
            {
                "conn": number,
                "url": each.url,
                "opened": None if each.opened is None else each.opened / 1_000_000,
                "closed": None if each.closed is None else each.closed / 1_000_000,
                "code": each.code,
                "received": each.received,
                "sent": each.sent,
            }
            for number, each in summary.connections.items()
        ],
        "marks": [{"t": mark.t / 1_000_000, "name": mark.name} for mark in summary.marks],
        "gaps": [
            {
                "t": gap.t / 1_000_000,
                "conn": gap.conn,
                "reason": gap.reason,
                "messages": gap.messages,
                "bytes": gap.bytes,
                "seconds": None if gap.micros is None else gap.micros / 1_000_000,
            }
            for gap in summary.gaps
        ],
        "timeline": {"seconds": summary.histogram.width / 1_000_000, "counts": summary.histogram.counts},
    }


def _rate(summary: Summary) -> float:
    return round(summary.received * 1_000_000 / summary.duration, 3) if summary.duration else 0.0


def _received(summary: Summary) -> str:
    if not summary.received:
        return "nothing"
    mean = _rate(summary)
    told = f"{mean:,.0f}/s" if mean >= 100 else f"{mean:.3g}/s"
    rate = f", {told}, at most {summary.peak:,} in a second" if summary.duration else ""
    events = f" with {summary.events:,} events" if summary.events != summary.received else ""
    more = [
        f"{count:,} {what}"
        for count, what in (
            (summary.joined, "joined"),
            (summary.fragmented, "in fragments"),
            (summary.binary, "binary"),
        )
        if count
    ]
    said = f" ({', '.join(more)})" if more else ""
    return f"{_messages(summary.received)}{events}, {size_text(summary.received_bytes)}{rate}{said}"


def _sent(summary: Summary) -> str:
    if not summary.sent:
        return ""
    return f"{_messages(summary.sent)}, {size_text(summary.sent_bytes)}: {_counted(summary.asked)}"


def _messages(count: int) -> str:
    return f"{count:,} message{'' if count == 1 else 's'}"


def _counted(counts: Counter[str]) -> str:
    shown = [f"{name} {count:,}" for name, count in counts.most_common(_NAMED_MAX)]
    if len(counts) > _NAMED_MAX:
        shown.append(f"{len(counts) - _NAMED_MAX:,} more")
    return ", ".join(shown)


def _silence(summary: Summary) -> str:
    if not summary.longest_silence:
        return ""
    return f"at most {duration_notation(summary.longest_silence)}, from {duration_notation(summary.silence_from)}"


def _connections(summary: Summary) -> list[tuple[str, str]]:
    told = []
    for number, each in summary.connections.items():
        begun = "" if each.opened is None else f"opened at {duration_notation(each.opened)}, "
        how = "without a code" if each.code is None else f"with {each.code}"
        ended = "" if each.closed is None else f", closed at {duration_notation(each.closed)} {how}"
        told.append(f"{number}: {begun}{each.received:,} received, {each.sent:,} sent{ended}")
    return _some("connection", told, len(told))


def _gap(gap: Gap) -> str:
    lost = [
        "" if gap.messages is None else _messages(gap.messages),
        "" if gap.bytes is None else size_text(gap.bytes),
        "" if gap.micros is None else duration_notation(gap.micros),
    ]
    known = ", ".join(each for each in lost if each)
    return f"{duration_notation(gap.t)} {gap.reason}{f', {known} lost' if known else ''}"


def _some(label: str, told: list[str], count: int) -> list[tuple[str, str]]:
    rows = [(label, text) for text in told[:_NAMED_MAX]]
    return rows + ([("", f"and {count - _NAMED_MAX:,} more")] if count > _NAMED_MAX else [])


def _timeline(summary: Summary) -> list[tuple[str, str]]:
    if not summary.received:
        return []
    counts = summary.histogram.counts
    width = duration_notation(summary.histogram.width * -(-len(counts) // _PICTURE_COLUMNS))
    drawn = picture(counts, _PICTURE_COLUMNS)
    return [("timeline", f"|{drawn}|"), ("", f"what was received, {width} a column, from 0s")]
