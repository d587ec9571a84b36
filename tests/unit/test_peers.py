"""Factors that differ by firm: peers without the firm itself, matched firms, portfolios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import oracle
import oracle_firms
import pandas as pd
import pytest
from oracle import Floats

import eventstudy as es
from eventstudy import errors
from eventstudy.arrays import Block
from eventstudy.factors import FirmFactor

S, T = 10, 300
SESSIONS = pd.bdate_range("2024-01-02", periods=T)
TICKERS = [f"F{i}" for i in range(S)]
#: eight of the ten are peers of each other; one has no history
PEERS = [0, 1, 2, 3, 4, 5, 6, 7]
ESTIMATION, WINDOW = (-120, -11), (-5, 5)
EVENTS = [(0, 200), (1, 200), (8, 200), (2, 230), (0, 260), (9, 260), (7, 280)]
WINDOWS = [(0, 0), (-1, 1), (-5, 5)]
Names = list[str]


def names(rows: list[int]) -> Names:
    return [TICKERS[row] for row in rows]


def returns(gaps: float = 0.0) -> tuple[Floats, Floats]:
    """(S, T) returns with a common part, and (T, 2) factors."""
    rng = np.random.default_rng(5)
    factors = rng.normal(0, 0.01, (T, 2))
    sector = rng.standard_t(4, T) * 0.02
    noise = rng.standard_t(4, (S, T)) * 0.02
    found = rng.normal(1, 0.3, (S, 2)) @ factors.T + sector + noise
    found[6, :150] = np.nan
    if gaps:
        found[rng.random(found.shape) < gaps] = np.nan
    return found, factors


def panel(gaps: float = 0.0, tickers: Names | None = None) -> es.Panel:
    values, factors = returns(gaps)
    frame = pd.DataFrame(values.T, SESSIONS, TICKERS)
    frame = frame if tickers is None else frame[tickers]
    table = pd.DataFrame(factors, SESSIONS, ["MKT", "SMB"]).assign(RF=1e-4)
    return es.Panel.from_returns(frame, market="MKT", factors=table)


def events(which: list[tuple[int, int]] = EVENTS) -> pd.DataFrame:
    rows = [
        {"event_id": f"e{k}", "ticker": TICKERS[firm], "date": SESSIONS[day]}
        for k, (firm, day) in enumerate(which)
    ]
    return pd.DataFrame(rows)


def run(model: Any, gaps: float = 0.0, **options: Any) -> es.Result:
    study = es.EventStudy(model=model, estimation=ESTIMATION, window=WINDOW, **options)
    return study.run(events(), panel(gaps))


def close(got: object, want: object) -> None:
    np.testing.assert_allclose(
        np.asarray(got, dtype=float), np.asarray(want, dtype=float), rtol=1e-10, atol=1e-12
    )


# ── the series itself ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("least", [1, 2, 7])
@pytest.mark.parametrize("gaps", [0.0, 0.2, 0.8])
def test_the_mean_leaves_the_firm_out(gaps: float, least: int) -> None:
    values, _ = returns(gaps)
    factor = es.factors.peers(names(PEERS), min_peers=least)
    found = factor.series(values, tuple(TICKERS))
    for firm in range(S):
        close(found[firm], oracle_firms.peers(values, firm, PEERS, least))
    assert np.isnan(found).any() == (gaps > 0.5 or least == 7)


def test_the_firms_own_return_does_not_enter_at_all() -> None:
    """Not even as rounding: a return of 1e12 leaves its peers' mean as it is."""
    values, _ = returns()
    factor = es.factors.peers(names(PEERS))
    before = factor.series(values, tuple(TICKERS))
    values[3] *= 1e14
    np.testing.assert_array_equal(factor.series(values, tuple(TICKERS))[3], before[3])


def test_tickers_that_the_panel_lacks_are_no_peers() -> None:
    values, _ = returns()
    some = es.factors.peers(["GONE", *names(PEERS)]).series(values, tuple(TICKERS))
    all_ = es.factors.peers(names(PEERS)).series(values, tuple(TICKERS))
    np.testing.assert_array_equal(some, all_)


