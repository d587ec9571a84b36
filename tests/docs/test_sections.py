"""What the documents and the code say about each other is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
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


PLACE = re.compile(r"[`(]((?:eventstudy|tests|examples|benchmarks|docs)/[\w./-]*)[`)#]")


@pytest.mark.parametrize(
    "page",
    ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/methods.md", "docs/architecture.md"],
)
def test_every_place_that_a_page_names_exists(page: str) -> None:
    named = PLACE.findall((ROOT / page).read_text(encoding="utf-8"))
    assert [place for place in named if not (ROOT / place).exists()] == []
