"""Abnormal log volume around events (methods C.7)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.activity.outcome import Activity
from eventstudy.activity.outstanding import outstanding, refuse_thousands
from eventstudy.activity.studying import Asked, Logarithms, study_logarithms
from eventstudy.arrays import FloatArray, Model
from eventstudy.panel import Panel
from eventstudy.report import Multiple
from eventstudy.study import EventStudy

#: added to the turnover in percent, so that a day without a trade has a logarithm
LEAST = 0.000255


def volume(
    events: pd.DataFrame,
    panel: Panel,
    study: EventStudy | None = None,
    *,
    shares: object = None,
    model: str | Model = "mean",
    among: Sequence[str] | None = None,
    lags: int | None = None,
) -> Activity:
    """Measure how much more than usual the firms traded around their events.

    v_it = ln(100·shares traded/shares outstanding + 0.000255), or ln(1 + shares traded) where the
    shares outstanding are not given; abnormal log volume is v_it less what the model expects. exp
    of it is a multiple of the usual volume, the geometric mean of the estimation window.

    Log volume is strongly autocorrelated and not quite normal. On a single day ranks lead (`rank`).
    For several days the forecast errors hold the autocorrelation of the residuals (C.2, ``hac``),
    which makes up for most of it in short windows and for part of it in long ones: what leads
    compares events or dates with each other, and tests that take days as independent are marked as
    not valid. One event has no valid test of more than a fifteenth of its estimation days.

    Parameters
    ----------
    events : DataFrame
        As for `EventStudy.run`.
    panel : Panel
        With the field volume, in shares: ``study.load(events, loader, fields=("volume",))``. A
        volume of zero is a day without a trade and counts; what is not known has to be missing.
    study : EventStudy, optional
        Windows, ``min_obs``, ``missing`` and timing; ``model`` takes the place of its model.
    shares : DataFrame, Series, number or "market_cap", optional
        Shares outstanding, adjusted for splits as the volume is: dates × tickers, of which each
        session takes the last number dated before it; one number a ticker; one for all; or
        market_cap over close of the session before, both fields of the panel.
    model : {"mean", "market", "others"} or Model
        The firm's own mean; the market model on v_mt, the mean of v over the firms; the same
        without the firm itself. A model of your own needs a constant and finds v_m as its market.
    among : sequence of str, optional
        The firms of v_mt. By default all tickers with a volume but the market and the factors.
    lags : int, optional
        The last lag of the autocorrelation, by default floor(4(M/100)^(2/9)); 0: none.

    Returns
    -------
    Activity
        The tables, tests, sentences and pictures of a `Result`, of abnormal log volume.

    Raises
    ------
    PanelError
        If the panel has no volume, or a negative one.
    OptionError
        If ``shares`` cannot be read or are in another unit, or an option cannot be used.

    References
    ----------
    Ajinkya and Jain (1989), Journal of Accounting and Economics 11; Campbell and Wasley (1996),
    Journal of Accounting and Economics 21.

    Examples
    --------
    >>> import eventstudy as es
    >>> events = es.events_on("2026-02-25", es.universe.MINERS, session="after_close")
    >>> study = es.EventStudy(window=(-2, 2))
    >>> panel = study.load(events, es.loaders.sample, market="SPY", fields=("volume",))
    >>> found = es.activity.volume(events, panel, study)
    >>> found.caar((0, 0))[["test", "n"]].values.tolist()
    [['rank', 13]]
    """
    if not isinstance(panel, Panel):
        raise errors.not_a_panel(type(panel).__name__)
    kind = "log volume" if shares is None else "log turnover"
    words = Multiple(
        noun=f"abnormal {kind}",
        quantity="Volume",
        kind="ln(1 + shares)" if shares is None else "ln(100·shares/outstanding + 0.000255)",
        verb="traded {size} times {its} usual volume",
        level="volume",
        note=_note(kind),
    )
    found = Logarithms(log_volume(panel, shares), words, errors.no_firms_with_volume)
    return study_logarithms(events, panel, study, found, Asked(model, among, lags))


def log_volume(panel: Panel, shares: object = None) -> FloatArray:
    """(S, T) v of every firm and session, NaN where the volume is missing or not the firm's own."""
    if "volume" not in panel.fields:
        raise errors.panel_without_volume()
    traded = np.asarray(panel.fields["volume"], dtype=np.float64)
    wrong = ~np.isnan(traded) & ~((traded >= 0) & np.isfinite(traded))
    if wrong.any():
        row, day = np.argwhere(wrong)[0]
        where = (panel.tickers[row], str(panel.sessions[day]))
        raise errors.volume_negative(*where, float(traded[row, day]))
    if shares is None:
        values = np.log1p(traded)
    else:
        turnover = traded / outstanding(shares, panel)
        refuse_thousands(turnover, panel.tickers)
        values = np.log(100.0 * turnover + LEAST)
    return values if panel.masked is None else np.where(panel.masked, np.nan, values)


def _note(kind: str) -> str:
    return (
        f"The numbers are {kind}: exp(x) times the usual volume on one day, exp(x/L) on each of L "
        f"days. It is autocorrelated: over several days forecast errors hold that, and tests that "
        f"take days as independent are not valid. It drifts, too: the p of one event alone, which "
        f"has only its own past, is too small in real volume."
    )