def test_two_peers_and_one() -> None:
    values = np.array([[0.01, np.nan], [0.02, 0.03], [0.05, 0.05]])
    found = es.factors.peers(["A", "B"], min_peers=1).series(values, ("A", "B", "C"))
    close(found, [[0.02, 0.03], [0.01, np.nan], [0.015, 0.03]])


def test_peers_are_a_value() -> None:
    one, two = es.factors.peers(["A", "B", "A"]), es.factors.peers(iter(["A", "B"]))
    assert one == two
    assert hash(one) == hash(two)
    assert one.tickers == ("A", "B")
    assert isinstance(one, FirmFactor)
    assert one != es.factors.peers(["A", "B"], name="miners")
    assert hash(es.FactorModel(("SPY", one))) == hash(es.FactorModel(("SPY", two)))


# ── in a regression, against the plain loop ──────────────────────────────────────────────
def loop(gaps: float, model: oracle.Model, *, excess: bool = False) -> oracle.Study:
    values, factors = returns(gaps)
    own = {firm: oracle_firms.peers(values, firm, PEERS) for firm in range(S)}
    data = oracle.Data(values, factors, np.full(T, 1e-4))
    return oracle_firms.each(data, own, EVENTS, oracle.Setup(model, ESTIMATION, WINDOW, 40))


def same(result: es.Result, expected: oracle.Study) -> None:
    kept = [f"e{event.number}" for event in expected.events]
    assert list(result.events.index) == kept
    assert result.dropped["reason"].to_dict() == {f"e{k}": v for k, v in expected.dropped.items()}
    found, fitted = result.abnormal, expected.events
    close(found.params, [event.params for event in fitted])
    close(found.sigma, [event.sigma for event in fitted])
    close(found.dof, [event.dof for event in fitted])
    close(found.residuals, [event.residuals for event in fitted])
    close(result.ar, [event.ar for event in fitted])
    for w in WINDOWS:
        close(result.car(w).iloc[:, 0], [event.car(w) for event in fitted])
        close(result.scar(w).iloc[:, 0], [event.scar(w) for event in fitted])
        for key, test in (("adj_bmp", oracle.adj_bmp), ("rank", oracle.rank)):
            close(result.test(key, w).statistic, test(expected, w).statistic)


@pytest.mark.parametrize("gaps", [0.0, 0.05])
@pytest.mark.parametrize(
    ("model", "columns"),
    [
        (es.FactorModel((es.factors.peers(names(PEERS)),)), (2,)),
        (es.FactorModel(("MKT", es.factors.peers(names(PEERS)))), (0, 2)),
        (es.FactorModel((es.factors.peers(names(PEERS)), "SMB", "MKT")), (2, 1, 0)),
        (es.FactorModel(("MKT", es.factors.peers(names(PEERS))), excess=True), (0, 2)),
        (es.FactorModel((es.factors.peers(names(PEERS)),), alpha=False), (2,)),
    ],
    ids=["alone", "beside the market", "in front", "excess", "without alpha"],
)
def test_peers_in_a_regression(model: Any, columns: tuple[int, ...], gaps: float) -> None:
    plain = oracle.Model(columns, alpha=model.alpha, excess=model.excess)
    same(run(model, gaps, min_obs=40), loop(gaps, plain))


@pytest.mark.parametrize("gaps", [0.0, 0.05])
def test_against_all_peers_without_estimation(gaps: float) -> None:
    model = es.BenchmarkPortfolio(es.factors.peers(names(PEERS)))
    same(run(model, gaps, min_obs=40), loop(gaps, oracle.Model((2,), estimated=False)))


@pytest.mark.parametrize("gaps", [0.0, 0.05])
def test_matched_firms_and_portfolios(gaps: float) -> None:
    of: dict[str, Any] = {"F0": "F1", "F1": ["F2", "F3"], "F2": {"F4": 0.75, "F5": 0.25}}
    of |= {"F7": {"F8": 1.5, "F9": -0.5}, "F8": "F0", "F9": ("F1", "F2")}
    weights = {0: {1: 1.0}, 1: {2: 0.5, 3: 0.5}, 2: {4: 0.75, 5: 0.25}, 7: {8: 1.5, 9: -0.5}}
    weights |= {8: {0: 1.0}, 9: {1: 0.5, 2: 0.5}}
    values, factors = returns(gaps)
    own = {firm: oracle_firms.portfolio(values, parts) for firm, parts in weights.items()}
    setup = oracle.Setup(oracle.Model((2,), estimated=False), ESTIMATION, WINDOW, 40)
    expected = oracle_firms.each(oracle.Data(values, factors), own, EVENTS, setup)
    same(run(es.BenchmarkPortfolio(of), gaps, min_obs=40), expected)


