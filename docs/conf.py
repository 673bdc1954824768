"""The documentation site: `make docs`. Markdown by MyST; a reference or anchor that leads nowhere fails the build."""

import atexit
import re
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.ext.autodoc.mock import mock

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

project = "pvws"
author = "The pvws authors"
copyright = author  # noqa: A001 - Sphinx's name
[release] = re.findall(r'^__version__ = "(.*)"', (ROOT / "pvws/__init__.py").read_text("utf-8"), re.MULTILINE)
version = release

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["examples/**/node_modules", "_build"]
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline", "deflist"]
nitpicky = True

autodoc_default_options = {"members": True, "undoc-members": False, "exclude-members": "type,topic"}
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 100

html_theme = "furo"
html_title = f"pvws {release}"
html_copy_source = False
html_theme_options = {"source_repository": "", "navigation_with_keys": True}

_CODE = re.compile(r"(?<![`:\w])`([^`]+)`(?!`)(\w?)")

# For as long as this process lives: to import Locust makes it cooperative, and Sphinx imports what a class comes from.
_mocked = mock(["gevent", "locust"])
_mocked.__enter__()
atexit.register(_mocked.__exit__, None, None, None)


def setup(app: Sphinx) -> None:
    """Have docstrings read as they are written, and types without a page of their own shown as plain names."""
    app.connect("autodoc-process-docstring", _as_written)
    app.connect("missing-reference", _plain)


def _as_written(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Our docstrings mark code as Markdown does, and indent an example below a colon."""
    text = _CODE.sub(_literal, "\n".join(lines)).replace("**", r"\*\*")
    lines[:] = re.sub(r"(?<!:):\n\n(?=    )", "::\n\n", text).split("\n")


def _literal(match: re.Match[str]) -> str:
    behind = f"\\ {match[2]}" if match[2] else ""  # as in `Timestamp`s
    return f"``{' '.join(match[1].split())}``{behind}"


def _plain(app: Sphinx, env: Any, node: Any, content: nodes.Node) -> nodes.Node | None:
    """A type in a signature: where it is public, it stands on the page by its public name, and else has no page."""
    if node.get("refdomain") != "py" or node.get("reftype") not in ("class", "obj", "data", "exc", "meth"):
        return None
    short = node["reftarget"].rpartition(".")[2]
    domain = env.get_domain("py")
    for module in ("pvws", "pvws.testing"):
        if f"{module}.{short}" in domain.objects:
            return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", f"{module}.{short}", node, content)
    return content
