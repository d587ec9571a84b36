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


PLACE = re.compile(r"[`(]((?:eventstudy|tests|examples|benchmarks|docs)/[\w./-]*)[`)#]")


@pytest.mark.parametrize(
    "page",
    ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *(str(p.relative_to(ROOT)) for p in PAGES)],
)
def test_every_place_that_a_page_names_exists(page: str) -> None:
    named = PLACE.findall((ROOT / page).read_text(encoding="utf-8"))
    assert [place for place in named if not (ROOT / place).exists()] == []
