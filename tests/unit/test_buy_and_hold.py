"""Buy-and-hold abnormal returns against loops, closed forms and cases by hand."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import oracle_long_run as oracle
import pandas as pd
import pytest

import eventstudy as es
from eventstudy import errors
from eventstudy.longrun.compounding import CHUNK
from eventstudy.report import draw_long_run

mpl.use("Agg")

T = 160
DAYS = pd.bdate_range("2024-01-02", periods=T)
FIRMS = [f"F{i}" for i in range(12)]


@cache
def market() -> pd.DataFrame:
    """Twelve firms with holes, late listings and delistings, and a benchmark with one hole."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.standard_t(5, (T, 13)) * 0.02, DAYS, [*FIRMS, "SPY"])
    frame[FIRMS] = frame[FIRMS].where(rng.random((T, 12)) > 0.03)
    frame.iloc[:, :12] = frame.iloc[:, :12].clip(-0.9, 0.9)
    frame.loc[DAYS[70] :, "F1"] = np.nan
    frame.loc[DAYS[95] :, "F2"] = np.nan
    frame.loc[: DAYS[60], "F3"] = np.nan
    frame.loc[DAYS[90], "SPY"] = np.nan
    frame.loc[DAYS[[T - 1]], [f for f in FIRMS if f not in ("F1", "F2")]] = 0.01
    return frame


def panel(kind: str = "simple", frame: pd.DataFrame | None = None, **more: Any) -> es.Panel:
    frame = market() if frame is None else frame
    values = frame.map(np.log1p) if kind == "log" else frame
    calendar = pd.Series(0.0, frame.index, name="SESSIONS")
    return es.Panel.from_returns(values, market=calendar, kind=kind, **more)


@cache
def events(n: int = 60, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = {"ticker": rng.choice(FIRMS, n), "date": DAYS[rng.integers(5, T - 5, n)]}
    table = pd.DataFrame(rows).drop_duplicates().reset_index(drop=True)
    return table.assign(event_id=[f"e{k}" for k in range(len(table))], size=np.arange(len(table)))


def series(frame: pd.DataFrame) -> dict[str, list[float | None]]:
    return {str(name): [None if np.isnan(x) else float(x) for x in frame[name]] for name in frame}


def as_case(rule: es.BuyAndHold, frame: pd.DataFrame | None = None) -> oracle.Case:
    return oracle.Case(
        series(market() if frame is None else frame),
        rule.window.first,
        rule.window.last,
        loss=rule.delisting_return,
        truncate_delisted=rule.delisting == "truncate",
        truncate_data=rule.incomplete == "truncate",
    )


def one(returns: dict[str, list[float]], day0: int = 0, **options: Any) -> es.LongRun:
    """Events of every ticker but B on one day of a few sessions."""
    frame = pd.DataFrame(returns, DAYS[: len(next(iter(returns.values())))])
    names = [str(name) for name in frame if name != "B"]
    rule = es.BuyAndHold(against="B", **options)
    return rule.run(es.events_on(DAYS[day0], names), panel(frame=frame))


# ── the loop is the specification ────────────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", ["simple", "log"])
@pytest.mark.parametrize("incomplete", ["drop", "truncate"])
@pytest.mark.parametrize(
    ("delisting", "loss"),
    [("benchmark", 0.0), ("benchmark", -0.3), ("truncate", 0.0), ("truncate", -1.0)],
)
@pytest.mark.parametrize("holding", [(1, 25), (0, 60)])
def test_the_loop_gives_the_same(
    kind: str, incomplete: str, delisting: str, loss: float, holding: tuple[int, int]
) -> None:
    rule = es.BuyAndHold(
        holding, "SPY", delisting=delisting, delisting_return=loss, incomplete=incomplete
    )
    found = rule.run(events(), panel(kind))
    case = as_case(rule)
    position = {day: k for k, day in enumerate(DAYS)}
    kept = 0
    for event in events().to_dict("records"):
        name, who, day0 = event["event_id"], event["ticker"], position[event["date"]]
        whole = day0 + holding[1] < T
        begin = day0 + holding[0] < T
        fits = whole if incomplete == "drop" else begin
        if not fits or not oracle.can_be_bought(case, who, day0):
            assert name in found.dropped.index
            continue
        want = oracle.held(case, who, day0, oracle.market_path(case, "SPY", day0))
        row = found.table.loc[name]
        got = row[["bhr", "benchmark", "days"]].to_numpy(float)
        np.testing.assert_allclose(got, want, rtol=0, atol=1e-10)
        assert row["bhar"] == row["bhr"] - row["benchmark"]
        assert row["control"] == "SPY"
        assert row["enter"] == DAYS[max(day0 + holding[0] - 1, 0)]
        assert row["leave"] == DAYS[day0 + holding[0] + int(row["days"]) - 1]
        kept += 1
    assert kept == len(found.table) > 20
    assert len(found.dropped) + len(found.events) == len(events())


def test_paths_are_the_means_of_the_values_so_far() -> None:
    rule = es.BuyAndHold((1, 20), "SPY", incomplete="truncate")
    found = rule.run(events(), panel())
    for day in (1, 7, 20):
        short = es.BuyAndHold((1, day), "SPY", incomplete="truncate").run(events(), panel())
        assert short.events.index.equals(found.events.index)
        want = [short.measured.bhr.mean(), short.measured.benchmark.mean(), short.abhar]
        got = found.paths().loc[day, ["bhr", "benchmark", "bhar"]]
        np.testing.assert_allclose(got.to_numpy(float), want, atol=1e-12)
    assert found.paths()["n"].iloc[0] == len(found.events)
    assert found.paths().loc[20, "n"] == (found.table["days"] == 20).sum()


def test_more_events_than_are_compounded_at_a_time() -> None:
    n = CHUNK + 5
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"ticker": rng.choice(FIRMS[4:], n), "date": DAYS[rng.integers(5, 90, n)]})
    rule = es.BuyAndHold((1, 20), "SPY", timing=es.Timing(duplicates="keep"))
    whole = rule.run(table, panel())
    last = rule.run(table.iloc[-10:], panel())
    assert len(whole.events) == n
    np.testing.assert_array_equal(whole.table["bhar"].to_numpy()[-10:], last.table["bhar"])
    mean = whole.paths()["bhar"].iloc[-1]
    assert mean == pytest.approx(whole.abhar, abs=1e-12)