def test_a_benchmark_estimates_nothing() -> None:
    """B.2: p = 0, C = 1, σ about the mean residual or about zero."""
    result = run(es.BenchmarkPortfolio({"F0": "F1"}))
    gap = returns()[0][0] - returns()[0][1]
    close(result.ar.iloc[0], gap[195:206])
    close(result.estimates["sigma"].iloc[0], np.std(gap[80:190], ddof=1))
    close(result.scar((0, 0)).iloc[0, 0], gap[200] / np.std(gap[80:190], ddof=1))
    about_zero = run(es.BenchmarkPortfolio({"F0": "F1"}, sigma_demean=False))
    close(about_zero.estimates["sigma"].iloc[0], np.sqrt(np.mean(gap[80:190] ** 2)))
    assert about_zero.estimates["dof"].iloc[0] == 110


def test_one_peer_for_all_is_an_ordinary_factor() -> None:
    """Where the firms of the events are no peers, all share one series."""
    market = panel().returns[[3, 4]].mean(axis=0)
    frame = pd.Series(market, SESSIONS, name="mean")
    ordinary = es.Panel.from_returns(panel().returns_frame(), market=frame)
    study = es.EventStudy(estimation=ESTIMATION, window=WINDOW)
    two = study.run(events(), ordinary)
    one = run(es.FactorModel((es.factors.peers(["F3", "F4"]),)))
    close(one.ar, two.ar)
    close(one.scar((-1, 1)), two.scar((-1, 1)))


@dataclass(frozen=True)
class PeerDimson(es.Dimson):
    """A model that reads the days around each day of a factor that differs by firm."""

    @property
    def needs(self) -> Any:
        return (es.factors.peers(["F1", "F2"]),)


def test_leads_of_a_factor_that_differs_by_firm() -> None:
    """Also where some firms of the date leave for want of days: F6 begins at 150."""
    values, factors = returns()
    frame = pd.DataFrame(values.T, SESSIONS, TICKERS).assign(pair=values[1:3].mean(axis=0))
    table = pd.DataFrame(factors, SESSIONS, ["MKT", "SMB"])
    data = es.Panel.from_returns(frame, market="MKT", factors=table)
    some = events([(6, 200), (0, 200), (3, 200)])
    own, plain = (
        es.EventStudy(model, ESTIMATION, WINDOW, min_obs=60).run(some, data)
        for model in (PeerDimson(), es.Dimson("pair"))
    )
    assert own.dropped.index.tolist() == ["e0"]
    close(own.ar, plain.ar)
    close(own.abnormal.params, plain.abnormal.params)


def test_windows_that_begin_before_the_data() -> None:
    """The peers of F0 are one series: as a factor of all firms it gives the same numbers."""
    values, factors = returns()
    frame = pd.DataFrame(values.T, SESSIONS, TICKERS).assign(pair=values[1:3].mean(axis=0))
    table = pd.DataFrame(factors, SESSIONS, ["MKT", "SMB"])
    data = es.Panel.from_returns(frame, market="MKT", factors=table)
    early = events([(0, 90), (0, 200)])
    own, plain = (
        es.EventStudy(es.FactorModel(("MKT", factor)), ESTIMATION, WINDOW, min_obs=60).run(
            early, data
        )
        for factor in (es.factors.peers(["F1", "F2"]), "pair")
    )
    assert own.estimates["n_obs"].tolist() == [80, 110]
    close(own.ar, plain.ar)
    close(own.abnormal.params, plain.abnormal.params)


def test_the_portfolio_of_a_date_has_no_common_design() -> None:
    found = run(es.FactorModel((es.factors.peers(names(PEERS)),))).where(np.arange(7) < 3)
    answer = found.test("portfolio_t", (0, 0))
    assert np.isnan(answer.statistic)
    assert answer.note


