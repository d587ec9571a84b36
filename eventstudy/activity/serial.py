"""Days that follow each other are alike: forecast errors that know it (methods C.2, ``hac``)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eventstudy import errors
from eventstudy.abnormal import ROWS, Abnormal
from eventstudy.arrays import FloatArray
from eventstudy.result import Result
from eventstudy.windows import is_whole


def remembering(result: Result, lags: int | None = None) -> Result:
    """Give the forecast errors of a result the autocorrelation of the residuals.

    S²_CAR = σ̂²(1'Γ1 + ‖Σ_W root‖²) with Γ the Toeplitz matrix of the weights below, over the days
    of W: L in Q = L + … becomes L + 2 Σ_k (L − k)·w_k·ρ̂_k.

    Parameters
    ----------
    result : Result
        With the days of its events (``store="full"``).
    lags : int, optional
        The last lag K; by default floor(4(M/100)^(2/9)) for the M estimation days of each event.

    Raises
    ------
    OptionError
        If ``lags`` is no whole number from 0 up, or reaches the estimation window's length.

    References
    ----------
    Newey and West (1987), Econometrica 55.
    """
    days = len(result.abnormal.estimation)
    if lags is not None and not (is_whole(lags) and 0 <= lags < days):
        raise errors.lags_outside(lags, days)
    found = weights(result.abnormal, lags)
    return replace(result, abnormal=result.abnormal.changed(serial=found, _memo={}))


def weights(abnormal: Abnormal, lags: int | None = None) -> FloatArray:
    """(N, K) Bartlett-weighted autocorrelations (1 − k/(K+1))·ρ̂_k of the residuals, k = 1 … K.

    ρ̂_k = Σ e_t e_{t−k} / Σ e_t² over the estimation window: k counts sessions, days that are not
    valid add nothing. Γ is then positive semi-definite.
    """
    last = last_lags(abnormal.n_obs) if lags is None else np.full(len(abnormal), lags)
    width = int(last.max(initial=0))
    lag = np.arange(1, width + 1)
    found = np.zeros((len(abnormal), width))
    for a in range(0, len(abnormal), ROWS):
        rows = slice(a, a + ROWS)
        found[rows] = autocorrelations(abnormal.paths.residuals(abnormal.path[rows]), width)
    return np.asarray(found * np.clip(1.0 - lag / (last[:, None] + 1.0), 0.0, None))


def last_lags(n_obs: FloatArray) -> FloatArray:
    """floor(4(M/100)^(2/9)): the usual last lag for M days.

    >>> last_lags(np.array([60.0, 100.0, 240.0])).tolist()
    [3.0, 4.0, 4.0]
    """
    return np.asarray(np.floor(4.0 * (n_obs / 100.0) ** (2.0 / 9.0)))


def autocorrelations(residuals: FloatArray, last: int) -> FloatArray:
    """(n, last) ρ̂_1 … ρ̂_last of each row.

    >>> autocorrelations(np.array([[1.0, 1.0, np.nan, -1.0]]), 2).round(3).tolist()
    [[0.333, -0.333]]
    """
    e = np.nan_to_num(residuals)
    total = np.einsum("nt,nt->n", e, e)
    found = np.empty((len(e), last))
    for k in range(1, last + 1):
        found[:, k - 1] = np.einsum("nt,nt->n", e[:, k:], e[:, :-k]) / total
    return found
