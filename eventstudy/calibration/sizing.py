"""Calibration: the same events on placebo dates, with and without a planted effect."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import engine, inference
from eventstudy.abnormal import Abnormal
from eventstudy.calibration.asking import Answers
from eventstudy.calibration.given import seen_by
from eventstudy.calibration.outcome import Calibration, Setting
from eventstudy.calibration.plan import Plan, hull
from eventstudy.calibration.rates import rates_table
from eventstudy.events import check_events
from eventstudy.inference._sample import sample_of
from eventstudy.panel import Panel
from eventstudy.placebo import Placebos, admissible, measure, placebo_dates
from eventstudy.progress import steps
from eventstudy.result import Result
from eventstudy.result.findings import factor_names
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.study import EventStudy


def calibrate(study: EventStudy, events: pd.DataFrame, panel: Panel, plan: Plan) -> Calibration:
    """Measure size and power of every test on placebo dates.

    Dates are drawn once, every firm and session that came up is estimated once, and each draw is
    a selection of these; a planted effect shifts the abnormal returns of one day and leaves the
    estimation, and all that tests keep of it, as it is.

    Parameters
    ----------
    study, events, panel
        What `EventStudy.run` takes.
    plan : Plan
        The options of `EventStudy.calibrate`.
    """
    windows, tests = plan.tested(study.windows.event), plan.asked
    strata = plan.strata_of(panel, study.windows)
    result = study.run(events, panel)
    seen, true = seen_by(study, check_events(events), panel)
    need = engine.required_days(study.model, study.windows, study.min_obs)
    tested = hull(windows)
    allowed = admissible(seen, study.windows, tested, need, true)
    own = (result.abnormal.firm, result.abnormal.row)
    placebos = placebo_dates(own, allowed, tested, plan.draws, strata=strata, rng=plan.rng)
    answers = Answers.empty(tests, windows, plan.planted, plan.day, len(placebos))
    batches = measure(
        study.model, seen, study.windows, placebos, min_obs=study.min_obs, missing=study.missing
    )
    drawn = steps(chain.from_iterable(batches), "Placebo draws", len(placebos))
    for d, abnormal in enumerate(drawn):
        answers.hear(d, abnormal)
    kept = result.abnormal.take(placebos.kept)
    valid = {w.label: inference.valid(kept, w).valid for w in windows}
    settings = {w.label: _setting(result, kept, placebos, w, plan) for w in windows}
    return Calibration(rates_table(answers, plan.shares, valid), settings, dict(answers.silent))


def _setting(
    result: Result, kept: Abnormal, placebos: Placebos, window: Window, plan: Plan
) -> Setting:
    """Everything the summary says about the sample."""
    verdict, found = inference.valid(kept, window), inference.correlation(kept, window)
    out = np.setdiff1d(np.arange(len(result.abnormal)), placebos.kept)
    used, name = ", ".join(factor_names(result)), type(result.study.model).__name__
    return Setting(
        model=f"{name} ({used})" if used else name,
        estimation=result.study.windows.label,
        window=result.study.windows.event.label,
        events=len(kept),
        firms=len(np.unique(kept.firm)),
        dates=len(np.unique(kept.row)),
        kind=verdict.kind,
        lead=verdict.lead,
        limit=verdict.limit,
        rbar=found.rbar,
        n_eff=found.n_eff,
        skewness=sample_of(kept, window).estimation.skewness,
        left_out=tuple(result.events.index[out].astype(str)),
        sessions=placebos.sessions,
        chains=placebos.chains,
        draws=len(placebos),
        day=plan.day,
        strata=plan.strata,
        source=result.source,
    )
