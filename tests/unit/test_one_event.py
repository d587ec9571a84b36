"""One firm, one event: by the plain loop, by hand, by simulation, and word for word."""

from __future__ import annotations

import dataclasses
import html
import math
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
import oracle
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.errors import EventStudyError, OptionError
from eventstudy.inference.power import effect_found, t_power
from eventstudy.inference.two_by_two import fisher
from eventstudy.report import Amount, NewsDays, SingleEvent, draw_one_event

mpl.use("Agg")

T = 330
DAYS = pd.bdate_range("2024-01-02", periods=T)
NAMES = ["IREN", "CIFR", "HUT"]
FIRST, LAST = -120, -11
STUDY = es.EventStudy(estimation=(FIRST, LAST), window=(-3, 3))
DAY0 = 250


@cache
def frame(gaps: bool = False) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    market = rng.normal(0.0004, 0.01, T)
    bitcoin = rng.normal(0.001, 0.02, T)
    noise = rng.standard_t(4, (T, 3)) * 0.02
    firms = market[:, None] + 0.4 * bitcoin[:, None] + noise
    firms[DAY0, 0] -= 0.16
    if gaps:
        firms[rng.random((T, 3)) < 0.03] = np.nan
        firms[DAY0 - 4 : DAY0 + 4] = market[DAY0 - 4 : DAY0 + 4, None]
        firms[DAY0, 0] = -0.06
    return pd.DataFrame(firms, DAYS, NAMES).assign(SPY=market, BTC=bitcoin)


def panel(gaps: bool = False, **options: Any) -> es.Panel:
    return es.Panel.from_returns(frame(gaps), **{"market": "SPY", **options})


def events(*rows: int, ticker: str = "IREN", **columns: Any) -> pd.DataFrame:
    ids = [f"e{row}" for row in rows]
    made = {"event_id": ids, "ticker": ticker, "date": DAYS[list(rows)], "session": "before_open"}
    return pd.DataFrame({**made, **columns})


def run(table: pd.DataFrame | None = None, data: es.Panel | None = None, **how: Any) -> es.Result:
    study = dataclasses.replace(STUDY, **how)
    return study.run(events(DAY0) if table is None else table, panel() if data is None else data)


@cache
def usual() -> es.Result:
    return run()


@pytest.fixture(autouse=True)
def _close_pictures() -> Iterator[None]:
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


def columns_of(line: str) -> int:
    return sum(not unicodedata.combining(letter) for letter in line)


# ── the three tests, against the plain loop ──────────────────────────────────────────────
def slow(gaps: bool, window: tuple[int, int]) -> oracle.Study:
    table = frame(gaps)
    data = oracle.Data(table[NAMES].to_numpy().T, table[["SPY"]].to_numpy())
    setup = oracle.Setup(model=oracle.MARKET, estimation=(FIRST, LAST), window=window)
    return oracle.run(data, [0], [DAY0], setup)


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("window", [(0, 0), (-1, 1), (0, 3)])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_tests_equal_the_plain_loop(gaps: bool, window: tuple[int, int], alternative: str) -> None:
    found = run(data=panel(gaps)).single("e250", window, alternative=alternative)
    loop = slow(gaps, (-3, 3))
    t = oracle.single_t(loop.events[0], window, alternative)
    assert found.estimate == pytest.approx(t.estimate, rel=1e-10)
    assert found.t.se == pytest.approx(t.se, rel=1e-10)
    assert (found.t.statistic, found.t.df) == pytest.approx((t.statistic, t.df), rel=1e-10)
    assert found.t.pvalue == pytest.approx(t.pvalue, rel=1e-10)
    assert found.sq.pvalue == pytest.approx(oracle.sq(loop, window, alternative).pvalue, rel=1e-12)
    assert found.n_obs == loop.events[0].n_obs


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_permutation_of_one_day_is_the_enumeration(gaps: bool, alternative: str) -> None:
    found = run(data=panel(gaps)).single("e250", alternative=alternative).permutation
    wanted = oracle.permutation(slow(gaps, (-3, 3)), (0, 0), alternative)
    assert found.statistic == pytest.approx(wanted.statistic, rel=1e-10)
    assert found.pvalue == pytest.approx(wanted.pvalue, rel=1e-12)


def test_permutation_of_several_days_is_drawn_the_same_way_twice() -> None:
    one, two = (usual().single("e250", (-1, 1)).permutation for _ in range(2))
    assert one == two
    assert one == usual().test("permutation", (-1, 1))
    assert 0 < one.pvalue < 1


def test_interval_is_estimate_and_quantile_of_t() -> None:
    found = usual().single("e250", (-1, 1))
    half = stats.t.ppf(0.975, found.t.df) * found.t.se
    assert found.t.ci == pytest.approx((found.estimate - half, found.estimate + half), rel=1e-12)
    assert found.smallest == pytest.approx(half, rel=1e-12)
    assert found.smallest == pytest.approx(es.inference.detectable(usual().abnormal, (-1, 1)))


