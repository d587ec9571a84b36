"""Long tables against pandas' own pivot, and delisting returns against a loop over all rows."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from eventstudy.panel import Panel
from eventstudy.panel.delistings import Columns, with_delistings
from eventstudy.panel.long import read_long

FIRST = np.datetime64("2026-02-23")
RETURN = st.one_of(st.none(), st.floats(-0.15, 0.15).map(lambda r: round(r, 6)))
LOSS = st.one_of(st.none(), st.floats(-1.0, 0.9).map(lambda r: round(r, 6)))
CELL = st.tuples(st.integers(0, 12), st.integers(0, 6))


@st.composite
def long_tables(draw: st.DrawFn) -> pd.DataFrame:
    """Rows in any order, days and tickers in one of the ways in which they are delivered."""
    cells = draw(st.lists(CELL, min_size=1, max_size=40, unique=True))
    values = draw(st.lists(RETURN, min_size=len(cells), max_size=len(cells)))
    days = FIRST + np.array([day for day, _ in cells])
    tickers = np.array([ticker for _, ticker in cells])
    stamps = pd.Series(days)
    numbers, iso = stamps.dt.strftime("%Y%m%d"), stamps.dt.strftime("%Y-%m-%d")
    kinds: dict[str, Any] = {
        "text": numbers, "iso": iso, "stamp": stamps,
        "number": numbers.astype(int), "float": numbers.astype(float),
        "category": numbers.astype("category"),
    }  # fmt: skip
    names: dict[str, Any] = {
        "number": tickers + 9997, "float": tickers + 9997.0, "text": (tickers + 9997).astype(str),
        "category": pd.Categorical((tickers + 9997).astype(str)),
    }  # fmt: skip
    table = pd.DataFrame(
        {
            "date": kinds[draw(st.sampled_from(sorted(kinds)))],
            "PERMNO": names[draw(st.sampled_from(sorted(names)))],
            "RET": np.array(values, dtype=np.float64),
            "day": days,
            "name": (tickers + 9997).astype(str),
        }
    )
    table.index = pd.Index(draw(st.permutations(range(len(table)))))
    return table


@given(long_tables())
def test_scattered_rows_are_pandas_pivot(table: pd.DataFrame) -> None:
    grid = read_long(table, "PERMNO", "date").grid("RET", "returns")
    wanted = table.set_index(["day", "name"])["RET"].unstack()  # noqa: PD010  (NaN rows stay)
    assert list(grid.names) == list(wanted.columns)
    np.testing.assert_array_equal(grid.dates, wanted.index.to_numpy().astype("datetime64[D]"))
    np.testing.assert_array_equal(grid.values, wanted.to_numpy())


@st.composite
def delisted(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, list[int]]:
    """Firms that return on some days and are delisted, and the days that are sessions."""
    sessions = sorted(draw(st.sets(st.integers(0, 12), min_size=2)))
    cells = draw(st.lists(CELL, max_size=30, unique=True))
    # others have a row on every session, as somebody has in any table
    rows: list[Any] = [(day, 9 + k, 0.01) for day in sessions for k in range(5)]
    rows += [(*cell, draw(RETURN)) for cell in cells]
    ends = draw(st.lists(st.tuples(st.integers(0, 7), st.integers(-2, 14), LOSS), max_size=8))
    last = {(ticker, day): value for ticker, day, value in ends}
    table = pd.DataFrame(rows, columns=["day", "PERMNO", "RET"])
    table = table.assign(date=FIRST + table["day"].to_numpy(), RET=table["RET"].astype(float))
    delistings = pd.DataFrame(
        {
            "PERMNO": [ticker for ticker, _ in last],
            "DLSTDT": FIRST + np.array([day for _, day in last], dtype=np.int64),
            "DLRET": np.array(list(last.values()), dtype=np.float64),
            "day": [day for _, day in last],
        }
    )
    return table, delistings, sessions


def wealth(table: pd.DataFrame, delistings: pd.DataFrame, sessions: list[int]) -> dict[str, float]:
    """What became of one dollar in each security: every return and delisting return, once.

    Returns before the first session and after the last lie outside, and so does what was earned
    between two sessions by a security that has no return on the second and is not delisted there.
    """
    found: dict[str, float] = {}
    first, last = sessions[0], sessions[-1]
    rows = zip(table["PERMNO"].tolist(), table["day"].tolist(), table["RET"].tolist(), strict=True)
    known = {(permno, day): ret for permno, day, ret in rows if not isnan(ret)}
    columns = (delistings[name].tolist() for name in ("PERMNO", "day", "DLRET"))
    ends: dict[tuple[int, int], list[float]] = {}
    for permno, day, ret in zip(*columns, strict=True):
        if not isnan(ret) and first <= day <= last:
            on = min(session for session in sessions if session >= day)
            ends.setdefault((permno, on), []).append(ret)
    for permno in sorted(set(table["PERMNO"])):
        between = any(
            (permno, day) in known for day in range(first + 1, last) if day not in sessions
        )
        dollar, since = 1.0, 1.0
        for day in range(first, last + 1):
            earned = 1.0 + known.get((permno, day), 0.0)
            if day not in sessions:
                since *= earned
                continue
            for one in ends.get((permno, day), ()):
                earned *= 1.0 + one
            counted = (permno, day) in known or (permno, day) in ends
            if counted and not (day == first and between):
                dollar *= since * earned
            since = 1.0
        found[str(permno)] = dollar
    return found


@given(delisted())
def test_no_delisting_return_is_lost(
    given_: tuple[pd.DataFrame, pd.DataFrame, list[int]],
) -> None:
    table, delistings, sessions = given_
    market = pd.Series(0.001, pd.DatetimeIndex(FIRST + np.array(sessions)), name="VWRETD")
    panel = Panel.from_long(
        table, ticker="PERMNO", ret="RET", market=market, delistings=delistings.drop(columns="day")
    )
    assert len(panel.sessions) == len(sessions)
    for ticker, wanted in wealth(table, delistings, sessions).items():
        found = float(np.nanprod(1.0 + panel.series(ticker)))
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-15)


@given(delisted())
def test_delistings_touch_their_own_cells_only(
    given_: tuple[pd.DataFrame, pd.DataFrame, list[int]],
) -> None:
    table, delistings, sessions = given_
    before = read_long(table, "PERMNO", "date").grid("RET", "returns")
    values = before.values.copy()
    days = FIRST + np.array(sessions)
    said: list[str] = []
    names = Columns("PERMNO", "date", "RET")
    after = with_delistings(before, days, delistings.drop(columns="day"), names, said)
    np.testing.assert_array_equal(before.values, values)
    same = (after.values == before.values) | (np.isnan(after.values) & np.isnan(before.values))
    rows, columns = np.nonzero(~same)
    gone = set(delistings.loc[delistings["DLRET"].notna(), "PERMNO"].astype(str))
    assert {before.names[column] for column in columns} <= gone
    assert set(before.dates[rows]) <= set(days)
    assert len(said) == 1
