"""One event of one firm: its tests, its power, its dollars, what the market explains of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import errors, inference
from eventstudy.abnormal import Abnormal
from eventstudy.align import inputs
from eventstudy.arrays import BoolArray, FloatArray, Inputs, Placement, Statistic
from eventstudy.inference._answer import SKEWED
from eventstudy.inference._laws import critical
from eventstudy.inference._sample import Sample, sample_of
from eventstudy.inference.power import effect_found
from eventstudy.inference.quantiles import rolling
from eventstudy.models.linear import linear_of
from eventstudy.report import Amount, SingleEvent, beyond
from eventstudy.result.confounding import confounds, position
from eventstudy.result.findings import factor_names, model_name
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.result.result import Result

#: level of the test, and the probability with which the second move would be found
LEVEL, POWER = 0.05, 0.8
#: sessions before and after the window in which other news is listed
AROUND = 1
#: parts of the expected return must add up to it this closely
ROUNDING = 1e-10


@dataclass(frozen=True)
class Asked:
    """What is asked of one event."""

    window: Window
    price: float | None = None
    shares: float | None = None
    market_cap: float | None = None
    alternative: str = "two-sided"
    news: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        for option in ("price", "shares", "market_cap"):
            value = getattr(self, option)
            if value is not None and not _is_amount(value):
                raise errors.no_amount(option, value)
        if self.shares is not None and self.market_cap is not None:
            raise errors.shares_or_cap(self.shares, self.market_cap)


def _is_amount(value: object) -> bool:
    numbers = (int, float, np.integer, np.floating)
    if isinstance(value, bool) or not isinstance(value, numbers):
        return False
    return math.isfinite(value) and float(value) > 0


def single(result: Result, event_id: object, asked: Asked) -> SingleEvent:
    """Answer everything about one event; see `Result.single`."""
    at, window = position(result, event_id), asked.window
    one = result.abnormal.take(np.array([at]))
    t = inference.single_t(one, window, alternative=asked.alternative)
    sample = sample_of(one, window)
    smallest, found = _power(t, asked.alternative)
    share, cap, before = _dollars(result, one, t, asked)
    raw, parts = _parts(result, one, window)
    events = result.events.iloc[at]
    return SingleEvent(
        event_id=str(result.events.index[at]),
        ticker=str(events["ticker"]),
        window=window.label,
        day0=pd.Timestamp(result.panel.sessions[one.row[0]]),
        t=t,
        sq=inference.sq(one, window, alternative=asked.alternative),
        permutation=inference.permutation(one, window, alternative=asked.alternative),
        smallest=smallest,
        found=found,
        raw=raw,
        parts=parts,
        share=share,
        cap=cap,
        before=before,
        confounds=confounds(result, at, window, asked.news, AROUND),
        days=_sums(sample),
        n_obs=int(one.n_obs[0]),
        model=model_name(result.study.model, result.panel),
        beyond=beyond(type(result.study.model).__name__, factor_names(result)),
        estimation=result.study.windows.label,
        kind=one.kind,
        source=result.source,
        around=AROUND,
        alternative=asked.alternative,
        notes=_notes(result, at, sample, asked),
    )


def _power(t: Statistic, alternative: str) -> tuple[float, float]:
    """The smallest significant move, and the true one that is found with probability `POWER`."""
    if math.isnan(t.se):
        return math.nan, math.nan
    tail = LEVEL / 2.0 if alternative == "two-sided" else LEVEL
    found = effect_found(POWER, t.df, level=LEVEL, alternative=alternative)
    return critical("t", t.df, tail) * t.se, found * t.se


def _sums(sample: Sample) -> FloatArray:
    """What the sample quantiles compare the event with."""
    if not sample.n:
        return np.empty(0)
    return rolling(sample.estimation.series, sample.length, contiguous=False)


# ── dollars ──────────────────────────────────────────────────────────────────────────────
def _dollars(
    result: Result, one: Abnormal, t: Statistic, asked: Asked
) -> tuple[Amount, Amount, pd.Timestamp | None]:
    """The move per share and of the market capitalisation, and the session before the window."""
    panel, at = result.panel, int(one.row[0]) + asked.window.first - 1
    firm = int(one.firm[0])
    day = pd.Timestamp(panel.sessions[at]) if at >= 0 else None

    def before(name: str) -> float:
        return float(panel.fields[name][firm, at]) if at >= 0 and name in panel.fields else math.nan

    price = before("close") if asked.price is None else float(asked.price)
    cap = before("market_cap") if asked.market_cap is None else float(asked.market_cap)
    if asked.shares is not None:
        if math.isnan(price):
            raise errors.shares_without_price(panel.tickers[firm], str(day)[:10])
        cap = asked.shares * price
    lacks, where = "in dollars: the panel has no", f"of {panel.tickers[firm]} on {str(day)[:10]}"
    share = _amount(t, price, one.kind, f"No move {lacks} close {where}; give price=.")
    why = f"No move of market capitalisation {lacks} market_cap {where}; give shares= or "
    return share, _amount(t, cap, one.kind, f"{why}market_cap=."), day


def _amount(t: Statistic, base: float, kind: str, why: str) -> Amount:
    """B × CAR with B × SE; of log returns B × (exp(CAR) − 1) with B × exp(CAR) × SE."""
    if math.isnan(base):
        return Amount(why=why)
    if kind == "simple":
        low, high = (base * x for x in t.ci)
        return Amount(base * t.estimate, base * t.se, (low, high), base)
    low, high = (base * float(np.expm1(x)) for x in t.ci)
    size = base * math.exp(t.estimate)
    return Amount(base * math.expm1(t.estimate), size * t.se, (low, high), base)


# ── what the model expected ──────────────────────────────────────────────────────────────
def _parts(result: Result, one: Abnormal, window: Window) -> tuple[float, pd.Series[float]]:
    """The return over the window, and what α and each factor account for of it."""
    ar = one.abnormal[0, one.days(window)]
    if math.isnan(one.car(window)[0]):
        return math.nan, pd.Series(dtype=float)
    used = np.isfinite(ar)
    raw = float(one.actual[0, one.days(window)][used].sum())
    expected = raw - float(ar[used].sum())
    parts = _by_factor(result, one, window, used)
    if parts is None or abs(sum(parts.values()) - expected) > ROUNDING:
        kind = type(result.study.model).__name__
        return raw, pd.Series({kind: expected} if kind != "RawReturn" else {}, dtype=float)
    return raw, pd.Series(parts, dtype=float)


def _by_factor(
    result: Result, one: Abnormal, window: Window, used: BoolArray
) -> dict[str, float] | None:
    """Parameter × regressor summed over the window; None where the model has no such parts."""
    model, windows = result.study.model, result.study.windows
    placement = Placement(one.firm, one.row, np.zeros(1, dtype=np.int64))
    seen = inputs(model, result.panel, placement, windows)
    days = (int(one.row[0]) + np.array(window.days))[used]
    x, rate = _factors(seen, int(one.firm[0]), days)
    params = one.params[0]
    linear = linear_of(model)
    if linear is not None:
        design = linear.linear_design(x, seen.names, rate)
        parts = dict(zip(design.parameters, params * design.matrix.sum(axis=0), strict=True))
        if design.offset is not None:
            name = "risk-free rate" if getattr(model, "excess", False) else seen.names[0]
            parts[name] = parts.get(name, 0.0) + float(design.offset.sum())
        return parts
    columns = {"alpha": np.ones(len(days)), **dict(zip(seen.names, x.T, strict=True))}
    if not len(one.names) or not set(one.names) <= set(columns):
        return None
    weighed = zip(one.names, params.tolist(), strict=True)  # most donors have no weight
    return {name: float(b * columns[name].sum()) for name, b in weighed if b}


def _factors(seen: Inputs, firm: int, days: np.ndarray) -> tuple[FloatArray, FloatArray | None]:
    """Factors of a firm, those of its own included, and the risk-free rate on some days."""
    x = seen.factors[days].copy()
    for column, series in seen.own.items():
        x[:, column] = series[firm, days]
    return x, None if seen.risk_free is None else seen.risk_free[days]


# ── notes ────────────────────────────────────────────────────────────────────────────────
def _notes(result: Result, at: int, sample: Sample, asked: Asked) -> tuple[str, ...]:
    """What the reader of the numbers has to know."""
    found = []
    if result.events["session"].iloc[at] == "unknown":
        found.append(
            "The session of the announcement is unknown: it counts as news of the day itself, "
            "and news after the close would move the next session."
        )
    if result.abnormal.flags is not None and (said := str(result.abnormal.flags[at])):
        found.append(f"The model says: {said}.")
    if sample.n and abs(skew := sample.estimation.skewness) > SKEWED:
        found.append(
            f"The days of the estimation are skewed ({skew:+.1f}): the t law is not exact, the "
            f"sample quantiles don't assume it."
        )
    if sample.length > 1:
        found.append(_summed(result.abnormal.kind))
    if result.abnormal.kind == "log":
        found.append(
            "Returns are logarithmic: dollars are base × (exp(CAR) − 1), their standard error is "
            "base × exp(CAR) × SE, their interval that of the CAR, converted."
        )
    if result.study.windows.estimation.last > asked.window.last:
        found.append("The estimation uses days after the event.")
    return tuple(found)


def _summed(kind: str) -> str:
    if kind == "log":
        return "The return of the window is the sum of its daily log returns."
    return (
        "The return of the window is the sum of its daily returns, not compounded, and dollars "
        "are that sum × the price before the window."
    )
