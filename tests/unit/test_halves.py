"""Night and day: the two halves of a session, and the prices they are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import OptionError, PanelError
from eventstudy.panel.halves import daytime, half_series, overnight

T = 300
DAYS = pd.bdate_range("2024-01-02", periods=T)
TICKERS = ["AAA", "BBB", "SPY"]


def bars(seed: int = 3) -> dict[str, pd.DataFrame]:
    """Opens, closes and adjusted closes; AAA pays dividends and splits once."""
    rng = np.random.default_rng(seed)
    night, day = rng.normal(0, 0.02, (2, T, 3))
    adjusted = 50 * np.cumprod((1 + night) * (1 + day), axis=0)
    factor = np.ones((T, 3))
    factor[:150, 0], factor[:40, 0] = 4.0, 4.08
    closed = adjusted * factor
    made = {"adj_close": adjusted, "open": closed / (1 + day), "close": closed}
    return {name: pd.DataFrame(values, DAYS, TICKERS) for name, values in made.items()}


def panel(tables: dict[str, pd.DataFrame] | None = None, **options: Any) -> es.Panel:
    prices = pd.concat(bars() if tables is None else tables, axis=1)
    return es.Panel.from_prices(prices, **{"market": "SPY", **options})


@pytest.mark.parametrize("kind", ["simple", "log"])
def test_night_and_day_make_up_the_return(kind: str) -> None:
    found = panel(kind=kind)
    night, day = overnight(found), daytime(found)
    whole = night + day if kind == "log" else (1 + night) * (1 + day) - 1
    assert np.isnan(night[:, 0]).all()
    assert np.isfinite(night[:, 1:]).all()
    assert np.abs(whole - found.returns)[:, 1:].max() < 1e-14


def test_they_are_what_a_loop_over_sessions_finds() -> None:
    tables = bars()
    found = panel(tables)
    night, day = overnight(found), daytime(found)
    opened, closed = tables["open"]["AAA"], tables["close"]["AAA"]
    adjusted = tables["adj_close"]["AAA"]
    for t in range(1, T):
        per_share = adjusted.iloc[t] / closed.iloc[t]
        assert day[0, t] == pytest.approx(closed.iloc[t] / opened.iloc[t] - 1, abs=1e-14)
        at_open = opened.iloc[t] * per_share / adjusted.iloc[t - 1] - 1
        assert night[0, t] == pytest.approx(at_open, abs=1e-13)


def test_splits_and_dividends_fall_into_the_night() -> None:
    found = panel()
    # an open and a close of one session are of the same shares: no day is −75 %
    assert np.abs(daytime(found)[0]).max() < 0.1
    assert np.abs(overnight(found)[0, 1:]).max() < 0.1


@pytest.mark.parametrize("field", ["open", "close"])
@pytest.mark.parametrize("bad", [np.nan, 0.0, -12.5])
def test_no_price_no_half(bad: float, field: str) -> None:
    tables = bars()
    tables[field].iloc[[7, 9], 1] = bad
    found = panel(tables)
    night, day = overnight(found), daytime(found)
    assert np.isnan([night[1, [7, 9]], day[1, [7, 9]]]).all()
    assert np.isfinite(night[:, 1:]).sum() == 3 * (T - 1) - 2
    assert np.isfinite(day).sum() == 3 * T - 2


def test_a_missing_return_leaves_the_day() -> None:
    tables = bars()
    tables["adj_close"].iloc[20, 0] = np.nan
    found = panel(tables)
    assert np.isnan(overnight(found)[0, 20:22]).all()
    assert np.isfinite(daytime(found)[0, 20:22]).all()


@pytest.mark.parametrize("rows", [[1], [2, 0], [0, 0, 1], []])
def test_some_firms_are_those_rows(rows: list[int]) -> None:
    found, firms = panel(), np.array(rows, dtype=np.int64)
    for half in (daytime, overnight):
        np.testing.assert_array_equal(half(found, firms), half(found)[firms])


def test_fields_of_any_spelling_are_read() -> None:
    tables = bars()
    prices = pd.concat(
        {"Adj Close": tables["adj_close"], "Open": tables["open"], "Close": tables["close"]}, axis=1
    )
    one = es.Panel.from_prices(prices, market="SPY")
    np.testing.assert_array_equal(daytime(one), daytime(panel(tables)))
    apart = es.Panel.from_prices(
        tables["adj_close"], market="SPY", fields={"open": tables["open"], "Close": tables["close"]}
    )
    np.testing.assert_array_equal(overnight(apart), overnight(panel(tables)))


def test_returns_with_fields_have_halves() -> None:
    tables = bars()
    fields = {"open": tables["open"], "close": tables["close"]}
    returns = tables["adj_close"].pct_change()
    made = es.Panel.from_returns(returns, market="SPY", fields=fields)
    np.testing.assert_allclose(overnight(made), overnight(panel(tables))[:, 1:], rtol=0, atol=1e-13)


@pytest.mark.parametrize(("dtype", "close"), [("float64", 0.0), ("float32", 3e-7)])
def test_a_saved_panel_has_the_same(tmp_path: Path, dtype: str, close: float) -> None:
    made = panel()
    made.save(tmp_path / "panel", dtype=dtype)
    found = es.Panel.open(tmp_path / "panel")
    some = np.array([2, 0])
    for half in (daytime, overnight):
        values = half(found, some)
        assert values.dtype == np.float64
        np.testing.assert_allclose(values, half(made, some), rtol=0, atol=close)


# ── one series ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("options", [{}, {"factors": ["BBB", "SPY"]}])
def test_a_ticker_has_halves_by_name(options: dict[str, Any]) -> None:
    found = panel(**options)
    for name, row in (("SPY", 2), ("BBB", 1)):
        np.testing.assert_array_equal(half_series(found, name, "day"), daytime(found)[row])
        np.testing.assert_array_equal(half_series(found, name, "night"), overnight(found)[row])


def test_a_factor_without_prices_has_none() -> None:
    table = pd.DataFrame({"Mkt-RF": np.linspace(-0.01, 0.01, T)}, DAYS)
    with pytest.raises(PanelError) as told:
        half_series(panel(market="Mkt-RF", factors=table), "Mkt-RF", "night")
    assert str(told.value) == (
        "`Mkt-RF` has no session with both an open and a close, so it cannot be parted into night "
        "and day; load both for it, or use a ticker that has them in its place."
    )


def test_a_market_given_as_a_series_has_none() -> None:
    own = pd.Series(np.linspace(100, 120, T), DAYS, name="Index")
    with pytest.raises(PanelError, match="`Index` has no session with both"):
        half_series(panel(market=own), "Index", "day")


def test_an_unknown_name_or_half_is_refused() -> None:
    with pytest.raises(PanelError, match="'QQQ' is neither a factor"):
        half_series(panel(), "QQQ", "day")
    with pytest.raises(OptionError, match="half"):
        half_series(panel(), "SPY", "evening")


# ── prices that do not fit ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("lacking", ["open", "close"])
def test_a_missing_field_is_named(lacking: str) -> None:
    tables = bars()
    del tables[lacking]
    there = "close" if lacking == "open" else "open"
    with pytest.raises(PanelError) as told:
        overnight(panel(tables))
    assert str(told.value) == (
        f"The panel has no field `{lacking}` (there: {there}); the night and the day apart need "
        f"open and close: load them by study.load(..., fields=('open', 'close'))."
    )


def test_no_field_at_all() -> None:
    made = es.Panel.from_prices(bars()["adj_close"], market="SPY")
    with pytest.raises(PanelError, match=r"no field `open` \(there: none\)"):
        daytime(made)


@pytest.mark.parametrize("split_at", [30, 150, 290])
def test_an_adjusted_close_beside_a_traded_open_is_refused(split_at: int) -> None:
    """Wherever the split lies: most sessions of some stretch are a third off."""
    tables = bars()
    tables["close"] = tables["adj_close"].copy()
    tables["open"] = tables["close"] * 1.01
    tables["open"].iloc[:split_at, 1] *= 1.5
    with pytest.raises(PanelError) as told:
        daytime(panel(tables))
    assert str(told.value) == (
        "Open and close of BBB are not of one kind: in the sessions from 2024-01-02 the median "
        "close is -34% from its open; give both as traded, or both adjusted."
    )
    assert np.isfinite(daytime(panel(tables), np.array([0, 2]))).all()  # the others are sound


@pytest.mark.parametrize("apart", [1.19, 1.21, 1 / 1.19, 1 / 1.21])
def test_a_fifth_is_the_limit(apart: float) -> None:
    tables = bars()
    tables["open"] = tables["close"] / apart
    if max(apart, 1 / apart) < 1.2:
        assert np.isfinite(daytime(panel(tables))).all()
    else:
        with pytest.raises(PanelError, match="not of one kind"):
            daytime(panel(tables))


def test_a_stretch_of_few_prices_proves_nothing() -> None:
    """Nine of twenty sessions are too few to judge by, ten are not."""
    tables = bars()
    tables["open"].iloc[40:60, 0] = np.nan
    tables["open"].iloc[40:49, 0] = 2 * tables["close"].to_numpy()[40:49, 0]
    assert np.nanmin(daytime(panel(tables))[0]) == pytest.approx(-0.5)
    tables["open"].iloc[49, 0] = 2 * tables["close"].to_numpy()[49, 0]
    with pytest.raises(PanelError, match="AAA are not of one kind"):
        daytime(panel(tables))


def test_a_late_split_is_found_too() -> None:
    tables = bars()
    tables["close"].iloc[-30:, 2] *= 5.0
    with pytest.raises(PanelError, match=r"of SPY are not of one kind.*\+4\d\d%"):
        daytime(panel(tables))


def test_wild_prices_are_prices() -> None:
    """A penny stock that opens at the bid and closes at the ask now and then."""
    tables = bars()
    rng = np.random.default_rng(0)
    tables["open"] = tables["close"] * np.exp(rng.normal(0, 0.15, (T, 3)))
    assert np.isfinite(daytime(panel(tables))).all()


def test_a_day_of_half_a_price_stays() -> None:
    tables = bars()
    tables["open"].iloc[100, 0] = 2 * tables["open"].to_numpy()[100, 0]
    assert daytime(panel(tables))[0, 100] < -0.4
