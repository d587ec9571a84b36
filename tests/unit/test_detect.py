"""Which days moved abnormally, and which news fell on them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

import eventstudy as es
from eventstudy import errors
from eventstudy.events import check_events

DAYS = pd.bdate_range("2024-06-03", "2026-03-31")
TICKERS = ["IREN", "CIFR", "XYZ", "SPY"]
COLUMNS = [
    *("ticker", "date", "session", "scheduled", "return", "expected", "ar", "sar", "dof"),
    *("pvalue", "pvalue_bh", "n_obs"),
]
TOLD = ["catalyst", "category", "headline"]
STUDY = es.EventStudy(estimation=(-120, -11))


def add(table: pd.DataFrame, day: str, ticker: str, move: float) -> None:
    table[ticker] += np.where(table.index == pd.Timestamp(day), move, 0.0)


def returns() -> pd.DataFrame:
    """Four moves are planted: CIFR's deal, a report of Nvidia, and two days without any news."""
    table = pd.DataFrame(np.random.default_rng(3).normal(0, 0.01, (len(DAYS), 4)), DAYS, TICKERS)
    table[TICKERS[:3]] = table[TICKERS[:3]].add(table["SPY"], axis=0)
    add(table, "2025-11-03", "CIFR", 0.12)
    add(table, "2026-02-26", "IREN", -0.10)
    add(table, "2025-07-10", "IREN", 0.09)
    add(table, "2025-07-10", "XYZ", 0.10)
    return table


RETURNS = returns()


def panel(table: pd.DataFrame = RETURNS) -> es.Panel:
    return es.Panel.from_returns(table, market="SPY")


def test_the_planted_days_are_found_and_nothing_else() -> None:
    found = es.detect(panel(), STUDY, 5)
    assert found.columns.tolist() == [*COLUMNS, *TOLD]
    assert found.index.tolist() == [
        *("IREN|2025-07-10|1", "XYZ|2025-07-10|1", "CIFR|2025-11-03|1", "IREN|2026-02-26|1"),
    ]
    assert found["session"].eq("after_close").all()
    pd.testing.assert_frame_equal(check_events(found), found)
    assert found["headline"].notna().tolist() == [False, False, True, True]
    assert found["category"].tolist()[2:] == ["deal", "nvidia"]
    assert found["catalyst"].tolist()[2].startswith("20251103-cifr-aws")
    told = found["catalyst"].dropna().str.split("+")
    assert all(len(set(ids)) == len(ids) for ids in told)  # a firm's own news is told once
    assert found["catalyst"].tolist()[3].startswith("20260225-nvda-earnings")


def test_numbers_are_those_of_the_study_and_of_the_t_law() -> None:
    found = es.detect(panel(), STUDY, 3.0)
    events = found.assign(session="unknown")
    result = es.EventStudy(estimation=(-120, -11), window=(0, 0)).run(events, panel())
    np.testing.assert_allclose(found["ar"], result.car((0, 0)).iloc[:, 0], rtol=1e-10)
    np.testing.assert_allclose(found["sar"], result.scar((0, 0)).iloc[:, 0], rtol=1e-10)
    assert (found["n_obs"] == result.estimates["n_obs"]).all()
    assert (found["dof"] == result.estimates["dof"]).all()
    p = 2.0 * stats.t.sf(found["sar"].abs(), found["dof"])
    np.testing.assert_allclose(found["pvalue"], p, rtol=1e-9)
    at = (
        axis.get_indexer(pd.Index(found[name]))
        for axis, name in ((RETURNS.index, "date"), (RETURNS.columns, "ticker"))
    )
    own = RETURNS.to_numpy()[tuple(at)]
    np.testing.assert_allclose(found["return"], own, rtol=1e-12)
    np.testing.assert_allclose(found["expected"] + found["ar"], own, rtol=1e-12)


@pytest.mark.parametrize("z", [0.4, 1.5, 2.5, 5.0])
def test_p_values_are_adjusted_for_every_day_looked_at(z: float) -> None:
    every = es.detect(panel(), STUDY, 1e-9, catalysts=False)
    assert len(every) == every.attrs["days"]
    wanted = pd.Series(multipletests(every["pvalue"], method="fdr_bh")[1], every.index)
    found = es.detect(panel(), STUDY, z, catalysts=False)
    np.testing.assert_allclose(found["pvalue_bh"], wanted[found.index], rtol=1e-9)
    chance = every["dof"].map(lambda dof: 2.0 * stats.t.sf(z, dof)).sum()
    assert found.attrs["by_chance"] == pytest.approx(chance)


