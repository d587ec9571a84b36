"""What other programs for event studies get wrong, tried on this one.

Each test names the program and what was found in it, by running it or by reading its source.
Where its rule can be written down it is, so that a test cannot pass because the data hides the
error: ours is right *and* the other rule gives another number on the same data. What cannot
occur here, and why, is listed at the end. Rulings between sources stand in
`test_contradictions.py`.
"""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from eventstudy import engine, errors, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Inputs, Placement, Windows
from eventstudy.windows import Window

Floats = npt.NDArray[np.float64]

ESTIMATION, WINDOW = (-250, -11), (-10, 10)
MODELS = {
    "mean": es.MeanAdjusted(),
    "market-adjusted": es.MarketAdjusted(),
    "market": es.MarketModel(),
    "two factors": es.FactorModel(("SPY", "OIL")),
}


def world(
    firms: int = 10, *, seed: int = 0, rho: float = 0.0, start: str = "2019-01-01", days: int = 500
) -> pd.DataFrame:
    """Returns of some firms, of the market SPY and of a factor OIL; ρ between the firms' errors."""
    rng = np.random.default_rng(seed)
    market, oil = 0.01 * rng.standard_normal((2, days))
    errors_ = np.sqrt(rho) * rng.standard_normal(days)
    errors_ = errors_ + np.sqrt(1.0 - rho) * rng.standard_normal((firms, days))
    returns = 0.0005 + rng.uniform(0.6, 1.6, (firms, 1)) * market + 0.3 * oil
    returns = returns + rng.uniform(0.01, 0.03, (firms, 1)) * errors_
    names = [f"F{i}" for i in range(firms)]
    frame = pd.DataFrame(returns.T, pd.bdate_range(start, periods=days), names)
    return frame.assign(SPY=market, OIL=oil)


def firms_of(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if name.startswith("F")]


def run(
    frame: pd.DataFrame, events: pd.DataFrame | None = None, *, panel: Any = None, **options: Any
) -> es.Result:
    """A study of all firms on one date, or of the events given."""
    if events is None:
        events = es.events_on(frame.index[400], firms_of(frame))
    made = es.Panel.from_returns(frame, market="SPY", **(panel or {}))
    design = {"estimation": ESTIMATION, "window": WINDOW} | options
    return es.EventStudy(**design).run(events, made)


def line(y: Floats, x: Floats) -> tuple[float, float]:
    """Intercept and slope."""
    slope, intercept = np.polyfit(x, y, 1)
    return float(intercept), float(slope)


def columns(frame: pd.DataFrame, ticker: str, first: int, last: int) -> tuple[Floats, Floats]:
    """Returns of a ticker and of the market, from one row to another."""
    part = frame.iloc[first : last + 1]
    return part[ticker].to_numpy(), part["SPY"].to_numpy()


def close(got: object, want: object, tolerance: float = 1e-10) -> None:
    np.testing.assert_allclose(
        np.asarray(got, dtype=float), np.asarray(want, dtype=float), rtol=tolerance, atol=1e-13
    )


def pairs(e: Floats) -> Floats:
    """Correlations of all pairs of rows."""
    return np.asarray(np.corrcoef(e))[np.triu_indices(len(e), 1)]


def beta(result: es.Result, event: int = 0) -> float:
    return float(result.abnormal.params[event, 1])


# ── prices, returns, dates ───────────────────────────────────────────────────────────────
def test_a_simple_return_is_over_yesterdays_price() -> None:
    """`eventstudy` 0.1a12 divides by today's price: 100, 110, 55 gives +9.1 % and −100 %."""
    days = pd.bdate_range("2024-01-01", periods=3)
    prices = pd.DataFrame({"A": [100.0, 110.0, 55.0], "SPY": [1.0, 2.0, 4.0]}, days)
    close(es.Panel.from_prices(prices, market="SPY").series("A")[1:], [0.10, -0.50])


def test_log_and_simple_returns_are_compounded_as_what_they_are() -> None:
    """ARC (eventstudytools) builds a BHAR as Π(1 + log return)."""
    simple = world(4)
    result = run(pd.DataFrame(np.log1p(simple)), panel={"kind": "log"}, model=es.MarketAdjusted())
    held = (1.0 + simple.iloc[400:406]).prod()
    close(result.bhar((0, 5)).iloc[:, 0], held[firms_of(simple)] - held["SPY"])
    wrong = (1.0 + np.log1p(simple.iloc[400:406])).prod()
    assert abs(wrong["F0"] - wrong["SPY"] - (held["F0"] - held["SPY"])) > 1e-5


def test_prices_are_not_taken_for_returns() -> None:
    """alphalens-reloaded (issue 8) draws 300,000 basis points when given prices for returns."""
    prices = 100 * (1 + world(3)).cumprod()
    with pytest.raises(errors.PanelError, match="look like"):
        es.Panel.from_returns(prices, market="SPY")


@pytest.mark.parametrize(
    ("day", "first"), [(5, "2020-07-13"), (6, "2020-07-13"), (2, "2020-07-08")]
)
def test_news_of_a_weekend_counts_on_monday(day: int, first: str) -> None:
    """easy-es and event-study-toolkit lose Saturday's news without a word; EventStudySuite and
    the engine of Vibe-Trading put it on Friday, before it was known; py-event-studies raises."""
    frame = world(3)
    date = pd.Timestamp("2020-07-06") + pd.Timedelta(days=day)
    result = run(frame, es.events_on(date, firms_of(frame)))
    assert set(result.estimates["day0"]) == {pd.Timestamp(first)}
    assert len(result.dropped) == 0


