"""Models: those of the package, a user's own beside them, and what is refused."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy import engine, models
from eventstudy.arrays import Model, Windows
from eventstudy.models.linear import Linear
from eventstudy.windows import Window

FRENCH = ["Mkt-RF", "SMB", "HML", "RMW", "CMA", "Mom"]
TICKERS = ["IREN", "CIFR", "HUT", "SPY", "QQQ", "IBIT"]
DAYS = pd.bdate_range("2025-01-01", periods=260)
STUDY: dict[str, Any] = {"estimation": (-120, -11), "window": (-2, 2)}

ALL: dict[str, Model] = {
    "RawReturn": es.RawReturn(),
    "MeanAdjusted": es.MeanAdjusted(),
    "MarketAdjusted": es.MarketAdjusted(),
    "MarketModel": es.MarketModel(),
    "CAPM": es.CAPM(),
    "FactorModel": es.FactorModel(("SPY", "IBIT")),
    "FamaFrench3": es.FamaFrench3(),
    "Carhart4": es.Carhart4(),
    "FamaFrench5": es.FamaFrench5(),
    "FamaFrench6": es.FamaFrench6(),
    "BenchmarkPortfolio": es.BenchmarkPortfolio({"IREN": "QQQ", "CIFR": "HUT", "HUT": "CIFR"}),
    "SyntheticControl": es.SyntheticControl(["SPY", "QQQ", "IBIT"]),
    "ElasticNetModel": es.ElasticNetModel(["SPY", "QQQ", "IBIT"]),
    "TradeToTrade": es.TradeToTrade(),
    "ScholesWilliams": es.ScholesWilliams(),
    "Dimson": es.Dimson(),
    "RobustMarketModel": es.RobustMarketModel(),
    "GarchMarketModel": es.GarchMarketModel(),
}
#: models that the engine fits from their design alone
LINEAR = [name for name, model in ALL.items() if isinstance(model, Linear)]


def panel(gaps: float = 0.0, *, rate: bool = True) -> es.Panel:
    rng = np.random.default_rng(11)
    factors = pd.DataFrame(rng.normal(0, 0.01, (260, 6)), DAYS, FRENCH)
    if rate:
        factors["RF"] = 0.0001
    returns = rng.standard_t(4, (260, 6)) * 0.02 + factors[["Mkt-RF"]].to_numpy()
    returns[rng.random(returns.shape) < gaps] = np.nan
    frame = pd.DataFrame(returns, DAYS, TICKERS)
    frame["SPY"] = frame["SPY"].fillna(0.0)  # the market decides the sessions
    made = es.Panel.from_returns(frame, market="SPY", factors=factors)
    # every return counts as one of a single day, for the model that asks how many days it covers
    since = {"since_trade": made.returns, "days": np.ones(made.returns.shape)}
    return replace(made, fields=since)


EVENTS = pd.DataFrame(
    {
        "event_id": list("abcdef"),
        "ticker": ["IREN", "CIFR", "HUT", "IREN", "CIFR", "HUT"],
        "date": DAYS[[180, 180, 180, 200, 230, 231]],
    }
)


def run(model: Model, data: es.Panel | None = None, **options: Any) -> es.Result:
    study = es.EventStudy(model=model, **{**STUDY, **options})
    return study.run(EVENTS, panel() if data is None else data)


# ── the models of the package ────────────────────────────────────────────────────────────
def test_every_model_of_the_package_is_tried_here() -> None:
    assert set(ALL) == set(models.__all__)


@pytest.mark.parametrize("gaps", [0.0, 0.05])
@pytest.mark.parametrize("name", ALL)
def test_every_model_passes_through(name: str, gaps: float) -> None:
    model, data = ALL[name], panel(gaps)
    data = replace(data, kind="log") if name == "TradeToTrade" else data  # which needs logs
    result = run(model, data)
    assert list(result.events.index) == list("abcdef")
    names = [data.market if need == "market" else need for need in model.needs if need != "days"]
    names += ["omega", "arch", "garch"] if name == "GarchMarketModel" else []  # of its variance
    parameters = list(result.abnormal.names)
    assert [n for n in parameters if n != "alpha"] == (names if parameters else [])
    columns = ["ticker", "day0", "alpha", *[n for n in parameters if n != "alpha"]]
    assert list(result.estimates.columns) == [*columns, "sigma", "r2", "n_obs", "dof"]
    found = result.abnormal
    np.testing.assert_allclose(
        found.actual, found.expected + found.abnormal, rtol=0, atol=1e-15, equal_nan=True
    )
    assert np.isfinite(result.test("csect_t", (0, 0)).pvalue)


@pytest.mark.parametrize("name", LINEAR)
def test_degrees_of_freedom(name: str) -> None:
    result, p = run(ALL[name]), engine.parameter_count(ALL[name])
    assert (result.estimates["n_obs"] == 110).all()
    assert (result.estimates["dof"] == 110 - max(p, 1)).all()
    assert len(result.abnormal.names) == p


@pytest.mark.parametrize("name", ALL)
def test_models_are_values(name: str) -> None:
    model = ALL[name]
    parts = fields(model)  # type: ignore[arg-type]  # all are dataclasses
    given = [getattr(model, part.name) for part in parts if part.default is MISSING]
    assert model == type(model)(*given)
    assert hash(model) == hash(replace(model))  # type: ignore[type-var]  # all are dataclasses


def test_the_regressions_on_a_common_design_are_linear() -> None:
    others = {"ScholesWilliams", "Dimson", "RobustMarketModel", "GarchMarketModel"}
    others |= {"SyntheticControl", "ElasticNetModel", "TradeToTrade"}
    assert others.isdisjoint(LINEAR)
    assert {"RawReturn", "MarketModel", "CAPM", "FactorModel", "FamaFrench6"} <= set(LINEAR)


def test_r_squared_is_the_explained_share() -> None:
    result = run(es.MarketModel())
    e, data = result.abnormal.residuals[0], panel().series("IREN")[60:170]
    assert result.estimates["r2"].iloc[0] == pytest.approx(
        1 - e @ e / np.sum((data - data.mean()) ** 2)
    )
    assert run(es.MarketAdjusted()).estimates["r2"].isna().all()


def test_a_market_by_name_is_that_series() -> None:
    one, two = run(es.MarketModel("QQQ")), run(es.FactorModel(("QQQ",)))
    pd.testing.assert_frame_equal(one.ar, two.ar)
    assert "QQQ" in one.estimates.columns
    assert not np.allclose(one.ar, run(es.MarketModel()).ar)


def test_a_market_by_name_needs_no_market_of_the_panel() -> None:
    frame = panel().returns_frame()
    result = run(es.MarketModel("QQQ"), es.Panel.from_returns(frame))
    pd.testing.assert_frame_equal(result.ar, run(es.MarketModel("QQQ")).ar)


def test_factors_may_be_tickers_and_factors() -> None:
    result = run(es.FactorModel(("SPY", "IBIT", "SMB")))
    assert list(result.estimates.columns[2:6]) == ["alpha", "SPY", "IBIT", "SMB"]


def test_the_order_of_factors_does_not_matter() -> None:
    one, two = (run(es.FactorModel(names)) for names in (("SPY", "IBIT"), ("IBIT", "SPY")))
    np.testing.assert_allclose(one.ar, two.ar, atol=1e-15)
    np.testing.assert_allclose(one.estimates[["SPY", "IBIT"]], two.estimates[["SPY", "IBIT"]])


def test_one_factor_may_be_given_as_text() -> None:
    assert es.FactorModel("SPY").needs == ("SPY",)  # type: ignore[arg-type]  # a kindness
    assert es.FactorModel(["SPY", "IBIT"]).needs == ("SPY", "IBIT")  # type: ignore[arg-type]


def test_expected_returns_of_excess_models_are_total() -> None:
    """The risk-free rate is added back (M.14): actual − expected is the abnormal return."""
    result, data = run(es.CAPM()), panel()
    alpha, beta = result.abnormal.params[0]
    rate, market = 0.0001, data.series("SPY")[178:183]
    expected = rate + alpha + beta * (market - rate)
    np.testing.assert_allclose(result.abnormal.expected[0], expected)
    frame = result.to_frame()
    np.testing.assert_allclose(frame["return"] - frame["expected"], frame["ar"], atol=1e-15)


def test_market_adjusted_is_the_plain_difference() -> None:
    result, data = run(es.MarketAdjusted()), panel()
    gap = data.series("IREN") - data.series("SPY")
    np.testing.assert_allclose(result.ar.loc["a"], gap[178:183], atol=1e-16)
    assert result.estimates["sigma"].iloc[0] == pytest.approx(np.std(gap[60:170], ddof=1))
    raw = run(es.MarketAdjusted(sigma_demean=False))
    assert raw.estimates["sigma"].iloc[0] == pytest.approx(np.sqrt(np.mean(gap[60:170] ** 2)))
    assert raw.estimates["dof"].iloc[0] == 110


def test_raw_return_is_the_return() -> None:
    result = run(es.RawReturn())
    np.testing.assert_array_equal(result.ar.loc["a"], panel().series("IREN")[178:183])
    assert (result.abnormal.expected == 0.0).all()


# ── what is refused ──────────────────────────────────────────────────────────────────────
NEED_RATE = [es.CAPM(), es.FamaFrench3(), es.Carhart4(), es.FamaFrench5(), es.FamaFrench6()]
NEED_RATE += [es.FactorModel(("SPY",), excess=True)]


@pytest.mark.parametrize("model", NEED_RATE, ids=lambda model: type(model).__name__)
def test_excess_models_need_a_risk_free_rate(model: Model) -> None:
    said = (
        f"{type(model).__name__} explains returns in excess of the risk-free rate, and the panel "
        f"has none; give `risk_free=` to the Panel."
    )
    with pytest.raises(es.errors.ModelError) as caught:
        run(model, panel(rate=False))
    assert str(caught.value) == said
    block = Block0(len(model.needs))
    with pytest.raises(es.errors.ModelError) as caught:
        model.fit(block)
    assert str(caught.value) == said


def Block0(k: int) -> es.Block:  # noqa: N802  (a block of one event without a rate)
    return es.Block(
        np.zeros((1, 20)), np.zeros((20, k)), tuple(map(str, range(k))), np.arange(20),
        slice(0, 18), slice(18, 20),
    )  # fmt: skip


@pytest.mark.parametrize("model", [es.MarketModel(), es.MarketAdjusted(), es.CAPM()])
def test_without_a_market_of_the_panel(model: Model) -> None:
    bare = es.Panel.from_returns(panel().returns_frame(), risk_free=0.0001)
    with pytest.raises(es.errors.ModelError) as caught:
        run(model, bare)
    assert str(caught.value) == (
        f"{type(model).__name__} needs a market and the panel has none; give `market=` to the "
        f"Panel."
    )


def test_an_unknown_factor_is_named() -> None:
    with pytest.raises(es.errors.PanelError, match=r"'IBT' is neither a factor .* Did you mean"):
        run(es.FactorModel(("SPY", "IBT")))


# ── a user's own model ───────────────────────────────────────────────────────────────────
class Plain:
    """The market model by NumPy's least squares, written by someone who read the docs."""

    needs = ("market",)

    def fit(self, block: es.Block) -> es.Fit:
        x = np.column_stack([np.ones(len(block.factors)), block.factors])
        days = np.arange(block.estimation.stop)
        params = np.full((len(block.returns), 2), np.nan)
        for i, returns in enumerate(block.returns):
            valid = days[block.valid[i, days]]
            params[i] = np.linalg.lstsq(x[valid], returns[valid])[0]
        r = np.linalg.qr(x[days], mode="r")
        return es.Fit.of(
            block,
            params @ x.T,
            params=params,
            names=("alpha", "market"),
            root=x[block.event] @ np.linalg.inv(r),
        )


