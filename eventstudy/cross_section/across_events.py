"""Differences of two groups of events that are independent, or correlated by r̄ (D.23, E)."""

from __future__ import annotations

from math import isnan, sqrt
from typing import Literal

import numpy as np

from eventstudy.arrays import FloatArray
from eventstudy.cross_section.two_groups import Difference, Pair, satterthwaite
from eventstudy.inference import correlation
from eventstudy.inference._laws import NAN
from eventstudy.inference._sample import spread

ALONE = "a group of one event has no spread"


def welch_t(pair: Pair) -> Difference:
    """(CAAR_A − CAAR_B)/√(s²_A/N_A + s²_B/N_B) ~ t with Satterthwaite's degrees of freedom.

    Welch (1947), Biometrika 34. For independent events.
    """
    return _welch("welch_t", pair, pair.sample.car)


def welch_scar(pair: Pair) -> Difference:
    """The same with standardised CARs: the estimate is in standard deviations."""
    return _welch("welch_scar", pair, pair.sample.scar)


def _welch(name: str, pair: Pair, values: FloatArray) -> Difference:
    if min(pair.sizes) < 2:
        return pair.nothing(name, ALONE)
    groups = (values[pair.a], values[~pair.a])
    squares = [spread(x) ** 2 / len(x) for x in groups]
    df = satterthwaite(squares, [len(x) - 1 for x in groups])
    one, two = pair.means(values)
    return pair.ratio(name, one - two, sqrt(sum(squares)), df, "events as independent")


def mann_whitney(pair: Pair) -> Difference:
    """U = #{CAR_A > CAR_B} + ½·#{=}: exact up to 50 events without ties, else normal.

    The estimate is U/(N_A·N_B), the chance that a CAR of A exceeds one of B. Mann and Whitney
    (1947), Annals of Mathematical Statistics 18. For independent events.
    """
    from scipy.stats import mannwhitneyu

    car = pair.sample.car
    one, two = car[pair.a], car[~pair.a]
    exact = len(car) <= 50 and len(np.unique(car)) == len(car)
    method: Literal["exact", "asymptotic"] = "exact" if exact else "asymptotic"
    found = mannwhitneyu(one.tolist(), two.tolist(), use_continuity=False, method=method)
    u, p = float(found.statistic), float(found.pvalue)
    if isnan(p):
        return pair.nothing("mann_whitney", "all CARs are equal")
    share = u / (len(one) * len(two))
    law = "rank-sum" if exact else "normal"
    note = "chance that a CAR of the first group is the larger one; events as independent"
    return pair.answer("mann_whitney", (share, NAN, u), law, NAN, p, note=note)


def adj_welch(pair: Pair) -> Difference:
    """Welch's t with the mean residual correlations within and between the groups.

    se² = Σ_g σ²_g(1 + (N_g−1)r̄_g)/N_g − 2 r̄_AB σ_A σ_B with σ²_g = s²_g/(1 − r̄_g): the factor
    of `adj_csect` for two groups. Ours, an approximation: for one date without a common design,
    and for windows that all overlap in one chain.
    """
    if min(pair.sizes) < 2:
        return pair.nothing("adj_welch", ALONE)
    within, between = _correlations(pair)
    if isnan(sum(within) + between) or max(within) >= 1.0 - 1e-8:
        return pair.nothing("adj_welch", "no usable correlation of the residuals")
    sizes, spreads = pair.sizes, [spread(s.car) for s in pair.parts]
    sd = [x / sqrt(1.0 - r) for x, r in zip(spreads, within, strict=True)]
    own = [x**2 * (1.0 + (n - 1) * r) / n for x, n, r in zip(sd, sizes, within, strict=True)]
    square = sum(own) - 2.0 * between * sd[0] * sd[1]
    if square <= 1e-8 * sum(own):
        return pair.nothing("adj_welch", "the correlations leave no variance")
    plain = [x**2 / n for x, n in zip(spreads, sizes, strict=True)]
    df = satterthwaite(plain, [n - 1 for n in sizes])
    one, two = pair.means(pair.sample.car)
    note = f"r̄ {within[0]:.2f} and {within[1]:.2f} within, {between:.2f} between the groups"
    return pair.ratio("adj_welch", one - two, sqrt(square), df, note)


def _correlations(pair: Pair) -> tuple[list[float], float]:
    """r̄ of each group, and of the pairs of events with one in each."""
    whole = correlation(pair.sample.abnormal, pair.sample.window)
    own = [correlation(s.abnormal, s.window) for s in pair.parts]
    pairs = whole.pairs - sum(c.pairs for c in own)
    total = whole.rbar * whole.pairs - sum(c.rbar * c.pairs for c in own)
    return [c.rbar for c in own], total / pairs if pairs else NAN
