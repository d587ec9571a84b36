"""Made-up rows of CRSP, in its old and its new layout, through `Panel.from_long`."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy import errors
from eventstudy.panel import Panel
from eventstudy.panel.provenance import fingerprint

DAYS = [20260223, 20260224, 20260225, 20260226, 20260227]
NAN = np.nan


def stamps(days: Any) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.to_datetime([str(day) for day in days], format="%Y%m%d"))


#: PERMNO, date, RET and so on of the old layout: 10107 lives, 14593 is delisted on the 25th
OLD = pd.DataFrame(
    [
        (10107, 20260223, "C", 50.0, 100.0),
        (10107, 20260224, "0.020000", 51.0, 110.0),
        (10107, 20260225, "-0.010000", -50.49, -99.0),
        (10107, 20260226, "B", 0.0, 90.0),
        (10107, 20260227, "0.030000", 52.0, 95.0),
        (14593, 20260223, "0.010000", 10.1, 5.0),
        (14593, 20260224, "-0.100000", 9.09, 6.0),
        (14593, 20260225, "-0.200000", 7.272, 7.0),
        (90001, 20260223, "0.001000", 20.0, 1.0),
        (90001, 20260224, "", 20.0, 1.0),
    ],
    columns=["PERMNO", "date", "RET", "PRC", "VOL"],
)
DSE = pd.DataFrame(
    {
        "PERMNO": [10107, 14593, 90001, 77777],
        "DLSTDT": [20260227, 20260225, 20260224, 20260224],
        "DLSTCD": [100, 574, 231, 520],
        "DLRET": ["A", "-0.300000", "0.050000", "-1.000000"],
    }
)
MARKET = pd.Series([0.001, -0.002, 0.003, 0.0, 0.004], stamps(DAYS), name="VWRETD")


def old(table: pd.DataFrame = OLD, **kw: Any) -> Panel:
    return Panel.from_long(table, ticker="PERMNO", ret="RET", **kw)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(errors.PanelError) as caught:
        act()
    return str(caught.value)


def delisted(delistings: Any, table: pd.DataFrame = OLD) -> dict[str, list[float]]:
    panel = old(table, delistings=delistings, market=MARKET)
    return {ticker: panel.series(ticker).tolist() for ticker in panel.tickers}


def same(found: Any, wanted: Any) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-14)


@pytest.fixture
def large_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five returns of one security may be large, which is not what the check of percent is for."""
    monkeypatch.setattr("eventstudy.panel.checks.PERCENT", 10.0)


# ── codes ────────────────────────────────────────────────────────────────────────────────
def test_a_table_as_it_is_delivered(caplog: pytest.LogCaptureFixture) -> None:
    before = OLD.copy(deep=True)
    with caplog.at_level(logging.INFO, logger="eventstudy"):
        panel = old(market=MARKET)
    assert panel.tickers == ("10107", "14593", "90001", "VWRETD")
    assert panel.sessions.astype(str).tolist()[0] == "2026-02-23"
    same(panel.series("10107"), [NAN, 0.02, -0.01, NAN, 0.03])
    same(panel.series("14593"), [0.01, -0.1, -0.2, NAN, NAN])
    same(panel.series("90001"), [0.001, NAN, NAN, NAN, NAN])
    note = (
        "RET: missing by code of CRSP: . 1 (no valid price), B 1 (off the exchange), C 1 (no valid "
        "previous price)"
    )
    assert panel.provenance.notes == (note,)
    assert [record.getMessage() for record in caplog.records] == [note]
    pd.testing.assert_frame_equal(before, OLD)


