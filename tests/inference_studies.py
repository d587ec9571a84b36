"""Abnormal returns for the tests of inference, by a regression for each event: slow and plain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import StoredPaths
from eventstudy.windows import Window

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def measure(
    panel: Floats,
    market: Floats | None,
    firm: Sequence[int] | Ints,
    row: Sequence[int] | Ints,
    *,
    estimation: tuple[int, int] = (-60, -11),
    window: tuple[int, int] = (-5, 5),
    missing: str = "drop",
) -> Abnormal:
    """Market model (mean model without a market) of the events ``firm`` at ``row``.

    ``panel`` is (S, T), ``market`` (T,). Events on one date share a design as long as they
    miss no day, as those of the engine do; here each simply has its own.
    """
    found = [
        _one(panel[f], market, r, Window(*estimation), Window(*window))
        for f, r in zip(firm, row, strict=True)
    ]
    parts = {name: np.array([event[name] for event in found]) for name in found[0]}
    n = len(found)
    return Abnormal(
        estimation=Window(*estimation),
        window=Window(*window),
        names=("alpha",) if market is None else ("alpha", "market"),
        r2=np.zeros(n),
        row=np.array(row),
        firm=np.array(firm),
        design=np.arange(n),
        abnormal=parts["abnormal"],
        sigma=parts["sigma"],
        dof=parts["dof"],
        n_obs=parts["n_obs"],
        params=parts["params"],
        root=parts["root"],
        paths=StoredPaths(parts["residuals"], parts["actual"], parts["expected"]),
        path=np.arange(n),
        missing=missing,
    )


def _one(
    returns: Floats, market: Floats | None, row: int, estimation: Window, window: Window
) -> dict[str, Floats | float]:
    x = np.ones((len(returns), 1))
    if market is not None:
        x = np.column_stack([x, market])
    before = slice(row + estimation.first, row + estimation.last + 1)
    during = slice(row + window.first, row + window.last + 1)
    used = np.isfinite(returns[before])
    q, r = np.linalg.qr(x[before][used])
    params = np.linalg.solve(r, q.T @ returns[before][used])
    residuals = returns[before] - x[before] @ params
    dof = float(used.sum() - x.shape[1])
    return {
        "residuals": residuals,
        "abnormal": returns[during] - x[during] @ params,
        "actual": returns[during],
        "expected": x[during] @ params,
        "params": params,
        "sigma": float(np.sqrt(np.nansum(residuals**2) / dof)),
        "dof": dof,
        "n_obs": float(used.sum()),
        "root": x[during] @ np.linalg.inv(r),
    }


def world(
    firms: int = 6, days: int = 200, *, gaps: float = 0.0, seed: int = 0, common: float = 0.7
) -> tuple[Floats, Floats]:
    """(firms, days) returns with a common shock and (days,) market returns."""
    rng = np.random.default_rng(seed)
    market = 0.01 * rng.standard_normal(days)
    risk = 0.02 * rng.uniform(0.5, 1.5, (firms, 1))
    shocks = common * rng.standard_normal(days) + rng.standard_normal((firms, days))
    panel = 0.001 + market + risk * shocks
    panel[rng.random(panel.shape) < gaps] = np.nan
    return panel, market
