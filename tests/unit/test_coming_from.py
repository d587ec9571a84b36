"""docs/coming_from.md: rules of other programs on raw returns, and how our numbers convert."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import eventstudy as es
from eventstudy import engine

FIRMS, DAYS = 9, 420
WINDOW = (-1, 1)


def world() -> pd.DataFrame:
    """Returns of some firms that share a shock, and of the market SPY."""
    rng = np.random.default_rng(5)
    market, shock = rng.normal(0.0004, 0.01, (2, DAYS))
    own = rng.normal(0, 0.02, (FIRMS, DAYS)) * np.linspace(0.6, 1.6, FIRMS)[:, None]
    beta = np.linspace(0.5, 2.0, FIRMS)[:, None]
    frame = pd.DataFrame((beta * market + shock + own).T, columns=[f"F{i}" for i in range(FIRMS)])
    return frame.assign(SPY=market).set_index(pd.bdate_range("2024-01-01", periods=DAYS))


def run(estimation: tuple[int, int], window: tuple[int, int]) -> es.Result:
    frame = world()
    study = es.EventStudy(es.MarketModel(), estimation=estimation, window=window, min_obs=30)
    events = es.events_on(frame.index[400], frame.columns[:-1])
    return study.run(events, es.Panel.from_returns(frame, market="SPY"))


def regressions(first: int, last: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """CARs over the window, and Σe² of each firm: by least squares, firm by firm."""
    frame = world()
    days, held = np.arange(400 + first, 400 + last + 1), np.arange(399, 402)
    cars, squares = [], []
    for name in frame.columns[:-1]:
        slope, level = np.polyfit(frame["SPY"].to_numpy()[days], frame[name].to_numpy()[days], 1)
        left = frame[name].to_numpy() - level - slope * frame["SPY"].to_numpy()
        cars.append(left[held].sum())
        squares.append(float(left[days] @ left[days]))
    return np.array(cars), np.array(squares)


def test_statistics_of_wrds() -> None:
    """%EVTSTUDY with ESTPER=110, GAP=5, START=-1, END=1: SCAR = CAR / √(L·σ̂²)."""
    start, gap, estper = -1, 5, 110
    result = run((start - gap - estper, start - gap - 1), WINDOW)
    car, squares = regressions(-116, -7)
    assert set(result.estimates["n_obs"]) == {estper}
    scar, root = car / np.sqrt(3 * squares / (estper - 2)), math.sqrt(FIRMS)
    ours = result.abnormal.scar(WINDOW) * np.sqrt(result.abnormal.q(WINDOW) / 3)
    np.testing.assert_allclose(ours, scar, rtol=1e-9)
    same = {
        "csect_t": root * car.mean() / car.std(ddof=1),
        "sign": ((car > 0).mean() - 0.5) / math.sqrt(0.25 / FIRMS),
    }
    for key, theirs in same.items():
        assert result.test(key, WINDOW).statistic == pytest.approx(theirs, rel=1e-9)
    # without the error of the forecast theirs are a little larger
    theirs = root * scar.mean()
    scaled = theirs * math.sqrt((estper - 4) / (estper - 2))  # the variance that Patell gives
    assert 1.0 < scaled / result.test("patell", WINDOW).statistic < 1.06
    assert (
        0.99 < root * scar.mean() / scar.std(ddof=1) / result.test("bmp", WINDOW).statistic < 1.01
    )


def test_the_statistic_of_eventstudy() -> None:
    """`eventstudy` 0.1a12: estimation_size=300, buffer_size=30; residual variances over T."""
    result = run((-340, -41), (-10, 10))
    car, squares = regressions(-340, -41)
    assert set(result.estimates["n_obs"]) == {300}
    theirs = car.mean() / math.sqrt(3 * (squares / 300).sum() / FIRMS**2)
    ours = result.test("independent_t", WINDOW).statistic
    assert math.sqrt(300 / 298) * ours == pytest.approx(theirs, rel=1e-9)


def test_defaults_that_the_page_names() -> None:
    study = es.EventStudy(estimation=(-270, -21), window=(-20, 20))
    assert engine.required_days(study.model, study.windows, study.min_obs) == 120
    assert es.Timing().max_shift == 5
