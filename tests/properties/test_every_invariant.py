"""Every identity of docs/methods.md, section G, names tests, and these exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "methods.md"
IDENTITIES = range(1, 47)


@cache
def rows() -> dict[int, list[str]]:
    """Number of an identity → names of its tests."""
    section = PAGE.read_text(encoding="utf-8").split("\n## G. ")[1].split("\n## ")[0]
    found: dict[int, list[str]] = {}
    for line in section.splitlines():
        cells = re.split(r"(?<!\\)\|", line)
        if len(cells) == 5 and (number := re.fullmatch(r" G\.(\d+) ", cells[1])):
            assert int(number[1]) not in found, line
            assert cells[2].strip(), line
            found[int(number[1])] = re.findall(r"`(\w+)`", cells[3])
    return found


@cache
def functions() -> dict[str, list[Path]]:
    """Test function → the files that define it."""
    found: dict[str, list[Path]] = {}
    for file in sorted(TESTS.rglob("test_*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.setdefault(node.name, []).append(file)
    return found


def test_every_identity_has_a_row() -> None:
    assert sorted(rows()) == list(IDENTITIES)


@pytest.mark.parametrize("number", IDENTITIES)
def test_an_identity_is_tested(number: int) -> None:
    assert rows()[number]
    for name in rows()[number]:
        files = functions().get(name, [])
        here = [file for file in files if file.parent == Path(__file__).parent]
        assert len(here or files) == 1, name
