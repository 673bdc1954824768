"""What every client does: it asks for what it wants as documented, keeps to the limits, and leaves as one does."""

from pvws.testing.exam.case import Case
from pvws.testing.exam.events import befalls, every_type, told
from pvws.testing.exam.rules import ends_when_asked

__all__ = ["CASES"]

_OVER_A_RECONNECTION = f"""\
duration: 2s
timeline:
{told("300ms")}{told("400ms")}\
  - {{at: 600ms, do: disconnect, code: 1012}}
  - {{at: 1900ms, do: mark, name: the end}}
expect:
"""

CASES = (
    Case(
        id="contract.subscribes",
        purpose="It connects and subscribes to a topic within 10 s.",
        reference="API documentation, “Subscribe to Topic”",
        script="""\
duration: 100ms
expect:
  - {client: connects, within: 10s}
  - {client: subscribes, within: 10s}
""",
    ),
    Case(
        id="contract.valid-messages",
        purpose="All that it sends are messages of the API, in frames that RFC 6455 allows.",
        reference="API documentation, “Message Format” and “Message Validation”; RFC 6455, section 5",
        may_end=True,
        script=_OVER_A_RECONNECTION + "  - {client: sends_valid_messages}\n",
    ),
    Case(
        id="contract.message-rate",
        purpose="It never sends more than 100 messages in a second.",
        reference="API documentation, “Rate Limiting”",
        may_end=True,
        script=_OVER_A_RECONNECTION + "  - {client: never_sends, more_than: 100/s}\n",
    ),
    Case(
        id="contract.message-size",
        purpose="It never sends a message of more than 1 MiB.",
        reference="API documentation, “Rate Limiting”: the message size limit",
        may_end=True,
        script=_OVER_A_RECONNECTION + "  - {client: never_sends, larger_than: 1 MiB}\n",
    ),
    Case(
        id="contract.answers-pings",
        purpose="It answers each control ping by a pong with the same payload.",
        reference="RFC 6455, sections 5.5.2 and 5.5.3; API documentation, “Connection Configuration”",
        settings="timeouts: {ping_period: 400ms}",
        script="""\
duration: 1s
expect:
  - {client: answers_pings, within: 3s}
""",
    ),
    Case(
        id="contract.answers-close",
        purpose="It answers the server's close frame by one of its own.",
        reference="RFC 6455, section 5.5.1",
        settings="timeouts: {close: 4s}",
        may_end=True,
        script="""\
duration: 400ms
timeline:
  - {at: 200ms, do: disconnect, code: 1001}
expect:
  - {client: closes_properly, within: 3s}
""",
    ),
    Case(
        id="contract.closes-on-sigterm",
        purpose="When it is asked to end, by SIGTERM, it sends a close frame before it goes.",
        reference="RFC 6455, sections 7.1.1 and 7.4.1 (1001)",
        judges_end=True,
        patience_s=0,
        script=f"""\
duration: 400ms
timeline:
{told("200ms")}\
expect:
  - {{client: closes_properly}}
""",
    ),
    Case(
        id="contract.ends-on-sigterm",
        purpose="When it is asked to end, by SIGTERM, it has ended within 5 s: with 0, with 143, or by the signal.",
        reference="POSIX.1-2017, “Signal Concepts”: the termination signal; its exit code counts here",
        rules=(ends_when_asked,),
        script=f"""\
duration: 400ms
timeline:
{told("200ms")}\
""",
    ),
    Case(
        id="contract.every-event",
        purpose="It takes all sixteen types of events, and goes on.",
        reference="API documentation, “Available Topics”",
        settings="timeouts: {ping_period: 500ms, close: 2s}",
        script=befalls(every_type("200ms")),
    ),
)
"""The cases of the suite, in their order."""
