"""Simulated prices of many tickers, written as users have them: long, wide, in parts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from eventstudy.arrays import BoolArray, DateArray, FloatArray, IntArray

#: sessions of every file, and the share of prices that is missing
SESSIONS, MISSING = 8772, 0.05
#: sessions in a row group; tickers in one where the rows are sorted by ticker
TOGETHER, TICKERS_TOGETHER = 350, 120
#: rows of the CSV file at most
CSV_ROWS = 1_000_000
SCHEMA = pa.schema([("date", pa.date32()), ("ticker", pa.string()), ("adj_close", pa.float64())])
CODED = SCHEMA.set(1, pa.field("ticker", pa.dictionary(pa.int32(), pa.string())))


def make(folder: Path, rows: int, seed: int) -> int:
    """Write all files; gives the number of rows of the long ones."""
    tickers = max(round(rows / (SESSIONS * (1 - MISSING))), 1)
    names = pa.array([f"T{number:05d}" for number in range(tickers)])
    days = session_days()
    prices = simulate(tickers, seed)
    present = np.isfinite(prices)
    _write(folder / "long.parquet", CODED, _by_day(prices, present, days, names))
    _write(folder / "text.parquet", SCHEMA, _by_day(prices, present, days, names))
    _write(folder / "sorted.parquet", CODED, _by_ticker(prices, present, days, names))
    _write_years(folder / "years", prices, present, days, names)
    wide = {"date": days} | {str(name): prices[:, at] for at, name in enumerate(names)}
    pq.write_table(pa.table(wide), folder / "wide.parquet")
    _write_csv(folder / "long.csv", folder / "long.parquet")
    return int(np.count_nonzero(present))


def session_days() -> DateArray:
    """The dates of every file."""
    return np.busday_offset(np.datetime64("1991-01-02", "D"), np.arange(SESSIONS))


def simulate(tickers: int, seed: int) -> FloatArray:
    """(sessions, tickers) random walks in cents, NaN where missing; the first has every price."""
    rng = np.random.default_rng(seed)
    prices = rng.normal(0.0, 0.02, (SESSIONS, tickers))
    np.cumsum(prices, axis=0, out=prices)
    np.exp(prices, out=prices)
    np.round(50.0 * prices + 0.01, 2, out=prices)
    for at in range(0, SESSIONS, TOGETHER):
        part = prices[at : at + TOGETHER, 1:]
        part[rng.random(part.shape) < MISSING] = np.nan
    return prices


def _by_day(
    prices: FloatArray, present: BoolArray, days: DateArray, names: pa.Array
) -> Iterator[pa.Table]:
    for at in range(0, SESSIONS, TOGETHER):
        part = slice(at, at + TOGETHER)
        day, ticker = np.nonzero(present[part])
        yield _rows(days[part][day], ticker, prices[part][day, ticker], names)


def _by_ticker(
    prices: FloatArray, present: BoolArray, days: DateArray, names: pa.Array
) -> Iterator[pa.Table]:
    for at in range(0, prices.shape[1], TICKERS_TOGETHER):
        part = slice(at, at + TICKERS_TOGETHER)
        ticker, day = np.nonzero(present[:, part].T)
        yield _rows(days[day], ticker, prices[:, part][day, ticker], names[part])


def _rows(days: DateArray, codes: IntArray, values: FloatArray, names: pa.Array) -> pa.Table:
    tickers = pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), names)
    return pa.table([pa.array(days), tickers, values], schema=CODED)


def _write(file: Path, schema: pa.Schema, tables: Iterator[pa.Table]) -> None:
    with pq.ParquetWriter(file, schema) as writer:
        for table in tables:
            writer.write_table(table.cast(schema))


def _write_years(
    folder: Path, prices: FloatArray, present: BoolArray, days: DateArray, names: pa.Array
) -> None:
    """Write folders such as year=1991 with a file each."""
    years = days.astype("datetime64[Y]")
    for year in np.unique(years):
        inside = years == year
        day, ticker = np.nonzero(present[inside])
        file = folder / f"year={year}" / "part-0.parquet"
        file.parent.mkdir(parents=True)
        rows = _rows(days[inside][day], ticker, prices[inside][day, ticker], names)
        pq.write_table(rows, file)


def _write_csv(file: Path, long: Path) -> None:
    """Write the first rows of the long file as text."""
    left = CSV_ROWS
    with pq.ParquetFile(long) as source:
        for at in range(source.num_row_groups):
            part: pd.DataFrame = source.read_row_group(at).slice(0, left).to_pandas()
            part.to_csv(file, index=False, header=not at, mode="a")
            left -= len(part)
            if not left:
                break
