"""The simulated sample: fixed, realistic, and true to what it says was planted."""

from __future__ import annotations

from hashlib import sha256
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from eventstudy import catalysts, errors
from eventstudy.loaders import SimulatedPrices, _simulation, sample
from eventstudy.loaders._planted import day_zero
from eventstudy.loaders._sessions import us_sessions
from eventstudy.loaders._simulated import simulate
from eventstudy.universe import MINERS, OWN_SINCE

SPAN = ("2022-12-01", "2026-06-30")
ALL_FIELDS = ("open", "high", "low", "close", "adj_close", "volume")
without = SimulatedPrices(effects=False)
SESSIONS = us_sessions(*SPAN)
#: full-day closings that the exchange announced; 2022 began without one, on a Saturday
CLOSED = {
    2022: "01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26",
    2023: "01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25",
    2024: "01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25",
    2025: "01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25",
    2026: "01-01 01-19 02-16 04-03 05-25 06-19",
}


def returns(loader: SimulatedPrices, field: str = "adj_close") -> pd.DataFrame:
    prices = loader(sample.tickers, *SPAN, fields=field)
    return prices.loc[prices["SPY"].notna()].pct_change(fill_method=None)


def residuals(factors: list[str]) -> pd.DataFrame:
    table, columns = returns(sample), {}
    for miner in MINERS:
        y = table[[miner, *factors]].dropna()
        X = np.column_stack([np.ones(len(y)), y[factors]])
        columns[miner] = y[miner] - X @ np.linalg.lstsq(X, y[miner], rcond=None)[0]
    return pd.DataFrame(columns)


def pairwise(table: pd.DataFrame) -> NDArray[np.float64]:
    return np.array([table[a].corr(table[b]) for a, b in combinations(table.columns, 2)])


# ── fixed ────────────────────────────────────────────────────────────────────────────────
def test_same_numbers_on_every_machine() -> None:
    table = without(["SPY", "QQQ", "BTC-USD", "IBIT", "IREN"], *SPAN, fields=ALL_FIELDS)
    cents = np.rint(table.fillna(-1).to_numpy() * 1e3).astype("<i8")
    assert sha256(cents.tobytes()).hexdigest() == (
        "27d8f0a7cc3879d48deb0d0cbcd5d7227eb53a0939c68a214e14c144e06bed4f"
    )


def test_simulated_once_and_again_the_same() -> None:
    first = simulate(effects=True)
    assert simulate(effects=True) is first
    simulate.cache_clear()
    _simulation.factors.cache_clear()
    for field, table in simulate(effects=True).items():
        pd.testing.assert_frame_equal(table, first[field], check_exact=True)


def test_a_caller_cannot_change_the_sample() -> None:
    before = sample("SPY", *SPAN)
    before.iloc[:] = 0.0
    for table in (sample.planted(), sample.truth()):
        table.loc[:, "effect"] = 0.0
    assert (sample("SPY", *SPAN) > 0).to_numpy().all()
    assert sample.planted()["effect"].gt(0).all()
    assert sample.truth()["effect"].gt(0).all()


# ── realistic ────────────────────────────────────────────────────────────────────────────
def test_miners_correlate_as_real_ones_do() -> None:
    market = pairwise(residuals(["SPY"]))
    both = pairwise(residuals(["SPY", "IBIT"]))
    assert market.min() > 0.3
    assert market.max() < 0.6
    assert 0.42 < market.mean() < 0.52
    assert both.min() > 0.2
    assert both.max() < 0.5
    assert 0.3 < both.mean() < market.mean() - 0.05


def test_factors_have_the_size_of_real_ones() -> None:
    table = returns(sample)
    sd = table.std()
    assert 0.008 < sd["SPY"] < 0.012
    assert 0.025 < sd["BTC-USD"] < 0.035
    assert sd[list(MINERS)].min() > 0.04
    assert sd[list(MINERS)].max() < 0.08
    assert table["SPY"].corr(table["QQQ"]) > 0.9
    assert 0.25 < table["SPY"].corr(table["BTC-USD"]) < 0.45
    assert (table.kurt() > 0.4).all()
    squares = (table["SPY"] - table["SPY"].mean()) ** 2
    assert squares.autocorr(1) > 0.05  # calm and stormy weeks


