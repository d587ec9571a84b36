"""Where sources contradict each other: what is ruled here, and what the others compute.

Twenty-six contradictions were found among papers, packages and courses. For each the test shows
our number, the formula of the ruling written out by hand, and the formula of the other sources,
which gives another number on the same data. Short names: KP = Kolari and Pynnönen; PMR = R
scripts after Pelagatti and Maranzano (2021); est = Stata `estudy`; es2 = Stata `eventstudy2`,
its help and a Python replica of it; e2R = R `estudy2`; ESR = R `EventStudy` 0.50; TNP = Python
`eventstudystatistics`; SYN = the code beside Castro-Iragorri (2019).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from inference_studies import Floats, measure
from scipy import stats

import eventstudy as es
from eventstudy import errors, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import StoredPaths

W, L = (-2, 2), 5
M, N = 120, 8


@cache
def returns(rho: float = 0.3, seed: int = 5) -> tuple[Floats, Floats]:
    """(8, 200) returns with correlated errors, and the market."""
    rng = np.random.default_rng(seed)
    market = 0.01 * rng.standard_t(5, 200)
    shocks = np.sqrt(rho) * rng.standard_t(5, 200) + np.sqrt(1 - rho) * rng.standard_t(5, (N, 200))
    panel = rng.uniform(0.5, 1.5, (N, 1)) * market
    return panel + rng.uniform(0.01, 0.03, (N, 1)) * shocks, market


@cache
def study(rho: float = 0.3, *, spread: int = 0, days: int = M) -> Abnormal:
    """Eight events of the market model on one date, or ``spread`` days apart."""
    panel, market = returns(rho)
    return measure(
        panel, market, range(N), 150 + spread * np.arange(N), estimation=(-days - 10, -11)
    )


@cache
def holed() -> Abnormal:
    """Estimation days of unequal number, and one CAR that is exactly zero."""
    panel, market = (part.copy() for part in returns())
    panel[0, 20:110], panel[1, 40:90] = np.nan, np.nan
    a = measure(panel, market, range(N), [150] * N, estimation=(-130, -11))
    ar = a.abnormal.copy()
    ar[2] = 0.0
    return replace(a, abnormal=ar, _memo={})


def rbar(a: Abnormal) -> float:
    return float(np.mean(np.asarray(np.corrcoef(a.residuals))[np.triu_indices(len(a), 1)]))


def factor(a: Abnormal) -> float:
    """What KP multiply the BMP statistic with."""
    return math.sqrt((1 - rbar(a)) / (1 + (len(a) - 1) * rbar(a)))


def window_ar(a: Abnormal) -> Floats:
    return np.asarray(a.abnormal[:, a.days(W)])


def market_days() -> tuple[Floats, Floats]:
    """The market before the event, and on the days of W."""
    market = returns()[1]
    return market[20:140], market[148:153]


def t_of(values: Floats) -> float:
    return float(np.sqrt(len(values)) * values.mean() / values.std(ddof=1))


def grank(
    a: Abnormal, c: float, *, days: int | None = None, estimation_only: bool = False
) -> float:
    """KP 2011 with the factor c; T and the days of S as some programs take them."""
    scar = a.scar(W)
    event = c * scar / scar.std(ddof=1)
    gsar = np.column_stack([a.residuals / a.sigma[:, None], event])
    u = stats.rankdata(gsar, axis=1) / (gsar.shape[1] + 1) - 0.5
    mean, t = u.mean(axis=0), gsar.shape[1] if days is None else days
    summed = mean[:-1] if estimation_only else mean
    z = float(mean[-1] / math.sqrt(float((summed**2).sum()) / t))
    return z * math.sqrt((t - 2) / (t - 1 - z**2))


def scaled_rank(a: Abnormal, h: Floats) -> float:
    """Corrado and Zivney's statistic of day 0, with e/(σ√h) in the estimation window."""
    sar = a.sar
    both = np.hstack([a.residuals / a.sigma[:, None] / np.sqrt(h), sar / sar.std(axis=0, ddof=1)])
    u = stats.rankdata(both, axis=1) / (both.shape[1] + 1) - 0.5
    z = u.sum(axis=0) / math.sqrt(N)
    day = a.residuals.shape[1] - a.window.first
    return float(z[day] / math.sqrt((z**2).mean()))