# ── power ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("df", [3, 10, 108, 238, 1000])
@pytest.mark.parametrize("size", [0.0, 0.3, 1.0, 2.0, 2.8, 4.5, 7.0, 12.0])
@pytest.mark.parametrize("level", [0.01, 0.05, 0.10])
def test_power_is_the_noncentral_t(df: float, size: float, level: float) -> None:
    c = stats.t.isf(level / 2, df)
    both = stats.nct.sf(c, df, size) + (stats.nct.cdf(-c, df, size) if size < 6 else 0.0)
    assert t_power(size, df, level=level) == pytest.approx(both, rel=1e-8, abs=1e-9)
    assert t_power(-size, df, level=level) == t_power(size, df, level=level)
    one = stats.nct.sf(stats.t.isf(level, df), df, size)
    assert t_power(size, df, level=level, alternative="greater") == pytest.approx(one, rel=1e-8)


@pytest.mark.parametrize("power", [0.2, 0.5, 0.8, 0.99])
@pytest.mark.parametrize("df", [2, 20, 238])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_effect_found_is_the_inverse_of_power(power: float, df: float, alternative: str) -> None:
    size = effect_found(power, df, alternative=alternative)
    assert size > 0
    assert t_power(size, df, alternative=alternative) == pytest.approx(power, rel=1e-9)


def test_effect_found_is_found_that_often() -> None:
    """A market model on 20 days, an effect of δσ√Q, 40,000 times."""
    rng, m, draws = np.random.default_rng(5), 20, 40_000
    x = np.column_stack([np.ones(m + 1), rng.normal(0, 1, m + 1)])
    q = 1 + x[m] @ np.linalg.inv(x[:m].T @ x[:m]) @ x[m]
    size = effect_found(0.8, m - 2)
    y = rng.normal(0, 1, (draws, m + 1))
    y[:, m] += size * math.sqrt(q)
    theta = np.linalg.lstsq(x[:m], y[:, :m].T, rcond=None)[0]
    sigma = np.sqrt(((y[:, :m].T - x[:m] @ theta) ** 2).sum(axis=0) / (m - 2))
    t = (y[:, m] - x[m] @ theta) / (sigma * math.sqrt(q))
    share = (np.abs(t) > stats.t.isf(0.025, m - 2)).mean()
    assert share == pytest.approx(0.8, abs=4 * math.sqrt(0.16 / draws))


@pytest.mark.parametrize(
    ("alternative", "tail"), [("two-sided", 0.025), ("greater", 0.05), ("less", 0.05)]
)
def test_moves_are_multiples_of_the_standard_error(alternative: str, tail: float) -> None:
    found = usual().single("e250", alternative=alternative)
    se, df = found.t.se, found.t.df
    assert found.smallest == pytest.approx(stats.t.isf(tail, df) * se, rel=1e-10)
    assert found.found == pytest.approx(effect_found(0.8, df, alternative=alternative) * se)
    assert found.found > found.smallest


def test_nothing_known_has_no_power() -> None:
    assert math.isnan(t_power(math.nan, 20))
    assert math.isnan(effect_found(0.8, math.nan))


# ── dollars ──────────────────────────────────────────────────────────────────────────────
def priced(kind: str = "simple", **cap: Any) -> es.Panel:
    closes = pd.DataFrame({"IREN": np.linspace(20.0, 60.0, T)}, DAYS)
    caps = {name: pd.DataFrame({"IREN": values}, DAYS) for name, values in cap.items()}
    return panel(kind=kind, fields={"close": closes, **caps})


@pytest.mark.parametrize("window", [(0, 0), (-2, 1)])
def test_dollars_of_simple_returns_by_hand(window: tuple[int, int]) -> None:
    caps = np.linspace(1e9, 2e9, T)
    found = run(data=priced(market_cap=caps)).single("e250", window)
    at = DAY0 + window[0] - 1
    for amount, base in ((found.share, np.linspace(20, 60, T)[at]), (found.cap, caps[at])):
        assert amount.base == pytest.approx(base, rel=1e-12)
        assert amount.estimate == pytest.approx(base * found.estimate, rel=1e-12)
        assert amount.se == pytest.approx(base * found.t.se, rel=1e-12)
        assert amount.ci == pytest.approx([base * x for x in found.t.ci], rel=1e-12)
        assert amount.why == ""
    assert found.before == DAYS[at]


def test_dollars_of_one_day_are_the_close_less_the_expected_price() -> None:
    prices = (1 + frame().fillna(0)).cumprod() * 30
    data = es.Panel.from_prices(prices, market="SPY", fields={"close": prices})
    found = run(data=data).single("e250")
    before, after = prices["IREN"].iloc[[DAY0 - 1, DAY0]]
    expected = before * (1 + found.parts.sum())
    assert found.share.estimate == pytest.approx(after - expected, rel=1e-10)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_dollars_of_log_returns_by_hand(alternative: str) -> None:
    found = run(data=priced("log")).single("e250", (0, 1), alternative=alternative)
    base, car = np.linspace(20, 60, T)[DAY0 - 1], found.estimate
    assert found.share.estimate == pytest.approx(base * (math.exp(car) - 1), rel=1e-12)
    assert found.share.se == pytest.approx(base * math.exp(car) * found.t.se, rel=1e-12)
    ends = [base * (math.exp(x) - 1) if x < math.inf else math.inf for x in found.t.ci]
    assert found.share.ci == pytest.approx(ends, rel=1e-12)
    assert found.kind == "log"
    assert any("exp(CAR)" in note for note in found.notes)