# ── closed forms ─────────────────────────────────────────────────────────────────────────────
def test_a_firm_that_is_its_benchmark_has_no_bhar() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(0, 0.03, 40).tolist()
    found = one({"A": x, "B": x}, holding=(1, 30))
    assert found.abhar == 0.0
    assert found.wealth_relative == 1.0
    assert found.drag == 0.0


def test_one_day_is_the_market_adjusted_abnormal_return() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(0, 0.03, (T, 3)), DAYS, ["A", "C", "SPY"])
    table = pd.DataFrame({"ticker": ["A", "C"], "date": DAYS[[130, 140]]})
    data = es.Panel.from_returns(frame, market="SPY")
    study = es.EventStudy(es.MarketAdjusted(), estimation=(-100, -11), window=(-1, 2))
    held = es.BuyAndHold((1, 1), "market").run(table, data)
    ar = study.run(table, data).ar[1]
    np.testing.assert_allclose(held.table["bhar"], ar, atol=1e-15)
    assert held.rule.label(data) == "SPY"
    two = es.BuyAndHold((0, 2), "SPY").run(table, data)
    bhar = study.run(table, data).bhar((0, 2))["[0,+2]"]
    np.testing.assert_allclose(two.table["bhar"], bhar, atol=1e-14)


def test_numbers_of_a_case_by_hand() -> None:
    found = one({"A": [0, 0.1, 0.1], "C": [0, 0, -0.5], "B": [0, 0.0, 0.02]}, holding=(1, 2))
    np.testing.assert_allclose(found.table["bhr"], [0.21, -0.5])
    assert found.abhar == found.mean == pytest.approx((0.19 - 0.52) / 2)
    assert found.median == pytest.approx((0.19 - 0.52) / 2)
    assert found.wealth_relative == pytest.approx((1 - 0.145) / 1.02)
    # −½(σ² − σ_b²)·2 of each
    want = [-(0 - 0.0002), -(0.125 - 0.0002)]
    np.testing.assert_allclose(found.measured.drag, want, atol=1e-15)
    assert found.drag == pytest.approx(np.mean(want))


