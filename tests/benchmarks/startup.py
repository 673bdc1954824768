"""What it costs to start: CPU time of whole processes, as the operating system counts it, and how long a server takes
to be ready.
"""

import os
import subprocess
import sys
import time

from tests.benchmarks.result import Result

RUNS = 15
HELP_CPU_MS_MAX = 150.0
READY_MS_MAX = 400.0


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


def ready_ms(*options: str) -> tuple[float, float]:
    """Real and CPU time, in milliseconds, that the quickest of some servers takes from its start to the line that says
    that it serves; its control plane listens as well.
    """
    command = [sys.executable, "-m", "pvws", "serve", "--port", "0", "--control", "0", *options]
    times, cpu_times = list[float](), list[float]()
    for _ in range(RUNS):
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None, "it is a pipe"
        with process.stderr:
            said = next((line for line in process.stderr if " serves ws://" in line), "")
            times.append((time.perf_counter() - began) * 1000)
            process.kill()
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert said, command
        cpu_times.append((usage.ru_utime + usage.ru_stime) * 1000)
    return min(times), min(cpu_times)


def run() -> list[Result]:
    """`pvws --help` against an interpreter that does nothing, and one that imports all that the commands need; and
    `pvws serve` until it is ready.
    """
    (real, cpu), (_, playing) = ready_ms(), ready_ms("--scenario", "quickstart")
    everything = "import pvws.cli.serve, pvws.cli.serving, pvws.cli.watch, rich.console"
    return [
        Result("pvws --help", cpu_ms(sys.executable, "-m", "pvws", "--help"), "ms CPU", at_most=HELP_CPU_MS_MAX),
        Result("python -c pass", cpu_ms(sys.executable, "-c", "pass"), "ms CPU"),
        Result("pvws serve, until it is ready", real, "ms", at_most=READY_MS_MAX),
        Result("pvws serve, until it is ready", cpu, "ms CPU"),
        Result("pvws serve --scenario quickstart, until then", playing, "ms CPU"),
        Result("all commands imported", cpu_ms(sys.executable, "-c", everything), "ms CPU"),
    ]
