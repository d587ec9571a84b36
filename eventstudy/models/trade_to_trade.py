"""The market model for prices with days without a trade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstudy.arrays import Block, BoolArray, Fit, FloatArray
from eventstudy.models.least_squares import operators
from eventstudy.models.linear import sigma_of
from eventstudy.models.masked import cleaned, fit_rows
from eventstudy.one_line import call


@dataclass(frozen=True)
class TradeToTrade:
    """The market model on returns from trade to trade: R = α·d + β·ΣRm + ε, Var ε = d·σ².

    R is the log return since the last trade, d sessions ago, and ΣRm the market's over the same
    sessions. Divided by √d all days have the variance σ²: R/√d is regressed on √d and ΣRm/√d
    without a constant, over the sessions with a trade; AR = R − α̂·d − β̂·ΣRm, ν = M − 2. The
    residuals are those of the regression, that is divided by √d.

    A return over several sessions is no abnormal return of the day on which it is observed, so
    it has no AR. A window that holds all its sessions counts it in the CAR, with d times the
    variance; one that the gap reaches into from before has no CAR, nor has one that ends without
    a trade (unless ``missing="skip"``). The estimation leaves out a return that covers a session
    of the event window, or one that is excluded. Without gaps all numbers are those of
    `MarketModel`.

    The panel has to keep the returns since the last trade:
    ``Panel.from_prices(prices, kind="log", across_gaps=True)``, with prices missing (not
    repeated) on days without a trade; `EventStudy.load` asks for it by itself.

    Parameters
    ----------
    market : str
        Name of the factor; "market" is the market of the panel.

    References
    ----------
    Maynes and Rumsey (1993), Journal of Banking and Finance 17.

    Examples
    --------
    >>> import eventstudy as es
    >>> study = es.EventStudy(model=TradeToTrade())
    >>> events = es.events_on("2026-02-25", ["IREN", "HUT"], session="after_close")
    >>> panel = study.load(events, es.loaders.sample, market="SPY", kind="log")
    >>> list(study.run(events, panel).estimates.columns[2:5])
    ['alpha', 'SPY', 'sigma']
    """

    market: str = "market"
    #: the panel's returns since the last trade are what the model sees
    across_gaps: ClassVar[bool] = True
    n_params: ClassVar[int] = 2

    __repr__ = call

    @property
    def needs(self) -> tuple[str, ...]:
        """The sessions that each return covers, and the market over the same sessions."""
        return ("days", self.market)

    def fit(self, block: Block) -> Fit:
        """Fit by weighted least squares on the sessions with a trade."""
        n = len(block.returns)
        x = np.broadcast_to(block.factors, (n, *block.factors.shape[-2:]))
        root_d = np.sqrt(x[..., 0])
        scaled, returns = x / root_d[..., None], block.returns / root_d
        past = block.estimation
        ops = operators(scaled, np.zeros(returns.shape), past, block.event)
        own = block.valid[:, past] & ~_reaches(block, x[..., 0])[:, past]
        y, valid = cleaned(ops, np.arange(n), returns[:, past], own)
        found = fit_rows(ops, np.arange(n), y, valid)
        expected = np.einsum("nlp,np->nl", x, found.params)
        residuals = (block.returns - expected) / root_d
        sigma, dof = sigma_of(found.squares, found.count, 2)
        days = x[:, block.event, 0]
        traded = np.isfinite(block.returns[:, block.event])
        wide = traded & (days > 1)
        return Fit(
            residuals=np.where(valid, residuals[:, past], np.nan),
            abnormal=np.where(wide, np.nan, (block.returns - expected)[:, block.event]),
            expected=expected[:, block.event],
            params=found.params,
            names=("alpha", block.names[1]),
            sigma=sigma,
            dof=dof,
            root=found.root * root_d[:, block.event, None],
            common=False,
            variance=np.where(wide, days, 1.0),
            bridged=np.where(wide, (block.returns - expected)[:, block.event], np.nan),
            covers=np.where(wide, days, np.nan),
        )


def _reaches(block: Block, covers: FloatArray) -> BoolArray:
    """(n, L) returns with a session that no estimation may see among those they cover.

    That is one of the event window, of another event's that is left out, or of a hole between
    two intervals: the first trade after it still holds what happened then.
    """
    n, length = block.returns.shape
    closed = np.zeros((n, length + 1), dtype=np.int64)
    closed[:, 1:][:, block.event] = 1
    if block.excluded is not None:
        closed[:, 1:] |= block.excluded
    total = closed.cumsum(axis=1)
    covered = np.where(np.isfinite(covers), covers, 1.0).astype(np.int64)
    first = np.maximum(np.arange(1, length + 1) - covered, 0)
    return np.asarray(total[:, 1:] > np.take_along_axis(total, first, axis=1))
