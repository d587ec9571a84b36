"""The specification, written out slowly: one event at a time, textbook formulas, plain loops.

Nothing of the library is used here. Section letters are those of the methods paper
(docs/methods.md). The fast code must give the numbers that this file gives.

Input is arrays: returns (S, T) with NaN where missing, factors (T, K), the risk-free rate
(T,), and for each event the row of its firm and the column of its day 0. Windows are pairs
``(first, last)`` of trading days around day 0, both ends included.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

Window = tuple[int, int]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
NAN = math.nan


# ── B. models ────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Model:
    """Which factor columns explain a return, and how (B.1–B.5).

    ``estimated=False`` subtracts the columns as they are: none of them is the raw return,
    the market alone is the market-adjusted one; its σ is about the mean, or with
    ``demean=False`` about zero (B.2). Under ``excess`` the risk-free rate is taken from the
    asset; factors are used as given (for the CAPM, pass market − risk-free).
    """

    columns: tuple[int, ...] = (0,)
    estimated: bool = True
    alpha: bool = True
    excess: bool = False
    demean: bool = True
    #: whether the complete firms of a date share one regression (M.3)
    common: bool = True

    def design(self, factors: Floats) -> Floats:
        """The regressor row of one day."""
        if not self.estimated:
            return np.empty(0)
        return np.array([1.0] * self.alpha + [float(factors[k]) for k in self.columns])

    def given(self, factors: Floats, rate: float) -> float:
        """What is subtracted from a return without any estimation."""
        benchmark = 0.0 if self.estimated else sum(float(factors[k]) for k in self.columns)
        return benchmark + (rate if self.excess else 0.0)

    @property
    def p(self) -> int:
        return len(self.columns) + int(self.alpha) if self.estimated else 0

    def row(self, data: Data, row: int) -> Floats:
        """The regressor row of one calendar row; a model may look at others beside it."""
        return self.design(data.factors_on(row))

    def solve(self, days: Days) -> Solved:
        """Least squares on every valid day; B.6, B.7 and B.9 do otherwise (oracle_lines.py)."""
        X, y = days.design[days.valid], (days.actual - days.given)[days.valid]
        lost = max(self.p, 1) if self.demean else self.p
        return Solved(days.valid, least_squares(X, y)[1], len(days.valid) - lost)


@dataclass(frozen=True)
class Solved:
    """What a model made of one event."""

    #: the estimation days it used, θ, and the degrees of freedom of σ
    used: list[int]
    params: Floats
    dof: int


RAW = Model((), estimated=False)
MEAN = Model(())
MARKET_ADJUSTED = Model((0,), estimated=False)
MARKET = Model((0,))


def linear(k: int, *, alpha: bool = True, excess: bool = False) -> Model:
    """A regression on the first ``k`` factors: CAPM, three factors, Carhart, five, six."""
    return Model(tuple(range(k)), alpha=alpha, excess=excess)


# ── A. one event ─────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Setup:
    """The settings of a study (A.2, A.5)."""

    model: Model = MARKET
    estimation: Window = (-250, -11)
    window: Window = (-10, 10)
    min_obs: int | None = None
    missing: str = "drop"
    min_event_obs: int = 1
    kind: str = "simple"
    #: days between the estimation's intervals: they belong to none of them
    holes: frozenset[int] = frozenset()

    @property
    def needed(self) -> int:
        """Valid estimation days that an event must have."""
        length = self.estimation[1] - self.estimation[0] + 1 - len(self.holes)
        floor = self.model.p + 5
        wanted = min(120, length // 2) if self.min_obs is None else self.min_obs
        return max(floor, wanted)


@dataclass(frozen=True, eq=False)
class Event:
    """One event, fitted."""

    number: int
    firm: int
    day0: int
    setup: Setup
    #: calendar columns of the estimation days, and the residuals there (NaN where not valid)
    rows: list[int]
    residuals: Floats
    #: estimated parameters, regressor rows X of the valid days, and R of X = QR
    params: Floats
    X: Floats
    R: Floats
    sigma: float
    dof: int
    #: valid estimation days, whether the model used them all or not
    n_obs: int
    #: event window: actual, expected and abnormal returns, and the regressor rows
    actual: Floats
    expected: Floats
    ar: Floats
    x: Floats
    #: forecast variance of each day of the event window over σ² (B.8); 1 without one
    variance: Floats | None = None
    #: sessions that the return of each day covers, 0 without a trade, and the abnormal returns,
    #: those over several sessions included (A.5); None where every return covers one
    covers: list[int] | None = None
    bridged: Floats | None = None

    @property
    def xtx_inverse(self) -> Floats:
        inverse = np.linalg.inv(self.R)
        return inverse @ inverse.T

    def days(self, window: Window) -> list[int]:
        """Columns of the event window that belong to ``window``."""
        first, last = self.setup.window
        a, b = window
        if not first <= a <= b <= last:
            raise ValueError(window)
        return list(range(a - first, b - first + 1))

    def used(self, window: Window) -> list[int]:
        """The days of ``window`` that a sum runs over; none if the event leaves it (A.5)."""
        days, covers = self.days(window), self.covers or [1] * len(self.ar)
        valid = [t for t in days if math.isfinite(self.sums[t])]
        if any(t - covers[t] + 1 < days[0] for t in valid):  # began before the window
            return []
        if self.setup.missing == "drop":
            return valid if sum(covers[t] for t in valid) == len(days) else []
        return valid if len(valid) >= self.setup.min_event_obs else []

    @property
    def sums(self) -> Floats:
        """What a CAR is the sum of."""
        return self.ar if self.bridged is None else self.bridged

    def car(self, window: Window) -> float:
        """C.1: the sum of the abnormal returns."""
        days = self.used(window)
        return sum(float(self.sums[t]) for t in days) if days else NAN

    def q(self, window: Window) -> float:
        """C.2: L + s'(X'X)⁻¹s, with s the sum of the regressor rows."""
        days = self.used(window)
        return self._q(days) if days else NAN

    def _q(self, days: list[int]) -> float:
        s = np.zeros(self.x.shape[1])
        for t in days:
            s = s + self.x[t]
        own = sum(1.0 if self.variance is None else float(self.variance[t]) for t in days)
        if s.size == 0:
            return own
        half = np.linalg.solve(self.R.T, s)  # s'(X'X)⁻¹s = ‖R⁻ᵀs‖²
        return own + float(half @ half)

    def scar(self, window: Window) -> float:
        """C.3: CAR over its forecast standard error."""
        return self.car(window) / (self.sigma * math.sqrt(self.q(window)))

    def sar(self, t: int) -> float:
        """C.3: the standardised abnormal return of column ``t`` of the event window."""
        if not math.isfinite(self.ar[t]):
            return NAN
        return float(self.ar[t]) / (self.sigma * math.sqrt(self._q([t])))

    def csar(self, window: Window) -> float:
        """C.3, the alternative: the sum of standardised abnormal returns over √L."""
        days = self.used(window)
        each = [float(self.sums[t]) / (self.sigma * math.sqrt(self._q([t]))) for t in days]
        return sum(each) / math.sqrt(len(days)) if days else NAN

    def bhar(self, window: Window) -> float:
        """C.4: compounded actual return less compounded expected return."""
        used = self.used(window)
        days = used
        if self.setup.missing == "zero" and self.covers is None:  # else the next trade has it
            traded = [t for t in self.days(window) if math.isfinite(self.actual[t])]
            used = traded if len(traded) >= self.setup.min_event_obs else []
            days = self.days(window) if used else []
        if not used:
            return NAN
        held = benchmark = 1.0
        for t in days:
            actual = float(self.actual[t]) if math.isfinite(self.actual[t]) else 0.0
            expected = float(self.expected[t])
            log = self.setup.kind == "log"
            held *= math.exp(actual) if log else 1.0 + actual
            benchmark *= math.exp(expected) if log else 1.0 + expected
        return held - benchmark


@dataclass(frozen=True)
class Data:
    """The arrays of a study. ``excluded`` (S, T): days that no estimation may use."""

    returns: Floats
    factors: Floats
    risk_free: Floats | None = None
    excluded: Bools | None = None

    def factors_on(self, row: int) -> Floats:
        """The factors of a calendar row, NaN outside the data (M.1)."""
        inside = 0 <= row < len(self.factors)
        return self.factors[row] if inside else np.full(self.factors.shape[1], NAN)


@dataclass(frozen=True)
class Days:
    """What is known of one event, day by day: estimation window, then event window."""

    data: Data
    #: the calendar rows of both windows, and the number of estimation days
    rows: list[int]
    length: int
    #: estimation days that are taken out
    masked: list[int]
    actual: Floats
    #: what the model subtracts without estimating anything
    given: Floats
    #: (days, p) regressor rows
    design: Floats
    #: days that the estimation may use: with a return and not excluded; and all factors too
    traded: list[int]
    valid: list[int]


def _read(data: Data, setup: Setup, firm: int, day0: int) -> Days:
    """The days of one event; a day outside the data is a missing day (M.1)."""
    actual, given, design, masked, traded, valid = [], [], [], [], [], []
    (first, last), (a, b) = setup.estimation, setup.window
    rows = [day0 + day for day in [*range(first, last + 1), *range(a, b + 1)]]
    for t, row in enumerate(rows):
        inside = 0 <= row < data.returns.shape[1]
        factors = data.factors_on(row)
        rate = float(data.risk_free[row]) if inside and data.risk_free is not None else NAN
        actual.append(float(data.returns[firm, row]) if inside else NAN)
        given.append(setup.model.given(factors, rate))
        design.append(setup.model.row(data, row))
        out = inside and data.excluded is not None and bool(data.excluded[firm, row])
        if t <= last - first and (out or row - day0 in setup.holes):
            masked.append(t)
        elif t <= last - first and math.isfinite(actual[t]):
            traded.append(t)
            if math.isfinite(given[t]) and np.isfinite(setup.model.design(factors)).all():
                valid.append(t)
    n = length(setup.estimation)
    past = (np.array(actual), np.array(given), np.stack(design))
    return Days(data, rows, n, masked, *past, traded, valid)


def _unusable(days: Days, setup: Setup) -> str:
    """Why an event cannot be fitted, or nothing (A.5)."""
    if not np.isfinite(days.actual[length(setup.estimation) :]).any():
        return "no_event_data"
    if len(days.valid) < setup.needed:
        return "factor_missing" if len(days.traded) >= setup.needed else "min_est"
    X = days.design[days.valid]
    if _collinear(X[np.isfinite(X).all(axis=1)]):
        return "collinear"
    raw = days.actual[days.valid]
    return "zero_variance" if raw.max() == raw.min() else ""


def _fit(data: Data, setup: Setup, number: int, firm: int, day0: int) -> Event | str:
    """One event: its record, or the reason why it is dropped."""
    days = _read(data, setup, firm, day0)
    if why := _unusable(days, setup):
        return why
    n, p, solved = days.length, setup.model.p, setup.model.solve(days)
    used, params = solved.used, solved.params
    lost = len(days.valid) - len(used)
    if len(used) < p + 5 or len(days.traded) - lost >= setup.needed > len(used):
        return "factor_missing"
    if len(used) < setup.needed:
        return "min_est"
    X, y = days.design[used], days.actual[used] - days.given[used]
    R, _ = least_squares(X, y)
    e = y - X @ params
    about = p == 0 and setup.model.demean
    centre = float(np.mean(e)) if about else 0.0  # B.2: σ about the mean
    variance = sum((float(u) - centre) ** 2 for u in e) / solved.dof
    expected = days.given[n:] + days.design[n:] @ params
    ar = days.actual[n:] - expected
    if not np.isfinite(ar).any():
        return "factor_missing"
    if variance <= 1e-20 * float(np.mean(days.actual[days.valid] ** 2)):
        return "zero_variance"
    residuals = np.full(n, NAN)
    residuals[used] = np.where(np.abs(e) > 1e-12 * math.sqrt(variance), e, 0.0)  # rounding
    return Event(
        number=number,
        firm=firm,
        day0=day0,
        setup=setup,
        rows=[day0 + t for t in range(setup.estimation[0], setup.estimation[1] + 1)],
        residuals=residuals,
        params=params,
        X=X,
        R=R,
        sigma=math.sqrt(variance),
        dof=solved.dof,
        n_obs=len(used),
        actual=days.actual[n:],
        expected=expected,
        ar=ar,
        x=days.design[n:],
    )


def _collinear(X: Floats) -> bool:
    """A.5: smallest singular value below 1e-10 of the largest, columns at unit length."""
    if X.shape[1] == 0:
        return False
    lengths = np.sqrt((X * X).sum(axis=0))
    if bool((lengths == 0).any()):
        return True
    singular = np.linalg.svd(X / lengths, compute_uv=False)
    return bool(singular[-1] < 1e-10 * singular[0])


def least_squares(X: Floats, y: Floats) -> tuple[Floats, Floats]:
    """R of X = QR, and θ that solves Rθ = Q'y."""
    if X.shape[1] == 0:
        return np.empty((0, 0)), np.empty(0)
    orthogonal, R = np.linalg.qr(X)
    return R, np.linalg.solve(R, orthogonal.T @ y)