def test_one_direction() -> None:
    up, down = (es.detect(panel(), STUDY, 5, direction=side) for side in ("up", "down"))
    assert up.index.tolist() == ["IREN|2025-07-10|1", "XYZ|2025-07-10|1", "CIFR|2025-11-03|1"]
    assert down.index.tolist() == ["IREN|2026-02-26|1"]
    both = es.detect(panel(), STUDY, 5)
    assert up.attrs["by_chance"] == pytest.approx(both.attrs["by_chance"] / 2.0)


def test_a_day_at_the_threshold_is_not_beyond_it() -> None:
    found = es.detect(panel(), STUDY, 5)
    z = float(found["sar"].abs().min())
    assert len(es.detect(panel(), STUDY, z)) == len(found) - 1


def test_some_tickers_and_some_days() -> None:
    found = es.detect(panel(), STUDY, 5, tickers="IREN", since="2025-07-11", until="2026-02-26")
    assert found.index.tolist() == ["IREN|2026-02-26|1"]
    days = np.busday_count("2025-07-11", "2026-02-27")
    assert found.attrs["days"] == days
    assert found.attrs["note"].startswith(
        f"{days} days of 1 ticker were looked at, from 2025-07-11 to 2026-02-26; beyond z = 5: 1. "
        f"Chance alone would give "
    )
    whole = es.detect(panel(), STUDY, 5)
    mine = found.drop(columns="pvalue_bh")
    pd.testing.assert_frame_equal(mine, whole.loc[mine.index, mine.columns])


def test_what_was_found_goes_into_a_study_a_day_later() -> None:
    found = es.detect(panel(), STUDY, 5)
    result = es.EventStudy(estimation=(-120, -11), window=(0, 3)).run(found, panel())
    assert result.estimates["day0"].tolist() == [day + pd.offsets.BDay(1) for day in found["date"]]
    assert es.read_events(found)["category"].tolist() == found["category"].tolist()


def test_nothing_found_is_an_empty_table() -> None:
    found = es.detect(panel(), STUDY, 60)
    assert len(found) == 0
    assert found.columns.tolist() == [*COLUMNS, *TOLD]
    assert found.index.name == "event_id"
    assert "beyond z = 60: 0." in found.attrs["note"]
    assert es.detect(panel(), STUDY, 60, catalysts=False).columns.tolist() == COLUMNS


def test_news_of_ones_own() -> None:
    news = pd.DataFrame(
        {
            "event_id": ["fire", "law", "late", "other", "second"],
            "ticker": ["XYZ", None, "XYZ", "CIFR", "XYZ"],
            "date": ["2025-07-09", "2025-07-10", "2025-07-10", "2025-07-10", "2025-07-10"],
            "session": ["after_close", "unknown", "after_close", "unknown", "before_open"],
            "title": ["A fire", "A law", "Too late", "Of another", None],
            "category": ["accident", "politics", "x", "y", "z"],
        }
    )
    found = es.detect(panel(), STUDY, 5, catalysts=check_events(news, named=False))
    told = found[TOLD].fillna("").T
    assert told["XYZ|2025-07-10|1"].tolist() == [
        "fire+second+law", "accident", "A fire; A law",
    ]  # fmt: skip
    assert told["IREN|2025-07-10|1"].tolist() == ["law", "politics", "A law"]
    assert told["CIFR|2025-11-03|1"].tolist() == ["", "", ""]
    bare = es.events_on("2025-07-10", "XYZ")
    found = es.detect(panel(), STUDY, 5, catalysts=bare)
    assert found.loc["XYZ|2025-07-10|1", "catalyst"] == "XYZ|2025-07-10|1"
    assert found["category"].isna().all()
    assert es.detect(panel(), STUDY, 5, catalysts=bare.iloc[:0])["catalyst"].isna().all()


def test_news_whose_ticker_differs_in_capital_letters() -> None:
    """Only where it can mean no other ticker; and the note says so."""
    small = es.detect(panel(RETURNS.rename(columns={"IREN": "iren"})), STUDY, 5)
    large = es.detect(panel(), STUDY, 5)
    assert small["catalyst"].tolist() == large["catalyst"].tolist()
    assert small["headline"].tolist() == large["headline"].tolist()
    assert small.attrs["note"] == (
        f"{large.attrs['note']} News of IREN was read as news of iren: only capital letters differ."
    )
    assert small.attrs.keys() == large.attrs.keys()


