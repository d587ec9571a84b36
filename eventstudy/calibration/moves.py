"""The moves that upcoming events will be held against, and past reactions beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from eventstudy import inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.inference.quantiles import reach_of_each
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.result import Result

#: interval tests of `inference.valid` that know their standard error before the event
KNOWN_BEFORE = frozenset(("single_t", "portfolio_t"))

#: past reactions by ticker, or by date and group
Reactions: TypeAlias = Mapping[Any, FloatArray]


@dataclass(frozen=True, eq=False)
class Ahead:
    """Upcoming events, and those that have happened."""

    #: fitted, with abnormal returns of zero
    abnormal: Abnormal
    events: pd.DataFrame
    #: the expected day 0 of each
    dates: pd.DatetimeIndex
    record: Result | None
    window: Window

    def past_of(self, firm: int) -> FloatArray:
        """Reactions of a security to the events of the record."""
        if self.record is None:
            return np.empty(0)
        past = self.record.abnormal
        car = past.car(self.window)[past.firm == firm]
        return np.asarray(car[np.isfinite(car)])

    def past_means(self, firms: IntArray) -> FloatArray:
        """Mean reaction of these securities on each past date that half of them share."""
        if self.record is None:
            return np.empty(0)
        past = self.record.abnormal
        car = pd.Series(past.car(self.window), index=past.row)
        mine = car[np.isin(past.firm, firms)].dropna().groupby(level=0)
        return np.asarray(mine.mean()[2 * mine.size() >= len(firms)], dtype=float)


def of_tickers(ahead: Ahead) -> tuple[pd.DataFrame, Reactions]:
    """One row an upcoming event: the thresholds of one event, and its past."""
    abnormal, w = ahead.abnormal, ahead.window
    names = ahead.events["ticker"].astype(str)
    table = pd.DataFrame(
        {
            "ticker": names,
            "date": ahead.dates,
            "sigma": abnormal.sigma,
            "n_obs": abnormal.n_obs.astype(int),
            "move": reach_of_each(abnormal, w),
            "move_t": stdtrit(abnormal.dof, 0.975) * abnormal.sigma * np.sqrt(abnormal.q(w)),
        },
        index=ahead.events.index,
    )
    once = {int(firm): ahead.past_of(int(firm)) for firm in np.unique(abnormal.firm)}
    pasts = [once[firm] for firm in abnormal.firm.tolist()]
    return table.join(_against(table["move"], pasts)), dict(zip(names, pasts, strict=True))


def of_groups(ahead: Ahead, labels: pd.Series[Any]) -> tuple[pd.DataFrame, Reactions]:
    """One row an upcoming date and group: the threshold of its mean, and its past."""
    rows, index, pasts = [], [], []
    for date in ahead.dates.unique().sort_values():
        for label in sorted(labels[ahead.dates == date].unique()):
            inside: BoolArray = np.asarray((ahead.dates == date) & (labels == label).to_numpy())
            rows.append(_of_group(ahead.abnormal.take(inside), ahead.window))
            index.append((date, label))
            pasts.append(ahead.past_means(np.unique(ahead.abnormal.firm[inside])))
    columns = ["n", "rbar", "n_eff", "test", "move", "note"]
    at = pd.MultiIndex.from_tuples(index, names=["date", "group"])
    table = pd.DataFrame(rows, index=at, columns=columns)
    return table.join(_against(table["move"], pasts)), dict(zip(index, pasts, strict=True))


def _of_group(part: Abnormal, window: Window) -> tuple[object, ...]:
    """Size, correlation, and the test, threshold and note of a mean.

    Where the interval on the day will rest on the spread of the reactions, the sample quantiles
    of the firms' mean residual are asked instead.
    """
    near = inference.correlation(part, window)
    test = inference.valid(part, window).interval
    found = inference.resolve(test)(part, window)
    if test in KNOWN_BEFORE:
        move, note = inference.detectable(part, window), found.note
    else:
        found, why = inference.sq(part, window), inference.portfolio_t(part, window).note
        test, move = "sq", found.ci[1]
        note = "; ".join(filter(None, (f"no portfolio t: {why}", found.note)))
    return len(np.unique(part.firm)), near.rbar, near.n_eff, test, move, note


def _against(move: pd.Series[Any], pasts: list[FloatArray]) -> pd.DataFrame:
    """Where a reaction of ``move`` stands among past ones, by absolute size."""
    sizes = [np.abs(past) for past in pasts]
    beyond = [int((s >= m).sum()) for s, m in zip(sizes, move, strict=True)]
    return pd.DataFrame(
        {
            "past": [len(s) for s in sizes],
            "typical": [float(np.median(s)) if len(s) else np.nan for s in sizes],
            "largest": [float(s.max()) if len(s) else np.nan for s in sizes],
            "beyond": beyond,
            "rank": [b + 1 if len(s) else pd.NA for b, s in zip(beyond, sizes, strict=True)],
        },
        index=move.index,
    ).astype({"rank": "Int64"})
