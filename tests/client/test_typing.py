import subprocess
import sys
from pathlib import Path

import pvws

ROOT = Path(__file__).parents[2]
EXAMPLE = Path(__file__).parent / "typed_example.py"
WRONG = """
import pvws

def look(event: pvws.Event) -> int:
    return event.type
"""


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(pvws.__file__).parent / "py.typed").is_file()


def test_a_type_checker_agrees_with_the_example_and_finds_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(WRONG, "utf-8")
    # In a process of its own: mypy raises the interpreter's recursion limit, on which other tests rely.
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(EXAMPLE), str(wrong)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    complaint, _ = done.stdout.splitlines()
    assert 'wrong.py:5: error: Incompatible return value type (got "str", expected "int")' in complaint
    assert (done.returncode, done.stderr) == (1, "")
