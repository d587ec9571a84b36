"""docs/tests_table.md is what docs/tests_table.py makes of the code today."""

from __future__ import annotations

import importlib.util
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from eventstudy import inference

DOCS = Path(__file__).parents[2] / "docs"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tests_table", DOCS / "tests_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TABLE: Any = script()
PAGE = (DOCS / "tests_table.md").read_text(encoding="utf-8")
KEYS = sorted({*inference.names(resampling=True), "contrasts"})


def row(key: str) -> list[str]:
    (found,) = (line for line in PAGE.splitlines() if line.startswith(f"| `{key}`<br>"))
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", found)[1:-1]]


def test_the_page_is_what_the_code_says() -> None:
    assert TABLE.page() == PAGE, "write it again: python docs/tests_table.py"


@pytest.mark.parametrize("key", KEYS)
def test_a_row_is_complete(key: str) -> None:
    _, variants, estimate, law, *ticks = row(key)
    assert estimate
    assert law
    assert len(ticks) == 5
    assert set(ticks) <= {"✓", "○", ""}
    assert any(ticks)
    for option in inspect.signature(inference.resolve(key)).parameters:
        if option in {"draws", "rng", "batch"}:
            assert "*draws*" in variants
        elif option not in {"abnormal", "window", "alternative"}:
            assert re.search(rf"`{option}\b", variants), option


def test_what_is_known_of_some_tests() -> None:
    """Read off the specification by hand, not off the script."""
    assert row("adj_bmp")[1].startswith('`ref="t"`, `"normal"`<br>')
    assert row("adj_bmp")[2:] == [
        "the mean SCAR",
        't(N−1); normal with `ref="normal"`',
        *("", "✓", "✓", "✓", "✓"),
    ]
    assert row("csect_t")[2:] == ["the CAAR", "t(N−1)", "", "✓", "", "", ""]
    assert row("single_t")[3:] == ["t(ν)", "✓", "", "", "", ""]
    assert row("dates_csect")[4:] == ["", "✓", "", "✓", "✓"]
    assert row("sur_F")[3:] == ["F(N, ν−N+1)", "✓", "", "✓", "", ""]


def test_a_docstring_that_contradicts_the_code_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(abnormal: object, window: object, *, alternative: str = "two-sided") -> object:
        """Test something: T ~ N(0, 1).

        Returns
        -------
        Statistic
            ``p`` is small.
        """
        return inference.csect_t(abnormal, window, alternative=alternative)  # type: ignore[arg-type]  # as a user would

    monkeypatch.setattr(TABLE.inference, "resolve", lambda _: wrong)
    with pytest.raises(ValueError, match=r"writes N\(0, 1\), it follows t"):
        TABLE.law("wrong")
    with pytest.raises(ValueError, match="does not say what `estimate` is"):
        TABLE.estimate("wrong")