def test_a_benchmark_that_lost_everything_has_no_wealth_relative() -> None:
    found = one({"A": [0, 0.1, 0.1], "B": [0, -1.0, 0.02]}, holding=(1, 2))
    assert np.isnan(found.wealth_relative)
    assert found.abhar == pytest.approx(1.21)


# ── delisting ────────────────────────────────────────────────────────────────────────────────
NAN = float("nan")
GONE = {"A": [0.0, 0.1, NAN, NAN, NAN], "B": [0.0, 0.01, 0.02, 0.03, 0.04]}


@pytest.mark.parametrize(
    ("options", "bhr", "benchmark", "days"),
    [
        ({}, 1.1 * 1.02 * 1.03, 1.01 * 1.02 * 1.03, 3),
        ({"delisting_return": -0.4}, 1.1 * 0.6 * 1.02 * 1.03, 1.01 * 1.02 * 1.03, 3),
        ({"delisting_return": -1.0}, 0.0, 1.01 * 1.02 * 1.03, 3),
        ({"delisting": "truncate"}, 1.1, 1.01, 1),
        ({"delisting": "truncate", "delisting_return": -0.4}, 1.1 * 0.6, 1.01, 1),
    ],
)
def test_delisting_by_hand(
    options: dict[str, Any], bhr: float, benchmark: float, days: int
) -> None:
    found = one(GONE, holding=(1, 3), **options)
    got = found.table[["bhr", "benchmark", "days"]].to_numpy()[0]
    np.testing.assert_allclose(got, [bhr - 1, benchmark - 1, days], atol=1e-14)
    what = found.ledger.set_index("what")
    assert what.loc["delisted", "date"] == DAYS[1]
    assert what.loc["delisted", "days"] == 1
    assert ("truncated" in what.index) == (days < 3)


def test_a_last_price_on_the_last_day_held_is_no_delisting() -> None:
    found = one(GONE, holding=(1, 1), delisting_return=-1.0)
    assert found.table["bhr"].iloc[0] == pytest.approx(0.1)
    assert found.ledger.empty


def test_the_end_of_the_data_is_no_delisting() -> None:
    for delisting in ("benchmark", "truncate"):
        alive = {"A": [0.0, 0.1, 0.1], "B": [0.0, 0.0, 0.0]}
        found = one(
            alive,
            holding=(1, 10),
            delisting=delisting,
            delisting_return=-1.0,
            incomplete="truncate",
        )
        assert found.table["bhr"].iloc[0] == pytest.approx(0.21)
        assert found.ledger["what"].tolist() == ["truncated"]
        assert found.ledger["days"].tolist() == [2]


def test_a_hole_counts_as_zero_or_drops_the_event() -> None:
    holed = {"A": [0.0, NAN, 0.1, 0.0], "C": [0.0, 0.2, 0.0, 0.0], "B": [0.0, 0.05, 0.0, 0.0]}
    found = one(holed, holding=(1, 3))
    np.testing.assert_allclose(found.table["bhr"], [0.1, 0.2])
    np.testing.assert_allclose(found.table["benchmark"], 0.05)
    assert found.ledger[["what", "days"]].to_numpy().tolist() == [["missing_days", 1]]
    assert found.ledger["date"].isna().all()
    strict = one(holed, holding=(1, 3), missing="drop")
    assert strict.events["ticker"].tolist() == ["C"]
    assert strict.dropped["reason"].tolist() == ["missing_in_window"]
    assert strict.dropped["detail"].tolist() == ["a day held has no return"]


def holed_prices() -> pd.DataFrame:
    """Prices with holes of one and of several sessions, and a benchmark without."""
    rng = np.random.default_rng(6)
    prices = pd.DataFrame(100 * np.exp(rng.normal(0, 0.03, (60, 5)).cumsum(axis=0)), DAYS[:60])
    prices.columns = [*"ABCD", "SPY"]
    holes = rng.random((60, 4)) < 0.2
    holes[[0, 9, 59]] = False
    prices[list("ABCD")] = prices[list("ABCD")].mask(holes)
    return prices