@pytest.mark.parametrize(
    ("twin", "names", "told"),
    [
        (None, ["iren"], ["fire"]),
        (None, ["Iren", "XYZ"], ["fire", "law"]),
        (None, ["IREN", "iren"], ["fire"]),  # news of both: only the exact one
        (None, ["Iren", "iren"], []),  # news of two, neither exact
        ("iren", ["Iren"], []),  # the panel has two
        ("iren", ["iren"], []),  # the other one's
    ],
)
def test_capital_letters_that_may_mean_two(
    twin: str | None, names: list[str], told: list[str]
) -> None:
    table = RETURNS if twin is None else RETURNS.assign(**{twin: RETURNS["CIFR"] - 0.001})
    news = pd.DataFrame(
        {"event_id": ["fire", "law"][: len(names)], "ticker": names, "date": "2025-07-10"}
    )
    found = es.detect(panel(table), STUDY, 5, tickers=["IREN", "XYZ"], catalysts=news)
    said = found.loc[["IREN|2025-07-10|1", "XYZ|2025-07-10|1"], "catalyst"].dropna()
    assert said.tolist() == told
    assert ("only capital letters differ" in found.attrs["note"]) == (
        names[0] != "IREN" and bool(told)
    )


def test_news_outside_the_panel_is_of_no_day() -> None:
    table = RETURNS.copy()
    add(table, "2026-03-31", "XYZ", 0.15)  # the last session
    news = pd.concat([es.events_on("2020-01-02", "XYZ"), es.events_on("2030-01-02", "XYZ")])
    found = es.detect(panel(table), STUDY, 5, catalysts=news)
    assert "XYZ|2026-03-31|1" in found.index
    assert found["catalyst"].isna().all()


def test_deals_of_other_miners_are_named_as_such() -> None:
    table = RETURNS.copy()
    add(table, "2025-08-14", "IREN", 0.15)  # a deal of WULF
    found = es.detect(panel(table), STUDY, 5).loc["IREN|2025-08-14|1"]
    assert found["category"] == "peer deal"
    assert found["headline"].startswith("WULF: ")


def test_the_whole_panel_or_few_of_it_give_the_same() -> None:
    rng = np.random.default_rng(8)
    many = pd.DataFrame(rng.standard_t(3, (300, 40)) * 0.01, DAYS[:300])
    many.columns = [f"T{i:02d}" for i in range(40)]
    whole = es.Panel.from_returns(many, market="T00")
    found = es.detect(whole, STUDY, 3)
    assert "T00" not in set(found["ticker"])
    few = es.detect(whole, STUDY, 3, tickers=["T07", "T31"])
    wanted = found[found["ticker"].isin(["T07", "T31"])]
    pd.testing.assert_frame_equal(few.drop(columns="pvalue_bh"), wanted.drop(columns="pvalue_bh"))
    pd.testing.assert_frame_equal(es.detect(whole, STUDY, 3, workers=2), found)


@pytest.mark.parametrize(
    "model",
    [
        es.RobustMarketModel(),
        es.FactorModel(("SPY", es.factors.peers(["IREN", "CIFR", "XYZ"]))),
        es.SyntheticControl(("CIFR", "SPY", "XYZ")),
    ],
    ids=lambda model: type(model).__name__,
)
def test_any_model(model: Any) -> None:
    study = es.EventStudy(model, estimation=(-120, -11))
    found = es.detect(panel(), study, 4, tickers="IREN", since="2026-02-16", until="2026-03-06")
    events = es.events_on("2026-02-26", "IREN")
    wanted = es.EventStudy(model, estimation=(-120, -11), window=(0, 0)).run(events, panel())
    assert found.index.tolist() == ["IREN|2026-02-26|1"]
    np.testing.assert_allclose(found["sar"], wanted.scar((0, 0)).iloc[:, 0], rtol=1e-10)
    assert found["dof"].tolist() == wanted.estimates["dof"].tolist()


def test_factors_of_each_firm_stay_with_the_firm() -> None:
    model = es.FactorModel(("SPY", es.factors.peers(["IREN", "CIFR", "XYZ"])))
    study = es.EventStudy(model, estimation=(-120, -11))
    days: dict[str, Any] = {"since": "2025-07-01", "until": "2025-07-15"}
    found = es.detect(panel(), study, 4, tickers="XYZ", **days)
    whole = es.detect(panel(), study, 4, **days)
    assert found.index.tolist() == ["XYZ|2025-07-10|1"]
    assert found["sar"].iloc[0] == pytest.approx(whole.loc["XYZ|2025-07-10|1", "sar"])


def test_donors_are_not_looked_at() -> None:
    study = es.EventStudy(es.SyntheticControl(("CIFR", "SPY")), estimation=(-120, -11))
    found = es.detect(panel(), study, 4, since="2026-02-16", until="2026-03-06")
    assert found.attrs["days"] == 2 * 15
    assert set(found["ticker"]) <= {"IREN", "XYZ"}