# ── all events ───────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Study:
    """The fitted events, and for each of the others the reason why it is missing."""

    setup: Setup
    events: list[Event]
    dropped: dict[int, str] = field(default_factory=dict)

    def sample(self, window: Window) -> list[Event]:
        """The events that every statistic of ``window`` is computed from (A.5)."""
        return [event for event in self.events if event.used(window)]

    def aar(self) -> list[tuple[float, int]]:
        """Mean abnormal return and number of events, day by day (M.2)."""
        found = []
        for t in range(self.setup.window[1] - self.setup.window[0] + 1):
            day = [float(event.ar[t]) for event in self.events if math.isfinite(event.ar[t])]
            found.append((mean(day), len(day)))
        return found


def run(
    data: Data,
    firms: Sequence[int],
    days: Sequence[int],
    setup: Setup,
) -> Study:
    """Fit every event: ``firms`` are rows of the returns, ``days`` columns of day 0."""
    events: list[Event] = []
    dropped: dict[int, str] = {}
    for number, (firm, day0) in enumerate(zip(firms, days, strict=True)):
        found = _fit(data, setup, number, int(firm), int(day0))
        if isinstance(found, str):
            dropped[number] = found
        else:
            events.append(found)
    return Study(setup, events, dropped)


def other_events(
    shape: tuple[int, int], firms: Sequence[int], days: Sequence[int], window: Window
) -> Bools:
    """(S, T) days inside the event window of one of the firm's events (A.2).

    An event's own window never touches its own estimation days, so one mask serves all.
    """
    masked = np.zeros(shape, dtype=np.bool_)
    for firm, day0 in zip(firms, days, strict=True):
        for t in range(window[0], window[1] + 1):
            if 0 <= day0 + t < shape[1]:
                masked[firm, day0 + t] = True
    return masked


# ── answers ──────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Answer:
    """A statistic, the law it follows under the null hypothesis, and its p-value."""

    name: str
    n: int
    statistic: float = NAN
    law: str = "none"
    df: float = NAN
    pvalue: float = NAN
    #: what the test is about and its standard error, where it has them
    estimate: float = NAN
    se: float = NAN


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else NAN


def sd(values: Sequence[float]) -> float:
    """Standard deviation with N − 1; NaN for fewer than two values, 0 for mere rounding."""
    if len(values) < 2:
        return NAN
    centre = mean(values)
    found = math.sqrt(sum((v - centre) ** 2 for v in values) / (len(values) - 1))
    return found if found > 1e-12 * max(abs(v) for v in values) else 0.0


def ratio(above: float, below: float) -> float:
    """A zero denominator gives NaN, never an infinity (D.0)."""
    return above / below if below > 0 else NAN


def length(window: Window) -> int:
    """L = b − a + 1 (A.1)."""
    return window[1] - window[0] + 1


def upper_tail(statistic: float, law: str, df: float) -> float:
    return float(stats.norm.sf(statistic) if law == "normal" else stats.t.sf(statistic, df))