@pytest.mark.parametrize("kind", ["simple", "log"])
def test_returns_over_holes_count_where_the_panel_has_them(kind: str) -> None:
    prices = holed_prices()
    some = es.events_on(DAYS[9], list("ABCD"))
    whole = es.Panel.from_prices(prices, market="SPY", kind=kind, across_gaps=True)
    found = es.BuyAndHold((1, 50)).run(some, whole)
    want = prices.loc[DAYS[59]] / prices.loc[DAYS[9]] - 1
    np.testing.assert_allclose(found.table["bhr"], want[list("ABCD")], atol=1e-12)
    np.testing.assert_allclose(found.table["benchmark"], want["SPY"], atol=1e-12)
    days = found.ledger.set_index("ticker")["days"]
    holes = prices.loc[DAYS[10:60], list("ABCD")].isna().sum()
    assert days.to_dict() == holes.to_dict()
    known = pd.DataFrame({"ticker": list("ABCD"), "size": [1.0, 1.1, 5.0, 9.0]})
    ways: list[tuple[es.ControlFirms | es.ReferencePortfolios, str]] = [
        (es.ControlFirms(known, n=2), "BC"),
        (es.ReferencePortfolios(known.assign(size=1.0), 2), "BCD"),
    ]
    for against, firms in ways:
        one_of_them = es.BuyAndHold((1, 50), against).run(some.iloc[[0]], whole)
        mean = want[list(firms)].mean()
        assert one_of_them.table["benchmark"].iloc[0] == pytest.approx(mean, abs=1e-12)
    lost = es.BuyAndHold((1, 50)).run(some, es.Panel.from_prices(prices, market="SPY"))
    assert not np.allclose(lost.table["bhr"], want[list("ABCD")], atol=1e-3)


def test_a_return_over_a_hole_that_began_before_the_purchase_is_not_earned() -> None:
    prices = pd.DataFrame({"A": [100.0, NAN, NAN, 200.0, 220.0], "SPY": 100.0}, DAYS[:5])
    data = es.Panel.from_prices(prices, market="SPY", across_gaps=True)
    with pytest.raises(es.errors.NothingLeft, match="no price when the holding begins"):
        es.BuyAndHold((1, 2)).run(es.events_on(DAYS[1], "A"), data)
    prices = pd.concat([prices.set_axis(DAYS[1:6]), prices.iloc[:1].assign(A=90.0)]).sort_index()
    data = es.Panel.from_prices(prices, market="SPY", across_gaps=True)
    found = es.BuyAndHold((1, 3)).run(es.events_on(DAYS[2], "A"), data)
    assert found.table["bhr"].iloc[0] == pytest.approx(0.1)


# ── who is lost ──────────────────────────────────────────────────────────────────────────────
def test_every_event_is_held_or_dropped_with_a_reason() -> None:
    frame = market().copy()
    frame["LATE"] = frame["SPY"].where(np.arange(T) > 50)
    table = pd.DataFrame(
        {
            "event_id": list("abcdef"),
            "ticker": ["F4", "nobody", "F1", "F3", "F5", "F4"],
            "date": DAYS[[60, 60, 100, 20, 10, 155]],
        }
    )
    found = es.BuyAndHold((1, 20), "LATE").run(table, panel(frame=frame))
    assert found.events.index.tolist() == ["a"]
    assert found.dropped["reason"].to_dict() == {
        "b": "unknown_ticker",
        "c": "no_event_data",
        "d": "no_event_data",
        "e": "factor_missing",
        "f": "after_data",
    }
    assert found.dropped.columns.tolist() == ["ticker", "date", "session", "reason", "detail"]
    assert found.dropped.loc["c", "detail"] == "no price when the holding begins"
    assert found.dropped.loc["e", "detail"] == "the returns of LATE do not cover the holding"


def test_a_benchmark_that_ends_early_ends_the_holding_only_if_told_to() -> None:
    early = {"A": [0.0, 0.1, 0.1, 0.1], "B": [0.0, 0.0, 0.01, NAN]}
    with pytest.raises(es.errors.NothingLeft, match="do not cover the holding"):
        one(early, holding=(1, 3))
    found = one(early, holding=(1, 3), incomplete="truncate")
    assert found.table[["bhr", "days"]].to_numpy().ravel() == pytest.approx([0.21, 2])


def test_nothing_left_says_why() -> None:
    with pytest.raises(es.errors.NothingLeft, match="2 × unknown_ticker") as caught:
        es.BuyAndHold((1, 5), "SPY").run(es.events_on(DAYS[9], ["X", "Y"]), panel())
    assert caught.value.dropped["reason"].tolist() == ["unknown_ticker"] * 2


