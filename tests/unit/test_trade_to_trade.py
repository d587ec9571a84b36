"""Returns from trade to trade: the panel that keeps them, and the market model on them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import oracle_firms
import pandas as pd
import pytest
from oracle import Floats

import eventstudy as es
from eventstudy import errors
from eventstudy.panel.gaps import summed_over

T, THIN = 200, 8
SESSIONS = pd.bdate_range("2024-01-02", periods=T)
TICKERS = [f"F{i}" for i in range(THIN)]
ESTIMATION, WINDOW = (-120, -11), (-5, 5)
DAY0 = 150


def prices(gaps: float = 0.3, *, through: range = range(T)) -> pd.DataFrame:
    """Prices with days without a trade, and a market that trades every day."""
    rng = np.random.default_rng(4)
    market = rng.standard_t(5, T) * 0.01
    moves = rng.uniform(0.5, 1.5, THIN) * market[:, None] + rng.standard_t(4, (T, THIN)) * 0.02
    table = 50 * np.exp(np.cumsum(moves + 0.001, axis=0))
    silent = rng.random(table.shape) < gaps
    silent[[t for t in range(T) if t not in through]] = False
    table[silent] = np.nan
    frame = pd.DataFrame(table, SESSIONS, TICKERS)
    frame["SPY"] = 400 * np.exp(np.cumsum(market))
    return frame


def panel(frame: pd.DataFrame, **options: Any) -> es.Panel:
    return es.Panel.from_prices(frame, market="SPY", kind="log", across_gaps=True, **options)


def events(*tickers: str, day: int = DAY0) -> pd.DataFrame:
    return pd.DataFrame({"ticker": list(tickers or TICKERS), "date": SESSIONS[day]})


def run(frame: pd.DataFrame, model: Any = None, **options: Any) -> es.Result:
    chosen = es.TradeToTrade() if model is None else model
    study = es.EventStudy(model=chosen, estimation=ESTIMATION, window=WINDOW, **options)
    return study.run(events(), panel(frame))


def close(got: object, want: object) -> None:
    np.testing.assert_allclose(
        np.asarray(got, dtype=float), np.asarray(want, dtype=float), rtol=1e-10, atol=1e-12
    )


def loops(frame: pd.DataFrame) -> list[oracle_firms.Trades]:
    market = np.log(frame["SPY"]).diff().to_numpy()
    return [
        oracle_firms.trade_to_trade(frame[t].to_numpy(), market, DAY0, ESTIMATION, WINDOW)
        for t in TICKERS
    ]


# ── the panel ────────────────────────────────────────────────────────────────────────────
def test_returns_since_the_last_trade() -> None:
    days = SESSIONS[:6]
    frame = pd.DataFrame(
        {"IREN": [50.0, np.nan, np.nan, 55.0, 54.0, np.nan], "SPY": np.arange(6) + 400.0}, days
    )
    made = panel(frame)
    nan = np.nan
    close(made.fields["days"], [[nan, nan, nan, 3, 1, nan], [nan, 1, 1, 1, 1, 1]])
    close(made.fields["since_trade"][0], [nan, nan, nan, np.log(1.1), np.log(54 / 55), nan])
    close(made.returns[0], [nan, nan, nan, nan, np.log(54 / 55), nan])
    np.testing.assert_array_equal(made.fields["since_trade"][1], made.returns[1])


def test_the_rest_of_the_panel_stays_what_it_is() -> None:
    frame = prices()
    usual = es.Panel.from_prices(frame, market="SPY", kind="log")
    np.testing.assert_array_equal(panel(frame).returns, usual.returns)
    assert dict(usual.fields) == {}
    study = es.EventStudy(estimation=ESTIMATION, window=WINDOW, min_obs=20, missing="skip")
    one, two = study.run(events(), panel(frame)), study.run(events(), usual)
    pd.testing.assert_frame_equal(one.ar, two.ar)


def test_prices_of_another_company_are_no_earlier_trade() -> None:
    frame = prices(0.0)
    frame.loc[frame.index[10:13], "F0"] = np.nan
    made = panel(frame, own_since={"F0": SESSIONS[9], "F1": SESSIONS[11]})
    days = made.fields["days"]
    assert np.isnan(days[0, :13]).all()
    assert days[0, 13] == 4  # the first own price is of session 9
    assert np.isnan(days[1, :12]).all()
    assert days[1, 12] == 1
    assert np.isnan(made.fields["since_trade"][1, :12]).all()


def test_sums_over_gaps() -> None:
    series = np.array([np.nan, 0.01, 0.02, np.nan, 0.04, 0.05])
    days = np.array([[1.0, 1, 2, 1, 2, 2], [1, 2, 1, 1, 1, 3]])
    nan = np.nan
    close(summed_over(series, days), [
        [nan, 0.01, 0.03, nan, nan, 0.09],
        [nan, nan, 0.02, nan, 0.04, nan],
    ])  # fmt: skip


# ── the model ────────────────────────────────────────────────────────────────────────────
def test_without_gaps_it_is_the_market_model() -> None:
    frame = prices(0.0)
    one, two = run(frame), run(frame, es.MarketModel())
    for part in ("params", "sigma", "dof", "residuals", "abnormal", "expected"):
        close(getattr(one.abnormal, part), getattr(two.abnormal, part))
    for w in ((0, 0), (-1, 1), (-5, 5)):
        close(one.car(w), two.car(w))
        close(one.scar(w), two.scar(w))
        close(one.test("adj_bmp", w).pvalue, two.test("adj_bmp", w).pvalue)
    assert one.abnormal.flags is None


@pytest.mark.parametrize("gaps", [0.1, 0.5])
def test_gaps_before_the_event(gaps: float) -> None:
    frame = prices(gaps, through=range(DAY0 - 7))
    result, expected = run(frame, min_obs=20), loops(frame)
    assert any(e.dof < 108 for e in expected)
    found = result.abnormal
    close(found.params, [e.params for e in expected])
    close(found.sigma, [e.sigma for e in expected])
    close(found.dof, [e.dof for e in expected])
    close(result.ar, [e.ar for e in expected])
    for first, last in ((0, 0), (-1, 1), (-5, 5)):
        days = slice(first - WINDOW[0], last - WINDOW[0] + 1)
        want = []
        for e in expected:
            s = e.x[days].sum(axis=0)
            q = (last - first + 1) + s @ e.inverse @ s
            want.append(sum(e.ar[days]) / (e.sigma * math.sqrt(q)))
        close(result.scar((first, last)).iloc[:, 0], want)


@pytest.mark.parametrize("missing", ["drop", "skip"])
def test_gaps_in_the_event_window(missing: str) -> None:
    """A return over several sessions is the abnormal return of none of them (A.5)."""
    frame = prices(0.3)
    result, expected = run(frame, min_obs=20, missing=missing), loops(frame)
    want = [
        [ar if d == 1 else np.nan for ar, d in zip(e.ar, e.covers, strict=True)] for e in expected
    ]
    close(result.ar, want)
    assert any(d > 1 for e in expected for d in e.covers)
    for k, e in enumerate(expected):
        for t, d in enumerate(e.covers):
            day = t + WINDOW[0]
            assert np.isfinite(result.abnormal.car((day, day))[k]) == (d == 1)


def test_a_day_without_a_trade_is_expected_to_move_like_one_day() -> None:
    frame = prices(through=range(DAY0 - 3, DAY0 + 4))
    found = run(frame, missing="skip").abnormal
    market = np.log(frame["SPY"]).diff().to_numpy()[DAY0 + np.array(found.window.days)]
    untraded = frame[TICKERS].isna().to_numpy().T[found.firm][:, DAY0 + np.array(found.window.days)]
    assert untraded.sum() > 3
    line = found.params[:, :1] + found.params[:, 1:] * market
    close(found.expected[untraded], line[untraded])


def whole(e: oracle_firms.Trades, first: int, last: int, missing: str) -> tuple[float, float]:
    """CAR and SCAR over a window: NaN where the first trade's return began before it (A.5)."""
    days = [t for t in range(first - WINDOW[0], last - WINDOW[0] + 1) if e.covers[t]]
    start, stop = first - WINDOW[0], last - WINDOW[0]
    if not days or days[0] - e.covers[days[0]] + 1 < start:
        return math.nan, math.nan
    if missing == "drop" and days[-1] < stop:
        return math.nan, math.nan
    car, s = sum(e.ar[t] for t in days), e.x[days].sum(axis=0)
    q = sum(e.covers[t] for t in days) + s @ e.inverse @ s
    return car, car / (e.sigma * math.sqrt(q))


