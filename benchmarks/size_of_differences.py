"""How often comparisons of groups and regressions of CARs reject without any effect.

``python benchmarks/size_of_differences.py`` prints rejections in percent of nominal 5 % tests
(docs/methods.md, section E). First the difference of two groups of a dozen firms with daily
standard deviations from 2 to 5 %, 100 estimation days, a window of three days: the test that
`difference` chooses, and Welch's t, which takes events as independent. Then the slope of a
regression with few clusters: the clustered t and the wild cluster bootstrap. 1,500 samples a
row: the standard error is 0.6 points at 5 %. Two to three minutes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import StoredPaths
from eventstudy.cross_section import Pair, difference
from eventstudy.cross_section.fitting import least_squares
from eventstudy.cross_section.sandwich import clustered, crossed, two_way
from eventstudy.cross_section.wild import bootstrap, draw_weights
from eventstudy.inference._laws import pvalue
from eventstudy.inference._sample import sample_of
from eventstudy.windows import Window

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
#: firms, rows of day 0, who belongs to the first group
Place = tuple[Ints, Ints, npt.NDArray[np.bool_]]
FIRMS, SAMPLES, DRAWS = np.arange(12), 1500, 999
ESTIMATION, WINDOW = Window(-110, -11), Window(0, 2)


# ── differences of groups ────────────────────────────────────────────────────────────────
def on_dates(dates: int, turned: int = 5) -> Callable[[np.random.Generator], Place]:
    """All firms on each of some dates; the first ones are a group."""

    def place(_: np.random.Generator) -> Place:
        firms, rows = np.tile(FIRMS, dates), np.repeat(150 + 10 * np.arange(dates), 12)
        return firms, rows, firms < turned

    return place


def uneven(both: int) -> Callable[[np.random.Generator], Place]:
    """One to eleven firms on each of twenty dates; some dates hold an event of the other group."""

    def place(rng: np.random.Generator) -> Place:
        sizes = rng.integers(2, 12, 20)
        firms = np.concatenate([rng.permutation(12)[:n] for n in sizes])
        date = np.repeat(np.arange(20), sizes)
        first = np.searchsorted(date, rng.permutation(20)[:both])
        a = date < 8
        a[first] = ~a[first]
        return firms, 150 + 10 * date, a

    return place


def chain(by: str) -> Callable[[np.random.Generator], Place]:
    """Six firms every other day for two weeks: all windows overlap in one chain."""

    def place(rng: np.random.Generator) -> Place:
        firms = np.concatenate([rng.permutation(12)[:6] for _ in range(8)])
        rows = np.repeat(150 + 2 * np.arange(8), 6)
        groups = {"firm": firms < 5, "date": rows < 158, "chance": rng.random(48) < 0.4}
        return firms, rows, groups[by]

    return place


PLACES: dict[str, Callable[[np.random.Generator], Place]] = {
    "one date": on_dates(1),
    "3 dates with both groups": on_dates(3),
    "8 dates with both groups": on_dates(8),
    "20 dates, none with both": uneven(0),
    "20 dates, 3 with both": uneven(3),
    "a chain, groups of firms": chain("firm"),
    "a chain, groups of dates": chain("date"),
    "a chain, groups by chance": chain("chance"),
}


def study(rng: np.random.Generator, firms: Ints, rows: Ints, rho: float) -> Abnormal:
    """Mean-adjusted returns of firms whose shocks have the correlation ``rho``."""
    shocks = np.sqrt(rho) * rng.normal(size=400) + np.sqrt(1 - rho) * rng.normal(size=(12, 400))
    returns = shocks * np.linspace(0.02, 0.05, 12)[:, None]
    before, during = (returns[firms[:, None], rows[:, None] + w.days] for w in (ESTIMATION, WINDOW))
    mean, n, m = before.mean(axis=1, keepdims=True), len(firms), len(ESTIMATION)
    return Abnormal(
        estimation=ESTIMATION,
        window=WINDOW,
        abnormal=during - mean,
        sigma=before.std(axis=1, ddof=1),
        dof=np.full(n, m - 1.0),
        n_obs=np.full(n, float(m)),
        params=mean,
        names=("alpha",),
        r2=np.zeros(n),
        row=rows,
        firm=firms,
        root=np.full((1, len(WINDOW), 1), m**-0.5),
        design=np.zeros(n, dtype=np.int64),
        paths=StoredPaths(before - mean, during, np.repeat(mean, len(WINDOW), axis=1)),
        path=np.arange(n),
    )


def differences(name: str, rho: float) -> tuple[str, Floats]:
    """The test that leads, and percent rejected by it and by Welch's t."""
    rng, hits = np.random.default_rng(0), np.zeros(2)
    for _ in range(SAMPLES):
        firms, rows, a = PLACES[name](rng)
        pair = Pair(sample_of(study(rng, firms, rows, rho), WINDOW), a)
        found = [difference(pair).statistic, difference(pair, "welch_t").statistic]
        hits += [s.pvalue < 0.05 for s in found]
    return found[0].name, 100 * hits / SAMPLES


# ── regressions with few clusters ────────────────────────────────────────────────────────
def slopes(dates: int, firms: int, kind: str) -> Floats:
    """Percent rejected by the clustered t and by the wild cluster bootstrap."""
    rng, hits, n = np.random.default_rng(0), np.zeros(2), dates * firms
    by, firm = np.repeat(np.arange(dates), firms), np.tile(np.arange(firms), dates)
    cells = crossed(firm, by)
    for _ in range(SAMPLES):
        y = 0.7 * rng.normal(size=dates)[by] + rng.normal(size=n)
        z = rng.normal(size=dates)[by] if kind == "of dates" else rng.normal(size=n)
        if kind == "two-way":
            y, z = y + 0.5 * rng.normal(size=firms)[firm], z + rng.normal(size=firms)[firm]
        fit = least_squares(np.column_stack([np.ones(n), z]), y)
        ways = [(1.0, firm), (1.0, by), (-1.0, cells)] if kind == "two-way" else [(1.0, by)]
        covariance = [clustered(fit, codes) for _, codes in ways]
        v = two_way(*covariance)[0] if kind == "two-way" else covariance[0]
        se = float(np.sqrt(v[1, 1]))
        t = float(fit.coef[1]) / se
        drawn = draw_weights(dates, DRAWS, rng)
        p = bootstrap(fit, 1, se, by, ways, drawn).pvalue()
        hits += [pvalue("t", t, min(dates, firms) - 1, "two-sided") < 0.05, p < 0.05]
    return 100 * hits / SAMPLES


def main() -> None:
    """Print both tables."""
    print(f"{'two groups':<26}  rho  {'test':<15}  rejects  welch_t")
    for name in PLACES:
        for rho in (0.3, 0.6):
            test, (valid, plain) = differences(name, rho)
            print(f"{name:<26}  {rho:3.1f}  {test:<15}  {valid:7.1f}  {plain:7.1f}", flush=True)
    print(f"\n{'a regressor':<26}  dates  clustered t  wild bootstrap")
    for kind in ("of events", "of dates", "two-way"):
        for dates, firms in ((4, 12), (6, 12), (9, 12)):
            t, wild = slopes(dates, firms, kind)
            print(f"{kind:<26}  {dates:5d}  {t:11.1f}  {wild:14.1f}", flush=True)


if __name__ == "__main__":
    main()