def test_a_ticker_without_prices_is_named_in_the_note() -> None:
    table = RETURNS.copy()
    table["CIFR"] = np.nan
    table.loc[DAYS[-5:], "CIFR"] = 0.01
    found = es.detect(panel(table), STUDY, 5)
    assert found.attrs["unmeasured"] == ["CIFR"]
    assert found.attrs["note"].endswith("Without a day that could be measured: CIFR.")


SHORT = es.Panel.from_returns(RETURNS.iloc[:50], market="SPY")
REFUSED: list[tuple[dict[str, Any], type[errors.EventStudyError], str]] = [
    ({"panel": RETURNS}, errors.PanelError, errors.not_a_panel("DataFrame").args[0]),
    (
        {"study": es.MarketModel()},
        errors.OptionError,
        "study is a MarketModel; make one with es.EventStudy(model=...).",
    ),
    (
        {"z": -1},
        errors.OptionError,
        "z=-1 is no threshold; give a number above 0, such as 4.",
    ),
    (
        {"z": "4"},
        errors.OptionError,
        "z='4' is no threshold; give a number above 0, such as 4.",
    ),
    (
        {"direction": "sideways"},
        errors.OptionError,
        "direction='sideways' is not known; choose one of 'both', 'up', 'down'.",
    ),
    (
        {"study": es.EventStudy(estimation=(-60, 0), window=(1, 5))},
        errors.WindowError,
        (
            "The estimation window [-60,0] holds day 0, and a day is never measured against "
            "itself; end it before, as in estimation=(-250, -11)."
        ),
    ),
    (
        {"tickers": []},
        errors.OptionError,
        "No ticker is left to look at beside those that the model needs; name some in `tickers`.",
    ),
    (
        {"tickers": ["SPY"]},
        errors.OptionError,
        "No ticker is left to look at beside those that the model needs; name some in `tickers`.",
    ),
    (
        {"workers": 0},
        errors.OptionError,
        "workers=0 is no number of threads; give 1 or more.",
    ),
    (
        {"workers": 1.5},
        errors.OptionError,
        "workers=1.5 is no number of threads; give 1 or more.",
    ),
    (
        {"z": float("nan")},
        errors.OptionError,
        "z=nan is no threshold; give a number above 0, such as 4.",
    ),
    (
        {"tickers": ["IREN", "CIFRR"]},
        errors.OptionError,
        errors.firm_without_prices("CIFRR", TICKERS).args[0],
    ),
    (
        {"since": "tomorrow"},
        errors.OptionError,
        (
            "since='tomorrow' is no day; give a date without a time or a time zone, such as "
            "'2026-02-25'."
        ),
    ),
    (
        {"tickers": 5},
        errors.OptionError,
        "tickers=5 names no tickers; give one as text, or a list such as ['IREN', 'CIFR'].",
    ),
    (
        {"since": "2027-01-01"},
        errors.OptionError,
        (
            "since='2027-01-01' and until=None leave no session; the panel runs from 2024-06-03 to "
            "2026-03-31."
        ),
    ),
    (
        {"panel": SHORT},
        errors.OptionError,
        (
            "No day can be measured: 55 valid days in the estimation window [-120,-11] are "
            "needed before a day, and the panel has 50 sessions; load earlier prices, or shorten "
            "the window."
        ),
    ),
    (
        {"study": es.EventStudy(es.RobustMarketModel()), "panel": None},
        errors.OptionError,
        (
            "RobustMarketModel is fitted day by day, and 30 × 477 days are more than 10,000; name "
            "fewer `tickers`, or a later `since`."
        ),
    ),
    (
        {"catalysts": "deals.csv"},
        errors.OptionError,
        (
            "catalysts is a str; give an events table, None for the packaged catalogue, or False "
            "for none."
        ),
    ),
]


@pytest.mark.parametrize(("wrong", "kind", "sentence"), REFUSED, ids=lambda v: str(v)[:30])
def test_what_is_refused(
    wrong: dict[str, Any], kind: type[errors.EventStudyError], sentence: str
) -> None:
    asked: dict[str, Any] = {"panel": panel(), "study": STUDY} | wrong
    if asked["panel"] is None:
        wide = pd.concat(
            [RETURNS["SPY"], *[RETURNS["XYZ"].rename(f"T{i}") for i in range(30)]], axis=1
        )
        asked["panel"] = es.Panel.from_returns(wide, market="SPY")
    with pytest.raises(kind) as refused:
        es.detect(**asked)
    assert str(refused.value) == sentence
