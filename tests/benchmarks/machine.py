"""What something was measured on."""

import os
import platform
from pathlib import Path

from pvws.sim.compiled import COMPILED


def machine() -> dict[str, object]:
    """The processor, how many cores it has, the system and the Python, and whether the engine is compiled."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "engine": "compiled" if COMPILED else "interpreted",
    }
