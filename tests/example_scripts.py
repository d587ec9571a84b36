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

import eventstudy as es

EXAMPLES = Path(__file__).parents[1] / "examples"
#: every script of the folder, so that a new one cannot be forgotten
EVERY = sorted(path.stem for path in EXAMPLES.glob("[0-9]*.py"))
ARTICLES = "01_check_the_articles"
CATALYSTS = "02_miner_catalysts"
NVIDIA = "03_nvidia_25_february"
ONE_EVENT = "04_one_firm_one_event"
TRADED = "05_trade_the_catalysts"
LONG_RUN = "06_long_run"
OVERNIGHT = "07_volume_and_overnight"
OWN = "08_own_csv_and_model"
LARGE = "09_large_ticker_set"
TRUST = "10_size_power_and_specifications"
PIVOTED = "11_pivoted_against_pure"
KEYED = "12_prices_with_a_key"
BEFORE = "13_before_and_after_nvidia"
#: those that print a study, and those among them that take a file of prices
SCRIPTS = [name for name in EVERY if name != KEYED]
PRICED = [name for name in SCRIPTS if name not in (OWN, LARGE)]


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


def read_prices(file: Path | None = None) -> Any:
    """The prices that the scripts read, as a table."""
    return functions("common")["read_prices"](file)


def panel_of(file: Path | None = None) -> es.Panel:
    """The panel that the scripts make of their prices."""
    panel: es.Panel = functions("common")["make_panel"](read_prices(file))
    return panel


def rules_table(text: str) -> dict[tuple[str, str], list[str]]:
    """(news, held) → the other cells of the table of rules, of what `TRADED` prints."""
    lines = text.split("\nHeld over the news, or from the close after it", 1)[1].splitlines()[3:]
    rows = [re.split(" {2,}", line) for line in lines[: lines.index("")]]
    return {(row[0], row[1]): row[2:] for row in rows}


def _run(patch: pytest.MonkeyPatch, name: str, run_name: str) -> dict[str, Any]:
    patch.syspath_prepend(str(EXAMPLES))  # as Python does with the folder of a script
    return runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name=run_name)