def test_an_own_model_gives_the_numbers_of_the_package() -> None:
    own, ours = run(Plain()), run(es.MarketModel())
    np.testing.assert_allclose(own.ar, ours.ar, atol=1e-14)
    np.testing.assert_allclose(own.scar((-1, 1)), ours.scar((-1, 1)), rtol=1e-11)
    numbers = ["alpha", "sigma", "r2", "n_obs", "dof"]
    np.testing.assert_allclose(own.estimates[numbers], ours.estimates[numbers], rtol=1e-9)
    one, two = own.tests((-1, 1)), ours.tests((-1, 1))
    pd.testing.assert_frame_equal(one, two, rtol=1e-9, atol=1e-12)


def test_an_own_model_shares_the_design_of_a_date() -> None:
    """A root without a firm axis says so, and the portfolio of the date can be tested."""
    data = panel()
    study = {name: es.EventStudy(model=m, **STUDY).run(EVENTS.iloc[:3], data)
             for name, m in (("own", Plain()), ("ours", es.MarketModel()))}  # fmt: skip
    one, two = (study[name].test("portfolio_t", (0, 0)) for name in ("own", "ours"))
    assert one.statistic == pytest.approx(two.statistic, rel=1e-10)
    assert np.isfinite(one.statistic)


def test_an_own_model_with_gaps_drops_what_the_package_drops() -> None:
    data = panel(0.3)
    own, ours = run(Plain(), data, min_obs=78), run(es.MarketModel(), data, min_obs=78)
    pd.testing.assert_frame_equal(own.dropped, ours.dropped)
    assert 0 < len(ours.dropped) < len(EVENTS)
    np.testing.assert_allclose(own.ar, ours.ar, atol=1e-14)