def test_betas_lie_where_they_were_set() -> None:
    table = returns(without)
    for miner in MINERS:
        y = table[[miner, "SPY", "BTC-USD"]].dropna()
        X = np.column_stack([np.ones(len(y)), y[["SPY", "BTC-USD"]]])
        _, beta, gamma = np.linalg.lstsq(X, y[miner], rcond=None)[0]
        assert 0.6 < beta < 2.6
        assert 0.4 < gamma < 1.2


def test_draws_are_student_t_with_four_degrees_of_freedom() -> None:
    from scipy import stats

    class Fixed:
        def random(self, size: int) -> NDArray[np.float64]:
            return (np.arange(size) + 0.5) / size

    draws = _simulation.student4(Fixed(), 1000)  # type: ignore[arg-type]  # a generator of levels
    levels = np.clip((np.arange(1000) + 0.5) / 1000, 5e-4, 1 - 5e-4)
    np.testing.assert_allclose(draws, stats.t.ppf(levels, 4) / np.sqrt(2), rtol=1e-9, atol=1e-9)


# ── calendar and listings ────────────────────────────────────────────────────────────────
def test_sessions_are_those_of_the_exchange() -> None:
    weekdays = pd.bdate_range("2022-01-01", "2026-06-30")
    closed = [f"{year}-{day}" for year, days in CLOSED.items() for day in days.split()]
    sessions = weekdays.difference(pd.DatetimeIndex(closed)).to_numpy().astype("datetime64[D]")
    np.testing.assert_array_equal(us_sessions("2022-01-01", "2026-06-30"), sessions)


def test_stocks_trade_on_sessions_and_bitcoin_every_day() -> None:
    stocks = sample(["SPY", "QQQ"], *SPAN)
    np.testing.assert_array_equal(stocks.index.to_numpy().astype("datetime64[D]"), SESSIONS)
    both = sample(["SPY", "BTC-USD"], *SPAN)
    assert both.index.equals(pd.date_range(*SPAN, name="date").as_unit("ns"))
    assert both["BTC-USD"].notna().all()
    assert both["SPY"].count() == len(SESSIONS)


def test_listings_begin_when_the_companies_did() -> None:
    since = {m: max(str(OWN_SINCE.get(m, ""))[:10], SPAN[0]) for m in MINERS}
    since |= {"IBIT": "2024-01-11", "SPY": SPAN[0], "QQQ": SPAN[0], "BTC-USD": SPAN[0]}
    assert set(since) == set(sample.tickers)
    assert since["CORZ"] == "2024-01-24"
    assert since["GLXY"] == "2025-05-16"
    prices = sample(sample.tickers, *SPAN)
    for ticker, day in since.items():
        own = prices[ticker].dropna()
        sessions = SESSIONS[np.searchsorted(SESSIONS, np.datetime64(day)) :]
        assert own.index[0] == pd.Timestamp(sessions[0])
        assert own.index[-1] == pd.Timestamp(SPAN[1])
        assert np.isin(sessions, own.index.to_numpy()).all()


def test_the_fund_follows_bitcoin_from_session_to_session() -> None:
    table = returns(sample)[["IBIT", "BTC-USD"]].dropna()
    assert len(table) > 600
    np.testing.assert_allclose(table["IBIT"], table["BTC-USD"], atol=1e-7)


# ── bars ─────────────────────────────────────────────────────────────────────────────────
def test_bars_are_consistent() -> None:
    bars = sample(sample.tickers, *SPAN, fields=ALL_FIELDS)
    have = bars["close"].notna()
    for field in ALL_FIELDS:
        assert bars[field].notna().equals(have)
        assert bars[field].min().min() > 0
    assert bars["close"].equals(bars["adj_close"])
    assert (bars["low"] <= bars["open"]).where(have, True).to_numpy().all()
    assert (bars["low"] <= bars["close"]).where(have, True).to_numpy().all()
    assert (bars["high"] >= bars["open"]).where(have, True).to_numpy().all()
    assert (bars["high"] >= bars["close"]).where(have, True).to_numpy().all()
    volume = bars["volume"].to_numpy()[have.to_numpy()]
    np.testing.assert_array_equal(volume, np.rint(volume))
    bitcoin = sample("BTC-USD", *SPAN, fields=("open", "close"))
    opened, closed = bitcoin["open", "BTC-USD"], bitcoin["close", "BTC-USD"]
    np.testing.assert_allclose(opened.iloc[1:], closed.iloc[:-1], rtol=1e-9)


