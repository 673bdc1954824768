"""Which cases of the exam each flawed client fails: those that are about its flaw, and no other.

A case that was not judged since the client had ended by itself is none that it fails: there was nobody left to see.
"""

import re
from collections.abc import Sequence

import msgspec

from pvws.testing.exam.case import Case
from pvws.testing.exam.catalogue import ADMISSION, CASES
from pvws.testing.exam.examine import examine
from pvws.testing.exam.finding import Finding
from pvws.testing.verdict import Outcome

SLOW = ("jitter", "half-open", "hanging-handshake")
"""What takes long also where it is done well."""

RETURNS = (
    *("reconnect.after-restart", "reconnect.after-going-away", "reconnect.after-reset"),
    *("reconnect.after-end-of-stream", "reconnect.after-outage", "reconnect.after-503"),
    *("reconnect.again-and-again", "load.slow-consumer"),
)

FAILS: dict[str, tuple[str, ...]] = {
    # going
    "leaves-without-a-word": ("contract.closes-on-sigterm",),
    "no-answer-to-close": ("contract.answers-close",),
    "ignores-sigterm": ("contract.ends-on-sigterm",),
    "crashes-on-sigterm": ("contract.ends-on-sigterm",),
    # reading
    "crashes-on-unknown-type": ("resilience.unknown-type",),
    "knows-half-the-types": ("contract.every-event",),
    "crashes-on-unknown-topic": ("resilience.unknown-topic",),
    "crashes-on-unknown-error": ("resilience.unknown-error",),
    "crashes-on-unknown-field": ("resilience.unknown-field", "resilience.large-message", "security.oversized-message"),
    "crashes-on-missing-field": ("resilience.missing-field",),
    "crashes-on-wrong-type": ("resilience.wrong-type",),
    "crashes-on-other-times": ("resilience.time-formats",),
    "crashes-on-disorder": ("resilience.disordered",),
    "crashes-on-unicode": ("resilience.unicode",),
    "crashes-on-hostile-values": ("security.hostile-values",),
    "crashes-on-joined": ("resilience.joined-messages",),
    "crashes-on-invalid-json": ("resilience.invalid-json",),
    "crashes-on-deep-json": ("security.deep-json",),
    "crashes-on-no-object": ("resilience.no-object",),
    "crashes-on-empty": ("resilience.empty-message",),
    "crashes-on-binary": ("resilience.binary-message",),
    "takes-frames-for-messages": ("resilience.fragmented-message", "security.illegal-frames"),
    "small-buffer": ("resilience.large-message",),
    "crashes-on-oversized": ("security.oversized-message",),
    "takes-any-bytes-for-text": ("security.invalid-utf8",),
    "takes-any-frames": ("security.illegal-frames",),
    "impatient": ("load.narrow-line",),
    "slow-reader": ("load.burst", "load.steady-stream"),
    # returning
    "no-reconnect": (
        *RETURNS,
        "reconnect.backoff",
        "reconnect.one-connection",
        "resilience.slow-handshake",
        "load.server-full",
        "reconnect.jitter",
        "reconnect.hanging-handshake",
        "security.token-again",
        "security.oversized-message",
    ),
    "reconnects-once": ("reconnect.again-and-again", "load.server-full"),
    "gives-up-soon": (
        "reconnect.after-503",
        "reconnect.after-outage",
        "reconnect.backoff",
        "reconnect.late-server",
        "reconnect.one-connection",
        "reconnect.hanging-handshake",
        "reconnect.jitter",
    ),
    "no-backoff": ("reconnect.no-storm", "reconnect.flapping"),
    "no-growth": ("reconnect.backoff", "reconnect.jitter"),
    "no-jitter": ("reconnect.jitter",),
    "same-seed": ("reconnect.jitter",),
    "forgets-its-pauses": ("reconnect.flapping",),
    "forgets-subscriptions": ("reconnect.resubscribes",),
    "forgets-some-subscriptions": ("reconnect.resubscribes",),
    "leaks-connections": ("reconnect.one-connection",),
    "ignores-retry-after-header": ("reconnect.retry-after",),
    "stays-away-after-going-away": ("reconnect.after-going-away",),
    "stays-away-after-try-again-later": ("load.slow-consumer", "load.server-full"),
    "crashes-on-reset": ("reconnect.after-reset",),
    "crashes-when-refused": ("reconnect.after-outage",),
    "crashes-on-status": (
        "reconnect.after-503",
        "reconnect.backoff",
        "reconnect.late-server",
        "reconnect.one-connection",
        "reconnect.jitter",
    ),
    "misses-the-end-of-the-stream": ("reconnect.after-end-of-stream", "reconnect.half-open"),
    "needs-the-server-first": ("reconnect.late-server",),
    "no-heartbeat": ("reconnect.half-open",),
    "storms-when-denied": ("security.auth-failed", "security.handshake-401", "security.handshake-403"),
    # shaking hands
    "no-handshake-timeout": ("reconnect.hanging-handshake",),
    "hasty-handshake": ("resilience.slow-handshake",),
    # speaking
    "subscribes-to-nothing": ("contract.subscribes",),
    "subscribes-to-what-is-not": ("contract.valid-messages",),
    "says-hello": ("contract.valid-messages",),
    "storms-subscriptions": ("contract.message-rate",),
    "verbose": ("contract.message-size", "contract.valid-messages"),
    "ignores-retry-after": ("load.retry-after", "load.subscribes-after-penalty"),
    "never-asks-again": ("load.subscribes-after-penalty",),
    "no-pong": ("contract.answers-pings",),
    "wrong-pong": ("contract.answers-pings",),
    # secrets
    "drops-the-query": ("security.token-in-url", "security.token-again"),
    "drops-the-query-later": ("security.token-again",),
    "prints-its-url": ("security.token-not-printed",),
}

