"""What the documents and the code say about each other is there."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
SECTION = re.compile(r"\b([A-EGHJM]\.\d{1,2}(?:\.\d)?)\b")


def test_every_section_that_the_code_names_is_on_the_page() -> None:
    page = set(SECTION.findall((ROOT / "docs" / "methods.md").read_text(encoding="utf-8")))
    named = {
        (section, str(path.relative_to(ROOT)))
        for path in (ROOT / "eventstudy").rglob("*.py")
        for section in SECTION.findall(path.read_text(encoding="utf-8"))
    }
    assert named, "the package names no section: the pattern is wrong"
    assert not {(section, path) for section, path in named if section not in page}


def test_the_layers_of_the_page_are_those_that_are_checked() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^## Layers\n.*?^```\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = [
        contract["layers"]
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    ]
    assert shown.splitlines() == layers


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_line_of_prose_begins_with_a_percent_sign(page: Path) -> None:
    """MyST takes such a line for a comment: the page would lose it without a word."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert not re.findall(r"^\s*%.*", prose, re.MULTILINE)


def test_what_the_readme_says_of_real_prices_is_on_the_page_of_the_miners() -> None:
    """Whose figures `tests/realdata/test_miners_page.py` compares with the prices."""
    readme, page = (
        path.read_text(encoding="utf-8").replace("\N{MINUS SIGN}", "-")
        for path in (ROOT / "README.md", ROOT / "docs" / "miners.md")
    )
    told = [part for part in re.split(r"^## ", readme, flags=re.MULTILINE) if "real prices" in part]
    figures = {
        figure
        for part in told
        for paragraph in re.sub(r"^```.*?^```", "", part, flags=re.MULTILINE | re.DOTALL).split(
            "\n\n"
        )
        if "docs/trading.md" in paragraph or "on the day" in paragraph
        for figure in re.findall(r"[+-]\d+\.\d %", paragraph)
    }
    assert "+10.6 %" in figures
    assert [figure for figure in figures if figure not in page] == []


PLACE = re.compile(r"[`(]((?:eventstudy|tests|examples|benchmarks|docs)/[\w./-]*)[`)#]")


@pytest.mark.parametrize(
    "page",
    ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *(str(p.relative_to(ROOT)) for p in PAGES)],
)
def test_every_place_that_a_page_names_exists(page: str) -> None:
    named = PLACE.findall((ROOT / page).read_text(encoding="utf-8"))
    assert [place for place in named if not (ROOT / place).exists()] == []
