"""The study: its design, what it asks a loader for, and what `run` promises."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import EventStudyError, NothingLeft
from eventstudy.study import EventStudy

DAYS = pd.bdate_range("2025-01-01", periods=300)
TICKERS = ["IREN", "CIFR", "HUT"]


def returns(gaps: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    market = rng.normal(0, 0.01, 300)
    frame = pd.DataFrame(
        market[:, None] + rng.standard_t(4, (300, 3)) * 0.02, DAYS, TICKERS
    ).assign(SPY=market)
    holes = rng.random(frame.shape) < gaps
    holes[:, 3] = False
    return frame.mask(holes)


def panel(gaps: float = 0.0, **options: Any) -> es.Panel:
    return es.Panel.from_returns(returns(gaps), market="SPY", **options)


def events(*rows: int, ticker: Any = "IREN", **columns: Any) -> pd.DataFrame:
    ids = [f"e{i}" for i in range(len(rows))]
    return pd.DataFrame({"event_id": ids, "ticker": ticker, "date": DAYS[list(rows)], **columns})


STUDY = EventStudy(estimation=(-120, -11), window=(-5, 5))


# ── the design ───────────────────────────────────────────────────────────────────────────
def test_defaults_are_the_binding_ones() -> None:
    study = EventStudy()
    assert study.model == es.MarketModel()
    assert (study.estimation, study.window) == (es.Window(-250, -11), es.Window(-10, 10))
    assert (study.min_obs, study.missing, study.exclude_other_events) == (None, "drop", False)
    assert study.timing == es.Timing(roll="forward", max_shift=5, duplicates="first")


def test_windows_are_read() -> None:
    study = EventStudy(estimation="-120:-11", window=[-1, 1])  # type: ignore[arg-type]  # a list, too
    assert study.windows.estimation == es.Window(-120, -11)
    assert study.windows.event == es.Window(-1, 1)
    assert EventStudy(estimation=(-60, -2), window=0).window == es.Window(0, 0)


def test_a_study_is_a_value() -> None:
    assert EventStudy() == EventStudy(estimation=es.Window(-250, -11))
    assert hash(EventStudy()) == hash(EventStudy(window="-10:10"))
    with pytest.raises(AttributeError):
        STUDY.missing = "skip"  # type: ignore[misc]  # what is refused


@pytest.mark.parametrize("gap", [0, 1, 30])
def test_estimation_may_end_right_before_the_window(gap: int) -> None:
    study = EventStudy(estimation=(-100, -6 - gap), window=(-5, 5))
    assert len(study.run(events(200), panel()).events) == 1


def test_a_window_may_lie_after_day_zero() -> None:
    """The estimation window may reach the event day then: it ends before the event window."""
    study = EventStudy(estimation=(-100, 0), window=(1, 3))
    assert list(study.run(events(200), panel()).ar) == pd.Index([1, 2, 3]).tolist()


@pytest.mark.parametrize(
    ("options", "begins"),
    [
        ({"model": es.MarketModel}, "model=MarketModel is a class"),
        ({"model": "MarketModel"}, "model='MarketModel' is not a model"),
        ({"model": None}, "model=None is not a model"),
        ({"model": lambda block: block}, "model=<function"),
        ({"missing": "fill"}, "missing='fill' is not known; choose one of 'drop', 'skip', 'zero'."),
        ({"estimation": (-100, -10)}, "The estimation window [-100,-10] reaches into"),
        ({"estimation": (20, 100)}, "The estimation window [+20,+100] reaches into"),
        ({"estimation": (-16, -11)}, "The estimation window has 6 days and MarketModel needs"),
        ({"min_obs": 0}, "min_obs=0 does not fit"),
        ({"min_obs": 241}, "min_obs=241 does not fit an estimation window of 240 days"),
        ({"min_obs": 60.5}, "min_obs=60.5 does not fit"),
        ({"min_obs": "60"}, "min_obs='60' does not fit"),
        ({"min_obs": True}, "min_obs=True does not fit"),
        ({"timing": "first"}, "timing='first' is not a Timing"),
        ({"window": (5, -5)}, "The window (5, -5) ends before it begins"),
        ({"window": "wide"}, "'wide' is not a window"),
        ({"estimation": 0.5}, "0.5 is not a window"),
    ],
)
def test_a_design_that_cannot_be_is_refused_at_once(options: dict[str, Any], begins: str) -> None:
    with pytest.raises(EventStudyError) as caught:
        EventStudy(**options)
    assert str(caught.value).startswith(begins)


def test_a_needed_number_of_days_that_fits_is_taken() -> None:
    for number in (1, 240, np.int64(60)):
        assert EventStudy(min_obs=number).min_obs == number  # type: ignore[arg-type]


# ── min_obs ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("length", "min_obs", "need"),
    [(110, None, 55), (250, None, 120), (110, 90, 90), (110, 2, 7), (110, 110, 110)],
)
def test_days_that_are_needed(length: int, min_obs: int | None, need: int) -> None:
    for valid, kept in ((need, True), (need - 1, False)):
        frame = returns()
        start = 290 - length  # the estimation window of day 290 with a gap of none
        missing = length - valid
        frame.iloc[start : start + missing, 0] = np.nan
        study = EventStudy(estimation=(-length, -1), window=(0, 0), min_obs=min_obs)
        data = es.Panel.from_returns(frame, market="SPY")
        result = study.run(events(290, 290, ticker=["IREN", "HUT"]), data)
        assert ("e0" in result.events.index) == kept
        if kept:
            assert result.estimates.loc["e0", "n_obs"] == need
        else:
            assert result.dropped.loc["e0", "reason"] == "min_est"
            assert result.dropped.loc["e0", "detail"] == (
                f"{need - 1} of {length} estimation days are valid, {need} needed"
            )


# ── run ──────────────────────────────────────────────────────────────────────────────────
def test_run_is_pure_and_says_nothing(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    table = events(150, 150, 151, 400 - 101, 150, ticker=["IREN", "HUT", "CIFR", "IREN", "NONE"])
    before, data = table.copy(deep=True), panel(0.05)
    kept = data.returns.copy()
    state = np.random.get_state()[1].copy()  # type: ignore[index]  # noqa: NPY002  (must not move)
    with caplog.at_level(logging.INFO):
        one, two = STUDY.run(table, data), STUDY.run(table, data)
    assert capsys.readouterr() == ("", "")
    pd.testing.assert_frame_equal(table, before)
    np.testing.assert_array_equal(data.returns, kept)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # type: ignore[index]  # noqa: NPY002  (the old global state is what is looked at)
    for name in ("ar", "aar", "estimates", "dropped", "events"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)
    pd.testing.assert_frame_equal(one.tests((-1, 1)), two.tests((-1, 1)), check_exact=True)
    assert str(one) == str(two)


def test_every_event_is_kept_or_dropped() -> None:
    table = events(*range(3, 300, 7), ticker="IREN")
    table.loc[3:5, "ticker"] = "NONE"
    result = STUDY.run(table, panel())
    assert sorted([*result.events.index, *result.dropped.index]) == sorted(table["event_id"])
    assert set(result.dropped["reason"]) == {"unknown_ticker", "before_data", "min_est",
                                             "after_data"}  # fmt: skip


def test_columns_of_the_events_are_kept() -> None:
    table = events(150, 160, usd=[1e9, 2e9], category=["deal", "deal"])
    result = STUDY.run(table, panel())
    known = ["ticker", "date", "session", "scheduled"]
    assert list(result.events.columns) == [*known, "usd", "category"]
    assert result.events["usd"].tolist() == [1e9, 2e9]


def test_nothing_left_tells_why() -> None:
    table = events(150, 150, 0, ticker=["NONE", "GONE", "IREN"])
    with pytest.raises(NothingLeft) as caught:
        STUDY.run(table, panel())
    assert str(caught.value) == (
        "Every event was dropped: 2 × unknown_ticker; 1 × before_data. The first: "
        "NONE 2025-07-30, no prices for NONE."
    )
    ledger = caught.value.dropped
    assert list(ledger.index) == ["e0", "e1", "e2"]
    assert ledger["reason"].tolist() == ["unknown_ticker", "unknown_ticker", "before_data"]


@pytest.mark.parametrize(
    ("table", "data", "said"),
    [
        ([1], None, "Events came as list"),
        (events(150).drop(columns="ticker"), None, "The events have no column `ticker`"),
        (events(150).iloc[:0], None, "The events table has no rows"),
        (events(150), returns(), "panel is a DataFrame; make one with es.Panel.from_prices"),
        (events(150), None, None),
    ],
)
def test_a_broken_input_raises(table: Any, data: Any, said: str | None) -> None:
    if said is None:
        STUDY.run(table, panel())
        return
    with pytest.raises(EventStudyError, match=said):
        STUDY.run(table, panel() if data is None else data)


@pytest.mark.parametrize("missing", ["drop", "skip", "zero"])
def test_a_missing_day(missing: str) -> None:
    frame = returns()
    frame.iloc[150, 0] = np.nan
    data = es.Panel.from_returns(frame, market="SPY")
    study = EventStudy(estimation=(-120, -11), window=(-5, 5), missing=missing)
    result = study.run(events(150, 150, ticker=["IREN", "HUT"]), data)
    assert result.ar[0].isna().to_dict() == {"e0": True, "e1": False}
    car, day = result.car((-1, 1)).loc["e0"].iloc[0], result.car((0, 0)).loc["e0"].iloc[0]
    assert np.isnan(day)
    if missing == "drop":
        assert np.isnan(car)
    else:
        assert car == pytest.approx(result.ar.loc["e0", [-1, 1]].sum())
    assert result.test("csect_t", (0, 0)).n == 1
    assert np.isfinite(result.bhar((-1, 1)).loc["e0"].iloc[0]) == (missing != "drop")


def test_zero_counts_an_untraded_day_in_the_buy_and_hold_return() -> None:
    frame = returns()
    frame.iloc[150, 0] = np.nan
    data = es.Panel.from_returns(frame, market="SPY")
    options: dict[str, Any] = {"model": es.MarketAdjusted(), "estimation": (-120, -11),
                               "window": (-1, 1)}  # fmt: skip
    own = 1.0 + frame["IREN"].to_numpy()[[149, 151]]
    market = 1.0 + frame["SPY"].to_numpy()[149:152]
    zero = EventStudy(missing="zero", **options).run(events(150), data).bhar().iloc[0, 0]
    assert zero == pytest.approx(own.prod() - market.prod())
    skip = EventStudy(missing="skip", **options).run(events(150), data).bhar().iloc[0, 0]
    assert skip == pytest.approx(own.prod() - market[[0, 2]].prod())


# ── other events of the same firm ────────────────────────────────────────────────────────
def test_windows_of_other_events_leave_the_estimation() -> None:
    data, table = panel(), events(150, 190, 190, ticker=["IREN", "IREN", "HUT"])
    plain = STUDY.run(table, data)
    clean = EventStudy(estimation=(-120, -11), window=(-5, 5), exclude_other_events=True).run(
        table, data
    )
    assert clean.estimates["n_obs"].to_dict() == {"e0": 110, "e1": 99, "e2": 110}
    # day 190 estimates on sessions 70 … 179; the first event's window is 145 … 155
    used = np.setdiff1d(np.arange(70, 180), np.arange(145, 156))
    x = np.column_stack([np.ones(len(used)), data.series("SPY")[used]])
    slope = np.linalg.lstsq(x, data.series("IREN")[used])[0]
    np.testing.assert_allclose(clean.estimates.loc["e1", ["alpha", "SPY"]].astype(float), slope)
    for event in ("e0", "e2"):
        pd.testing.assert_frame_equal(clean.ar.loc[[event]], plain.ar.loc[[event]])
    said = "11 estimation days lie in windows of the firms' other events and were left out."
    assert said in clean.notes
    assert not any("left out" in note for note in plain.notes)
    short = EventStudy(estimation=(-50, -11), window=(-5, 5), exclude_other_events=True)
    one = "1 estimation day lies in windows of the firms' other events and was left out."
    assert one in short.run(events(100, 155), data).notes


def test_left_out_days_are_counted_for_the_events_that_are_asked() -> None:
    clean = EventStudy(estimation=(-120, -11), window=(-5, 5), exclude_other_events=True)
    table = events(150, 190, 190, ticker=["IREN", "IREN", "HUT"])
    result = clean.run(table, panel())
    assert result.excluded_days == 11
    assert result.by("ticker")["IREN"].excluded_days == 11
    assert result.by("ticker")["HUT"].excluded_days == 0


def test_an_event_that_could_not_be_placed_leaves_no_window() -> None:
    clean = EventStudy(
        estimation=(-120, -11), window=(-5, 5), exclude_other_events=True,
        timing=es.Timing(roll="drop"),
    )  # fmt: skip
    table = events(150, 190)
    table.loc[0, "date"] = DAYS[150] + pd.offsets.Week(weekday=5)  # a Saturday
    assert clean.run(table, panel()).estimates["n_obs"].tolist() == [110]


# ── load ─────────────────────────────────────────────────────────────────────────────────
class Source:
    """A loader that answers from a dictionary and remembers what it was asked."""

    def __init__(self, *known: str) -> None:
        rng = np.random.default_rng(4)
        self.known = {name: 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 300))) for name in known}
        self.asked: list[tuple[list[str], dt.date, dt.date]] = []

    def __call__(self, tickers: list[str], start: dt.date, end: dt.date) -> pd.DataFrame:
        self.asked.append((tickers, start, end))
        found = {name: self.known.get(name, np.full(300, np.nan)) for name in tickers}
        return pd.DataFrame(found, DAYS).loc[str(start) : str(end)]


def test_a_loader_is_asked_for_what_the_study_needs() -> None:
    source = Source("IREN", "HUT", "SPY", "IBIT")
    table = events(200, 250, 210, ticker=["IREN", "HUT", "IREN"])
    study = EventStudy(model=es.FactorModel(("SPY", "IBIT")), estimation=(-60, -11), window=(-5, 5))
    data = study.load(table, source, market="SPY")
    ((tickers, start, end),) = source.asked
    assert tickers == ["IREN", "HUT", "SPY", "IBIT"]
    assert (type(start), type(end)) == (dt.date, dt.date)
    assert start <= DAYS[200 - 61].date()
    assert end >= DAYS[250 + 5].date()
    assert (data.market, data.tickers) == ("SPY", ("IREN", "HUT", "SPY", "IBIT"))
    result = study.run(table, data)
    assert result.dropped.empty
    assert (result.estimates["n_obs"] == 50).all()


def test_what_is_asked_for_once_is_asked_for_once() -> None:
    source = Source("SPY", "IREN", "GLD")
    study = EventStudy(model=es.FactorModel(("SPY", "market")), estimation=(-60, -11))
    study.load(events(200, ticker="SPY"), source, market="SPY", factors=["SPY", "GLD"])
    assert source.asked[0][0] == ["SPY", "GLD"]


def test_given_factors_are_not_asked_for() -> None:
    source = Source("IREN", "SPY")
    table = pd.DataFrame({"SMB": 0.001, "RF": 0.0001}, DAYS)
    study = EventStudy(model=es.FactorModel(("market", "SMB")), estimation=(-60, -11))
    data = study.load(events(200), source, market="SPY", factors=table)
    assert source.asked[0][0] == ["IREN", "SPY"]
    assert data.factor_names == ("SMB",)
    assert data.risk_free is not None


def test_the_kind_and_the_company_reach_the_panel() -> None:
    source = Source("IREN", "SPY")
    data = STUDY.load(
        events(250), source, market="SPY", kind="log", own_since={"IREN": str(DAYS[140].date())}
    )
    assert data.kind == "log"
    assert data.masked is not None
    assert data.masked[0].any()
    assert not data.masked[1].any()


def test_a_ticker_without_prices_is_an_unknown_ticker() -> None:
    source, table = Source("IREN", "SPY"), events(200, 200, ticker=["IREN", "NONE"])
    data = STUDY.load(table, source, market="SPY")
    assert data.tickers == ("IREN", "SPY")
    assert STUDY.run(table, data).dropped["reason"].to_dict() == {"e1": "unknown_ticker"}


def test_events_are_checked_before_anything_is_fetched() -> None:
    source = Source("IREN", "SPY")
    with pytest.raises(EventStudyError, match="`date` 'soon'"):
        STUDY.load(events(200).assign(date="soon"), source, market="SPY")
    assert source.asked == []


@pytest.mark.parametrize("answer", [pd.DataFrame(), None, {"IREN": 1.0}])
def test_a_loader_without_prices_is_named(answer: Any) -> None:
    def broken(tickers: list[str], start: dt.date, end: dt.date) -> Any:
        return answer

    with pytest.raises(EventStudyError) as caught:
        STUDY.load(events(200), broken, market="SPY")
    assert (
        str(caught.value) == "broken gave no prices; check the tickers and the dates of the events."
    )


def test_what_cannot_be_called_is_no_loader() -> None:
    with pytest.raises(EventStudyError) as caught:
        STUDY.load(events(200), "yahoo", market="SPY")  # type: ignore[arg-type]  # what is refused
    assert str(caught.value) == (
        "loader='yahoo' cannot be called; give a loader such as es.loaders.sample or "
        "es.loaders.csv(path), or a function of (tickers, start, end)."
    )


@pytest.mark.parametrize("window", [(-5, -2), (0, 0), (3, 60)])
def test_enough_days_are_fetched_for_any_window(window: tuple[int, int]) -> None:
    source = Source("IREN", "SPY")
    study = EventStudy(estimation=(-100, -11), window=window)
    result = study.run(events(150), study.load(events(150), source, market="SPY"))
    assert result.estimates["n_obs"].tolist() == [90]
    assert not result.ar.isna().to_numpy().any()


@pytest.mark.parametrize("missing", ["drop", "skip", "zero"])
def test_a_window_without_any_trade_has_no_return(missing: str) -> None:
    """A firm that did not trade at all was not held: no number, not minus the benchmark."""
    frame = returns()
    frame.iloc[150, 0] = np.nan
    data = es.Panel.from_returns(frame, market="SPY")
    study = EventStudy(estimation=(-120, -11), window=(-1, 1), missing=missing)
    result = study.run(events(150, 150, ticker=["IREN", "HUT"]), data)
    for table in (result.bhar((0, 0)), result.car((0, 0)), result.scar((0, 0))):
        assert table["[0,0]"].isna().to_dict() == {"e0": True, "e1": False}
