"""One panel made into two: the nights, from close to open, and the days, from open to close."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from eventstudy import errors
from eventstudy.arrays import FloatArray, IntArray, Model
from eventstudy.factors import FirmFactor
from eventstudy.panel import Panel
from eventstudy.panel.halves import daytime, half_series, rest

#: a night this much smaller than the day, in the median, is that of a market without nights
EMPTY = 0.02


class Parted(NamedTuple):
    """The two panels, and the series that have no nights."""

    night: Panel
    day: Panel
    clocks: tuple[str, ...]


def parted(panel: Panel, tickers: Iterable[str], model: Model) -> Parted:
    """Make the panel of the nights and that of the days, of what a study with ``model`` reads.

    Each half has the sessions of the panel; a session without both prices is missing in both. A
    factor is parted by the open and close of its ticker. The risk-free rate is earned by the
    calendar, so all of it falls into the night.
    """
    if getattr(model, "across_gaps", False):
        raise errors.halves_across_gaps(type(model).__name__)
    nights, days = _series(panel, model)
    rows = _rows(panel, [*tickers, *nights, *_behind(model)])
    day = daytime(panel, rows)
    night = rest(np.asarray(panel.returns[rows], dtype=np.float64), day, panel)
    day[np.isnan(night)] = np.nan
    # the open of what trades around the clock is the close before
    clocks = [name for name in nights if _size(nights[name]) < EMPTY * _size(days[name])]
    return Parted(
        _panel(panel, rows, night, nights),
        _panel(panel, rows, day, days, rate=0.0),
        tuple(clocks),
    )


def _series(panel: Panel, model: Model) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Nights and days of the series that the model reads by name."""
    names = [panel.market if need == "market" else need for need in model.needs]
    named = [name for name in names if isinstance(name, str)]  # without a market the study says so
    nights, days = (
        {name: half_series(panel, name, half) for name in named} for half in ("night", "day")
    )
    return nights, days


def _size(returns: FloatArray) -> float:
    return float(np.nanmedian(np.abs(returns)))


def _behind(model: Model) -> list[str]:
    """Tickers that factors by firm are made of."""
    needs: tuple[str | FirmFactor, ...] = model.needs
    return [ticker for need in needs if not isinstance(need, str) for ticker in need.tickers]


def _rows(panel: Panel, names: list[str]) -> IntArray:
    """Rows of the panel that are read; the others are not copied."""
    found = panel.firm_codes(np.array(list(dict.fromkeys(names)), dtype=object))
    return np.unique(found[found >= 0])


def _panel(
    panel: Panel,
    rows: IntArray,
    returns: FloatArray,
    series: dict[str, FloatArray],
    *,
    rate: float = 1.0,
) -> Panel:
    """The panel of one half; factors that nobody reads are empty."""
    factors = np.full(panel.factors.shape, np.nan)
    for column, name in enumerate(panel.factor_names):
        if name in series:
            factors[:, column] = series[name]
    return replace(
        panel,
        returns=returns,
        tickers=tuple(panel.tickers[row] for row in rows.tolist()),
        factors=factors,
        risk_free=None if panel.risk_free is None else rate * panel.risk_free,
        fields={},
        masked=None if panel.masked is None else panel.masked[rows],
    )
