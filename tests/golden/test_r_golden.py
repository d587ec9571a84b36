"""The library gives the numbers of R: simulated returns, complete and with gaps, three models.

`estudy2/README.md` says how they were made.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from golden.estudy2 import make_inputs

import eventstudy as es

FOLDER = Path(__file__).parent / "estudy2"
MODELS = {"market": es.MarketModel, "market_adjusted": es.MarketAdjusted, "mean": es.MeanAdjusted}
TESTS = ("ts_t", "independent_t", "csect_t", "patell", "adj_patell", "bmp", "adj_bmp", "rank",
         "corrado_sign", "sign", "gen_sign", "wilcoxon")  # fmt: skip
WINDOWS = [*[(day, day) for day in range(7)], (0, 1), (1, 5), (0, 6)]
M = make_inputs.ESTIMATION


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv", float_precision="round_trip")


@cache
def expected() -> pd.DataFrame:
    return read("expected").set_index(["panel", "model", "first", "last", "test"])


@cache
def result(panel: str, model: str, last: int = 6) -> es.Result:
    frame = read(panel).set_index("date")
    firms = [name for name in frame.columns if name != "MKT"]
    events = es.events_on(frame.index[M + make_inputs.GAP], firms)
    study = es.EventStudy(
        model=MODELS[model](), estimation=(-M - 5, -6), window=(0, last), min_obs=60
    )
    return study.run(events, es.Panel.from_returns(frame, market="MKT"))


def row(panel: str, model: str, window: tuple[int, int], test: str) -> pd.Series:
    return expected().loc[(panel, model, *window, test)]


def test_inputs_are_those_of_the_script() -> None:
    frame = make_inputs.complete()
    for name, made in (("complete", frame), ("gaps", make_inputs.gaps(frame))):
        stored = read(name).set_index("date")
        assert list(stored.columns) == list(made.columns)
        np.testing.assert_allclose(stored, made, rtol=1e-12)
    assert int(read("gaps").isna().sum().sum()) == 73
    assert len(expected()) == 2 * len(MODELS) * len(WINDOWS) * len(TESTS)


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("panel", ["complete", "gaps"])
def test_the_numbers_of_r(panel: str, model: str, test: str) -> None:
    for window in WINDOWS:
        found = result(panel, model).test(test, window)
        want = row(panel, model, window, test)
        assert found.n == want["n"], window
        assert found.statistic == pytest.approx(want["statistic"], rel=1e-10, abs=1e-12), window


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("model", MODELS)
def test_the_rules_of_estudy2(model: str, test: str) -> None:
    """Equal, but for residual variances over M − 1 and for the days that a CAR is ranked with."""
    scaled = model == "market" and test in ("patell", "independent_t")
    scale = math.sqrt((M - 2) / (M - 1)) if scaled else 1.0
    for window in WINDOWS:
        want = float(row("complete", model, window, test)["estudy2"])
        if math.isnan(want):  # a test or a model that it does not have
            continue
        alone = test == "rank" and window[0] < window[1]
        if alone and window[0] != 0:
            continue  # needs a study whose event window begins with the tested days
        found = result("complete", model, window[1] if alone else 6).test(test, window)
        assert found.statistic == pytest.approx(scale * want, rel=1e-10), window
