"""Sphinx: builds without a network (no intersphinx, no scripts or fonts from elsewhere)."""

import re
import sys
from importlib.metadata import version as version_of
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

sys.path.insert(0, str(Path(__file__).parent))  # alone, and gallery_runs for sphinx-gallery

from alone import asked

project = "eventstudy"
author = "The eventstudy founders"
copyright = "2026, The eventstudy founders"  # noqa: A001  (the name that Sphinx reads)
version = release = version_of("eventstudy-numpy")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "_templates"]
myst_heading_anchors = 3

autosummary_generate = True
autosummary_ignore_module_all = False
autosummary_imported_members = True
autodoc_typehints = "none"  # numpydoc's parameter lists say it in words
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

smartquotes = False  # formulas

#: every example runs when the documents are built; its pictures are the page's
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"/\d\d_",
    "ignore_pattern": r"common\.py",  # what they share is no example
    "within_subsection_order": "FileNameSortKey",
    "reset_argv": "gallery_runs.arguments",
    "default_thumb_file": str(Path(__file__).parent / "images" / "no_picture.png"),
    "run_stale_examples": True,  # the package may have changed where the example has not
    "download_all_examples": False,
    "show_signature": False,
    "write_computation_times": False,  # a page of seconds that differ from build to build
    "min_reported_time": 3600,
}

html_theme = "pydata_sphinx_theme"
html_title = "eventstudy"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_search_summary = False  # it fetches pages, which a browser refuses to files on a disk
html_theme_options = {
    "show_prev_next": False,
    "navbar_center": [],
    "navbar_end": ["theme-switcher"],
    "show_toc_level": 2,
    "secondary_sidebar_items": {
        "**": ["page-toc"],
        "index": [],
        "tests_table": [],
        "gallery/index": [],
        "search": [],
        "genindex": [],
    },
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"**": ["all-pages"]}
html_context = {"default_mode": "auto"}


def keep_bars(
    _app: object, _what: str, _name: str, _obj: object, _options: object, lines: list[str]
) -> None:
    """Absolute values such as |CAR| are no substitutions of reStructuredText."""
    for i, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            lines[i] = re.sub(r"(?<![`\\|\w])\|([^\s|`][^|`]*?)\|", r"\\|\1\\|", line)


def warn_of_other_hosts(app: Sphinx, error: Exception | None) -> None:
    """Whoever reads the pages asks nobody else; with ``-W`` this ends the build."""
    if error is None and app.builder.format == "html":
        for found in asked(Path(app.outdir)):
            logging.getLogger(__name__).warning("a page asks another host: %s", found)


def setup(app: Sphinx) -> None:
    """Connect what autodoc reads, and look at what was built."""
    app.connect("autodoc-process-docstring", keep_bars, priority=900)
    app.connect("build-finished", warn_of_other_hosts)