# ── planted ──────────────────────────────────────────────────────────────────────────────
def test_planted_effects_are_the_whole_difference() -> None:
    difference = returns(sample) - returns(without)
    planted = sample.planted()
    cells = planted.groupby(["session", "ticker"])["effect"].sum()
    expected = cells.unstack("ticker").reindex(  # noqa: PD010  (unique pairs)
        index=difference.index, columns=difference.columns
    )
    np.testing.assert_allclose(
        difference.fillna(0).to_numpy(), expected.fillna(0).to_numpy(), atol=3e-6
    )
    assert planted["total"].tolist() == [
        pytest.approx(cells.loc[key])
        for key in zip(planted["session"], planted["ticker"], strict=True)
    ]


def test_planted_and_truth_say_the_same() -> None:
    planted = sample.planted()
    columns = ["event_id", "ticker", "session", "day", "category", "effect", "total"]
    assert [*planted] == columns
    said = planted.groupby(["category", "day"])["effect"].agg(["min", "max"])
    truth = sample.truth().set_index(["category", "day"])["effect"].sort_index()
    assert [*truth.index] == [*said.index]
    assert said["min"].equals(truth.rename("min"))
    assert said["max"].equals(truth.rename("max"))
    overlap = (
        planted.groupby("category")["total"].mean() - planted.groupby("category")["effect"].mean()
    )
    assert overlap.abs().max() < 0.004
    report = planted[planted["category"] != "deal"]
    assert not report.duplicated(["ticker", "session"]).any()
    assert not planted.duplicated(["ticker", "session", "category", "day"]).any()


def shock(session: str, ticker: str) -> list[tuple[object, ...]]:
    rows = sample.planted()
    rows = rows[(rows["session"] == session) & (rows["ticker"] == ticker)]
    rows = rows[["event_id", "category", "day", "effect", "total"]].round(9)
    return [*rows.itertuples(index=False, name=None)]


def test_known_shocks_lie_where_they_should() -> None:
    # one evening, two companies, capex and results: one shock, on the next session
    (capex,) = shock("2026-01-29", "IREN")
    assert capex[1:] == ("capex", 0, 0.015, 0.015)
    assert "20260128-meta-capex-115-135" in str(capex[0])
    assert shock("2026-01-28", "IREN") == []
    # a report and a deal of the miner's own in one evening are two shocks
    report, deal = shock("2026-05-21", "APLD")
    assert report[1:] == ("nvidia", 0, 0.01, 0.07)
    assert deal == ("20260520-apld-pf3", "deal", 0, 0.06, 0.07)
    assert [row[2:] for row in shock("2026-05-22", "APLD")] == [(1, 0.01, 0.01)]
    # before the opening: the same session
    assert shock("2025-09-25", "CIFR")[0][:2] == ("20250925-cifr-fluidstack-google", "deal")
    # not yet listed; low confidence; news about other companies' deals
    assert shock("2024-02-22", "GLXY") == []
    ids = set(sample.planted()["event_id"])
    assert "20251007-iren-multiyear-contracts" not in ids
    assert not any("stargate" in name or "nebius" in name for name in ids)


def test_event_ids_are_those_of_the_catalogue() -> None:
    known = catalysts.expand(catalysts.load(), MINERS, who="sector")
    planted = sample.planted()
    assert planted["event_id"].isin(known.index).all()
    found = known.loc[planted["event_id"]]
    assert planted["ticker"].tolist() == found["ticker"].tolist()
    assert planted["category"].tolist() == found["category"].tolist()


