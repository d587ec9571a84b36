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
    return pd.read_csv(FOLDER / f"{name}.csv")


@cache
def expected() -> dict[tuple[str, str, int, int, str], tuple[int, float, float]]:
    """Panel, model, window and test → n, the paper's number, and that of estudy2's rules."""
    rows = read("expected").itertuples(index=False)
    return {(r[0], r[1], int(r[2]), int(r[3]), r[4]): (r[5], r[6], r[7]) for r in rows}


@cache
def result(panel: str, model: str, last: int = 6) -> es.Result:
    frame = read(panel).set_index("date")
    firms = [name for name in frame.columns if name != "MKT"]
    events = es.events_on(frame.index[M + make_inputs.GAP], firms)
    study = es.EventStudy(
        model=MODELS[model](), estimation=(-M - 5, -6), window=(0, last), min_obs=60
    )
    return study.run(events, es.Panel.from_returns(frame, market="MKT"))


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
        n, want, _ = expected()[(panel, model, *window, test)]
        assert found.n == n, window
        assert found.statistic == pytest.approx(want, rel=1e-10, abs=1e-12), window


#: what estudy2 has: standardised tests for the market model alone
THEIRS = [
    (model, test)
    for test in TESTS
    for model in MODELS
    if not test.startswith("adj_") and (model == "market" or test not in ("patell", "bmp"))
]


@pytest.mark.parametrize(("model", "test"), THEIRS)
def test_the_rules_of_estudy2(model: str, test: str) -> None:
    """Equal, but for residual variances over M − 1 and for the days that a CAR is ranked with."""
    scaled = model == "market" and test in ("patell", "independent_t")
    scale = math.sqrt((M - 2) / (M - 1)) if scaled else 1.0
    compared = 0
    for window in WINDOWS:
        want = expected()[("complete", model, *window, test)][2]
        ranked = test == "rank" and window[0] < window[1]
        # ranks of the estimation window and of the tested days: a study that ends with them
        if math.isnan(want) or (ranked and window[0] > 0):
            continue
        found = result("complete", model, window[1] if ranked else 6).test(test, window)
        assert found.statistic == pytest.approx(scale * want, rel=1e-10), window
        compared += 1
    assert compared == {"ts_t": 10, "rank": 9}.get(test, 7)
