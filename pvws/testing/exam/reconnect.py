"""What a client does that has lost its connection: it comes back, not too soon, not too often, and to everything."""

from pvws.testing.exam.case import Case
from pvws.testing.exam.rules import comes_back, differs

__all__ = ["CASES"]

_DOCUMENTED = "API documentation, “Connection Optimization”"
_RECOVERY = "RFC 6455, section 7.2.3"


def _lost(
    id: str,  # noqa: A002 - a case has one
    purpose: str,
    reference: str,
    step: str,
    *,
    duration: str = "800ms",
) -> Case:
    return Case(
        id=f"reconnect.{id}",
        purpose=purpose,
        reference=reference,
        script=f"""\
duration: {duration}
timeline:
  - {{at: 300ms, {step}}}
expect:
  - {{client: reconnects, within: 30s}}
""",
    )


CASES = (
    _lost(
        "after-restart",
        "When the server restarts (close 1012) it is back within 30 s.",
        f"{_DOCUMENTED}; IANA, WebSocket close code 1012",
        "do: disconnect, code: 1012, reason: restart",
    ),
    _lost(
        "after-going-away",
        "When the server goes away (close 1001) it is back within 30 s.",
        f"{_DOCUMENTED}; RFC 6455, section 7.4.1",
        "do: disconnect, code: 1001",
    ),
    _lost(
        "after-reset",
        "When the connection is reset (RST, no close frame) it is back within 30 s.",
        f"{_DOCUMENTED}; RFC 6455, section 7.1.5 (1006)",
        "do: fault, reset: on",
    ),
    _lost(
        "after-end-of-stream",
        "When the stream ends (FIN, no close frame) it is back within 30 s.",
        f"{_DOCUMENTED}; RFC 6455, section 7.1.5 (1006)",
        "do: fault, half_close: on",
    ),
    _lost(
        "after-outage",
        "When nobody listens for a second it tries again, and is back within 30 s.",
        f"API documentation, “Connection Refused” and “Connection Optimization”; {_RECOVERY}",
        "do: fault, restart: 1s",
        duration="2s",
    ),
    Case(
        id="reconnect.after-503",
        purpose="When it is refused with 503, twice, it tries again, and is back within 30 s.",
        reference=f"{_DOCUMENTED}; RFC 9110, section 15.6.4",
        script="""\
duration: 800ms
timeline:
  - {at: 300ms, do: fault, status: 503, attempts: 2}
  - {at: 300ms, do: disconnect, code: 1012}
expect:
  - {client: reconnects, within: 30s}
""",
    ),
    Case(
        id="reconnect.again-and-again",
        purpose="It comes back each time, not once: three outages, one behind the other.",
        reference=_DOCUMENTED,
        script="""\
duration: 2m
timeline:
  - {at: 300ms, do: disconnect, code: 1012}
  - {when: {client: connects, nth: 2}, in: 300ms, do: disconnect, code: 1012}
  - {when: {client: connects, nth: 3}, in: 300ms, do: disconnect, code: 1012}
  - {when: {client: connects, nth: 4}, in: 100ms, do: mark, name: the end}
expect:
  - {client: reconnects, within: 30s}
""",
    ),
    Case(
        id="reconnect.resubscribes",
        purpose="When it is back it subscribes again to everything that it had, within 10 s.",
        reference="API documentation, “Subscribe to Topic” and “Migration from HTTP APIs” (connection state)",
        script="""\
duration: 1s
timeline:
  - {at: 600ms, do: disconnect, code: 1012}
expect:
  - {client: resubscribes, within: 10s}
""",
    ),
    Case(
        id="reconnect.backoff",
        purpose="The pauses between its attempts grow, at least they are not all the same.",
        reference=f"{_DOCUMENTED}: exponential backoff; {_RECOVERY}",
        by_chance=True,
        # At least two refusals, and a second of them: whose pauses are short shows many.
        script="""\
duration: 2s
timeline:
  - {at: 300ms, do: fault, status: 503, attempts: 2}
  - {at: 300ms, do: fault, status: 503, for: 1s}
  - {at: 300ms, do: disconnect, code: 1012}
expect:
  - {client: reconnects, within: 40s, backoff: {jitter: any}}
""",
    ),
    Case(
        id="reconnect.jitter",
        purpose="Chance has a part in its pauses, so that many of it do not come back at the same moment.",
        reference=f"{_RECOVERY}: a random amount of time",
        copies=2,
        by_chance=True,
        alone=True,
        rules=(differs,),
        script="""\
duration: 2s
timeline:
  - {at: 500ms, do: fault, status: 503, attempts: 2}
  - {at: 500ms, do: fault, status: 503, for: 1s}
  - {at: 500ms, do: disconnect, code: 1012}
expect:
  - {client: reconnects, within: 40s}
""",
    ),
    Case(
        id="reconnect.no-storm",
        purpose="While it is refused it tries no more than fifteen times in three seconds.",
        reference=f"{_DOCUMENTED}; {_RECOVERY}",
        script="""\
duration: 3500ms
timeline:
  - {at: 300ms, do: fault, status: 503, for: 3s}
  - {at: 300ms, do: disconnect, code: 1012}
expect:
  - {client: never_tries, more_than: 5/s, over: 3s, after: disconnect}
""",
    ),
    Case(
        id="reconnect.flapping",
        purpose="Where it is let in and closed at once it tries no more than fifteen times in three seconds.",
        reference=f"{_DOCUMENTED}; {_RECOVERY}",
        script="""\
duration: 3500ms
timeline:
  - {at: 300ms, do: fault, close: 1012, for: 3s}
expect:
  - {client: never_tries, more_than: 5/s, over: 3s, after: fault}
""",
    ),
    Case(
        id="reconnect.retry-after",
        purpose="When it is refused with 503 and Retry-After it does not try again before that is over.",
        reference="RFC 9110, section 10.2.3",
        script="""\
duration: 800ms
timeline:
  - {at: 300ms, do: fault, status: {code: 503, retry_after: 2s}, attempts: 1}
  - {at: 300ms, do: disconnect, code: 1012}
expect:
  - {client: honours_retry_after, tolerance: 100ms}
""",
    ),
    Case(
        id="reconnect.one-connection",
        purpose="However often it was refused, it has no more connections at once than before: none leaks.",
        reference="API documentation, “Resource Usage”: connection limits per client",
        linger_s=1.2,
        script="""\
duration: 1s
timeline:
  - {at: 600ms, do: mark, name: the outage}
  - {at: 600ms, do: fault, status: 503, attempts: 2}
  - {at: 600ms, do: disconnect, code: 1012}
expect:
  - {client: reconnects, within: 30s}
  - {client: never_holds, after: the outage}
""",
    ),
    Case(
        id="reconnect.late-server",
        purpose="When the server is not ready yet and refuses it twice, it comes all the same, within 30 s.",
        reference=f"API documentation, “Connection Refused” and “Connection Optimization”; {_RECOVERY}",
        begin="handshake",
        script="""\
duration: 500ms
timeline:
  - {at: 0s, do: fault, status: 503, attempts: 2}
expect:
  - {client: connects, within: 30s}
  - {client: subscribes, within: 35s}
""",
    ),
    Case(
        id="reconnect.half-open",
        purpose="When nothing comes any more, not even an end, it notices within 65 s, and makes another connection.",
        reference="API documentation, “Connection Optimization”: monitor connection health with ping/pong",
        patience_s=65.0,
        rules=(comes_back,),
        script="""\
duration: 800ms
timeline:
  - {at: 300ms, do: fault, stall: on}
expect:
  - {client: reconnects, within: 10s}
""",
    ),
    Case(
        id="reconnect.hanging-handshake",
        purpose="When its handshake is never answered it gives that up and tries again, and is back within 40 s.",
        reference="RFC 6455, section 4.1 (fail the connection); API documentation, “Connection Optimization”",
        patience_s=45.0,
        script="""\
duration: 800ms
timeline:
  - {at: 300ms, do: fault, hang: on, attempts: 1}
  - {at: 300ms, do: disconnect, code: 1012}
expect:
  - {client: reconnects, within: 40s}
""",
    ),
)
"""The cases of the suite, in their order."""
