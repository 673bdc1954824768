"""`make exam-results`: docs/exam-results.md, from exams of clients that are written with libraries as they come.

What depends on a machine's minute, such as how long anything took, is left out: a test compares the page.
"""

import asyncio
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from pvws.testing.exam.catalogue import CASES, SUITES
from pvws.testing.exam.examine import examine
from pvws.testing.exam.finding import Card
from pvws.testing.verdict import Outcome
from tests.exam.subjects import CONNECTED, REFERENCE, reconnecting

DOCUMENT = Path(__file__).parents[2] / "docs" / "exam-results.md"
NPM = ("partysocket", "reconnecting-websocket")
SIGNS = {Outcome.HELD: "✓", Outcome.FAILED: "✗", Outcome.NOT_JUDGED: "–"}
JOBS = 6

_HEAD = """\
# The exam of clients as they come

What `pvws check client` says of clients that are written with a library as its README shows, with none of its options
set. `make exam-results` makes this page anew, and a test compares it. What each case is about is in
[the exam](exam.md).

| client | what it is |
|---|---|
| reference | `tests/exam/clients/reference.py`: written for the exam, with the standard library alone |
| `pvws.connect` | `tests/exam/clients/connected.py`: [the client of this project](python-client.md) |
| `partysocket` {partysocket} | `tests/node/reconnecting.mjs`, with `ws` {ws} beneath |
| `reconnecting-websocket` {reconnecting-websocket} | the same file |

✓ held, ✗ failed, – not judged. The two packages from npm look after connections, and leave messages to their users. In
`reconnecting.mjs` messages are read with care, so that what the packages do is what is seen.

"""
_TAIL = """
## What is behind it

{reasons}What a user of these two packages has to add:

- They come back whatever a server says. On an `error` with `AUTH_FAILED` call `close()`; of 401 and 403 a browser tells
  a page nothing, and `ws` only by an error's text, so give up after some attempts that failed (`maxRetries`).
- They send what they are given, once. On `RATE_LIMIT_EXCEEDED` subscribe again when `retryAfter` is over.
- They have no heartbeat, and a page can send no control pings: send `{{"type":"ping"}}` now and then, and call
  `reconnect()` when its `pong` does not come.
- The first pause of `partysocket` is the same everywhere: set `minReconnectionDelay` to something drawn by chance.
- `reconnecting-websocket` gives up a handshake after 4 s (`connectionTimeout`) by closing a socket that nobody listens
  to any more; `ws` then raises an error that ends a Node process. A browser's `WebSocket` does not.
"""


def commands(node: Path) -> dict[str, Sequence[str]]:
    """The clients that are examined, by the name of their column."""
    return {
        "reference": REFERENCE,
        "`pvws.connect`": CONNECTED,
        **{f"`{name}`": reconnecting(node, name) for name in NPM},
    }


async def examined(node: Path, names: Iterable[str] = ()) -> dict[str, Card]:
    """The cards of some of them, or of all, one behind the other."""
    chosen = list(names) or list(commands(node))
    return {name: await examine(commands(node)[name], list(CASES.values()), jobs=JOBS) for name in chosen}


def page(cards: Mapping[str, Card], versions: Mapping[str, str]) -> str:
    """The whole page."""
    signs = {name: {f.case.id: SIGNS[f.outcome] for f in card.findings} for name, card in cards.items()}
    lines = [_HEAD.format(**versions)]
    for suite, cases in SUITES.items():
        lines += [f"| {suite} | {' | '.join(signs)} |\n", f"|---{'|:---:' * len(signs)}|\n"]
        for case in cases:
            lines.append(f"| `{case.id}` | {' | '.join(column[case.id] for column in signs.values())} |\n")
        lines.append("\n")
    total = (f"{sum(sign == '✓' for sign in column.values())} of {len(column)}" for column in signs.values())
    lines += [f"| held | {' | '.join(signs)} |\n", f"|---{'|:---:' * len(signs)}|\n", f"| | {' | '.join(total)} |\n"]
    return "".join(lines) + _TAIL.format(reasons=_reasons(cards))


def _reasons(cards: Mapping[str, Card]) -> str:
    lines = list[str]()
    for name, card in cards.items():
        failed = card.of(Outcome.FAILED)
        if failed:
            lines.append(f"{name} fails, and so does not keep these sentences:\n\n")
            lines += [f"- `{finding.case.id}`: {finding.case.purpose}\n" for finding in failed]
            lines.append("\n")
    return "".join(lines)


def outcomes(text: str) -> dict[str, tuple[str, ...]]:
    """The signs of each case on a page, in the order of its columns."""
    rows = (line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `"))
    return {row[0].strip("`"): tuple(row[1:]) for row in rows if row[0].strip("`") in CASES}


def versions() -> dict[str, str]:
    """Of the packages from npm, exactly."""
    text = (DOCUMENT.parents[1] / "tests" / "node" / "package.json").read_bytes()
    found: dict[str, str] = msgspec.json.decode(text)["dependencies"]
    return found


def main() -> int:
    """Make the page."""
    node = shutil.which("node")
    if node is None:
        sys.stderr.write("make exam-results needs Node: `make tools` installs it where it is root on Debian\n")
        return 1
    DOCUMENT.write_text(page(asyncio.run(examined(Path(node))), versions()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
