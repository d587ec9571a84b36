"""The thresholds of `Panel.check`, each from both sides; docs/data.md lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventstudy.panel import Panel

SIZE, AT = 500, 300
DAYS = pd.bdate_range("2022-01-03", periods=SIZE)
NAMES = [f"T{k}" for k in range(8)]


def even(scale: float = 0.01, tickers: int = 8, size: int = SIZE) -> pd.DataFrame:
    """Logarithmic returns of nearly one size: σ is 1.48 times that; the last ticker is M."""
    rng = np.random.default_rng(0)
    sizes = scale * rng.uniform(0.95, 1.05, (size, tickers))
    values = sizes * rng.choice([-1.0, 1.0], (size, tickers))
    names = [*(f"T{k}" for k in range(tickers - 1)), "M"]
    return pd.DataFrame(values, pd.bdate_range("2022-01-03", periods=size), names)


def panel(frame: pd.DataFrame, fields: Mapping[str, pd.DataFrame] | None = None) -> Panel:
    return Panel.from_returns(frame, market="M", kind="log", fields=fields)


def found(made: Panel, check: str | None = None) -> list[tuple[str, str]]:
    table = made.check().table
    table = table if check is None else table[table["check"] == check]
    return list(zip(table["ticker"], table["check"], strict=True))


def moved(*moves: float, scale: float = 0.01, **fields: list[float]) -> Panel:
    """T0 makes some moves, in logarithms; its fields move with them, by these factors."""
    frame = even(scale)
    frame.iloc[AT : AT + len(moves), 0] = moves
    given = {}
    for name, values in fields.items():
        table = pd.DataFrame(1e6, frame.index, frame.columns)
        table.iloc[AT : AT + len(values), 0] *= values
        table.iloc[AT + len(values) :, 0] *= 1.0 if name == "volume" else values[-1]
        given[name] = table
    return panel(frame, given or None)


TWO, TEN, HUNDRED = np.log([2.0, 10.0, 100.0])


# ── moves ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("made", "check"),
    [
        # 8 σ: 1.4826 · 0.055 · 8 = 0.65, of 0.062 it is 0.74
        (moved(-TWO, scale=0.055), "split"),
        (moved(-TWO, scale=0.062), None),
        # 2 for 1 within 1.5 σ, 5 % at most; 4 for 1 within 3 σ, 12 % at most
        (moved(-TWO + 0.045, scale=0.04), "split"),
        (moved(-TWO + 0.08, scale=0.04), None),
        (moved(-np.log(4.0) + 0.11, scale=0.04), "split"),
        (moved(-np.log(4.0) + 0.11, scale=0.02), None),
        (moved(-np.log(4.0) + 0.05, scale=0.02), "split"),
        # × 100 likewise; what is farther off is extreme all the same
        (moved(HUNDRED + 0.11, scale=0.04), "unit"),
        (moved(HUNDRED + 0.15, scale=0.06), "extreme"),
        (moved(HUNDRED + 0.04), "unit"),
        (moved(HUNDRED + 0.06), "extreme"),
        # taken back: 20 %, 8 σ, but for 2 σ or an eighth
        (moved(0.21, -0.21), "bad_tick"),
        (moved(0.19, -0.19), None),
        (moved(0.5, -0.57), None),
        (moved(0.5, -0.56), "bad_tick"),
        (moved(0.6, -0.49, scale=0.04), "bad_tick"),
        (moved(0.6, -0.47, scale=0.04), None),
        # × 4 and a fifth
        (moved(np.log(4.2), 0.1, -0.1, 0.1, -0.1, 0.1), "extreme"),
        (moved(np.log(3.8), 0.1, -0.1, 0.1, -0.1, 0.1), None),
        (moved(np.log(0.19), 0.1, -0.1, 0.1, -0.1, 0.1), "extreme"),
        (moved(np.log(0.21), 0.1, -0.1, 0.1, -0.1, 0.1), None),
    ],
)
def test_moves(made: Panel, check: str | None) -> None:
    assert found(made) == ([("T0", check)] if check else [])


@pytest.mark.parametrize("kind", ["simple", "log"])
@pytest.mark.parametrize(("back", "hit"), [(-0.19, True), (-0.175, False), (0.23, True)])
def test_a_fifth_is_one_in_logarithms(kind: str, back: float, hit: bool) -> None:
    frame = even()
    frame.iloc[AT : AT + 2, 0] = np.log1p(back), -np.log1p(back)
    returns = frame if kind == "log" else pd.DataFrame(np.expm1(frame))
    made = Panel.from_returns(returns, market="M", kind=kind)
    assert found(made) == ([("T0", "bad_tick")] if hit else [])


@pytest.mark.parametrize(
    ("size", "volume", "hit"),
    [
        (-TEN, 25.0, True),  # ten times the shares, on two and a half times the trade
        (-TEN, 35.0, False),
        (TEN, 2.5, True),
        (TEN, 3.5, False),
        (-np.log(1.5), 1.9, True),
        (-np.log(1.5), 2.1, False),
    ],
)
def test_the_volume_of_news(size: float, volume: float, hit: bool) -> None:
    assert found(moved(size, volume=[volume]), "split") == ([("T0", "split")] if hit else [])


@pytest.mark.parametrize(
    ("adjusted", "close", "hit"),
    [(0.30, 0.04, True), (0.30, 0.06, False), (0.22, 0.04, False), (0.25, 0.04, True)],
)
def test_the_close_that_stays(adjusted: float, close: float, hit: bool) -> None:
    made = moved(adjusted, close=[float(np.exp(close))])
    assert found(made) == ([("T0", "split")] if hit else [])


def test_of_jumps_back_and_forth_one_price_is_wrong() -> None:
    """Up, down and up again: the second is the way back of the first."""
    table = moved(0.5, -0.5, 0.5, -0.5).check().table
    assert table[["check", "date"]].to_numpy().tolist() == [["bad_tick", DAYS[AT]]]


def test_the_volume_is_unknown_where_there_was_none() -> None:
    frame = even()
    frame.iloc[AT, 0] = -TWO
    volume = pd.DataFrame(1e6, frame.index, frame.columns)
    volume.iloc[AT - 20 : AT, 0] = 0.0
    (text,) = panel(frame, {"volume": volume}).check().table["detail"]
    assert text == "-50.0 %: a split 2 for 1 that was not adjusted?"


@pytest.mark.parametrize(("before", "after", "hit"), [(25, 25, True), (10, 25, False)])
def test_days_no_wilder_than_the_week_before_are_quiet(before: int, after: int, hit: bool) -> None:
    frame = even()
    frame.iloc[AT - 5 : AT, 0] *= before / 10
    frame.iloc[AT : AT + 7, 0] *= after / 10
    frame.iloc[AT, 0] = -TWO
    assert found(panel(frame)) == ([("T0", "split")] if hit else [])


@pytest.mark.parametrize(
    ("others", "scale", "hit"),
    [(0.045, 0.01, True), (0.055, 0.01, False), (0.055, 0.04, True), (0.065, 0.04, False)],
)
def test_what_the_others_do(others: float, scale: float, hit: bool) -> None:
    """On the day or the next, as a split is dated late now and then; 5 %, or σ of the ticker."""
    for day in (AT, AT + 1):
        frame = even(scale)
        frame.iloc[day] = others
        frame.iloc[AT, 0] = -TEN
        assert found(panel(frame), "split") == ([("T0", "split")] if hit else [])


def test_a_price_that_hardly_moves_has_the_volatility_of_the_days_on_which_it_does() -> None:
    frame = even(0.07)
    frame["T0"] = frame["T0"].where(np.arange(SIZE) % 4 == 0, 0.0)
    frame.iloc[AT + 1, 0] = 0.3
    frame.iloc[AT + 2, 0] = -0.3
    assert found(panel(frame)) == []
    frame["T0"] = frame["T0"].where(frame["T0"].abs() > 0.1, frame["T0"] / 10)
    assert found(panel(frame)) == [("T0", "bad_tick")]


# ── prices that do not move ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("days", "hit"), [(4, False), (5, True)])
def test_equal_prices_and_equal_returns(days: int, hit: bool) -> None:
    for value, check in ((0.0, "stale"), (0.012, "constant"), (0.0009, None)):
        frame = even()
        frame.iloc[AT : AT + days, 0] = value
        assert found(panel(frame)) == ([("T0", check)] if hit and check else [])


@pytest.mark.parametrize(("days", "hit"), [(7, False), (8, True)])
def test_equal_steps(days: int, hit: bool) -> None:
    frame = even()
    prices = 50 + np.arange(days + 1.0)
    frame.iloc[AT : AT + days, 0] = np.diff(np.log(prices))
    assert found(panel(frame)) == ([("T0", "constant")] if hit else [])


@pytest.mark.parametrize(("days", "hit"), [(12, False), (20, True)])
def test_a_price_that_stands_still_every_other_day(days: int, hit: bool) -> None:
    """Half of its returns are 0: a dozen in a row come by chance."""
    frame = even()
    frame.iloc[::2, 0] = 0.0
    frame.iloc[AT : AT + days - 1, 0] = 0.0
    assert found(panel(frame)) == ([("T0", "stale")] if hit else [])


def test_a_month_without_a_move_is_told_of_a_price_that_hardly_moves() -> None:
    frame = even()
    frame["T0"] = frame["T0"].where(np.arange(SIZE) % 20 == 0, 0.0)
    assert found(panel(frame)) == []  # 19 in a row is what it does
    frame.iloc[100, 0] = 0.0
    assert found(panel(frame)) == [("T0", "stale")]


def test_a_price_that_never_moves_is_stale_between_all_its_gaps() -> None:
    frame = even().assign(T0=0.0)
    frame.iloc[20::40, 0] = np.nan
    assert found(panel(frame), "stale") == [("T0", "stale")] * 13


@pytest.mark.parametrize(
    ("tickers", "still", "hit"), [(10, 9, True), (10, 8, False), (5, 5, True), (4, 4, False)]
)
def test_a_filled_session(tickers: int, still: int, hit: bool) -> None:
    frame = even(tickers=tickers)
    frame.iloc[AT, :still] = 0.0
    assert found(panel(frame)) == ([("", "filled_day")] if hit else [])


@pytest.mark.parametrize(("share", "hit"), [(0.4, True), (0.6, False)])
def test_sessions_on_which_nothing_moves_may_be_the_rule(share: float, hit: bool) -> None:
    frame = even()
    frame[np.random.default_rng(1).random(SIZE) < share] = 0.0
    assert bool(found(panel(frame), "filled_day")) == hit


# ── holes ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("gaps", "told"), [(5, 5), (6, 1)])
def test_gaps_are_told_singly_up_to_five(gaps: int, told: int) -> None:
    frame = even()
    frame.iloc[50 : 50 + 20 * gaps : 20, 0] = np.nan
    assert found(panel(frame)) == [("T0", "gap")] * told


@pytest.mark.parametrize(
    ("missing", "listed", "hit"),
    [(4, 8, True), (3, 8, False), (3, 3, True), (2, 3, False), (3, 6, True), (3, 7, False)],
)
def test_half_of_the_tickers_that_are_listed(missing: int, listed: int, hit: bool) -> None:
    frame = even()
    frame.iloc[: AT + 50, listed:] = np.nan
    frame.iloc[AT, :missing] = np.nan
    days = DAYS.to_numpy().astype("datetime64[D]")
    made = Panel(frame.to_numpy().T, days, tuple(frame.columns), kind="log")
    assert found(made) == ([("", "gap_day")] if hit else [(f"T{k}", "gap") for k in range(missing)])


# ── with the market ──────────────────────────────────────────────────────────────────────
def correlated(before: float, own: float, size: int = 2000) -> pd.DataFrame:
    """T0 has exactly these correlations with the market of the day before and of the day."""
    rng = np.random.default_rng(0)
    frame = even(size=size)
    market = frame["M"].to_numpy()
    x = np.column_stack([np.roll(market, 1), market, rng.standard_normal(size)])[1:]
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    x[:, 2] -= x[:, :2] @ np.linalg.lstsq(x[:, :2], x[:, 2])[0]
    weights = np.linalg.solve(x[:, :2].T @ x[:, :2] / len(x), [before, own])
    explained = x[:, :2] @ weights
    rest = np.sqrt(1 - explained.var()) * x[:, 2] / x[:, 2].std()
    frame["T0"] = np.append(0.0, 0.01 * (explained + rest))
    return frame


@pytest.mark.parametrize(
    ("before", "own", "hit"),
    [
        (0.26, 0.05, True),
        (0.24, 0.00, False),  # 0.25 at least
        (0.26, 0.12, False),  # 0.15 more than on the day
        (0.28, 0.12, True),
        (0.50, 0.27, False),  # twice that of the day
        (0.50, 0.23, True),
    ],
)
def test_the_market_of_the_day_before(before: float, own: float, hit: bool) -> None:
    assert found(panel(correlated(before, own))) == ([("T0", "shifted_day")] if hit else [])


@pytest.mark.parametrize(("tickers", "hit"), [(1, "T"), (2, "T"), (3, "M")])
def test_three_tickers_say_that_it_is_the_market(tickers: int, hit: str) -> None:
    frame = even()
    names = [f"T{k}" for k in range(tickers)]
    shifted = {name: frame[name] / 2 + frame["M"].shift(1) for name in names}
    checks = found(panel(frame.assign(**shifted)[[*names, "M"]].iloc[1:]))
    assert [(ticker[0], check) for ticker, check in checks] == (
        [(hit, "shifted_day")] * (tickers if hit == "T" else 1)
    )


def test_sixty_days_say_whether_dates_are_off() -> None:
    for size, hit in ((59, False), (63, True)):
        frame = even(size=size)
        frame["T0"] = frame["T0"] / 2 + frame["M"].shift(1)
        assert bool(found(panel(frame.iloc[1:]), "shifted_day")) == hit


def test_the_mean_of_five_tickers_is_a_market() -> None:
    rng = np.random.default_rng(0)
    for tickers, hit in ((4, False), (5, True)):
        market = 0.01 * rng.standard_normal(SIZE + 1)
        frame = 0.3 * even(tickers=tickers).add(0.0) + market[1:, None]
        frame.iloc[:, 0] = market[:-1]
        made = Panel.from_returns(frame, kind="log")
        assert bool(found(made, "shifted_day")) == hit


def test_two_series_do_not_say_which_is_on_a_wrong_scale() -> None:
    frame = even()
    frame["T0"] = (frame["M"] + frame["T0"]) / 100
    frame["T1"] = frame["M"] + frame["T1"]
    assert found(panel(frame[["T0", "M"]])) == []
    assert found(panel(frame[["T0", "T1", "M"]])) == [("T0", "percent")]


def test_bills_are_on_no_wrong_scale() -> None:
    frame = even()
    frame["T0"] = (0.2 * frame["M"] + frame["T0"]) / 100
    assert found(panel(frame)) == []
    frame["T0"] = (0.5 * frame["M"] + 0.5 * even()["T0"]) / 100
    assert found(panel(frame)) == [("T0", "percent")]


@pytest.mark.parametrize(("size", "hit"), [(19, False), (20, True)])
def test_a_few_large_returns_are_not_in_percent(size: int, hit: bool) -> None:
    days = DAYS[:size].to_numpy().astype("datetime64[D]")
    values = np.resize([0.8, -0.6, 0.7, -0.9], (2, size)) * [[1.0], [0.1]]
    made = Panel(values, days, ("A", "M"), market="M", kind="log")
    assert bool(found(made, "percent")) == hit


# ── what is known ────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("weight", "hit"), [(0.015, False), (0.025, True)])
def test_a_weight_of_two_percent(weight: float, hit: bool) -> None:
    frame = even()
    shares = np.array([weight, 0.6, 0.4 - weight, 0, 0, 0, 0])
    frame["M"] = frame.iloc[:, :7].to_numpy() @ shares
    inside = {ticker for ticker, check in found(panel(frame)) if check == "contains"}
    assert inside == {"T1", "T2", *(["T0"] if hit else [])}


def test_a_market_that_is_nearly_made_of_the_tickers_is_not() -> None:
    rng = np.random.default_rng(0)
    for noise, hit in ((0.005, True), (0.02, False)):
        frame = even()
        mean = frame.iloc[:, :7].mean(axis=1)
        frame["M"] = mean + noise * mean.std() * rng.standard_normal(SIZE)
        assert bool(found(panel(frame), "contains")) == hit


def test_a_fund_on_the_market_is_no_part_of_it() -> None:
    """Two trackers and the stocks explain the market well, and are not inside it."""
    rng = np.random.default_rng(0)
    frame = even()
    for name in ("T0", "T1"):
        frame[name] = frame["M"] + 0.0004 * rng.standard_normal(SIZE)
    frame["M"] = (frame["T0"] + frame["T1"]) / 2
    assert found(panel(frame), "contains") == []


def test_a_ticker_that_was_listed_late_says_nothing_about_the_market() -> None:
    frame = even(tickers=12)
    frame["M"] = frame.iloc[:, :3].mean(axis=1)
    frame.iloc[:-60, 5] = np.nan  # too few days for eleven weights
    assert len(found(panel(frame), "contains")) == 3
    few = even(tickers=8, size=45)
    few["M"] = few.iloc[:, :3].mean(axis=1)
    assert found(panel(few), "contains") == []  # 45 days for seven weights


def test_own_since_counts_the_return_of_the_first_own_session() -> None:
    """It starts from the other company's close; after it nothing is told."""
    days = pd.bdate_range("2023-12-04", periods=200)
    frame = even(size=200).rename(columns={"T0": "HUT"}).set_axis(days)
    table = panel(frame).check().table
    assert table[["ticker", "days"]].to_numpy().tolist() == [["HUT", 1]]
    later = frame.set_axis(pd.bdate_range("2023-12-05", periods=200))
    assert found(panel(later)) == []


