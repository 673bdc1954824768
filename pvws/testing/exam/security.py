"""What a client does with its token, with a server that does not want it, and with what may be meant to break it."""

import json

from pvws.testing.exam.case import Case
from pvws.testing.exam.events import befalls, raw, told
from pvws.testing.exam.resilience import SHORTENED
from pvws.testing.exam.rules import is_let_in, lives, prints_nothing_of

__all__ = ["CASES", "TOKEN"]

TOKEN = "exam-6e8c2f41b7d95a03"
"""What the server asks for where it asks for a token."""

_AUTHENTICATION = "API documentation, “Authentication”: the query parameter `token`"
_FAILED = "API documentation, “Authentication Failed”"
_ASKS = f"auth: {{tokens: [{TOKEN}], timeout: 2s}}"
_DEEP = 100_000


def _gives_up(name: str, purpose: str, reference: str, fault: str) -> Case:
    """It is watched for longer than libraries pause at first, up to 5 s: else whether one is seen to come again
    would be its chance.
    """
    return Case(
        id=f"security.{name}",
        purpose=purpose,
        reference=reference,
        begin="handshake",
        may_end=True,
        script=f"""\
duration: 8s
timeline:
  - {{at: 0s, do: fault, {fault}}}
expect:
  - {{client: gives_up, within: 2s}}
""",
    )


def _breaks(name: str, purpose: str, reference: str, steps: str, code: int) -> Case:
    return Case(
        id=f"security.{name}",
        purpose=purpose,
        reference=reference,
        may_end=True,
        script=f"""\
duration: 600ms
timeline:
  - {{at: 200ms, do: mark, name: the message}}
{steps}\
expect:
  - {{client: fails_connection, after: the message, code: {code}, within: 5s}}
""",
    )


def _nested(depth: int) -> str:
    return '{"type":"file_uploaded","topic":"file_operations","data":' + "[" * depth + "]" * depth + "}"


def _hostile(event: dict[str, object]) -> str:
    """Values as JSON allows them, which many a program does not expect."""
    values = (
        '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},'
        '"size":1e400,"value":-1e400,"port":18446744073709551616,"threshold":0.1e-400,'
        '"message":"\\u001b[2J\\u0007\\u0000\\ud800","key":"../../../etc/passwd","":null,"size":"1","size":-0'
    )
    return json.dumps(event | {"data": "?"}).replace('"?"', f"{{{values}}}")


CASES = (
    Case(
        id="security.token-in-url",
        purpose="The token in the query of its URL is presented, so that the server lets it in.",
        reference=_AUTHENTICATION,
        settings=_ASKS,
        query=f"token={TOKEN}",
        begin="handshake",
        rules=(is_let_in,),
        script="""\
duration: 300ms
expect:
  - {client: connects, within: 10s}
  - {client: subscribes, within: 10s}
""",
    ),
    Case(
        id="security.token-again",
        purpose="The token is presented again when it comes back.",
        reference=_AUTHENTICATION,
        settings=_ASKS,
        query=f"token={TOKEN}",
        linger_s=2.5,
        rules=(is_let_in,),
        script="""\
duration: 800ms
timeline:
  - {at: 500ms, do: disconnect, code: 1012}
expect:
  - {client: reconnects, within: 30s}
""",
    ),
    Case(
        id="security.token-not-printed",
        purpose="The token is in nothing that it prints, also when it loses its connection.",
        reference="RFC 6750, section 5.3; OWASP, “Logging Cheat Sheet”: data to exclude",
        settings=_ASKS,
        query=f"token={TOKEN}",
        rules=(prints_nothing_of(TOKEN),),
        may_end=True,
        script=f"""\
duration: 2500ms
timeline:
{told("200ms")}\
  - {{at: 300ms, do: fault, status: 503, attempts: 1}}
  - {{at: 300ms, do: disconnect, code: 1012}}
""",
    ),
    _gives_up(
        "auth-failed",
        "When it was told `AUTH_FAILED` and closed with 1008 it does not come again and again.",
        f"{_FAILED}; RFC 6455, section 7.4.1 (1008)",
        "revoke: on, for: 8s",
    ),
    _gives_up(
        "handshake-401",
        "When its handshake was answered 401 it does not come again and again.",
        f"{_FAILED}; RFC 9110, section 15.5.2",
        "status: 401",
    ),
    _gives_up(
        "handshake-403",
        "When its handshake was answered 403 it does not come again and again.",
        "API documentation, “CORS Configuration”; RFC 9110, section 15.5.4",
        "status: 403",
    ),
    _breaks(
        "invalid-utf8",
        "Text that is no UTF-8 has it close the connection with 1007.",
        "RFC 6455, section 8.1",
        "  - {at: 200ms, do: fault, corrupt: invalid_utf8, for: 300ms}\n" + told("210ms"),
        1007,
    ),
    _breaks(
        "illegal-frames",
        "Frames that break the protocol have it close the connection with 1002.",
        "RFC 6455, sections 5.4 and 7.4.1",
        "  - {at: 200ms, do: fault, fragment: {size: 16, illegal: on}, for: 300ms}\n" + told("210ms"),
        1002,
    ),
    Case(
        id="security.oversized-message",
        purpose="A message of 4 MiB, far beyond the limit, does not end it: it is connected, or again within 30 s.",
        reference="API documentation, “Rate Limiting”: the message size limit; RFC 6455, section 7.4.1 (1009)",
        rules=(lives,),
        script=f"""\
duration: 3s
timeline:
  - {{at: 200ms, do: fault, oversize: 4 MiB, for: 300ms}}
{told("210ms")}\
  - {{at: 2500ms, do: mark, name: behind it}}
expect:
  - {{client: connects, after: behind it, within: 30s}}
""",
    ),
    Case(
        id="security.deep-json",
        purpose=f"JSON that is nested {_DEEP:,} deep costs no more than that message.",
        reference="RFC 8259, section 9: a parser may limit the depth of nesting",
        settings=SHORTENED,
        script=befalls(raw("200ms", _nested(_DEEP))),
    ),
    Case(
        id="security.hostile-values",
        purpose="Names and numbers that JSON allows and few expect cost no more than that message.",
        reference="RFC 8259, sections 4, 6 and 7",
        settings=SHORTENED,
        script=befalls(told("200ms", _hostile)),
    ),
)
"""The cases of the suite, in their order."""