@pytest.mark.parametrize(
    ("texts", "numbers", "counted"),
    [
        (["A", "B", "C", "D", "E"], [NAN] * 5, "A 1, B 1, C 1, D 1, E 1"),
        ([".A", " b ", ".", "", ".e"], [NAN] * 5, ". 2, A 1, B 1, E 1"),
        ([-44.0, -55.0, -66.0, -77.0, -88.0], [NAN] * 5, "A 1, B 1, C 1, D 1, E 1"),
        ([-99, -99, -66, 0, 0], [NAN, NAN, NAN, 0, 0], ". 2, C 1"),
        (["-66.0", "C", "-0.5", "1e-2", "-1"], [NAN, NAN, -0.5, 0.01, -1], "C 2"),
        (["C", 0.01, None, -0.5, Decimal("0.25")], [NAN, 0.01, NAN, -0.5, 0.25], "C 1"),
        ([-44.0, 0.01, 0.0, 0.0, 0.0], [NAN, 0.01, 0, 0, 0], "E 1"),
        (["C", "C", "C", "0.01", "B"], [NAN, NAN, NAN, 0.01, NAN], "B 1, C 3"),
        ([0.01, -1.0, NAN, 0.5, 0.0], [0.01, -1.0, NAN, 0.5, 0.0], ""),
        (["0.01", "-0.01", "0.02", "0", "1"], [0.01, -0.01, 0.02, 0, 1], ""),
    ],
)
@pytest.mark.usefixtures("large_returns")
@pytest.mark.parametrize("kind", ["as it is", "object", "category", "nullable", "string"])
def test_codes_of_every_dtype(
    texts: list[Any], numbers: list[float], counted: str, kind: str
) -> None:
    column = pd.Series(texts)
    if kind == "nullable":
        column = column.convert_dtypes()
    elif kind == "string" and {type(value) for value in texts} == {str}:
        column = column.astype("string")
    elif kind == "category":
        column = column.astype("category")
    elif kind == "object":
        column = column.astype(object)
    table = pd.DataFrame({"PERMNO": 10107, "date": DAYS, "RET": column})
    panel = old(table, market=MARKET)
    same(panel.series("10107"), numbers)
    said = [note.split(": ", 2)[2] for note in panel.provenance.notes]
    assert [" ".join(part.split(" (")[0] for part in note.split("), ")) for note in said] == (
        [counted.replace(",", "")] if counted else []
    )


@pytest.mark.usefixtures("large_returns")
def test_numbers_alone_are_taken_as_they_are() -> None:
    values = np.array([0.01, -0.02, NAN, 0.5, -1.0])
    table = pd.DataFrame({"PERMNO": 10107, "date": DAYS, "RET": values})
    panel = old(table)
    np.testing.assert_array_equal(panel.series("10107"), values[[0, 1, 3, 4]])
    assert panel.provenance.notes == ()


@pytest.mark.parametrize("value", ["X", "P", "S", "n/a", "0,01", "2 %", "AB", "nan"])
def test_other_text_is_refused_and_named(value: str) -> None:
    said = refusal(lambda: old(OLD.replace({"RET": {"B": value}})))
    assert said == (
        f"Column 'RET' holds {value!r}, which is neither a number nor one of CRSP's codes for "
        f"a missing return (., A, B, C, D, E); correct it, or make it missing (NaN)."
    )


@pytest.mark.parametrize("value", [True, dt.date(2026, 2, 25), 1j])
def test_what_is_neither_text_nor_number_is_refused(value: Any) -> None:
    column = pd.Series(["C", "0.01", value, "0.02", "0"], dtype=object)
    table = pd.DataFrame({"PERMNO": 10107, "date": DAYS, "RET": column})
    assert refusal(lambda: old(table)).startswith(f"`returns` holds {value!r} in `RET`, which is")


@pytest.mark.usefixtures("large_returns")
def test_a_loss_beyond_everything_is_no_code() -> None:
    table = pd.DataFrame({"PERMNO": 10107, "date": DAYS, "RET": [-66.0, -1.5, 0.0, 0.0, 0.0]})
    assert refusal(lambda: old(table)).startswith("The simple return of `10107` on 2026-02-24 is")


@pytest.mark.parametrize("name", ["PERMNO", "date", "RET", "PRC"])
def test_a_join_may_give_a_column_twice(name: str) -> None:
    twice = pd.concat([OLD, OLD[[name]]], axis=1)
    assert refusal(lambda: old(twice, market=MARKET, fields={"close": "PRC"})) == (
        f"`table` has more than one column for {name}; keep one column a name."
    )
    other = OLD.assign(X=1, Y=2).rename(columns={"Y": "X"})
    panel = old(other, market=MARKET, fields={"close": "PRC", "volume": "VOL"})
    assert len(panel.provenance.notes) == 3