# ── the input does not matter ────────────────────────────────────────────────────────────────
def test_order_of_events_and_tickers_changes_nothing() -> None:
    rule = es.BuyAndHold((1, 30), "SPY", incomplete="truncate")
    first = rule.run(events(), panel()).table
    turned = market()[market().columns[::-1]]
    second = rule.run(events().sample(frac=1, random_state=1), panel(frame=turned)).table
    pd.testing.assert_frame_equal(second.loc[first.index], first)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_saved_panel_gives_the_same(tmp_path: Path, dtype: str) -> None:
    rule = es.BuyAndHold((1, 30), "SPY", delisting_return=-0.2)
    panel().save(tmp_path / "p", dtype=dtype)
    got = rule.run(events(), es.Panel.open(tmp_path / "p")).table
    want = rule.run(events(), panel()).table
    tolerance = 0.0 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(got["bhar"], want["bhar"], atol=tolerance)
    assert got["bhar"].dtype == np.float64


def test_the_input_is_not_changed() -> None:
    table, data = events().copy(), panel()
    before = data.fingerprint
    es.BuyAndHold((1, 30), "SPY").run(table, data)
    pd.testing.assert_frame_equal(table, events())
    assert es.Panel.from_returns(market(), market=pd.Series(0.0, DAYS, name="SESSIONS")) is not data
    assert panel().fingerprint == before