# ── twins ────────────────────────────────────────────────────────────────────────────────
def twins(change: Any) -> list[tuple[str, str]]:
    frame = even()
    frame["T1"] = change(frame["T0"].copy())
    return found(panel(frame), "identical")


def test_how_like_two_series_are() -> None:
    rng = np.random.default_rng(0)
    noise = 0.01 * rng.standard_normal(SIZE)
    assert twins(lambda x: x.mask(rng.random(SIZE) < 0.03, noise))  # 97 %
    assert not twins(lambda x: x.mask(rng.random(SIZE) < 0.2, noise))
    assert twins(lambda x: x + noise / 100)  # a correlation of 0.99995
    assert not twins(lambda x: x + noise / 50)  # of 0.9998


def test_two_funds_of_the_universe_may_be_one() -> None:
    frame = even().rename(columns={"T0": "SPY", "T1": "QQQ"})
    frame["QQQ"] = frame["SPY"]
    assert found(panel(frame)) == []
    assert found(panel(frame.rename(columns={"QQQ": "AAA"}))) == [("SPY", "identical")]


# ── the text ─────────────────────────────────────────────────────────────────────────────
def test_a_page_of_text_stays_one() -> None:
    """Twenty findings at most are written out, three of a check, a long line is cut."""
    names = ["T" * 40 + str(k) for k in range(30)]
    frame = even(tickers=31).set_axis([*names, "M"], axis=1)
    for k in range(8):
        frame.iloc[30 + 10 * k : 36 + 10 * k, k] = 0.0  # stale
        frame.iloc[150 + k, k] = -TEN
        frame.iloc[170 + 2 * k : 172 + 2 * k, k] = 0.5, -0.5
        frame.iloc[200 + k, k] = HUNDRED
        frame.iloc[220 + 9 * k : 227 + 9 * k, k] = 0.02
        frame.iloc[300 + k, k] = np.nan
        frame.iloc[320 + 7 * k : 326 + 7 * k, k] = 1.6, 0.1, -0.1, 0.1, -0.1, 0.1
        frame.iloc[400 + 2 * k] = 0.0
    table = panel(frame).check()
    text = str(table).splitlines()
    assert all(len(line) <= 80 for line in text)
    assert any(line.endswith("…") for line in text)
    assert sum("a split 10 for 1" in line for line in " ".join(text).split("T" * 40)) == 3
    left = len(table) - 20
    assert text[-3] == f"… and {left:,} more in .table"
    many = panel(frame).check()._repr_html_()
    assert many.count("<tr") == 61
    assert f"… and {len(table) - 60:,} more rows" in many