def test_delta_method_is_the_spread_of_converted_returns() -> None:
    found = run(data=priced("log")).single("e250")
    draws = np.random.default_rng(2).normal(found.estimate, found.t.se, 200_000)
    spread = (found.share.base * np.expm1(draws)).std()
    assert found.share.se == pytest.approx(spread, rel=0.01)


def test_arguments_come_before_the_panel() -> None:
    data = priced(market_cap=np.full(T, 5e9))
    found = run(data=data).single("e250", price=10, market_cap=7e8)
    assert (found.share.base, found.cap.base) == (10.0, 7e8)
    found = run(data=data).single("e250", shares=3e6)
    assert found.cap.base == pytest.approx(3e6 * found.share.base)
    found = usual().single("e250", price=np.float64(12.5), shares=1000)
    assert found.cap.estimate == pytest.approx(12_500 * found.estimate)


def test_no_price_is_told_and_never_filled() -> None:
    found = usual().single("e250")
    assert math.isnan(found.share.estimate)
    day = DAYS[DAY0 - 1].date()
    assert found.share.why == (
        f"No move in dollars: the panel has no close of IREN on {day}; give price=."
    )
    assert found.cap.why == (
        f"No move of market capitalisation in dollars: the panel has no market_cap of IREN on "
        f"{day}; give shares= or market_cap=."
    )
    text = str(found)
    assert "Dollars" not in text
    assert "give price=" in text.replace("\n  ", " ")
    assert "$" not in found.sentence()
    closes = pd.DataFrame({"IREN": np.full(T, 30.0)}, DAYS)
    closes.iloc[DAY0 - 1] = np.nan
    hole = run(data=panel(fields={"close": closes})).single("e250")
    assert math.isnan(hole.share.base)


def test_table_holds_every_number() -> None:
    found = run(data=priced()).single("e250", shares=1e6)
    table = found.table
    assert list(table.columns) == ["unit", "estimate", "se", "ci_low", "ci_high"]
    assert list(table.index) == [
        *("raw return", "expected: alpha", "expected: SPY", "expected return"),
        *("abnormal return", "smallest significant move", "move found with 80 % power"),
        *("dollars per share", "market cap"),
    ]
    row = table.loc["dollars per share"]
    assert tuple(row[1:]) == (found.share.estimate, found.share.se, *found.share.ci)
    assert table["unit"].tolist() == ["return"] * 7 + ["dollars"] * 2
    assert table["estimate"].dtype == float
    assert list(found.tests.index) == ["single_t", "sq", "permutation"]
    assert found.tests.loc["sq", "pvalue"] == found.sq.pvalue


# ── what the model expected ──────────────────────────────────────────────────────────────
def test_parts_of_a_factor_model_by_hand() -> None:
    result = run(model=es.FactorModel(("SPY", "BTC")))
    found = result.single("e250", (-1, 2))
    betas = result.estimates.iloc[0]
    days = frame().iloc[DAY0 - 1 : DAY0 + 3]
    assert found.parts["alpha"] == pytest.approx(4 * betas["alpha"], rel=1e-10)
    assert found.parts["SPY"] == pytest.approx(betas["SPY"] * days["SPY"].sum(), rel=1e-10)
    assert found.parts["BTC"] == pytest.approx(betas["BTC"] * days["BTC"].sum(), rel=1e-10)
    assert found.raw == pytest.approx(days["IREN"].sum(), rel=1e-10)


PEERS = es.factors.peers(NAMES)
MODELS: dict[str, tuple[Any, list[str]]] = {
    "raw": (es.RawReturn(), []),
    "mean": (es.MeanAdjusted(), ["alpha"]),
    "adjusted": (es.MarketAdjusted(), ["SPY"]),
    "market": (es.MarketModel(), ["alpha", "SPY"]),
    "capm": (es.CAPM(), ["alpha", "SPY", "risk-free rate"]),
    "capm without alpha": (es.CAPM(alpha=False), ["SPY", "risk-free rate"]),
    "peers": (es.FactorModel(("SPY", PEERS)), ["alpha", "SPY", "peers"]),
    "robust": (es.RobustMarketModel(), ["alpha", "SPY"]),
    "dimson": (es.Dimson(), ["alpha", "SPY"]),
    "benchmark": (es.BenchmarkPortfolio(PEERS), ["peers"]),
    "donors": (es.SyntheticControl(("CIFR", "HUT")), ["CIFR", "HUT"]),
}


@pytest.mark.parametrize("name", MODELS)
def test_parts_add_up_to_the_expected_return(name: str) -> None:
    model, parts = MODELS[name]
    result = run(data=panel(risk_free=0.0001), model=model)
    for window in ((0, 0), (-2, 1)):
        found = result.single("e250", window)
        expected = result.abnormal.expected[0, result.abnormal.days(window)].sum()
        assert found.parts.sum() == pytest.approx(expected, rel=1e-9, abs=1e-13)
        assert found.raw - found.estimate == pytest.approx(expected, rel=1e-9, abs=1e-13)
        assert list(found.parts.index) == parts


@pytest.mark.parametrize("name", ["peers", "benchmark"])
def test_a_factor_that_differs_by_firm_is_that_of_the_firm(name: str) -> None:
    model, parts = MODELS[name]
    result = run(events(DAY0, ticker="HUT"), model=model)
    found = result.single("e250")
    peers = frame()[["IREN", "CIFR"]].iloc[DAY0].mean()
    beta = 1.0 if name == "benchmark" else result.estimates["peers"].iloc[0]
    assert list(found.parts.index) == parts
    assert found.parts["peers"] == pytest.approx(beta * peers)
    assert found.parts.sum() == pytest.approx(found.raw - found.estimate, rel=1e-9)


