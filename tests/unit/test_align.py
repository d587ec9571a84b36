"""Events on sessions: day 0 by every rule of methods A.3, and what is said of lost events."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy import engine
from eventstudy.align import day_zero, inputs, ledger, place
from eventstudy.arrays import Placement, Windows
from eventstudy.events import check_events
from eventstudy.windows import Window

# Monday 2025-12-01 … Friday 2026-01-30, with the holidays of New York; 42 sessions
HOLIDAYS = pd.to_datetime(["2025-12-25", "2026-01-01", "2026-01-19"])
SESSIONS = pd.bdate_range("2025-12-01", "2026-01-30").difference(HOLIDAYS)
T = len(SESSIONS)
WINDOWS = Windows(Window(-15, -2), Window(-1, 1))


def panel(**options: Any) -> es.Panel:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.normal(0, 0.02, (len(SESSIONS), 3)), SESSIONS, ["IREN", "CIFR", "SPY"])
    return es.Panel.from_returns(frame, **{"market": "SPY", **options})


def events(*dates: str, session: str | list[str] = "unknown", ticker: Any = "IREN") -> pd.DataFrame:
    ids = [f"e{i}" for i in range(len(dates))]
    return pd.DataFrame({"event_id": ids, "ticker": ticker, "date": dates, "session": session})


def placed(
    table: pd.DataFrame, timing: es.Timing | None = None, windows: Windows = WINDOWS
) -> tuple[dict[str, str], pd.DataFrame]:
    """Event → day 0 of those that were placed, and the ledger of the others."""
    checked, data = check_events(table), panel()
    found = place(checked, data, windows, timing or es.Timing())
    where = found.placement
    days = [str(data.sessions[row]) for row in where.row]
    names = [str(checked.index[i]) for i in where.event]
    assert [data.tickers[f] for f in where.firm] == checked["ticker"].iloc[where.event].tolist()
    return dict(zip(names, days, strict=True)), ledger(checked, found)


# ── day 0 ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("date", "session", "day0"),
    [
        ("2025-12-23", "unknown", "2025-12-23"),
        ("2025-12-23", "before_open", "2025-12-23"),
        ("2025-12-23", "intraday", "2025-12-23"),
        ("2025-12-23", "after_close", "2025-12-24"),
        ("2025-12-24", "after_close", "2025-12-26"),  # Christmas is no session
        ("2025-12-25", "before_open", "2025-12-26"),
        ("2025-12-26", "after_close", "2025-12-29"),  # a Friday evening
        ("2025-12-27", "unknown", "2025-12-29"),
        ("2025-12-28", "after_close", "2025-12-29"),  # Sunday evening is Monday
        ("2026-01-16", "after_close", "2026-01-20"),  # a long weekend
    ],
)
def test_forward(date: str, session: str, day0: str) -> None:
    found, lost = placed(events(date, session=session))
    assert found == {"e0": day0}
    assert lost.empty


@pytest.mark.parametrize(
    ("date", "session", "day0"),
    [
        ("2025-12-23", "unknown", "2025-12-23"),
        ("2025-12-23", "after_close", "2025-12-24"),
        ("2025-12-24", "after_close", "2025-12-24"),
        ("2025-12-27", "unknown", "2025-12-26"),
        ("2025-12-28", "unknown", "2025-12-26"),
    ],
)
def test_backward(date: str, session: str, day0: str) -> None:
    found, _ = placed(events(date, session=session), es.Timing(roll="backward"))
    assert found == {"e0": day0}


def test_drop() -> None:
    table = events("2025-12-23", "2025-12-25", "2025-12-26", session="after_close")
    found, lost = placed(table, es.Timing(roll="drop"))
    assert found == {"e0": "2025-12-24", "e1": "2025-12-26"}
    assert lost.loc["e2", "reason"] == "not_trading_day"
    assert lost.loc["e2", "detail"] == "2025-12-27 is not a session"


def test_raise() -> None:
    exact = events("2025-12-23", "2025-12-24")
    assert placed(exact, es.Timing(roll="raise"))[0] == {"e0": "2025-12-23", "e1": "2025-12-24"}
    wrong = events("2025-12-23", "2025-12-27", "2025-12-28", ticker=["IREN", "CIFR", "CIFR"])
    with pytest.raises(es.errors.EventsError) as caught:
        placed(wrong, es.Timing(roll="raise"))
    assert str(caught.value) == (
        "Event 'e1' of CIFR falls on 2025-12-27, which is not a session (and 1 more); "
        "use Timing(roll='forward') to take the next one."
    )


def test_raise_leaves_what_is_dropped_anyway() -> None:
    """A Saturday before the data, or of an unknown ticker, is no reason to stop."""
    table = events("2025-11-29", "2025-12-27", "2025-12-23", ticker=["IREN", "GONE", "IREN"])
    found, lost = placed(table, es.Timing(roll="raise"))
    assert found == {"e2": "2025-12-23"}
    assert lost["reason"].tolist() == ["before_data", "unknown_ticker"]


@pytest.mark.parametrize(
    ("date", "session", "roll", "most", "kept"),
    [
        ("2026-01-16", "after_close", "forward", 3, True),  # Saturday to Tuesday: 3 days
        ("2026-01-16", "after_close", "forward", 2, False),
        ("2026-01-17", "unknown", "forward", 3, True),
        ("2025-12-23", "unknown", "forward", 0, True),
        ("2025-12-27", "unknown", "forward", 0, False),
        ("2026-01-19", "unknown", "backward", 3, True),
        ("2026-01-19", "unknown", "backward", 2, False),
    ],
)
def test_max_shift_counts_from_the_effective_day(
    date: str, session: str, roll: str, most: int, kept: bool
) -> None:
    table = events(date, session=session)
    found, lost = placed(table, es.Timing(roll=roll, max_shift=most))
    assert (list(found) == ["e0"]) == kept
    assert lost["reason"].tolist() == ([] if kept else ["shift"])


@pytest.mark.parametrize("roll", ["forward", "backward", "drop"])
@pytest.mark.parametrize("max_shift", [0, 2, 5])
def test_news_of_anybody_has_the_day_zero_of_an_event(roll: str, max_shift: int) -> None:
    closed = pd.bdate_range("2026-01-20", "2026-01-29")  # longer than any shift
    days = pd.bdate_range("2026-01-05", "2026-02-27").difference(closed)
    rng = np.random.default_rng(0)
    data = es.Panel.from_returns(pd.DataFrame({"IREN": rng.normal(0, 0.02, len(days))}, days))
    dates = np.repeat(pd.date_range("2026-01-05", "2026-02-26"), 3)
    sessions = ["before_open", "after_close", "unknown"] * (len(dates) // 3)
    news = events(*dates.astype(str), session=sessions)
    news = check_events(news.assign(event_id=np.arange(len(news))))
    timing = es.Timing(roll=roll, max_shift=max_shift, duplicates="keep")
    windows = Windows(Window(-3, -1), Window(0, 0))
    kept = place(news, data, windows, timing).placement
    want = np.full(len(news), -1)
    want[kept.event] = kept.row
    np.testing.assert_array_equal(day_zero(news, data.sessions, timing), want)
    assert 0 < (want < 0).sum() < len(want)


def test_a_shift_is_told() -> None:
    table = events("2026-01-16", "2026-01-19", session=["after_close", "unknown"])
    timing = es.Timing(max_shift=2, duplicates="keep")
    assert placed(table, timing)[1]["detail"].tolist() == ["2026-01-20 is 3 days from 2026-01-17"]
    _, lost = placed(table, es.Timing(roll="backward", max_shift=2))
    assert lost["detail"].tolist() == ["2026-01-16 is -3 days from 2026-01-19"]


# ── the ends of the data ─────────────────────────────────────────────────────────────────
def test_events_outside_the_data() -> None:
    dates = ("2025-11-28", "2025-11-29", "2025-12-01", "2025-12-02", "2026-01-29", "2026-01-30",
             "2026-01-31", "2027-01-01")  # fmt: skip
    found, lost = placed(events(*dates))
    assert found == {"e3": "2025-12-02", "e4": "2026-01-29"}
    assert lost["reason"].to_dict() == {
        "e0": "before_data",
        "e1": "before_data",
        "e2": "before_data",
        "e5": "after_data",
        "e6": "after_data",
        "e7": "after_data",
    }
    assert lost["detail"].to_dict() == {
        "e0": "the data begin on 2025-12-01, after 2025-11-28",
        "e1": "the data begin on 2025-12-01, after 2025-11-29",
        "e2": "the data begin on 2025-12-01, inside [-1,+1] around 2025-12-01",
        "e5": "the data end on 2026-01-30, inside [-1,+1] around 2026-01-30",
        "e6": "the data end on 2026-01-30, before 2026-01-31",
        "e7": "the data end on 2026-01-30, before 2027-01-01",
    }


@pytest.mark.parametrize("roll", ["forward", "backward", "drop"])
def test_news_after_the_last_close_has_no_session_yet(roll: str) -> None:
    """Nor is it dated back to the session before: the market could not know it."""
    table = events("2026-01-30", session="after_close")
    found, lost = placed(table, es.Timing(roll=roll), Windows(Window(-9, -2), Window(0, 0)))
    assert found == {}
    assert lost["reason"].tolist() == ["after_data"]


def test_the_first_and_last_session_serve_where_the_window_fits() -> None:
    windows = Windows(Window(-15, -2), Window(0, 0))
    found, _ = placed(events("2025-12-01", "2026-01-30"), windows=windows)
    assert found == {"e0": "2025-12-01", "e1": "2026-01-30"}


# ── tickers and duplicates ───────────────────────────────────────────────────────────────
def test_an_unknown_ticker_is_told_first() -> None:
    found, lost = placed(events("2025-12-23", "1999-01-01", ticker=["GONE", "HUT"]))
    assert found == {}
    assert lost["reason"].tolist() == ["unknown_ticker"] * 2
    assert lost["detail"].tolist() == ["no prices for GONE", "no prices for HUT"]


TWICE = events(
    *("2025-12-24", "2025-12-26", "2025-12-26", "2025-12-25", "2025-12-26"),
    session=["after_close", "unknown", "unknown", "unknown", "after_close"],
    ticker=["IREN", "IREN", "CIFR", "IREN", "IREN"],
)


def test_later_duplicates_are_dropped() -> None:
    found, lost = placed(TWICE)
    assert list(found) == ["e0", "e2", "e4"]
    assert lost["reason"].tolist() == ["duplicate"] * 2
    assert lost["detail"].to_dict() == {
        "e1": "same ticker and day 0 as e0",
        "e3": "same ticker and day 0 as e0",
    }


def test_duplicates_are_kept() -> None:
    found, lost = placed(TWICE, es.Timing(duplicates="keep"))
    assert list(found) == ["e0", "e1", "e2", "e3", "e4"]
    assert lost.empty


def test_duplicates_raise() -> None:
    with pytest.raises(es.errors.EventsError) as caught:
        placed(TWICE, es.Timing(duplicates="raise"))
    assert str(caught.value) == (
        "Events 'e0' and 'e1' share ticker IREN and day 0; remove one, or use "
        "Timing(duplicates='first') or Timing(duplicates='keep')."
    )


def test_a_lost_event_has_no_duplicates() -> None:
    """The second event stands, if the first one could not be placed."""
    table = events("2025-12-27", "2025-12-29")
    found, lost = placed(table, es.Timing(max_shift=1))
    assert found == {"e1": "2025-12-29"}
    assert lost["reason"].tolist() == ["shift"]


# ── the options ──────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("option", "known"),
    [
        ("roll", "'forward', 'backward', 'drop', 'raise'"),
        ("duplicates", "'first', 'keep', 'raise'"),
    ],
)
def test_unknown_rules_are_refused(option: str, known: str) -> None:
    with pytest.raises(es.errors.OptionError) as caught:
        es.Timing(**dict[str, Any]({option: "nearest"}))
    assert str(caught.value) == f"{option}='nearest' is not known; choose one of {known}."


@pytest.mark.parametrize("value", [-1, True, 2.5, "5", float("nan"), None])
def test_a_shift_is_a_number_of_days(value: Any) -> None:
    with pytest.raises(es.errors.OptionError, match="is not a number of calendar days"):
        es.Timing(max_shift=value)


# ── what the engine is given ─────────────────────────────────────────────────────────────
def somewhere(*pairs: tuple[int, int]) -> Placement:
    firm, row = np.array(pairs).T
    return Placement(firm, row, np.arange(len(firm)))


def test_the_market_is_the_market_of_the_panel() -> None:
    data = panel()
    seen = inputs(es.MarketModel(), data, somewhere((0, 20)), WINDOWS)
    assert seen.names == ("SPY",)
    np.testing.assert_array_equal(seen.factors[:, 0], data.series("SPY"))
    assert seen.excluded is None
    assert (seen.kind, seen.risk_free) == ("simple", None)


def test_factors_come_in_the_order_of_the_model() -> None:
    data = panel(factors=["CIFR"])
    seen = inputs(es.FactorModel(("SPY", "CIFR", "IREN")), data, somewhere((0, 20)), WINDOWS)
    assert seen.names == ("SPY", "CIFR", "IREN")
    np.testing.assert_array_equal(seen.factors, data.returns[[2, 1, 0]].T)


def test_no_factor_is_no_column() -> None:
    assert inputs(es.MeanAdjusted(), panel(), somewhere((0, 20)), WINDOWS).factors.shape == (T, 0)


def test_event_windows_of_the_firm_are_marked() -> None:
    places = somewhere((0, 20), (0, 25), (1, 30))
    marked = inputs(es.MeanAdjusted(), panel(), places, WINDOWS, exclude=True).excluded
    assert marked is not None
    assert list(np.flatnonzero(marked[0])) == [19, 20, 21, 24, 25, 26]
    assert list(np.flatnonzero(marked[1])) == [29, 30, 31]
    assert not marked[2].any()


def test_single_precision_is_raised_where_it_is_summed() -> None:
    rng = np.random.default_rng(4)
    single: Any = rng.normal(0, 0.02, (1, T)).astype(np.float32)
    days = SESSIONS.to_numpy().astype("datetime64[D]")
    seen, found = [], []
    for returns in (single, single.astype(np.float64)):
        data = es.Panel(returns, days, ("IREN",))
        seen.append(inputs(es.MeanAdjusted(), data, somewhere((0, 20)), WINDOWS).returns)
        outcome = engine.run(
            es.MeanAdjusted(),
            inputs(es.MeanAdjusted(), data, somewhere((0, 20)), WINDOWS),
            somewhere((0, 20)),
            WINDOWS,
            min_obs=10,
        )
        found.append(outcome.abnormal)
    assert seen[0].dtype == np.float32  # no second panel
    assert found[0].abnormal.dtype == np.float64
    assert found[0].sigma == found[1].sigma
    assert (found[0].abnormal == found[1].abnormal).all()


# ── own prices ───────────────────────────────────────────────────────────────────────────
def study_of(dates: list[str], own_since: str, min_obs: int = 10) -> es.Result:
    data = panel(own_since={"IREN": own_since})
    study = es.EventStudy(
        model=es.MeanAdjusted(),
        estimation=WINDOWS.estimation,
        window=WINDOWS.event,
        min_obs=min_obs,
    )
    table = pd.concat([events(*dates), pd.DataFrame(
        {"event_id": ["other"], "ticker": ["CIFR"], "date": ["2026-01-20"]})])  # fmt: skip
    return study.run(table, data)


def test_a_day_zero_of_another_company() -> None:
    lost = study_of(["2025-12-30", "2026-01-05"], "2026-01-05").dropped
    assert lost["reason"].tolist() == ["not_own_price"] * 2
    assert lost["detail"].tolist() == [
        "the price of 2025-12-30 belongs to another company",
        # the return of the first own session still starts from the other company's close
        "the price of 2026-01-05 belongs to another company",
    ]


def test_estimation_days_of_another_company() -> None:
    result = study_of(["2026-01-13", "2026-01-28"], "2026-01-05")
    assert list(result.events.index) == ["e1", "other"]
    assert result.dropped["reason"].tolist() == ["not_own_price"]
    assert result.dropped["detail"].tolist() == [
        "4 of 14 estimation days are valid, 10 needed; earlier prices belong to another company"
    ]


def test_too_few_days_for_another_reason_are_not_blamed_on_the_company() -> None:
    """The prices begin on December 1: no mask took the days before."""
    lost = study_of(["2025-12-10"], "2025-12-02").dropped
    assert lost["reason"].tolist() == ["min_est"]
    assert lost["detail"].tolist() == ["4 of 14 estimation days are valid, 10 needed"]


def test_the_mask_is_blamed_only_if_the_days_would_have_sufficed() -> None:
    # 6 own days, 8 masked ones: 14 would do for 14, but 1 more is missing
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.normal(0, 0.02, (T, 2)), SESSIONS, ["IREN", "CIFR"])
    frame.loc["2026-01-08", "IREN"] = np.nan
    data = es.Panel.from_returns(frame, own_since={"IREN": "2026-01-05"})
    for need, reason in ((14, "min_est"), (13, "not_own_price")):
        study = es.EventStudy(
            model=es.MeanAdjusted(), estimation=(-15, -2), window=(0, 0), min_obs=need
        )
        table = events("2026-01-20", "2026-01-20", ticker=["IREN", "CIFR"])
        assert study.run(table, data).dropped["reason"].tolist() == [reason]


# ── the ledger ───────────────────────────────────────────────────────────────────────────
def test_every_reason_of_the_engine_is_told() -> None:
    rng = np.random.default_rng(1)
    names = ["SHORT", "SILENT", "STILL", "FINE"]
    frame = pd.DataFrame(rng.normal(0, 0.02, (T, 4)), SESSIONS, names)
    frame.loc[:"2026-01-08", "SHORT"] = np.nan
    frame.loc["2026-01-20":"2026-01-22", "SILENT"] = np.nan
    frame.loc[:"2026-01-16", "STILL"] = 0.0
    x = rng.normal(0, 0.01, T)
    factors = pd.DataFrame({"X": x, "Y": rng.normal(0, 0.01, T), "Z": 3.0 * x}, SESSIONS)
    factors.loc[:"2026-01-08", "Y"] = np.nan
    data = es.Panel.from_returns(frame, factors=factors)
    table = events(*["2026-01-21"] * 4, ticker=names)
    found = {}
    for used in (("X",), ("Y",), ("X", "Z")):
        study = es.EventStudy(
            model=es.FactorModel(used), estimation=(-15, -2), window=(-1, 1), min_obs=8
        )
        try:
            lost = study.run(table, data).dropped
        except es.errors.NothingLeft as nothing:
            lost = nothing.dropped
        found[used] = dict(zip(lost["ticker"], lost["reason"] + ": " + lost["detail"], strict=True))
    short = "min_est: 6 of 14 estimation days are valid, 8 needed"
    silent = "no_event_data: no return on any day of [-1,+1]"
    assert found["X",] == {
        "SHORT": short,
        "SILENT": silent,
        "STILL": "zero_variance: the returns or residuals do not move over the estimation window",
    }
    factor = "factor_missing: 6 of 14 estimation days are valid, 8 needed; `Y` is missing"
    assert found["Y",] == {"SHORT": short, "SILENT": silent, "STILL": factor, "FINE": factor}
    line = "collinear: the factors are collinear over the estimation window"
    assert found["X", "Z"] == {"SHORT": short, "SILENT": silent, "STILL": line, "FINE": line}


def test_a_factor_that_is_missing_on_every_event_day() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(0, 0.02, (T, 1)), SESSIONS, ["FINE"])
    factors = pd.DataFrame({"X": rng.normal(0, 0.01, T)}, SESSIONS)
    factors.loc["2026-01-20":"2026-01-22"] = np.nan
    data = es.Panel.from_returns(frame, factors=factors)
    study = es.EventStudy(model=es.FactorModel(("X",)), estimation=(-15, -2), window=(-1, 1))
    with pytest.raises(es.errors.NothingLeft) as caught:
        study.run(events("2026-01-21", ticker="FINE"), data)
    assert caught.value.dropped["detail"].tolist() == ["`X` is missing on every event day"]


def test_the_ledger_has_its_columns_also_when_nothing_is_lost() -> None:
    for table in (events("2025-12-23"), events("2025-12-23", "1999-01-01")):
        _, lost = placed(table)
        assert list(lost.columns) == ["ticker", "date", "session", "reason", "detail"]
        assert lost.index.name == "event_id"
        assert lost["date"].dtype.kind == "M"
        assert [str(lost[c].dtype) for c in ("reason", "detail")] == ["str", "str"]
