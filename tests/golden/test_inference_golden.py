"""The tests of inference give the printed numbers of the two worked examples."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from golden import fixtures
from inference_studies import measure

from eventstudy import engine, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Inputs, Placement, Windows
from eventstudy.models import MarketModel
from eventstudy.windows import Window

M = fixtures.MIN_OVERLAP
Asked = tuple[int, int]
OURS: dict[str, Callable[[Abnormal, Asked], float]] = {
    "N": lambda a, w: inference.csect_t(a, w).n,
    "caar": lambda a, w: inference.csect_t(a, w).estimate,
    "scar[0]": lambda a, w: float(a.scar(w)[0]),
    "csect_t": lambda a, w: inference.csect_t(a, w).statistic,
    "ts_t": lambda a, w: inference.ts_t(a, w).statistic,
    "patell": lambda a, w: inference.patell(a, w).statistic,
    "patell(sum_sar)": lambda a, w: inference.patell(a, w, variant="sum_sar").statistic,
    "adj_patell": lambda a, w: inference.adj_patell(a, w, min_overlap=M).statistic,
    "bmp": lambda a, w: inference.bmp(a, w).statistic,
    "adj_bmp": lambda a, w: inference.adj_bmp(a, w, min_overlap=M).statistic,
    "adj_bmp p[t(N-1)]": lambda a, w: inference.adj_bmp(a, w, min_overlap=M).pvalue,
    "skew_t(johnson)": lambda a, w: inference.skew_t(a, w, variant="johnson").statistic,
    "skew_t(hall)": lambda a, w: inference.skew_t(a, w).statistic,
    "corrado": lambda a, w: inference.rank(a, w).statistic,
    "cumrank_t": lambda a, w: inference.cumrank_t(a, w).statistic,
    "corrado_zivney": lambda a, w: inference.rank_cz(a, w).statistic,
    "grank_t(none)": lambda a, w: inference.grank_t(a, w, correction="none").statistic,
    "grank_z": lambda a, w: inference.grank_z(a, w).statistic,
    "grank_t(sd)": lambda a, w: inference.grank_t(a, w, min_overlap=M).statistic,
    "grank_t(full)": lambda a, w: (
        inference.grank_t(a, w, correction="full", min_overlap=M).statistic
    ),
    "gen_sign": lambda a, w: inference.gen_sign(a, w).statistic,
    "corrado_sign": lambda a, w: inference.corrado_sign(a, w).statistic,
    "jackknife_t": lambda a, w: inference.jackknife(a, w, min_events=3).statistic,
    "wilcoxon W+": lambda a, w: inference.wilcoxon(a, w).statistic,
    "placebo_window p": lambda a, w: inference.placebo_window(a, w).pvalue,
    "portfolio_t": lambda a, w: inference.portfolio_t(a, w).statistic,
    "sur_F": lambda a, w: inference.sur_F(a, w).statistic,
    "gls_t(naive)": lambda a, w: inference.gls_mean(a, w, naive=True).statistic,
    "gls_t(exact)": lambda a, w: inference.gls_mean(a, w).statistic,
}
CASES = [case for case in fixtures.cases() if case[0] in OURS]


@cache
def by_hand(example: str) -> Abnormal:
    firms, rows = range(fixtures.FIRMS), [fixtures.DAY0] * fixtures.FIRMS
    return measure(
        fixtures.returns(example),
        fixtures.market(),
        firms,
        rows,
        estimation=fixtures.ESTIMATION,
        window=fixtures.EVENT_WINDOW,
    )


@cache
def by_engine(example: str) -> Abnormal:
    firms = np.arange(fixtures.FIRMS)
    placement = Placement(firms, np.full(fixtures.FIRMS, fixtures.DAY0), firms)
    inputs = Inputs(fixtures.returns(example), fixtures.market()[:, None], ("market",))
    windows = Windows(Window(*fixtures.ESTIMATION), Window(*fixtures.EVENT_WINDOW))
    return engine.run(MarketModel(), inputs, placement, windows, min_obs=fixtures.MIN_OBS).abnormal


def close(value: float) -> object:
    return pytest.approx(value, rel=1e-10, abs=1e-10 if value == 0 else 0.0)


@pytest.mark.parametrize("made", [by_hand, by_engine])
@pytest.mark.parametrize(("statistic", "example", "window", "value"), CASES)
def test_golden(
    made: Callable[[str], Abnormal], statistic: str, example: str, window: Asked, value: float
) -> None:
    assert OURS[statistic](made(example), window) == close(value)


SCALARS: dict[str, Callable[[Abnormal], float]] = {
    "alpha[0]": lambda a: float(a.params[0, 0]),
    "beta[0]": lambda a: float(a.params[0, 1]),
    "sigma[1]": lambda a: float(a.sigma[1]),
    "C[0,tau=0]": lambda a: float(a.q((0, 0))[0]),
    "AR[0,tau=0]": lambda a: float(a.car((0, 0))[0]),
    "rbar": lambda a: inference.correlation(a, (0, 0), min_overlap=M).rbar,
}


@pytest.mark.parametrize("made", [by_hand, by_engine])
@pytest.mark.parametrize(("name", "example", "value"), fixtures.scalar_cases())
def test_golden_scalar(
    made: Callable[[str], Abnormal], name: str, example: str, value: float
) -> None:
    assert SCALARS[name](made(example)) == close(value)


@pytest.mark.parametrize(("example", "value"), [*zip("AB", fixtures.SCALARS["rbar"], strict=True)])
def test_golden_effective_number(example: str, value: float) -> None:
    found = inference.correlation(by_hand(example), (0, 0), min_overlap=M)
    assert found.n_eff == pytest.approx(4 / (1 + 3 * value), rel=1e-10)


def test_every_number_of_the_table_is_checked() -> None:
    assert fixtures.cases() == CASES
    assert fixtures.GOLDEN.keys() == OURS.keys()
    assert fixtures.SCALARS.keys() == SCALARS.keys()