class Half:
    """Half of the market: a model of a user, with no parameter to split it by."""

    needs = ("market",)

    def fit(self, block: es.Block) -> es.Fit:
        path = np.broadcast_to(block.factors[:, 0] / 2, block.returns.shape)
        return es.Fit.of(block, path)


def test_a_model_without_parts_has_its_expected_return_alone() -> None:
    found = run(model=Half()).single("e250", (0, 1))
    assert list(found.parts.index) == ["Half"]
    assert found.parts["Half"] == pytest.approx(frame()["SPY"].iloc[DAY0 : DAY0 + 2].sum() / 2)


def test_parts_under_skip_run_over_the_days_that_are_there() -> None:
    hole = frame().copy()
    hole.iloc[DAY0 + 1, 0] = np.nan
    data = es.Panel.from_returns(hole, market="SPY")
    found = run(data=data, missing="skip").single("e250", (0, 2))
    assert found.raw == pytest.approx(hole["IREN"].iloc[[DAY0, DAY0 + 2]].sum())
    assert list(found.parts.index) == ["alpha", "SPY"]
    gone = run(data=data).single("e250", (0, 2))
    assert math.isnan(gone.raw)
    assert gone.parts.empty


# ── other news ───────────────────────────────────────────────────────────────────────────
def news() -> pd.DataFrame:
    rows: list[tuple[Any, ...]] = [
        ("e250", "IREN", DAY0, "before_open", "the event itself"),
        ("own", "IREN", DAY0 - 1, "after_close", "own results"),
        ("early", "IREN", DAY0 - 2, "before_open", "too early"),
        ("fed", None, DAY0 + 1, "intraday", "rates"),
        ("late", None, DAY0 + 1, "after_close", "too late"),
        ("c1", "CIFR", DAY0, "unknown", "a lease"),
        ("h1", "HUT", DAY0, "unknown", "a lease, too"),
        ("h2", "HUT", DAY0 - 1, "unknown", "a mine"),
    ]
    names = ["event_id", "ticker", "row", "session", "headline"]
    table = pd.DataFrame(rows, columns=names)
    return table.assign(date=DAYS[table["row"].to_list()]).drop(columns="row")


def test_confounds_of_a_table_of_news() -> None:
    found = usual().confounds("e250", news=news())
    assert list(found.columns) == ["ticker", "date", "day", "kind", "what"]
    assert found.index.name == "event_id"
    assert found[["day", "kind", "what"]].to_records().tolist() == [
        ("own", 0, "same firm", "own results"),
        ("c1", 0, "other firms", "news of 2 firms: CIFR, HUT"),
        ("h2", -1, "other firms", "a mine"),
        ("fed", 1, "market or sector", "rates"),
    ]
    assert usual().single("e250", news=news()).confounds.equals(found)
    wide = usual().confounds("e250", (0, 1), around=2, news=news())
    assert {"early", "late"} <= set(wide.index)
    none = usual().confounds("e250", around=0, news=news()[["ticker", "date"]].iloc[5:6])
    assert none["what"].tolist() == ["news"]
    assert usual().confounds("e250", news=news().iloc[:1]).empty


def test_confounds_of_the_result_itself() -> None:
    table = pd.concat(
        [
            events(DAY0, own_earnings=True, merger_arbitrage=False, concurrent_financing=None),
            events(DAY0).assign(event_id="again"),
            events(DAY0 + 1, category="deal", headline="a <deal>"),
            events(DAY0, ticker="HUT").assign(event_id="other"),
            events(T - 1),
        ]
    )
    result = run(table)
    assert set(result.dropped["reason"]) == {"duplicate", "after_data"}
    found = result.confounds("e250")
    assert found[["day", "kind", "what"]].to_records().tolist() == [
        ("again", 0, "same firm", "news (left out of the study: duplicate)"),
        ("other", 0, "other firms", "news"),
        ("e250", 0, "flag of the event", "own earnings"),
        ("e251", 1, "same firm", "deal: a <deal>"),
    ]
    page = result.single("e250")._repr_html_()
    assert "a &lt;deal&gt;" in page
    assert "<deal>" not in page


def test_expanded_news_is_not_its_own_confound() -> None:
    evening = es.catalysts.load(ids="20260225-nvda-earnings")
    table = es.catalysts.expand(evening, ["IREN", "HUT"])
    study = es.EventStudy()
    data = study.load(table, es.loaders.sample, market="SPY")
    result = study.run(table, data)
    found = result.confounds("20260225-nvda-earnings:IREN", news=evening)
    assert found.empty


# ── words and pictures ───────────────────────────────────────────────────────────────────
def numbers(x: SingleEvent) -> dict[str, str]:
    """What the sentences quote, rounded by hand."""
    made = {"e": x.estimate, "se": x.t.se, "low": x.t.ci[0], "high": x.t.ci[1]}
    return {name: f"{100 * value:+.2f}" for name, value in made.items()}


