"""What `size.py` found, as tables for the terminal and for the documents, and as a picture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from scipy.special import ndtr

from benchmarks import size_targets as targets

#: row, column, D.25's figure, ours, and their distance in standard errors
Row = tuple[str, str, float, float, float]
#: colours of the tests that hold, and of those that don't (Okabe and Ito)
GOOD, BAD = "#0072B2", "#D55E00"
#: standard errors of the difference that are allowed (M.21)
APART = 4.0

HEAD = """# Size and power of the tests

How often does a test find something where nothing is (its *size*, which should be 5), and how
often does it find an effect that is there (its *power*)? Read the rows across: near 5 everywhere is
a test that holds; far above 5 as soon as ρ > 0 is one that must not be used on a shared date. ρ is
the correlation of the firms' abnormal returns; of the miners it is about .4. For your own firms and
dates: [How far can I trust this on my data?](placebo.md)

In short: on one date `csect_t`, `patell`, `bmp`, `gen_sign`, `wilcoxon` and `grank_z` reject 29 to
42 % of true null hypotheses at ρ = .3. `adj_bmp` and `grank_t` hold even where the event day has
twice the usual variance; `portfolio_t`, `ts_t`, `adj_patell` and `placebo_window` hold where it
has not.

Rejections in percent of nominal 5 % two-sided tests on simulated returns; a word after a key is an
option of that test ([all tests in a table](tests_table.md)). Beside each figure, in brackets,
stands the one of [Methods](methods.md), D.25, from an independent simulation. {draws:,} draws
a column here: the standard error is {small:.1f} points at 5 %, {large:.1f} at 35 %.
`python benchmarks/size.py --write` made this page; every pair of figures lies within four standard
errors of the difference unless it is marked with an exclamation mark.

![Size of the tests on one shared date](images/size.png)"""

SIZES = """Under equal correlation ρ and with many estimation days a nominal 5 % Patell test rejects
2Φ(−1.96/√(1+(N−1)ρ)), BMP with the normal law about 2Φ(−1.96·√((1−ρ)/(1+(N−1)ρ))): Patell / BMP in
percent."""

POWERS = """Power of a two-sided 5 % test of N independent events with known σ,
Φ(−1.96+δ√N/σ)+Φ(−1.96−δ√N/σ) (MacKinlay 1997, Journal of Economic Literature 35):"""


RHOS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
EFFECTS = (0.005, 0.01, 0.015, 0.02)


def error(percent: float, n: int) -> float:
    """Monte-Carlo standard error of a percentage; a rate of 0 counts as half a hit."""
    share = min(max(percent / 100.0, 0.5 / n), 1.0 - 0.5 / n)
    return 100.0 * math.sqrt(share * (1.0 - share) / n)


def analytic() -> list[list[str]]:
    """Sizes in closed form: Patell and BMP (normal law) under equal correlation, many days."""
    lines = []
    for n in (12, 30, 50, 100):
        cells = [str(n)]
        for rho in RHOS:
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
            for effect in EFFECTS:
                far = effect * math.sqrt(n) / sigma
                cells.append(f"{ndtr(-1.96 + far) + ndtr(-1.96 - far):.2f}")
            lines.append(cells)
    return lines


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


def page(found: Mapping[str, list[Row]], notes: Mapping[str, str], draws: int) -> str:
    """docs/size.md."""
    parts = [HEAD.format(draws=draws, small=error(5.0, draws), large=error(35.0, draws))]
    for title, note in notes.items():
        parts += [f"## {title}", note, markdown(grid(found[title]))]
    rhos = [f"ρ={r:g}" for r in RHOS]
    effects = [f"δ={e:.1%}" for e in EFFECTS]
    parts += ["## In closed form", SIZES, markdown([["N", *rhos], *analytic()])]
    parts += [POWERS, markdown([["σ", "N", *effects], *mackinlay()])]
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
    ends = {}
    for row in ("csect_t", "patell", "bmp", "wilcoxon", "gen_sign", "rank_cz", *sorted(holds)):
        at = {rhos[c]: ours for r, c, _, ours, _ in rows if r == row and c in rhos}
        colour = GOOD if row in holds else BAD
        x, y = list(at), list(at.values())
        ax.plot(x, y, color=colour, marker="o", markersize=4, linewidth=1.4, alpha=0.9)
        if row not in holds:
            ends[row] = at[max(at)]
    above = 100.0
    for row, end in sorted(ends.items(), key=lambda found: -found[1]):
        above = min(end, above - 2.6)  # names that would touch move down
        ax.text(0.615, above, row, va="center", fontsize=9, color=BAD)
    named = "adj_bmp, adj_patell,\nportfolio_t, rank, grank_t sd,\nplacebo_window"
    ax.text(0.615, 3.3, named, va="center", fontsize=9, color=GOOD)
    ax.set_xlim(-0.02, 0.79)
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