def test_signs_of_prices_and_missing_volume_are_told() -> None:
    panel = old(market=MARKET, fields={"close": "PRC", "volume": "VOL"})
    same(panel.fields["close"][0], [50.0, 51.0, 50.49, NAN, 52.0])
    same(panel.fields["volume"][0], [100.0, 110.0, NAN, 90.0, 95.0])
    assert panel.provenance.notes[1:] == (
        "PRC: 1 × minus sign, the middle of bid and ask; 1 × 0, missing",
        "VOL: 1 × −99, made missing",
    )


def test_signs_of_the_highest_and_lowest_prices() -> None:
    table = OLD.assign(BIDLO=-OLD["PRC"].abs(), ASKHI=OLD["PRC"].abs())
    panel = old(table, market=MARKET, fields={"low": "BIDLO", "high": "ASKHI"})
    same(panel.fields["low"][0], [50.0, 51.0, 50.49, NAN, 52.0])
    assert panel.provenance.notes[1:] == (
        "BIDLO: 9 × minus sign, the closing bid; 1 × 0, missing",
        "ASKHI: 0 × minus sign, the closing ask; 1 × 0, missing",
    )


def test_signs_mean_that_in_crsps_columns_only() -> None:
    table = OLD.rename(columns={"PRC": "flow"})
    panel = old(table, market=MARKET, fields={"close": "flow"})
    assert panel.fields["close"][0][2] == -50.49
    assert len(panel.provenance.notes) == 1


def test_raw_prices_are_no_returns() -> None:
    table = OLD.assign(PRC=OLD["PRC"].where(OLD["PRC"] != 0))
    assert refusal(lambda: Panel.from_long(table, ticker="PERMNO", price="PRC")) == (
        "The price of `10107` on 2026-02-25 is -50.49; prices must be positive: set days without "
        "a price to missing (NaN), and drop the minus sign where it only marks a midpoint."
    )


def test_a_second_row_is_found_wherever_it_is() -> None:
    twice = pd.concat([OLD, OLD.iloc[[4, 6]]], ignore_index=True)
    assert refusal(lambda: old(twice)) == (
        "`10107` has more than one row on 2026-02-27 (2 such rows in all); keep one row a ticker "
        "and date."
    )


# ── delisting returns ────────────────────────────────────────────────────────────────────
def test_delisting_returns_are_compounded_into_their_day() -> None:
    before = DSE.copy(deep=True)
    panel = old(delistings=DSE, market=MARKET)
    same(panel.series("14593"), [0.01, -0.1, 0.8 * 0.7 - 1, NAN, NAN])
    same(panel.series("90001"), [0.001, 0.05, NAN, NAN, NAN])
    same(panel.series("10107"), [NAN, 0.02, -0.01, NAN, 0.03])
    assert panel.provenance.notes[1:] == (
        (
            "delisting returns: 2 used, 1 of them on a day without a return; 1 still active; 1 of "
            "tickers that the table does not have"
        ),
    )
    pd.testing.assert_frame_equal(before, DSE)
    assert fingerprint(panel) != fingerprint(old(market=MARKET))


def test_nothing_is_used_where_crsp_has_nothing() -> None:
    codes = pd.DataFrame(
        {"PERMNO": [14593, 14593, 10107, 90001, 90001],
         "DLSTDT": [20260225, 20260226, 20260226, 20260224, 20260225],
         "DLRET": ["S", "T", "P", NAN, "."]}
    )  # fmt: skip
    panel = old(delistings=codes, market=MARKET)
    np.testing.assert_array_equal(panel.returns, old(market=MARKET).returns)
    assert panel.provenance.notes[1] == (
        "delisting returns: 0 used, 0 of them on a day without a return; missing by code of CRSP: "
        ". 1 (no value), P 1 (trades elsewhere, no price known), S 1 (no source for a value), T 1 "
        "(more than ten days to the next price), without a code 1"
    )