def test_sentence_of_a_significant_event_word_for_word() -> None:
    found = run(data=priced()).single("e250", shares=2e8)
    x, p = numbers(found), found.sq.pvalue
    share, cap = found.share, found.cap
    assert found.t.pvalue < 0.001
    assert found.sentence() == (
        f"The abnormal return of IREN on {DAYS[DAY0].date()} was {x['e']} % (standard error "
        f"{x['se'][1:]} %, t(108) = {found.t.statistic:.2f}, p < 0.001, 95 % interval {x['low']} "
        f"to {x['high']} %; beyond what the market explains). Under the null hypothesis that the "
        f"event had no effect and that the window was like the 110 days of the estimation, a "
        f"value at least as far from zero as this has probability below 0.001 by the t law, "
        f"{p:.3f} by those days themselves (sample quantiles) and {p:.3f} by permutation of the "
        f"days. All of them reject the null hypothesis at the 5 % level. At the close before the "
        f"window, {DAYS[DAY0 - 1].date()}, this is -${-share.estimate:.2f} a share (standard "
        f"error ${share.se:.2f}, 95 % interval -${-share.ci[0]:.2f} to -${-share.ci[1]:.2f}; "
        f"from a price of ${share.base:.2f}) and -${-cap.estimate / 1e9:.2f} billion of market "
        f"capitalisation (standard error ${cap.se / 1e9:.2f} billion, 95 % interval "
        f"-${-cap.ci[0] / 1e9:.2f} to -${-cap.ci[1] / 1e9:.2f} billion; from a capitalisation of "
        f"${cap.base / 1e9:.2f} billion). The tests say how unusual the return was, not what "
        f"caused it."
    )


def test_sentence_of_no_significance_speaks_of_power() -> None:
    found = run(events(200)).single("e200", alternative="greater")
    assert found.t.pvalue > 0.05
    said = found.sentence()
    size, could = (f"{100 * x:.2f} %" for x in (found.smallest, found.found))
    assert (
        "None of them rejects the null hypothesis at the 5 % level; only a move beyond "
        f"+{size} would have been significant (t), and a true effect of +{could} would have been "
        "found in 80 % of cases: this does not show that there was no effect."
    ) in said
    assert "a value at least as high as this has probability" in said
    assert f"95 % interval above {100 * found.t.ci[0]:+.2f} %" in said


def test_sentence_of_disagreement_leaves_the_answer_open() -> None:
    returns = frame().copy()
    rng = np.random.default_rng(3)
    returns["IREN"] = returns["SPY"] + rng.normal(0, 0.01, T)
    returns.iloc[DAY0 + LAST - 8 : DAY0 + LAST, 0] = 0.05  # a few wild days
    returns.iloc[DAY0, 0] = returns["SPY"].iloc[DAY0] + 0.045
    found = run(data=es.Panel.from_returns(returns, market="SPY")).single("e250")
    assert found.t.pvalue < 0.05 < found.sq.pvalue
    assert "The tests disagree at the 5 % level, so the answer is open" in found.sentence()


def test_sentence_of_a_window_names_it_and_counts_news() -> None:
    found = usual().single("e250", (-1, 1), news=news())
    said = found.sentence()
    assert said.startswith(
        f"The cumulative abnormal return of IREN over [-1,+1] around {DAYS[DAY0].date()} was "
    )
    assert said.endswith(
        "not what caused it: 6 other items of news lie within 1 trading day of the window."
    )


def test_nothing_to_say() -> None:
    hole = frame().copy()
    hole.iloc[DAY0 + 1, 0] = np.nan
    found = run(data=es.Panel.from_returns(hole, market="SPY")).single("e250", (0, 1))
    assert found.sentence() == (
        f"Nothing can be said about the cumulative abnormal return of IREN over [0,+1] around "
        f"{DAYS[DAY0].date()}: no event has a return on the days of this window."
    )
    assert found.table.loc["abnormal return":, "estimate"].isna().all()
    assert str(found)
    with pytest.raises(OptionError, match="`days` is empty"):
        found.plot()


def test_notes_say_what_the_reader_has_to_know() -> None:
    table = events(DAY0).assign(session="unknown")
    found = run(table, estimation=[(-120, -11), (10, 40)]).single("e250", (0, 1))
    joined = " ".join(found.notes)
    for text in (
        "The session of the announcement is unknown",
        "not compounded",
        "The estimation uses days after the event.",
    ):
        assert text in joined
    skewed = frame().copy()
    skewed.loc[DAYS[200:205], "IREN"] += 0.15
    found = run(data=es.Panel.from_returns(skewed, market="SPY")).single("e250")
    assert found.notes[0].startswith("The days of the estimation are skewed (+")
    logs = run(data=panel(kind="log")).single("e250", (0, 1))
    assert "The return of the window is the sum of its daily log returns." in logs.notes
    few = run(model=es.Dimson(), data=panel()).single("e250")
    assert all("The model says" not in note for note in few.notes)


def test_a_remark_of_the_model_is_passed_on() -> None:
    result = usual()
    flagged = dataclasses.replace(result.abnormal, flags=np.array(["it did not converge"]))
    found = dataclasses.replace(result, abnormal=flagged).single("e250")
    assert found.notes[0] == "The model says: it did not converge."


WIDE = "A" * 90 + "<b>"


