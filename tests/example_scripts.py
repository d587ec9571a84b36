"""The scripts of examples/: run as from the shell, or opened for their functions."""

from __future__ import annotations

import re
import runpy
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
ARTICLES, CATALYSTS, NVIDIA, PIVOTED, TRADED, LONG_RUN, OVERNIGHT, BEFORE = SCRIPTS = (
    "01_check_the_articles",
    "02_miner_catalysts",
    "03_nvidia_25_february",
    "11_pivoted_against_pure",
    "05_trade_the_catalysts",
    "06_long_run",
    "07_volume_and_overnight",
    "13_before_and_after_nvidia",
)


def run(name: str, *words: str) -> str:
    """Run a script in this process with ``words`` as its arguments; return what it printed."""
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as text:
        patch.setattr(sys, "argv", [f"{name}.py", *words])
        _run(patch, name, "__main__")
    return text.getvalue()


def functions(name: str) -> dict[str, Any]:
    """Open a script without running it: its functions by name."""
    with pytest.MonkeyPatch.context() as patch:
        return _run(patch, name, "example")


def rules_table(text: str) -> dict[tuple[str, str], list[str]]:
    """(news, held) → the other cells of the table of rules, of what `TRADED` prints."""
    lines = text.split("\nHeld over the news, or from the close after it", 1)[1].splitlines()[3:]
    rows = [re.split(" {2,}", line) for line in lines[: lines.index("")]]
    return {(row[0], row[1]): row[2:] for row in rows}


def _run(patch: pytest.MonkeyPatch, name: str, run_name: str) -> dict[str, Any]:
    patch.syspath_prepend(str(EXAMPLES))  # as Python does with the folder of a script
    return runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name=run_name)
