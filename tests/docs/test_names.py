"""The names of the library that stand in the prose of the documents are there."""

import dataclasses
import re
from pathlib import Path

import pytest

import eventstudy as es

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
#: what a name in a page stands for
OWNERS = {"es": es, "result": es.Result, "study": es.EventStudy, "panel": es.Panel}
#: classes of the package `eventstudy` on PyPI, which docs/coming_from.md writes as its users do
THEIRS = {"Single", "Multiple"}

_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"`(es|result|study|panel)\.(\w+(?:\.\w+)*)")


def there(owner: object, names: list[str]) -> bool:
    """Whether a chain of names leads somewhere; what a class has only on its objects counts."""
    for name in names:
        fields = getattr(owner, "__dataclass_fields__", {})
        if isinstance(fields.get(name), dataclasses.Field) or name in getattr(
            owner, "__annotations__", {}
        ):
            return True  # a value: what it has is not known here
        if not hasattr(owner, name):
            return False
        owner = getattr(owner, name)
        if isinstance(owner, property):
            return True
    return True


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_name_of_the_prose_is_there(page: Path) -> None:
    prose = _FENCED.sub("", page.read_text(encoding="utf-8"))
    said = {(owner, names) for owner, names in _NAME.findall(prose)}
    lost = {
        f"{owner}.{names}"
        for owner, names in said
        if names.split(".")[0] not in THEIRS and not there(OWNERS[owner], names.split("."))
    }
    assert not lost


def test_a_name_that_is_not_there_is_noticed() -> None:
    assert there(es, ["loaders", "yahoo"])
    assert there(es.Result, ["dropped"])
    assert not there(es, ["loaders", "nowhere"])
    assert not there(es.Result, ["carr"])
