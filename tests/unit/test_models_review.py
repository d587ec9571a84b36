"""What a second reading of models, engine and contracts found: one test a finding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy import engine, errors
from eventstudy.arrays import Block, Fit, FloatArray, Inputs, Placement, Windows
from eventstudy.models.conditional import Egarch
from eventstudy.models.linear import Design, linear_of
from eventstudy.testing import check_model
from eventstudy.windows import Window

T = 220
SESSIONS = pd.bdate_range("2024-01-02", periods=T)
NAMES = ["F0", "F1", "F2", "A", "B"]


def moves() -> pd.DataFrame:
    """Simple returns of three firms, two donors and a market."""
    rng = np.random.default_rng(8)
    market = rng.normal(0, 0.01, T)
    table = market[:, None] + rng.standard_t(5, (T, len(NAMES))) * 0.02
    return pd.DataFrame(table, SESSIONS, NAMES).assign(SPY=market)


def events(*days: int, ticker: Any = "F0") -> pd.DataFrame:
    return pd.DataFrame({"ticker": ticker, "date": SESSIONS[list(days)]})


def reasons(study: es.EventStudy, table: pd.DataFrame, frame: pd.DataFrame) -> list[str]:
    """Reason and detail of the dropped events."""
    panel = es.Panel.from_returns(frame, market="SPY")
    try:
        lost = study.run(table, panel).dropped
    except errors.NothingLeft as nothing:
        lost = nothing.dropped
    return (lost["reason"] + ": " + lost["detail"]).tolist()


# ── trade to trade: the first trade after the event still holds the event ────────────────
def thin(jump: float) -> pd.DataFrame:
    """Prices without a trade on sessions 101 … 103; ``jump`` happened on one of them."""
    prices = 100 * (1 + moves()).cumprod()
    prices.loc[SESSIONS[101:104], "F0"] = np.nan
    prices.loc[SESSIONS[104] :, "F0"] *= 1 + jump
    return prices


@pytest.mark.parametrize(
    ("day0", "estimation", "exclude"),
    [
        (100, [(-60, -4), (3, 60)], False),  # the gap begins in the event window, [-2,+2]
        (160, (-90, -4), True),  # it begins in the window of another event
        (160, [(-100, -62), (-56, -4)], False),  # it begins in a hole between two intervals
    ],
)
def test_a_return_that_covers_closed_sessions_is_not_estimated_on(
    day0: int, estimation: Any, exclude: bool
) -> None:
    study = es.EventStudy(
        model=es.TradeToTrade(),
        estimation=estimation,
        window=(-2, 2),
        min_obs=30,
        missing="skip",
        exclude_other_events=exclude,
    )
    found = []
    for jump in (0.0, 0.5):
        panel = es.Panel.from_prices(thin(jump), market="SPY", kind="log", across_gaps=True)
        table = events(day0, 100) if exclude else events(day0)
        found.append(study.run(table, panel).estimates.iloc[0])
    for column in ("alpha", "SPY", "sigma", "n_obs"):
        assert found[0][column] == pytest.approx(found[1][column], rel=1e-9)


# ── estimation after the event, near the end of the data ─────────────────────────────────
@pytest.mark.parametrize("model", [es.MarketModel(), es.ScholesWilliams()])
def test_other_events_are_excluded_up_to_the_end_of_the_data(model: Any) -> None:
    study = es.EventStudy(
        model=model,
        estimation=[(-60, -11), (11, 40)],
        window=(-2, 2),
        min_obs=20,
        exclude_other_events=True,
    )
    result = study.run(events(150, 171, 205), es.Panel.from_returns(moves(), market="SPY"))
    # of 150: the window of 171; of 171: that of 150 and of 205; of 205: those of 150 and 171
    assert result.left_out.tolist() == [5, 10, 10]
    if isinstance(model, es.MarketModel):
        assert result.estimates["n_obs"].tolist() == [75, 70, 44]


def test_the_events_own_window_is_no_other_one() -> None:
    """Between two intervals lies the event window itself: nothing of it was left out."""
    study = es.EventStudy(
        estimation=[(-60, -3), (3, 30)], window=(-2, 2), exclude_other_events=True
    )
    result = study.run(events(150), es.Panel.from_returns(moves(), market="SPY"))
    assert result.left_out.tolist() == [0]
    assert not any("left out" in note for note in result.notes)


def test_days_of_prices_that_are_not_own_end_with_the_data() -> None:
    frame = 100 * (1 + moves()).cumprod()
    study = es.EventStudy(estimation=[(11, 60)], window=(-2, 2), min_obs=30)
    own = {"F0": SESSIONS[100]}
    panel = es.Panel.from_prices(frame, market="SPY", own_since=own)
    lost = study.run(events(205, 120), panel).dropped
    assert lost["detail"].tolist() == ["4 of 50 estimation days are valid, 30 needed"]


def test_the_days_of_the_intervals_are_what_is_counted() -> None:
    study = es.EventStudy(estimation=[(-60, -11), (11, 60)], window=(-2, 2), min_obs=90)
    assert reasons(study, events(150, 200), moves()) == [
        "min_est: 59 of 100 estimation days are valid, 90 needed"
    ]


def test_paths_of_events_whose_estimation_lies_outside_the_data() -> None:
    frame = moves()
    returns = np.ascontiguousarray(frame[["F0", "F1"]].to_numpy().T)
    seen = Inputs(returns, frame[["SPY"]].to_numpy(), ("market",))
    rows = np.array([3, 100, 216])
    place = Placement(np.array([0, 1, 0]), rows, np.arange(3))
    for estimation in (Window(-60, -11), Window(11, 60)):
        windows = Windows(estimation, Window(-2, 2), (estimation,))
        found = engine.run(es.MarketModel(), seen, place, windows, min_obs=20)
        assert (found.reason != 0).tolist() == [estimation.first < 0, False, estimation.first > 0]
        gone = np.isnan(found.abnormal.residuals).all(axis=1)
        assert gone.tolist() == (found.reason != 0).tolist()


# ── reasons that are right, and say which ────────────────────────────────────────────────
def test_factors_of_ones_own_that_are_collinear_are_called_so() -> None:
    peers = [es.factors.peers(["A", "B", "F1"], name=name) for name in ("one", "two")]
    study = es.EventStudy(
        model=es.FactorModel(("SPY", *peers)), estimation=(-60, -11), window=(-2, 2)
    )
    line = "collinear: the factors are collinear over the estimation window"
    assert reasons(study, events(150), moves()) == [line]
    every_second = moves().assign(SPY=np.tile([0.01, -0.01], T // 2))
    dimson = replace(study, model=es.Dimson())
    assert reasons(dimson, events(150), every_second) == [line]


def test_days_without_their_neighbours_are_too_few_days() -> None:
    """The leads of the last days lie in the event window: 19 days, 14 of them of use."""
    study = es.EventStudy(model=es.Dimson(lags=5), estimation=(-21, -3), window=(-2, 2))
    assert reasons(study, events(150), moves()) == [
        "min_est: 14 of 19 estimation days are valid, 17 needed"
    ]


def test_the_donor_that_is_missing_is_named() -> None:
    frame = moves()
    frame.loc[SESSIONS[100:130], "B"] = np.nan
    study = es.EventStudy(
        model=es.SyntheticControl(["A", "B"]), estimation=(-60, -11), window=(-2, 2), min_obs=40
    )
    assert reasons(study, events(150, 127), frame) == [
        "factor_missing: 20 of 50 estimation days are valid, 40 needed; `B` is missing",
        "factor_missing: 33 of 50 estimation days are valid, 40 needed; `B` is missing",
    ]
    late = moves()
    late.loc[SESSIONS[148:153], "B"] = np.nan
    assert reasons(study, events(150), late) == [
        "factor_missing: `B` is missing on every event day"
    ]
    mixed = moves()
    mixed.loc[SESSIONS[148:151], "A"] = np.nan
    mixed.loc[SESSIONS[151:153], "B"] = np.nan
    assert reasons(study, events(150), mixed) == [
        "factor_missing: a factor is missing on every event day"
    ]


def test_a_ticker_in_other_letters_is_pointed_out() -> None:
    study = es.EventStudy(estimation=(-60, -11), window=(-2, 2))
    table = events(150, 150, 150, ticker=["f0", "GONE", "F1"])
    assert reasons(study, table, moves()) == [
        "unknown_ticker: no prices for f0; there are some for F0",
        "unknown_ticker: no prices for GONE",
    ]


def test_a_panel_holds_no_infinite_number() -> None:
    days = SESSIONS.to_numpy().astype("datetime64[D]")
    returns = moves()[NAMES].to_numpy().T.copy()
    returns[1, 5], returns[2, 6] = np.nan, -np.inf
    with pytest.raises(errors.PanelError, match=r"`returns` is infinite for `F2` on 2024-01-10;"):
        es.Panel(returns=returns, sessions=days, tickers=tuple(NAMES))
    with pytest.raises(errors.PanelError, match="`factors` is infinite for `X` on 2024-01-02;"):
        es.Panel(
            returns=np.nan_to_num(returns, neginf=0.0),
            sessions=days,
            tickers=tuple(NAMES),
            factors=np.full((T, 1), np.inf),
            factor_names=("X",),
        )


# ── a model that inherits a design and writes a fit of its own ───────────────────────────
class Halved(es.MarketModel):
    """Expect half of what the market model does."""

    def fit(self, block: Block) -> Fit:
        found = super().fit(block)
        more = 0.5 * found.expected
        return replace(found, expected=more, abnormal=found.abnormal + more)


class Excess(es.MarketModel):
    """The market model of the excess return: only the design is new."""

    def linear_design(
        self, factors: FloatArray, names: tuple[str, ...], risk_free: FloatArray | None
    ) -> Design:
        return replace(super().linear_design(factors, names, risk_free), offset=risk_free)


def test_the_fit_of_a_derived_class_is_what_is_fitted() -> None:
    panel = es.Panel.from_returns(moves(), market="SPY", risk_free=0.0001)
    study = es.EventStudy(model=Halved(), estimation=(-60, -11), window=(-2, 2))
    plain = replace(study, model=es.MarketModel())
    halved, whole = (each.run(events(150, 120), panel).abnormal for each in (study, plain))
    np.testing.assert_allclose(halved.expected, 0.5 * whole.expected, rtol=1e-12)
    np.testing.assert_allclose(halved.actual - halved.abnormal, halved.expected, atol=1e-15)
    assert linear_of(es.MarketModel()) is not None
    assert linear_of(Halved()) is None
    assert linear_of(Excess()) is not None
    # another design is another regression, of R − rf: α is less by rf
    own = replace(study, model=Excess()).run(events(150, 120), panel).abnormal
    np.testing.assert_allclose(own.params[:, 0], whole.params[:, 0] - 0.0001, rtol=1e-10)
    assert engine.parameter_count(Halved()) == 2


# ── EGARCH: a variance that runs away ────────────────────────────────────────────────────
def test_an_exploding_log_variance_stays_a_number() -> None:
    process, parameters = Egarch(), np.array([[0.0, 1.0, 1.0, 0.9999]])
    state = process.step(parameters, np.array([-60.0]), np.array([0.2]))
    assert 0 < process.variance(state)[0] < np.inf
    later = process.forecast(parameters, state, np.array([[1, 200]]))
    assert np.isfinite(later).all()


def test_thirteen_days_of_an_egarch_still_have_a_filtered_variance() -> None:
    model = es.GarchMarketModel(variance="egarch", horizon="filter")
    study = es.EventStudy(model=model, estimation=(-16, -4), window=(-3, 3))
    table = events(*range(30, 200, 2))
    result = study.run(table, es.Panel.from_returns(moves(), market="SPY"))
    assert np.isfinite(result.scar((-1, 1)).to_numpy()).all()


# ── check_model: sound models that are unusual, and cheats that are subtle ───────────────
class Nearest:
    """Expect the mean return of the ten estimation days whose market was nearest."""

    needs = ("market",)

    def fit(self, block: Block) -> Fit:
        market, valid = block.factors[:, 0], block.valid[:, block.estimation]
        past = block.returns[:, block.estimation]
        away = np.abs(market[:, None] - market[None, block.estimation])
        order = np.argsort(away, axis=1, kind="stable")
        expected = np.empty(block.returns.shape)
        for i, (r, used) in enumerate(zip(past, valid, strict=True)):
            expected[i] = [r[days[used[days]][:10]].mean() for days in order]
        return Fit.of(block, expected)


class Trees:
    """A bag of one-split trees, with a seed of their own."""

    needs = ("market", "SMB")

    def fit(self, block: Block) -> Fit:
        expected = np.zeros(block.returns.shape)
        for i, used in enumerate(block.valid[:, block.estimation]):
            rng, days = np.random.default_rng(7), np.flatnonzero(used)
            for _ in range(20):
                bag = rng.choice(days, len(days)) + block.estimation.start
                x = block.factors[:, rng.integers(2)]
                cut, y = np.median(x[bag]), block.returns[i, bag]
                left, right = (y[side].mean() for side in (x[bag] <= cut, x[bag] > cut))
                expected[i] += np.where(x <= cut, left, right) / 20
        return Fit.of(block, expected)


class Weekday:
    """Expect the mean of the same day of the week, by the calendar rows; no factor."""

    needs = ()

    def fit(self, block: Block) -> Fit:
        day = block.rows % 5
        found = np.where(block.valid[:, block.estimation], block.returns[:, block.estimation], 0.0)
        params = np.empty((len(found), 5))
        for k in range(5):
            here = block.valid[:, block.estimation] & (day[block.estimation] == k)
            params[:, k] = np.where(here, found, 0.0).sum(axis=1) / here.sum(axis=1)
        return Fit.of(block, params[:, day], params=params, names=tuple("MTWRF"))


class Threshold:
    """The market model in which moves of the market count from 1 % on: a number of its own."""

    needs = ("market",)

    def fit(self, block: Block) -> Fit:
        large = np.sign(block.factors) * np.maximum(np.abs(block.factors) - 0.01, 0.0)
        return es.MarketModel().fit(replace(block, factors=large))


@pytest.mark.parametrize("model", [Nearest(), Trees(), Weekday()])
def test_a_sound_but_unusual_model_passes(model: Any) -> None:
    check_model(model)


def test_a_model_with_a_number_of_its_own() -> None:
    check_model(Threshold(), equivariant=False)
    with pytest.raises(AssertionError, match="does not scale with the returns"):
        check_model(Threshold())


class Cheat:
    """The market model of the better of two factors, or of one; each child cheats."""

    needs: tuple[str, ...] = ("market",)

    def fit(self, block: Block) -> Fit:
        return es.MarketModel().fit(block)


class Selects(Cheat):
    """The factor that moved more in the event window."""

    needs = ("market", "SMB")

    def fit(self, block: Block) -> Fit:
        spread = np.nan_to_num(block.factors[block.event]).std(axis=0)
        best = int(spread.argmax())
        chosen = replace(block, factors=block.factors[:, [best]], names=(block.names[best],))
        found = es.MarketModel().fit(chosen)
        return replace(found, names=("alpha", "best"))


class Counts(Cheat):
    """σ from the number of event days with a return."""

    def fit(self, block: Block) -> Fit:
        found = super().fit(block)
        days = np.isfinite(block.returns[:, block.event]).sum(axis=1)
        return replace(found, sigma=found.sigma * (1 + 0.01 * (days - 11)))


class Follows(Cheat):
    """Half of the firm's own event return is "expected"."""

    def fit(self, block: Block) -> Fit:
        found = super().fit(block)
        half = 0.5 * np.nan_to_num(found.abnormal)
        return replace(found, abnormal=found.abnormal - half, expected=found.expected + half)