@pytest.mark.parametrize("missing", ["drop", "skip"])
def test_windows_with_gaps(missing: str) -> None:
    """All 66 windows: the variance of a CAR is that of its sessions, traded or not."""
    frame = prices(0.4)
    result, expected = run(frame, min_obs=20, missing=missing), loops(frame)
    kinds = set()
    for first in range(WINDOW[0], WINDOW[1] + 1):
        for last in range(first, WINDOW[1] + 1):
            want = [whole(e, first, last, missing) for e in expected]
            close(result.abnormal.car((first, last)), [car for car, _ in want])
            close(result.abnormal.scar((first, last)), [scar for _, scar in want])
            held = [
                math.expm1(result.abnormal.actual[k][some].sum())
                - math.expm1(result.abnormal.expected[k][some].sum())
                if math.isfinite(car)
                else math.nan
                for k, (car, _) in enumerate(want)
                for some in [np.array([
                    t for t in range(first + 5, last + 6) if expected[k].covers[t]
                ], dtype=int)]
            ]  # fmt: skip
            close(result.abnormal.bhar((first, last)), held)
            kinds |= {(math.isfinite(car), last > first) for car, _ in want}
    assert kinds == {(True, True), (False, True), (True, False), (False, False)}
    some = result.where(np.arange(THIN) < 4)
    close(some.abnormal.car(WINDOW), result.abnormal.car(WINDOW)[:4])


