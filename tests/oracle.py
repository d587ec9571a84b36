"""The specification, written out slowly: one event at a time, textbook formulas, plain loops.

Nothing of the library is used here. Section letters are those of the methods paper
(docs/methods.md). The fast code must give the numbers that this file gives.

Input is arrays: returns (S, T) with NaN where missing, factors (T, K), the risk-free rate
(T,), and for each event the row of its firm and the column of its day 0. Windows are pairs
``(first, last)`` of trading days around day 0, both ends included.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

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
    the market alone is the market-adjusted one. Under ``excess`` the risk-free rate is taken
    from the asset; factors are used as given (for the CAPM, pass market − risk-free).
    """

    columns: tuple[int, ...] = (0,)
    estimated: bool = True
    alpha: bool = True
    excess: bool = False

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
    #: event window: actual, expected and abnormal returns, and the regressor rows
    actual: Floats
    expected: Floats
    ar: Floats
    x: Floats

    @property
    def n_obs(self) -> int:
        return len(self.X)

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
        days = self.days(window)
        valid = [t for t in days if math.isfinite(self.ar[t])]
        if self.setup.missing == "drop":
            return valid if len(valid) == len(days) else []
        return valid if len(valid) >= self.setup.min_event_obs else []

    def car(self, window: Window) -> float:
        """C.1: the sum of the abnormal returns."""
        days = self.used(window)
        return sum(float(self.ar[t]) for t in days) if days else NAN

    def q(self, window: Window) -> float:
        """C.2: L + s'(X'X)⁻¹s, with s the sum of the regressor rows."""
        days = self.used(window)
        return self._q(days) if days else NAN

    def _q(self, days: list[int]) -> float:
        s = np.zeros(self.x.shape[1])
        for t in days:
            s = s + self.x[t]
        if s.size == 0:
            return float(len(days))
        half = np.linalg.solve(self.R.T, s)  # s'(X'X)⁻¹s = ‖R⁻ᵀs‖²
        return len(days) + float(half @ half)

    def scar(self, window: Window) -> float:
        """C.3: CAR over its forecast standard error."""
        return self.car(window) / (self.sigma * math.sqrt(self.q(window)))

    def sar(self, t: int) -> float:
        """C.3: the standardised abnormal return of column ``t`` of the event window."""
        return float(self.ar[t]) / (self.sigma * math.sqrt(self._q([t])))

    def csar(self, window: Window) -> float:
        """C.3, the alternative: the sum of standardised abnormal returns over √L."""
        days = self.used(window)
        return sum(self.sar(t) for t in days) / math.sqrt(len(days)) if days else NAN

    def bhar(self, window: Window) -> float:
        """C.4: compounded actual return less compounded expected return."""
        used = self.used(window)
        days = used
        if self.setup.missing == "zero":
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


@dataclass(frozen=True)
class Days:
    """What is known of one event, day by day: estimation window, then event window."""

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
    actual, given, design, traded, valid = [], [], [], [], []
    (first, last), (a, b) = setup.estimation, setup.window
    for t, day in enumerate([*range(first, last + 1), *range(a, b + 1)]):
        row = day0 + day
        inside = 0 <= row < data.returns.shape[1]
        factors = data.factors[row] if inside else np.full(data.factors.shape[1], NAN)
        rate = float(data.risk_free[row]) if inside and data.risk_free is not None else NAN
        actual.append(float(data.returns[firm, row]) if inside else NAN)
        given.append(setup.model.given(factors, rate))
        design.append(setup.model.design(factors))
        masked = inside and data.excluded is not None and bool(data.excluded[firm, row])
        masked = masked or (t <= last - first and day in setup.holes)
        if t <= last - first and math.isfinite(actual[t]) and not masked:
            traded.append(t)
            if math.isfinite(given[t]) and np.isfinite(design[t]).all():
                valid.append(t)
    X = np.array(design).reshape(len(design), setup.model.p)
    return Days(np.array(actual), np.array(given), X, traded, valid)


def _unusable(days: Days, setup: Setup) -> str:
    """Why an event cannot be fitted, or nothing (A.5)."""
    if not np.isfinite(days.actual[length(setup.estimation) :]).any():
        return "no_event_data"
    if len(days.valid) < setup.needed:
        return "factor_missing" if len(days.traded) >= setup.needed else "min_est"
    if _collinear(days.design[days.valid]):
        return "collinear"
    raw = days.actual[days.valid]
    return "zero_variance" if raw.max() == raw.min() else ""


