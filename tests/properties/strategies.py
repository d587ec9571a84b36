"""What hypothesis draws for the study: worlds of prices, and events that lie in them.

A `Case` is what the engine sees: arrays with gaps, heavy tails and any scale. A `Story` is what
a user has: a table of events with weekends, duplicates, unknown tickers and dates beyond the
data, and a panel.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from hypothesis import assume
from hypothesis import strategies as st

import eventstudy as es
from eventstudy import engine, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Inputs, Model, Placement, Statistic, Windows
from eventstudy.report.names import is_return, is_return_itself
from eventstudy.windows import Window

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Days: TypeAlias = tuple[int, int]

#: how the events of a case lie to each other
PLACES = ("one date", "two dates", "overlapping", "anywhere")


# ── arrays ───────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, eq=False, repr=False)
class Case:
    """Events among prices, as the engine sees them."""

    #: (S, T), (T, K) and (T,)
    returns: Floats
    factors: Floats
    risk_free: Floats
    #: (N,) security and column of day 0
    firm: Ints
    row: Ints
    windows: Windows
    #: a window inside the event window
    asked: Days
    seed: int
    min_obs: int = 1
    #: (S, T) days that no estimation may use
    excluded: Bools | None = None

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """Hypothesis would print every number of a dataclass."""
        printer.text(repr(self))

    def __repr__(self) -> str:
        s, w = self.returns.shape, self.windows
        return (
            f"Case(seed={self.seed}, returns={s}, factors={len(self.names)}, firm={self.firm}, "
            f"row={self.row}, {w.estimation} {w.event}, asked={self.asked}, size={self.size:.2g}, "
            f"missing={np.isnan(self.returns).mean():.1%})"
        )

    @property
    def rng(self) -> np.random.Generator:
        """More random numbers, of this case alone."""
        return np.random.default_rng(self.seed + 1)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"f{k}" for k in range(self.factors.shape[1]))

    @property
    def model(self) -> Model:
        """A regression on all factors of the case."""
        return es.FactorModel(self.names)

    @property
    def size(self) -> float:
        """The largest return: what rounding is measured against."""
        return float(np.nanmax(np.abs(self.returns)))

    @property
    def inside(self) -> list[Days]:
        """The asked window, one of its days, and the whole event window."""
        whole = self.windows.event
        return [self.asked, (self.asked[0], self.asked[0]), (whole.first, whole.last)]

    def columns(self, window: Window) -> Ints:
        """(N, L) columns of the panel that hold ``window`` of each event."""
        return np.asarray(self.row[:, None] + np.array(window.days))

    def outcome(self, model: Model | None = None, *, missing: str = "drop") -> engine.Outcome:
        fitted = self.model if model is None else model
        k = len(fitted.needs)
        inputs = Inputs(
            self.returns, self.factors[:, :k], self.names[:k], self.risk_free, self.excluded
        )
        placement = Placement(self.firm, self.row, np.arange(len(self.firm)))
        return engine.run(
            fitted, inputs, placement, self.windows, min_obs=self.min_obs, missing=missing
        )

    def measure(self, model: Model | None = None, *, missing: str = "drop") -> Abnormal:
        """Abnormal returns of the usable events."""
        found = self.outcome(model, missing=missing)
        return found.abnormal.take(found.reason == 0)

    def kept(self, model: Model | None = None) -> Ints:
        """Positions of the usable events."""
        return np.flatnonzero(self.outcome(model).reason == 0)

    def change(self, **parts: Any) -> Case:
        return replace(self, **parts)

    def of(self, index: Ints | Bools) -> Case:
        """Some of the events."""
        return replace(self, firm=self.firm[index], row=self.row[index])

    # ── the same case as tables ──────────────────────────────────────────────────────────
    def table(self) -> pd.DataFrame:
        days = pd.bdate_range("2020-01-01", periods=self.returns.shape[1])
        ids = [f"e{i}" for i in range(len(self.firm))]
        names = [f"F{f}" for f in self.firm]
        return pd.DataFrame({"event_id": ids, "ticker": names, "date": days[self.row]})

    def panel(self, *, kind: str = "simple") -> es.Panel:
        """Made from arrays, so that returns of any scale are let in."""
        days = pd.bdate_range("2020-01-01", periods=self.returns.shape[1])
        return es.Panel(
            returns=self.returns,
            sessions=days.to_numpy().astype("datetime64[D]"),
            tickers=tuple(f"F{i}" for i in range(len(self.returns))),
            factors=self.factors,
            factor_names=self.names,
            risk_free=self.risk_free,
            market=self.names[0] if self.names else None,
            kind=kind,
        )

    def study(self, model: Model | None = None, **options: Any) -> es.EventStudy:
        return es.EventStudy(
            model=self.model if model is None else model,
            estimation=self.windows.estimation,
            window=self.windows.event,
            min_obs=self.min_obs,
            **options,
        )

    def result(self, model: Model | None = None, **options: Any) -> es.Result:
        return self.study(model, **options).run(self.table(), self.panel())


@st.composite
def cases(
    draw: st.DrawFn,
    *,
    events: tuple[int, int] = (1, 10),
    factors: tuple[int, int] = (0, 4),
    places: tuple[str, ...] = PLACES,
    gaps: tuple[float, ...] = (0.0, 0.0, 0.03, 0.15),
    scaled: bool = True,
    kept: bool = False,
) -> Case:
    """Firms with a common shock, factors, and events on one date or on several.

    ``kept`` promises one usable event: a study without any refuses to give a result.
    """
    seed = draw(st.integers(0, 2**32 - 2))
    n = draw(st.integers(*events))
    k = draw(st.integers(*factors))
    length = draw(st.integers(30, 120))
    gap = draw(st.integers(0, 4))
    first = -draw(st.integers(0, 4))
    last = first + draw(st.integers(0, 8))
    a = draw(st.integers(first, last))
    b = draw(st.integers(a, last))
    scale = 10.0 ** draw(st.integers(-6, 2)) if scaled else 0.01
    tails = draw(st.sampled_from([2, 4, 30]))
    common = draw(st.sampled_from([0.0, 0.5, 2.0]))
    missing = draw(st.sampled_from(gaps))
    place = draw(st.sampled_from(places))
    windows = Windows(Window(first - gap - length, first - gap - 1), Window(first, last))
    rng = np.random.default_rng(seed)
    begin = -windows.estimation.first
    firm, row = _placed(rng, place, n, begin, len(windows.event))
    days = int(row.max()) + max(last, 0) + 1 + int(rng.integers(0, 3))
    shocks = common * rng.standard_t(tails, days) + rng.standard_t(tails, (n, days))
    x = rng.standard_t(tails, (days, k))
    returns = rng.normal(0.1, 1.0) + rng.normal(1.0, 0.5, (n, k)) @ x.T
    returns = returns + rng.uniform(0.5, 3.0, (n, 1)) * shocks
    returns[rng.random(returns.shape) < missing] = np.nan
    made = Case(
        returns=scale * returns,
        factors=scale * x,
        risk_free=scale * np.abs(rng.normal(0.01, 0.01, days)),
        firm=firm,
        row=row,
        windows=windows,
        asked=(a, b),
        seed=seed,
    )
    assume(not kept or len(made.kept()) > 0)
    return made


def _placed(
    rng: np.random.Generator, place: str, n: int, begin: int, window: int
) -> tuple[Ints, Ints]:
    """Security and column of day 0 of ``n`` events; no two of them are the same."""
    firm = np.arange(n)
    if place == "one date":
        return firm, np.full(n, begin + 1)
    if place == "two dates":
        return firm, begin + np.where(firm % 2 == 0, 0, window + 2)
    if place == "overlapping":
        return firm, begin + firm % min(3, window)
    row = begin + rng.integers(0, 25, n)
    firm = rng.integers(0, n, n)
    keep = np.sort(np.unique(firm * 1000 + row, return_index=True)[1])
    return firm[keep], row[keep]


# ── tables ───────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, eq=False, repr=False)
class Story:
    """Events and a panel as a user gives them."""

    events: pd.DataFrame
    panel: es.Panel
    study: es.EventStudy

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        printer.text(repr(self))

    def __repr__(self) -> str:
        return f"Story({self.study}, {self.panel},\n{self.events.to_string()})"


@st.composite
def stories(
    draw: st.DrawFn,
    *,
    events: tuple[int, int] = (1, 12),
    duplicates: tuple[str, ...] = ("first", "keep"),
    exclude: bool | None = None,
) -> Story:
    """Days with holidays; events on weekends, twice, of unknown tickers, beyond the data."""
    seed = draw(st.integers(0, 2**32 - 2))
    rng = np.random.default_rng(seed)
    firms, count = draw(st.integers(1, 5)), draw(st.integers(70, 110))
    sessions = pd.bdate_range("2024-01-01", periods=count)
    sessions = sessions[rng.random(count) > draw(st.sampled_from([0.0, 0.05, 0.2]))]
    tickers = [f"F{i}" for i in range(firms)]
    market = rng.standard_t(4, len(sessions)) * 0.01
    returns = market + rng.standard_t(4, (firms, len(sessions))) * 0.02
    returns[rng.random(returns.shape) < draw(st.sampled_from([0.0, 0.03, 0.3]))] = np.nan
    frame = pd.DataFrame(returns.T, sessions, tickers).assign(SPY=market)
    own = {}
    if draw(st.booleans()):
        own = {"F0": sessions[int(rng.integers(0, len(sessions)))]}
    n = draw(st.integers(*events))
    span = (sessions[-1] - sessions[0]).days
    days = sessions[0] + pd.to_timedelta(rng.integers(-10, span + 10, n), unit="D")
    pick = rng.integers(0, n, n)  # some rows are repeated
    named = [*tickers, "SPY", "GONE"]
    table = pd.DataFrame(
        {
            "ticker": np.array(named)[rng.integers(0, len(named), n)][pick],
            "date": days[pick],
            "session": rng.choice(["before_open", "after_close", "unknown"], n)[pick],
            "size": rng.normal(size=n),
        },
        index=pd.Index([f"e{i}" for i in range(n)], name="event_id"),
    )
    timing = es.Timing(
        roll=draw(st.sampled_from(["forward", "backward", "drop"])),
        max_shift=draw(st.sampled_from([0, 1, 5])),
        duplicates=draw(st.sampled_from(duplicates)),
    )
    study = es.EventStudy(
        estimation=(-40, -6),
        window=draw(st.sampled_from([(-5, 5), (0, 0), (1, 3)])),
        missing=draw(st.sampled_from(["drop", "skip", "zero"])),
        exclude_other_events=draw(st.booleans()) if exclude is None else exclude,
        timing=timing,
    )
    panel = es.Panel.from_returns(frame, market="SPY", own_since=own)
    return Story(table, panel, study)


def day_zero(
    date: dt.date, session: str, sessions: list[dt.date], timing: es.Timing
) -> tuple[int | None, str]:
    """Column of day 0 or the reason why there is none, one event at a time (methods A.3)."""
    effective = date + dt.timedelta(days=1) if session == "after_close" else date
    if effective < sessions[0]:
        return None, "before_data"
    if effective > sessions[-1]:
        return None, "after_data"
    if timing.roll == "drop":
        found = effective if effective in sessions else None
    elif timing.roll == "backward":
        found = max(day for day in sessions if day <= effective)
    else:
        found = min(day for day in sessions if day >= effective)
    if found is None:
        return None, "not_trading_day"
    if abs((found - effective).days) > timing.max_shift:
        return None, "shift"
    return sessions.index(found), ""


# ── comparing ────────────────────────────────────────────────────────────────────────────
def ask(key: str, abnormal: Abnormal, window: Days, **options: Any) -> Statistic:
    found: Statistic = inference.resolve(key)(abnormal, window, **options)
    return found


def close(got: object, want: object, size: float = 1.0, tolerance: float = 1e-10) -> None:
    """Equal to ``tolerance``, relative or measured against ``size``; NaN where NaN."""
    np.testing.assert_allclose(
        np.asarray(got, dtype=float),
        np.asarray(want, dtype=float),
        rtol=tolerance,
        atol=tolerance * size,
    )


def same_events(one: Abnormal, two: Abnormal, size: float, tolerance: float = 1e-10) -> None:
    """The same abnormal returns, risks and standardised returns of the same events."""
    close(one.abnormal, two.abnormal, size, tolerance)
    close(one.residuals, two.residuals, size, tolerance)
    close(one.sigma, two.sigma, size, tolerance)
    close(one.dof, two.dof)
    close(one.n_obs, two.n_obs)
    whole = (one.window.first, one.window.last)
    close(one.q(whole), two.q(whole), tolerance=tolerance)
    close(one.scar(whole), two.scar(whole), size / one.sigma.min(initial=size), tolerance)


Answers: TypeAlias = dict[tuple[str, Days], Statistic]


def answers(abnormal: Abnormal, windows: list[Days], leave: tuple[str, ...] = ()) -> Answers:
    """What every test says."""
    keys = [key for key in inference.names() if key not in leave]
    return {(key, window): ask(key, abnormal, window) for key in keys for window in windows}


def same_answers(one: Answers, two: Answers, size: float, tolerance: float = 1e-9) -> None:
    """The same numbers, samples and notes; returns are measured against ``size``."""
    assert one.keys() == two.keys()
    for (key, window), a in one.items():
        b, case = two[key, window], f"{key} {window}"
        unit = 0.1 * tolerance * (size if is_return(key) else 1.0)
        got, want = [a.estimate, a.se, *a.ci], [b.estimate, b.se, *b.ci]
        np.testing.assert_allclose(got, want, tolerance, unit, err_msg=case)
        unit = 0.1 * tolerance * (size if is_return_itself(key) else 1.0)
        got = [a.statistic, a.pvalue, a.rbar, a.n_eff]
        want = [b.statistic, b.pvalue, b.rbar, b.n_eff]
        np.testing.assert_allclose(got, want, tolerance, unit, err_msg=case)
        assert (a.n, a.n_dates, a.law) == (b.n, b.n_dates, b.law), case
        # a share of 0.5125 may be shown as 0.512 or as 0.513
        assert re.sub(r"\d", "#", a.note) == re.sub(r"\d", "#", b.note), case
        np.testing.assert_allclose(a.df, b.df, tolerance, err_msg=case)


def same_statistics(
    one: Abnormal,
    two: Abnormal,
    windows: list[Days],
    size: float,
    *,
    tolerance: float = 1e-9,
    leave: tuple[str, ...] = (),
) -> None:
    """Every test says the same of both."""
    same_answers(answers(one, windows, leave), answers(two, windows, leave), size, tolerance)
