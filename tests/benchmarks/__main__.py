"""`make bench`: measures, prints a table, writes docs/benchmarks.json, and exits 1 if a figure misses its bound.

`python -m tests.benchmarks fanout simulation` measures these alone, and writes nothing.
"""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import bus, fanout, faults, fixture, library, recordings, simulation, startup, watching
from tests.benchmarks.machine import machine

REPORT = Path(__file__).parents[2] / "docs" / "benchmarks.json"
BENCHMARKS = {
    "startup": startup.run,
    "watching": watching.run,
    "library": library.run,
    "simulation": simulation.run,
    "recordings": recordings.run,
    "fanout": fanout.run,
    "faults": faults.run,
    "bus": bus.run,
    "fixture": fixture.run,
}


def main(names: list[str]) -> int:
    if unknown := set(names) - set(BENCHMARKS):
        print(f"expected some of {', '.join(BENCHMARKS)}; got {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    report: dict[str, object] = {"date": datetime.now(UTC).date().isoformat(), "machine": machine()}
    missed = 0
    for name in names or BENCHMARKS:
        results = BENCHMARKS[name]()
        report[name] = [
            {key: value for key, value in asdict(result).items() if value is not None} for result in results
        ]
        for result in results:
            bound = f"at most {result.at_most:g}" if result.at_most is not None else ""
            bound = f"at least {result.at_least:g}" if result.at_least is not None else bound
            verdict = "" if not bound else "ok" if result.kept else "MISSED"
            print(
                f"{name:<10} {result.name:<48} {result.value:>12,.1f} {result.unit:<8} {bound:<16} {verdict}",
                flush=True,
            )
            missed += not result.kept
    if not names:
        REPORT.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