def answer(
    name: str,
    n: int,
    statistic: float,
    law: str,
    df: float = NAN,
    *,
    alternative: str = "two-sided",
    estimate: float = NAN,
    se: float = NAN,
) -> Answer:
    """The p-value of a statistic with a symmetric law, by survival functions."""
    if not math.isfinite(statistic):
        return Answer(name, n, law=law)
    if alternative == "two-sided":
        p = 2.0 * upper_tail(abs(statistic), law, df)
    else:
        p = upper_tail(statistic if alternative == "greater" else -statistic, law, df)
    return Answer(name, n, statistic, law, df, p, estimate, se)


def discrete(lower: float, upper: float, alternative: str) -> float:
    """P-value of a discrete law from P(X ≤ x) and P(X ≥ x) (M.9)."""
    if alternative == "less":
        return lower
    return upper if alternative == "greater" else min(1.0, 2.0 * min(lower, upper))


# ── D.1, D.2, D.4: sums of abnormal returns ──────────────────────────────────────────────
def single_t(event: Event, window: Window, alternative: str = "two-sided") -> Answer:
    """D.1: the t of one CAR, exact under normal errors."""
    car = event.car(window)
    se = event.sigma * math.sqrt(event.q(window))
    return answer(
        "single_t", 1, car / se, "t", event.dof, alternative=alternative, estimate=car, se=se
    )


def cars(study: Study, window: Window) -> list[float]:
    return [event.car(window) for event in study.sample(window)]


def scars(study: Study, window: Window) -> list[float]:
    return [event.scar(window) for event in study.sample(window)]


def daily_average(sample: list[Event]) -> list[float]:
    """a_t: mean residual of each estimation day; NaN where no event has one."""
    days = range(len(sample[0].residuals) if sample else 0)
    each = [[float(e.residuals[t]) for e in sample] for t in days]
    return [mean([v for v in day if math.isfinite(v)]) for day in each]


def average_residuals(sample: list[Event]) -> list[float]:
    """a_t of the days on which at least one event has a residual."""
    return [a for a in daily_average(sample) if math.isfinite(a)]


def ts_t(
    study: Study, window: Window, ddof: str = "sample", alternative: str = "two-sided"
) -> Answer:
    """D.2: CAAR over √L times the standard deviation of the average residuals."""
    sample = study.sample(window)
    a = average_residuals(sample)
    lost = 1 if ddof == "sample" else max(study.setup.model.p, 1)
    df = len(a) - lost
    if not sample or df < 1:
        return Answer("ts_t", len(sample))
    centre = mean(a)
    s = math.sqrt(sum((v - centre) ** 2 for v in a) / df)
    caar, se = mean(cars(study, window)), math.sqrt(length(window)) * s
    t = ratio(caar, se)
    return answer("ts_t", len(sample), t, "t", df, alternative=alternative, estimate=caar, se=se)


