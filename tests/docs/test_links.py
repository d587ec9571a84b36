"""Every link of README.md and the documents leads somewhere: to a file, a heading, a picture."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "examples").glob("*.md")),
]
_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
_BLOCK = re.compile(r"^(`{3,}).*?^\1`*$", re.MULTILINE | re.DOTALL)
#: pages that the build makes of examples/*.py
GALLERY = "gallery/"


def prose(page: Path) -> str:
    """The text without its code."""
    return re.sub(r"`[^`\n]*`", "", without_blocks(page))


def without_blocks(page: Path) -> str:
    return _BLOCK.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> list[str]:
    found: list[str] = _LINK.findall(prose(page))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


@cache
def anchors(page: Path) -> frozenset[str]:
    """What its headings are called in addresses, on GitHub and by MyST alike."""
    seen: dict[str, int] = {}
    names = []
    for heading in _HEADING.findall(without_blocks(page)):
        said = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", said.strip().lower()).replace(" ", "-")
        count = seen[name] = seen.get(name, -1) + 1
        names.append(f"{name}-{count}" if count else name)
    return frozenset(names)


def broken(page: Path, link: str) -> bool:
    place, _, anchor = link.partition("#")
    if place.startswith(GALLERY):
        return place != f"{GALLERY}index.rst" and not made_of_an_example(place)
    to = (page.parent / place).resolve() if place else page
    if not to.exists():
        return True
    return bool(anchor) and to.suffix == ".md" and anchor not in anchors(to)


def made_of_an_example(place: str) -> bool:
    return (ROOT / "examples" / place.removeprefix(GALLERY)).with_suffix(".py").is_file()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [link for link in links(page) if broken(page, link)] == []


def test_the_pages_have_links() -> None:
    assert sum(len(links(page)) for page in PAGES) > 50


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.parent.name == "docs"], ids=lambda page: page.name
)
def test_a_page_links_only_to_what_the_site_has(page: Path) -> None:
    """A link that leaves docs/ would work in the repository and be dead on the built pages."""
    places = [link.partition("#")[0] for link in links(page)]
    assert [place for place in places if place.startswith("..")] == []


# ── the reader of links itself ───────────────────────────────────────────────────────────
def test_code_is_no_link(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Top\n\n```python\nx[0](y.md)\n```\n\n`a[b](c.md)` and [here](#top)\n")
    assert links(page) == ["#top"]
    assert not broken(page, "#top")


@pytest.mark.parametrize("link", ["none.md", "#none", "page.md#none", "gallery/99_none.rst"])
def test_a_dead_link_is_noticed(tmp_path: Path, link: str) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Top\n\n## A `code`, and more: yes!\n")
    assert broken(page, link)
    assert anchors(page) == {"top", "a-code-and-more-yes"}
