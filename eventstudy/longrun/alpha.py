"""The alpha of a portfolio: least squares through time, and its standard errors (C.6, M.13)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy import errors
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.cross_section.fitting import LeastSquares, least_squares, r_squared
from eventstudy.cross_section.sandwich import HETEROSKEDASTIC, heteroskedastic
from eventstudy.inference._answer import ZERO
from eventstudy.inference._laws import NAN, check, interval, pvalue
from eventstudy.windows import is_whole

HAC = "HAC"
ERRORS = ("OLS", *HETEROSKEDASTIC, HAC)
GAPS = ("closed", "open")
#: smallest singular value, against the largest, with columns of unit length (A.5)
COLLINEAR = 1e-10
ALONE = "a period has a factor to itself, so that HC2 and HC3 do not exist"


@dataclass(frozen=True)
class Asked:
    """Which standard errors; unknown options are refused here.

    Parameters
    ----------
    se : {"OLS", "HC0", "HC1", "HC2", "HC3", "HAC"}
        "HAC" is Newey and West's.
    lags : int, optional
        Lags of HAC; floor(4·(n/100)^(2/9)) of n periods if left out.
    gaps : {"closed", "open"}
        Whether periods on either side of a gap are neighbours, for HAC.
    small_sample : bool
        Whether the covariance of HAC is multiplied by n/(n − p).
    wls : bool
        Whether a period weighs as many as it has members: its row is multiplied by √n_c.
    """

    se: str = "HC1"
    lags: int | None = None
    gaps: str = "closed"
    small_sample: bool = False
    wls: bool = False

    def __post_init__(self) -> None:
        check("se", self.se, ERRORS)
        check("gaps", self.gaps, GAPS)
        if self.se != HAC:
            usual = Asked(HAC)
            for option in ("lags", "gaps", "small_sample"):
                if getattr(self, option) != getattr(usual, option):
                    raise errors.option_without_lags(option, self.se)

    def lags_of(self, periods: int) -> int:
        """Lags of Newey and West over so many periods."""
        if self.lags is None:
            return int(4.0 * (periods / 100.0) ** (2.0 / 9.0))
        if not is_whole(self.lags) or not 0 <= self.lags < periods:
            raise errors.lags_unusable(self.lags, periods)
        return int(self.lags)

    def words(self, periods: int) -> str:
        """Name the standard errors."""
        said = self.se
        if self.se == HAC:
            lags = self.lags_of(periods)
            said = f"Newey–West, {lags} lag{'' if lags == 1 else 's'}"
        return said + (", WLS by members" if self.wls else "")


@dataclass(frozen=True, eq=False)
class Series:
    """What is regressed: n periods, p parameters, the alpha first."""

    y: FloatArray
    x: FloatArray
    names: tuple[str, ...]
    #: (n,) members, and the number of each period in the calendar
    members: IntArray
    period: IntArray


@dataclass(frozen=True, eq=False)
class Estimates:
    """The coefficients, the alpha first: (p,) arrays, NaN where nothing can be said."""

    names: tuple[str, ...]
    coef: FloatArray
    se: FloatArray
    statistic: FloatArray
    pvalue: FloatArray
    low: FloatArray
    high: FloatArray
    df: int
    r2: float
    note: str


def collinear(x: FloatArray) -> bool:
    """Whether the columns of a design are linearly dependent to rounding."""
    size = np.linalg.norm(x, axis=0)
    if not (size > 0).all():
        return True
    values = np.linalg.svd(x / size, compute_uv=False)
    return bool(values[-1] < COLLINEAR * values[0])


def estimate(series: Series, asked: Asked) -> Estimates:
    """Regress, and refer each coefficient to the t law with n − p degrees of freedom."""
    weights = series.members.astype(np.float64) if asked.wls else None
    fit = least_squares(series.x, series.y, weights)
    variance = np.diag(_covariance(fit, asked, series.period))
    # what rounding leaves of residuals that are zero is no standard error
    least = 1e-12 * (np.abs(fit.rows) @ np.abs(fit.y))
    with np.errstate(invalid="ignore"):
        se = np.sqrt(variance)
        se = np.where(se > least, se, np.nan)
    df, t = fit.n - fit.k, fit.coef / se
    p = [pvalue("t", x, df, "two-sided") for x in t.tolist()]
    ends = [
        interval(c, s, "t", df, "two-sided")
        for c, s in zip(fit.coef.tolist(), se.tolist(), strict=True)
    ]
    low, high = np.array(ends).T
    note = "" if np.isfinite(se[0]) else ZERO if np.isfinite(variance[0]) else ALONE
    r2 = r_squared(series.x, fit, weights) if fit.k > 1 else NAN
    return Estimates(series.names, fit.coef, se, t, np.array(p), low, high, df, r2, note)


def _covariance(fit: LeastSquares, asked: Asked, period: IntArray) -> FloatArray:
    """(p, p) covariance of the coefficients."""
    if asked.se == "OLS":
        return float(fit.residuals @ fit.residuals) / (fit.n - fit.k) * fit.inverse
    if asked.se == HAC:
        found = newey_west(fit, asked.lags_of(fit.n), period if asked.gaps == "open" else None)
        return found * (fit.n / (fit.n - fit.k) if asked.small_sample else 1.0)
    return heteroskedastic(fit, asked.se)


def newey_west(fit: LeastSquares, lags: int, period: IntArray | None) -> FloatArray:
    """(p, p) Γ_0 + Σ_l (1 − l/(lags + 1))(Γ_l + Γ_l'), Γ_l = Σ_c s_c s'_{c−l}, s_c = c_c û_c.

    With (n,) ``period`` the lag l is counted in the calendar, else in the periods that are there.
    Newey and West 1987, Econometrica 55.
    """
    scores = fit.rows * fit.residuals
    if period is not None:
        spread = np.zeros((fit.k, int(period[-1] - period[0]) + 1))
        spread[:, period - period[0]] = scores
        scores = spread
    total = scores @ scores.T
    for lag in range(1, min(lags, scores.shape[1] - 1) + 1):
        cross = scores[:, lag:] @ scores[:, :-lag].T
        total += (1.0 - lag / (lags + 1.0)) * (cross + cross.T)
    return np.asarray(total)