def test_ten_saturdays_of_a_hundred_events_are_all_kept() -> None:
    """easy-es 0.1.8, event-study-toolkit 1.0.0: 90 of these 100 events are left."""
    frame = world(5)
    dates = [pd.Timestamp("2020-03-02") + pd.Timedelta(days=7 * (k // 5)) for k in range(90)]
    dates += [pd.Timestamp("2020-03-07") + pd.Timedelta(days=70 * (k % 2)) for k in range(10)]
    tickers = [f"F{k % 5}" for k in range(90)] + [f"F{k // 2}" for k in range(10)]
    events = pd.DataFrame({"ticker": tickers, "date": dates})
    # the next Monday has an event of the same firm already: kept, and counted
    result = run(frame, events, timing=es.Timing(duplicates="keep"))
    assert len(result.events) == 100
    assert (result.estimates["day0"] >= events["date"].to_numpy()).all()
    told = run(frame, events)
    assert len(told.events) + len(told.dropped) == 100
    assert set(told.dropped["reason"]) == {"duplicate"}


@pytest.mark.parametrize(("estimation", "window"), [
    ((-265, -11), (-10, 10)), ((-250, -1), (0, 1)), ((-260, -61), (-60, 60)),
])  # fmt: skip
def test_windows_are_counted_in_sessions(estimation: Any, window: Any) -> None:
    """easy-es trims 255 sessions to 255 calendar days (162–167 rows) and a window of 60 days to
    46; EasyEventStudies and robust-eventstudy count calendar days too (21 "days" are 14 rows);
    EventStudySuite takes 251 rows for 250."""
    result = run(world(3), estimation=estimation, window=window)
    assert set(result.estimates["n_obs"]) == {estimation[1] - estimation[0] + 1}
    assert result.ar.columns.to_list() == [*range(window[0], window[1] + 1)]
    assert bool(result.ar.notna().all(axis=None))
    assert math.isfinite(result.test("portfolio_t", window).pvalue)


@pytest.mark.parametrize("window", [(-5, 4), (0, 0), (-1, 2), (-7, 3), (2, 6), (-5, 5), (-4, -2)])
def test_any_window_may_be_asked_for(window: tuple[int, int]) -> None:
    """py-event-studies runs with ten days only; `eventstudies` (R) takes (−w+1, w), and its sum
    leaves the first day out; evReturn (erer) needs a symmetric window."""
    frame = world(3)
    result = run(frame, window=window)
    y, x = columns(frame, "F1", 150, 389)
    alpha, slope = line(y, x)
    y, x = columns(frame, "F1", 400 + window[0], 400 + window[1])
    close(result.ar.iloc[1], y - alpha - slope * x)
    close(result.car(window).iloc[1, 0], (y - alpha - slope * x).sum())


def test_the_window_lies_where_it_was_asked_for() -> None:
    """event-studies (taurus) always takes the last days of the data it is given."""
    frame = world(3)
    cut = run(frame.iloc[:411])
    pd.testing.assert_frame_equal(cut.ar, run(frame).ar)


@pytest.mark.parametrize("start", ["2019-01-01", "2023-06-01", "2040-01-02"])
def test_the_calendar_has_no_last_day(start: str) -> None:
    """event-study-toolkit has the sessions up to 2023-07-10 built in and drops later events."""
    assert len(run(world(3, start=start)).events) == 3


@pytest.mark.parametrize("duplicates", [1, 4])
def test_repeated_rows_are_told(duplicates: int) -> None:
    """easy-es looks for duplicates after giving each row a number of its own, and finds none."""
    frame = world(10)
    events = es.events_on(frame.index[400], firms_of(frame))
    many = pd.concat([events] * (1 + duplicates), ignore_index=True).drop(
        columns="event_id", errors="ignore"
    )
    result = run(frame, many)
    assert len(result.events) == 10
    assert result.dropped["reason"].tolist() == ["duplicate"] * (10 * duplicates)


def test_a_table_from_a_file_is_a_table(tmp_path: Path) -> None:
    """easy-es fails on dates read from a file with pandas 3, and on dates that are dates."""
    frame = world(3)
    file = tmp_path / "returns.csv"
    frame.to_csv(file)
    text = pd.read_csv(file, index_col=0)
    assert text.index.dtype != frame.index.dtype
    again = run(text, es.events_on(str(frame.index[400].date()), firms_of(frame)))
    close(again.ar, run(frame).ar, 1e-12)


# ── which days are estimated on ──────────────────────────────────────────────────────────
def test_a_zero_return_on_the_last_day_moves_nothing() -> None:
    """ffjr-eventstudies trims zeros at *both* ends of the returns but cuts the market in front:
    one unchanged price on the last event day turned a beta of 0.57 into −0.14."""
    frame = world(3)
    frame.loc[frame.index[410], "F0"] = 0.0
    y, x = columns(frame, "F0", 150, 410)
    result = run(frame)
    alpha, slope = line(y[:240], x[:240])
    close(beta(result), slope)
    close(result.car((-10, 10)).iloc[0, 0], (y[-21:] - alpha - slope * x[-21:]).sum())
    trimmed = np.trim_zeros(y)
    shifted = line(trimmed[:239], x[1:240])[1]
    assert abs(shifted - slope) > 0.3


def test_a_short_history_is_not_filled_up_with_event_days() -> None:
    """ffjr-eventstudies fits on the event window too when a stock was listed lately: 50 days of
    estimation became 71 observations, and it reported 249 degrees of freedom."""
    frame = world(3)
    frame.loc[: frame.index[339], "F0"] = np.nan
    result = run(frame, min_obs=50)
    y, x = columns(frame, "F0", 340, 389)
    assert result.estimates[["n_obs", "dof"]].iloc[0].tolist() == [50, 48]
    close(beta(result), line(y, x)[1])
    moved = frame.copy()
    moved.loc[frame.index[390:411], "F0"] += 0.2
    assert beta(run(moved, min_obs=50)) == beta(result)
    dropped = run(frame).dropped
    assert dropped["reason"].tolist() == ["min_est"]


def test_missing_returns_are_not_zeros() -> None:
    """ffjr-eventstudies puts 0 for every missing return: with 110 of 250 missing a beta of 0.57
    became 0.22."""
    frame = world(3)
    gone = np.random.default_rng(1).choice(np.arange(150, 390), 110, replace=False)
    frame.iloc[gone, 0] = np.nan
    result = run(frame)
    y, x = columns(frame, "F0", 150, 389)
    known = np.isfinite(y)
    assert result.estimates["n_obs"].iloc[0] == 130
    close(beta(result), line(y[known], x[known])[1])
    assert line(np.nan_to_num(y), x)[1] < 0.75 * beta(result)
    frame.iloc[200, 1] = np.inf
    with pytest.raises(errors.PanelError, match="infinite"):
        run(frame)


def test_stock_and_market_are_paired_by_date() -> None:
    """EasyEventStudies pairs returns and factors by position: one date missing here and another
    there moved a CAR from −9.3 % to −10.5 %."""
    frame = world(3)
    factor = frame["SPY"].rename("MKT")
    frame.iloc[170, 0] = factor.iloc[300] = np.nan
    result = run(frame.assign(MKT=factor), model=es.MarketModel("MKT"))
    y, x = frame["F0"].to_numpy()[150:390], factor.to_numpy()[150:390]
    both = np.isfinite(y) & np.isfinite(x)
    close(beta(result), line(y[both], x[both])[1])
    by_position = line(y[np.isfinite(y)], x[np.isfinite(x)])[1]
    assert abs(by_position - beta(result)) > 0.1


def test_a_missing_market_is_not_the_firms_own_return() -> None:
    """event-studies (taurus) fills a missing index from the firm's column beside it."""
    frame = world(3)
    frame["MKT"] = frame["SPY"]
    frame.loc[frame.index[200], "MKT"] = np.nan
    result = run(frame, model=es.MarketModel("MKT"))
    assert set(result.estimates["n_obs"]) == {239}
    y, x = columns(frame, "F0", 150, 389)
    close(beta(result), line(np.delete(y, 50), np.delete(x, 50))[1])


def test_ten_events_of_a_firm_have_ten_estimations() -> None:
    """event-study-toolkit estimates by firm, not by event: with ten events of each firm all
    1,000 CARs were wrong, by up to 10.7 points. R EventStudy until 2026-06 joined the events of
    a firm with each other (9,255 events became 61,757)."""
    frame = world(4, days=800)
    days = [280, 320, 390, 420, 500, 555, 600, 640, 700, 760]
    events = pd.concat([es.events_on(frame.index[d], firms_of(frame)) for d in days])
    result = run(frame, events.reset_index(drop=True))
    assert len(result.events) == 40
    for event in range(40):
        day, ticker = days[event // 4], f"F{event % 4}"
        alpha, slope = line(*columns(frame, ticker, day - 250, day - 11))
        y, x = columns(frame, ticker, day - 1, day + 1)
        close(result.car((-1, 1)).iloc[event, 0], (y - alpha - slope * x).sum())


def test_too_few_days_are_dropped_and_said() -> None:
    """event-study-toolkit takes 32 days for the 250 that were asked for, without a word."""
    frame = world(3)
    frame.loc[: frame.index[357], "F1"] = np.nan
    dropped = run(frame).dropped
    assert dropped[["ticker", "reason"]].to_numpy().tolist() == [["F1", "min_est"]]
    assert "32" in dropped["detail"].iloc[0]


@pytest.mark.parametrize("name", MODELS)
def test_the_event_is_no_part_of_its_own_yardstick(name: str) -> None:
    """`eventstudy` 0.1a12 (constant mean) takes σ over both windows; EventStudySuite divides by
    the spread of the event window alone: a jump of 30 % has t = 1.2 there."""
    frame = world(1)
    jumped = frame.copy()
    jumped.loc[frame.index[400], "F0"] += 0.3
    one, two = run(frame, model=MODELS[name]), run(jumped, model=MODELS[name])
    assert two.abnormal.sigma[0] == one.abnormal.sigma[0]
    assert two.test("single_t", (0, 0)).statistic > 8
    path = two.ar.iloc[0].to_numpy()
    everything = np.concatenate([two.abnormal.residuals[0], path])
    assert everything.std() > 1.3 * two.abnormal.sigma[0]
    assert path[10] / path.std(ddof=1) < 5


# ── models ───────────────────────────────────────────────────────────────────────────────
def test_what_was_expected_and_the_rest_add_up() -> None:
    """py-event-studies predicts returns *plus* residuals, and cuts the returns elsewhere."""
    frame = world(3)
    for model in MODELS.values():
        tidy = run(frame, model=model).to_frame()
        close(tidy["expected"] + tidy["ar"], tidy["return"])
        close(tidy["return"].iloc[:21], frame["F0"].iloc[390:411])


def test_the_capm_is_about_excess_returns() -> None:
    """easy-es regresses raw returns under the name of CAPM; event-study-toolkit puts the rate
    beside the market as a second regressor."""
    frame = world(3)
    rate = pd.Series(0.0, frame.index)
    rate.iloc[390:] = 0.0004  # the rate rose between the windows
    result = run(frame, model=es.CAPM(), panel={"risk_free": rate})
    alpha, slope = line(*columns(frame, "F0", 150, 389))
    y, x = columns(frame, "F0", 390, 410)
    close(result.ar.iloc[0], (y - 0.0004) - alpha - slope * (x - 0.0004))
    raw = y - alpha - slope * x
    assert np.abs(result.ar.iloc[0].to_numpy() - raw).min() > 1e-5
    assert result.abnormal.params.shape == (3, 2)  # α and β, and no slope of the rate


def test_the_risk_free_rate_is_on_both_sides() -> None:
    """myeventstudy forgets the rate in its prediction (fama3): 2 basis points a day shift the
    CAR of 21 days by 42."""
    frame = world(3)
    model = es.FactorModel(("SPY", "OIL"), excess=True)
    plain = run(frame, model=model, panel={"risk_free": 0.0})
    raised = frame.copy()
    raised[firms_of(frame)] += 0.0002
    again = run(raised, model=model, panel={"risk_free": 0.0002})
    close(again.car((-10, 10)), plain.car((-10, 10)))


def test_a_car_sums_its_own_window() -> None:
    """myeventstudy cumulates market-adjusted returns over all rows of the data."""
    frame = world(3)
    result = run(frame, model=es.MarketAdjusted())
    gap = frame["F0"] - frame["SPY"]
    close(result.car((-10, 10)).iloc[0, 0], gap.iloc[390:411].sum())
    assert abs(gap.sum() - gap.iloc[390:411].sum()) > 0.01


def test_nothing_is_rounded_on_the_way() -> None:
    """evReturn (erer) rounds abnormal returns before it sums them; ARC divides numbers of four
    decimals, and its z are off by up to 0.1."""
    result = run(world(5))
    rounded = result.ar.round(4).sum(axis=1).to_numpy()
    close(result.car((-10, 10)).iloc[:, 0], result.ar.to_numpy().sum(axis=1))
    assert np.abs(rounded - result.car((-10, 10)).iloc[:, 0].to_numpy()).max() > 1e-5
    a = result.abnormal
    four = (a.car((0, 0)).round(4) / a.sigma.round(4)) / np.sqrt(a.q((0, 0)))
    assert np.abs(four - a.scar((0, 0))).max() > 1e-4


# ── the forecast error ───────────────────────────────────────────────────────────────────
@cache
def many_firms(days: int, length: int, model: Any) -> Abnormal:
    """4,000 independent firms without any effect, one date, few estimation days."""
    rng = np.random.default_rng(days)
    moves = 0.0 if isinstance(model, es.MeanAdjusted) else 0.01
    market = moves * rng.standard_normal(days + length)
    panel = market + 0.02 * rng.standard_normal((4000, days + length))
    windows = Windows(Window(-days, -1), Window(0, length - 1))
    placement = Placement(np.arange(4000), np.full(4000, days), np.arange(4000))
    inputs = Inputs(panel, market[:, None], ("market",))
    return engine.run(model, inputs, placement, windows, min_obs=days).abnormal


@pytest.mark.parametrize(("days", "least"), [(30, 0.12), (60, 0.085)])
def test_the_error_of_the_estimation_is_in_the_test_of_a_car(days: int, least: float) -> None:
    """`eventstudy` 0.1a12: CAR / (σ₀√L) with σ₀ over T and t(T − 1) rejects 15.1 % at T = 30 and
    10.2 % at T = 60, over 21 days. evReturn (erer), event-study-toolkit and ESR's AR and CAR
    tests have no forecast error either."""
    a = many_firms(days, 21, es.MarketModel())
    whole = (0, 20)
    for i in (0, 7):
        found = inference.single_t(a.take(np.array([i])), whole)
        assert (found.law, found.df) == ("t", days - 2)
        close(
            [found.statistic, found.pvalue],
            [a.scar(whole)[i], 2 * stats.t.sf(abs(found.statistic), days - 2)],
        )
    size = float((2 * stats.t.sf(np.abs(a.scar(whole)), days - 2) <= 0.05).mean())
    assert abs(size - 0.05) < 4 * math.sqrt(0.05 * 0.95 / 4000)
    naive = a.car(whole) / (a.sigma * math.sqrt((days - 2) / days) * math.sqrt(21))
    assert (2 * stats.t.sf(np.abs(naive), days - 1) <= 0.05).mean() > least


@pytest.mark.parametrize("length", [1, 21])
@pytest.mark.parametrize("model", [es.MeanAdjusted(), es.MarketAdjusted(), es.MarketModel()])
def test_standardised_returns_have_unit_spread(model: Any, length: int) -> None:
    """event-study-toolkit's scar_bmp lacks 1/√L (its spread over 21 days is 4.6); easy-es stores
    squared residuals for its market-adjusted model (spread 41)."""
    a = many_firms(250, 21, model)
    assert abs(a.scar((0, length - 1)).std() - 1.0) < 4 * math.sqrt(0.5 / 4000) + 1 / 250


def test_the_forecast_error_lowers_a_standardised_return() -> None:
    """py-event-studies divides σ by √(1 + d) and so raises it; event-study-toolkit and R
    EventStudy (BMP) leave it out; the replica of eventstudy2 3.2 reports C^(1/4) for √C there."""
    frame = world(5)
    a = run(frame).abnormal
    x = frame["SPY"].to_numpy()
    before = x[150:390]
    c = 1 + 1 / 240 + (x[400] - before.mean()) ** 2 / ((before - before.mean()) ** 2).sum()
    ar = a.car((0, 0))
    close(a.scar((0, 0)), ar / (a.sigma * math.sqrt(c)))
    assert (np.abs(a.scar((0, 0))) < np.abs(ar / a.sigma)).all()


def test_a_wild_day_is_measured_against_the_estimation_window() -> None:
    """eventstudystatistics (adjBMP_daily, grank) divides by the market's variation in the *event*
    window: with −8 % on one day the variance grew by 1.85 instead of 1.25."""
    frame = world(3)
    frame.loc[frame.index[400], "SPY"] = -0.08
    a = run(frame).abnormal
    x = frame["SPY"].to_numpy()
    before, during = x[150:390], x[390:411]
    gap = (x[400] - before.mean()) ** 2
    close(a.q((0, 0)), 1 + 1 / 240 + gap / ((before - before.mean()) ** 2).sum())
    wrong = 1 + 1 / 240 + gap / ((during - during.mean()) ** 2).sum()
    assert wrong > 1.3 * a.q((0, 0))[0]


def test_estimation_gaps_are_in_the_forecast_error() -> None:
    """estudy2 takes mean and variation of the market over all estimation days, also where the
    regression of a firm with gaps used its own; Stata's `estudy` mixes the two in the same way."""
    frame = world(3)
    frame.iloc[160:260, 0] = np.nan
    frame.loc[frame.index[400], "SPY"] = -0.06
    a = run(frame).abnormal
    x = frame["SPY"].to_numpy()
    before = np.concatenate([x[150:160], x[260:390]])
    own = 1 + 1 / 140 + (x[400] - before.mean()) ** 2 / ((before - before.mean()) ** 2).sum()
    close(a.q((0, 0))[0], own)
    every = x[150:390]
    wrong = 1 + 1 / 140 + (x[400] - every.mean()) ** 2 / ((every - every.mean()) ** 2).sum()
    assert abs(wrong - own) > 1e-4


def test_days_of_a_car_share_the_error_of_the_parameters() -> None:
    """EasyEventStudies sums the diagonal of a covariance that it has computed in full; estudy2's
    CAR tests take days as independent; erer has L·σ² alone."""
    frame = world(3)
    frame.loc[frame.index[400:404], "SPY"] += 0.02  # the market rose all week
    a = run(frame).abnormal
    x = frame["SPY"].to_numpy()
    before, during = x[150:390], x[400:405]
    spread = ((before - before.mean()) ** 2).sum()
    exact = 5 + 25 / 240 + ((during - before.mean()).sum()) ** 2 / spread
    diagonal = 5 + 5 / 240 + ((during - before.mean()) ** 2).sum() / spread
    close(a.q((0, 4)), exact)
    assert exact > diagonal + 0.1


def test_many_factors_have_an_error_too() -> None:
    """Stata's `estudy` gives its multi-factor model no error of the parameters, and divides its
    variance by n − 1 (market model: n − 1 in the place of n − 2): 2 to 4 % too small."""
    frame = world(2)
    a = run(frame, model=MODELS["two factors"]).abnormal
    design = np.column_stack([np.ones(261), frame[["SPY", "OIL"]].to_numpy()[150:411]])
    y = frame["F0"].to_numpy()[150:390]
    theta, rss = np.linalg.lstsq(design[:240], y, rcond=None)[:2]
    close(a.sigma[0], math.sqrt(float(rss[0]) / 237))
    s = design[240:].sum(axis=0)
    close(a.q((-10, 10))[0], 21 + s @ np.linalg.inv(design[:240].T @ design[:240]) @ s)
    assert len(theta) == 3
    assert a.sigma[0] > math.sqrt(float(rss[0]) / 239)


def test_a_band_of_an_abnormal_return_is_one_of_a_forecast() -> None:
    """estudy2's lower95CI and upper95CI are the band of the fitted mean, not of a return."""
    frame = world(1)
    result = run(frame)
    found, a = result.test("single_t", (0, 0)), result.abnormal
    half = (found.ci[1] - found.ci[0]) / 2
    close(half, stats.t.ppf(0.975, 238) * a.sigma[0] * math.sqrt(a.q((0, 0))[0]))
    of_the_mean = stats.t.ppf(0.975, 238) * a.sigma[0] * math.sqrt(a.q((0, 0))[0] - 1)
    assert half > 5 * of_the_mean


def test_a_band_has_the_coverage_that_it_says() -> None:
    """`eventstudy` 0.1a12 draws confidence=0.90 with the one-sided 90 % quantile: an 80 % band."""
    result = run(world(20))
    for key, law in (("csect_t", stats.t(19)), ("portfolio_t", stats.t(238))):
        found = result.test(key, (-1, 1))
        close(found.ci, found.estimate + found.se * law.ppf([0.025, 0.975]))
    shown = result.path().iloc[0]
    want = result.test("portfolio_t", (-10, -10)).ci
    close(shown[["low", "high"]], want)


# ── missing event days ───────────────────────────────────────────────────────────────────
def test_one_missing_return_costs_one_event() -> None:
    """`eventstudy` 0.1a12 (issue 23): one NaN among twenty events makes CAAR and p NaN for all.
    eventstudystatistics: NaN in, NaN out."""
    frame = world(20, rho=0.2)
    holed = frame.copy()
    holed.loc[frame.index[400], "F3"] = np.nan
    rest = [name for name in firms_of(frame) if name != "F3"]
    one = run(holed).caar((-1, 1)).iloc[0]
    two = run(frame, es.events_on(frame.index[400], rest)).caar((-1, 1)).iloc[0]
    numbers = ["estimate", "ci_low", "ci_high", "statistic", "pvalue"]
    close(one[numbers], two[numbers])
    assert one["n"] == 19
    assert "missing_in_window" in one["note"]
    assert math.isfinite(one["pvalue"])


@cache
def half_traded() -> es.Result:
    """Ten firms; on day 0 five trade, and all of these rise."""
    frame = world(10, rho=0.2)
    frame.loc[frame.index[400], [f"F{i}" for i in range(5)]] = 0.08
    frame.loc[frame.index[400], [f"F{i}" for i in range(5, 10)]] = np.nan
    return run(frame)


def test_signs_of_the_firms_that_trade() -> None:
    """estudy2 multiplies the mean sign by all ten firms: z = 6.71 where 2.236 is right, and 6.73
    where the generalised test has 2.21."""
    found = half_traded().test("sign", (0, 0))
    assert found.n == 5
    close(found.statistic, 2.2360679774997896)
    close((1.0 * 10 - 0.5 * 5) / math.sqrt(0.25 * 5), 6.708203932499369)
    general = half_traded().test("gen_sign", (0, 0)).statistic
    share = (half_traded().abnormal.residuals[:5] > 0).mean()
    close(general, (5 - 5 * share) / math.sqrt(5 * share * (1 - share)))


def test_signed_ranks_stay_below_their_maximum() -> None:
    """estudy2: W = 30 with five firms, whose ranks sum to 15."""
    found = half_traded().test("wilcoxon", (0, 0))
    assert (found.n, found.statistic) == (5, 15.0)


@pytest.mark.parametrize("key", ["patell", "bmp", "rank", "adj_bmp", "csect_t", "corrado_sign"])
def test_firms_that_do_not_trade_are_not_there(key: str) -> None:
    """estudy2 (Patell 16.7 for 11.8, rank 6.08 for 3.58); R EventStudy divides Patell's sum over
    n firms by the spread of all N, and counts missing days as 0 in a CAR."""
    few = half_traded().where(np.arange(10) < 5)
    one, two = half_traded().test(key, (0, 0)), few.test(key, (0, 0))
    close([one.statistic, one.pvalue, one.n], [two.statistic, two.pvalue, 5])


def test_a_missing_day_is_not_a_day_without_effect() -> None:
    """R EventStudy cumulates with 0 for a missing abnormal return."""
    result = half_traded()
    assert result.car((-1, 1)).iloc[5:, 0].isna().all()
    filled = np.nan_to_num(result.ar[[-1, 0, 1]].to_numpy()).sum(axis=1).mean()
    assert abs(result.caar((-1, 1))["estimate"].iloc[0] - filled) > 0.01


def test_rank_days_are_days() -> None:
    """estudy2 divides by the mean number of observations instead of the number of days where
    firms have gaps: 3 to 4 %. event-studies (taurus) takes the spread of event days only."""
    frame = world(6)
    frame.iloc[150:300, 0] = np.nan
    frame.iloc[150:250, 1] = np.nan
    result = run(frame, min_obs=60)
    a = result.abnormal
    everything = np.hstack([a.residuals, a.abnormal])
    count = np.isfinite(everything).sum(axis=1, keepdims=True)
    u = stats.rankdata(everything, axis=1, nan_policy="omit") / (count + 1) - 0.5
    z = np.nansum(u, axis=0) / np.sqrt(np.isfinite(u).sum(axis=0))
    found = result.test("rank", (0, 0)).statistic
    close(found, z[250] / math.sqrt((z**2).sum() / 261))
    by_firms = z[250] / math.sqrt((z**2).sum() / count.mean())
    by_event_days = z[250] / math.sqrt((z[240:] ** 2).mean())
    assert abs(by_firms / found - 1) > 0.02
    assert abs(by_event_days / found - 1) > 0.02


# ── tests across events ──────────────────────────────────────────────────────────────────
def test_each_day_is_tested_on_its_own_numbers() -> None:
    """py-event-studies tests the day whose number is that of its cluster settings: +20 % on day 0
    had t = 0.9, not 53. R EventStudy's rank and "calendar-time" tests print day 1's value for
    every day of the window."""
    frame = world(12)
    frame.loc[frame.index[400], firms_of(frame)] += 0.2
    result = run(frame)
    for key in ("portfolio_t", "rank", "adj_bmp", "ts_t"):
        found = {day: abs(result.test(key, (day, day)).statistic) for day in range(-10, 11)}
        assert max(found, key=found.__getitem__) == 0, key
        assert len(set(found.values())) == 21, key
    assert abs(result.test("portfolio_t", (0, 0)).statistic) > 20


def test_one_firm_is_enough() -> None:
    """py-event-studies raises IndexError for one stock; estudy2 fails in every test."""
    result = run(world(1))
    assert math.isfinite(result.caar((0, 0))["pvalue"].iloc[0])
    assert result.sentence().endswith(".")
    for key in inference.names():
        found = result.test(key, (0, 0))
        assert math.isfinite(found.statistic) or found.note


@pytest.mark.parametrize(("key", "df"), [("csect_t", 4), ("bmp", 4), ("adj_bmp", 4)])
def test_five_events_have_a_law_of_five_events(key: str, df: int) -> None:
    """easy-es takes the normal law whatever the number of events; crseEventStudy takes as many
    degrees of freedom as there are clusters, not one fewer."""
    found = run(world(5)).test(key, (0, 0))
    assert (found.law, found.df) == ("t", df)
    close(found.pvalue, 2 * stats.t.sf(abs(found.statistic), df))
    assert found.pvalue > 2 * stats.norm.sf(abs(found.statistic))


def test_clusters_cost_a_degree_of_freedom() -> None:
    """crseEventStudy 1.2.2 has p-values with df = number of clusters."""
    frame = world(6, days=800)
    dates = [300, 340, 380, 420, 460, 500, 540]
    events = pd.concat([es.events_on(frame.index[d], firms_of(frame)) for d in dates])
    found = run(frame, events.reset_index(drop=True)).test("dates_csect", (0, 0))
    assert (found.law, found.df, found.n_dates) == ("t", 6, 7)


@pytest.mark.parametrize("window", [(0, 0), (0, 1), (-10, 10)])
def test_degrees_of_freedom_are_those_of_the_estimation(window: tuple[int, int]) -> None:
    """EasyEventStudies takes the rows of the event window less two: none for two days (p NaN)."""
    found = run(world(1)).test("single_t", window)
    assert found.df == 238
    assert 0 <= found.pvalue <= 1


@pytest.mark.parametrize("key", ["single_t", "portfolio_t", "patell", "rank", "sign", "wilcoxon"])
def test_both_sides_count_unless_one_is_asked_for(key: str) -> None:
    """EventStudySuite gives one-sided p-values; event-study-toolkit gives none at all. estudy2
    marks the upper tail of its signed ranks at the one-sided levels and the lower at half."""
    frame = world(1 if key == "single_t" else 8)
    up, down = run(frame), run(-frame)
    p, q = (found.test(key, (0, 0)).pvalue for found in (up, down))
    close(p, q, 1e-9)
    sides = [up.test(key, (0, 0), alternative=side).pvalue for side in ("greater", "less")]
    close(p, min(1.0, 2 * min(sides)), 1e-9)


def test_signed_ranks_are_ranks_of_cars_with_their_signs() -> None:
    """event-study-toolkit's "Wilcoxon signed-rank" is a rank-sum test of two groups; Stata's
    `estudy` ranks the days of each security instead of the events."""
    result = run(world(11))
    car = result.car((-1, 1)).iloc[:, 0].to_numpy()
    found = result.test("wilcoxon", (-1, 1))
    want = stats.wilcoxon(car, method="exact")
    close(found.pvalue, want.pvalue)
    close(found.statistic, stats.rankdata(np.abs(car))[car > 0].sum())


def test_generalised_ranks_of_any_group() -> None:
    """event-study-toolkit's GRANK runs only if the column of groups is called CCAR."""
    frame = world(10)
    events = es.events_on(frame.index[400], firms_of(frame)).assign(kind=["a", "b"] * 5)
    groups = run(frame, events).by("kind")
    for group in groups:
        found = groups[group].test("grank_t", (-1, 1))
        assert (found.n, found.df) == (5, 239)
        assert math.isfinite(found.statistic)


def test_patell_has_its_degrees_of_freedom() -> None:
    """estudy2's Patell is too large by √((T − 1)/(T − 2)); an early R EventStudy divided by √σ."""
    a = run(world(8)).abnormal
    found = inference.patell(a, (0, 0)).statistic
    close(found, a.scar((0, 0)).sum() / math.sqrt(8 * 238 / 236))
    ours = a.car((0, 0)) / np.sqrt(a.q((0, 0)))
    theirs = float((ours / a.residuals.std(axis=1, ddof=1)).sum()) / math.sqrt(8 * 238 / 236)
    close(theirs / found, math.sqrt(239 / 238))


def test_a_group_has_the_mean_of_its_cars() -> None:
    """Stata's `estudy` sums log(mean(exp AR)) for a group; estudy2's car_mean is the mean *daily*
    abnormal return (issue 12)."""
    frame = world(8)
    frame.loc[frame.index[400], firms_of(frame)] += np.linspace(-0.3, 0.5, 8)
    result = run(frame)
    estimate = result.caar((-1, 1))["estimate"].iloc[0]
    ar = result.ar[[-1, 0, 1]].to_numpy()
    close(estimate, ar.sum(axis=1).mean())
    assert abs(np.log(np.exp(ar).mean(axis=0)).sum() - estimate) > 0.01
    assert abs(ar.mean() - estimate) > 0.01


# ── correlation of events ────────────────────────────────────────────────────────────────
def test_mean_correlation_is_a_mean_of_correlations() -> None:
    """eventstudystatistics takes a raw inner product (0.029 for a correlation of 0.29); the
    replica of eventstudy2 before 3.2 counted the diagonal."""
    a = run(world(20, rho=0.3)).abnormal
    found = inference.correlation(a, (0, 0)).rbar
    close(found, pairs(a.residuals).mean())
    assert 0.2 < found < 0.4
    standard = a.residuals / a.sigma[:, None]
    inner = (standard @ standard.T)[np.triu_indices(20, 1)].mean() / 240
    raw = (a.residuals @ a.residuals.T)[np.triu_indices(20, 1)].mean()
    assert abs(raw / found) < 0.2
    assert abs(np.mean(np.corrcoef(a.residuals)) - found) > 0.02
    assert abs(inner - found) < 0.01  # standardised, the inner product would have done


def test_staggered_events_are_matched_by_calendar_day() -> None:
    """Stata's `estudy` and R EventStudy correlate residuals by *event* day, which pairs different
    calendar days; robust-eventstudy answers "insufficient aligned data" for different dates."""
    frame = world(6, rho=0.6)
    events = pd.DataFrame({"ticker": firms_of(frame), "date": frame.index[400 + np.arange(6)]})
    result = run(frame, events)
    found = inference.correlation(result.abnormal, (-10, 10)).rbar
    assert found > 0.3
    e = result.abnormal.residuals
    assert abs(pairs(e).mean()) < 0.1
    shared = [
        pairs(np.array([e[i][j - i :], e[j][: 240 - (j - i)]]))[0] * (21 - (j - i)) / 21
        for i in range(6)
        for j in range(i + 1, 6)
    ]
    close(found, np.mean(shared))
    apart = pd.DataFrame({"ticker": firms_of(frame)[:2], "date": frame.index[[300, 400]]})
    assert inference.correlation(run(frame, apart).abnormal, (0, 0)).rbar == 0.0
    assert math.isfinite(run(frame, apart).test("adj_bmp", (0, 0)).statistic)


def test_the_factor_of_kolari_and_pynnonen() -> None:
    """ARC's day-level factor is 0.9992 where the residual correlation gives 0.33; py-event-studies
    leaves the forecast error out beside it."""
    a = run(world(50, rho=0.3)).abnormal
    rbar = inference.correlation(a, (0, 0)).rbar
    factor = inference.adj_bmp(a, (0, 0)).statistic / inference.bmp(a, (0, 0)).statistic
    close(factor, math.sqrt((1 - rbar) / (1 + 49 * rbar)))
    assert factor < 0.3
    patell = inference.adj_patell(a, (0, 0)).statistic / inference.patell(a, (0, 0)).statistic
    close(patell, 1 / math.sqrt(1 + 49 * rbar))


def drawn(draws: int, rho: float, scale: float, seed: int) -> Iterator[Abnormal]:
    """Samples without effect: 20 firms on one date, or (ρ = 0) independent ones."""
    rng = np.random.default_rng(seed)
    n, days = 20, 120
    windows = Windows(Window(-days, -1), Window(0, 0))
    e = np.sqrt(rho) * rng.standard_normal((draws, 1, days + 1))
    e = e + np.sqrt(1 - rho) * rng.standard_normal((draws, n, days + 1))
    e[..., -1] *= math.sqrt(scale)
    market = 0.01 * rng.standard_normal(days + 1)
    panel = (np.linspace(0.02, 0.04, n)[:, None] * e).reshape(draws * n, days + 1) + market
    placement = Placement(np.arange(draws * n), np.full(draws * n, days), np.arange(draws * n))
    inputs = Inputs(panel, market[:, None], ("market",))
    found = engine.run(es.MarketModel(), inputs, placement, windows).abnormal
    for k in range(draws):
        yield found.take(np.arange(k * n, (k + 1) * n))


def rates(samples: Iterator[Abnormal], keys: tuple[str, ...]) -> dict[str, float]:
    """Share of samples in which each test rejects; "inner": adj_bmp with a raw inner product."""
    hits, count = dict.fromkeys((*keys, "inner"), 0), 0
    for a in samples:
        count += 1
        for key in keys:
            hits[key] += inference.resolve(key)(a, (0, 0)).pvalue <= 0.05
        product = (a.residuals @ a.residuals.T)[np.triu_indices(20, 1)].mean()
        t = inference.bmp(a, (0, 0)).statistic * math.sqrt((1 - product) / (1 + 19 * product))
        hits["inner"] += 2 * stats.t.sf(abs(t), 19) <= 0.05
    return {key: hit / count for key, hit in hits.items()}


MONTE_CARLO = 4 * math.sqrt(0.05 * 0.95 / 400)


def test_firms_that_share_a_date() -> None:
    """`eventstudy` 0.1a12's CAAR test rejects 36 % (20 firms on one date, correlation .2), the
    BMP of Vibe-Trading 51 %; eventstudystatistics' adjBMP 44 % for 52 % without adjustment."""
    keys = ("independent_t", "patell", "bmp", "csect_t", "adj_bmp", "portfolio_t")
    found = rates(drawn(400, 0.25, 1.0, seed=1), keys)
    for key in ("independent_t", "patell", "bmp", "csect_t", "inner"):
        assert found[key] > 0.30, key
    for key in ("adj_bmp", "portfolio_t"):
        assert abs(found[key] - 0.05) < MONTE_CARLO, key
    verdict = inference.valid(next(drawn(1, 0.25, 1.0, seed=1)), (0, 0))
    assert {"adj_bmp", "portfolio_t"} <= verdict.valid
    assert not verdict.valid & {"independent_t", "patell", "bmp", "csect_t", "sign", "wilcoxon"}
    assert verdict.lead == "adj_bmp"


def test_events_that_raise_the_variance() -> None:
    """`eventstudy` 0.1a12's CAAR test rejects 28 % when the event triples the variance,
    Vibe-Trading's Patell 22 %."""
    found = rates(drawn(400, 0.0, 3.0, seed=2), ("independent_t", "patell", "bmp", "csect_t"))
    assert min(found["independent_t"], found["patell"]) > 0.18
    assert abs(found["bmp"] - 0.05) < MONTE_CARLO
    assert abs(found["csect_t"] - 0.05) < MONTE_CARLO


# ── manners ──────────────────────────────────────────────────────────────────────────────
def test_errors_are_caught_as_errors() -> None:
    """`eventstudy` 0.1a12 derives its exceptions from BaseException: no handler catches them."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    own = [kind for kind in kinds if issubclass(kind, BaseException)]
    assert len(own) > 5
    assert all(issubclass(kind, Exception) for kind in own)
    with pytest.raises(Exception, match="estimation") as caught:
        run(world(2), window=(-20, 10))
    assert isinstance(caught.value, es.EventStudyError)


def test_studies_share_nothing() -> None:
    """`eventstudy` 0.1a12 keeps names of columns in its class, for all studies; py-event-studies
    keeps a global configuration and pickles beside its own code."""
    frame = world(3)
    before = run(frame)
    ar, caar = before.ar.copy(), before.caar((-1, 1)).copy()
    other = world(5, seed=9).rename(columns={"SPY": "QQQ"})
    events = es.events_on(other.index[390], firms_of(other))
    es.EventStudy(model=es.MarketModel("QQQ"), window=(-2, 2), estimation=(-100, -3)).run(
        events, es.Panel.from_returns(other, market="QQQ")
    )
    pd.testing.assert_frame_equal(before.ar, ar, check_exact=True)
    pd.testing.assert_frame_equal(run(frame).caar((-1, 1)), caar, check_exact=True)


def test_the_same_question_has_the_same_answer() -> None:
    """eventstudystatistics permutes without a seed; eventstudy2 users (Statalist 1784449) get
    other numbers of events and other CARs from run to run."""
    result = run(world(6, rho=0.2))
    for key in ("boot_residual", "permutation", "wild_events"):
        first, second = (result.test(key, (0, 0), draws=99) for _ in range(2))
        assert (first.statistic, first.pvalue) == (second.statistic, second.pvalue), key
        assert math.isfinite(first.pvalue)


def test_importing_changes_no_logger() -> None:
    """eventstudystatistics sets the root logger to DEBUG when it is imported."""
    code = (
        "import logging; before = logging.getLogger().level, list(logging.getLogger().handlers);"
        "import eventstudy.study, eventstudy.inference;"
        "assert before == (logging.getLogger().level, list(logging.getLogger().handlers))"
    )
    done = subprocess.run(  # noqa: S603  (our own interpreter, a fixed sentence)
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_event_is_kept_or_named() -> None:
    """vectorbt makes 961 trades of 1,000 entries, alphalens prints a share, taurus and myeventstudy
    lose events in a list; users of eventstudy2 ask "where did my events go" (Statalist 1702583)."""
    frame = world(5)
    dates = [*frame.index[::20], pd.Timestamp("2031-01-01")]
    tickers = [*firms_of(frame), "GONE"]
    events = pd.DataFrame([(t, d) for t in tickers for d in dates], columns=["ticker", "date"])
    result = run(frame, events)
    assert len(result.events) + len(result.dropped) == len(events)
    assert set(result.dropped["reason"]) == {
        "unknown_ticker",
        "min_est",
        "after_data",
        "before_data",
    }
    assert (result.dropped["detail"].str.len() > 0).all()


# What is left out, since it cannot occur here:
# - `eventstudy` 0.1a12: sign and rank tests are empty stubs; to_excel needs an undeclared package.
# - easy-es: two cores slower than one (nothing is run in parallel here).
# - event-study-toolkit: default groups=None raises (there is no such argument).
# - py-event-studies: a run without a factor file fails in numba; summary() has an unbound name.
# - eventstudystatistics: pins that no longer install; EventStudySuite: np.do, undeclared packages.
# - EasyEventStudies: `model_type` is lost on the way to the table (no such switch; the model of a
#   study is an object, and its degrees of freedom are tested above).
# - myeventstudy: one event per stock, list.remove in a loop (events have an identity of their own:
#   "ten events of a firm" above).
# - R EventStudy's "calendar-time portfolio": not offered (test_contradictions.py, 22).
# - ARC: generalised sign's p̂ that could not be explained; rank tests reproduced to 1–4 % only;
#   weights 1/σ for a "precision-weighted" CAAR (weights here are regression weights 1/S²: G.45).
# - estudy2: a guard that never fires; stars instead of p-values; one calendar date for all firms.
# - crseEventStudy: na.replace sets NA; evReturn: a normal law for H0 (laws are tested above).
# - speed, docs, packaging: not errors of a number.