QUIET = (
    *("no-backoff", "forgets-its-pauses", "no-growth", "no-jitter", "same-seed"),
    *("storms-when-denied", "ignores-retry-after", "gives-up-soon", "crashes-when-refused"),
)
"""Flaws of pauses: among many others on a busy machine a storm is none, and pauses that are the same are not; a client
has longer for everything by what this process stood still; and who has no turn for a second misses the outage of that
length which was to show that it gives up, or that it crashes.
"""

MAY_FAIL: dict[str, tuple[str, ...]] = {
    "no-backoff": ("reconnect.backoff", "reconnect.jitter"),  # whether pauses of milliseconds are alike is chance
    "stays-away-after-try-again-later": ("security.oversized-message",),  # behind which the server may say 1013
    "impatient": ("resilience.large-message", "security.oversized-message"),  # which may come in pieces
}
"""Cases that are about the flaw as well, and depend on what a machine adds to it."""


async def wrong_of(
    argv: Sequence[str], cases: Sequence[Case], fails: Sequence[str], may: Sequence[str] = (), jobs: int = 4
) -> list[str]:
    """Examine a client by some cases; in words, each verdict that is not as it should be."""
    card = await examine(argv, cases, jobs=jobs)
    return [text for finding in card.findings for text in _wrong(finding, fails, may)]


def _wrong(finding: Finding, fails: Sequence[str], may: Sequence[str]) -> list[str]:
    case, outcome = finding.case, finding.outcome
    if case.id in may or (outcome is Outcome.FAILED and case.id in fails):
        return []
    if case.id not in fails and (
        outcome is Outcome.HELD or (outcome is Outcome.NOT_JUDGED and "exited" in finding.why)
    ):
        return []
    return ["\n  ".join([f"{case.id}: {outcome} {finding.summary}", *finding.details, *finding.output])]


def hurried(case: Case) -> Case:
    """A case that gives less time, so that it is soon over for a client that will never do what is asked."""
    script = re.sub(r"within: (?:10|25|30|40)s", "within: 8s", case.script)
    return msgspec.structs.replace(case, script=script, patience_s=min(case.patience_s, 12.0))


def sample(flaw: str, passes: int) -> list[Case]:
    """Some cases that a flaw has nothing to do with: others for each flaw, and always the same."""
    about = {*FAILS[flaw], *MAY_FAIL.get(flaw, ()), ADMISSION.id}
    others = [case for case in CASES.values() if case.id not in about and not any(w in case.id for w in SLOW)]
    first = list(FAILS).index(flaw) * passes
    return [others[(first + number) % len(others)] for number in range(passes)]
