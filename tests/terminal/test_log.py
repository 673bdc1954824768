from datetime import UTC, timedelta, timezone

from pvws.errors import MessageError
from pvws.terminal.log import Log
from pvws.terminal.spans import STYLES, plain
from pvws.timestamp import Timestamp
from pvws.wire.events import Payload
from pvws.wire.messages import ErrorCode, ErrorMessage, Event, Pong

AT = Timestamp(1_704_110_403_417_999)  # 2024-01-01T12:00:03.417999Z
LOG = Log(zone=UTC, wide=False)


def test_a_line_has_time_topic_type_and_essentials(payloads: dict[str, Payload]) -> None:
    assert plain(LOG.line(Event(payloads["file_uploaded"], AT))) == (
        "12:00:03.417  file_operations  file_uploaded        9c1e44aa…   2.4 MiB  → 5d01c2f7…"
    )


def test_columns_are_aligned_for_all_types_but_the_longest(payloads: dict[str, Payload]) -> None:
    for event_type, payload in payloads.items():
        line = plain(LOG.line(Event(payload, AT)))
        assert line[14:31].rstrip() == payload.topic
        assert line[31:].startswith(event_type)
        if event_type != "network_topology_changed":
            assert line[50:52] == "  "
            assert line[52] != " "


def test_every_span_has_a_style_that_exists(payloads: dict[str, Payload]) -> None:
    for payload in payloads.values():
        assert {span.style for span in LOG.line(Event(payload, AT))} <= set(STYLES)


def test_lines_are_coloured_by_topic(payloads: dict[str, Payload]) -> None:
    for payload in payloads.values():
        assert LOG.line(Event(payload, AT))[2].style == payload.topic


def test_the_time_is_the_envelopes_in_the_zone_that_is_wanted(payloads: dict[str, Payload]) -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    assert plain(Log(zone=zone, wide=False).line(Pong(AT))).startswith("17:30:03.417  server")


def test_the_first_and_last_instants_have_a_time_of_day_in_every_zone() -> None:
    for text in ("0001-01-01T00:00:01Z", "9999-12-31T23:59:59.999Z"):
        for hours in (-12, 12):
            line = plain(Log(zone=timezone(timedelta(hours=hours)), wide=False).line(Pong(Timestamp.parse(text))))
            assert line[2] == line[5] == ":"


def test_pongs_and_errors_are_shown() -> None:
    assert plain(LOG.line(Pong(AT, "ab" * 16))) == "12:00:03.417  server           pong                 abababab…"
    error = ErrorMessage.of(ErrorCode.RATE_LIMIT_EXCEEDED, None, AT, retry_after=60)
    assert plain(LOG.line(error)) == (
        "12:00:03.417  server           error                RATE_LIMIT_EXCEEDED  "
        "Rate limit exceeded. Please slow down your requests.  retry after 60 s"
    )


def test_a_text_that_is_no_message_is_marked_and_can_do_no_harm() -> None:
    trouble = MessageError("type", "one of many", '"file_renamed"')
    assert plain(LOG.unreadable('{"type":"file_renamed"}\x1b]0;evil\x07', trouble, 1_704_110_403.5)) == (
        '12:00:03.500  ?                unreadable           type: got "file_renamed"  '
        '{"type":"file_renamed"}\\x1b]0;evil\\x07'
    )
    assert "  expected JSON  oops" in plain(LOG.unreadable("oops", MessageError("", "JSON"), 0.0))


def test_wide_shows_ids_whole(payloads: dict[str, Payload]) -> None:
    assert "9c1e44aa" * 8 in plain(Log(zone=UTC, wide=True).line(Event(payloads["file_deleted"], AT)))
