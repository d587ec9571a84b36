"""A rule tried with many entries and leavings: what the best is worth once all of them count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy.backtest.listing import chance
from eventstudy.backtest.moments import as_moment
from eventstudy.backtest.resampling import said_p
from eventstudy.backtest.rule import Rule
from eventstudy.inference._laws import LEVEL
from eventstudy.inference.validity import ENOUGH
from eventstudy.one_line import about, many
from eventstudy.report import draw_grid, percent
from eventstudy.report.cells import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Grid:
    """Every rule of a grid, and what is left of each after correction for all of them.

    Attributes
    ----------
    rule : Rule
        The rule whose entry and leaving were varied.
    table : DataFrame
        (enter, leave) → trades, clusters (of overlapping holdings), mean_net (mean net profit a
        trade), total_net, sharpe (annual, of the daily net), t (of the mean; across the clusters
        of all rules together, after Holm across its own), pvalue (two-sided), adjusted (for the
        whole grid). NaN where there is no verdict.
    clusters : int
        Clusters of all rules together: trades whose longest holdings overlap.
    correction : {"romano_wolf", "holm", ""}
        How ``adjusted`` was made; empty if no rule has a p-value.
    deflated : float
        Probability that the best rule's true Sharpe ratio is above that of the luckiest of so
        many worthless rules (Bailey and López de Prado 2014); NaN without a Sharpe ratio.
    """

    rule: Rule
    table: pd.DataFrame
    clusters: int
    correction: str
    deflated: float

    def __len__(self) -> int:
        return len(self.table)

    @property
    def best(self) -> pd.Series[Any]:
        """The row with the highest Sharpe ratio; its name is (enter, leave)."""
        ratio = self.table["sharpe"].fillna(-np.inf).to_numpy()
        return self.table.iloc[int(ratio.argmax())]

    @property
    def survivors(self) -> pd.DataFrame:
        """Rules whose mean net profit is told from luck at 5 %, after correction."""
        return self.table[self.table["adjusted"] <= 1.0 - LEVEL]

    def sentence(self) -> str:
        """Say which rule is best, and whether it can be told from luck."""
        best, many = self.best, len(self)
        enter, leave = (as_moment(m, "enter").words for m in np.asarray(best.name, dtype=object))
        of = "The only rule" if many == 1 else f"The best of {many:,} rules"
        if not np.isfinite(best["sharpe"]):
            return f"{of} makes no profit that varies: there is nothing to compare."
        said = (
            f"{of} enters at {enter} and leaves at {leave}: {percent(best['mean_net'])} net a "
            f"trade, Sharpe ratio {number(best['sharpe'])}."
        )
        if not np.isfinite(best["adjusted"]):
            few = "one cluster" if best["clusters"] == 1 else f"{best['clusters']:.0f} clusters"
            return (
                f"{said} Its trades lie in {few} of overlapping holdings: with fewer than "
                f"{ENOUGH} no verdict is possible."
            )
        return f"{said} {self._verdict(best)}"

    def _verdict(self, best: pd.Series[Any]) -> str:
        alone, after = said_p(best["pvalue"]), said_p(best["adjusted"])
        told = "it can't be told from luck"
        if best["adjusted"] <= 1.0 - LEVEL:
            told = "luck alone rarely gives as much"
            if best["mean_net"] < 0:
                told = "it loses more than bad luck explains"
        return (
            f"Alone it has {alone}, after correction for the whole grid {after} and a deflated "
            f"Sharpe ratio of {chance(self.deflated)}: {told}."
        )

    def plot(self, ax: Axes | None = None, *, title: str | None = None) -> Axes:
        """Draw the mean net profit of every rule; cells that survive correction are outlined."""
        heading = f"Mean net profit a trade, {len(self):,} rules" if title is None else title
        return draw_grid(self.table, ax=ax, title=heading, source=self._source())

    def _source(self) -> str:
        how = {"romano_wolf": "Romano–Wolf, dates drawn jointly", "holm": "Holm"}
        if not self.correction:
            return f"fewer than {ENOUGH} clusters of overlapping holdings: no verdict is possible"
        return f"outlined: below 5 % after correction for all rules ({how[self.correction]})"

    def __str__(self) -> str:
        return self.sentence()

    def __repr__(self) -> str:
        best = number(float(self.best["sharpe"])) if len(self) else ""
        kept = f"{len(self.survivors):,} survive correction"
        return about(self, many(len(self), "rule"), f"best Sharpe ratio {best}", kept)