def test_an_own_model_with_a_design_a_firm_has_no_portfolio() -> None:
    """Roots that differ between the complete firms of a date are no common design."""

    class Weighed(Plain):
        def fit(self, block: es.Block) -> es.Fit:
            fit = super().fit(block)
            each = 1.0 + np.arange(len(block.returns))
            return replace(fit, root=each[:, None, None] * fit.root)

    study = es.EventStudy(model=Weighed(), **STUDY)
    found = study.run(EVENTS.iloc[:3], panel()).test("portfolio_t", (0, 0))
    assert np.isnan(found.statistic)
    assert found.note == "the model leaves the events no common design"


def test_days_left_out_are_no_days_without_a_factor() -> None:
    """The second event of each firm loses 5 of its 110 days to the window of the first."""
    for model in (Plain(), es.MarketModel()):
        found = run(model, exclude_other_events=True, min_obs=110)
        assert found.dropped["reason"].to_dict() == dict.fromkeys("def", "min_est")


class PeerMean:
    """Expects the mean return of the date's other firms: nothing is estimated."""

    needs: tuple[str, ...] = ()

    def fit(self, block: es.Block) -> es.Fit:
        n = len(block.returns)
        others = (block.returns.sum(axis=0) - block.returns) / max(n - 1, 1)
        return es.Fit.of(block, others)


