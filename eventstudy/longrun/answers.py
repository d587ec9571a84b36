"""From an estimate and its standard error to a `Statistic`, and a regression as people read it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from eventstudy.arrays import FloatArray, Statistic
from eventstudy.inference._laws import interval, pvalue
from eventstudy.longrun.alpha import Asked, Estimates, Series, estimate


@dataclass(frozen=True)
class Behind:
    """What stands behind a number: events, their distinct dates, and the holding window."""

    n: int
    n_dates: int
    window: str

    def t(self, name: str, found: float, se: float, df: int, note: str = "") -> Statistic:
        """``found / se`` against the t law; NaN where there is no standard error."""
        return Statistic(
            name=name,
            estimate=found,
            se=se,
            statistic=found / se,
            law="t",
            df=float(df),
            pvalue=pvalue("t", found / se, df, "two-sided"),
            ci=interval(found, se, "t", df, "two-sided"),
            n=self.n,
            n_dates=self.n_dates,
            window=self.window,
            note=note,
        )


@dataclass(frozen=True, eq=False)
class Regressed:
    """A regression of the portfolio.

    Attributes
    ----------
    alpha : Statistic
        α, the return a period that the factors do not explain; ``n`` events on ``n_dates`` dates.
    table : DataFrame
        Term (alpha, then the factors) → estimate, se, statistic, pvalue, ci_low, ci_high.
    df : int
        Periods less parameters.
    r2 : float
        Share of the variance that the factors explain; NaN without factors.
    errors : str
        Which standard errors, in words.
    """

    alpha: Statistic
    table: pd.DataFrame
    df: int
    r2: float
    errors: str
    #: (p,)
    coef: FloatArray

    @classmethod
    def of(cls, series: Series, asked: Asked, behind: Behind) -> Regressed:
        """Regress the portfolio and name the numbers."""
        found = estimate(series, asked)
        alpha = behind.t("alpha", float(found.coef[0]), float(found.se[0]), found.df, found.note)
        return cls(alpha, _table(found), found.df, found.r2, asked.words(len(series.y)), found.coef)


def _table(found: Estimates) -> pd.DataFrame:
    columns = {
        "estimate": found.coef,
        "se": found.se,
        "statistic": found.statistic,
        "pvalue": found.pvalue,
        "ci_low": found.low,
        "ci_high": found.high,
    }
    return pd.DataFrame(columns, index=pd.Index(found.names, name="term"))
