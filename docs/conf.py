"""Sphinx: builds without a network (no intersphinx, no scripts from elsewhere)."""

import re
from importlib.metadata import version as version_of

from sphinx.application import Sphinx

project = "eventstudy"
author = "The eventstudy founders"
copyright = "2026, The eventstudy founders"  # noqa: A001  (the name that Sphinx reads)
version = release = version_of("eventstudy-numpy")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
templates_path = ["_templates"]
exclude_patterns = ["_build", "_templates"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc's parameter lists say it in words
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

smartquotes = False  # formulas

html_theme = "pydata_sphinx_theme"
html_title = "eventstudy"
html_show_sourcelink = False
html_theme_options = {
    "show_prev_next": False,
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"**": []}


def keep_bars(
    _app: object, _what: str, _name: str, _obj: object, _options: object, lines: list[str]
) -> None:
    """Absolute values such as |CAR| are no substitutions of reStructuredText."""
    for i, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            lines[i] = re.sub(r"(?<![`\\|\w])\|([^\s|`][^|`]*?)\|", r"\\|\1\\|", line)


def setup(app: Sphinx) -> None:
    """Connect what autodoc reads."""
    app.connect("autodoc-process-docstring", keep_bars, priority=900)