def test_numbers_that_stand_for_codes() -> None:
    codes = pd.DataFrame(
        {"PERMNO": [14593, 14593, 10107, 90001],
         "DLSTDT": [20260225, 20260226, 20260226, 20260224],
         "DLRET": [-55.0, -66.0, -99.0, -88.0]}
    )  # fmt: skip
    panel = old(delistings=codes, market=MARKET)
    np.testing.assert_array_equal(panel.returns, old(market=MARKET).returns)
    assert "; 1 still active" in panel.provenance.notes[1]
    assert "S 1" in panel.provenance.notes[1]


def test_everything_may_be_lost() -> None:
    assert delisted(DSE.assign(DLRET=-1.0))["14593"][2] == -1.0
    assert delisted(DSE.assign(DLRET=["A", "-1", "-1", "-1"]))["90001"][:2] == [0.001, -1.0]


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        (20260226, [0.01, -0.1, -0.2, -0.3, NAN]),  # after the last return: alone
        (20260227, [0.01, -0.1, -0.2, NAN, -0.3]),
        (20260228, [0.01, -0.1, -0.2, NAN, NAN]),  # after the last day of the table
        (20260222, [0.01, -0.1, -0.2, NAN, NAN]),  # before the first
    ],
)
def test_where_a_delisting_falls(day: int, wanted: list[float]) -> None:
    delistings = DSE.assign(DLSTDT=[DAYS[4], day, DAYS[1], DAYS[1]])
    same(delisted(delistings)["14593"], wanted)
    said = old(delistings=delistings, market=MARKET).provenance.notes[1]
    assert ("1 outside its dates" in said) == (len(set(DAYS) & {day}) == 0)


#: nobody has a row on the 25th, and 10107 a return on the 26th
WITHOUT_A_DAY = OLD[OLD["date"] != 20260225].replace({"RET": {"B": "0.001000"}})


def test_a_day_that_the_table_leaves_out_is_the_next_one() -> None:
    table = WITHOUT_A_DAY
    assert 20260225 not in set(table["date"])
    panel = old(table, delistings=DSE)
    assert panel.sessions.astype(str).tolist() == [
        "2026-02-23", "2026-02-24", "2026-02-26", "2026-02-27",
    ]  # fmt: skip
    same(panel.series("14593"), [0.01, -0.1, -0.3, NAN])


def test_two_delistings_on_one_day_are_both_used() -> None:
    table = WITHOUT_A_DAY
    twice = pd.DataFrame({"PERMNO": 14593, "DLSTDT": [20260225, 20260226], "DLRET": [-0.5, 0.1]})
    same(old(table, delistings=twice).series("14593"), [0.01, -0.1, 0.5 * 1.1 - 1, NAN])


def test_a_day_that_is_no_session_is_the_next_one() -> None:
    """The market lacks the 25th, and 14593 has no row on the 26th: nothing of its loss is lost."""
    market = MARKET.drop(stamps([20260225]))
    panel = old(market=market, delistings=DSE)
    assert len(panel.sessions) == 4
    same(panel.series("14593"), [NAN, -0.1, 0.8 * 0.7 - 1, NAN])
    same(panel.series("10107"), [NAN, 0.02, NAN, 0.03])
    assert "delisting returns: 2 used, 2 of them on a day" in panel.provenance.notes[1]


@pytest.mark.parametrize(("days", "outside"), [(DAYS[3:], 2), (DAYS[:1], 2), (DAYS[2:], 1)])
def test_delistings_before_and_after_the_sessions_are_counted(
    days: list[int], outside: int
) -> None:
    """A table may hold more years than the market: their delistings fall on no session."""
    market = MARKET[MARKET.index.isin(stamps(days))]
    without = old(market=market)
    panel = old(market=market, delistings=DSE)
    assert f"; {outside} outside its dates" in panel.provenance.notes[1]
    changed = ~np.isclose(panel.returns, without.returns, equal_nan=True)
    assert changed.sum() == 2 - outside