# ── what is missing ──────────────────────────────────────────────────────────────────────
def test_a_firm_without_a_benchmark_is_left_out_and_named() -> None:
    dropped = run(es.BenchmarkPortfolio({"F0": "F1", "F1": ["F2", "GONE"]})).dropped
    assert (dropped["reason"] == "factor_missing").all()
    assert dropped["detail"].to_dict() == {
        "e1": "`benchmark` is empty for F1",
        "e2": "`benchmark` is empty for F8",
        "e3": "`benchmark` is empty for F2",
        "e5": "`benchmark` is empty for F9",
        "e6": "`benchmark` is empty for F7",
    }


def test_a_firm_whose_peers_have_no_prices_yet_is_left_out() -> None:
    factor = es.factors.peers(["F6", "F7", "F0"])
    result = run(es.FactorModel(("MKT", factor)))
    # F6 begins at 150: until then F0 and F7 have one peer each, the others have two
    assert result.dropped["reason"].to_dict() == {"e0": "factor_missing"}
    assert result.dropped["detail"]["e0"] == (
        "40 of 110 estimation days are valid, 55 needed; `peers` is missing"
    )
    days = {"e1": 110, "e2": 110, "e3": 110, "e4": 100, "e5": 110, "e6": 110}
    assert result.estimates["n_obs"].to_dict() == days


def test_peers_without_prices_are_noted() -> None:
    result = run(es.FactorModel(("MKT", es.factors.peers(["F1", "F2", "GONE", "LOST"]))))
    assert "No prices for GONE, LOST: not in `peers`." in result.notes


def test_too_few_peers_in_the_panel() -> None:
    with pytest.raises(errors.ModelError) as caught:
        run(es.FactorModel((es.factors.peers(["F1", "GONE", "LOST"]),)))
    assert str(caught.value) == (
        "Of the tickers of `peers` the panel has 1 and min_peers=2 are needed; it lacks GONE, "
        "LOST: load their prices too."
    )


# ── what is refused ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: es.factors.peers("IREN"),
            "peers got 'IREN'; give a list of tickers, such as es.factors.peers(['IREN', 'CIFR']).",
        ),
        (
            lambda: es.factors.Peers("IREN"),  # type: ignore[arg-type]  # what is refused
            "peers got 'IREN'; give a list of tickers, such as es.factors.peers(['IREN', 'CIFR']).",
        ),
        (
            lambda: es.factors.peers(["IREN"]),
            (
                "peers got 1 of the 2 tickers that min_peers=2 asks for (IREN); list more, or "
                "lower `min_peers`."
            ),
        ),
        (
            lambda: es.factors.peers([]),
            (
                "peers got 0 of the 2 tickers that min_peers=2 asks for (none); list more, or "
                "lower `min_peers`."
            ),
        ),
        (
            lambda: es.factors.peers(["IREN", "CIFR"], min_peers=0),
            "min_peers=0 is not a number of peers; give 1 or more.",
        ),
        (
            lambda: es.FactorModel((es.factors.peers(["A", "B"]), es.factors.peers(["C", "D"]))),
            "FactorModel got a factor twice: peers, peers; name each once.",
        ),
        (
            lambda: es.BenchmarkPortfolio("SPY"),  # type: ignore[arg-type]  # what is refused
            (
                "BenchmarkPortfolio got 'SPY'; give a mapping of ticker to ticker, list or "
                "{ticker: weight}, or es.factors.peers([...])."
            ),
        ),
        (
            lambda: es.BenchmarkPortfolio({"IREN": 3}),
            (
                "BenchmarkPortfolio got 3; give a mapping of ticker to ticker, list or {ticker: "
                "weight}, or es.factors.peers([...])."
            ),
        ),
        (
            lambda: es.BenchmarkPortfolio({"IREN": []}),
            "The benchmark of IREN is empty; name at least one ticker.",
        ),
        (
            lambda: es.BenchmarkPortfolio({"IREN": ["CIFR", "IREN"]}),
            "IREN is in its own benchmark; leave it out there.",
        ),
        (
            lambda: es.BenchmarkPortfolio({"IREN": {"CIFR": 0.5, "HUT": 0.4}}),
            "The weights of the benchmark of IREN add up to 0.9; they must add up to 1.",
        ),
        (
            lambda: es.BenchmarkPortfolio({"IREN": {"CIFR": float("nan"), "HUT": 1.0}}),
            "The weights of the benchmark of IREN add up to nan; they must add up to 1.",
        ),
    ],
)
def test_refusals(make: Any, said: str) -> None:
    with pytest.raises(errors.ModelError) as caught:
        make()
    assert str(caught.value) == said