def test_an_own_model_without_parameters() -> None:
    result = run(PeerMean())
    values = panel().returns[:3, 180]
    np.testing.assert_allclose(
        result.ar[0].iloc[:3], values - (values.sum() - values) / 2, atol=1e-15
    )
    assert result.estimates["r2"].isna().all()
    assert (result.estimates["dof"] == 109).all()
    assert list(result.estimates.columns) == [
        *("ticker", "day0", "alpha", "sigma", "r2", "n_obs", "dof")
    ]


@dataclass
class Watcher:
    """Remembers its blocks."""

    blocks: list[es.Block]
    needs: tuple[str, ...] = ("market", "SMB")

    def fit(self, block: es.Block) -> es.Fit:
        self.blocks.append(block)
        return es.Fit.of(block, np.zeros_like(block.returns))


def test_a_model_is_handed_one_block_a_date() -> None:
    data, watcher = panel(), Watcher([])
    run(watcher, data)
    assert [len(block.returns) for block in watcher.blocks] == [3, 1, 1, 1]
    block = watcher.blocks[1]
    days = np.arange(200 - 120, 200 + 3)
    np.testing.assert_array_equal(block.rows, days)
    np.testing.assert_array_equal(block.returns[0], data.series("IREN")[days])
    np.testing.assert_array_equal(
        block.factors, np.column_stack([data.series("SPY"), data.series("SMB")])[days]
    )
    assert block.names == ("SPY", "SMB")
    assert data.risk_free is not None
    assert block.risk_free is not None
    np.testing.assert_array_equal(block.risk_free, data.risk_free[days])
    assert (block.estimation, block.event) == (slice(0, 110), slice(118, 123))
    assert block.excluded is None


def test_days_before_the_data_are_missing_in_the_block() -> None:
    data, watcher = panel(), Watcher([])
    early = EVENTS.iloc[:1].assign(date=DAYS[100])
    es.EventStudy(model=watcher, min_obs=50, **STUDY).run(early, data)
    (block,) = watcher.blocks
    assert list(block.rows[:21]) == list(range(-20, 1))
    assert np.isnan(block.returns[0, :20]).all()
    assert np.isnan(block.factors[:20]).all()
    assert np.isfinite(block.returns[0, 20:]).all()


