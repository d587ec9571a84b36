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

import numpy as np
import size_targets as targets
from size_designs import one_date, several_dates, shifted
from scipy.special import ndtr

from eventstudy import inference
from eventstudy.abnormal import Abnormal

DOCS = Path(__file__).resolve().parents[1] / "docs"
LEVEL = 0.05
#: standard errors of the difference that are allowed (M.21)
APART = 4.0
WINDOW = {"one": (0, 0), "several": (-1, 1)}

Row = tuple[str, str, float, float, float]


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


def error(percent: float, n: int) -> float:
    """Monte-Carlo standard error of a percentage; a rate of 0 counts as half a hit."""
    share = min(max(percent / 100.0, 0.5 / n), 1.0 - 0.5 / n)
    return 100.0 * math.sqrt(share * (1.0 - share) / n)


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
        studies = (shifted(study, effect) for study in one_date(draws, 0.3, 1.0, "normal", seed=20))
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


def analytic() -> list[list[str]]:
    """Sizes in closed form: Patell and BMP (normal law) under equal correlation, many days."""
    lines = []
    for n in (12, 30, 50, 100):
        cells = [str(n)]
        for rho in (0.01, 0.02, 0.05, 0.1, 0.2, 0.3):
            inflation = 1.0 + (n - 1) * rho
            patell = 200.0 * ndtr(-1.96 / math.sqrt(inflation))
            bmp = 200.0 * ndtr(-1.96 * math.sqrt((1.0 - rho) / inflation))
            cells.append(f"{patell:.1f} / {bmp:.1f}")
        lines.append(cells)
    return lines


def mackinlay() -> list[list[str]]:
    """Power in closed form (MacKinlay 1997): two-sided 5 %, N independent events, σ known."""
    lines = []
    for sigma in (0.02, 0.04):
        for n in (1, 5, 10, 20, 50, 100):
            cells = [f"{sigma:.0%}", str(n)]
            for effect in (0.005, 0.01, 0.015, 0.02):
                far = effect * math.sqrt(n) / sigma
                cells.append(f"{ndtr(-1.96 + far) + ndtr(-1.96 - far):.2f}")
            lines.append(cells)
    return lines


TABLES = {
    "One date: size": (
        sizes,
        "12 firms, one date, one day; ×2: the variance of the event day doubled; t4: fat tails.",
    ),
    "One date: power": (powers, "The same firms, ρ = .3, an effect of 1, 2 or 3 %."),
    "Several dates: size": (
        across,
        "12 firms on each date, windows apart, ρ = .3, three days. "
        "D.25 gives some of these without decimals.",
    ),
    "The limit": (
        limits,
        "On the event day only the common part of the errors grows: no test on "
        "one date can tell that from an effect.",
    ),
}


def grid(rows: list[Row]) -> list[list[str]]:
    """One line a test, one cell a column: ours, and D.25's in brackets."""
    columns = list(dict.fromkeys(column for _, column, *_ in rows))
    cell = {(row, column): (ours, theirs, z) for row, column, theirs, ours, z in rows}
    lines = [["test", *columns]]
    for row in dict.fromkeys(row for row, *_ in rows):
        texts = []
        for column in columns:
            ours, theirs, z = cell.get((row, column), (math.nan,) * 3)
            mark = " !" if abs(z) > APART else ""
            texts.append("" if math.isnan(ours) else f"{ours:.1f} ({theirs:.1f}){mark}")
        lines.append([row, *texts])
    return lines


def text(lines: list[list[str]]) -> str:
    """Columns side by side."""
    width = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if k == 0 else cell.rjust(w)
            for k, (cell, w) in enumerate(zip(line, width, strict=True))
        )
        for line in lines
    )


def markdown(lines: list[list[str]]) -> str:
    """A table of the documents."""
    head, *rest = lines
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, rule, *rest])


def page(found: Mapping[str, list[Row]], draws: int) -> str:
    """docs/size.md."""
    parts = [
        "# Size and power of the tests",
        "Rejections in percent of nominal 5 % two-sided tests on simulated returns. Beside each "
        "figure, in brackets, stands the one of docs/methods.md, D.25, from an independent "
        f"simulation. {draws:,} draws a column here: the standard error is "
        f"{error(5.0, draws):.1f} points at 5 % and {error(35.0, draws):.1f} at 35 %. "
        "`python benchmarks/size.py --write` made this page; every pair of figures lies within "
        "four standard errors of the difference unless it is marked with an exclamation mark.",
        "![Size of the tests on one shared date](images/size.png)",
    ]
    for title, (_, note) in TABLES.items():
        parts += [f"## {title}", note, markdown(grid(found[title]))]
    parts += [
        "## In closed form",
        "Under equal correlation ρ and with many estimation days a nominal 5 % Patell test rejects "
        "2Φ(−1.96/√(1+(N−1)ρ)), BMP with the normal law about "
        "2Φ(−1.96·√((1−ρ)/(1+(N−1)ρ))): Patell / BMP in percent.",
        markdown([["N", *[f"ρ={r:g}" for r in (0.01, 0.02, 0.05, 0.1, 0.2, 0.3)]], *analytic()]),
        "Power of a two-sided 5 % test of N independent events with known σ, "
        "Φ(−1.96+δ√N/σ)+Φ(−1.96−δ√N/σ) (MacKinlay 1997, Journal of Economic Literature 35):",
        markdown([["σ", "N", *[f"δ={e:.1%}" for e in (0.005, 0.01, 0.015, 0.02)]], *mackinlay()]),
    ]
    return "\n\n".join(parts) + "\n"


def picture(rows: list[Row], path: Path) -> None:
    """Size of every test against the correlation: valid ones near 5 %, the others far off."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    rhos = {
        column: design[0]
        for column, design in targets.COLUMNS.items()
        if column[-1].isdigit() and " " not in column
    }
    holds = {"portfolio_t", "adj_patell", "adj_bmp", "grank_t sd", "rank", "placebo_window"}
    figure, ax = plt.subplots(figsize=(8.0, 4.6), layout="constrained")
    ax.axhspan(3.6, 6.4, color="#DDEBDD", zorder=0)
    ax.axhline(5.0, color="#333333", linewidth=0.8)
    for row in ("csect_t", "patell", "bmp", "wilcoxon", "gen_sign", "rank_cz", *sorted(holds)):
        at = {rhos[c]: ours for r, c, _, ours, _ in rows if r == row and c in rhos}
        good = row in holds
        ax.plot(
            list(at),
            list(at.values()),
            marker="o",
            markersize=4,
            color="#0072B2" if good else "#D55E00",
            linewidth=1.4,
            alpha=0.9,
        )
        if not good:
            ax.annotate(
                row, (max(at), at[max(at)]), (6, -3), textcoords="offset points", fontsize=9
            )
    ax.annotate(
        "portfolio_t, adj_patell, adj_bmp,\ngrank_t sd, rank, placebo_window",
        (0.6, 5.0),
        (6, 10),
        textcoords="offset points",
        fontsize=9,
        color="#0072B2",
    )
    ax.set_xlim(-0.02, 0.83)
    ax.set_ylim(0, None)
    ax.set_xticks([0, 0.1, 0.3, 0.6])
    ax.set_xlabel("correlation of the 12 firms that share the date")
    ax.set_ylabel("rejected without any effect, %")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.set_title("What a nominal 5 % test does on one shared date", loc="left", fontweight="bold")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)


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
        (DOCS / "size.md").write_text(page(found, draws), encoding="utf-8")
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