@pytest.mark.parametrize(
    ("date", "session", "expected"),
    [
        ("2026-01-28", "after_close", "2026-01-29"),
        ("2026-01-28", "before_open", "2026-01-28"),
        ("2026-01-28", "intraday", "2026-01-28"),
        ("2026-01-28", "unknown", "2026-01-28"),
        ("2026-01-30", "after_close", "2026-02-02"),
        ("2026-01-31", "unknown", "2026-02-02"),
        ("2026-02-01", "after_close", "2026-02-02"),
        ("2025-01-08", "after_close", "2025-01-10"),
    ],
)
def test_day_zero(date: str, session: str, expected: str) -> None:
    news = pd.DataFrame({"date": [pd.Timestamp(date)], "session": [session]})
    assert SESSIONS[day_zero(news, SESSIONS)] == np.datetime64(expected)


@pytest.mark.parametrize("category", ["deal", "earnings", "capex", "nvidia"])
def test_bands_over_dates_hold_the_truth(category: str) -> None:
    """Market + Bitcoin, 240 days, one mean a date: the plain way, without the engine."""
    from scipy.stats import t

    table, planted = returns(sample), sample.planted()
    planted = planted[(planted["category"] == category) & (planted["day"] == 0)]
    X = np.column_stack([np.ones(len(table)), table[["SPY", "BTC-USD"]]])
    means = []
    for session, tickers in planted.groupby("session")["ticker"]:
        row = int(table.index.get_indexer(pd.DatetimeIndex([session]))[0])
        past = slice(max(row - 250, 1), row - 10)
        y = table[tickers.tolist()].to_numpy()
        y = y[:, np.isfinite(y[past]).all(axis=0)]  # firms with a full past
        beta = np.linalg.lstsq(X[past], y[past], rcond=None)[0]
        means += [np.mean(y[row] - X[row] @ beta)] if y.size else []
    half = t.ppf(0.975, len(means) - 1) * np.std(means, ddof=1) / np.sqrt(len(means))
    truth = sample.truth().set_index(["category", "day"])["effect"].to_dict()[category, 0]
    assert abs(np.mean(means) - truth) < half < 0.06


def test_news_out_of_hours_lies_in_the_opening_price() -> None:
    session, before = "2026-05-21", "2026-05-20"
    gap = {}
    for name, loader in (("with", sample), ("without", without)):
        bars = loader("APLD", before, session, fields=("open", "close"))
        gap[name] = bars["open", "APLD"].iloc[1] / bars["close", "APLD"].iloc[0]
        gap[name + " day"] = bars["close", "APLD"].iloc[1] / bars["open", "APLD"].iloc[1]
    assert 0.06 < gap["with"] / gap["without"] - 1 < 0.08
    assert gap["with day"] == pytest.approx(gap["without day"], abs=1e-5)


# ── a loader like the others ─────────────────────────────────────────────────────────────
def test_says_that_it_is_simulated() -> None:
    frame = sample(["IREN", "../../etc/passwd", "\0", "GLXY"], "2024-01-02", "2024-01-10")
    assert frame.attrs["simulated"] is True
    assert frame.attrs["source"].startswith("simulated prices (seed ")
    assert "simulated" in repr(sample)
    assert "not market data" in repr(sample)
    assert frame.shape == (7, 4)
    assert {t: r["status"] for t, r in frame.attrs["report"].items()} == {
        "IREN": "ok",
        "../../etc/passwd": "not_found",
        "\0": "not_found",
        "GLXY": "no_data",
    }


def test_refuses_what_it_does_not_have() -> None:
    name = sample("SPY", *SPAN).attrs["source"]
    with pytest.raises(errors.LoaderError) as nothing:
        sample("NVDA", *SPAN)
    assert str(nothing.value) == (
        f"Not one price was found in {name} for NVDA from 2022-12-01 to 2026-06-30 "
        "(unknown there: NVDA); check the tickers and the dates."
    )
    with pytest.raises(errors.LoaderError) as field:
        sample("IREN", *SPAN, fields="market_cap")
    assert str(field.value) == (
        f"There is no field 'market_cap' in {name}, which has adj_close, open, high, "
        "low, close, volume; ask for other `fields` or name the column 'market_cap'."
    )
