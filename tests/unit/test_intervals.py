"""An estimation of several intervals equals the plain loop that leaves out the days between."""

from __future__ import annotations

from typing import Any

import numpy as np
import oracle
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.arrays import Block, Fit
from eventstudy.windows import as_intervals

S, T = 9, 320
SESSIONS = pd.bdate_range("2024-01-02", periods=T)
WINDOW = (-3, 4)
BEFORE_AND_AFTER = [(-90, -41), (-30, -11), (15, 60)]
ONLY_BEFORE = [(-90, -41), (-30, -11)]
ONLY_AFTER = [(20, 90)]


class Slow:
    """The market model as a user's own model: the engine hands it blocks."""

    needs = ("market",)

    def fit(self, block: Block) -> Fit:
        return es.MarketModel().fit(block)


def world(gaps: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    market = rng.normal(0, 0.01, T)
    returns = market * rng.uniform(0.5, 1.5, (S, 1)) + rng.standard_t(4, (S, T)) * 0.02
    returns[rng.random((S, T)) < gaps] = np.nan
    return returns, market


def study_of(
    intervals: Any, model: Any, gaps: float, days: list[int]
) -> tuple[es.Result, oracle.Study]:
    returns, market = world(gaps)
    firms, rows = np.tile(np.arange(S), len(days)), np.repeat(days, S)
    frame = pd.DataFrame(returns.T, SESSIONS, [f"F{i}" for i in range(S)]).assign(SPY=market)
    events = pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(len(rows))],
            "ticker": [f"F{i}" for i in firms],
            "date": SESSIONS[rows],
        }
    )
    study = es.EventStudy(model=model, estimation=intervals, window=WINDOW, min_obs=40)
    result = study.run(events, es.Panel.from_returns(frame, market="SPY"))
    hull = (intervals[0][0], intervals[-1][1])
    used = {day for a, b in intervals for day in range(a, b + 1)}
    holes = frozenset(set(range(hull[0], hull[1] + 1)) - used)
    setup = oracle.Setup(estimation=hull, window=WINDOW, min_obs=40, holes=holes)
    data = oracle.Data(returns, market[:, None])
    return result, oracle.run(data, firms.tolist(), rows.tolist(), setup)


def close(got: object, want: object) -> None:
    np.testing.assert_allclose(
        np.asarray(got, dtype=float), np.asarray(want, dtype=float), rtol=1e-10, atol=1e-12
    )


@pytest.mark.parametrize("gaps", [0.0, 0.05])
@pytest.mark.parametrize("model", [es.MarketModel(), Slow()], ids=["engine", "block"])
@pytest.mark.parametrize("intervals", [BEFORE_AND_AFTER, ONLY_BEFORE, ONLY_AFTER])
def test_equals_the_loop(intervals: list[tuple[int, int]], model: Any, gaps: float) -> None:
    result, expected = study_of(intervals, model, gaps, [95, 180, 290])  # the last: data end
    assert list(result.events.index) == [f"e{e.number}" for e in expected.events]
    reasons = {f"e{k}": why for k, why in expected.dropped.items()}
    assert result.dropped["reason"].to_dict() == reasons
    found = result.abnormal
    close(found.params, [e.params for e in expected.events])
    close(found.sigma, [e.sigma for e in expected.events])
    close(found.n_obs, [e.n_obs for e in expected.events])
    close(found.residuals, [e.residuals for e in expected.events])
    close(result.ar, [e.ar for e in expected.events])
    for w in ((0, 0), (-1, 1), WINDOW):
        close(result.scar(w).iloc[:, 0], [e.scar(w) for e in expected.events])
        close(result.bhar(w).iloc[:, 0], [e.bhar(w) for e in expected.events])
        for key, loop in (
            ("adj_bmp", oracle.adj_bmp),
            ("rank", oracle.rank),
            ("ts_t", oracle.ts_t),
            ("gen_sign", oracle.gen_sign),
        ):
            got, want = result.test(key, w), loop(expected, w)
            close([got.statistic, got.pvalue], [want.statistic, want.pvalue])


@pytest.mark.parametrize("day", [50, 180, 290])
def test_a_crowded_date_with_windows_beyond_the_data(day: int) -> None:
    """Seventy firms of one date are cut out together where all days lie inside the data."""
    rng = np.random.default_rng(3)
    market = rng.normal(0, 0.01, T)
    frame = pd.DataFrame(market[:, None] + rng.normal(0, 0.02, (T, 70)), SESSIONS)
    frame = frame.rename(columns=lambda k: f"F{k}").assign(SPY=market)
    events = es.events_on(SESSIONS[day], [f"F{k}" for k in range(70)])
    panel = es.Panel.from_returns(frame, market="SPY")
    ours, slow = (
        es.EventStudy(model, estimation=BEFORE_AND_AFTER, window=WINDOW, min_obs=40).run(
            events, panel
        )
        for model in (es.MarketModel(), Slow())
    )
    assert set(ours.abnormal.n_obs) == {{50: 46 + 20 + 10, 180: 116, 290: 70 + 15}[day]}
    close(ours.ar, slow.ar)
    close(ours.abnormal.residuals, slow.abnormal.residuals)


def test_portfolio_of_one_date() -> None:
    result, expected = study_of(BEFORE_AND_AFTER, es.MarketModel(), 0.0, [180])
    got, want = result.test("portfolio_t", (-1, 1)), oracle.portfolio_t(expected, (-1, 1))
    close([got.statistic, got.df, got.pvalue], [want.statistic, want.df, want.pvalue])


def test_the_summary_says_that_later_days_were_used() -> None:
    later, _ = study_of(BEFORE_AND_AFTER, es.MarketModel(), 0.0, [180])
    before, _ = study_of(ONLY_BEFORE, es.MarketModel(), 0.0, [180])
    said = "The estimation ([-90,-41] and [-30,-11] and [+15,+60]) uses days after the event"
    assert any(note.startswith(said) for note in later.notes)
    assert not any("after the event" in note for note in before.notes)
    assert "estimation [-90,-41] and [-30,-11]," in " ".join(str(before).split())


def test_min_obs_counts_the_days_of_the_intervals() -> None:
    study = es.EventStudy(estimation=ONLY_BEFORE, window=WINDOW)
    assert study.windows.days == 70
    with pytest.raises(es.errors.EventStudyError, match="70"):
        es.EventStudy(estimation=ONLY_BEFORE, window=WINDOW, min_obs=71)


def test_intervals_in_any_order() -> None:
    assert as_intervals([(15, 60), (-90, -41)]) == as_intervals([(-90, -41), (15, 60)])
    assert isinstance(as_intervals((-90, -41)), es.Window)