# ── tests ────────────────────────────────────────────────────────────────────────────────────
def apart(n: int = 24, length: int = 5, shape: str = "t") -> tuple[es.LongRun, pd.DataFrame]:
    """``n`` holdings that share no day."""
    rng = np.random.default_rng(8)
    size = n * length + 20
    days = pd.bdate_range("2020-01-01", periods=size)
    draw = rng.standard_t(6, (size, 2)) if shape == "t" else rng.exponential(1, (size, 2)) - 1
    frame = pd.DataFrame(draw * 0.03, days, ["A", "SPY"])
    table = pd.DataFrame({"ticker": "A", "date": days[10 : 10 + n * length : length]})
    table["half"] = np.where(np.arange(n) < n // 2, "one", "two")
    rule = es.BuyAndHold((1, length), "market")
    return rule.run(table, es.Panel.from_returns(frame, market="SPY")), frame


def test_independent_holdings_have_the_textbook_tests() -> None:
    found, _ = apart()
    x = found.table["bhar"].to_numpy()
    n = len(x)
    assert found.independent
    assert found.clusters == n
    t = found.test("csect_t")
    assert t.statistic == pytest.approx(np.sqrt(n) * x.mean() / x.std(ddof=1))
    assert (t.df, t.note, t.window, t.n) == (n - 1, "", "[+1,+5]", n)
    assert t.estimate == found.abhar
    # Lyon, Barber and Tsai (1999): √N(S + γS²/3 + γ/(6N))
    s = x.mean() / x.std(ddof=1)
    gamma = ((x - x.mean()) ** 3).sum() / (n * x.std(ddof=1) ** 3)
    johnson = found.test("skew_t", variant="johnson")
    assert johnson.statistic == pytest.approx(np.sqrt(n) * (s + gamma * s**2 / 3 + gamma / 6 / n))
    drawn = found.test("skew_t", variant="johnson", law="bootstrap", draws=1000, rng=3)
    assert drawn.statistic == johnson.statistic
    assert drawn.law == "bootstrap"
    assert drawn.note == "resamples of 6 of 24 events"
    assert found.test("sign").estimate == (x > 0).mean()
    assert found.test("wilcoxon", alternative="less").pvalue < 1
    table = found.tests()
    assert table.columns.tolist() == [
        *("window", "test", "estimate", "se", "statistic", "law"),
        *("df", "pvalue", "n", "valid", "note"),
    ]
    assert table["valid"].all()
    assert "count as independent: skewness-adjusted t gives p" in found.summary().replace("\n", " ")


def test_overlapping_holdings_leave_no_test_valid() -> None:
    found = es.BuyAndHold((1, 60), "SPY", incomplete="truncate").run(events(), panel())
    assert found.clusters == 1
    assert not found.tests()["valid"].any()
    assert found.test("csect_t").note == "holdings share days: it takes the events as independent"
    assert np.isnan(found.test("dates_csect").pvalue)
    said = found.sentence()
    assert "they form one cluster" in said
    assert "cannot be known" in said
    assert "es.CalendarTime" in said


def test_some_clusters_have_the_test_across_clusters() -> None:
    table = pd.DataFrame(
        {"ticker": ["F4", "F5", "F4", "F6", "F7"], "date": DAYS[[10, 12, 50, 52, 100]]}
    )
    found = es.BuyAndHold((1, 20), "SPY").run(table, panel())
    x = found.table["bhar"].to_numpy()
    means = np.array([x[:2].mean(), x[2:4].mean(), x[4]])
    got = found.test("dates_csect")
    assert found.clusters == 3
    assert found.repeated == 0
    assert got.statistic == pytest.approx(np.sqrt(3) * means.mean() / means.std(ddof=1))
    assert found.tests().set_index("test")["valid"].to_dict() == {
        **dict.fromkeys(("skew_t", "csect_t", "wilcoxon", "sign"), False),
        **dict.fromkeys(("dates_csect", "sign_flip_dates"), True),
    }
    assert "5 events are 3 clusters" in found.sentence()
    assert "which with so few clusters is no verdict; es.CalendarTime asks" in found.sentence()


def test_enough_clusters_have_a_verdict() -> None:
    rows = [10 + 22 * k + j for k in range(6) for j in (0, 2)]
    table = pd.DataFrame({"ticker": ["F4", "F5"] * 6, "date": DAYS[rows]})
    found = es.BuyAndHold((1, 20), "SPY").run(table, panel())
    assert (found.clusters, len(found)) == (6, 12)
    assert "12 events are 6 clusters" in found.sentence()
    assert "no verdict" not in found.sentence()


def test_the_same_returns_counted_twice_are_told() -> None:
    table = pd.DataFrame({"ticker": ["F4", "F5", "F4", "F4"], "date": DAYS[[10, 12, 30, 51]]})
    found = es.BuyAndHold((1, 20), "SPY").run(table, panel())
    assert found.repeated == 0  # days 11 to 30, 31 to 50, 52 to 71
    longer = es.BuyAndHold((1, 21), "SPY").run(table, panel())
    assert longer.repeated == 1
    assert "1 holding began while the firm was held for an earlier event" in re.sub(
        r"\s+", " ", longer.summary()
    )


def test_one_event_says_that_it_has_no_average() -> None:
    found = es.BuyAndHold((1, 5), "SPY").run(events().iloc[[0]], panel())
    assert "One event has no average" in found.sentence()
    assert not found.tests()["valid"].any()
    assert found.tests()["pvalue"].drop(3).isna().all()  # the sign test of one event is a number


def test_the_bootstrapped_test_keeps_its_size_where_the_t_test_does_not() -> None:
    """Skewed holdings without an effect: the lower tail of the t test is too heavy."""
    found, _ = apart(n=50)
    rng = np.random.default_rng(5)
    low = {"csect_t": 0, "skew_t": 0}
    draws = 300
    for k in range(draws):
        x = np.exp(rng.normal(0, 0.9, 50)) - np.exp(0.405)
        fake = es.LongRun(
            **{name: getattr(found, name) for name in ("rule", "panel", "events", "dropped")},
            holdings=found.holdings,
            measured=type(found.measured)(
                **{**vars(found.measured), "bhr": x, "benchmark": np.zeros(50)}
            ),
            controls=found.controls,
            changes=found.changes,
        )
        low["csect_t"] += fake.test("csect_t", alternative="less").pvalue < 0.05
        options = {"variant": "johnson", "law": "bootstrap", "draws": 400, "rng": k}
        low["skew_t"] += fake.test("skew_t", alternative="less", **options).pvalue < 0.05
    assert low["csect_t"] / draws > 0.09
    assert low["skew_t"] / draws < 0.09
    assert low["skew_t"] < low["csect_t"]


# ── parts, words, picture ────────────────────────────────────────────────────────────────────
def test_where_and_by_take_events_apart() -> None:
    found, _ = apart()
    parts = found.by("half")
    assert list(parts) == ["one", "two"]
    both = pd.concat([part.table for part in parts.values()])
    pd.testing.assert_frame_equal(both, found.table)
    good = found.where(found.table["bhar"] > 0)
    assert (good.table["bhar"] > 0).all()
    assert good.paths()["bhar"].iloc[-1] == pytest.approx(good.abhar)
    held = es.BuyAndHold((1, 30), "SPY", incomplete="truncate").run(events(), panel())
    some = held.where(held.events["size"] > 20)
    kept = held.ledger.index.isin(some.events.index)
    pd.testing.assert_frame_equal(some.ledger, held.ledger[kept])
    assert [len(part.events) for part in held.by("size", bins=2).values()]


def test_the_page_is_narrow_and_says_what_happened() -> None:
    rule = es.BuyAndHold((1, 60), "SPY", incomplete="truncate", delisting_return=-0.3)
    found = rule.run(events(), panel())
    text = found.summary()
    assert max(map(len, text.splitlines())) <= 80
    flat = re.sub(r"\s+", " ", text)
    for piece in (
        "Against SPY",
        f"a mean BHAR of {100 * found.abhar:+.1f} %",
        f"wealth relative of {found.wealth_relative:.3f}",
        "holdings ended before day +60, with the data or the prices",
        "the benchmark's return counts from then on, after a delisting return of -30 %.",
        "without a return: 0 is counted.",
    ):
        assert piece in flat
    assert str(found) == text
    assert found.notes
    for note in found.notes:
        assert f"Note: {note}" in flat


def test_volatility_is_told_where_it_matters() -> None:
    calm, _ = apart(length=5)
    assert "relative wealth" not in calm.summary()
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(0, [0.06, 0.01], (T, 2)), DAYS, ["A", "SPY"])
    data = es.Panel.from_returns(frame, market="SPY")
    found = es.BuyAndHold((1, 120), "SPY").run(es.events_on(DAYS[5], "A"), data)
    own = frame.iloc[6:126].var()
    assert found.drag == pytest.approx(-0.5 * (own["A"] - own["SPY"]) * 120)
    flat = re.sub(r"\s+", " ", found.summary())
    assert "Firms vary more than their benchmarks" in flat
    assert "The mean BHAR is free of it" in flat
    turned = es.BuyAndHold((1, 120), "A").run(es.events_on(DAYS[5], "SPY"), data)
    assert turned.drag == pytest.approx(-found.drag)
    assert "Firms vary less than" in re.sub(r"\s+", " ", turned.summary())


