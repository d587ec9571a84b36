"""The library's answer and the loop's, and whether they are the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import oracle
from oracle import Answer, Study, Window
from oracle_models import MODELS
from oracle_worlds import ESTIMATION, EVENT_WINDOW, GAPS, MIN_OBS, panel_of, world_of

import eventstudy as es


def measured(model: str, gaps: str, place: str) -> tuple[es.Result, Study]:
    """The library's study and the loop's."""
    holes, missing = GAPS[gaps]
    world, twin = world_of(place, holes), MODELS[model]
    options: dict[str, Any] = {
        "estimation": ESTIMATION,
        "window": EVENT_WINDOW,
        "min_obs": MIN_OBS,
        "missing": missing,
    }
    study = es.EventStudy(model=twin.ours, **options)
    result = study.run(world.table(), panel_of(place, holes, twin.total, twin.prices))
    setup = oracle.Setup(model=twin.theirs, **options)
    return result, twin.loop(world, setup, result)


def close(got: object, want: object, rtol: float = 1e-10, case: str = "") -> None:
    np.testing.assert_allclose(
        np.asarray(got, dtype=float),
        np.asarray(want, dtype=float),
        rtol=rtol,
        atol=1e-12,
        err_msg=case,
    )


def same_events(result: es.Result, expected: Study) -> None:
    """The same events are kept, and the others lost for the same reasons."""
    kept = [f"e{event.number}" for event in expected.events]
    assert list(result.events.index) == kept
    reasons = {f"e{k}": why for k, why in sorted(expected.dropped.items())}
    assert result.dropped["reason"].to_dict() == reasons


def same_measures(
    result: es.Result, expected: Study, windows: Sequence[Window], rtol: float = 1e-10
) -> None:
    """Parameters, σ, daily paths, and sums over windows of every event."""
    events, found = expected.events, result.abnormal
    for name in ("sigma", "dof", "n_obs", "params", "residuals", "expected"):
        close(getattr(found, name), [getattr(e, name) for e in events], rtol, name)
    close(result.ar, [e.ar for e in events], rtol, "ar")
    for w in windows:
        for name in ("car", "scar", "bhar"):
            ours = getattr(result, name)(w).iloc[:, 0]
            close(ours, [getattr(e, name)(w) for e in events], rtol, f"{name} {w}")


def same_answer(got: es.Statistic, want: Answer, case: str, rtol: float = 1e-10) -> None:
    """Statistic, p-value, law, degrees of freedom, estimate; NaN only with a note."""
    assert got.n == want.n, case
    close(got.statistic, want.statistic, rtol, case)
    close(got.pvalue, want.pvalue, 10 * rtol, case)
    if math.isnan(got.statistic):
        assert got.note, case
        return
    assert got.law == want.law, case
    for name in ("df", "estimate", "se"):
        if math.isfinite(value := getattr(want, name)):
            close(getattr(got, name), value, rtol, f"{case}: {name}")
