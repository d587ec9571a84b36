"""Another implementation's numbers: R estudy2 0.10.0 on a simulated, complete panel.

25 firms; the first 250 sessions are the estimation window, ten are a gap, the next eleven
the event window. Its numbers lie beside the folder of real prices, in
``reference/estudy2/B_synth_complete``; its README says which of them follow the papers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import oracle
import pandas as pd
import pytest

import eventstudy as es

pytestmark = pytest.mark.realdata

M = 250
DAY0 = "2018-12-31"
ROW = 260
ESTIMATION = (-260, -11)
EVENT_WINDOW = (0, 10)
FIRMS = 25
MODELS = ("sim", "mrkt_adj", "mean_adj")
SLOW = {"sim": oracle.MARKET, "mrkt_adj": oracle.MARKET_ADJUSTED, "mean_adj": oracle.MEAN}

#: the reference's name → the plain test
DAILY: dict[str, Callable[[oracle.Study, oracle.Window], oracle.Answer]] = {
    "brown_warner_1980": oracle.independent_t,
    "brown_warner_1985": oracle.ts_t,
    "t_test": oracle.csect_t,
    "sign_test": oracle.sign,
    "generalized_sign_test": oracle.gen_sign,
    "corrado_sign_test": oracle.corrado_sign,
    "rank_test": oracle.rank,
    "modified_rank_test": oracle.rank,
    "wilcoxon_test": oracle.wilcoxon,
    "patell": oracle.patell,
    "boehmer": oracle.bmp,
}
#: the same by public key, for the tests that the library has
PUBLIC = {
    "brown_warner_1985": "ts_t",
    "t_test": "csect_t",
    "sign_test": "sign",
    "generalized_sign_test": "gen_sign",
    "rank_test": "rank",
    "modified_rank_test": "rank",
    "wilcoxon_test": "wilcoxon",
    "patell": "patell",
    "boehmer": "bmp",
}


def printed(tests: Iterable[str]) -> list[tuple[str, str]]:
    """Model and test; standardised tests are printed for the market model only."""
    only = ("patell", "boehmer")
    return [
        (model, test) for test in tests for model in MODELS if model == "sim" or test not in only
    ]


def scale(test: str, model: str) -> float:
    """The paper's value over the reference's, which takes residual variances over M − 1."""
    if model == "sim" and test in ("patell", "brown_warner_1980"):
        return math.sqrt((M - 2) / (M - 1))
    return 1.0


def close(value: Any) -> Any:
    return pytest.approx(value, rel=1e-10, abs=1e-14)


# ── the reference ────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def folder(data_folder: Path) -> Path:
    return data_folder.parent / "reference" / "estudy2" / "B_synth_complete"


@cache
def table(file: Path) -> pd.DataFrame:
    return pd.read_csv(file)


def by_date(file: Path) -> pd.DataFrame:
    found = table(file).set_index("date")
    found.index = pd.to_datetime(found.index)
    return found


def daily(folder: Path, model: str, test: str) -> list[float]:
    """Eleven statistics, one an event day."""
    found = table(folder / f"{model}_tests_long.csv")
    values = [float(v) for v in found.loc[found["test"] == test, "statistic"]]
    assert len(values) == 11
    return values


def windowed(folder: Path, model: str, test: str) -> list[tuple[tuple[int, int], float]]:
    """Windows in event time with the statistic of a CAR test."""
    calendar = [str(d) for d in table(folder / "input_market.csv")["date"]]
    found = table(folder / f"{model}_car_tests.csv")
    found = found[found["test"] == test]
    assert len(found) == 3
    return [
        ((calendar.index(first) - ROW, calendar.index(last) - ROW), float(statistic))
        for first, last, statistic in zip(
            found["car_start"], found["car_end"], found["statistic"], strict=True
        )
    ]


def test_the_windows_are_those_of_the_reference(folder: Path) -> None:
    bounds = dict(line.split(",", 1) for line in (folder / "windows.csv").read_text().splitlines())
    calendar = [str(d) for d in table(folder / "input_market.csv")["date"]]
    assert [calendar.index(bounds[f"estimation_{end}"]) for end in ("start", "end")] == [0, 249]
    assert [calendar.index(bounds[f"event_{end}"]) for end in ("start", "end")] == [260, 270]
    assert bounds["event_start"] == DAY0


# ── the plain specification ──────────────────────────────────────────────────────────────
@cache
def slow(folder: Path, model: str, window: oracle.Window = EVENT_WINDOW) -> oracle.Study:
    returns = by_date(folder / "input_returns.csv").to_numpy(dtype=float).T
    market = by_date(folder / "input_market.csv").to_numpy(dtype=float)
    setup = oracle.Setup(model=SLOW[model], estimation=ESTIMATION, window=window)
    return oracle.run(oracle.Data(returns, market), range(FIRMS), [ROW] * FIRMS, setup)


@pytest.mark.parametrize("model", MODELS)
def test_oracle_abnormal_returns(folder: Path, model: str) -> None:
    expected = by_date(folder / f"{model}_abnormal.csv").to_numpy(dtype=float).T
    found = slow(folder, model)
    assert len(found.events) == FIRMS
    for event, row in zip(found.events, expected, strict=True):
        assert event.residuals == close(row[:M])
        assert event.ar == close(row[ROW : ROW + 11])


@pytest.mark.parametrize("model", MODELS)
def test_oracle_parameters(folder: Path, model: str) -> None:
    expected = table(folder / f"{model}_per_firm.csv")
    events = slow(folder, model).events
    sigma = "lm_sigma_nminus2" if model == "sim" else "sd_ar_est_ddof1"
    assert [event.sigma for event in events] == close(list(expected[sigma]))
    if model == "sim":
        assert [event.params[0] for event in events] == close(list(expected["alpha"]))
        assert [event.params[1] for event in events] == close(list(expected["beta"]))


@pytest.mark.parametrize(("model", "test"), printed(DAILY))
def test_oracle_daily_tests(folder: Path, model: str, test: str) -> None:
    found = slow(folder, model)
    values = [DAILY[test](found, (day, day)).statistic for day in range(11)]
    assert values == close([scale(test, model) * v for v in daily(folder, model, test)])


@pytest.mark.parametrize("model", MODELS)
def test_oracle_car_tests(folder: Path, model: str) -> None:
    for window, value in windowed(folder, model, "car_brown_warner_1985"):
        assert oracle.ts_t(slow(folder, model), window).statistic == close(value)
    for window, value in windowed(folder, model, "car_rank_test"):
        # the reference ranks the estimation window and the tested days only
        assert oracle.rank(slow(folder, model, window), window).statistic == close(value)


# ── the library ──────────────────────────────────────────────────────────────────────────
@cache
def fast(folder: Path, model: str, window: tuple[int, int] = EVENT_WINDOW) -> es.Result:
    returns = by_date(folder / "input_returns.csv")
    events = pd.DataFrame({"ticker": list(returns.columns), "date": DAY0})
    market = by_date(folder / "input_market.csv")["MKT"]
    panel = es.Panel.from_returns(returns.assign(MKT=market), market="MKT")
    models = {"sim": es.MarketModel, "mrkt_adj": es.MarketAdjusted, "mean_adj": es.MeanAdjusted}
    study = es.EventStudy(model=models[model](), estimation=ESTIMATION, window=window)
    return study.run(events, panel)


@pytest.mark.parametrize("model", MODELS)
def test_library_abnormal_returns(folder: Path, model: str) -> None:
    expected = by_date(folder / f"{model}_abnormal.csv").iloc[ROW : ROW + 11]
    result = fast(folder, model)
    assert len(result.dropped) == 0
    assert [int(day) for day in result.ar.columns] == list(range(11))
    assert list(result.estimates["ticker"]) == list(expected.columns)
    for found, firm in zip(result.ar.to_numpy(), expected.columns, strict=True):
        assert found == close(expected[firm].to_numpy())


@pytest.mark.parametrize("model", MODELS)
def test_library_estimates(folder: Path, model: str) -> None:
    expected = table(folder / f"{model}_per_firm.csv")
    estimates = fast(folder, model).estimates
    sigma = "lm_sigma_nminus2" if model == "sim" else "sd_ar_est_ddof1"
    assert list(estimates["sigma"]) == close(list(expected[sigma]))
    assert set(estimates["n_obs"]) == {M}
    if model == "sim":
        columns = list(estimates.columns)
        beta = columns[columns.index("alpha") + 1]
        assert list(estimates["alpha"]) == close(list(expected["alpha"]))
        assert list(estimates[beta]) == close(list(expected["beta"]))


@pytest.mark.parametrize(("model", "test"), printed(PUBLIC))
def test_library_daily_tests(folder: Path, model: str, test: str) -> None:
    result = fast(folder, model)
    values = [result.test(PUBLIC[test], (day, day)).statistic for day in range(11)]
    assert values == close([scale(test, model) * v for v in daily(folder, model, test)])


@pytest.mark.parametrize("model", MODELS)
def test_library_car_tests(folder: Path, model: str) -> None:
    result = fast(folder, model)
    for window, value in windowed(folder, model, "car_brown_warner_1985"):
        assert result.test("ts_t", window).statistic == close(value)
    for window, value in windowed(folder, model, "car_rank_test"):
        # the reference ranks the estimation window and the tested days only
        alone = fast(folder, model, window)
        assert alone.test("rank", window).statistic == close(value)
