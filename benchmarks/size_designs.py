"""Simulated studies without any effect: twelve correlated firms on one date, or on several.

The market model is estimated on 120 days, daily residual standard deviations run from 2 to 5 %,
and any two firms of one date have the same correlation. The events of a design go through the
package's engine, some hundred draws at a time; a draw is a part of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from eventstudy import engine
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Inputs, Placement, Windows
from eventstudy.models import MarketModel
from eventstudy.windows import Window

Floats = npt.NDArray[np.float64]

FIRMS, DAYS = 12, 120
SIGMA = np.linspace(0.02, 0.05, FIRMS)
#: draws that share a market path
BATCH = 100


def shocks(shape: tuple[int, int, int], rho: float, tails: str, rng: np.random.Generator) -> Floats:
    """(draws, firms, days) errors of unit variance with correlation ``rho`` between firms."""
    draws, firms, days = shape
    if tails == "t4":
        common: Floats = rng.standard_t(4, (draws, 1, days)) / np.sqrt(2.0)
        own = rng.standard_t(4, (draws, firms, days)) / np.sqrt(2.0)
    else:
        common = rng.standard_normal((draws, 1, days))
        own = rng.standard_normal((draws, firms, days))
    return np.asarray(np.sqrt(rho) * common + np.sqrt(1.0 - rho) * own)


def one_date(
    draws: int, rho: float, scale: float, tails: str, seed: int, limit: float | None = None
) -> Iterator[Abnormal]:
    """Studies of twelve firms on one date; ``scale`` multiplies the variance of the event day.

    With ``limit`` only the common part of the event day grows, until the correlation is that.
    """
    rng = np.random.default_rng(seed)
    windows = Windows(Window(-DAYS, -1), Window(0, 0))
    for begin in range(0, draws, BATCH):
        some = min(BATCH, draws - begin)
        e = shocks((some, FIRMS, DAYS + 1), rho, tails, rng)
        e[..., -1] *= np.sqrt(scale)
        if limit is not None:
            e[..., -1] = _grown(some, rho, limit, rng)
        panel = (SIGMA[:, None] * e).reshape(some * FIRMS, -1)
        market = 0.01 * rng.standard_normal(DAYS + 1)
        firm = np.arange(len(panel))
        found = _fit(panel, market, firm, np.full(len(panel), DAYS), windows)
        for d in range(some):
            yield _part(found, slice(d * FIRMS, (d + 1) * FIRMS))


def _grown(draws: int, rho: float, limit: float, rng: np.random.Generator) -> Floats:
    """(draws, firms) event-day errors whose common variance grew: a/(a + 1 − ρ) = ``limit``."""
    a = limit * (1.0 - rho) / (1.0 - limit)
    common = np.sqrt(a) * rng.standard_normal((draws, 1))
    return np.asarray(common + np.sqrt(1.0 - rho) * rng.standard_normal((draws, FIRMS)))


def several_dates(draws: int, dates: int, kind: str, seed: int) -> Iterator[Abnormal]:
    """Twelve firms on each of some dates far apart, ρ = .3, a window of three days."""
    rng = np.random.default_rng(seed)
    windows = Windows(Window(-DAYS - 1, -2), Window(-1, 1))
    span = DAYS + 3
    for begin in range(0, draws, BATCH):
        some = min(BATCH, draws - begin)
        e = shocks((some * dates, FIRMS, span), 0.3, "normal", rng)
        if kind == "doubled":
            e[..., -3:] *= np.sqrt(2.0)
        blocks = (SIGMA[:, None] * e).reshape(some, dates, FIRMS, span)
        panel = blocks.transpose(0, 2, 1, 3).reshape(some * FIRMS, dates * span)
        market = 0.01 * rng.standard_normal(dates * span)
        firm = np.repeat(np.arange(some * FIRMS), dates)
        row = np.tile(np.arange(dates) * span + DAYS + 1, some * FIRMS)
        found = _fit(panel, market, firm, row, windows)
        for d in range(some):
            yield _part(found, slice(d * FIRMS * dates, (d + 1) * FIRMS * dates))


def _fit(
    panel: Floats,
    market: Floats,
    firm: npt.NDArray[np.int64],
    row: npt.NDArray[np.int64],
    windows: Windows,
) -> Abnormal:
    inputs = Inputs(np.ascontiguousarray(panel), market[:, None], ("market",))
    placement = Placement(firm, row, np.arange(len(firm)))
    return engine.run(MarketModel(), inputs, placement, windows).abnormal


def _part(found: Abnormal, events: slice) -> Abnormal:
    """One draw, with its residuals made at once and its own designs only."""
    part = found.take(np.arange(events.start, events.stop))
    used, design = np.unique(part.design, return_inverse=True)
    return replace(part, root=part.root[used], design=design)


def shifted(found: Abnormal, effect: float) -> Abnormal:
    """The same study with an effect on every event day: the estimation stays as it is."""
    return replace(found, abnormal=found.abnormal + effect, _memo={})
