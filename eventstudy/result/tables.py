"""The tables of a result, from the arrays of its events.

Each table's index and columns are the ones of docs/architecture.md; numbers stay numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from eventstudy import inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import DateArray, FloatArray, Reason, Statistic
from eventstudy.inference._laws import check
from eventstudy.inference._limits import lacking
from eventstudy.inference._pairs_windows import share
from eventstudy.inference._sample import sample_of
from eventstudy.inference.multiple import CORRECTIONS, adjust_pvalues
from eventstudy.windows import Window

CAAR_COLUMNS = (
    "estimate",
    "ci_low",
    "ci_high",
    "test",
    "statistic",
    "pvalue",
    "n",
    "n_dates",
    "rbar",
    "n_eff",
    "note",
)


@dataclass(frozen=True)
class Answer:
    """The leading valid answer over one window."""

    window: Window
    #: which tests are valid here, and why the others are not
    verdict: inference.Verdict
    #: the mean CAR of the sample, and the number of its events
    estimate: float
    n: int
    #: the test whose p-value leads, and the valid test on the scale of returns
    lead: Statistic
    interval: Statistic

    @property
    def own_mean(self) -> bool:
        """Whether the interval is around another mean: that of the complete firms, for instance."""
        return bool(abs(self.interval.estimate - self.estimate) > 1e-12 * abs(self.estimate))

    @property
    def note(self) -> str:
        """What the reader of the row has to know."""
        notes = [self.lead.note]
        if self.lead.name != self.interval.name:
            around = ", around its own mean" if self.own_mean else ""
            notes += [f"interval: {self.interval.name}{around}", self.interval.note]
        return "; ".join(dict.fromkeys(text for text in notes if text))


def answer(abnormal: Abnormal, window: Window) -> Answer:
    """Ask the leading valid test, and the valid test that has an interval for the CAAR."""

    def make() -> Answer:
        verdict = inference.valid(abnormal, window)
        lead = interval = _asked(verdict, verdict.lead, abnormal, window)
        if verdict.interval != verdict.lead:
            interval = _asked(verdict, verdict.interval, abnormal, window)
        cars = sample_of(abnormal, window).cars
        estimate = cars.mean if cars.n else float("nan")
        return Answer(window, verdict, estimate, cars.n, lead, interval)

    found: Answer = abnormal.memo(("answer", window), make)
    return found


def _asked(verdict: inference.Verdict, key: str, abnormal: Abnormal, window: Window) -> Statistic:
    """Ask a test; without its numbers where it leads only because no test is valid."""
    found = inference.resolve(key)(abnormal, window)
    if key in verdict.valid or np.isnan(found.statistic):
        return found
    nan = float("nan")
    silent = replace(found, se=nan, statistic=nan, pvalue=nan, ci=(nan, nan))
    return replace(silent, rbar=nan, n_eff=nan, note=verdict.why[key])


def caar_table(abnormal: Abnormal, windows: Iterable[Window]) -> pd.DataFrame:
    """One row a window: CAAR, its interval, and the leading valid test."""
    windows = list(windows)
    share(abnormal, windows)
    rows = []
    for window in windows:
        a = answer(abnormal, window)
        low, high = a.interval.ci
        rbar, n_eff = _dependence(abnormal, a)
        note = "; ".join(filter(None, (a.note, _left_out(abnormal, a.n))))
        test = (a.lead.name, a.lead.statistic, a.lead.pvalue)
        sample = (a.n, a.lead.n_dates, rbar, n_eff)
        rows.append((a.estimate, low, high, *test, *sample, note))
    index = pd.Index([w.label for w in windows], name="window", dtype="str")
    return pd.DataFrame(rows, index=index, columns=list(CAAR_COLUMNS))


def _dependence(abnormal: Abnormal, a: Answer) -> tuple[float, float]:
    """Mean residual correlation and effective number of events."""
    if np.isfinite(a.lead.rbar) or a.n < 2:
        return a.lead.rbar, a.lead.n_eff
    if lacking(sample_of(abnormal, a.window)):
        return float("nan"), float("nan")
    found = inference.correlation(abnormal, a.window)
    return found.rbar, found.n_eff


def _left_out(abnormal: Abnormal, n: int) -> str:
    gone = len(abnormal) - n
    why = Reason.MISSING_IN_WINDOW
    return f"{gone} without a return on a day of the window ({why})" if gone else ""


def tests_table(
    abnormal: Abnormal, windows: Iterable[Window], names: Sequence[str]
) -> pd.DataFrame:
    """One row a window and test, the valid ones first."""
    windows = list(windows)
    share(abnormal, windows)
    rows = []
    for window in windows:
        verdict = inference.valid(abnormal, window)
        leading = [verdict.lead, verdict.interval]
        order = [*dict.fromkeys(k for k in leading if k in names)]
        order += [k for k in names if k not in order]
        for key in sorted(order, key=lambda k: k not in verdict.valid):
            s = inference.resolve(key)(abnormal, window)
            valid = key in verdict.valid
            # a test that gave no number has said why already
            silent = valid or (s.note and np.isnan(s.statistic))
            said = (s.note, "" if silent else verdict.why.get(key, ""))
            note = "; ".join(filter(None, said))
            numbers = (s.estimate, s.se, s.statistic, s.law, s.df, s.pvalue, s.n)
            rows.append((window.label, s.name, *numbers, valid, note))
    columns = ("window", "test", "estimate", "se", "statistic", "law", "df", "pvalue", "n")
    return pd.DataFrame(rows, columns=[*columns, "valid", "note"])


def corrected(table: pd.DataFrame, correct: str) -> pd.DataFrame:
    """A table of tests with p-values adjusted for the windows of each test (D.22)."""
    check("correct", correct, CORRECTIONS)
    families = table.groupby("test", sort=False)["pvalue"]
    adjusted = families.transform(lambda p: adjust_pvalues(p.to_numpy(), correct))
    table.insert(list(table.columns).index("pvalue") + 1, "pvalue_adjusted", adjusted)
    return table


def aar_table(abnormal: Abnormal) -> pd.DataFrame:
    """One row an event day: AAR and CAAR with the errors of the leading valid tests."""
    rows = []
    days = [Window(day, day) for day in abnormal.window.days]
    share(abnormal, [*days, *_so_far(abnormal)])
    for day, until in zip(days, _so_far(abnormal), strict=True):
        one, so_far = answer(abnormal, day), answer(abnormal, until)
        cumulated = (so_far.estimate, so_far.interval.se)
        rows.append((one.estimate, one.interval.se, one.n, *cumulated, one.lead.pvalue))
    columns = ["aar", "se", "n", "caar", "caar_se", "pvalue"]
    return pd.DataFrame(rows, index=_days(abnormal.window), columns=columns)


def path_table(abnormal: Abnormal) -> pd.DataFrame:
    """CAAR from the first day of the event window, with its valid 95 % band."""
    rows = []
    share(abnormal, _so_far(abnormal))
    for window in _so_far(abnormal):
        a = answer(abnormal, window)
        rows.append((a.estimate, *a.interval.ci, a.n))
    columns = ["caar", "low", "high", "n"]
    return pd.DataFrame(rows, index=_days(abnormal.window), columns=columns)


def _so_far(abnormal: Abnormal) -> list[Window]:
    """Windows from the first day of the event window to each of its days."""
    return [Window(abnormal.window.first, day) for day in abnormal.window.days]


def estimates_table(abnormal: Abnormal, events: pd.DataFrame, sessions: DateArray) -> pd.DataFrame:
    """One row an event: what the model estimated."""
    table = pd.DataFrame({"ticker": events["ticker"].to_numpy()}, index=events.index)
    table["day0"] = sessions[abnormal.row].astype("datetime64[s]")
    if "alpha" not in abnormal.names:
        table["alpha"] = np.nan
    for k, name in enumerate(abnormal.names):
        table[name] = abnormal.params[:, k]
    table["sigma"] = abnormal.sigma
    table["r2"] = abnormal.r2
    table["n_obs"] = abnormal.n_obs.astype(np.int64)
    table["dof"] = abnormal.dof.astype(np.int64)
    return table


def daily_table(values: FloatArray, events: pd.DataFrame, window: Window) -> pd.DataFrame:
    """One row an event, one column an event day."""
    return pd.DataFrame(values, index=events.index, columns=_days(window))


def tidy_table(abnormal: Abnormal, events: pd.DataFrame, sessions: DateArray) -> pd.DataFrame:
    """One row an event and day: session, return, expected, ar, car."""
    n, days = abnormal.abnormal.shape
    day = np.array(abnormal.window.days)
    at = abnormal.row[:, None] + day
    first = abnormal.window.first
    car = np.cumsum(abnormal.abnormal, axis=1)
    if abnormal.missing != "drop":
        car = np.column_stack([abnormal.car(Window(first, d)) for d in abnormal.window.days])
    return pd.DataFrame(
        {
            "event_id": np.repeat(events.index.to_numpy(), days),
            "ticker": np.repeat(events["ticker"].to_numpy(), days),
            "day": np.tile(day, n),
            "date": sessions[at].ravel().astype("datetime64[s]"),
            "return": abnormal.actual.ravel(),
            "expected": abnormal.expected.ravel(),
            "ar": abnormal.abnormal.ravel(),
            "car": car.ravel(),
        }
    )


def bars_table(abnormal: Abnormal, events: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Each ticker's mean CAR over a window with its 95 % interval.

    The interval is mean ± t·√(Σ σ²Q)/n with the smallest ν of the ticker's events: the forecast
    error of each event (methods C.2, D.1), events of one ticker taken as independent.
    """
    frame = pd.DataFrame(
        {
            "car": abnormal.car(window),
            "variance": abnormal.sigma**2 * abnormal.q(window),
            "dof": abnormal.dof,
            "ticker": events["ticker"].to_numpy(),
        }
    ).dropna(subset=["car"])
    grouped = frame.groupby("ticker", sort=False)
    n = grouped["car"].size()
    mean = grouped["car"].mean()
    critical = stdtrit(grouped["dof"].min(), 0.975)
    reach = critical * np.sqrt(grouped["variance"].sum()) / n
    table = pd.DataFrame({"estimate": mean, "low": mean - reach, "high": mean + reach, "n": n})
    return table.sort_values("estimate", ascending=False)


def _days(window: Window) -> pd.Index:
    return pd.Index(list(window.days), name="day")