def _fit(data: Data, setup: Setup, number: int, firm: int, day0: int) -> Event | str:
    """One event: its record, or the reason why it is dropped."""
    days = _read(data, setup, firm, day0)
    if why := _unusable(days, setup):
        return why
    n, p, valid = length(setup.estimation), setup.model.p, days.valid
    X, y = days.design[valid], days.actual[valid] - days.given[valid]
    R, params = _least_squares(X, y)
    e = y - X @ params
    centre = float(np.mean(e)) if p == 0 else 0.0  # B.2: σ about the mean
    dof = len(valid) - max(p, 1)
    variance = sum((float(u) - centre) ** 2 for u in e) / dof
    expected = days.given[n:] + days.design[n:] @ params
    ar = days.actual[n:] - expected
    if not np.isfinite(ar).any():
        return "factor_missing"
    if variance <= 1e-20 * float(np.mean(days.actual[valid] ** 2)):
        return "zero_variance"
    residuals = np.full(n, NAN)
    residuals[valid] = e
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
        dof=dof,
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


def _least_squares(X: Floats, y: Floats) -> tuple[Floats, Floats]:
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


def average_residuals(sample: list[Event]) -> list[float]:
    """a_t: mean residual of each estimation day on which at least one event has one."""
    found = []
    for t in range(len(sample[0].residuals) if sample else 0):
        day = [float(e.residuals[t]) for e in sample if math.isfinite(e.residuals[t])]
        if day:
            found.append(mean(day))
    return found


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
    clip_negative: bool = False,
    ref: str = "normal",
    alternative: str = "two-sided",
) -> Answer:
    """D.7: Patell's Z over √(1 + (N−1) r̄). ``ref="t"`` needs one date and one ν."""
    plain = patell(study, window)
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


# ── D.6: mean correlation ────────────────────────────────────────────────────────────────
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
    if len({event.day0 for event in sample}) != 1:
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


def gls_mean(study: Study, window: Window, *, naive: bool = False) -> Answer:
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
        return answer("gls_mean", n, t, "t", nu, estimate=g)
    spread = (float(gamma @ np.linalg.solve(A, gamma)) - g * g * precision) / q
    t = g * math.sqrt(precision * (nu - n + 1) / (q * (1.0 + spread)))
    return answer("gls_mean", n, t, "t", nu - n + 1, estimate=g)


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


# ── D.10, D.15: skewness, jackknife ──────────────────────────────────────────────────────
def skew_t(
    study: Study, window: Window, form: str = "hall", alternative: str = "two-sided"
) -> Answer:
    """D.10: the cross-sectional t adjusted for skewness (Hall's cubic or Johnson's)."""
    values = cars(study, window)
    n = len(values)
    s = sd(values)
    if n < 3 or not s > 0:
        return Answer("skew_t", n)
    centre = mean(values)
    S = centre / s
    cubes = sum((v - centre) ** 3 for v in values) / s**3
    g = cubes * n / ((n - 1) * (n - 2)) if form == "hall" else cubes / n
    cubic = g * g * S**3 / 27 if form == "hall" else 0.0
    t = math.sqrt(n) * (S + g * S * S / 3 + cubic + g / (6 * n))
    return answer("skew_t", n, t, "normal", alternative=alternative, estimate=centre)


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
def ranks(values: Sequence[float]) -> list[float]:
    """Ranks of the finite values, ties averaged; NaN elsewhere."""
    order = iter(stats.rankdata([v for v in values if math.isfinite(v)]))
    return [float(next(order)) if math.isfinite(v) else NAN for v in values]


def rank_scores(values: Sequence[float]) -> list[float]:
    """U = K/(T+1) − ½."""
    n = sum(1 for v in values if math.isfinite(v))
    return [k / (n + 1) - 0.5 for k in ranks(values)]


def path(event: Event) -> list[float]:
    """Residuals of the estimation window, then the abnormal returns of the event window."""
    return [float(v) for v in event.residuals] + [float(v) for v in event.ar]