def test_a_constant_growth_leaves_nothing() -> None:
    """R = αd: the regressor of α is √d. With 1/√d there would be abnormal returns of α(d − M/Σ1/d).

    The proof that A.5 needs √d (docs/methods.md, A.5, trade to trade).
    """
    frame = prices(0.4, through=range(DAY0 - 7))
    growth = pd.Series(50 * np.exp(0.002 * np.arange(T)), SESSIONS)
    for ticker in TICKERS:
        frame[ticker] = growth.where(frame[ticker].notna())
    noise = np.random.default_rng(0).normal(0, 1e-7, T)  # not without variance
    frame["F0"] = frame["F0"].to_numpy() * np.exp(noise)
    study = es.EventStudy(model=es.TradeToTrade(), estimation=ESTIMATION, window=WINDOW, min_obs=20)
    result = study.run(events("F0"), panel(frame))
    assert result.estimates["alpha"].iloc[0] == pytest.approx(0.002, abs=1e-7)
    assert np.abs(result.ar.to_numpy()).max() < 1e-6
    wrong = wrong_alpha(frame)
    assert abs(wrong - 0.002) > 1e-4


def wrong_alpha(frame: pd.DataFrame) -> float:
    """α of the regression of R/√d on 1/√d alone."""
    made = panel(frame)
    days = made.fields["days"][0, DAY0 - 120 : DAY0 - 10]
    r = made.fields["since_trade"][0, DAY0 - 120 : DAY0 - 10]
    ok = np.isfinite(days)
    x, y = 1 / np.sqrt(days[ok]), r[ok] / np.sqrt(days[ok])
    return float(x @ y / (x @ x))


def test_the_variance_of_long_gaps_is_that_of_single_days() -> None:
    """Residuals over √d: without it, those over four sessions would be twice as wide."""
    rng = np.random.default_rng(1)
    n = 4000
    days = pd.bdate_range("2005-01-03", periods=n + 20)
    market, noise = rng.normal(0, 0.01, n + 20), rng.normal(0, 0.02, n + 20)
    silent = rng.random(n + 20) < 0.5
    silent[n - 15 :] = False
    price = pd.Series(50 * np.exp(np.cumsum(market + noise)), days).mask(silent)
    frame = pd.DataFrame({"A": price, "SPY": 400 * np.exp(np.cumsum(market))})
    study = es.EventStudy(model=es.TradeToTrade(), estimation=(-(n - 20), -11), window=(-1, 1))
    made = panel(frame)
    result = study.run(pd.DataFrame({"ticker": ["A"], "date": [days[n]]}), made)
    e = result.abnormal.residuals[0]
    d = made.fields["days"][0, 20 : 20 + len(e)]
    near = [float(np.nanstd(e[d == k])) for k in (1, 2, 3)]
    np.testing.assert_allclose(near, 0.02, rtol=0.08)
    assert result.estimates["sigma"].iloc[0] == pytest.approx(0.02, rel=0.03)


