"""The same rule on random dates: what chance alone would have earned (methods D.19)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy.arrays import FloatArray
from eventstudy.backtest.asking import refuse_memory
from eventstudy.backtest.clusters import Clusters
from eventstudy.backtest.filling import fill
from eventstudy.backtest.metrics import sharpe_ratio
from eventstudy.backtest.outcome import Backtest
from eventstudy.backtest.redating import dates_for, mean_net, movable, redrawn
from eventstudy.backtest.resampling import said_p
from eventstudy.backtest.trading import Plan
from eventstudy.backtest.trying import cut
from eventstudy.inference._laws import LEVEL
from eventstudy.inference._resampling import Rng, check_draws, share
from eventstudy.inference.validity import ENOUGH
from eventstudy.one_line import about, many
from eventstudy.report import draw_chance, percent
from eventstudy.report.cells import number
from eventstudy.report.cells import pvalue as write_p

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: figures that are compared, in the order of the table
COMPARED = ("sharpe", "mean_net")


@dataclass(frozen=True, eq=False, repr=False)
class Chance:
    """A backtest among the same rule on placebo dates.

    Attributes
    ----------
    table : DataFrame
        ``sharpe`` (annual, of the daily net) and ``mean_net`` (mean net profit a trade) →
        observed, greater, less, two-sided (p-values), mean, low, high (mean and central 95 % of
        the draws).
    sharpe, net : (draws,) arrays
        Both figures of every draw.
    trades : int
        True trades that are compared.
    clusters : int
        Clusters of overlapping holdings among them.
    chains, sessions : int
        Chains of dates that move as one, and sessions the dates were drawn from.
    left_out : tuple of str
        Events that were asked for and have no placebo dates.

    Examples
    --------
    >>> import eventstudy as es
    >>> days = pd.bdate_range("2023-01-02", periods=300)
    >>> returns = pd.DataFrame({"AAA": np.random.default_rng(0).normal(0, 0.02, 300)}, days)
    >>> events = pd.DataFrame({"ticker": "AAA", "date": days[10:290:20]})
    >>> found = es.Rule(costs=0).run(events, es.Panel.from_returns(returns)).placebo(199)
    >>> len(found), found.chains, found.pvalue
    (199, 14, 0.535)
    """

    table: pd.DataFrame
    sharpe: FloatArray
    net: FloatArray
    trades: int
    clusters: int
    chains: int
    sessions: int
    left_out: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.sharpe)

    @property
    def pvalue(self) -> float:
        """One-sided p-value of the Sharpe ratio: share of draws that do as well, itself counted."""
        return float(self.table["greater"]["sharpe"])

    def sentence(self) -> str:
        """Say how many draws do as well as the true dates, and what that means."""
        row = self.table.loc["sharpe"]
        if not np.isfinite(row["observed"]):
            return "The daily profit on the true dates does not vary: there is nothing to compare."
        if not np.isfinite(row["mean"]):
            return "The rule trades on none of the random dates: there is nothing to compare."
        beyond = row["greater"] <= 1.0 - LEVEL
        told = "chance alone rarely does as well" if beyond else "random dates may do as well"
        if row["less"] <= (1.0 - LEVEL) / 2.0:
            told = "chance alone rarely does as badly"
        said = (
            f"On {len(self):,} random draws of dates the same rule has a mean Sharpe ratio "
            f"of {number(row['mean'])} and earns {percent(self.table['mean']['mean_net'])} net a "
            f"trade; on the true dates {number(row['observed'])} and "
            f"{percent(self.table['observed']['mean_net'])} ({said_p(row['greater'])}, "
            f"one-sided): {told}."
        )
        return " ".join([said, *self._doubts()])

    def _doubts(self) -> Iterator[str]:
        if self.clusters < ENOUGH:
            where = "one cluster" if self.clusters == 1 else f"{self.clusters} clusters"
            yield (
                f"The trades lie in {where} of overlapping holdings: whatever else happened on "
                f"so few dates would look the same."
            )
        if self.left_out:
            many = len(self.left_out)
            yield f"{many:,} event{'s' if many > 1 else ''} without placebo dates stayed out."

    def plot(self, ax: Axes | None = None, *, title: str | None = None) -> Axes:
        """Draw the Sharpe ratios of the draws, with the true one."""
        heading = "Sharpe ratio on random dates" if title is None else title
        observed = float(self.table["observed"]["sharpe"])
        return draw_chance(self.sharpe, observed, pvalue=self.pvalue, ax=ax, title=heading)

    def __str__(self) -> str:
        return self.sentence()

    def __repr__(self) -> str:
        best = number(float(self.table["observed"]["sharpe"]))
        p = write_p(self.pvalue, 2)
        return about(self, f"Sharpe ratio {best}", f"p {p}", many(len(self), "placebo draw"))


def placebo(backtest: Backtest, draws: int, strata: int | None, rng: Rng) -> Chance:
    """Run the rule of a backtest on placebo dates; see `Backtest.placebo`."""
    count, table = check_draws(draws), backtest.asked.table
    refuse_memory(backtest.rule, table, backtest.asked.orders, backtest.panel)
    orders = movable(backtest.rule, backtest.panel, backtest.asked.orders)
    weighed = backtest.rule.weight == "inverse_sigma"
    # windows of the drawn dates would mask nearly every day, those of the true ones are no news
    study = replace(backtest.study, exclude_other_events=False)
    plan = Plan(backtest.rule, backtest.panel, study, weighed)
    placebos = dates_for(plan, orders, count, strata, rng)
    kept = cut(orders, placebos.kept)
    own = fill(plan.rule, plan.panel, kept).book
    observed = np.array([float(sharpe_ratio(own.daily_net)), mean_net(own.net)])
    drawn = np.concatenate(list(redrawn(plan, kept, table.iloc[kept.event], placebos)))
    out = np.setdiff1d(np.arange(len(orders)), placebos.kept)
    return Chance(
        table=_table(observed, drawn),
        sharpe=drawn[:, 0],
        net=drawn[:, 1],
        trades=len(own),
        clusters=len(Clusters.of(own)),
        chains=placebos.chains,
        sessions=placebos.sessions,
        left_out=tuple(table.index[orders.event[out]].astype(str)),
    )


def _table(observed: FloatArray, drawn: FloatArray) -> pd.DataFrame:
    """Figure → observed, p-values, and what the draws look like.

    Two-sided is twice the smaller of both sides: the draws need not lie about zero.
    """
    rows = []
    for k, value in enumerate(observed):
        known = drawn[np.isfinite(drawn[:, k]), k]
        greater, less = (
            share(drawn[:, k], value, side) if np.isfinite(value) else np.nan
            for side in ("greater", "less")
        )
        low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (np.nan, np.nan)
        both = min(1.0, 2.0 * min(greater, less))
        mean = known.mean() if len(known) else np.nan
        rows.append((value, greater, less, both, mean, low, high))
    columns = ["observed", "greater", "less", "two-sided", "mean", "low", "high"]
    return pd.DataFrame(rows, index=pd.Index(COMPARED, name="figure"), columns=columns)