@pytest.mark.parametrize("window", [(0, 0), (-1, 1)])
@pytest.mark.parametrize("alternative", ["two-sided", "less"])
def test_text_fits_a_terminal(window: tuple[int, int], alternative: str) -> None:
    data = priced(market_cap=np.full(T, 3.7e12))
    found = run(data=data).single("e250", window, alternative=alternative, news=news())
    text = str(found)
    assert max(columns_of(line) for line in text.splitlines()) <= 80
    for part in ("One event: IREN on", "Returns", "Dollars", "Tests (", "Other news within"):
        assert part in text
    assert repr(found).startswith("<SingleEvent: IREN, ")


def test_a_name_of_any_length_and_kind() -> None:
    data = es.Panel.from_returns(frame().rename(columns={"IREN": WIDE}), market="SPY")
    result = run(events(DAY0, ticker=WIDE), data)
    found = result.single("e250", price=3)
    assert max(columns_of(line) for line in str(found).splitlines()) <= 80
    days = result.news_days(WIDE)
    assert max(columns_of(line) for line in str(days).splitlines()) <= 80
    for page in (found._repr_html_(), days._repr_html_()):
        assert "<b>" not in page
        assert html.escape(WIDE) in page


@pytest.mark.parametrize(("alternative", "lines"), [("two-sided", 5), ("greater", 3), ("less", 3)])
def test_picture_has_the_event_and_the_bounds(alternative: str, lines: int) -> None:
    found = usual().single("e250", alternative=alternative)
    ax = found.plot()
    at = [float(np.asarray(line.get_xdata())[0]) for line in ax.lines]
    assert len(at) == lines
    assert found.estimate in at
    sign = -1 if alternative == "less" else 1
    assert sign * found.smallest in at
    assert sum(bar.get_height() for bar in ax.patches) == found.n_obs  # type: ignore[attr-defined]  # rectangles
    # the bound of the sample quantiles separates what they reject from what they don't
    (edge,) = {x for x in map(abs, at) if x not in (abs(found.estimate), found.smallest)}
    e = found.days
    beyond = {"greater": e, "less": -e}.get(alternative, np.abs(e))
    assert (1 + (beyond >= edge * 1.000001).sum()) / (len(e) + 1) <= 0.05
    assert (1 + (beyond >= edge * 0.999999).sum()) / (len(e) + 1) > 0.05


def test_picture_of_few_days_leaves_out_what_is_infinite() -> None:
    ax = draw_one_event(np.array([0.01, -0.02]), math.nan, bounds={"t": (-math.inf, 0.03)})
    assert [float(np.asarray(line.get_xdata())[0]) for line in ax.lines] == [0.03]
    again = draw_one_event(np.array([0.01, -0.02]), 0.0, ax=ax, title="$x$", source="made up")
    assert again is ax
    assert ax.get_title(loc="left") == r"\$x\$"
    assert "made up" in ax.get_xlabel()


