"""The documentation site: `make docs`. Markdown by MyST; a reference or anchor that leads nowhere fails the build."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

project = "pvws"
author = "The pvws authors"
copyright = author  # noqa: A001 - Sphinx's name
[release] = re.findall(r'^__version__ = "(.*)"', (ROOT / "pvws/__init__.py").read_text("utf-8"), re.MULTILINE)
version = release

extensions = ["myst_parser"]
exclude_patterns = ["examples/**/node_modules", "_build"]
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]
nitpicky = True

html_theme = "furo"
html_title = f"pvws {release}"
html_copy_source = False
html_theme_options = {"source_repository": "", "navigation_with_keys": True}
