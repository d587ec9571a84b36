"""How often every test rejects without any effect, beside the figures of methods D.25.

    python benchmarks/size.py --quick      # 1,000 draws a column, minutes
    python benchmarks/size.py --write      # 4,000 draws, writes docs/size.md and its picture

Prints D.25's percentage beside ours, and exits with 1 if one lies more than four standard errors
of the difference away.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that this file runs as a script, from anywhere

from benchmarks import size_targets as targets  # noqa: E402  (found through the line above)
from benchmarks.size_designs import one_date, several_dates, shifted  # noqa: E402  (as above)
from benchmarks.size_page import APART, Row, error, grid, page, picture, text  # noqa: E402  (as above)
from eventstudy import inference  # noqa: E402  (as above)
from eventstudy.abnormal import Abnormal  # noqa: E402  (as above)

DOCS = ROOT / "docs"
LEVEL = 0.05
WINDOW = {"one": (0, 0), "several": (-1, 1)}


def count(
    studies: Iterable[Abnormal],
    rows: Mapping[str, tuple[str, dict[str, object]]],
    window: tuple[int, int],
) -> tuple[dict[str, float], int]:
    """Percent of studies that each test rejects, and the number of studies."""
    hits, n = dict.fromkeys(rows, 0), 0
    for study in studies:
        n += 1
        for row, (key, options) in rows.items():
            hits[row] += inference.resolve(key)(study, window, **options).pvalue <= LEVEL
    return {row: 100.0 * hit / n for row, hit in hits.items()}, n


def compare(
    column: str,
    found: Mapping[str, float],
    n: int,
    want: Mapping[str, float],
    theirs: int,
    rounding: float = 0.1,
) -> list[Row]:
    """(row, column, D.25, ours, distance in standard errors of the difference)."""
    rows = []
    for row, target in want.items():
        if math.isnan(target):
            continue
        se = math.hypot(error(found[row], n), error(target, theirs), rounding / math.sqrt(12))
        rows.append((row, column, target, found[row], (found[row] - target) / se))
    return rows


def sizes(draws: int) -> list[Row]:
    """One date: every test, every column of D.25."""
    rows = []
    for k, (column, design) in enumerate(targets.COLUMNS.items()):
        found, n = count(one_date(draws, *design, seed=10 + k), targets.ROWS, WINDOW["one"])
        want = {row: values[k] for row, values in targets.ONE_DATE.items()}
        rows += compare(column, found, n, want, targets.ONE_DATE_DRAWS)
    return rows


def powers(draws: int) -> list[Row]:
    """One date, ρ = .3: power of the tests that hold."""
    rows = []
    tests = {row: targets.ROWS[row] for row in targets.POWER}
    for k, effect in enumerate(targets.EFFECTS):
        studies = (shifted(study, effect) for study in one_date(draws, 0.3, 1.0, "normal", seed=23))
        found, n = count(studies, tests, WINDOW["one"])
        want = {row: values[k] for row, values in targets.POWER.items()}
        rows += compare(f"{effect:.0%}", found, n, want, targets.ONE_DATE_DRAWS)
    return rows


def across(draws: int) -> list[Row]:
    """Several dates."""
    rows = []
    for k, (column, design) in enumerate(targets.SEVERAL_COLUMNS.items()):
        want = {row: values[k] for row, values in targets.SEVERAL_DATES.items()}
        tests = {row: targets.SEVERAL_ROWS[row] for row in want if not math.isnan(want[row])}
        studies = several_dates(draws, *design, seed=30 + k)
        found, n = count(studies, tests, WINDOW["several"])
        rows += compare(column, found, n, want, targets.SEVERAL_DRAWS, targets.ROUNDED)
    return rows


def limits(draws: int) -> list[Row]:
    """The limit no test passes: only the common part of the event day grows."""
    rows = []
    tests = {row: targets.ROWS[row] for row in targets.LIMIT}
    for k, (column, limit) in enumerate(targets.LIMIT_COLUMNS.items()):
        studies = one_date(draws, 0.3, 1.0, "normal", seed=40 + k, limit=limit)
        found, n = count(studies, tests, WINDOW["one"])
        want = {row: values[k] for row, values in targets.LIMIT.items()}
        rows += compare(column, found, n, want, targets.ONE_DATE_DRAWS)
    return rows


TABLES = {
    "One date: size": (
        sizes,
        "12 firms, one date, one day; ×2: the variance of the event day doubled; t4: fat tails.",
    ),
    "One date: power": (powers, "The same firms, ρ = .3, an effect of 1, 2 or 3 %."),
    "Several dates: size": (
        across,
        (
            "12 firms on each date, windows apart, ρ = .3, three days. "
            "D.25 gives some of these without decimals."
        ),
    ),
    "The limit": (
        limits,
        (
            "On the event day only the common part of the errors grows: no test on "
            "one date can tell that from an effect."
        ),
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="1,000 draws a column")
    parser.add_argument("--draws", type=int, default=4000, help="draws a column")
    parser.add_argument("--write", action="store_true", help="write docs/size.md and its picture")
    given = parser.parse_args()
    draws = 1000 if given.quick else given.draws
    print(f"ours (D.25), percent; {draws:,} draws a column")
    begun, found = time.perf_counter(), {}
    for title, (make, note) in TABLES.items():
        found[title] = make(draws)
        print(f"\n{title}. {note}\n\n{text(grid(found[title]))}", flush=True)
    if given.write:
        notes = {title: note for title, (_, note) in TABLES.items()}
        (DOCS / "size.md").write_text(page(found, notes, draws), encoding="utf-8")
        picture(found["One date: size"], DOCS / "images" / "size.png")
    far = [row for rows in found.values() for row in rows if abs(row[-1]) > APART]
    cells = sum(map(len, found.values()))
    print(
        f"\n{cells} figures, {len(far)} more than {APART:g} standard errors apart; "
        f"{time.perf_counter() - begun:.0f} s"
    )
    for row, column, theirs, ours, z in far:
        print(f"  {row}, {column}: {ours:.1f} against {theirs:.1f} ({z:+.1f} standard errors)")
    return int(bool(far))


if __name__ == "__main__":
    sys.exit(main())