def leverage(days: int) -> Floats:
    x = returns()[1][140 - days : 140]
    return np.asarray(1 / days + (x - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum())


def skewed_t(x: Floats, form: str) -> float:
    n, s = len(x), x.mean() / x.std(ddof=1)
    third = float(((x - x.mean()) ** 3).sum() / x.std(ddof=1) ** 3)
    if form == "johnson":
        g = third / n
        return float(np.sqrt(n) * (s + g * s**2 / 3 + g / (6 * n)))
    g = third * n / ((n - 1) * (n - 2))
    return float(np.sqrt(n) * (s + g * s**2 / 3 + g**2 * s**3 / 27 + g / (6 * n)))


def general_sign(a: Abnormal, share: float, up: int) -> float:
    return (up - N * share) / math.sqrt(N * share * (1 - share))


def shares(a: Abnormal) -> tuple[float, float]:
    """Positive residuals: mean of the firms' shares, and share of all firm-days."""
    known = np.isfinite(a.residuals)
    up = (np.nan_to_num(a.residuals) > 0) & known
    return float((up.sum(axis=1) / known.sum(axis=1)).mean()), float(up.sum() / known.sum())


def signed_rank_sum(x: Floats) -> float:
    return float(stats.rankdata(np.abs(x))[x > 0].sum())


def running(a: Abnormal) -> float:
    """es2's Patell of several days: Σ over s of SAR_s/√s."""
    sar = a.sar[:, a.days(W)]
    return float((sar / np.sqrt(np.arange(1, L + 1))).sum()) / math.sqrt(N * 118 / 116)


def portfolio_days(a: Abnormal) -> Floats:
    return np.asarray(a.residuals.mean(axis=0))


# ── numbers ──────────────────────────────────────────────────────────────────────────────
def adjusted_patell() -> tuple[float, float, list[float]]:
    """es2 puts the factor of BMP on Patell's Z."""
    a, z = study(), inference.patell(study(), W).statistic
    ruling = z / math.sqrt(1 + (N - 1) * rbar(a))
    return inference.adj_patell(a, W).statistic, ruling, [z * factor(a)]


def grank_correction() -> tuple[float, float, list[float]]:
    """PMR, est, TNP: none; es2: the whole factor of KP (twice too much)."""
    a = study()
    ruling = grank(a, math.sqrt(1 - rbar(a)))
    return inference.grank_t(a, W).statistic, ruling, [grank(a, 1.0), grank(a, factor(a))]


def grank_days() -> tuple[float, float, list[float]]:
    """est, es2: T = L1 in the place of L1 + 1; es2 sums S over the estimation days alone."""
    a = study()
    ours = inference.grank_t(a, W, correction="none")
    assert ours.df == M - 1
    theirs = [grank(a, 1.0, days=M), grank(a, 1.0, days=M, estimation_only=True)]
    return ours.statistic, grank(a, 1.0), theirs


def forecast_error_of_a_car() -> tuple[float, float, list[float]]:
    """PMR, TNP (grank): the sum of squares for the square of the sum; ESR: L alone."""
    before, during = market_days()
    spread = ((before - before.mean()) ** 2).sum()
    ruling = L + L**2 / M + (during - before.mean()).sum() ** 2 / spread
    squares = L + L / M + ((during - before.mean()) ** 2).sum() / spread
    return float(study().q(W)[0]), float(ruling), [float(squares), float(L)]


def spread_of_the_market() -> tuple[float, float, list[float]]:
    """TNP (adjBMP_daily, grank): the market's variation in the event window."""
    before, during = market_days()
    gap = (during[2] - before.mean()) ** 2
    ruling = 1 + 1 / M + gap / ((before - before.mean()) ** 2).sum()
    theirs = 1 + 1 / M + gap / ((during - during.mean()) ** 2).sum()
    return float(study().q((0, 0))[0]), float(ruling), [float(theirs)]


def denominator_of_bmp() -> tuple[float, float, list[float]]:
    """ESR documents the forecast error and divides by σ̂ alone."""
    a = holed()
    ruling = t_of(a.car(W) / (a.sigma * np.sqrt(a.q(W))))
    return inference.bmp(a, W).statistic, ruling, [t_of(a.car(W) / a.sigma)]


def law_of_bmp() -> tuple[float, float, list[float]]:
    """est, TNP: normal; es2: t with the estimation's degrees of freedom."""
    found = inference.bmp(study(), W)
    t = abs(found.statistic)
    theirs = [2 * stats.norm.sf(t), 2 * stats.t.sf(t, M - 2)]
    return found.pvalue, float(2 * stats.t.sf(t, N - 1)), [float(p) for p in theirs]


def mean_correlation() -> tuple[float, float, list[float]]:
    """PMR averages |ρ|; TNP a product that is no correlation; ESR pairs by event day."""
    a = study(0.0)
    pairs = np.asarray(np.corrcoef(a.residuals))[np.triu_indices(N, 1)]
    product = (a.residuals @ a.residuals.T)[np.triu_indices(N, 1)].mean()
    ours = inference.correlation(a, W).rbar
    return ours, float(pairs.mean()), [float(np.abs(pairs).mean()), float(product)]


def matched_by_calendar() -> tuple[float, float, list[float]]:
    """ESR and est match residuals of staggered events by event day."""
    a = study(spread=1)
    found = []
    for i in range(N):
        for j in range(i + 1, N):
            k = j - i
            both = np.corrcoef(a.residuals[i, k:], a.residuals[j, : M - k])[0, 1]
            found.append(float(both) * max(L - k, 0) / L)
    return inference.correlation(a, W).rbar, float(np.mean(found)), [rbar(a)]


def time_series_t() -> tuple[float, float, list[float]]:
    """PMR: n − 2, and for a day times √N; es2: n − p."""
    a = study()
    days, caar = portfolio_days(a), float(a.car(W).mean())
    ruling = caar / (math.sqrt(L) * days.std(ddof=1))
    two = caar / (math.sqrt(L) * days.std(ddof=2))
    return inference.ts_t(a, W).statistic, float(ruling), [float(two), float(ruling) * math.sqrt(N)]


def residual_variance() -> tuple[float, float, list[float]]:
    """e2R and est (market model): M − 1."""
    a = study()
    squares = float((a.residuals[0] ** 2).sum())
    return float(a.sigma[0]), math.sqrt(squares / (M - 2)), [math.sqrt(squares / (M - 1))]


def patell_of_days() -> tuple[float, float, list[float]]:
    """PMR, ESR: Σ SAR/√L (``variant="sum_sar"`` here); es2: a running Σ SAR/√s."""
    a = study()
    scale = math.sqrt(N * 118 / 116)
    summed = float(a.sar[:, a.days(W)].sum()) / math.sqrt(L) / scale
    assert inference.patell(a, W, variant="sum_sar").statistic == pytest.approx(summed, rel=1e-10)
    ruling = float((a.car(W) / (a.sigma * np.sqrt(a.q(W)))).sum()) / scale
    return inference.patell(a, W).statistic, ruling, [summed, running(a)]


def standardised_return() -> tuple[float, float, list[float]]:
    """es2 3.2 (by the replica): AR/(σ̂·C^¼)."""
    a = study()
    ar, c = float(a.car((0, 0))[0]), float(a.q((0, 0))[0])
    sigma = float(a.sigma[0])
    return float(a.sar[0, 5]), ar / (sigma * math.sqrt(c)), [ar / (sigma * c**0.25)]


def standardised_residual() -> tuple[float, float, list[float]]:
    """PMR, es2: √(1 + h) in the sample, where the residual's variance is 1 − h."""
    a, h = study(days=20), leverage(20)
    theirs = [scaled_rank(a, 1 + h), scaled_rank(a, 1 - h)]
    return inference.rank_cz(a, (0, 0)).statistic, scaled_rank(a, np.ones(20)), theirs


def signs() -> tuple[float, float, list[float]]:
    """es2: a CAR of zero counts as positive; e2R: p̂ over all firm-days."""
    a = holed()
    each, pooled = shares(a)
    up = int((a.car(W) > 0).sum())
    theirs = [general_sign(a, each, up + 1), general_sign(a, pooled, up)]
    return inference.gen_sign(a, W).statistic, general_sign(a, each, up), theirs


def signed_ranks() -> tuple[float, float, list[float]]:
    """es2 pools the L·N daily returns; est ranks the days of each firm."""
    a = study()
    rank = stats.rankdata(np.abs(np.column_stack([a.residuals, a.car(W)])), axis=1)[:, -1]
    theirs = [signed_rank_sum(window_ar(a).ravel()), float(rank[a.car(W) > 0].sum())]
    return inference.wilcoxon(a, W).statistic, signed_rank_sum(a.car(W)), theirs


def signed_rank_law() -> tuple[float, float, list[float]]:
    """e2R: one-sided critical values above, two-sided ones below."""
    found = inference.wilcoxon(study(), W)
    patterns = np.array(np.meshgrid(*[[0, 1]] * N)).reshape(N, -1).T @ np.arange(1, N + 1)
    upper = float((patterns >= found.statistic).mean())
    lower = float((patterns <= found.statistic).mean())
    return found.pvalue, min(1.0, 2 * min(upper, lower)), [min(upper, lower)]


def skewness() -> tuple[float, float, list[float]]:
    """Lyon, Barber and Tsai, es2: Johnson's form with the biased γ (an option here)."""
    a = study()
    johnson = skewed_t(a.car(W), "johnson")
    found = inference.skew_t(a, W, variant="johnson").statistic
    assert found == pytest.approx(johnson, rel=1e-10)
    return inference.skew_t(a, W).statistic, skewed_t(a.car(W), "hall"), [johnson]


def market_adjusted() -> tuple[float, float, list[float]]:
    """ESR: 1 + 1/M although nothing is estimated."""
    days = pd.bdate_range("2024-01-01", periods=200)
    panel, market = returns()
    frame = pd.DataFrame(panel.T, days, [f"F{i}" for i in range(N)]).assign(SPY=market)
    study_ = es.EventStudy(model=es.MarketAdjusted(), estimation=(-130, -11), window=(-5, 5))
    result = study_.run(es.events_on(days[150], ["F0"]), es.Panel.from_returns(frame, market="SPY"))
    return float(result.abnormal.q(W)[0]), float(L), [L * (1 + 1 / M)]


def single() -> tuple[float, float, list[float]]:
    """PMR: AR/σ̂²."""
    a = study().take(np.array([3]))
    ar, sigma, c = float(a.car((0, 0))[0]), float(a.sigma[0]), float(a.q((0, 0))[0])
    return inference.single_t(a, (0, 0)).statistic, ar / (sigma * math.sqrt(c)), [ar / sigma**2]


def kind_of_returns() -> tuple[float, float, list[float]]:
    """es2 turns simple returns into logarithms for most models; here they stay what they are."""
    days = pd.bdate_range("2024-01-01", periods=200)
    panel, market = returns()
    frame = pd.DataFrame(panel.T, days, [f"F{i}" for i in range(N)]).assign(SPY=market)
    made = es.Panel.from_returns(frame, market="SPY")
    study_ = es.EventStudy(model=es.RawReturn(), estimation=(-130, -11), window=(-5, 5))
    result = study_.run(es.events_on(days[150], ["F0"]), made)
    assert result.abnormal.kind == "simple"
    own = panel[0, 148:153]
    return float(result.car(W).to_numpy()[0, 0]), float(own.sum()), [float(np.log1p(own).sum())]


def donors() -> tuple[float, float, list[float]]:
    """SYN rescales the weights of a LASSO to sum one: no minimum of any objective."""
    rng = np.random.default_rng(2)
    market = 0.02 * rng.standard_normal((200, 3))
    y = market @ [0.5, 0.3, 0.0] + 0.005 * rng.standard_normal(200)
    days = pd.bdate_range("2024-01-01", periods=200)
    frame = pd.DataFrame(np.column_stack([y, market]), days, ["F", "A", "B", "C"])
    model = es.ElasticNetModel(("A", "B", "C"), penalty=0.0)
    study_ = es.EventStudy(model=model, estimation=(-130, -11), window=(-5, 5))
    found = study_.run(es.events_on(days[150], ["F"]), es.Panel.from_returns(frame))
    x = np.column_stack([np.ones(M), market[20:140]])
    plain = np.linalg.lstsq(x, y[20:140], rcond=None)[0][1:]
    return float(found.abnormal.params[0, 1:].sum()), float(plain.sum()), [1.0]


#: number of the contradiction → ours, the ruling by hand, what others compute
NUMBERS: dict[tuple[int, str], Callable[[], tuple[float, float, list[float]]]] = {
    (1, "factor of an adjusted Patell"): adjusted_patell,
    (2, "correction of GRANK"): grank_correction,
    (3, "days of GRANK"): grank_days,
    (4, "forecast error of a CAR"): forecast_error_of_a_car,
    (5, "spread of the market"): spread_of_the_market,
    (6, "denominator of BMP"): denominator_of_bmp,
    (7, "law of BMP"): law_of_bmp,
    (8, "mean correlation"): mean_correlation,
    (8, "matched by calendar day"): matched_by_calendar,
    (9, "time-series t"): time_series_t,
    (10, "degrees of freedom of σ"): residual_variance,
    (11, "Patell of several days"): patell_of_days,
    (12, "standardised return"): standardised_return,
    (13, "standardised residual"): standardised_residual,
    (14, "signs"): signs,
    (15, "signed ranks"): signed_ranks,
    (15, "law of signed ranks"): signed_rank_law,
    (16, "skewness"): skewness,
    (20, "variance of market-adjusted returns"): market_adjusted,
    (21, "weights of donors"): donors,
    (23, "one event"): single,
    (24, "kind of returns"): kind_of_returns,
}


@pytest.mark.parametrize("case", NUMBERS, ids=lambda case: f"{case[0]} {case[1]}")
def test_ours_is_the_ruling_and_no_other(case: tuple[int, str]) -> None:
    ours, ruling, theirs = NUMBERS[case]()
    assert ours == pytest.approx(ruling, rel=1e-9)
    for other in theirs:
        assert abs(other - ours) > 1e-3 * abs(ours), other


# ── validity ─────────────────────────────────────────────────────────────────────────────
def samples(count: int, seed: int) -> Iterator[Abnormal]:
    """Eight firms on one date, ρ = .4, no effect."""
    rng = np.random.default_rng(seed)
    base = study(days=60)
    for _ in range(count):
        e = math.sqrt(0.4) * rng.standard_normal(60) + math.sqrt(0.6) * rng.standard_normal((N, 60))
        day = math.sqrt(0.4) * rng.standard_normal() + math.sqrt(0.6) * rng.standard_normal((N, 1))
        paths = StoredPaths(e, base.actual, base.expected)
        yield replace(base, abnormal=day * np.ones(11), sigma=np.ones(N), paths=paths, _memo={})


def share(pvalues: Iterable[float]) -> float:
    return float(np.mean([p <= 0.05 for p in pvalues]))


def wild_by_firm() -> None:
    """17. ESR's text: a sign for each firm preserves the dependence. It rejects far too often."""
    assert "wild_events" not in inference.valid(study(), W).valid
    wild = (inference.wild_events(a, (0, 0), draws=199).pvalue for a in samples(150, 1))
    assert share(wild) > 0.2
    by_date = [150, 150, 180, 180, 120, 120, 170, 170]
    panel, market = returns()
    dated = measure(panel, market, range(N), by_date, estimation=(-70, -11))
    assert "wild_dates" in inference.valid(dated, (0, 0)).valid


def kramer() -> None:
    """18. For events that are not clustered, says its author; out of scope (M.22)."""
    assert not {"kramer", "bmp_boot", "sign_gsar_t"} & set(inference.names(resampling=True))
    with pytest.raises(errors.OptionError, match="kramer"):
        inference.resolve("kramer")


def permutation_of_one_series() -> None:
    """19. Nguyen and Wolf's test is for one firm: here one event, or the portfolio of a date."""
    panel, market = returns()
    one = inference.permutation(study().take(np.array([0])), W, draws=99)
    assert math.isfinite(one.pvalue)
    apart = measure(panel, market, [0, 1], [120, 150], estimation=(-70, -11))
    several = inference.permutation(apart, W, draws=99)
    assert math.isnan(several.pvalue)
    assert "several dates" in several.note


def calendar_time() -> None:
    """22. ESR's "calendar-time" test divides by the spread of AAR inside the event window, effect
    included; there is no such test here, and ours does not see that spread."""
    assert not [key for key in inference.names(resampling=True) if "calendar" in key]
    a = study()
    ar = a.abnormal.copy()
    ar[:, [0, 10]] += [0.5, -0.5]
    assert ar.mean(axis=0).std() > 5 * a.abnormal.mean(axis=0).std()
    other = replace(a, abnormal=ar, _memo={})
    for key in ("portfolio_t", "ts_t", "adj_bmp"):
        ask = inference.resolve(key)
        assert ask(other, W).statistic == ask(a, W).statistic


def cross_sectional_t() -> None:
    """25. "Robust to cross-sectional correlation by construction" (a course, matmou.github.io)."""
    assert "csect_t" not in inference.valid(study(), W).valid
    assert share(inference.csect_t(a, (0, 0)).pvalue for a in samples(300, 2)) > 0.3


def headline_test() -> None:
    """26. A page of eventstudytools advises BMP as headline test whatever the dates."""
    shared = inference.valid(study(), W)
    assert shared.lead == "adj_bmp"
    assert "bmp" not in shared.valid
    assert share(inference.bmp(a, (0, 0)).pvalue for a in samples(300, 3)) > 0.3
    adjusted = share(inference.adj_bmp(a, (0, 0)).pvalue for a in samples(300, 3))
    assert abs(adjusted - 0.05) < 4 * math.sqrt(0.05 * 0.95 / 300)
    panel, market = returns()
    apart = measure(panel, market, [0, 1, 2], [100, 130, 160], estimation=(-70, -11))
    assert inference.valid(apart, W).lead == "bmp"


CLAIMS: dict[int, Callable[[], None]] = {
    17: wild_by_firm,
    18: kramer,
    19: permutation_of_one_series,
    22: calendar_time,
    25: cross_sectional_t,
    26: headline_test,
}


@pytest.mark.parametrize("number", CLAIMS)
def test_a_claim_that_does_not_hold(number: int) -> None:
    CLAIMS[number]()


def test_every_contradiction_has_a_test() -> None:
    assert sorted({number for number, _ in NUMBERS} | CLAIMS.keys()) == list(range(1, 27))
