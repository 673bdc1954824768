from pathlib import Path

import pytest

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
    api = pytest.importorskip("mypy.api")
    wrong = tmp_path / "wrong.py"
    wrong.write_text(WRONG, "utf-8")
    options = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache")]
    out, errors, code = api.run([*options, str(EXAMPLE), str(wrong)])
    assert errors == ""
    lines = out.splitlines()
    assert len(lines) == 2, out
    assert lines[0].endswith(
        'wrong.py:5: error: Incompatible return value type (got "str", expected "int")  [return-value]'
    )
    assert code == 1