def test_values_are_frozen() -> None:
    found = usual().single("e250")
    for thing in (found, Amount(), usual().news_days("IREN")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            thing.why = "x"  # type: ignore[union-attr, misc]  # what is refused


# ── days with news ───────────────────────────────────────────────────────────────────────
NEWS_ROWS = (140, 175, 210, 250, 280)


def every_day(
    gaps: bool, masked: tuple[int, ...], window: tuple[int, int] = (0, 0)
) -> dict[int, oracle.Event]:
    """Every session of the first firm, one by one."""
    table = frame(gaps)
    returns = table[NAMES].to_numpy().T
    out = np.zeros(returns.shape, dtype=bool)
    for row in masked:
        out[0, row + window[0] : row + window[1] + 1] = True
    data = oracle.Data(returns, table[["SPY"]].to_numpy(), excluded=out)
    setup = oracle.Setup(model=oracle.MARKET, estimation=(FIRST, LAST), window=(0, 0))
    loop = oracle.run(data, [0] * T, list(range(T)), setup)
    return {e.day0: e for e in loop.events if math.isfinite(e.car((0, 0)))}


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("clean", [True, False])
@pytest.mark.parametrize("level", [0.05, 0.2])
def test_news_days_equal_a_study_of_each_day(gaps: bool, clean: bool, level: float) -> None:
    result = run(events(*NEWS_ROWS), panel(gaps))
    found = result.news_days("IREN", clean=clean, level=level)
    loop = every_day(gaps, NEWS_ROWS if clean else ())
    answers = {row: oracle.single_t(event, (0, 0)) for row, event in loop.items()}
    assert list(found.days.index) == list(DAYS[sorted(loop)])
    wanted = [answers[row] for row in sorted(loop)]
    assert found.days["pvalue"].tolist() == pytest.approx([a.pvalue for a in wanted], rel=1e-9)
    assert found.days["ar"].tolist() == pytest.approx([a.estimate for a in wanted], abs=1e-12)
    assert found.days["se"].tolist() == pytest.approx([a.se for a in wanted], rel=1e-10)
    cells = [[0, 0], [0, 0]]
    for row, answer in answers.items():
        cells[row not in NEWS_ROWS][answer.pvalue >= level] += 1
    table = found.table
    assert table[["significant", "not significant"]].to_numpy().tolist() == cells
    assert table["days"].tolist() == [sum(row) for row in cells]
    counts = np.array(cells)
    assert found.pvalue == pytest.approx(stats.fisher_exact(counts)[1], rel=1e-9)
    one = stats.fisher_exact(counts, alternative="greater")[1]
    assert found.pvalue_greater == pytest.approx(one, rel=1e-9)


@pytest.mark.parametrize("gaps", [False, True])
def test_news_days_by_sample_quantiles(gaps: bool) -> None:
    found = run(events(*NEWS_ROWS), panel(gaps)).news_days("IREN", test="sq", clean=False)
    for row, event in every_day(gaps, ()).items():
        study = oracle.Study(event.setup, [event])
        wanted = oracle.sq(study, (0, 0)).pvalue
        assert found.days.loc[DAYS[row], "pvalue"] == pytest.approx(wanted, rel=1e-12)


def test_the_table_counts_the_days_that_are_marked() -> None:
    """Also where the p-value of a day is the level itself, as that of sample quantiles can be."""
    result = run(events(*NEWS_ROWS))
    level = float(result.news_days("IREN", test="sq").days["pvalue"].median())
    found = result.news_days("IREN", test="sq", level=level)
    assert (found.days["pvalue"] == level).any()
    marked = found.days.groupby("news")["significant"].sum()
    assert found.table["significant"].tolist() == [marked[True], marked[False]]


def test_a_study_that_excludes_other_events_leaves_their_windows_out() -> None:
    found = run(events(*NEWS_ROWS), exclude_other_events=True).news_days("IREN")
    loop = every_day(False, NEWS_ROWS, (-3, 3))
    wanted = [oracle.single_t(loop[row], (0, 0)).pvalue for row in sorted(loop)]
    assert found.days["pvalue"].tolist() == pytest.approx(wanted, rel=1e-9)


def test_news_of_a_table_and_news_that_has_no_day() -> None:
    result = usual()
    table = pd.concat(
        [
            events(200, 200, 260).assign(event_id=["a", "b", "c"]),
            events(220, ticker="HUT").assign(event_id="d"),
            events(230).assign(event_id="e", ticker=None),
            events(30).assign(event_id="f"),
            events(0).assign(event_id="g", date="2030-01-02"),
        ]
    )
    found = result.news_days("IREN", news=table)
    assert list(found.days.index[found.days["news"]]) == [DAYS[200], DAYS[260]]
    assert found.notes[0] == (
        "2 days or items of news have no abnormal return (too little before it, or no price)"
    )
    assert found.notes[-2:] == (
        "days with news are left out of the estimation windows of the other days",
        "days without news are those that the table of news does not name",
    )
    late = events(199).assign(session="after_close")
    assert list(result.news_days("IREN", news=late).days.query("news").index) == [DAYS[200]]


def test_dropped_events_are_news() -> None:
    result = run(events(DAY0, T - 2))
    assert result.dropped["reason"].tolist() == ["after_data"]
    days = result.news_days("IREN").days
    assert list(days.index[days["news"]]) == [DAYS[DAY0], DAYS[T - 2]]


def test_no_news_cannot_be_compared() -> None:
    found = usual().news_days("CIFR")
    assert math.isnan(found.pvalue)
    assert found.table.loc["news", "days"] == 0
    assert found.sentence() == (
        "Days with and without news of CIFR cannot be compared: one of the two rows has no day."
    )
    assert "–" in str(found)


def test_sentence_of_news_days_word_for_word() -> None:
    moved = frame().copy()
    for row in NEWS_ROWS[:4]:
        moved.iloc[row, 0] = 0.25
    data = es.Panel.from_returns(moved, market="SPY")
    found = run(events(*NEWS_ROWS), data).news_days("IREN")
    first, hits = found.table["significant"].tolist()
    n = found.table["days"].tolist()[1]
    assert first == 4
    assert found.pvalue < 0.001
    assert found.odds_ratio == pytest.approx(4 * (n - hits) / (1 * hits))
    assert found.sentence() == (
        f"Of 5 days with news of IREN 4 (80.0 %) had an abnormal return significant at 5 %, of "
        f"{n} days without {hits} ({100 * hits / n:.1f} %). If news made no difference, shares "
        f"at least as different would have probability below 0.001, and a share on days with "
        f"news at least as high below 0.001 (Fisher's exact test; odds ratio "
        f"{found.odds_ratio:.2f}). This is an association; it does not show what moved each day."
    )


def test_news_without_difference_is_no_proof_of_inefficiency() -> None:
    found = run(events(200, 210)).news_days("IREN")
    assert found.pvalue >= 0.05
    assert found.sentence().endswith(
        "This does not show that the price ignores news: news may have been small or expected, "
        "and few days tell little."
    )


def test_news_days_hold_their_level_and_find_effects() -> None:
    """Without effects Fisher's test rejects rarely; with large ones nearly always."""
    rng = np.random.default_rng(1)
    rejected = np.zeros((2, 40))
    rows = [160, 180, 200, 220, 240, 260, 280, 300]
    study = es.EventStudy(estimation=(-60, -1), window=(0, 0))
    for k in range(40):
        table = pd.DataFrame(rng.normal(0, 0.02, (T, 2)), DAYS, ["IREN", "SPY"])
        for planted in (0, 1):
            table.iloc[rows, 0] += 0.06 * planted
            data = es.Panel.from_returns(table, market="SPY")
            rejected[planted, k] = study.run(events(*rows), data).news_days("IREN").pvalue < 0.05
    assert rejected[0].mean() <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / 40)
    assert rejected[1].mean() >= 0.9


