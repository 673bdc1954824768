"""The README's test of a client is run as it stands there, by a pytest of its own."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_its_test_passes(tmp_path: Path) -> None:
    [text] = re.findall(
        r"^```python\n(import pvws\n\n\ndef test_.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.M | re.S
    )
    (tmp_path / "test_client.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:locust", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=50)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "1 passed" in ended.stdout
