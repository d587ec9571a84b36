"""The scanner with which a build of the documents refuses pages that ask other hosts."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def script() -> Any:
    spec = importlib.util.spec_from_file_location("alone", DOCS / "alone.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ALONE = script()


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://cdn.example/a.js"></script>',
        '<script src="//cdn.example/a.js"></script>',
        '<link rel="stylesheet" href="http://cdn.example/a.css">',
        '<link rel="preconnect" href="https://fonts.example">',
        '<img alt="" src="https://cdn.example/a.png">',
        '<img alt="" src="a.png" srcset="https://cdn.example/a.png 2x">',
        '<iframe src="https://cdn.example"></iframe>',
        "<style>@import 'https://cdn.example/a.css';</style>",
        "<style>@font-face { src: url(https://cdn.example/a.woff2) }</style>",
        '<p style="background: url(//cdn.example/a.png)">',
    ],
)
def test_what_a_browser_asks_by_itself_is_found(html: str) -> None:
    assert len(ALONE.asked_by_page(f"<html>{html}</html>")) == 1


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://doi.org/10.1">a paper</a>',
        '<script src="_static/a.js"></script>',
        '<link rel="canonical" href="https://example.org/page.html">',
        '<link rel="stylesheet" href="../_static/a.css">',
        '<img alt="" src="data:image/png;base64,AAAA">',
        "<pre>url(https://cdn.example) @import is only told here</pre>",
        "<style>/* after https://example.org */ p { color: red }</style>",
    ],
)
def test_links_and_files_of_ones_own_are_not(html: str) -> None:
    assert ALONE.asked_by_page(f"<html>{html}</html>") == []


def test_a_folder_is_read_page_by_page(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "page.html").write_text('<img src="https://cdn.example/a.png">')
    (tmp_path / "style.css").write_text("p { background: url('https://cdn.example/b.png') }")
    (tmp_path / "code.js").write_text("// https://example.org")
    assert ALONE.asked(tmp_path) == [
        "deep/page.html: https://cdn.example/a.png",
        "style.css: https://cdn.example/b.png",
    ]
