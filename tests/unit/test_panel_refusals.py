"""Every sentence with which a panel refuses its input, word for word."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventstudy import errors
from eventstudy.panel import Panel

DAYS = pd.date_range("2026-02-23", periods=4)
PRICES = pd.DataFrame(
    {"IREN": [50.0, 51.0, 49.0, 50.0], "SPY": [690.0, 691.0, 692.0, 693.0]}, index=DAYS
)
RETURNS = PRICES.pct_change()
RATES = pd.DataFrame({"Mkt-RF": [0.01, -0.01, 0.02, 0.0], "RF": 0.0002}, index=DAYS)
LONG = pd.DataFrame(
    {
        "PERMNO": [10107, 14593, 10107, 14593],
        "date": [20260225, 20260225, 20260226, 20260226],
        "RET": [0.02, -0.01, 0.01, 0.03],
        "PRC": [50.0, 51.0, 49.0, 50.0],
    }
)
prices, returns, long = Panel.from_prices, Panel.from_returns, Panel.from_long


def on(index: Any) -> pd.DataFrame:
    """Two tickers on another index."""
    return PRICES.iloc[: len(index)].set_axis(index, axis=0)


def put(frame: pd.DataFrame, row: int, ticker: str, value: Any) -> pd.DataFrame:
    out = frame.astype(object) if isinstance(value, str) else frame.copy()
    out.loc[out.index[row], ticker] = value
    return out


def columns(*labels: Any) -> pd.DataFrame:
    return pd.DataFrame(np.full((4, len(labels)), 5.0), index=DAYS, columns=list(labels))


def levels(*labels: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(np.full((4, len(labels)), 5.0), index=DAYS)
    return frame.set_axis(pd.MultiIndex.from_tuples(labels), axis=1)


FRAMES: dict[str, tuple[Callable[[], object], str]] = {
    "list": (
        lambda: prices([1.0]),  # type: ignore[arg-type] # what is refused
        "`prices` is a list; give a DataFrame with a row a date and a column a ticker.",
    ),
    "series": (
        lambda: returns(RETURNS["IREN"]),  # type: ignore[arg-type] # what is refused
        "`returns` is a Series; give a DataFrame with a row a date and a column a ticker.",
    ),
    "no long frame": (
        lambda: long({}, ret="RET"),  # type: ignore[arg-type] # what is refused
        "`table` is a dict; give a DataFrame with a row a date and a column a ticker.",
    ),
    "no rows": (
        lambda: prices(PRICES.iloc[:0]),
        (
            "`prices` is empty (0 rows × 2 columns); give a DataFrame with a row a date and a "
            "column a ticker."
        ),
    ),
    "no columns": (
        lambda: returns(RETURNS.iloc[:, :0]),
        (
            "`returns` is empty (4 rows × 0 columns); give a DataFrame with a row a date and a "
            "column a ticker."
        ),
    ),
    "no long rows": (
        lambda: long(LONG.iloc[:0], ticker="PERMNO", ret="RET"),
        (
            "`table` is empty (0 rows × 4 columns); give a DataFrame with a row a date and a "
            "column a ticker."
        ),
    ),
    "no values": (
        lambda: prices(PRICES * np.nan),
        "`prices` holds no value at all; give at least one security with numbers.",
    ),
    "index levels": (
        lambda: prices(LONG.set_index(["date", "PERMNO"])),
        (
            "The index of `prices` has 2 levels; give one row a date, or use `Panel.from_long` for "
            "a table with a row a ticker and date."
        ),
    ),
    "three column levels": (
        lambda: prices(levels(("a", "b", "c"))),
        (
            "`prices` has 3 column levels; give one column a ticker (prices may also have two "
            "levels: field and ticker)."
        ),
    ),
    "levels of returns": (
        lambda: returns(levels(("close", "SPY"))),
        (
            "`returns` has 2 column levels; give one column a ticker (prices may also have two "
            "levels: field and ticker)."
        ),
    ),
    "duplicate date": (
        lambda: prices(on(["2026-02-25", "2026-02-26", "2026-02-25"])),
        "`prices` has more than one row for 2026-02-25; keep one row a date.",
    ),
    "duplicate ticker": (
        lambda: prices(columns("IREN", "SPY", "IREN")),
        "`prices` has more than one column for IREN; keep one column a name.",
    ),
    "duplicate as text": (
        lambda: returns(columns(10107, "10107") * 0),
        "`returns` has more than one column for 10107; keep one column a name.",
    ),
    "no name": (
        lambda: prices(columns("IREN", None)),
        "`prices` has 1 columns without a name; name each by its ticker.",
    ),
    "text": (
        lambda: prices(put(PRICES, 0, "IREN", "50.0")),
        (
            "`prices` holds '50.0' in `IREN`, which is no number; convert such columns first, for "
            "instance by `pd.to_numeric` (not numeric: IREN)."
        ),
    ),
    "truth values": (
        lambda: returns(RETURNS > 0),
        (
            "`returns` holds False in `IREN`, which is no number; convert such columns first, for "
            "instance by `pd.to_numeric` (not numeric: IREN, SPY)."
        ),
    ),
    "text in a long table": (
        lambda: long(LONG.assign(PRC=["50", "n/a", "", "49"]), ticker="PERMNO", price="PRC"),
        (
            "`prices` holds '50' in `PRC`, which is no number; convert such columns first, for "
            "instance by `pd.to_numeric` (not numeric: PRC)."
        ),
    ),
    "infinite": (
        lambda: returns(put(RETURNS, 2, "SPY", -np.inf)),
        "`returns` is infinite for `SPY` on 2026-02-25; set such values to missing (NaN).",
    ),
    "negative": (
        lambda: prices(put(PRICES, 1, "IREN", -51.0)),
        (
            "The price of `IREN` on 2026-02-24 is -51; prices must be positive: set days without a "
            "price to missing (NaN), and drop the minus sign where it only marks a midpoint."
        ),
    ),
    "zero": (
        lambda: prices(put(PRICES, 3, "SPY", 0.0)),
        (
            "The price of `SPY` on 2026-02-26 is 0; prices must be positive: set days without a "
            "price to missing (NaN), and drop the minus sign where it only marks a midpoint."
        ),
    ),
    "zero in a market of its own": (
        lambda: prices(PRICES, market=PRICES["SPY"].rename("M") * 0),
        (
            "The price of `M` on 2026-02-23 is 0; prices must be positive: set days without a "
            "price to missing (NaN), and drop the minus sign where it only marks a midpoint."
        ),
    ),
    "one security": (
        lambda: prices(columns("Open", "High", "Low", "Close", "Volume", "Dividends")),
        (
            "The columns of `prices` are the fields of one security (Open, High, Low, Close, "
            "Volume and 1 more); name the column of its prices by the ticker, as in "
            '`prices[["Close"]].set_axis(["SPY"], axis=1)`.'
        ),
    ),
    "no price level": (
        lambda: prices(levels(("open", "SPY"), ("volume", "SPY"))),
        (
            "No column level of `prices` holds `adj_close` or `close` (found: open, volume); give "
            "the levels (field, ticker)."
        ),
    ),
    "kind": (
        lambda: prices(PRICES, kind="Log"),
        "kind='Log' is not known; choose one of 'simple', 'log'. Did you mean 'log'?",
    ),
}

DATES: dict[str, tuple[Callable[[], object], str]] = {
    "row numbers": (
        lambda: prices(PRICES.reset_index(drop=True)),
        (
            "The index of `prices` holds 0, which is no date; give dates such as 2026-02-25 or "
            "20260225."
        ),
    ),
    "no such day": (
        lambda: prices(on([20260227, 20260229])),
        (
            "The index of `prices` holds 20260229, which is no date; give dates such as 2026-02-25 "
            "or 20260225."
        ),
    ),
    "seconds since 1970": (
        lambda: returns(on([1771977600, 1772064000])),
        (
            "The index of `returns` holds 1771977600, which is no date; give dates such as "
            "2026-02-25 or 20260225."
        ),
    ),
    "day or month first": (
        lambda: prices(on(["02/03/2026", "03/03/2026"])),
        (
            "The index of `prices` holds '02/03/2026', which is no date; give dates such as "
            "2026-02-25 or 20260225."
        ),
    ),
    "decimals": (
        lambda: prices(on([20260225.5, 20260226.0])),
        (
            "The index of `prices` holds 20260225.5, which is no date; give dates such as "
            "2026-02-25 or 20260225."
        ),
    ),
    "a number that is no day": (
        lambda: prices(on([1e300, 20260226.0])),
        (
            "The index of `prices` holds 1e+300, which is no date; give dates such as 2026-02-25 "
            "or 20260225."
        ),
    ),
    "months": (
        lambda: prices(on(pd.period_range("2026-01", periods=2, freq="M"))),
        (
            "The index of `prices` holds Period('2026-01', 'M'), which is no date; give dates such "
            "as 2026-02-25 or 20260225."
        ),
    ),
    "missing": (
        lambda: prices(on(pd.DatetimeIndex(["2026-02-25", None, None]))),
        "The index of `prices` has 2 missing dates; drop those rows or fill in the dates.",
    ),
    "missing in a long table": (
        lambda: long(LONG.assign(date=DAYS.where(DAYS.day > 23)), ticker="PERMNO", ret="RET"),
        "Column 'date' has 1 missing dates; drop those rows or fill in the dates.",
    ),
    "intraday": (
        lambda: prices(on(DAYS + pd.Timedelta(hours=16))),
        (
            "The index of `prices` holds 2026-02-23 16:00:00, a time of day; give one row a "
            "session, dated by the day alone."
        ),
    ),
    "intraday text": (
        lambda: prices(on(["2026-02-25", "2026-02-26 16:00"])),
        (
            "The index of `prices` holds 2026-02-26 16:00, a time of day; give one row a session, "
            "dated by the day alone."
        ),
    ),
    "intraday in New York": (
        lambda: prices(on((DAYS + pd.Timedelta(hours=16)).tz_localize("America/New_York"))),
        (
            "The index of `prices` holds 2026-02-23 16:00:00-05:00, a time of day; give one row a "
            "session, dated by the day alone."
        ),
    ),
    "New York's midnight in UTC": (
        lambda: prices(on(DAYS.tz_localize("America/New_York").tz_convert("UTC"))),
        (
            "The index of `prices` holds 2026-02-23 05:00:00+00:00, which is no midnight in UTC; "
            "convert it to the exchange's time zone first, for instance by "
            '`.tz_convert("America/New_York")`.'
        ),
    ),
    "long dates": (
        lambda: long(LONG.assign(date=LONG.index), ticker="PERMNO", ret="RET"),
        "Column 'date' holds 0, which is no date; give dates such as 2026-02-25 or 20260225.",
    ),
}

SIZES: dict[str, tuple[Callable[[], object], str]] = {
    "percent": (
        lambda: returns(pd.DataFrame({"IREN": [1.1, -1.1, 0.0, np.nan]}, index=DAYS)),
        "The median |return| is 1.1: these look like percent; divide by 100.",
    ),
    "percent in a market of its own": (
        lambda: returns(RETURNS, market=RETURNS["SPY"].rename("M") * -300),
        "The median |return| is 0.43: these look like percent; divide by 100.",
    ),
    "prices for returns": (
        lambda: returns(PRICES),
        (
            "The median value is 3.7e+02 and none is negative: these look like prices; "
            "use `Panel.from_prices`."
        ),
    ),
    "log returns": (
        lambda: returns(put(RETURNS, 2, "IREN", -1.25)),
        (
            "The simple return of `IREN` on 2026-02-25 is -1.25, below −1: these look like log "
            'returns; pass kind="log", or convert them by `np.expm1`.'
        ),
    ),
    "log factors": (
        lambda: prices(PRICES, factors=put(RATES, 1, "Mkt-RF", -1.5)),
        (
            "The simple return of `Mkt-RF` on 2026-02-24 is -1.5, below −1: these look like log "
            'returns; pass kind="log", or convert them by `np.expm1`.'
        ),
    ),
    "percent factors": (
        lambda: prices(PRICES, factors=RATES.assign(SMB=[0.62, -0.5, 0.7, -0.62])),
        "The median |SMB| is 0.62: the factors look like percent; divide by 100.",
    ),
    "percent rate": (
        lambda: prices(PRICES, factors=RATES.assign(RF=0.016)),
        (
            "The median risk-free rate is 0.016 a session: this looks like percent or an annual "
            "rate; give a fraction per session, such as 0.0002."
        ),
    ),
    "annual rate": (
        lambda: prices(PRICES, risk_free=0.045),
        (
            "The median risk-free rate is 0.045 a session: this looks like percent or an annual "
            "rate; give a fraction per session, such as 0.0002."
        ),
    ),
}

COMPANIONS: dict[str, tuple[Callable[[], object], str]] = {
    "until no date": (
        lambda: prices(PRICES).until("soon"),
        (
            "'soon' is no date on which the panel knows anything; give one from "
            f'{prices(PRICES).sessions[0]} on, as "2026-02-25".'
        ),
    ),
    "splice of nothing": (
        lambda: prices(PRICES).spliced("Bitcoin"),
        "The spliced factor 'Bitcoin' got no series; name one or more.",
    ),
    "splice under a taken name": (
        lambda: prices(PRICES).spliced("IREN", "SPY"),
        "'IREN' is in the panel already; give the spliced factor another name.",
    ),
    "no such market": (
        lambda: prices(PRICES, market="SPX"),
        (
            "The market 'SPX' is neither a ticker nor a factor; choose one of IREN, SPY, or give "
            "it as a Series. Did you mean 'SPY'?"
        ),
    ),
    "no such market, factors": (
        lambda: prices(PRICES, market="Mkt", factors=RATES),
        (
            "The market 'Mkt' is neither a ticker nor a factor; choose one of IREN, SPY, Mkt-RF, "
            "or give it as a Series. Did you mean 'Mkt-RF'?"
        ),
    ),
    "market type": (
        lambda: prices(PRICES, market=["SPY"]),  # type: ignore[arg-type] # what is refused
        (
            "`market` is a list; give the name of a ticker or factor, a Series, or a DataFrame of "
            "one column."
        ),
    ),
    "market columns": (
        lambda: prices(PRICES, market=PRICES),
        "`market` has 2 columns; give one series, or the name of a ticker.",
    ),
    "empty market": (
        lambda: prices(PRICES.assign(SPY=np.nan), market="SPY"),
        (
            "The market `SPY` has no value on any date; sessions are the dates on which the market "
            "has one: choose another market."
        ),
    ),
    "another SPY": (
        lambda: prices(PRICES, market=PRICES["SPY"] * 2),
        (
            "`market` is named `SPY`, as is another series of the panel with other values; rename "
            "it, or pass market='SPY' to use the one that is there."
        ),
    ),
    "no such factor": (
        lambda: prices(PRICES, factors=["SPY", "IBIT"]),
        (
            "The factor 'IBIT' is no ticker of the panel; choose among IREN, SPY, or give the "
            "factors as a DataFrame of returns."
        ),
    ),
    "factor meant": (
        lambda: prices(PRICES, factors="IRENE"),
        (
            "The factor 'IRENE' is no ticker of the panel; choose among IREN, SPY, or give the "
            "factors as a DataFrame of returns. Did you mean 'IREN'?"
        ),
    ),
    "factors type": (
        lambda: prices(PRICES, factors=3),
        (
            "`factors` is an int; give names of tickers, a DataFrame of factor returns, or a named "
            "Series."
        ),
    ),
    "factor without a name": (
        lambda: prices(PRICES, factors=RATES["Mkt-RF"].rename(None)),
        'The factor has no name; name the Series, as in `series.rename("SMB")`.',
    ),
    "no such rate": (
        lambda: prices(PRICES, factors=RATES, risk_free="RFF"),
        (
            "The risk-free rate 'RFF' is no column of `factors` (there: Mkt-RF, RF); give a "
            "column's name, a Series or a number. Did you mean 'RF'?"
        ),
    ),
    "no factors": (
        lambda: prices(PRICES, risk_free="RF"),
        (
            "The risk-free rate 'RF' is no column of `factors` (there: none); give a column's "
            "name, a Series or a number."
        ),
    ),
    "rate type": (
        lambda: prices(PRICES, risk_free=True),
        (
            "`risk_free` is True; give the name of a factor column, a Series, or a rate per "
            "session as a number."
        ),
    ),
    "rate missing": (
        lambda: prices(PRICES, risk_free=float("nan")),
        (
            "`risk_free` is nan; give the name of a factor column, a Series, or a rate per session "
            "as a number."
        ),
    ),
    "no such series": (
        lambda: prices(PRICES, factors=RATES).series("IRNE"),
        (
            "'IRNE' is neither a factor (Mkt-RF) nor a ticker (IREN, SPY) of the panel; add it by "
            "`factors=` or to the prices. Did you mean 'IREN'?"
        ),
    ),
    "no such series, no factors": (
        lambda: prices(PRICES).series("SMB"),
        (
            "'SMB' is neither a factor (none) nor a ticker (IREN, SPY) of the panel; add it by "
            "`factors=` or to the prices."
        ),
    ),
    "own_since": (
        lambda: prices(PRICES, own_since={"HUT": "December 2023"}),
        (
            "`own_since` of `HUT` is 'December 2023', which is no date; give a date such as "
            "2023-12-04."
        ),
    ),
    "own_since, a year": (
        lambda: prices(PRICES, own_since={"HUT": 2023}),
        "`own_since` of `HUT` is 2023, which is no date; give a date such as 2023-12-04.",
    ),
    "own_since, a list": (
        lambda: prices(PRICES, own_since={"HUT": [20231204]}),
        "`own_since` of `HUT` is [20231204], which is no date; give a date such as 2023-12-04.",
    ),
    "own_since type": (
        lambda: prices(PRICES, own_since=["HUT"]),
        '`own_since` is a list; give a mapping of ticker to date, such as {"HUT": "2023-12-04"}.',
    ),
    "dates in a column": (
        lambda: prices(PRICES.rename_axis("Date").reset_index()),
        (
            "The dates of `prices` are in its column 'Date'; make it the index by "
            "`prices.set_index('Date')`."
        ),
    ),
    "fields type": (
        lambda: prices(PRICES, fields=PRICES["SPY"].to_numpy()),
        '`fields` is a ndarray; give a mapping of name to DataFrame, such as {"volume": volumes}.',
    ),
    "fields of a long table": (
        lambda: long(LONG, ticker="PERMNO", ret="RET", fields=["close"]),
        (
            '`fields` is a list; give a mapping of name to column of the table, such as {"volume": '
            '"VOL"}, or to DataFrame.'
        ),
    ),
    "unknown field": (
        lambda: prices(PRICES, fields={"volumes": PRICES}),
        (
            "fields='volumes' is not known; choose one of 'open', 'high', 'low', 'close', "
            "'volume', 'market_cap'. Did you mean 'volume'?"
        ),
    ),
    "foreign tickers": (
        lambda: prices(PRICES, fields={"volume": columns("MARA")}),
        (
            "The field 'volume' shares no ticker or no date with the panel; give a row a date and "
            "a column a ticker, named as in the panel."
        ),
    ),
    "foreign dates": (
        lambda: prices(PRICES, fields={"volume": on(DAYS + pd.Timedelta(days=90))}),
        (
            "The field 'volume' shares no ticker or no date with the panel; give a row a date and "
            "a column a ticker, named as in the panel."
        ),
    ),
    "shape": (
        lambda: Panel(np.zeros((2, 3)), DAYS.to_numpy(), ("IREN", "SPY")),
        (
            "`returns` of the panel has shape (2, 3); (2, 4) is needed: securities × sessions for "
            "returns and fields, sessions first for factors and the risk-free rate."
        ),
    ),
}

LONGS: dict[str, tuple[Callable[[], object], str]] = {
    "no ticker column": (
        lambda: long(LONG, ret="RET"),
        (
            "The table has no column 'ticker'; it has PERMNO, date, RET, PRC (an index becomes "
            "columns by `reset_index()`)."
        ),
    ),
    "no date column": (
        lambda: long(LONG, ticker="PERMNO", date="dat", ret="RET"),
        (
            "The table has no column 'dat'; it has PERMNO, date, RET, PRC (an index becomes "
            "columns by `reset_index()`). Did you mean 'date'?"
        ),
    ),
    "no return column": (
        lambda: long(LONG, ticker="PERMNO", ret="RETX"),
        (
            "The table has no column 'RETX'; it has PERMNO, date, RET, PRC (an index becomes "
            "columns by `reset_index()`). Did you mean 'RET'?"
        ),
    ),
    "neither": (
        lambda: long(LONG, ticker="PERMNO"),
        (
            "ret=None and price=None: name the column of the returns by `ret=` or the column of "
            "the prices by `price=`, one of the two."
        ),
    ),
    "both": (
        lambda: long(LONG, ticker="PERMNO", ret="RET", price="PRC"),
        (
            "ret='RET' and price='PRC': name the column of the returns by `ret=` or the column of "
            "the prices by `price=`, one of the two."
        ),
    ),
    "missing ticker": (
        lambda: long(LONG.assign(PERMNO=["A", np.nan, "B", np.nan]), ticker="PERMNO", ret="RET"),
        "Column 'PERMNO' misses the ticker in 2 rows; drop those rows or fill it in.",
    ),
    "duplicate pair": (
        lambda: long(LONG.assign(date=20260225), ticker="PERMNO", ret="RET"),
        (
            "`10107` has more than one row on 2026-02-25 (2 such rows in all); keep one row a "
            "ticker and date."
        ),
    ),
    "unknown field": (
        lambda: long(LONG, ticker="PERMNO", ret="RET", fields={"vol": "PRC"}),
        (
            "fields='vol' is not known; choose one of 'open', 'high', 'low', 'close', 'volume', "
            "'market_cap'. Did you mean 'volume'?"
        ),
    ),
    "field of no column": (
        lambda: long(LONG, ticker="PERMNO", ret="RET", fields={"volume": "VOL"}),
        (
            "The table has no column 'VOL'; it has PERMNO, date, RET, PRC (an index becomes "
            "columns by `reset_index()`)."
        ),
    ),
}

CASES = {
    f"{part}: {name}": case
    for part, cases in {
        "frames": FRAMES,
        "dates": DATES,
        "sizes": SIZES,
        "companions": COMPANIONS,
        "long": LONGS,
    }.items()
    for name, case in cases.items()
}


@pytest.mark.parametrize("case", CASES)
def test_sentence(case: str) -> None:
    call, sentence = CASES[case]
    with pytest.raises(errors.EventStudyError, match=f"^{re.escape(sentence)}$"):
        call()


def test_every_sentence_of_the_panel_is_asserted(monkeypatch: pytest.MonkeyPatch) -> None:
    said: set[str] = set()

    def noted(name: str, make: Callable[..., errors.PanelError]) -> Callable[..., Exception]:
        def wrapper(*args: object) -> errors.PanelError:
            said.add(name)
            return make(*args)

        return wrapper

    of_panels = ("eventstudy.errors.panel", "eventstudy.errors.series")
    sentences = {
        name: make
        for name, make in vars(errors).items()
        if name.startswith("panel_") and make.__module__ in of_panels
    }
    for name, make in sentences.items():
        monkeypatch.setattr(errors, name, noted(name, make))
    for call, _ in CASES.values():
        with pytest.raises(errors.EventStudyError):
            call()
    assert said == set(sentences)


@pytest.mark.parametrize(
    ("index", "same"),
    [
        ([20260223, 20260224, 20260225, 20260226], "integers"),
        (["2026-02-23", "2026-02-24", "2026-02-25", "2026-02-26"], "text"),
        (["20260223", "20260224", "20260225", "20260226"], "digits"),
        (["2026-02-23 00:00:00-05:00", *DAYS.strftime("%Y-%m-%d")[1:]], "saved midnight"),
        ([dt.date(2026, 2, day) for day in (23, 24, 25, 26)], "dates"),
        (DAYS.tz_localize("America/New_York"), "New York"),
        (DAYS.tz_localize("UTC"), "UTC midnight"),
        (DAYS.as_unit("ms"), "milliseconds"),
        (DAYS.to_period("D"), "days"),
        (pd.Index(list(DAYS.tz_localize("Asia/Tokyo")), dtype=object), "objects"),
        (DAYS.astype("datetime64[s]")[[3, 1, 2, 0]], "unsorted"),
    ],
)
def test_dates_are_read(index: Any, same: str) -> None:
    order = [3, 1, 2, 0] if same == "unsorted" else [0, 1, 2, 3]
    panel = prices(PRICES.iloc[order].set_axis(index, axis=0))
    np.testing.assert_array_equal(panel.sessions, DAYS.to_numpy().astype("datetime64[D]"))
    np.testing.assert_array_equal(panel.returns, prices(PRICES).returns)


def test_an_exchange_keeps_its_day_across_the_change_of_the_clocks() -> None:
    index = pd.date_range("2026-03-06", periods=4, tz="America/New_York")
    text = index.map(str)  # −05:00, then −04:00
    for each in (index, text, pd.Index([stamp.to_pydatetime() for stamp in index], dtype=object)):
        assert str(prices(on(each)).sessions[-1]) == "2026-03-09"


@pytest.mark.parametrize(
    "frame",
    [
        PRICES.astype("float32"),
        PRICES.astype("int64"),
        PRICES.astype("Float64"),
        PRICES.astype("Int64"),
        PRICES.astype(object),
        PRICES.map(lambda v: Decimal(str(v))),
        PRICES.assign(SPY=PRICES["SPY"].astype("float32")),
    ],
    ids=["float32", "int64", "Float64", "Int64", "object", "Decimal", "mixed"],
)
def test_numbers_of_every_type(frame: pd.DataFrame) -> None:
    panel = prices(frame)
    assert panel.returns.dtype == np.float64
    np.testing.assert_array_equal(panel.returns, prices(PRICES).returns)


@pytest.mark.parametrize("none", [None, np.nan, pd.NA])
def test_missing_in_object_columns(none: Any) -> None:
    frame = PRICES.astype(object)
    frame.iloc[1, 0] = none
    np.testing.assert_array_equal(np.isnan(prices(frame).series("IREN")), [True, True, True, False])