def test_windows_of_other_events_reach_the_model() -> None:
    watcher = Watcher([])
    run(watcher, exclude_other_events=True)
    marked = [None if b.excluded is None else np.flatnonzero(b.excluded[0]) for b in watcher.blocks]
    # IREN's event of column 180 lies 20 sessions before its event of column 200
    assert marked[1] is not None
    assert list(marked[1][:5]) == [98, 99, 100, 101, 102]


@pytest.mark.parametrize("model", [es.MarketModel(), Plain(), es.MarketAdjusted()])
def test_a_stale_price_is_found_on_the_raw_returns(model: Model) -> None:
    """Against the market it seems to move: −β·Rm, or −Rm."""
    frame = panel().returns_frame()
    frame.loc[frame.index[60:170], "IREN"] = 0.0
    stale = es.Panel.from_returns(frame, market="SPY")
    study = es.EventStudy(model=model, **STUDY)
    result = study.run(EVENTS.iloc[:3], stale)
    assert result.dropped["reason"].to_dict() == {"a": "zero_variance"}
    assert list(result.events.index) == ["b", "c"]


# ── answers of the wrong form ────────────────────────────────────────────────────────────
@dataclass
class Broken:
    """Changes one part of a right answer."""

    part: str
    value: Any
    needs: tuple[str, ...] = ("market",)

    def fit(self, block: es.Block) -> Any:
        if self.part == "fit":
            return self.value
        return replace(es.MarketModel().fit(block), **{self.part: self.value})


@pytest.mark.parametrize(
    ("part", "got", "need"),
    [
        ("residuals", (3, 5), (3, 110)),
        ("abnormal", (5,), (3, 5)),
        ("expected", (3, 123), (3, 5)),
        ("params", (3, 3), (3, 2)),
        ("params", (2,), (3, 2)),
        ("sigma", (3, 1), (3,)),
        ("sigma", (), (3,)),
        ("dof", (1,), (3,)),
        ("root", (110, 2), (5, 2)),
        ("root", (2, 5, 2), (5, 2)),
    ],
)
def test_wrong_shapes_are_refused(part: str, got: tuple[int, ...], need: tuple[int, ...]) -> None:
    with pytest.raises(es.errors.ModelError) as caught:
        run(Broken(part, np.zeros(got)))
    assert str(caught.value) == (
        f"Broken.fit gave `{part}` with shape {got} where {need} was needed; "
        f"see eventstudy.Fit for the shapes."
    )


@pytest.mark.parametrize(
    ("value", "kind"), [(None, "NoneType"), (np.zeros(3), "ndarray"), ({}, "dict")]
)
def test_what_is_no_fit_is_refused(value: Any, kind: str) -> None:
    with pytest.raises(es.errors.ModelError) as caught:
        run(Broken("fit", value))
    assert str(caught.value) == f"Broken.fit gave a {kind}; it must return an eventstudy.Fit."


# ── the engine itself ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("length", "min_obs", "model", "need"),
    [
        (240, None, es.MarketModel(), 120),
        (400, None, es.MarketModel(), 120),
        (100, None, es.MarketModel(), 50),
        (12, None, es.MarketModel(), 7),
        (12, None, es.FamaFrench6(), 12),
        (240, 30, es.MarketModel(), 30),
        (240, 3, es.MarketModel(), 7),
        (240, 3, es.FamaFrench6(), 12),
        (240, 3, es.RawReturn(), 5),
        (240, 3, Plain(), 7),
    ],
)
def test_days_that_an_estimation_needs(
    length: int, min_obs: int | None, model: Model, need: int
) -> None:
    windows = Windows(Window(-length, -1), Window(0, 0))
    assert engine.required_days(model, windows, min_obs) == need


def test_no_event_at_all_is_an_empty_answer() -> None:
    """Also in a panel that is shorter than the windows."""
    data = panel()
    short = es.Panel.from_returns(data.returns_frame().iloc[:3], market="SPY")
    for model in (es.MarketModel(), Plain()):
        with pytest.raises(es.errors.NothingLeft, match="6 × after_data"):
            run(model, short)
