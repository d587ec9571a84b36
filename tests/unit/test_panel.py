"""The panel: returns, sessions, companions, own prices."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstudy.arrays import FloatArray
from eventstudy.errors import EventStudyError
from eventstudy.panel import Panel

TICKERS = ["IREN", "CIFR", "HUT", "SPY"]


def business_prices(rows: int = 15, seed: int = 0, start: str = "2026-01-01") -> pd.DataFrame:
    """Prices on weekdays; 2026-01-01 is a Thursday."""
    rng = np.random.default_rng(seed)
    days = pd.bdate_range(start, periods=rows)
    values = np.exp(rng.normal(0, 0.03, (rows, len(TICKERS))).cumsum(axis=0)) * 20
    return pd.DataFrame(values, index=days, columns=TICKERS)


def with_bitcoin(prices: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """The same with BTC-USD on all seven days."""
    rng = np.random.default_rng(seed)
    days = pd.date_range(prices.index[0], prices.index[-1])
    coin = pd.Series(np.exp(rng.normal(0, 0.03, len(days)).cumsum()) * 9e4, days, name="BTC-USD")
    return prices.join(coin, how="outer")


PRICES = business_prices()
DAYS = PRICES.index.to_numpy().astype("datetime64[D]")


def equal(left: FloatArray, right: Any) -> None:
    np.testing.assert_allclose(left, np.asarray(right, dtype=float), rtol=0, atol=1e-14)


# ── returns ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", ["simple", "log"])
def test_returns_of_prices(kind: str) -> None:
    panel = Panel.from_prices(PRICES, kind=kind)
    for s, ticker in enumerate(TICKERS):
        for t in range(1, len(PRICES)):
            ratio = PRICES[ticker].iloc[t] / PRICES[ticker].iloc[t - 1]
            wanted = np.log(ratio) if kind == "log" else ratio - 1
            assert panel.returns[s, t] == pytest.approx(wanted, rel=1e-12, abs=1e-15)
    assert np.isnan(panel.returns[:, 0]).all()
    assert panel.kind == kind
    np.testing.assert_array_equal(panel.sessions, DAYS)


def test_a_missing_price_takes_both_neighbours_and_nothing_is_filled() -> None:
    prices = PRICES.copy()
    prices.iloc[4, 1] = np.nan
    got = Panel.from_prices(prices).returns
    wanted = Panel.from_prices(PRICES).returns.copy()
    wanted[1, 4:6] = np.nan
    np.testing.assert_array_equal(got, wanted)


def test_a_column_without_prices_is_kept() -> None:
    panel = Panel.from_prices(PRICES.assign(NEW=np.nan), market="SPY")
    assert panel.tickers == (*TICKERS, "NEW")
    assert np.isnan(panel.series("NEW")).all()


def test_returns_are_kept_as_they_are() -> None:
    frame = PRICES.pct_change().iloc[1:]
    frame.iloc[3, 0] = np.nan
    for market in (None, "SPY"):
        panel = Panel.from_returns(frame, market=market)
        np.testing.assert_array_equal(panel.returns, frame.to_numpy().T)


def test_a_total_loss_is_a_simple_return() -> None:
    frame = PRICES.pct_change()
    frame.iloc[5, 0] = -1.0
    assert Panel.from_returns(frame, market="SPY").series("IREN")[4] == -1.0
    frame.iloc[5, 0] = -1.5
    assert Panel.from_returns(frame, kind="log").returns.min() == -1.5


# ── sessions ─────────────────────────────────────────────────────────────────────────────
def test_sessions_are_the_dates_of_the_market() -> None:
    prices = PRICES.copy()
    prices.iloc[[0, 6], 3] = np.nan
    panel = Panel.from_prices(prices, market="SPY")
    np.testing.assert_array_equal(panel.sessions, np.delete(DAYS, [0, 6]))
    assert panel.series("IREN")[5] == pytest.approx(
        PRICES["IREN"].iloc[7] / PRICES["IREN"].iloc[5] - 1
    )


def test_sessions_without_a_market_need_a_fifth_of_the_mean_number() -> None:
    wide = pd.concat([PRICES.add_suffix(f"_{k}") for k in range(3)], axis=1)  # 12 on weekdays
    prices = wide.join(with_bitcoin(PRICES)["BTC-USD"], how="outer")
    panel = Panel.from_prices(prices)
    np.testing.assert_array_equal(panel.sessions, DAYS)
    assert panel.market is None
    assert np.isfinite(panel.series("BTC-USD")[1:]).all()


@pytest.mark.parametrize("count", [1, 2])
def test_the_threshold_is_inclusive(count: int) -> None:
    """Ten securities, one date with few: 0.2 × mean is 1.84 with 1 there and 1.86 with 2."""
    prices = pd.DataFrame(5.0, index=DAYS[:12], columns=[f"T{k}" for k in range(10)])
    prices.iloc[4, count:] = np.nan
    assert len(Panel.from_prices(prices).sessions) == (11 if count == 1 else 12)


def test_bitcoin_prices_are_taken_at_the_session_closes() -> None:
    prices = with_bitcoin(PRICES)
    panel = Panel.from_prices(prices, market="SPY")
    closes = prices["BTC-USD"][PRICES.index]
    equal(panel.series("BTC-USD"), closes.pct_change())
    np.testing.assert_array_equal(panel.returns[:4], Panel.from_prices(PRICES).returns)


@pytest.mark.parametrize("kind", ["simple", "log"])
def test_bitcoin_returns_are_compounded_to_the_sessions(kind: str) -> None:
    prices = with_bitcoin(PRICES)
    spy = PRICES.apply(np.log).diff() if kind == "log" else PRICES.pct_change()
    coin = prices["BTC-USD"]
    frame = spy.join(coin.apply(np.log).diff() if kind == "log" else coin.pct_change(), how="outer")
    panel = Panel.from_returns(frame, market="SPY", kind=kind)
    wanted = Panel.from_prices(prices, market="SPY", kind=kind)
    assert panel.tickers[-1] == "BTC-USD"
    np.testing.assert_array_equal(panel.sessions, DAYS[1:])
    equal(panel.series("BTC-USD")[1:], wanted.series("BTC-USD")[2:])
    assert np.isnan(panel.series("BTC-USD")[0])  # the session before is not known
    np.testing.assert_array_equal(panel.returns[:4], spy.to_numpy().T[:, 1:])


@pytest.mark.parametrize(("kind", "weekend"), [("simple", 1.01 * 1.02 * 1.03 - 1), ("log", 0.06)])
def test_missing_days_between_sessions(kind: str, weekend: float) -> None:
    days = pd.date_range("2026-01-01", "2026-01-13")  # Thursday … Tuesday
    sessions = days[days.day_of_week < 5]
    moves = [0, 0, 0.01, 0.02, 0.03, *[0] * 8]  # Saturday, Sunday, Monday
    coin = pd.Series(moves, days, name="BTC", dtype=float)
    market = pd.Series(0.001, sessions, name="M")

    def monday(series: pd.Series) -> float:
        panel = Panel.from_returns(series.to_frame(), market=market, kind=kind)
        return float(panel.series("BTC")[panel.sessions == np.datetime64("2026-01-05")][0])

    assert monday(coin) == pytest.approx(weekend, rel=1e-13)
    part = coin.copy()
    part["2026-01-03"] = np.nan  # not traded that Saturday
    assert monday(part) == pytest.approx(0.05 if kind == "log" else 1.02 * 1.03 - 1, rel=1e-13)
    part["2026-01-05"] = np.nan  # no session return: stays missing
    assert np.isnan(monday(part))


def test_days_after_the_last_session_and_before_the_first_are_left_out() -> None:
    frame = pd.DataFrame(
        {"IREN": 0.01, "SPY": 0.002}, index=pd.bdate_range("2026-01-01", periods=9)
    )
    frame.iloc[[0, 1, 8], 1] = np.nan
    panel = Panel.from_returns(frame, market="SPY")
    np.testing.assert_array_equal(panel.sessions, frame.index[2:8].to_numpy().astype("M8[D]"))
    np.testing.assert_array_equal(panel.series("IREN"), np.full(6, 0.01))


# ── market, factors, risk-free rate ──────────────────────────────────────────────────────
def factors_on(days: pd.DatetimeIndex, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(0, 0.01, (len(days), 2)), days, ["Mkt-RF", "SMB"])
    return frame.assign(RF=rng.uniform(0, 0.0003, len(days)))


FACTORS = factors_on(pd.bdate_range("2026-01-01", periods=15))


@pytest.mark.parametrize(
    "market",
    [
        PRICES["SPY"].rename("^GSPC") * 10,
        (PRICES["SPY"] * 10).to_frame("^GSPC"),
    ],
)
def test_a_market_of_its_own_becomes_a_ticker(market: Any) -> None:
    panel = Panel.from_prices(PRICES[["IREN"]], market=market.iloc[2:])
    assert (panel.market, panel.tickers) == ("^GSPC", ("IREN", "^GSPC"))
    np.testing.assert_array_equal(panel.sessions, DAYS[2:])
    equal(panel.series("^GSPC"), PRICES["SPY"].iloc[2:].pct_change())
    equal(panel.series("IREN"), PRICES["IREN"].iloc[2:].pct_change())


def test_a_market_without_a_name_is_called_market() -> None:
    panel = Panel.from_returns(
        PRICES[["IREN"]].pct_change(), market=PRICES["SPY"].pct_change().rename(None)
    )
    assert (panel.market, panel.tickers) == ("market", ("IREN", "market"))
    equal(panel.series("market"), PRICES["SPY"].pct_change().iloc[1:])


def test_a_column_cut_out_of_the_prices_is_that_ticker() -> None:
    panel = Panel.from_prices(PRICES, market=PRICES["SPY"])
    assert (panel.market, panel.tickers) == ("SPY", tuple(TICKERS))


@pytest.mark.parametrize("market", ["Mkt-RF", FACTORS["Mkt-RF"].iloc[1:-1]])
def test_a_factor_can_be_the_market(market: Any) -> None:
    panel = Panel.from_prices(PRICES, market=market, factors=FACTORS.iloc[1:-1])
    assert (panel.market, panel.factor_names) == ("Mkt-RF", ("Mkt-RF", "SMB"))
    assert panel.tickers == tuple(TICKERS)
    np.testing.assert_array_equal(panel.sessions, DAYS[1:-1])


def test_a_factor_hides_a_ticker_of_its_name() -> None:
    factors = FACTORS[["SMB"]].set_axis(["SPY"], axis=1).iloc[2:]
    panel = Panel.from_prices(PRICES, factors=factors, market="SPY")
    np.testing.assert_array_equal(panel.series("SPY"), factors["SPY"])
    np.testing.assert_array_equal(panel.sessions, DAYS[2:])
    assert "SPY" in panel.tickers


@pytest.mark.parametrize("names", [["SPY", "HUT"], ("SPY", "HUT"), ["SPY", "HUT", "SPY"]])
def test_tickers_serve_as_factors_and_stay_tickers(names: Any) -> None:
    panel = Panel.from_prices(PRICES, factors=names)
    assert (panel.factor_names, panel.tickers) == (("SPY", "HUT"), tuple(TICKERS))
    np.testing.assert_array_equal(panel.factors, panel.returns[[3, 2]].T)
    assert panel.factors.flags.c_contiguous


def test_one_factor_by_name_or_as_a_series() -> None:
    assert Panel.from_prices(PRICES, factors="SPY").factor_names == ("SPY",)
    panel = Panel.from_prices(PRICES, factors=FACTORS["SMB"])
    assert panel.factor_names == ("SMB",)
    np.testing.assert_array_equal(panel.series("SMB"), FACTORS["SMB"])


def test_the_added_market_can_be_a_factor() -> None:
    panel = Panel.from_prices(PRICES[["IREN"]], market=PRICES["SPY"], factors=["SPY"])
    np.testing.assert_array_equal(panel.factors[:, 0], panel.returns[1])


def test_factors_are_aligned_and_never_filled() -> None:
    panel = Panel.from_prices(PRICES, factors=FACTORS.iloc[3:-2].drop(PRICES.index[7]))
    missing = np.isnan(panel.factors).all(axis=1)
    assert np.flatnonzero(missing).tolist() == [0, 1, 2, 7, 13, 14]
    np.testing.assert_array_equal(panel.factors[8:13], FACTORS[["Mkt-RF", "SMB"]].iloc[8:13])
    assert panel.risk_free is not None
    assert np.flatnonzero(np.isnan(panel.risk_free)).tolist() == [0, 1, 2, 7, 13, 14]


@pytest.mark.parametrize("kind", ["simple", "log"])
def test_daily_factors_and_rates_are_compounded_too(kind: str) -> None:
    days = pd.date_range(PRICES.index[0], PRICES.index[-1])
    panel = Panel.from_prices(PRICES, factors=factors_on(days), kind=kind)
    assert panel.risk_free is not None
    last = PRICES.index[0]
    for t, day in list(enumerate(PRICES.index))[1:]:
        part = factors_on(days)[last:day].iloc[1:]
        wanted = part.sum() if kind == "log" else (1 + part).prod() - 1
        equal(panel.factors[t], wanted[["Mkt-RF", "SMB"]])
        assert panel.risk_free[t] == pytest.approx(wanted["RF"], abs=1e-14)
        last = day
    assert np.isnan(panel.factors[0]).all()


@pytest.mark.parametrize(
    ("keywords", "rate", "names"),
    [
        ({}, None, ()),
        ({"factors": FACTORS}, FACTORS["RF"], ("Mkt-RF", "SMB")),
        ({"factors": FACTORS, "risk_free": "SMB"}, None, None),
        ({"factors": FACTORS, "risk_free": 0.0001}, [0.0001] * 15, ("Mkt-RF", "SMB", "RF")),
        ({"risk_free": 0}, [0.0] * 15, ()),
        ({"risk_free": np.float64(-0.0001)}, [-0.0001] * 15, ()),
        ({"risk_free": FACTORS["RF"].rename(None)}, FACTORS["RF"], ()),
    ],
)
def test_risk_free(keywords: dict[str, Any], rate: Any, names: tuple[str, ...] | None) -> None:
    if names is None:  # any column can be named; this one is no rate
        with pytest.raises(ValueError, match="median risk-free rate"):
            Panel.from_prices(PRICES, **keywords)
        return
    panel = Panel.from_prices(PRICES, **keywords)
    assert panel.factor_names == names
    if rate is None:
        assert panel.risk_free is None
    else:
        np.testing.assert_array_equal(panel.risk_free, rate)


def test_a_named_rate_is_no_factor() -> None:
    panel = Panel.from_prices(
        PRICES, factors=FACTORS.rename(columns={"RF": "bill"}), risk_free="bill"
    )
    assert panel.factor_names == ("Mkt-RF", "SMB")
    np.testing.assert_array_equal(panel.risk_free, FACTORS["RF"])


# ── fields ───────────────────────────────────────────────────────────────────────────────
def download(labels: dict[str, pd.DataFrame], ticker_first: bool = False) -> pd.DataFrame:
    frame = pd.concat(labels, axis=1)
    return frame.swaplevel(axis=1) if ticker_first else frame


@pytest.mark.parametrize("ticker_first", [False, True])
@pytest.mark.parametrize("adjusted", ["Adj Close", "adj_close", "adjclose", None])
def test_downloads(ticker_first: bool, adjusted: str | None) -> None:
    labels = {"Close": PRICES * 2, "Volume": PRICES * 1000, "Dividends": PRICES * 0}
    if adjusted:
        labels[adjusted] = PRICES
    panel = Panel.from_prices(download(labels, ticker_first), market="SPY")
    assert panel.tickers == tuple(TICKERS)
    equal(panel.returns, PRICES.pct_change().T)
    assert sorted(panel.fields) == ["close", "volume"]
    np.testing.assert_array_equal(panel.fields["close"], PRICES.T * 2)
    np.testing.assert_array_equal(panel.fields["volume"], PRICES.T * 1000)


def test_adjusted_closes_decide_over_closes() -> None:
    panel = Panel.from_prices(download({"Close": PRICES, "Adj Close": PRICES**2}))
    equal(panel.returns, (PRICES**2).pct_change().T)
    mixed = download({"Close": PRICES, "Adj Close": PRICES[["HUT"]] ** 2})
    panel = Panel.from_prices(mixed)
    assert panel.tickers == ("HUT", "IREN", "CIFR", "SPY")
    equal(panel.series("HUT"), (PRICES["HUT"] ** 2).pct_change())
    equal(panel.series("SPY"), PRICES["SPY"].pct_change())
    np.testing.assert_array_equal(panel.fields["close"][0], PRICES["HUT"])


@pytest.mark.parametrize("ticker_first", [False, True])
def test_tickers_that_read_like_fields(ticker_first: bool) -> None:
    prices = PRICES[["IREN", "SPY"]].set_axis(["OPEN", "LOW"], axis=1)
    frame = download({"Close": prices, "Volume": prices, "Splits": prices}, ticker_first)
    assert Panel.from_prices(frame).tickers == ("OPEN", "LOW")


def test_fields_follow_the_sessions_and_the_tickers() -> None:
    volume = with_bitcoin(PRICES)[["BTC-USD", "HUT", "IREN"]].assign(MARA=1.0).iloc[::-1] * 10
    panel = Panel.from_prices(PRICES, market="SPY", fields={"Market Cap": volume})
    got = panel.fields["market_cap"]
    np.testing.assert_array_equal(got[0], PRICES["IREN"] * 10)
    np.testing.assert_array_equal(got[2], PRICES["HUT"] * 10)
    assert np.isnan(got[[1, 3]]).all()
    returns = Panel.from_returns(PRICES.pct_change(), fields={"volume": volume})
    np.testing.assert_array_equal(returns.fields["volume"], got[:, 1:])


def test_fields_given_decide_over_fields_that_came_along() -> None:
    frame = download({"Close": PRICES, "Volume": PRICES})
    panel = Panel.from_prices(frame, fields={"volume": PRICES * 5})
    np.testing.assert_array_equal(panel.fields["volume"], PRICES.T * 5)


# ── own prices ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "day", ["2026-01-07", 20260107, dt.date(2026, 1, 7), pd.Timestamp("2026-01-07"), DAYS[4]]
)
def test_foreign_prices_are_masked(day: Any) -> None:
    free = Panel.from_prices(PRICES, factors=["HUT"])
    own = {"HUT": day, "GLXY": "2025-05-16", "CIFR": None, "IREN": pd.NaT}
    panel = Panel.from_prices(PRICES, factors=["HUT"], own_since=own, fields={"volume": PRICES})
    wanted = free.returns.copy()
    wanted[2, :5] = np.nan  # the return of the first own session starts from a foreign close
    np.testing.assert_array_equal(panel.returns, wanted)
    np.testing.assert_array_equal(panel.factors[:, 0], wanted[2])
    assert panel.masked is not None
    assert np.argwhere(panel.masked).tolist() == [[2, 1], [2, 2], [2, 3], [2, 4]]
    volume = PRICES.T.to_numpy().copy()
    volume[2, :4] = np.nan
    np.testing.assert_array_equal(panel.fields["volume"], volume)


def test_masked_says_only_where_a_return_was() -> None:
    prices = PRICES.copy()
    prices.loc[prices.index[2], "HUT"] = np.nan
    panel = Panel.from_prices(prices, own_since=pd.Series({"HUT": pd.Timestamp("2026-01-10")}))
    assert panel.masked is not None
    assert np.flatnonzero(panel.masked[2]).tolist() == [1, 4, 5, 6, 7]  # Saturday → Monday
    assert np.isfinite(panel.series("HUT")[8:]).all()


@pytest.mark.parametrize(
    "own_since", [None, {}, {"HUT": "2025-12-31"}, {"GLXY": "2026-01-09"}, {"HUT": np.nan}]
)
def test_nothing_is_masked_unless_asked(own_since: Any) -> None:
    returns = PRICES.pct_change().iloc[1:]
    panel = Panel.from_returns(returns, own_since=own_since)
    assert panel.masked is None
    np.testing.assert_array_equal(panel.returns, returns.T)


def test_own_since_on_the_first_session_and_after_the_last() -> None:
    returns = PRICES.pct_change().iloc[1:]
    panel = Panel.from_returns(returns, own_since={"HUT": DAYS[1], "CIFR": "2027-01-01"})
    assert panel.masked is not None
    assert panel.masked.sum(axis=1).tolist() == [0, 14, 1, 0]


# ── long tables ──────────────────────────────────────────────────────────────────────────
def melted(frame: pd.DataFrame, seed: int = 5) -> pd.DataFrame:
    table = frame.rename_axis("day").reset_index().melt("day", var_name="sym", value_name="x")
    return table.sample(frac=1.0, random_state=seed)


@pytest.mark.parametrize("kind", ["simple", "log"])
def test_long_prices(kind: str) -> None:
    prices = with_bitcoin(PRICES)[sorted([*TICKERS, "BTC-USD"])]
    keywords: dict[str, Any] = {"market": "SPY", "kind": kind, "own_since": {"HUT": "2026-01-07"}}
    wanted = Panel.from_prices(prices, fields={"volume": prices}, **keywords)
    table = melted(prices)
    for rows in (table, table.dropna()):
        panel = Panel.from_long(
            rows, ticker="sym", date="day", price="x", fields={"volume": "x"}, **keywords
        )
        assert panel.tickers == wanted.tickers
        np.testing.assert_array_equal(panel.returns, wanted.returns)
        np.testing.assert_array_equal(panel.fields["volume"], wanted.fields["volume"])


def test_long_returns_with_numbers_for_names() -> None:
    frame = PRICES.pct_change().set_axis([14593, 10107, 84398, 9], axis=1)
    table = melted(frame).astype({"sym": "int64"})
    table["day"] = table["day"].dt.strftime("%Y%m%d").astype(int)
    panel = Panel.from_long(
        table,
        ticker="sym",
        date="day",
        ret="x",
        fields={"volume": PRICES.set_axis(frame.columns, axis=1)},
    )
    assert panel.tickers == ("10107", "14593", "84398", "9")
    np.testing.assert_array_equal(panel.returns, frame.T.to_numpy()[[1, 0, 2, 3], 1:])
    np.testing.assert_array_equal(panel.fields["volume"][1], PRICES["IREN"].iloc[1:])
    assert panel.firm_codes([84398, 1]).tolist() == [2, -1]


def test_one_day_under_two_spellings_is_one_day() -> None:
    table = pd.DataFrame(
        {"ticker": ["A", "B"], "date": ["2026-02-25", "20260225"], "r": [0.1, 0.2]}
    )
    assert Panel.from_long(table, ret="r").returns.tolist() == [[0.1], [0.2]]


# ── reading ──────────────────────────────────────────────────────────────────────────────
def test_firm_codes() -> None:
    panel = Panel.from_prices(PRICES)
    wanted = [1, -1, 3, -1, 0, 1]
    names = ["CIFR", "MARA", "SPY", None, "IREN", "CIFR"]
    for asked in (names, np.array(names, dtype=object), pd.Series(names), pd.Categorical(names)):
        codes = panel.firm_codes(asked)
        assert codes.tolist() == wanted
        assert codes.dtype == np.int64
    assert panel.firm_codes([]).tolist() == []


def test_returns_frame_is_the_users_own() -> None:
    panel = Panel.from_prices(PRICES)
    frame = panel.returns_frame()
    assert (frame.index.name, frame.columns.name, list(frame)) == ("date", "ticker", TICKERS)
    assert (frame.index == PRICES.index).all()
    frame.iloc[1, 1] = 9.0
    assert panel.returns[1, 1] != 9.0
    again = Panel.from_returns(panel.returns_frame())
    np.testing.assert_array_equal(again.returns, panel.returns[:, 1:])


def test_repr() -> None:
    assert repr(Panel.from_prices(PRICES, market="SPY", kind="log")) == (
        "<Panel: 4 tickers × 15 sessions, 2026-01-01 … 2026-01-21, log returns, market SPY, "
        "6.7 % missing>"
    )
    assert ", no market, 0.0 % missing>" in repr(Panel.from_returns(PRICES.pct_change()))


def arrays_of(panel: Panel) -> list[np.ndarray[Any, Any]]:
    held = [
        getattr(panel, name) for name in ("returns", "sessions", "factors", "risk_free", "masked")
    ]
    return [a for a in [*held, *panel.fields.values(), panel.series("SPY")] if a is not None]


@pytest.mark.parametrize("tickers", [TICKERS, ["SPY"]])
@pytest.mark.parametrize("source", ["prices", "returns"])
def test_arrays_are_read_only_copies_in_c_order(source: str, tickers: list[str]) -> None:
    prices, factors, rate = PRICES[tickers].copy(), FACTORS[["SMB"]].copy(), FACTORS["RF"].copy()
    given_ = prices if source == "prices" else prices.pct_change().iloc[1:]
    frames: list[Any] = [given_, factors, rate, prices]
    before = [frame.copy() for frame in frames]
    make = getattr(Panel, f"from_{source}")
    panel = make(
        given_, factors=factors, risk_free=rate, fields={"volume": prices},
        own_since={"SPY": "2026-01-07"},
    )  # fmt: skip
    for array in arrays_of(panel):
        assert not array.flags.writeable
        assert not any(np.shares_memory(array, frame.to_numpy()) for frame in frames)
    assert panel.returns.flags.c_contiguous
    assert panel.fields["volume"].flags.c_contiguous
    for frame, old in zip(frames, before, strict=True):
        assert frame.equals(old)


@pytest.mark.parametrize("source", ["", "simulated"])
def test_a_panel_remembers_the_source_of_its_table(source: str) -> None:
    prices, table = PRICES.copy(), melted(PRICES)
    if source:
        prices.attrs["source"] = table.attrs["source"] = source
    long = Panel.from_long(table, ticker="sym", date="day", price="x")
    panels = [Panel.from_prices(prices), Panel.from_returns(prices.pct_change()), long]
    assert [panel.source for panel in panels] == [source] * 3


def test_a_panel_made_directly_leaves_the_callers_arrays_writable() -> None:
    returns = np.zeros((2, 15))
    panel = Panel(returns, DAYS, ("IREN", "SPY"))
    assert panel.factors.shape == (15, 0)
    assert not panel.returns.flags.writeable
    assert returns.flags.writeable


# ── properties ───────────────────────────────────────────────────────────────────────────
@st.composite
def price_frames(draw: st.DrawFn) -> pd.DataFrame:
    """Prices with gaps on irregular days; SPY is complete."""
    rows, columns = draw(st.integers(2, 12)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    days = pd.Timestamp("2025-12-30") + pd.to_timedelta(rng.integers(1, 4, rows).cumsum(), "D")
    values = np.exp(rng.normal(0, 0.1, (rows, columns))) * 30
    values[rng.random((rows, columns)) < draw(st.sampled_from([0.0, 0.2]))] = np.nan
    frame = pd.DataFrame(values, days, [f"T{k}" for k in range(columns)])
    return frame.assign(SPY=np.exp(rng.normal(0, 0.1, rows)) * 500)


many = settings(max_examples=100, deadline=None)


@many
@given(frame=price_frames(), data=st.data())
def test_order_of_rows_and_columns_does_not_matter(
    frame: pd.DataFrame, data: st.DataObject
) -> None:
    rows = data.draw(st.permutations(range(len(frame))))
    columns = data.draw(st.permutations(range(frame.shape[1])))
    panel = Panel.from_prices(frame, market="SPY")
    other = Panel.from_prices(frame.iloc[rows, columns], market="SPY")
    np.testing.assert_array_equal(other.sessions, panel.sessions)
    np.testing.assert_array_equal(other.returns, panel.returns[columns])


@many
@given(frame=price_frames(), power=st.integers(-20, 20), factor=st.floats(1e-6, 1e6))
def test_scaling_prices_changes_no_return(frame: pd.DataFrame, power: int, factor: float) -> None:
    panel = Panel.from_prices(frame, market="SPY")
    exact = Panel.from_prices(frame.assign(T0=frame["T0"] * 2.0**power), market="SPY")
    np.testing.assert_array_equal(exact.returns, panel.returns)
    close = Panel.from_prices(frame.assign(T0=frame["T0"] * factor), market="SPY")
    np.testing.assert_allclose(close.returns, panel.returns, rtol=0, atol=1e-14)


@many
@given(frame=price_frames())
def test_log_and_simple_agree(frame: pd.DataFrame) -> None:
    simple = Panel.from_prices(frame, market="SPY")
    log = Panel.from_prices(frame, market="SPY", kind="log")
    np.testing.assert_allclose(log.returns, np.log1p(simple.returns), rtol=0, atol=1e-14)


@many
@given(frame=price_frames(), cut=st.data(), source=st.sampled_from(["prices", "returns"]))
def test_rows_before_and_after_change_nothing(
    frame: pd.DataFrame, cut: st.DataObject, source: str
) -> None:
    first = cut.draw(st.integers(0, len(frame) - 1))
    last = cut.draw(st.integers(first, len(frame) - 1))
    given_ = frame if source == "prices" else frame / 1e4 - 0.01
    make = getattr(Panel, f"from_{source}")
    whole, part = (make(f, market="SPY") for f in (given_, given_.iloc[first : last + 1]))
    skip = int(source == "prices")  # the first session of the part has no return
    np.testing.assert_array_equal(part.returns[:, skip:], whole.returns[:, first + skip : last + 1])


@many
@given(
    frame=price_frames(), seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(["simple", "log"])
)
def test_compounding_returns_is_taking_session_prices(
    frame: pd.DataFrame, seed: int, kind: str
) -> None:
    """A daily series without gaps: both ways to the sessions agree.

    Moves of 3 %: twice three such days in a row never look like percent.
    """
    rng = np.random.default_rng(seed)
    days = pd.date_range(frame.index[0] - pd.Timedelta(days=2), frame.index[-1])
    coin = pd.DataFrame({"BTC": np.exp(rng.normal(0, 0.03, len(days)).cumsum())}, days)
    moves = coin.apply(np.log).diff() if kind == "log" else coin.pct_change()
    spy = frame["SPY"]
    prices = Panel.from_prices(coin, market=spy, kind=kind)
    returns = Panel.from_returns(moves, market=spy / 1e5, kind=kind)
    np.testing.assert_allclose(
        returns.series("BTC")[1:], prices.series("BTC")[1:], rtol=1e-12, atol=1e-13
    )


def test_a_spliced_factor_takes_the_first_series_that_has_a_return() -> None:
    days = pd.bdate_range("2026-01-05", periods=4)
    nan = float("nan")
    table = pd.DataFrame(
        {"IBIT": [nan, nan, 0.02, nan], "BTC": [0.01, nan, 0.05, 0.03], "SPY": 0.001}, days
    )
    panel = Panel.from_returns(table, market="SPY")
    both = panel.spliced("Bitcoin", "IBIT", "BTC")
    np.testing.assert_array_equal(both.series("Bitcoin"), [0.01, nan, 0.02, 0.03])
    assert both.factor_names == ("Bitcoin",)
    assert panel.factor_names == ()


def test_until_an_evening() -> None:
    days = pd.bdate_range("2026-02-02", periods=8)
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(0, 0.01, (8, 2)), days, ["IREN", "SPY"])
    factors = pd.DataFrame({"SMB": rng.normal(0, 0.01, 8), "RF": 0.0001}, days)
    volume = {"volume": frame.abs() * 1e6}
    whole = Panel.from_returns(
        frame, market="SPY", factors=factors, fields=volume, own_since={"IREN": days[2]}
    )
    assert whole.masked is not None
    for date, known in (("2026-02-05", 4), ("2026-02-07", 5), ("2030-01-01", 8)):
        part = whole.until(date)
        assert part.masked is not None
        np.testing.assert_array_equal(part.masked, whole.masked[:, :known])
        np.testing.assert_array_equal(part.returns, whole.returns[:, :known])
        np.testing.assert_array_equal(part.sessions, whole.sessions[:known])
        np.testing.assert_array_equal(part.factors, whole.factors[:known])
        np.testing.assert_array_equal(part.fields["volume"], whole.fields["volume"][:, :known])
        assert part.risk_free is not None
        assert len(part.risk_free) == known


def test_a_monthly_risk_free_rate_is_a_rate_per_month() -> None:
    months = pd.date_range("2020-01-31", periods=60, freq="ME")
    rng = np.random.default_rng(4)
    returns = pd.DataFrame(rng.normal(0, 0.05, (60, 2)), months, ["A", "M"])
    factors = pd.DataFrame({"Mkt-RF": rng.normal(0, 0.04, 60), "RF": 0.004}, months)
    panel = Panel.from_returns(returns, market="M", factors=factors)
    assert panel.risk_free is not None
    assert panel.risk_free.tolist() == [0.004] * 60
    for wrong in (0.4, 0.045):  # percent a month, a fraction a year
        with pytest.raises(EventStudyError, match="risk"):
            Panel.from_returns(returns, market="M", factors=factors.assign(RF=wrong))