def test_delistings_before_the_table_are_counted() -> None:
    """A market may know more years than the table."""
    earlier = pd.Series([0.0, 0.0], stamps([20260219, 20260220]))
    market = pd.concat([earlier, MARKET]).rename("VWRETD")
    panel = old(market=market, delistings=DSE.assign(DLSTDT=20260220))
    np.testing.assert_array_equal(panel.returns, old(market=market).returns)
    assert "; 2 outside its dates" in panel.provenance.notes[1]


def test_a_day_must_be_a_session_and_in_the_table() -> None:
    """The table lacks the 25th, the market the 26th: 14593 loses on the 27th."""
    market = MARKET.drop(stamps([20260226]))
    panel = old(WITHOUT_A_DAY, market=market, delistings=DSE)
    same(panel.series("14593"), [0.01, -0.1, NAN, -0.3])


def test_a_market_without_any_day_of_the_table() -> None:
    market = pd.Series([0.01, 0.02], stamps([20270104, 20270105]), name="VWRETD")
    panel = old(market=market, delistings=DSE)
    assert np.isnan(panel.returns[:3]).all()
    assert "; 2 outside its dates" in panel.provenance.notes[1]


def test_a_merge_made_floats_of_permno_and_date() -> None:
    """Without it the tickers were 10107.0, no event found them and no delisting was used."""
    wanted = old(market=MARKET, delistings=DSE)
    for kind in ("float64", "Float64"):
        table = OLD.astype({"PERMNO": kind, "date": kind})
        delistings = DSE.astype({"PERMNO": kind, "DLSTDT": kind})
        panel = old(table, market=MARKET, delistings=delistings)
        assert panel.tickers == wanted.tickers
        np.testing.assert_array_equal(panel.returns, wanted.returns)
        assert panel.provenance.notes == wanted.provenance.notes
    wide = OLD.assign(RET=pd.to_numeric(OLD["RET"], errors="coerce")).astype({"PERMNO": float})
    wide = wide.pivot_table(index="date", columns="PERMNO", values="RET")
    assert Panel.from_returns(wide).tickers == ("10107", "14593", "90001")
    names = pd.DataFrame({"PERMNO": [0.5, 1.0], "date": DAYS[:2], "RET": [0.0, 0.01]})
    assert old(names).tickers == ("0.5", "1.0")


def test_categories_of_days_and_permnos() -> None:
    wanted = old(market=MARKET, delistings=DSE)
    for kind in (int, str):
        table = OLD.astype({"PERMNO": kind, "date": kind})
        table = table.astype({"PERMNO": "category", "date": "category"})
        panel = old(table, market=MARKET, delistings=DSE.astype({"DLSTDT": "category"}))
        np.testing.assert_array_equal(panel.returns, wanted.returns)


def test_delistings_under_other_names_and_dtypes() -> None:
    wanted = delisted(DSE)
    day = pd.Series(stamps(DSE["DLSTDT"]))
    variants = [
        DSE.rename(columns=str.lower),
        DSE.rename(columns={"DLSTDT": "date", "DLRET": "RET"}),
        DSE.assign(PERMNO=DSE["PERMNO"].astype(float)),
        DSE.assign(PERMNO=DSE["PERMNO"].astype(str)),
        DSE.assign(DLSTDT=day),
        DSE.assign(DLSTDT=day.dt.strftime("%Y-%m-%d")),
        DSE.assign(DLRET=[NAN, -0.3, 0.05, -1.0]),
        DSE.iloc[::-1].set_index("DLSTCD").reset_index(),
        DSE.assign(date=20260101, RET="C", DELRET=0.9),
    ]
    for variant in variants:
        found = delisted(variant)
        for ticker, values in wanted.items():
            same(found[ticker], values)


def test_text_tickers_have_delistings_too() -> None:
    names = {10107: "MSFT", 14593: "AAPL", 90001: "HUT", 77777: "OLD"}
    table, delistings = OLD.replace({"PERMNO": names}), DSE.replace({"PERMNO": names})
    assert old(table, delistings=delistings).series("AAPL")[2] == pytest.approx(0.8 * 0.7 - 1)


def test_an_endless_delisting_return_is_refused() -> None:
    assert refusal(lambda: old(delistings=DSE.assign(DLRET=np.inf))) == (
        "`returns` is infinite for `90001` on 2026-02-24; set such values to missing (NaN)."
    )