def test_names_stay_text_in_page_and_picture() -> None:
    hostile = "$x^2$<script>"
    found = one({hostile: [0, 0.1, 0.1], "B": [0, 0.0, 0.02]}, holding=(1, 2))
    rule = es.BuyAndHold((1, 1), hostile)
    turned = rule.run(es.events_on(DAYS[0], "B"), found.panel)
    html = turned._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    ax = turned.plot(title="A & B")
    assert ax.get_legend_handles_labels()[1][1] == r"\$x^2\$<script>"
    assert ax.get_title(loc="left") == "A & B (n = 1)"
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.canvas.draw()


def test_the_picture_draws_both_paths_from_the_purchase_on() -> None:
    found = es.BuyAndHold((1, 60), "SPY", incomplete="truncate").run(events(), panel())
    ax = found.plot()
    firm, benchmark = (np.column_stack(line.get_data()) for line in ax.lines[1:3])
    assert firm[0].tolist() == benchmark[0].tolist() == [0.0, 0.0]
    np.testing.assert_allclose(firm[1:, 1], found.paths()["bhr"])
    np.testing.assert_allclose(benchmark[1:, 1], found.paths()["benchmark"])
    assert found.plot(ax=ax) is ax
    left = found.paths()["n"].min()
    assert 0 < left < len(found)
    title = f"Mean buy-and-hold returns (n = {len(found)}, {left} to the end)"
    assert ax.get_title(loc="left") == title
    with pytest.raises(es.errors.OptionError, match="`paths` is empty"):
        draw_long_run(found.paths().iloc[:0])