def test_the_market_of_a_name_and_a_rate_of_ones_own() -> None:
    frame = prices(0.2, through=range(DAY0 - 7)).rename(columns={"SPY": "QQQ"})
    frame["SPY"] = 400.0 + np.arange(T)
    named = run(frame, es.TradeToTrade("QQQ"), min_obs=20)
    assert list(named.estimates.columns[2:5]) == ["alpha", "QQQ", "sigma"]
    close(named.abnormal.params, [e.params for e in loops(frame.assign(SPY=frame["QQQ"]))])


def test_other_events_are_left_out() -> None:
    frame = prices(0.2, through=range(DAY0 - 7))
    both = pd.concat([events("F0", day=100), events("F0")], ignore_index=True)
    options: dict[str, Any] = {"estimation": (-80, -11), "window": WINDOW, "min_obs": 20}
    model = es.TradeToTrade()
    one = es.EventStudy(model=model, **options).run(both, panel(frame))
    two = es.EventStudy(model=model, exclude_other_events=True, **options).run(both, panel(frame))
    days = panel(frame).fields["days"][0]
    covered = [range(int(t - d), t) for t, d in enumerate(days, start=1) if np.isfinite(d)]
    lost = sum(any(95 <= day <= 105 for day in sessions) for sessions in covered)
    assert lost > np.isfinite(days[95:106]).sum()  # the first trade after it covers its end, too
    assert (one.estimates["n_obs"] - two.estimates["n_obs"]).tolist() == [0, lost]


def test_the_portfolio_of_a_date_does_not_apply() -> None:
    answer = run(prices(0.1), min_obs=20).test("portfolio_t", (0, 0))
    assert np.isnan(answer.statistic)
    assert answer.note


# ── loading, words, refusals ─────────────────────────────────────────────────────────────
def holes(tickers: list[str], start: object, end: object) -> pd.DataFrame:
    """The simulated sample, with every seventh price of IREN missing."""
    frame = es.loaders.sample(tickers, start, end)
    frame.loc[frame.index[::7], "IREN"] = np.nan
    return frame


def test_load_asks_for_the_gaps() -> None:
    study = es.EventStudy(model=es.TradeToTrade(), missing="skip")
    one = es.events_on("2026-02-25", "IREN", session="after_close")
    made = study.load(one, holes, market="SPY", kind="log")
    assert np.nanmax(made.fields["days"]) == 2
    result = study.run(one, made)
    assert "beyond what the market explains" in result.sentence((0, 0))
    assert "TradeToTrade (SPY)" in str(result.summary())
    sentence = (
        "TradeToTrade needs log returns, which add up over the sessions of a gap; make the panel "
        "with kind='log'."
    )
    with pytest.raises(errors.PanelError, match=sentence):
        study.load(one, holes, market="SPY")
    simple = es.Panel.from_prices(prices(), market="SPY", across_gaps=True)
    with pytest.raises(errors.PanelError) as caught:
        es.EventStudy(model=es.TradeToTrade(), estimation=ESTIMATION).run(events(), simple)
    assert str(caught.value) == sentence


def test_a_panel_without_the_gaps_is_refused() -> None:
    bare = es.Panel.from_prices(prices(), market="SPY", kind="log")
    study = es.EventStudy(model=es.TradeToTrade(), estimation=ESTIMATION, window=WINDOW)
    with pytest.raises(errors.ModelError) as caught:
        study.run(events(), bare)
    assert str(caught.value) == (
        "TradeToTrade needs returns since the last trade; make the panel by "
        "Panel.from_prices(prices, kind='log', across_gaps=True)."
    )


def test_a_stock_that_hardly_trades_is_left_out() -> None:
    frame = prices(0.1)
    frame.loc[frame.index[: DAY0 - 40], "F2"] = np.nan
    dropped = run(frame).dropped
    assert dropped["reason"].tolist() == ["min_est"]


def sessions(values: Floats) -> list[int]:
    return [int(v) for v in values]


def test_days_count_sessions_not_calendar_days() -> None:
    """Over a weekend one session has passed."""
    friday = pd.DataFrame(
        {"IREN": [50.0, 51.0, 52.0], "SPY": [400.0, 401.0, 402.0]},
        pd.to_datetime(["2026-02-26", "2026-02-27", "2026-03-02"]),
    )
    assert sessions(panel(friday).fields["days"][0, 1:]) == [1, 1]
