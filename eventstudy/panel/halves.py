"""The two halves of a session: the night from close to open, the day from open to close."""

from __future__ import annotations

import numpy as np

from eventstudy import errors
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.panel.panel import Panel

#: the halves, in the order in which they pass
HALVES = ("night", "day")
#: a close this far from its open, the same way on most sessions of a stretch, is no price of the
#: same kind
APART, STRETCH = 0.2, 20


def daytime(panel: Panel, firms: IntArray | None = None) -> FloatArray:
    """(n, T) returns from open to close, of the panel's kind: close / open − 1, or its logarithm.

    Open and close of one session are as traded, so that splits and dividends cancel.

    Parameters
    ----------
    panel : Panel
        With the fields open and close.
    firms : (n,) array of int, optional
        Rows of the panel; all by default. Only these are read.

    Returns
    -------
    array
        NaN where either price is missing or not positive.

    Raises
    ------
    eventstudy.errors.PanelError
        Where a field is missing, or open and close are not of one kind.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.date_range("2026-02-25", periods=2)
    >>> opens, closes = [[pd.DataFrame({"IREN": p}, days)] for p in ([50.0, 52.0], [51.0, 49.4])]
    >>> fields = {"open": opens[0], "close": closes[0]}
    >>> panel = Panel.from_prices(closes[0], fields=fields)
    >>> daytime(panel).round(4).tolist(), overnight(panel).round(4).tolist()
    ([[0.02, -0.05]], [[nan, 0.0196]])
    """
    for name in ("open", "close"):
        if name not in panel.fields:
            raise errors.halves_without_field(name, tuple(panel.fields))
    rows: IntArray | slice = slice(None) if firms is None else firms
    opened, closed = (
        np.asarray(panel.fields[name][rows], dtype=np.float64) for name in ("open", "close")
    )
    known = (opened > 0) & (closed > 0)
    ratio = np.divide(closed, opened, out=np.full(closed.shape, np.nan), where=known)
    _refuse_other_prices(ratio, panel, rows)
    return np.asarray(np.log(ratio) if panel.kind == "log" else ratio - 1.0)


def overnight(panel: Panel, firms: IntArray | None = None) -> FloatArray:
    """(n, T) returns from the close before to the open: what the day leaves of the return R.

    (1 + R) / (1 + day) − 1 of simple returns, R − day of log returns. Dividends and splits fall
    into the night, as they do at the exchange.

    Parameters
    ----------
    panel : Panel
        With the fields open and close.
    firms : (n,) array of int, optional
        Rows of the panel; all by default.

    Returns
    -------
    array
        NaN where the return or either price is missing.
    """
    rows: IntArray | slice = slice(None) if firms is None else firms
    return rest(np.asarray(panel.returns[rows], dtype=np.float64), daytime(panel, firms), panel)


def half_series(panel: Panel, name: str, half: str) -> FloatArray:
    """(T,) night or day of a series of the panel that has an open and a close.

    The two make up ``panel.series(name)``. A factor is a ticker's when it bears its name.

    Raises
    ------
    eventstudy.errors.PanelError
        Where there is no such series, or none of its sessions has both prices.
    """
    if half not in HALVES:
        raise errors.unknown_option("half", half, HALVES)
    whole = np.asarray(panel.series(name), dtype=np.float64)
    row = panel.firm_codes([name])
    day = daytime(panel, row)[0] if row[0] >= 0 else np.full(len(whole), np.nan)
    if not np.isfinite(day).any():
        raise errors.halves_of_no_ticker(name)
    return day if half == "day" else rest(whole, day, panel)


def rest(whole: FloatArray, part: FloatArray, panel: Panel) -> FloatArray:
    """What one half leaves of a return; the inverse of compounding the two."""
    if panel.kind == "log":
        return whole - part
    return np.asarray((1.0 + whole) / (1.0 + part) - 1.0)


def _refuse_other_prices(ratio: FloatArray, panel: Panel, rows: IntArray | slice) -> None:
    """Refuse a close that is adjusted beside an open that is not.

    A close may lie a fifth above its open on a wild day, but not on most days of a stretch of 20
    sessions. Stretches catch a split that lies far back or was only just made.
    """
    starts = np.arange(0, ratio.shape[1], STRETCH)
    if not ratio.size:
        return
    known = np.add.reduceat(np.isfinite(ratio), starts, axis=1, dtype=np.int64)
    for far in (ratio > 1.0 + APART, ratio < 1.0 / (1.0 + APART)):
        count = np.add.reduceat(far, starts, axis=1, dtype=np.int64)
        wrong = (2 * count > known) & (known >= STRETCH // 2)
        if wrong.any():
            row, part = (int(x) for x in np.argwhere(wrong)[0])
            ticker = np.asarray(panel.tickers, dtype=object)[rows][row]
            median = float(np.nanmedian(ratio[row, starts[part] :][:STRETCH])) - 1.0
            raise errors.halves_of_other_prices(ticker, str(panel.sessions[starts[part]]), median)
