"""Abnormal volatility around events: which measure, and what it is asked with (methods C.8)."""

from __future__ import annotations

from typing import Any, Literal, overload

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.activity.outcome import Activity
from eventstudy.activity.ranges import FIELDS, study_ranges
from eventstudy.activity.variance_outcome import Volatility
from eventstudy.inference._laws import check
from eventstudy.inference._resampling import SEED, check_draws, generator
from eventstudy.models import GarchMarketModel
from eventstudy.panel import Panel
from eventstudy.study import EventStudy

#: draws of placebo windows where events have several dates
DRAWS = 1999
#: what may be asked of each measure
OPTIONS = {
    "squared": ("log", "draws", "rng"),
    "garch": ("draws", "rng"),
    **dict.fromkeys(FIELDS, ("model", "among", "lags")),
}


@overload
def volatility(
    events: pd.DataFrame,
    panel: Panel,
    study: EventStudy | None = None,
    *,
    measure: Literal["squared", "garch"] = "squared",
    **options: Any,  # noqa: ANN401  (each measure names its own)
) -> Volatility: ...


@overload
def volatility(
    events: pd.DataFrame,
    panel: Panel,
    study: EventStudy | None = None,
    *,
    measure: Literal["parkinson", "garman_klass"],
    **options: Any,  # noqa: ANN401  (each measure names its own)
) -> Activity: ...


@overload
def volatility(
    events: pd.DataFrame,
    panel: Panel,
    study: EventStudy | None = None,
    *,
    measure: str,
    **options: Any,  # noqa: ANN401  (each measure names its own)
) -> Volatility | Activity: ...


def volatility(
    events: pd.DataFrame,
    panel: Panel,
    study: EventStudy | None = None,
    *,
    measure: str = "squared",
    **options: Any,
) -> Volatility | Activity:
    """Measure how much more volatile than usual the firms were around their events.

    ``"squared"``: U_it = AR²/(σ̂²C), the squared abnormal return over its forecast variance, and
    AVOL_t, its mean over the events. With ``log=True`` the mean of ln U, less that of the
    estimation days.

    ``"garch"``: λ_t = 1/(N−1) Σ_i (N ε_it − Σ_j ε_jt)²/(N(N−2)ĥ_it + Σ_j ĥ_jt), the spread of the
    N ≥ 3 events about their common move over the variances ĥ that a GARCH model forecasts, and
    CAV(W) = Σ_W λ_t − L.

    ``"parkinson"``, ``"garman_klass"``: the logarithm of the variance of each day from its range,
    (ln H/L)²/(4 ln 2) or ½(ln H/L)² − (2 ln 2 − 1)(ln C/O)², studied as log volume is. What is
    found is a multiple of the usual variance, the geometric mean of the estimation window.

    The laws of U and λ (F, χ²) are those of independent events with normal returns, and reject
    far too often without these. What leads is the same measure in placebo windows of the
    estimation days, whole cross-sections at a time; with six clusters of dates or more the t of
    the clusters' mean ln U, less that of their estimation days. `Volatility.tests` shows all and
    says why the others are not valid.

    Parameters
    ----------
    events : DataFrame
        As for `EventStudy.run`.
    panel : Panel
        As for `EventStudy.run`; for the ranges with fields:
        ``study.load(events, loader, fields=("open", "high", "low", "close"))``. A day with high =
        low has no logarithm and is missing, counted in a note.
    study : EventStudy, optional
        The design. Its model gives the abnormal returns; for ``"garch"`` it has to forecast the
        variance of the event days, as `GarchMarketModel` does, which is the default there. For
        the ranges ``model`` takes the place of its model.
    measure : {"squared", "garch", "parkinson", "garman_klass"}
        What is measured.
    **options
        ``log`` (bool, of squared); ``draws`` and ``rng`` (of squared and garch): of the placebo
        windows where events have several dates, by default 1,999 and 0; of one date all windows
        are taken. Of the ranges ``model`` ("mean": the firm's own; "market": on the mean of all
        firms; "others": without the firm itself; or a model), ``among`` (the firms of that mean)
        and ``lags`` (last lag of the autocorrelation), as for `volume`.

    Returns
    -------
    Volatility or Activity
        Of squared and garch ``daily``, ``cav()``, ``tests()``, ``test()``, ``by_event``,
        ``where()``, ``by()``, ``sentence()``, ``summary()``, ``plot()``; of the ranges everything
        that a `Result` has.

    Raises
    ------
    ModelError
        If the model of the study forecasts no variance and λ is asked for.
    PanelError
        If the panel lacks the fields of a range.
    OptionError
        If an option is not known.

    Notes
    -----
    Other events of a firm in its estimation window make usual days look more volatile:
    ``EventStudy(exclude_other_events=True)`` leaves them out. Where the events share dates or
    firms are correlated, λ is below 1 on usual days, and ``ratio`` is what tells.

    References
    ----------
    Beaver (1968), Journal of Accounting Research 6 (supplement); Landsman and Maydew (2002),
    Journal of Accounting Research 40; Balaban and Constantinou (2006), European Journal of
    Finance 12; Białkowski, Gottschalk and Wisniewski (2008), Journal of Banking and Finance 32;
    Parkinson (1980) and Garman and Klass (1980), Journal of Business 53.

    Examples
    --------
    >>> import eventstudy as es
    >>> events = es.events_on("2026-02-25", es.universe.MINERS, session="after_close")
    >>> study = es.EventStudy(window=(-2, 2))
    >>> panel = study.load(events, es.loaders.sample, market="SPY")
    >>> found = es.activity.volatility(events, panel, study)
    >>> found.cav((0, 0), (0, 1))[["test", "n"]].values.tolist()
    [['placebo', 13], ['placebo', 13]]
    """
    check("measure", measure, tuple(OPTIONS))
    for option in options:
        if option not in OPTIONS[measure]:
            raise errors.volatility_option(option, measure, OPTIONS[measure])
    if not isinstance(panel, Panel):
        raise errors.not_a_panel(type(panel).__name__)
    if not (study is None or isinstance(study, EventStudy)):
        raise errors.not_a_study(type(study).__name__)
    if measure in FIELDS:
        return study_ranges(events, panel, study or EventStudy(), measure, **options)
    if study is None:
        study = EventStudy(model=GarchMarketModel()) if measure == "garch" else EventStudy()
    log = options.get("log", False)
    if not isinstance(log, (bool, np.bool_)):
        raise errors.unknown_option("log", log, (False, True))
    draws, rng = check_draws(options.get("draws", DRAWS)), options.get("rng", SEED)
    generator(rng)  # refuses what is no seed
    result = study.run(events, panel)
    if measure == "garch" and result.abnormal.variance is None:
        raise errors.volatility_without_forecast(type(study.model).__name__)
    return Volatility(result, measure, bool(log), draws, rng)
