"""What a client does under load, the server's, the line's or its own: it keeps up, and keeps quiet when told to."""

from pvws.testing.exam.case import Case
from pvws.testing.exam.events import stream
from pvws.testing.exam.resilience import SHORTENED

__all__ = ["CASES"]

_RATE_LIMITING = "API documentation, “Rate Limiting”: `RATE_LIMIT_EXCEEDED` and `retryAfter`"


def _keeps_up(name: str, purpose: str, steps: str, *, ends_ms: int, ping_ms: int) -> Case:
    """The load ends at `ends_ms`, and soon behind it, `ping_ms` from the handshake, comes the first ping: whoever reads
    one after the other has read all when it answers that. At last a close frame asks for the same.
    """
    return Case(
        id=f"load.{name}",
        purpose=purpose,
        reference="API documentation, “Message Handling”: high-volume scenarios",
        settings=f"timeouts: {{ping_period: {ping_ms}ms, close: 5s}}",
        script=f"""\
duration: {ends_ms + 4_000}ms
timeline:
  - {{at: 200ms, do: mark, name: the load}}
{steps}\
  - {{at: {ends_ms}ms, do: mark, name: behind it}}
  - {{at: {ends_ms + 1_100}ms, do: mark, name: the end}}
  - {{at: {ends_ms + 3_500}ms, do: disconnect, code: 1001}}
expect:
  - {{client: goes_on, after: the load, within: {ends_ms}ms}}
  - {{client: goes_on, after: behind it, within: 1s}}
""",
    )


CASES = (
    _keeps_up(
        "burst",
        "Five hundred events of each topic within a second do not have it fall over, or seconds behind.",
        stream("200ms", "2ms", 500),
        ends_ms=1_300,
        ping_ms=2_000,
    ),
    _keeps_up(
        "steady-stream",
        "A hundred events of each topic a second, for two seconds, are taken as they come.",
        stream("200ms", "10ms", 200),
        ends_ms=2_300,
        ping_ms=2_800,
    ),
    Case(
        id="load.narrow-line",
        purpose="Events that trickle in over a narrow line, byte by byte, are taken as any other.",
        reference="RFC 6455, section 5.4: frames come as the network has them",
        settings=SHORTENED.replace("2s", "5s"),
        script=f"""\
duration: 5s
timeline:
  - {{at: 200ms, do: mark, name: the load}}
  - {{at: 200ms, do: fault, bandwidth: 400 B/s, for: 1500ms}}
{stream("210ms", "100ms", 2)}\
  - {{at: 2300ms, do: mark, name: the end}}
  - {{at: 4500ms, do: disconnect, code: 1001}}
expect:
  - {{client: goes_on, after: the load, within: 2s}}
""",
    ),
    Case(
        id="load.slow-consumer",
        purpose="When it is closed for being too slow (1013) it is back within 30 s.",
        reference="IANA, WebSocket close code 1013; API documentation, “Connection Optimization”",
        script="""\
duration: 1s
timeline:
  - {at: 600ms, do: disconnect, code: 1013, reason: slow consumer}
expect:
  - {client: reconnects, within: 30s}
""",
    ),
    Case(
        id="load.server-full",
        purpose="When the server is full (`CONNECTION_REFUSED` and 1013, twice) it is no storm, and gets in at last.",
        reference="API documentation, “Connection Refused” and “Rate Limiting”: the connection limit",
        script="""\
duration: 90s
timeline:
  - {at: 300ms, do: disconnect, code: 1012}
  - when: {client: connects, nth: 2}
    times: 2
    do: reply
    type: error
    data: {code: CONNECTION_REFUSED, message: Server is not accepting connections}
  - {when: {client: connects, nth: 2}, times: 2, do: disconnect, client: sender, code: 1013}
  - {when: {client: connects, nth: 4}, in: 200ms, do: mark, name: the end}
expect:
  - {client: reconnects, within: 30s}
  - {client: never_tries, more_than: 5/s, over: 3s}
""",
    ),
    Case(
        id="load.retry-after",
        purpose="When it is told `RATE_LIMIT_EXCEEDED` it sends nothing for as long as `retryAfter` says.",
        reference=_RATE_LIMITING,
        begin="handshake",
        script="""\
duration: 1s
timeline:
  - {at: 0s, do: fault, rate_limit: 2s}
expect:
  - {client: honours_retry_after, tolerance: 100ms}
""",
    ),
    Case(
        id="load.subscribes-after-penalty",
        purpose="When its subscription was answered `RATE_LIMIT_EXCEEDED` it asks again behind `retryAfter`.",
        reference=_RATE_LIMITING,
        begin="handshake",
        script="""\
duration: 1s
timeline:
  - {at: 0s, do: fault, rate_limit: 1s}
expect:
  - {client: subscribes, within: 25s}
""",
    ),
)
"""The cases of the suite, in their order."""
