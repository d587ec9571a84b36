"""A small simulated study for the examples in docstrings."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import StoredPaths
from eventstudy.windows import Window


def example(dates: int = 1, firms: int = 8) -> Abnormal:
    """``firms`` companies on each of ``dates`` dates, mean-adjusted, with an effect on day 0.

    Firms share a common shock (correlation about .4), earn 3 % on day 0 and differ in risk.
    Dates lie 200 sessions apart.

    >>> len(example(dates=3))
    24
    """
    rng = np.random.default_rng(0)
    estimation, window = Window(-120, -11), Window(-5, 5)
    n, before, after = dates * firms, len(estimation), len(window)
    size = before + after
    common = np.repeat(rng.normal(size=(dates, size)), firms, axis=0)
    shocks = 0.65 * common + 0.75 * rng.normal(size=(n, size))
    returns = 0.02 * rng.uniform(0.5, 1.5, size=(n, 1)) * shocks
    returns[:, before - window.first] += 0.03
    mean = returns[:, :before].mean(axis=1, keepdims=True)
    residuals = returns[:, :before] - mean
    return Abnormal(
        estimation=estimation,
        window=window,
        abnormal=returns[:, before:] - mean,
        sigma=residuals.std(axis=1) * np.sqrt(before / (before - 1)),
        dof=np.full(n, before - 1.0),
        n_obs=np.full(n, float(before)),
        params=mean,
        names=("alpha",),
        r2=np.zeros(n),
        row=200 * (1 + np.arange(n) // firms),
        firm=np.arange(n) % firms,
        root=np.full((1, after, 1), before**-0.5),
        design=np.zeros(n, dtype=np.int64),
        paths=StoredPaths(residuals, returns[:, before:], np.repeat(mean, after, axis=1)),
        path=np.arange(n),
    )