# ── refusals ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"holding": (-1, 5)},
            (
                "holding=[-1,+5] begins before day 0, when the event was not known; begin it on "
                "day 0 or later, such as holding=(1, 250)."
            ),
        ),
        (
            {"holding": 250},
            (
                "holding=250 is one session, the one that many after day 0; give the first and "
                "the last session held, such as holding=(1, 250)."
            ),
        ),
        (
            {"against": 3},
            (
                "against=3 is no benchmark; give a ticker or factor of the panel, "
                "es.ControlFirms(...) or es.ReferencePortfolios(...)."
            ),
        ),
        (
            {"delisting_return": 0.3},
            (
                "delisting_return=0.3 is not the return of a delisting; give a fraction from -1 "
                "(all is lost) to 0."
            ),
        ),
        ({"delisting_return": NAN}, "delisting_return=nan is not the return of a delisting"),
        ({"delisting_return": True}, "delisting_return=True is not the return of a delisting"),
        ({"delisting_return": "-1"}, "delisting_return='-1' is not the return of a delisting"),
        ({"delisting": "drop"}, "delisting='drop' is not known; choose one of 'benchmark'"),
        ({"missing": "skip"}, "missing='skip' is not known; choose one of 'zero', 'drop'."),
        ({"incomplete": "keep"}, "incomplete='keep' is not known; choose one of 'drop'"),
        ({"timing": 5}, "timing=5 is not a Timing"),
        ({"holding": "x"}, "'x'"),
        ({"against": es.ControlFirms}, "is no benchmark"),
    ],
)
def test_options_are_refused_in_one_sentence(options: dict[str, Any], said: str) -> None:
    with pytest.raises(errors.EventStudyError) as caught:
        es.BuyAndHold(**options)
    assert said in str(caught.value)


def test_input_is_refused_in_one_sentence() -> None:
    rule = es.BuyAndHold((1, 5), "SPY")
    with pytest.raises(errors.PanelError, match="panel is a DataFrame"):
        rule.run(events(), market())  # type: ignore[arg-type]  # what a user may try
    with pytest.raises(errors.EventsError):
        rule.run(events().iloc[:0], panel())
    with pytest.raises(errors.PanelError, match="NOPE"):
        es.BuyAndHold((1, 5), "NOPE").run(events(), panel())
    frame = es.Panel.from_returns(market())
    with pytest.raises(errors.ModelError, match="BuyAndHold needs a market"):
        es.BuyAndHold((1, 5), "market").run(events(), frame)
    found = rule.run(events(), panel())
    with pytest.raises(errors.OptionError, match="name='adj_bmp' is not known"):
        found.test("adj_bmp")
    with pytest.raises(errors.OptionError, match="name='bmp' is not known"):
        found.is_valid("bmp")
    with pytest.raises(errors.OptionError, match="skew_t has no option 'on'"):
        found.test("skew_t", on="bhar")
    with pytest.raises(errors.OptionError, match="selects no event"):
        found.where(np.zeros(len(found.events), dtype=bool))


def test_an_event_of_the_benchmark_is_told() -> None:
    frame = pd.DataFrame({"A": [0.0, 0.1, 0.1], "B": [0.0, 0.2, 0.0]}, DAYS[:3])
    rule = es.BuyAndHold((1, 2), against="B")
    found = rule.run(es.events_on(DAYS[0], ["A", "B"]), panel(frame=frame))
    assert found.remarks == ("1 of 2 events are of B itself, the benchmark.",)
    assert "Both holdings hang together by shared days" in found.sentence()
    alone = rule.run(es.events_on(DAYS[0], ["A"]), panel(frame=frame))
    assert alone.remarks == ()
    assert "1 holding earned +21.0 % and the benchmark" in alone.sentence()


@pytest.mark.parametrize("incomplete", ["drop", "truncate"])
@pytest.mark.parametrize(("day0", "kept"), [(0, 0), (1, 1), (2, 1), (3, 0)])
def test_the_benchmark_covers_the_first_day_held(day0: int, kept: int, incomplete: str) -> None:
    gone = {"A": [0.1] * 7, "B": [np.nan, np.nan, 0.1, 0.1, np.nan, np.nan, np.nan]}
    events = pd.DataFrame({"ticker": "A", "date": DAYS[[day0, 1]]}).drop_duplicates()
    rule = es.BuyAndHold((1, 1), against="B", incomplete=incomplete)
    found = rule.run(events, panel(frame=pd.DataFrame(gone, DAYS[:7])))
    assert (DAYS[day0] in set(found.events["date"])) == bool(kept)
    assert set(found.dropped["reason"]) <= {"factor_missing"}


def test_a_table_is_no_benchmark() -> None:
    with pytest.raises(errors.OptionError) as caught:
        es.BuyAndHold(against=market())  # type: ignore[arg-type]  # what is refused
    assert str(caught.value) == (
        "A DataFrame is no benchmark; give a ticker or factor of the panel, es.ControlFirms(...) "
        "or es.ReferencePortfolios(...)."
    )