# ── Fisher's exact test ──────────────────────────────────────────────────────────────────
def test_fisher_equals_scipy() -> None:
    rng = np.random.default_rng(4)
    for _ in range(300):
        table = rng.integers(0, [[8, 25], [60, 900]])
        if (table.sum(axis=1) == 0).any():
            continue
        found = fisher(*table.ravel().tolist())
        assert found.pvalue == pytest.approx(stats.fisher_exact(table)[1], rel=1e-8)
        greater = stats.fisher_exact(table, alternative="greater")[1]
        assert found.pvalue_greater == pytest.approx(greater, rel=1e-8)
        a, b, c, d = table.ravel().tolist()
        if b * c:
            assert found.odds_ratio == a * d / (b * c)
            assert found.note == ""
        else:
            assert math.isnan(found.odds_ratio)


def test_fisher_of_the_tea() -> None:
    """Fisher (1935): eight cups, four of each; by counting, 1/70 and 17/70."""
    assert fisher(4, 0, 0, 4).pvalue_greater == pytest.approx(1 / 70)
    assert fisher(3, 1, 1, 3).pvalue_greater == pytest.approx(17 / 70)
    assert fisher(2, 2, 2, 2).pvalue == 1.0


@pytest.mark.parametrize(
    ("table", "note"),
    [
        ((2, 0, 1, 5), ("a cell of the table is zero, so there is no odds ratio: it has no upper "
                       "bound")),
        ((0, 2, 0, 5), ("a cell of the table is zero, so there is no odds ratio: it is not "
                       "defined")),
        ((0, 0, 3, 5), "one of the two rows has no day"),
        ((3, 5, 0, 0), "one of the two rows has no day"),
    ],
)  # fmt: skip
def test_fisher_says_why_there_is_no_number(table: tuple[int, ...], note: str) -> None:
    found = fisher(*table)
    assert math.isnan(found.odds_ratio)
    assert found.note == note


def test_a_share_of_zero_has_the_odds_ratio_zero() -> None:
    assert fisher(0, 3, 4, 50).odds_ratio == 0.0


# ── refusals ─────────────────────────────────────────────────────────────────────────────
def lost() -> es.Result:
    return run(events(DAY0, T - 1))


REFUSED: dict[str, tuple[Any, str]] = {
    "event": (lambda: usual().single("e25"),
              "The result has no event 'e25'; its events are e250. Did you mean 'e250'?"),
    "dropped": (lambda: lost().confounds("e329"),
                ("Event 'e329' was dropped (after_data: the data end on 2025-04-07, inside "
                 "[-3,+3] around 2025-04-07), so it has no abnormal return; mend that first.")),
    "price": (lambda: usual().single("e250", price=-3),
              "price=-3 is no amount; give one number above 0."),
    "shares": (lambda: usual().single("e250", shares=math.nan),
               "shares=nan is no amount; give one number above 0."),
    "cap": (lambda: usual().single("e250", market_cap="1e9"),  # type: ignore[arg-type]  # refused
            "market_cap='1e9' is no amount; give one number above 0."),
    "truth": (lambda: usual().single("e250", price=True),
              "price=True is no amount; give one number above 0."),
    "both": (lambda: usual().single("e250", price=3, shares=5, market_cap=15),
             ("shares=5 and market_cap=15: either one gives the market capitalisation; leave "
              "one out.")),
    "unpriced": (lambda: usual().single("e250", shares=5),
                 ("shares= needs the price of IREN before the window (2024-12-16), and the panel "
                  "has no `close` there; give `price=` too.")),
    "alternative": (lambda: usual().single("e250", alternative="lower"),
                    ("alternative='lower' is not known; choose one of 'two-sided', 'greater', "
                     "'less'.")),
    "window": (lambda: usual().confounds("e250", (0, 9)),
               ("[0,+9] is not inside the event window [-3,+3]; widen `window=` of the study or "
                "ask for fewer days.")),
    "around": (lambda: usual().confounds("e250", around=-1),
               "around=-1 is no number of sessions; give a whole number from 0 up."),
    "firm": (lambda: usual().news_days("IRN"),
             ("The panel has no prices of 'IRN'; it has IREN, CIFR, HUT, SPY, BTC. Did you mean "
              "'IREN'?")),
    "test": (lambda: usual().news_days("IREN", test="bmp"),
             "test='bmp' is not known; choose one of 'single_t', 'sq'."),
    "level": (lambda: usual().news_days("IREN", level=5),
              ("`level` is 5, but a significance level lies between 0 and 1; give 0.05 for 5 %.")),
    "power": (lambda: effect_found(80, 20),
              "power=80 lies outside 0.05 and 1; give 0.8 for four times in five."),
    "power level": (lambda: t_power(1, 20, level=0),
                    ("`level` is 0, but a significance level lies between 0 and 1; give 0.05 "
                    "for 5 %.")),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_the_sentence_of_a_refusal(name: str) -> None:
    call, sentence = REFUSED[name]
    with pytest.raises(EventStudyError) as caught:
        call()
    assert str(caught.value) == sentence


def test_what_comes_back_is_what_is_promised() -> None:
    assert isinstance(usual().single("e250"), SingleEvent)
    assert isinstance(usual().news_days("IREN"), NewsDays)