class Neighbours(Cheat):
    """The event returns of the other firms of the date are "expected"."""

    def fit(self, block: Block) -> Fit:
        found = super().fit(block)
        event = np.nan_to_num(block.returns[:, block.event])
        others = (event.sum(axis=0) - event) / max(len(event) - 1, 1)
        more = 0.3 * others
        return replace(found, abnormal=found.abnormal - more, expected=found.expected + more)


class Gap(Cheat):
    """Estimates through the gap, up to the day before the event window."""

    def fit(self, block: Block) -> Fit:
        found = super().fit(block)
        gap = block.returns[:, block.estimation.stop : block.event.start]
        return replace(found, sigma=found.sigma + 0.1 * np.nan_to_num(gap).std(axis=1))


class Blind(Cheat):
    """Estimates on all days with a return, the excluded ones too."""

    def fit(self, block: Block) -> Fit:
        return super().fit(replace(block, excluded=None))


class Roots(Cheat):
    """A forecast error that grows with the place of the event in its block."""

    def fit(self, block: Block) -> Fit:
        found = super().fit(block)
        root = np.broadcast_to(found.root, (len(block.returns), *found.root.shape[-2:]))
        return replace(found, root=root * np.arange(1.0, 1.0 + len(root))[:, None, None])


CHEATS: dict[type[Cheat], str] = {
    Selects: "`params` changes with the factors of the event window",
    Counts: "`sigma` changes with the returns of the event window",
    Follows: "`expected` changes with the firm's own returns of the event window",
    Neighbours: "`abnormal` depends on which other events share the date",
    Gap: "`sigma` changes with the returns of the gap",
    Blind: "`params` changes with the returns of excluded days; estimate on the days of",
    Roots: "`scar` depends on",
}


@pytest.mark.parametrize("kind", CHEATS, ids=lambda kind: kind.__name__)
def test_a_subtle_cheat_is_found(kind: type[Cheat]) -> None:
    with pytest.raises(AssertionError) as found:
        check_model(kind())
    assert CHEATS[kind] in str(found.value)


def test_the_honest_form_of_the_cheats_passes() -> None:
    check_model(Cheat())