def summed_scores(study: Study, window: Window, scores: list[list[float]]) -> tuple[float, int]:
    """Σ_W Z_t / (√L S), with Z_t = Σ_i U_it/√N_t; and T, the days with any event (D.11).

    A day of W on which no event has a return has no Z_t, and does not count in L either.
    """
    days: dict[int, float] = {}
    for t in range(len(scores[0]) if scores else 0):
        day = [score[t] for score in scores if math.isfinite(score[t])]
        if day:
            days[t] = sum(day) / math.sqrt(len(day))
    if len(days) < 3:
        return NAN, len(days)
    s = math.sqrt(sum(z * z for z in days.values()) / len(days))
    start = length(study.setup.estimation) + window[0] - study.setup.window[0]
    chosen = [days[t] for t in range(start, start + length(window)) if t in days]
    if not chosen:
        return NAN, len(days)
    return ratio(sum(chosen), math.sqrt(len(chosen)) * s), len(days)


def rank(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.11: Corrado's rank test, over several days in Cowan's form."""
    sample = study.sample(window)
    z, _ = summed_scores(study, window, [rank_scores(path(event)) for event in sample])
    return answer("rank", len(sample), z, "normal", alternative=alternative)


def cumrank_t(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.11: the rank test for long windows."""
    sample = study.sample(window)
    z, T = summed_scores(study, window, [rank_scores(path(event)) for event in sample])
    t = NAN
    if math.isfinite(z):
        z = z / math.sqrt((T - length(window)) / (T - 1))
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
    z, _ = summed_scores(study, window, scores)
    return answer("rank_cz", len(sample), z, "normal", alternative=alternative)


def corrado_sign(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.14: signs about each event's own median in place of ranks."""
    sample = study.sample(window)
    scores = []
    for event in sample:
        values = path(event)
        middle = float(np.median([v for v in values if math.isfinite(v)]))
        scores.append([float(np.sign(v - middle)) for v in values])
    z, _ = summed_scores(study, window, scores)
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
    if room <= 0:
        return Answer("grank_t", n, math.copysign(math.inf, z), "t", T - 2, 0.0)
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


def gen_sign(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.14: share of positive CARs against the share of positive residuals."""
    sample = study.sample(window)
    n = len(sample)
    if n == 0:
        return Answer("gen_sign", n)
    shares = []
    for event in sample:
        found = [float(e) for e in event.residuals if math.isfinite(e)]
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


def wilcoxon(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.14: signed ranks; the exact law for N ≤ 50 without ties, else the normal one."""
    values = [v for v in cars(study, window) if v != 0]
    n = len(values)
    if n < 2:
        return Answer("wilcoxon", n)
    w = rank_sum(values)
    sizes = [abs(v) for v in values]
    ties = [sizes.count(size) for size in set(sizes)]
    if n <= 50 and max(ties) == 1:
        ways, place = rank_sum_law(n), round(w)
        lower = sum(ways[: place + 1]) / 2**n
        upper = sum(ways[place:]) / 2**n
        p = discrete(lower, upper, alternative)
        return Answer("wilcoxon", n, w, "signed-rank", NAN, p)
    variance = n * (n + 1) * (2 * n + 1) / 24 - sum(t**3 - t for t in ties) / 48
    z = ratio(w - n * (n + 1) / 4, math.sqrt(variance))
    return answer("wilcoxon", n, z, "normal", alternative=alternative)


# ── D.18, D.19: the event among its own estimation days ──────────────────────────────────
def rolling_sums(values: Sequence[float], n: int) -> list[float]:
    """Sums of ``n`` neighbours, gaps closed (M.4)."""
    return [sum(values[t : t + n]) for t in range(len(values) - n + 1)]


def _among_days(name: str, sample: list[Event], window: Window, alternative: str) -> Answer:
    """p of the mean CAR among all sums of as many days of the average residuals."""
    caar = mean([event.car(window) for event in sample])
    sums = rolling_sums(average_residuals(sample), length(window))
    if not sample or not sums:
        return Answer(name, len(sample))
    if alternative == "two-sided":
        extreme = sum(1 for s in sums if abs(s) >= abs(caar))
    elif alternative == "less":
        extreme = sum(1 for s in sums if s <= caar)
    else:
        extreme = sum(1 for s in sums if s >= caar)
    p = (1 + extreme) / (1 + len(sums))
    return Answer(name, len(sample), caar, "permutation", NAN, p, caar)


def sq(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.18: the sample quantile of one event, or of the portfolio of one date."""
    sample = study.sample(window)
    if len({event.day0 for event in sample}) > 1:
        return Answer("sq", len(sample))
    return _among_days("sq", sample, window, alternative)


def placebo_window(study: Study, window: Window, alternative: str = "two-sided") -> Answer:
    """D.19: CAAR among all windows of the same length in the estimation window."""
    return _among_days("placebo_window", study.sample(window), window, alternative)
