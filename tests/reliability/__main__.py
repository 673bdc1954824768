"""`make reliability`: tries what the test-bed bears, writes docs/reliability.json, and makes docs/reliability.md of it.

`python -m tests.reliability soak fuzz --minutes 2` does some parts alone, for so long instead of each part's own time;
the others stay as they are in the file. Exits 1 where a figure breaks its bound, and says which.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from pvws.errors import PvwsError
from tests.benchmarks.machine import machine
from tests.reliability import faults, fuzz, kills, soak
from tests.reliability.page import DATA, DOCUMENT, read, rendered
from tests.reliability.part import Found

PARTS: dict[str, tuple[Callable[..., Found], float]] = {
    "soak": (soak.run, soak.MINUTES),
    "fuzz": (fuzz.run, fuzz.MINUTES),
    "faults": (faults.run, faults.MINUTES),
    "kills": (kills.run, kills.MINUTES),
}
"""What is run, and for how many minutes if nothing is said."""


def main(words: Sequence[str]) -> int:
    said = _said(words)
    broken = list[str]()
    for name in said.parts or PARTS:
        run, own = PARTS[name]
        minutes = own if said.minutes is None else said.minutes
        options = {"clients": said.clients} if name == "soak" and said.clients else {}
        began = time.monotonic()
        try:
            found = run(minutes, **options)
        except PvwsError as error:
            broken.append(f"{name}, which could not go on to its end: {error}")
            continue
        _keep(name, found, minutes, options, time.monotonic() - began)
        for result in found.results:
            bound = f"at most {result.at_most:,g}" if result.at_most is not None else ""
            bound = f"at least {result.at_least:,g}" if result.at_least is not None else bound
            verdict = "" if not bound else "ok" if result.kept else "BROKEN"
            print(
                f"{name:<7} {result.name:<76} {result.value:>14,.1f} {result.unit:<9} {bound:<18} {verdict}", flush=True
            )
        broken += [f"{name}: {each}" for each in found.missed]
    for each in broken:
        print(f"its bound is broken by {each}", file=sys.stderr)
    return 1 if broken else 0


def _said(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--minutes", type=float, metavar="N", help="how long each part takes, instead of its own time")
    parser.add_argument("--clients", type=int, metavar="N", help=f"of the soak, {soak.CLIENTS:,} if nothing is said")
    said = parser.parse_args(words)
    if unknown := [part for part in said.parts if part not in PARTS]:
        parser.error(f"expected some of {', '.join(PARTS)}, got {', '.join(unknown)}")
    if said.minutes is not None and said.minutes <= 0:
        parser.error("--minutes: expected a number above 0")
    return said


def _keep(name: str, found: Found, minutes: float, options: dict[str, int], seconds: float) -> None:
    """Put a part in its place of the file, and make the page anew."""
    more = "".join(f" --{option} {value}" for option, value in options.items())
    part = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "command": f"python -m tests.reliability {name} --minutes {minutes:g}{more}",
        "seconds": round(seconds),
        "facts": found.facts,
        "results": [{key: value for key, value in asdict(each).items() if value is not None} for each in found.results],
        "rows": [dict(row) for row in found.rows],
    }
    data = read() | {name: part}
    DATA.write_text(json.dumps({key: data[key] for key in PARTS if key in data}, indent=1) + "\n", "utf-8")
    DOCUMENT.write_text(rendered(DOCUMENT.read_text("utf-8"), data), "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