def independent_t(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.2, the variant without any dependence."""
    sample = study.sample(window)
    n = len(sample)
    caar = mean(cars(study, window))
    se = NAN
    if n:
        se = math.sqrt(length(window)) * math.sqrt(sum(e.sigma**2 for e in sample)) / n
    z = ratio(caar, se)
    return answer("independent_t", n, z, "normal", alternative=alternative, estimate=caar, se=se)


def csect_t(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.4: the t of the mean CAR across events."""
    values = cars(study, window)
    n = len(values)
    se = sd(values) / math.sqrt(n) if n > 1 else NAN
    caar = mean(values)
    t = ratio(caar, se)
    return answer("csect_t", n, t, "t", n - 1, alternative=alternative, estimate=caar, se=se)


# ── D.5, D.7, D.8, D.9: standardised tests ───────────────────────────────────────────────
def patell(
    study: Study, window: Window, form: str = "exact", alternative: str = "two-sided"
) -> Answer:
    """D.5: sum of the SCAR over the root of the sum of their variances ν/(ν−2)."""
    sample = study.sample(window)
    values = [e.scar(window) if form == "exact" else e.csar(window) for e in sample]
    variance = sum(e.dof / (e.dof - 2) for e in sample)
    z = ratio(sum(values), math.sqrt(variance))
    n = len(sample)
    return answer("patell", n, z, "normal", alternative=alternative, estimate=mean(values))


def bmp(study: Study, window: Window, ref: str = "t", alternative: str = "two-sided") -> Answer:
    """D.8: the cross-sectional t of the SCAR."""
    values = scars(study, window)
    n = len(values)
    se = sd(values) / math.sqrt(n) if n > 1 else NAN
    law = "t" if ref == "t" else "normal"
    df = n - 1 if ref == "t" else NAN
    middle = mean(values)
    t = ratio(middle, se)
    return answer("bmp", n, t, law, df, alternative=alternative, estimate=middle, se=se)


def _usable(rbar: float, n: int) -> bool:
    """D.6: the bounds within which a correction by r̄ makes sense."""
    return n >= 2 and 1.0 + (n - 1) * rbar > 1e-8 and rbar < 1.0 - 1e-8


def adj_patell(
    study: Study,
    window: Window,
    min_overlap: int = 30,
    *,
    form: str = "exact",
    clip_negative: bool = False,
    ref: str = "normal",
    alternative: str = "two-sided",
) -> Answer:
    """D.7: Patell's Z over √(1 + (N−1) r̄). ``ref="t"`` needs one date and one ν."""
    plain = patell(study, window, form)
    sample = study.sample(window)
    r = mean_correlation(study, window, min_overlap, clip_negative=clip_negative)
    z = NAN
    if _usable(r, plain.n):
        z = plain.statistic / math.sqrt(1.0 + (plain.n - 1) * r)
    middle = plain.estimate
    if ref == "normal":
        return answer("adj_patell", plain.n, z, "normal", alternative=alternative, estimate=middle)
    nu = sample[0].dof if len({(e.day0, e.dof) for e in sample}) == 1 else NAN
    t = z * math.sqrt(nu / (nu - 2))
    return answer("adj_patell", plain.n, t, "t", nu, alternative=alternative, estimate=middle)


def adj_bmp(
    study: Study,
    window: Window,
    min_overlap: int = 30,
    *,
    clip_negative: bool = False,
    ref: str = "t",
    alternative: str = "two-sided",
) -> Answer:
    """D.9: the BMP t times √((1−r̄) / (1 + (N−1) r̄))."""
    plain = bmp(study, window)
    r = mean_correlation(study, window, min_overlap, clip_negative=clip_negative)
    t = NAN
    if _usable(r, plain.n):
        t = plain.statistic * math.sqrt((1.0 - r) / (1.0 + (plain.n - 1) * r))
    law, df = ("t", float(plain.n - 1)) if ref == "t" else ("normal", NAN)
    middle = plain.estimate
    return answer("adj_bmp", plain.n, t, law, df, alternative=alternative, estimate=middle)


def adj_csect(
    study: Study,
    window: Window,
    min_overlap: int = 30,
    *,
    clip_negative: bool = False,
    alternative: str = "two-sided",
) -> Answer:
    """Beyond D: the factor of D.9 on the t of D.4."""
    plain = csect_t(study, window)
    r = mean_correlation(study, window, min_overlap, clip_negative=clip_negative)
    t = NAN
    if _usable(r, plain.n):
        t = plain.statistic * math.sqrt((1.0 - r) / (1.0 + (plain.n - 1) * r))
    caar = plain.estimate
    return answer("adj_csect", plain.n, t, "t", plain.n - 1, alternative=alternative, estimate=caar)


# ── D.6: mean correlation ────────────────────────────────────────────────────────────────
@lru_cache(maxsize=1 << 16)  # several tests ask for the same pairs
def pearson(one: Event, two: Event, min_overlap: int) -> float:
    """Correlation of two events' residuals on the calendar days they share."""
    other = {row: float(e) for row, e in zip(two.rows, two.residuals, strict=True)}
    pairs = [
        (float(e), other[row])
        for row, e in zip(one.rows, one.residuals, strict=True)
        if math.isfinite(e) and math.isfinite(other.get(row, NAN))
    ]
    if len(pairs) < max(min_overlap, 2):
        return NAN
    left, right = mean([a for a, _ in pairs]), mean([b for _, b in pairs])
    cross = sum((a - left) * (b - right) for a, b in pairs)
    squares = sum((a - left) ** 2 for a, _ in pairs) * sum((b - right) ** 2 for _, b in pairs)
    return ratio(cross, math.sqrt(squares))


def shared_days(one: Event, two: Event, window: Window) -> int:
    """Calendar days that lie in the test window of both events."""
    first = {one.day0 + t for t in range(window[0], window[1] + 1)}
    return len(first & {two.day0 + t for t in range(window[0], window[1] + 1)})


def mean_correlation(
    study: Study, window: Window, min_overlap: int = 30, *, clip_negative: bool = False
) -> float:
    """r̄: mean over all pairs of events of ρ times the share of window days they share.

    Pairs that share no day count as 0; pairs that do, but have too few common estimation
    days, are left out (D.6, M.11). NaN where no pair is left.
    """
    r = mean(pair_correlations(study, window, min_overlap))
    return max(r, 0.0) if clip_negative else r


def pair_correlations(study: Study, window: Window, min_overlap: int = 30) -> list[float]:
    """What each usable pair of events adds to r̄."""
    sample = study.sample(window)
    found = []
    for i, one in enumerate(sample):
        for two in sample[i + 1 :]:
            shared = shared_days(one, two, window)
            rho = pearson(one, two, min_overlap) if shared else 0.0
            if math.isfinite(rho):
                found.append(rho * shared / length(window))
    return found


def n_eff(study: Study, window: Window, min_overlap: int = 30) -> float:
    """N / (1 + (N−1) r̄): how many independent events the sample is worth."""
    n = len(study.sample(window))
    if n == 1:
        return 1.0
    factor = 1.0 + (n - 1) * mean_correlation(study, window, min_overlap)
    return n / factor if factor > 1e-8 else NAN


# ── D.3, D.17: one date, one design ──────────────────────────────────────────────────────
@dataclass(frozen=True)
class Balanced:
    """The firms of one date that are complete, and their residuals (M.6)."""

    members: list[Event]
    #: (M, n) residuals; about their means where nothing is estimated (M.10)
    E: Floats
    dof: int
    gamma: Floats
    q: float


def balanced(study: Study, window: Window) -> Balanced | None:
    """Firms valid on all of ``window`` and on each estimation day valid for any member."""
    sample = study.sample(window)
    if len({event.day0 for event in sample}) != 1 or not study.setup.model.common:
        return None
    days = [
        t
        for t in range(len(sample[0].residuals))
        if any(math.isfinite(event.residuals[t]) for event in sample)
    ]
    members = [
        event
        for event in sample
        if len(event.used(window)) == length(window)
        and all(math.isfinite(event.residuals[t]) for t in days)
    ]
    if not members:
        return None
    E = np.array([[event.residuals[t] for event in members] for t in days])
    p = study.setup.model.p
    if p == 0:
        E = E - E.mean(axis=0)
    gamma = np.array([event.car(window) for event in members])
    return Balanced(members, E, len(days) - max(p, 1), gamma, members[0].q(window))


def portfolio_t(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.3: the t of the equal-weighted portfolio of one date."""
    found = balanced(study, window)
    if found is None:
        return Answer("portfolio_t", len(study.sample(window)))
    a = [mean([float(e) for e in day]) for day in found.E]
    se = math.sqrt(sum(v * v for v in a) / found.dof * found.q)
    caar = mean([float(g) for g in found.gamma])
    n, t = len(found.members), ratio(caar, se)
    return answer(
        "portfolio_t", n, t, "t", found.dof, alternative=alternative, estimate=caar, se=se
    )


def _singular(E: Floats) -> bool:
    """M.12: eigenvalues of the residual correlations too far apart to invert."""
    scale = np.sqrt((E * E).sum(axis=0))
    values = np.linalg.eigvalsh((E / scale).T @ (E / scale))
    return bool(values[0] < 1e-10 * values[-1])


def sur_f(study: Study, window: Window) -> Answer:
    """D.17: F of the hypothesis that no firm of the date has an effect."""
    found = balanced(study, window)
    n = len(found.members) if found else len(study.sample(window))
    if found is None or found.dof < n or _singular(found.E):
        return Answer("sur_F", n)
    sigma = found.E.T @ found.E / found.dof
    form = float(found.gamma @ np.linalg.solve(sigma, found.gamma)) / found.q
    F = form * (found.dof - n + 1) / (n * found.dof)
    df = found.dof - n + 1
    return Answer("sur_F", n, F, "F", float(df), float(stats.f.sf(F, n, df)))


def gls_mean(
    study: Study, window: Window, alternative: str = "two-sided", *, naive: bool = False
) -> Answer:
    """D.17: the precision-weighted mean effect of one date; exact unless ``naive``."""
    found = balanced(study, window)
    n = len(found.members) if found else len(study.sample(window))
    if found is None or found.dof < n or _singular(found.E):
        return Answer("gls_mean", n)
    one, gamma, q, nu = np.ones(n), found.gamma, found.q, found.dof
    A = found.E.T @ found.E
    weight = np.linalg.solve(A, one)
    precision = float(one @ weight)
    g = float(weight @ gamma) / precision
    if naive:
        t = g * math.sqrt(nu * precision / q)
        return answer("gls_mean", n, t, "t", nu, alternative=alternative, estimate=g)
    spread = (float(gamma @ np.linalg.solve(A, gamma)) - g * g * precision) / q
    t = g * math.sqrt(precision * (nu - n + 1) / (q * (1.0 + spread)))
    return answer("gls_mean", n, t, "t", nu - n + 1, alternative=alternative, estimate=g)


def contrast(
    study: Study, window: Window, weights: Floats, alternative: str = "two-sided"
) -> Answer:
    """D.17: the t of a weighted sum; a weight for each of the complete firms."""
    found = balanced(study, window)
    if found is None:
        return Answer("contrasts", len(study.sample(window)))
    sigma = found.E.T @ found.E / found.dof
    estimate = float(weights @ found.gamma)
    se = math.sqrt(found.q * float(weights @ sigma @ weights))
    n, t = len(found.members), ratio(estimate, se)
    return answer(
        "contrasts", n, t, "t", found.dof, alternative=alternative, estimate=estimate, se=se
    )


def joint_contrasts(study: Study, window: Window, rows: Floats) -> Answer:
    """D.17: F of several weighted sums at once; rows of weights for the complete firms."""
    found = balanced(study, window)
    if found is None:
        return Answer("contrasts", len(study.sample(window)))
    k, df = len(rows), found.dof - len(rows) + 1
    sigma = rows @ (found.E.T @ found.E / found.dof) @ rows.T
    effects = rows @ found.gamma
    F = float(effects @ np.linalg.inv(sigma) @ effects) / found.q * df / (k * found.dof)
    return Answer("contrasts", len(found.members), F, "F", df, float(stats.f.sf(F, k, df)))


def equal_effects(study: Study, window: Window) -> Answer:
    """D.17: F of the hypothesis that all complete firms have the same effect."""
    n = len(study.sample(window))
    if found := balanced(study, window):
        n = len(found.members)
    rows = np.array([[(j == i) - (j == i + 1) for j in range(n)] for i in range(n - 1)])
    return joint_contrasts(study, window, rows.astype(float))


# ── D.16: several dates ──────────────────────────────────────────────────────────────────
def components(sample: list[Event], window: Window) -> list[list[Event]]:
    """Events whose windows are linked by shared days, directly or through others (M.18)."""
    groups: list[list[Event]] = []
    for event in sample:
        linked = [g for g in groups if any(shared_days(event, e, window) for e in g)]
        groups = [g for g in groups if g not in linked]
        groups.append([event] + [e for g in linked for e in g])
    return groups


def dates_csect(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.16: the cross-sectional t over separate dates, each its mean CAR."""
    sample = study.sample(window)
    means = [mean([e.car(window) for e in g]) for g in components(sample, window)]
    d = len(means)
    se = sd(means) / math.sqrt(d) if d > 1 else NAN
    middle = mean(means)
    return answer(
        "dates_csect",
        len(sample),
        ratio(middle, se),
        "t",
        d - 1,
        alternative=alternative,
        estimate=middle,
        se=se,
    )


def dates_cluster(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """Beyond D: the CAAR with a variance clustered by date (CR2, Satterthwaite's df).

    The quadratic form is written out: deviations from the mean, summed by cluster, of events
    that correlate ρ inside a cluster and not across.
    """
    sample = study.sample(window)
    groups = components(sample, window)
    n, d = len(sample), len(groups)
    if d < 2:
        return answer("dates_cluster", n, NAN, "t", NAN, alternative=alternative)
    cars = [e.car(window) for g in groups for e in g]
    label = [k for k, g in enumerate(groups) for _ in g]
    middle = mean(cars)
    se = 0.0
    for k, g in enumerate(groups):
        error = sum(car - middle for car, j in zip(cars, label, strict=True) if j == k)
        se += error**2 / (1.0 - len(g) / n)
    se = math.sqrt(se) / n
    within = sum(len(g) * (len(g) - 1) // 2 for g in groups)
    pairs = pair_correlations(study, window)
    rho = min(max(sum(pairs) / within, 0.0), 1.0) if within else 0.0
    rho = 1.0 if within and not pairs else rho
    centre = np.eye(n) - 1.0 / n
    events = np.array(
        [[1.0 if a == b else rho * (label[a] == label[b]) for b in range(n)] for a in range(n)]
    )
    pick = np.array(
        [[(j == k) / math.sqrt(1.0 - len(g) / n) for j in label] for k, g in enumerate(groups)]
    )
    form = pick @ centre @ events @ centre @ pick.T
    df = float(np.trace(form) ** 2 / np.trace(form @ form))
    return answer(
        "dates_cluster",
        n,
        ratio(middle, se),
        "t",
        df,
        alternative=alternative,
        estimate=middle,
        se=se,
    )


@dataclass(frozen=True)
class Portfolio:
    """The standardised portfolio of one date, of its complete firms."""

    scar: float
    dof: int
    n: int


def date_portfolio(study: Study, day0: int, window: Window) -> Portfolio | None:
    """D.3 of one date alone: P / √(σ_P² Q)."""
    alone = Study(study.setup, [event for event in study.events if event.day0 == day0])
    t, found = portfolio_t(alone, window), balanced(alone, window)
    if found is None or not math.isfinite(t.statistic):
        return None
    return Portfolio(t.statistic, found.dof, len(found.members))


def date_clusters(study: Study, window: Window) -> list[list[Portfolio]]:
    """The portfolios of the dates, by groups of dates whose windows overlap (M.6, M.18)."""
    clusters = []
    for group in components(study.sample(window), window):
        dates = sorted({event.day0 for event in group})
        made = [date_portfolio(study, day0, window) for day0 in dates]
        clusters.append([p for p in made if p is not None])
    return [c for c in clusters if c]


def dates_bmp(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.16 b: the cross-sectional t of the standardised portfolios, averaged in each cluster."""
    clusters = date_clusters(study, window)
    values = [mean([p.scar for p in c]) for c in clusters]
    d = len(values)
    if d < 2:
        return Answer("dates_bmp", len(study.sample(window)))
    held, se = sum(p.n for c in clusters for p in c), sd(values) / math.sqrt(d)
    t, middle = ratio(mean(values), se), mean(values)
    return answer("dates_bmp", held, t, "t", d - 1, alternative=alternative, estimate=middle, se=se)


def dates_patell(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.16 c: their sum over its standard deviation; the mean of a cluster as if of one date."""
    clusters = date_clusters(study, window)
    if len(clusters) < 2:
        return Answer("dates_patell", len(study.sample(window)))
    total = sum(mean([p.scar for p in c]) for c in clusters)
    variance = sum(mean([p.dof / (p.dof - 2) for p in c]) for c in clusters)
    held = sum(p.n for c in clusters for p in c)
    z, middle = total / math.sqrt(variance), total / len(clusters)
    return answer("dates_patell", held, z, "normal", alternative=alternative, estimate=middle)


# ── D.15: signs, every pattern of them ───────────────────────────────────────────────────
def t_of_mean(values: Sequence[float]) -> float:
    return ratio(mean(values), sd(values) / math.sqrt(len(values))) if len(values) > 1 else NAN


def sign_patterns(
    values: Sequence[float], alternative: str, weights: Sequence[float] = (1.0, -1.0)
) -> tuple[float, float]:
    """The t of the mean, and the share of all weighted samples whose t is at least as extreme."""
    own = t_of_mean(values)
    if not math.isfinite(own):
        return NAN, NAN
    extreme = patterns = 0
    for signs in itertools.product(weights, repeat=len(values)):
        t = t_of_mean([s * v for s, v in zip(signs, values, strict=True)])
        at, bound = (abs(t), abs(own)) if alternative == "two-sided" else (t, own)
        if alternative == "less":
            at, bound = -t, -own
        patterns += 1
        extreme += at >= bound - 1e-9 * abs(bound)
    return own, extreme / patterns


def wild_events(
    study: Study, window: Window, alternative: str = "two-sided", statistic: str = "csect"
) -> Answer:
    """D.15: a sign for each event; all patterns, so for few events."""
    values = (cars if statistic == "csect" else scars)(study, window)
    t, p = sign_patterns(values, alternative)
    return Answer("wild_events", len(values), t, "bootstrap", NAN, p, mean(values))


def wild_dates(
    study: Study,
    window: Window,
    alternative: str = "two-sided",
    weights: Sequence[float] = (1.0, -1.0),
) -> Answer:
    """D.15: a sign for each cluster of dates; all patterns, so for few dates."""
    sample = study.sample(window)
    values = [mean([e.car(window) for e in g]) for g in components(sample, window)]
    t, p = sign_patterns(values, alternative, weights)
    return Answer("wild_dates", len(sample), t, "bootstrap", NAN, p, mean(values))


def sign_flip_dates(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.16 d: the same, where all patterns of signs are the law itself."""
    found = wild_dates(study, window, alternative)
    return replace(found, name="sign_flip_dates", law="permutation")


# ── D.10, D.15: skewness, jackknife ──────────────────────────────────────────────────────
def skew_t(
    study: Study,
    window: Window,
    form: str = "hall",
    on: str = "car",
    alternative: str = "two-sided",
) -> Answer:
    """D.10: the cross-sectional t adjusted for skewness (Hall's cubic or Johnson's)."""
    values = cars(study, window)
    if on == "bhar":
        values = [event.bhar(window) for event in study.sample(window)]
        values = [v for v in values if math.isfinite(v)]
    t, n = skewed(values, form), len(values)
    if not math.isfinite(t):
        return Answer("skew_t", n)
    return answer("skew_t", n, t, "normal", alternative=alternative, estimate=mean(values))


def skewed(values: Sequence[float], form: str = "hall", null: float = 0.0) -> float:
    """D.10: T of the hypothesis that the mean is ``null``."""
    n, s = len(values), sd(values)
    if n < 3 or not s > 0:
        return NAN
    centre = mean(values)
    S = (centre - null) / s
    cubes = sum((v - centre) ** 3 for v in values) / s**3
    g = cubes * n / ((n - 1) * (n - 2)) if form == "hall" else cubes / n
    cubic = g * g * S**3 / 27 if form == "hall" else 0.0
    return math.sqrt(n) * (S + g * S * S / 3 + cubic + g / (6 * n))


def jackknife(
    study: Study, window: Window, min_events: int = 4, alternative: str = "two-sided"
) -> Answer:
    """D.15: the t of the pseudo-values of mean/sd of the SCAR.

    D.15 asks for four events; H prints the value for three, which ``min_events=3`` gives.
    """
    values = scars(study, window)
    n = len(values)
    if n < min_events:
        return Answer("jackknife", n)
    whole = ratio(mean(values), sd(values))
    pseudo = []
    for i in range(n):
        rest = values[:i] + values[i + 1 :]
        pseudo.append(n * whole - (n - 1) * ratio(mean(rest), sd(rest)))
    t = ratio(mean(pseudo), sd(pseudo) / math.sqrt(n))
    return answer("jackknife", n, t, "t", n - 1, alternative=alternative)


# ── D.11, D.12, D.14: scores by day ──────────────────────────────────────────────────────
#: relative distance below which two values differ by rounding only
SAME = 1e-13


def ranks(values: Sequence[float]) -> list[float]:
    """Ranks of the finite values, ties averaged; NaN elsewhere."""
    groups: list[list[float]] = []
    for v in sorted(v for v in values if math.isfinite(v)):
        if groups and v - groups[-1][-1] <= SAME * abs(v):
            groups[-1].append(v)
        else:
            groups.append([v])
    found: dict[float, float] = {}
    below = 0
    for group in groups:
        found |= dict.fromkeys(group, below + (len(group) + 1) / 2)
        below += len(group)
    return [found[v] if math.isfinite(v) else NAN for v in values]


def rank_scores(values: Sequence[float]) -> list[float]:
    """U = K/(T+1) − ½."""
    n = sum(1 for v in values if math.isfinite(v))
    return [k / (n + 1) - 0.5 for k in ranks(values)]


def path(event: Event) -> list[float]:
    """Residuals of the estimation window, then the abnormal returns of the event window."""
    return [float(v) for v in event.residuals] + [float(v) for v in event.ar]


def summed_scores(
    study: Study, window: Window, scores: list[list[float]]
) -> tuple[float, int, int]:
    """Σ_W Z_t / (√L S), with Z_t = Σ_i U_it/√N_t; T, the days with any event; and L (D.11).

    A day of W on which no event has a return has no Z_t, and does not count in L either.
    """
    days: dict[int, float] = {}
    for t in range(len(scores[0]) if scores else 0):
        day = [score[t] for score in scores if math.isfinite(score[t])]
        if day:
            days[t] = sum(day) / math.sqrt(len(day))
    if len(days) < 3:
        return NAN, len(days), 0
    s = math.sqrt(sum(z * z for z in days.values()) / len(days))
    start = length(study.setup.estimation) + window[0] - study.setup.window[0]
    chosen = [days[t] for t in range(start, start + length(window)) if t in days]
    if not chosen:
        return NAN, len(days), 0
    return ratio(sum(chosen), math.sqrt(len(chosen)) * s), len(days), len(chosen)


def rank(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.11: Corrado's rank test, over several days in Cowan's form."""
    sample = study.sample(window)
    z, _, _ = summed_scores(study, window, [rank_scores(path(event)) for event in sample])
    return answer("rank", len(sample), z, "normal", alternative=alternative)


def cumrank_t(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.11: the rank test for long windows."""
    sample = study.sample(window)
    z, T, L = summed_scores(study, window, [rank_scores(path(event)) for event in sample])
    t = NAN
    if math.isfinite(z):
        z = z / math.sqrt((T - L) / (T - 1))
        t = z * math.sqrt(ratio(T - 2, T - 1 - z * z))
    return answer("cumrank_t", len(sample), t, "t", T - 2, alternative=alternative)


def rank_cz(
    study: Study,
    window: Window,
    cross_correction: str = "none",
    min_overlap: int = 30,
    alternative: str = "two-sided",
) -> Answer:
    """D.12: ranks of standardised returns, event days scaled by their own spread."""
    sample = study.sample(window)
    if len(sample) < 2:
        return Answer("rank_cz", len(sample))
    factor = 1.0
    if cross_correction == "sd":
        r = mean_correlation(study, window, min_overlap)
        if not _usable(r, len(sample)):
            return Answer("rank_cz", len(sample))
        factor = math.sqrt(1.0 - r)
    spreads = []
    for t in range(length(study.setup.window)):
        day = [event.sar(t) for event in sample]
        spreads.append(sd([v for v in day if math.isfinite(v)]))
    scores = []
    for event in sample:
        standard = [float(e) / event.sigma for e in event.residuals]
        standard += [ratio(factor * event.sar(t), s) for t, s in enumerate(spreads)]
        scores.append(rank_scores(standard))
    z, _, _ = summed_scores(study, window, scores)
    return answer("rank_cz", len(sample), z, "normal", alternative=alternative)


def corrado_sign(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.14: signs about each event's own median in place of ranks."""
    sample = study.sample(window)
    scores = []
    for event in sample:
        values = path(event)
        middle = float(np.median([v for v in values if math.isfinite(v)]))
        gaps = [v - middle for v in values]
        scores.append([0.0 if abs(g) <= SAME * abs(middle) else float(np.sign(g)) for g in gaps])
    z, _, _ = summed_scores(study, window, scores)
    return answer("corrado_sign", len(sample), z, "normal", alternative=alternative)


# ── D.13: generalised rank ───────────────────────────────────────────────────────────────
def _grank_scores(
    study: Study, window: Window, correction: str, min_overlap: int
) -> list[list[float]]:
    """Scores of the estimation days and, last, of the one cumulated event day."""
    sample = study.sample(window)
    values = scars(study, window)
    s = sd(values)
    n = len(sample)
    factor = 1.0
    if correction != "none":
        r = mean_correlation(study, window, min_overlap)
        if not _usable(r, n):
            return []
        factor = math.sqrt(1.0 - r)
        if correction == "full":
            factor = math.sqrt((1.0 - r) / (1.0 + (n - 1) * r))
    if not s > 0:
        return []
    scores = []
    for event, value in zip(sample, values, strict=True):
        standard = [float(e) / event.sigma for e in event.residuals]
        scores.append(rank_scores([*standard, factor * value / s]))
    return scores


def grank_t(
    study: Study,
    window: Window,
    correction: str | None = None,
    min_overlap: int = 30,
    alternative: str = "two-sided",
) -> Answer:
    """D.13: the CAR ranked among the event's own estimation days."""
    sample = study.sample(window)
    n = len(sample)
    if correction is None:
        correction = "none" if len({event.day0 for event in sample}) == n else "sd"
    scores = _grank_scores(study, window, correction, min_overlap)
    if n < 2 or not scores:
        return Answer("grank_t", n)
    T, squares = 0, 0.0
    for t in range(len(scores[0])):
        day = [score[t] for score in scores if math.isfinite(score[t])]
        if day:
            T += 1
            squares += len(day) / n * mean(day) ** 2
    z = ratio(mean([score[-1] for score in scores]), math.sqrt(squares / T))
    room = T - 1 - z * z
    if room <= 1e-10 * T:  # zero, but for rounding
        signed = z if alternative == "greater" else -z
        p = 1.0 if alternative != "two-sided" and signed < 0 else 0.0
        return Answer("grank_t", n, math.copysign(math.inf, z), "t", T - 2, p)
    return answer("grank_t", n, z * math.sqrt((T - 2) / room), "t", T - 2, alternative=alternative)


def grank_z(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.13: the same for independent events, with the ranks' known variance."""
    sample = study.sample(window)
    n = len(sample)
    scores = _grank_scores(study, window, "none", 0)
    if n < 2 or not scores:
        return Answer("grank_z", n)
    variance = 0.0
    for score in scores:
        T = sum(1 for u in score if math.isfinite(u))
        variance += (T - 1) / (12 * (T + 1)) / n**2
    z = ratio(mean([score[-1] for score in scores]), math.sqrt(variance))
    return answer("grank_z", n, z, "normal", alternative=alternative)


# ── D.14: signs and signed ranks of the CAR ──────────────────────────────────────────────
def sign(
    study: Study, window: Window, *, exact: bool = False, alternative: str = "two-sided"
) -> Answer:
    """D.14: share of positive CARs against one half."""
    values = cars(study, window)
    n = len(values)
    if n == 0:
        return Answer("sign", n)
    w = sum(1 for v in values if v > 0)
    if not exact:
        z = (w - n / 2) / (0.5 * math.sqrt(n))
        return answer("sign", n, z, "normal", alternative=alternative, estimate=w / n)
    lower = sum(math.comb(n, k) for k in range(w + 1)) / 2**n
    upper = sum(math.comb(n, k) for k in range(w, n + 1)) / 2**n
    p = discrete(lower, upper, alternative)
    return Answer("sign", n, float(w), "binomial", NAN, p, w / n)


def gen_sign(
    study: Study, window: Window, phat: str = "day", alternative: str = "two-sided"
) -> Answer:
    """D.14: share of positive CARs against that of positive residuals, or of sums over L days."""
    sample = study.sample(window)
    n = len(sample)
    if n == 0:
        return Answer("gen_sign", n)
    shares = []
    for event in sample:
        found = [float(e) for e in event.residuals if math.isfinite(e)]
        if phat == "window":
            found = rolling_sums(found, length(window))
        shares.append(sum(1 for e in found if e > 0) / len(found))
    p = mean(shares)
    w = sum(1 for v in cars(study, window) if v > 0)
    z = ratio(w - n * p, math.sqrt(n * p * (1.0 - p)))
    return answer("gen_sign", n, z, "normal", alternative=alternative, estimate=w / n)


def rank_sum(values: Sequence[float]) -> float:
    """W⁺: the sum of the ranks of |CAR| that belong to positive CARs; zeros are dropped."""
    values = [v for v in values if v != 0]
    order = ranks([abs(v) for v in values])
    return sum((r for r, v in zip(order, values, strict=True) if v > 0), 0.0)


def rank_sum_law(n: int) -> list[int]:
    """How many of the 2ⁿ subsets of 1 … n have each sum 0 … n(n+1)/2."""
    ways = [1]
    for k in range(1, n + 1):
        longer = ways + [0] * k
        for total, count in enumerate(ways):
            longer[total + k] += count
        ways = longer
    return ways


def wilcoxon(
    study: Study, window: Window, alternative: str = "two-sided", method: str = "auto"
) -> Answer:
    """D.14: signed ranks; the exact law for N ≤ 50 without ties, else the normal one."""
    values = [v for v in cars(study, window) if v != 0]
    n = len(values)
    if n < 2:
        return Answer("wilcoxon", n)
    w = rank_sum(values)
    sizes = [abs(v) for v in values]
    ties = [sizes.count(size) for size in set(sizes)]
    if n <= 50 and max(ties) == 1 and method != "normal":
        ways, place = rank_sum_law(n), round(w)
        lower = sum(ways[: place + 1]) / 2**n
        upper = sum(ways[place:]) / 2**n
        p = discrete(lower, upper, alternative)
        return Answer("wilcoxon", n, w, "signed-rank", NAN, p)
    variance = n * (n + 1) * (2 * n + 1) / 24 - sum(t**3 - t for t in ties) / 48
    z = ratio(w - n * (n + 1) / 4, math.sqrt(variance))
    return answer("wilcoxon", n, z, "normal", alternative=alternative)


# ── D.15: the residual bootstrap of one date ─────────────────────────────────────────────
def studentised(found: Balanced, key: str) -> float:
    """D.3, D.17: T of the firms of one date, by the inverse of their covariance."""
    E, gamma, q, nu = found.E, found.gamma, found.q, found.dof
    n = len(gamma)
    if key == "portfolio_t":
        a = E.mean(axis=1)
        return float(gamma.mean()) / math.sqrt(float(a @ a) / nu * q)
    inverse = np.linalg.inv(E.T @ E)
    own, ones = float(gamma @ inverse @ gamma), float(inverse.sum())
    if key == "sur_F":
        return own * nu / q * (nu - n + 1) / (n * nu)
    g = float((inverse @ gamma).sum()) / ones
    apart = (own - g * g * ones) / q
    return g * math.sqrt(ones * (nu - n + 1) / (q * (1.0 + apart)))


def boot_residual(
    study: Study,
    window: Window,
    index: npt.NDArray[np.int64],
    key: str = "portfolio_t",
    *,
    refit: bool = True,
) -> list[float]:
    """D.15: T of each draw; ``index`` (B, M+L) names the estimation days that are drawn."""
    found = balanced(study, window)
    assert found is not None
    E = found.E - found.E.mean(axis=0)
    size, L, p = len(E), length(window), study.setup.model.p
    values = []
    for draw in index:
        before, during = E[draw[:size]], E[draw[size:]]
        if not refit:
            widen = math.sqrt(found.q / L) * math.sqrt(size / found.dof)
            values.append(float(during.sum(axis=0).mean()) * widen)
            continue
        residuals, gamma = [], []
        for k, event in enumerate(found.members):
            known = event.X @ event.params if p else np.zeros(size)
            y = known + before[:, k]
            _, theta = least_squares(event.X, y)
            e = y - event.X @ theta if p else y - y.mean()
            ar = during[:, k]
            if p:
                x = event.x[event.days(window)]
                ar = x @ event.params + ar - x @ theta
            residuals.append(e)
            gamma.append(float(ar.sum()))
        drawn = Balanced(found.members, np.array(residuals).T, found.dof, np.array(gamma), found.q)
        values.append(studentised(drawn, key))
    return values


# ── D.18, D.19: the event among its own estimation days ──────────────────────────────────
def rolling_sums(values: Sequence[float], n: int) -> list[float]:
    """Sums of ``n`` neighbours, gaps closed (M.4)."""
    return [sum(values[t : t + n]) for t in range(len(values) - n + 1)]


def _among_days(
    name: str,
    sample: list[Event],
    window: Window,
    alternative: str,
    *,
    own: int = 1,
    equal_tail: bool = False,
    contiguous: bool = False,
    adjust: bool = False,
) -> Answer:
    """p of the mean CAR among all sums of as many days of the average residuals."""
    caar = mean([event.car(window) for event in sample])
    series = daily_average(sample)
    scale = 1.0
    if adjust:  # D.18: AR over √C, e over √(1 − h); one design for all
        if len({(e.day0, tuple(np.isfinite(e.residuals))) for e in sample}) != 1:
            return Answer(name, len(sample))
        scale = math.sqrt(sample[0].q(window) / length(window))
        h = np.einsum("tp,pq,tq->t", sample[0].X, sample[0].xtx_inverse, sample[0].X)
        found = iter(h)
        series = [a / math.sqrt(1.0 - next(found)) if math.isfinite(a) else NAN for a in series]
    if not contiguous:
        series = [a for a in series if math.isfinite(a)]
    sums = [v for v in rolling_sums(series, length(window)) if math.isfinite(v)]
    if not sample or not sums:
        return Answer(name, len(sample))
    x, n = caar / scale, own + len(sums)
    lower = (own + sum(1 for s in sums if s <= x)) / n
    upper = (own + sum(1 for s in sums if s >= x)) / n
    p = discrete(lower, upper, alternative)
    if alternative == "two-sided" and not equal_tail:
        p = (own + sum(1 for s in sums if abs(s) >= abs(x))) / n
    return Answer(name, len(sample), caar, "permutation", NAN, p, caar)


def sq(
    study: Study,
    window: Window,
    alternative: str = "two-sided",
    *,
    own: int = 1,
    equal_tail: bool = False,
    contiguous: bool = False,
    adjust: bool = False,
) -> Answer:
    """D.18: the sample quantile of one event, or of the portfolio of one date.

    ``own=0`` is the paper's asymptotic form.
    """
    sample = study.sample(window)
    if len({event.day0 for event in sample}) > 1:
        return Answer("sq", len(sample))
    return _among_days(
        "sq",
        sample,
        window,
        alternative,
        own=own,
        equal_tail=equal_tail,
        contiguous=contiguous,
        adjust=adjust,
    )


def placebo_window(
    study: Study,
    window: Window,
    alternative: str = "two-sided",
    *,
    contiguous: bool = False,
    adjust: bool = False,
) -> Answer:
    """D.19: CAAR among all windows of the same length in the estimation window."""
    sample = study.sample(window)
    return _among_days(
        "placebo_window", sample, window, alternative, contiguous=contiguous, adjust=adjust
    )


def permuted(
    study: Study, window: Window, orders: npt.NDArray[np.int64], *, recompute: bool = True
) -> list[float]:
    """D.18: T of each order of the pool of estimation and event days; the event comes last."""
    sample = study.sample(window)
    days = [[float(event.ar[t]) for event in sample] for t in sample[0].days(window)]
    means = [mean([ar for ar in day if math.isfinite(ar)]) for day in days]
    a, means = average_residuals(sample), [m for m in means if math.isfinite(m)]
    pool, L = a + means, len(means)
    values = []
    for order in orders:
        dealt = [pool[k] for k in order]
        block = dealt[:-L] if recompute else a
        values.append(ratio(sum(dealt[-L:]), math.sqrt(L) * sd(block)))
    return values


def permutation(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.18 for one day: all M + 1 ways to deal the pool."""
    sample = study.sample(window)
    if len({event.day0 for event in sample}) > 1 or not sample or length(window) > 1:
        return Answer("permutation", len(sample))
    m = len(average_residuals(sample))
    orders = [[k for k in range(m + 1) if k != j] + [j] for j in range(m + 1)]
    values = permuted(study, window, np.array(orders))
    t = values[-1]
    sides = {
        "two-sided": sum(1 for v in values if abs(v) >= abs(t) * (1 - 1e-10)),
        "greater": sum(1 for v in values if v >= t - 1e-10 * abs(t)),
        "less": sum(1 for v in values if v <= t + 1e-10 * abs(t)),
    }
    p = sides[alternative] / (m + 1)
    return Answer("permutation", len(sample), t, "permutation", NAN, p)


# ── E. the cross-section: regressions of CARs ────────────────────────────────────────────
def weighted_fit(Z: Floats, y: Floats, w: Floats | None = None) -> tuple[Floats, Floats, Floats]:
    """δ̂, (Z'WZ)⁻¹ and û by the normal equations, one event at a time."""
    n, k = Z.shape
    w = np.ones(n) if w is None else w
    zz, zy = np.zeros((k, k)), np.zeros(k)
    for i in range(n):
        zz = zz + w[i] * np.outer(Z[i], Z[i])
        zy = zy + w[i] * Z[i] * y[i]
    inverse: Floats = np.linalg.inv(zz).astype(float)
    coef = inverse @ zy
    return coef, inverse, y - Z @ coef


def hc_covariance(Z: Floats, y: Floats, kind: str, w: Floats | None = None) -> Floats:
    """HC0 to HC3 (MacKinnon and White 1985)."""
    n, k = Z.shape
    _, inverse, u = weighted_fit(Z, y, w)
    w = np.ones(n) if w is None else w
    middle = np.zeros((k, k))
    for i in range(n):
        h = w[i] * float(Z[i] @ inverse @ Z[i])
        by = {"HC0": 1.0, "HC1": (n - k) / n, "HC2": 1.0 - h, "HC3": (1.0 - h) ** 2}[kind]
        middle = middle + w[i] ** 2 * u[i] ** 2 / by * np.outer(Z[i], Z[i])
    return inverse @ middle @ inverse


def cr1_covariance(
    Z: Floats, y: Floats, groups: Sequence[object], w: Floats | None = None
) -> Floats:
    """(G/(G−1))·((N−1)/(N−k)) times the sum of the outer products of the clusters' scores."""
    n, k = Z.shape
    _, inverse, u = weighted_fit(Z, y, w)
    w = np.ones(n) if w is None else w
    scores: dict[object, Floats] = {}
    for i, group in enumerate(groups):
        scores[group] = scores.get(group, np.zeros(k)) + w[i] * u[i] * Z[i]
    middle = np.zeros((k, k))
    for score in scores.values():
        middle = middle + np.outer(score, score)
    g = len(scores)
    covariance: Floats = inverse @ middle @ inverse * (g / (g - 1)) * ((n - 1) / (n - k))
    return covariance


def two_way_covariance(
    Z: Floats,
    y: Floats,
    one: Sequence[object],
    two: Sequence[object],
    w: Floats | None = None,
) -> Floats:
    """V_A + V_B − V_AB (Cameron, Gelbach and Miller 2011)."""
    both = list(zip(one, two, strict=True))
    return (
        cr1_covariance(Z, y, one, w) + cr1_covariance(Z, y, two, w) - cr1_covariance(Z, y, both, w)
    )


def fgls_variance(Z: Floats, y: Floats, S2: Floats) -> float:
    """ω̂² of Lewis and Linzer (2005), with the trace written out."""
    n, k = Z.shape
    _, inverse, u = weighted_fit(Z, y)
    trace = float(np.trace(inverse @ Z.T @ np.diag(S2) @ Z))
    known = float(S2.sum()) - trace
    return max(0.0, (float(u @ u) - known) / float(n - k))


def wild_cluster_p(
    Z: Floats,
    y: Floats,
    j: int,
    ways: Sequence[Sequence[object]],
    by: Sequence[object],
    draws: Sequence[Mapping[Any, float]],
    *,
    null: float = 0.0,
    w: Floats | None = None,
    own: int = 0,
) -> float:
    """Wild cluster bootstrap of δ_j = null: every draw is fitted again.

    ``ways`` is one clustering of the variance, or two; ``by`` the clusters that share a weight.
    """
    root = np.ones(len(y)) if w is None else np.sqrt(w)
    Z, y = Z * root[:, None], y * root

    def t(values: Floats) -> float:
        coef, _, _ = weighted_fit(Z, values)
        if len(ways) == 1:
            V = cr1_covariance(Z, values, ways[0])
        else:
            V = two_way_covariance(Z, values, ways[0], ways[1])
        return abs(coef[j] - null) / math.sqrt(V[j, j]) if V[j, j] > 0 else math.inf

    others = np.delete(Z, j, axis=1)
    bound = y - null * Z[:, j]
    residual = bound - others @ np.linalg.lstsq(others, bound, rcond=None)[0]
    sample, extreme = t(y), 0
    for draw in draws:
        made = y - residual + np.array([draw[g] for g in by]) * residual
        extreme += t(made) >= sample * (1 - 1e-9)
    return (own + extreme) / (own + len(draws))


# ── E. differences of two groups ─────────────────────────────────────────────────────────
def welch(a: Sequence[float], b: Sequence[float]) -> tuple[float, float, float]:
    """Difference of means, its standard error, Satterthwaite's degrees of freedom."""
    va, vb = sd(a) ** 2 / len(a), sd(b) ** 2 / len(b)
    df = (va + vb) ** 2 / (va**2 / (len(a) - 1) + vb**2 / (len(b) - 1))
    return mean(a) - mean(b), math.sqrt(va + vb), df


def contrast_se(E: Floats, c: Floats, q: float, dof: int) -> float:
    """D.17: √(q c'Σ̂c), with the whole covariance matrix Σ̂ = E'E/ν."""
    return math.sqrt(q * float(c @ (E.T @ E / dof) @ c))


def paired_by_date(
    values: Sequence[float], a: Sequence[bool], dates: Sequence[object]
) -> tuple[float, float, int]:
    """Mean over the dates that hold both groups of their difference, its error, the dates."""
    gaps = []
    for date in sorted(set(dates), key=str):
        rows = [(v, g) for v, g, d in zip(values, a, dates, strict=True) if d == date]
        one, two = [v for v, g in rows if g], [v for v, g in rows if not g]
        if one and two:
            gaps.append(mean(one) - mean(two))
    return mean(gaps), sd(gaps) / math.sqrt(len(gaps)), len(gaps)


def cr2_difference(
    values: Floats, a: Sequence[bool], groups: Sequence[object], rho: float
) -> tuple[float, float, float]:
    """Two dummies, CR2 and the degrees of freedom of Bell and McCaffrey with full matrices.

    The working correlation inside a cluster is ``rho`` (Imbens and Kolesár 2016).
    """
    first = np.array(a, dtype=float)
    Z = np.column_stack([first, 1.0 - first])
    n = len(values)
    _, inverse, u = weighted_fit(Z, values)
    c = inverse @ np.array([1.0, -1.0])
    M = np.eye(n) - Z @ inverse @ Z.T
    columns, square = [], 0.0
    for group in dict.fromkeys(groups):
        rows = [i for i, g in enumerate(groups) if g == group]
        own = np.eye(len(rows)) - Z[rows] @ inverse @ Z[rows].T
        eigen, vectors = np.linalg.eigh(own)
        A = vectors @ np.diag(eigen**-0.5) @ vectors.T
        weights = A @ Z[rows] @ c
        square += float(weights @ u[rows]) ** 2
        columns.append(M[:, rows] @ weights)
    same = np.array([[g == h for h in groups] for g in groups], dtype=float)
    omega = (1.0 - rho) * np.eye(n) + rho * same
    G = np.array(columns).T
    B = G.T @ omega @ G
    df = float(np.trace(B)) ** 2 / float(np.trace(B @ B))
    gap = mean([v for v, g in zip(values, a, strict=True) if g]) - mean(
        [v for v, g in zip(values, a, strict=True) if not g]
    )
    return gap, math.sqrt(square), df