# ── loading, sentences, an own factor ────────────────────────────────────────────────────
MINERS = es.factors.peers(es.universe.MINERS)


def test_peers_are_loaded_with_the_rest() -> None:
    study = es.EventStudy(model=es.FactorModel(("SPY", "IBIT", MINERS)))
    asked: list[list[str]] = []

    def loader(tickers: list[str], start: object, end: object) -> pd.DataFrame:
        asked.append(tickers)
        return es.loaders.sample(tickers, start, end).drop(columns=["MARA"])

    one = es.events_on("2026-02-25", "IREN", session="after_close")
    panel = study.load(one, loader, market="SPY")
    assert set(asked[0]) == {"SPY", "IBIT", *es.universe.MINERS}
    assert len(asked[0]) == len(set(asked[0]))
    result = study.run(one, panel)
    assert "No prices for MARA: not in `peers`." in result.notes
    assert "beyond what the market, Bitcoin and its peers explain" in result.sentence((0, 0))


def test_the_miners_of_the_sample() -> None:
    """Against their peers the planted effect of shared news is gone, that of a deal stays."""
    news = es.catalysts.load(category="deal", since="2025-06-01")
    study = es.EventStudy(model=es.FactorModel(("SPY", "IBIT", MINERS)))
    mine = news[news["ticker"].isin(es.universe.MINERS)]
    panel = study.load(mine, es.loaders.sample, market="SPY", own_since=es.universe.OWN_SINCE)
    deals = study.run(mine, panel)
    assert deals.caar((0, 0))["estimate"].iloc[0] == pytest.approx(0.06, abs=0.025)
    shared = es.events_on("2026-02-25", es.universe.MINERS, session="after_close")
    against = study.run(shared, study.load(shared, es.loaders.sample, market="SPY"))
    assert abs(against.caar((0, 0))["estimate"].iloc[0]) < 0.005
    assert "beyond what the market, Bitcoin and their peers explain" in against.sentence((0, 0))
    plain = es.BenchmarkPortfolio(MINERS)
    found = es.EventStudy(model=plain).run(shared, against.panel)
    assert "beyond the move of their peers" in found.sentence((0, 0))
    assert "BenchmarkPortfolio (peers)" in str(found.summary())


class Largest:
    """A user's own factor: the largest return of the others, the firm itself not counted."""

    name = "largest"
    tickers = ("F0", "F1", "F2")

    def series(self, returns: Floats, tickers: tuple[str, ...]) -> Floats:
        rows = [tickers.index(ticker) for ticker in self.tickers]
        return np.array(
            [np.max(returns[[r for r in rows if r != i]], axis=0) for i in range(len(returns))]
        )


def test_a_factor_of_ones_own() -> None:
    result = run(es.FactorModel(("MKT", Largest())))
    values, factors = returns()
    x = np.column_stack([np.ones(T), factors[:, 0], values[[1, 2]].max(axis=0)])
    beta = np.linalg.lstsq(x[80:190], values[0, 80:190])[0]
    close(result.ar.iloc[0], (values[0] - x @ beta)[195:206])
    assert list(result.estimates.columns[2:5]) == ["alpha", "MKT", "largest"]


def test_a_rate_that_all_share_beside_factors_that_differ() -> None:
    """A block by hand: (L,) rate, (n, L, K) factors."""
    rng = np.random.default_rng(2)
    factors, rate = rng.normal(size=(3, 40, 2)), rng.random(40)
    block = Block(
        rng.normal(size=(3, 40)), factors, ("a", "b"), np.arange(40), slice(0, 30), slice(32, 40),
        risk_free=rate,
    )  # fmt: skip
    fit = es.FactorModel(("a", "b"), excess=True).fit(block)
    for i in range(3):
        x = np.column_stack([np.ones(40), factors[i]])
        theta = np.linalg.lstsq(x[:30], (block.returns[i] - rate)[:30])[0]
        close(fit.params[i], theta)
        close(fit.expected[i], (rate + x @ theta)[32:])
