"""Differences of two groups whose events share dates: by contrast, by date, by cluster (E)."""

from __future__ import annotations

from math import isnan, sqrt

import numpy as np

from eventstudy.arrays import FloatArray
from eventstudy.cross_section.portfolio import complete
from eventstudy.cross_section.two_groups import Difference, Pair, satterthwaite, told_dates
from eventstudy.inference import contrasts, correlation
from eventstudy.inference import dates_cluster as mean_by_dates
from eventstudy.inference._laws import NAN
from eventstudy.inference._sample import Sample, spread


def contrast(pair: Pair) -> Difference:
    """c'γ̂/√(Q·c'Σ̂c) ~ t_ν with c = 1/N_A and −1/N_B, over the complete events of one date.

    Exact under joint normality, and what both groups share cancels in the contrast (D.17). Not
    robust to a larger variance on the event days. Schipper and Thompson (1983), Journal of
    Accounting Research 21.
    """
    s, (n_a, n_b) = pair.sample, pair.sizes
    found = contrasts(s.abnormal, s.window, np.where(pair.a, 1.0 / n_a, -1.0 / n_b))
    if isnan(found.statistic):
        return Difference(found, n_a, n_b)
    return Difference(found, *pair.only(complete(s)).sizes)


def dates_paired(pair: Pair) -> Difference:
    """√D·mean(Δ)/sd(Δ) ~ t_{D−1} with Δ_d the difference of the groups' means on date d.

    Over the dates that hold both groups, which count the same: whatever a date did to all firms
    cancels. Dates whose windows overlap are one.
    """
    s, counts = pair.sample, pair.counts()
    both = (counts[0] > 0) & (counts[1] > 0)
    d = int(both.sum())
    if d < 2:
        few = "one date holds" if d else "no date holds"
        return pair.nothing("dates_paired", f"{few} both groups: there are no dates to compare")
    sums = [np.bincount(s.component[g], s.car[g], s.n_components) for g in (pair.a, ~pair.a)]
    one, two = (total[both] / n[both] for total, n in zip(sums, counts, strict=True))
    used = both[s.component]
    held = pair.only(used)
    note = f"difference on each of {told_dates(held.sample)}"
    if gone := int((~used).sum()):
        note += f"; {gone} event{'s' if gone > 1 else ''} on dates with one group left out"
    se = spread(one - two, float(np.abs([one, two]).max())) / sqrt(d)
    return held.ratio("dates_paired", float((one - two).mean()), se, d - 1, note)


def dates_welch(pair: Pair) -> Difference:
    """(CAAR_A − CAAR_B)/√(se²_A + se²_B), each clustered by date as in `dates_cluster`.

    For groups that share no date. Degrees of freedom by Welch and Satterthwaite.
    """
    counts = pair.counts()
    if ((counts[0] > 0) & (counts[1] > 0)).any():
        return pair.nothing("dates_welch", "some dates hold both groups")
    found = [mean_by_dates(s.abnormal, s.window) for s in pair.parts]
    for one in found:
        if isnan(one.se):
            return pair.nothing("dates_welch", f"in one group, {one.note}")
    squares = [one.se**2 for one in found]
    df = satterthwaite(squares, [one.df for one in found])
    dates = " and ".join(told_dates(s) for s in pair.parts)
    estimate = found[0].estimate - found[1].estimate
    return pair.ratio("dates_welch", estimate, sqrt(sum(squares)), df, f"groups on {dates}")


def dates_cluster(pair: Pair) -> Difference:
    """CAAR_A − CAAR_B with an error clustered by date (CR2), t with Satterthwaite's df.

    `eventstudy.inference.dates_cluster` for a regression on two dummies. Bell and McCaffrey
    (2002), Survey Methodology 28; Imbens and Kolesár (2016), Review of Economics and
    Statistics 98.
    """
    s, (n_a, n_b) = pair.sample, pair.counts()
    p, q = n_a / n_a.sum(), n_b / n_b.sum()
    if max(p.max(), q.max()) >= 1.0:
        return pair.nothing("dates_cluster", "all events of a group share one cluster of dates")
    one, two = pair.means(s.car)
    error = s.car - np.where(pair.a, one, two)
    sums = [np.bincount(s.component[g], error[g], s.n_components) for g in (pair.a, ~pair.a)]
    left, right = ((1.0 - p) ** -0.5 / n_a.sum(), (1.0 - q) ** -0.5 / n_b.sum())
    se = float(np.sqrt(np.sum((left * sums[0] - right * sums[1]) ** 2)))
    if spread(s.car) == 0.0:
        se = 0.0
    df = _freedom(n_a, n_b, left, right, _inside(s))
    return pair.ratio("dates_cluster", one - two, se, df, f"clustered by {told_dates(s)}")


def _inside(sample: Sample) -> float:
    """Mean correlation inside the clusters of dates, between 0 and 1; 1 where it is not known."""
    size = np.bincount(sample.component).astype(float)
    within = float(size @ (size - 1.0)) / 2.0
    found = correlation(sample.abnormal, sample.window)
    rho = found.rbar * found.pairs / within if within else 0.0
    return 1.0 if isnan(rho) else min(max(rho, 0.0), 1.0)


def _freedom(
    n_a: FloatArray, n_b: FloatArray, left: FloatArray, right: FloatArray, rho: float
) -> float:
    """(tr B)²/tr B² of the covariance B of the clusters' scores under a correlation ρ inside.

    Score d is l_d·(S_Ad − p_d·T_A) − r_d·(S_Bd − q_d·T_B), S the sums of a cluster, T their
    totals. Hence B = diag(v) + USU' with four columns in U: no D×D matrix is formed.
    """
    aa, bb = n_a * (1.0 + (n_a - 1.0) * rho), n_b * (1.0 + (n_b - 1.0) * rho)
    ab = n_a * n_b * rho
    v = left**2 * aa + right**2 * bb - 2.0 * left * right * ab
    u = np.column_stack(
        [
            left * aa - right * ab,  # covariance with T_A
            left * ab - right * bb,  # covariance with T_B
            -left * n_a / n_a.sum(),
            right * n_b / n_b.sum(),
        ]
    )
    s = np.zeros((4, 4))
    s[0, 2] = s[2, 0] = s[1, 3] = s[3, 1] = 1.0
    s[2, 2], s[3, 3] = aa.sum(), bb.sum()
    s[2, 3] = s[3, 2] = ab.sum()
    inner = s @ (u.T @ u)
    trace = v.sum() + np.trace(inner)
    square = v @ v + 2.0 * float(v @ np.einsum("di,ij,dj->d", u, s, u)) + np.trace(inner @ inner)
    return float(trace**2 / square) if square > 0 else NAN