def test_no_delistings_change_nothing() -> None:
    panel = old(delistings=DSE.iloc[:0], market=MARKET)
    np.testing.assert_array_equal(panel.returns, old(market=MARKET).returns)
    assert panel.provenance.notes[1] == (
        "delisting returns: 0 used, 0 of them on a day without a return"
    )


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "type": (
        lambda: old(delistings={"PERMNO": [10107]}),
        (
            "delistings= is a dict; give a DataFrame with a row a delisting: the column of the "
            "tickers, DLSTDT and DLRET."
        ),
    ),
    "column": (
        lambda: old(delistings=DSE.rename(columns={"DLRET": "r"})),
        (
            "delistings= has no column DLRET or RET; it has PERMNO, DLSTDT, DLSTCD, r; rename one "
            "by `.rename(columns=...)`."
        ),
    ),
    "no ticker": (
        lambda: old(delistings=DSE.drop(columns="PERMNO")),
        (
            "delistings= has no column PERMNO; it has DLSTDT, DLSTCD, DLRET; rename one by "
            "`.rename(columns=...)`."
        ),
    ),
    "incomplete": (
        lambda: old(delistings=DSE.assign(DLSTDT=[NAN, 20260225, NAN, 20260224])),
        "delistings= misses DLSTDT in 2 rows; drop those rows or fill it in.",
    ),
    "twice": (
        lambda: old(delistings=pd.concat([DSE, DSE.iloc[[1]]])),
        (
            "delistings= has more than one row for `14593` on 2026-02-25; keep one row a delisting."
        ),
    ),
    "no code": (
        lambda: old(delistings=DSE.assign(DLRET=["A", "Q", "0", "0"])),
        (
            "Column 'DLRET' holds 'Q', which is neither a number nor one of CRSP's codes for a "
            "missing return (., A, P, S, T); correct it, or make it missing (NaN)."
        ),
    ),
    "percent": (
        lambda: old(delistings=DSE.assign(DLRET=[-88.0, -30.0, 5.0, -99.0])),
        (
            "The delisting return of `14593` on 2026-02-25 is -30, below −1 and none of CRSP's "
            "codes; give fractions (−0.3 is −30 %), and NaN where there is none."
        ),
    ),
    "two columns": (
        lambda: old(delistings=DSE.assign(dlret=0.1)),
        (
            "`delistings` has more than one column for DLRET, dlret; keep one column a name."
        ),
    ),
    "prices": (
        lambda: Panel.from_long(OLD, ticker="PERMNO", price="PRC", delistings=DSE),
        (
            "delistings= holds simple returns, which go with `ret=` and kind='simple'; this panel "
            "has price='PRC' and kind='simple'."
        ),
    ),
    "logs": (
        lambda: old(delistings=DSE, kind="log"),
        (
            "delistings= holds simple returns, which go with `ret=` and kind='simple'; this panel "
            "has price=None and kind='log'."
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_delistings_that_are_refused(name: str) -> None:
    act, sentence = REFUSED[name]
    assert refusal(act) == sentence


# ── the new layout ───────────────────────────────────────────────────────────────────────
#: the row of the 26th holds nothing but the delisting return of 14593
NEW = pd.DataFrame(
    {
        "PERMNO": [10107] * 5 + [14593] * 4,
        "DlyCalDt": stamps(DAYS + DAYS[:4]).strftime("%Y-%m-%d"),
        "DlyRet": [NAN, 0.02, -0.01, NAN, 0.03, 0.01, -0.1, -0.2, -0.3],
        "DlyRetMissFlg": ["NS", "", "", "MP", "", "", "", "", ""],
        "DlyDelFlg": ["N"] * 8 + ["Y"],
        "DlyPrc": [50.0, 51.0, 50.49, NAN, 52.0, 10.1, 9.09, 7.272, NAN],
        "DlyVol": [100.0, 110.0, 80.0, NAN, 95.0, 5.0, 6.0, 7.0, NAN],
    }
)


def test_the_new_layout_needs_nothing() -> None:
    panel = Panel.from_long(
        NEW, ticker="PERMNO", date="DlyCalDt", ret="DlyRet", market=MARKET,
        fields={"close": "DlyPrc", "volume": "DlyVol"},
    )  # fmt: skip
    same(panel.series("10107"), [NAN, 0.02, -0.01, NAN, 0.03])
    same(panel.series("14593"), [0.01, -0.1, -0.2, -0.3, NAN])
    same(panel.fields["close"][1], [10.1, 9.09, 7.272, NAN, NAN])
    assert panel.provenance.notes == ()


def test_both_layouts_give_the_same_wealth() -> None:
    lost = np.nanprod(1 + np.array(delisted(DSE)["14593"]))
    new = Panel.from_long(NEW, ticker="PERMNO", date="DlyCalDt", ret="DlyRet", market=MARKET)
    assert lost == pytest.approx(np.nanprod(1 + new.series("14593")), rel=1e-14)


def test_delistings_are_never_counted_twice() -> None:
    dels = pd.DataFrame({"PERMNO": [14593], "DelistingDt": [20260225], "DelRet": [-0.3]})
    attempts: list[tuple[pd.DataFrame, str, pd.DataFrame]] = [
        (NEW, "DlyRet", DSE),
        (NEW.rename(columns={"DlyRet": "r"}), "r", DSE),
        (NEW.drop(columns="DlyDelFlg").rename(columns=str.lower), "dlyret", DSE),
        (OLD.rename(columns={"date": "DlyCalDt"}), "RET", dels),
    ]  # fmt: skip
    for table, ret, delistings in attempts:
        keys = {str(c).upper(): str(c) for c in table.columns}
        names = {"ticker": keys["PERMNO"], "date": keys["DLYCALDT"], "ret": ret}
        act = partial(Panel.from_long, table, **names, delistings=delistings)
        assert refusal(act) == (
            f"CRSP's new layout has the delisting returns in its daily returns ({ret}) already, "
            f"and delistings= would count them twice; leave it out."
        )


# ── a study ──────────────────────────────────────────────────────────────────────────────
def test_a_study_of_many_permnos() -> None:
    """Events by PERMNO; the market is a series beside the table, its day of delisting counts."""
    rng = np.random.default_rng(3)
    days = pd.bdate_range("2025-01-01", periods=300)
    market = pd.Series(rng.normal(0, 0.01, 300), days, name="VWRETD")
    permnos = np.arange(10001, 10061)
    returns = market.to_numpy() + rng.normal(0, 0.02, (60, 300))
    text = pd.Series(returns.ravel()).map("{:.6f}".format)
    table = pd.DataFrame(
        {
            "PERMNO": np.repeat(permnos, 300),
            "date": np.tile(days.strftime("%Y%m%d").astype(int), 60),
            "RET": text.where(text.index % 300 != 0, "C"),
        }
    )
    table = table[~((table["PERMNO"] == 10001) & (table["date"] > 20260211))]
    day = int(table.loc[table["PERMNO"] == 10001, "date"].max())
    delistings = pd.DataFrame({"PERMNO": [10001], "DLSTDT": [day], "DLRET": ["-0.5"]})
    events = pd.DataFrame({"ticker": permnos.astype(str), "date": pd.Timestamp(str(day))})
    with_, without = (old(table, market=market, delistings=d) for d in (delistings, None))
    study = es.EventStudy(window=(0, 0))
    ars = [study.run(events, panel).car((0, 0)).iloc[:, 0] for panel in (with_, without)]
    change = ars[0] - ars[1]
    ret = float(table.loc[(table["PERMNO"] == 10001) & (table["date"] == day), "RET"].iloc[0])
    assert change.iloc[0] == pytest.approx((1 + ret) * -0.5, rel=1e-12)
    assert (change.iloc[1:] == 0).all()


def test_the_daily_table_is_no_table_of_delistings() -> None:
    assert refusal(lambda: old(delistings=OLD)) == (
        "delistings= has several rows for `10107` and no column DLRET: by its column RET it "
        "holds daily returns; give a table with a row a delisting and the column DLRET."
    )
