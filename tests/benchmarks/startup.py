"""What it costs to start: CPU time of whole processes, as the operating system counts it."""

import os
import subprocess
import sys

from tests.benchmarks.result import Result

RUNS = 15
HELP_CPU_MS_MAX = 150.0


def cpu_ms(*command: str) -> float:
    """The CPU time, user and system, of the cheapest of some runs of a command, in milliseconds."""
    best = float("inf")
    for _ in range(RUNS):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, command
        best = min(best, (usage.ru_utime + usage.ru_stime) * 1000)
    return best


def run() -> list[Result]:
    """`pvws --help` against an interpreter that does nothing, and one that imports all that the commands need."""
    everything = "import pvws.cli.serve, pvws.cli.serving, pvws.cli.watch, rich.console"
    return [
        Result("pvws --help", cpu_ms(sys.executable, "-m", "pvws", "--help"), "ms CPU", at_most=HELP_CPU_MS_MAX),
        Result("python -c pass", cpu_ms(sys.executable, "-c", "pass"), "ms CPU"),
        Result("all commands imported", cpu_ms(sys.executable, "-c", everything), "ms CPU"),
    ]
