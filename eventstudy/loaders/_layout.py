"""From a raw table as it was read to prices: which column is what, dates, numbers.

Three layouts are told apart by the names of the columns:

- *long*: a date, a ticker and one or more fields (close, volume, …) in each row;
- *one ticker*: a date and the fields of the security that the file is named after;
- *wide*: a date and one column of prices for each ticker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from eventstudy import errors
from eventstudy.loaders._request import FIELDS, match

DATE_NAMES = frozenset(("date", "datetime", "day", "session", "time", "timestamp", "caldt"))
TICKER_NAMES = frozenset(("ticker", "symbol", "tic"))
OTHER_NAMES = {
    "adjclose": "adj_close",
    "adjusted_close": "adj_close",
    "adjusted": "adj_close",
    "price": "adj_close",
    "prc": "adj_close",
    "vol": "volume",
    "marketcap": "market_cap",
    "mktcap": "market_cap",
}
ISO = r"\d{4}-\d{2}-\d{2}(?:[T ].*)?"
BARS = frozenset(("open", "high", "low", "close"))


@dataclass(frozen=True)
class Layout:
    """Names of a table's columns: the dates, the tickers (long only), field → column."""

    date: str
    ticker: str | None
    fields: Mapping[str, str]


def layout_of(names: list[str], first_row: list[object], path: Path) -> Layout:
    """Recognise the layout; `fields` is empty for a wide table."""
    date = _date_column(names, first_row, path)
    rest = [name for name in names if name != date]
    ticker = next((name for name in rest if plain(name) in TICKER_NAMES), None)
    fields: dict[str, str] = {}
    for name in rest:
        field = OTHER_NAMES.get(plain(name), plain(name))
        if field in FIELDS:
            fields.setdefault(field, name)
    if ticker is not None:
        if not fields:
            raise errors.file_no_price_column(path, names)
        return Layout(date, ticker, fields)
    priced = "adj_close" in fields or "close" in fields
    # OPEN and LOW are tickers too: fields are meant only if they make up a bar or the table
    if fields.keys() >= BARS or (priced and len(fields) == len(rest)):
        return Layout(date, None, fields)
    if not rest:
        raise errors.file_no_price_column(path, names)
    return Layout(date, None, {})


def plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _date_column(names: list[str], first_row: list[object], path: Path) -> str:
    """Take the first column, or else one that is named so (DAY is also a ticker)."""
    if plain(names[0]) in DATE_NAMES or _is_date(first_row[0]):
        return names[0]
    for name in names:
        if plain(name) in DATE_NAMES:
            return name
    raise errors.file_no_date_column(path, names)


def _is_date(value: object) -> bool:
    text = pd.Series([str(value)]).str
    return bool(text.fullmatch(ISO).iloc[0] or text.fullmatch(r"(?:19|20)\d{6}").iloc[0])


def tables_of(
    raw: pd.DataFrame, layout: Layout, asked: tuple[str, ...], path: Path, own: str
) -> dict[str, pd.DataFrame]:
    """Field → dates × those of the asked tickers that the table has.

    `own` is the ticker that the file is named after.
    """
    dates = as_dates(raw[layout.date], path)
    if layout.ticker is not None:
        return _long(raw, layout, dates, asked, path)
    if layout.fields:
        if not match(asked, [own]):
            return {field: pd.DataFrame(index=dates[:0]) for field in layout.fields}
        _refuse_repeats(dates, pd.Series(own, index=raw.index), path)
        return {
            field: as_numbers(raw[name], path).set_axis(dates).to_frame(own)
            for field, name in layout.fields.items()
        }
    _refuse_repeats(dates, pd.Series("every ticker", index=raw.index), path)
    found = match(asked, [name for name in raw.columns if name != layout.date])
    columns = {name: as_numbers(raw[name], path).set_axis(dates) for name in found.values()}
    return {"adj_close": pd.DataFrame(columns, index=dates)}


def _long(
    raw: pd.DataFrame,
    layout: Layout,
    dates: pd.DatetimeIndex,
    asked: tuple[str, ...],
    path: Path,
) -> dict[str, pd.DataFrame]:
    tickers = raw[layout.ticker].astype(str).str.strip()
    keep = tickers.isin(list(match(asked, tickers.unique()).values()))
    rows, tickers, kept = raw.loc[keep], tickers[keep], dates[keep.to_numpy()]
    _refuse_repeats(kept, tickers, path)
    key = pd.MultiIndex.from_arrays([kept, tickers.to_numpy()], names=["date", "ticker"])
    columns = {f: as_numbers(rows[name], path).set_axis(key) for f, name in layout.fields.items()}
    # pairs are unique by now, so this only rearranges
    return {f: pd.DataFrame(c.unstack("ticker")) for f, c in columns.items()}  # noqa: PD010  (see above)


def _refuse_repeats(dates: pd.DatetimeIndex, tickers: pd.Series, path: Path) -> None:
    pairs = pd.DataFrame({"date": dates, "ticker": tickers.to_numpy()})
    twice = pairs[pairs.duplicated()]
    if len(twice):
        first = twice.iloc[0]
        raise errors.file_price_repeats(path, first["ticker"], first["date"].date())


def as_dates(values: pd.Series, path: Path) -> pd.DatetimeIndex:
    """Read dates, ISO text (a time and its zone are cut off) or numbers such as 20260225."""
    if isinstance(values.dtype, pd.DatetimeTZDtype) or values.dtype.kind == "M":
        dates = values.dt.tz_localize(None).dt.normalize()
    else:
        text = values.astype(str).str.strip()
        compact = bool(text.str.fullmatch(r"\d{8}").all())
        text = text if compact else text.where(text.str.fullmatch(ISO)).str[:10]
        dates = pd.to_datetime(text, format="%Y%m%d" if compact else "%Y-%m-%d", errors="coerce")
    if dates.isna().any():
        raise errors.file_bad_date(path, values[dates.isna()].iloc[0])
    return pd.DatetimeIndex(dates, name="date").as_unit("ns")


def as_numbers(values: pd.Series, path: Path) -> pd.Series:
    """Turn a column into floats; text that is not a number is refused, never made missing."""
    numbers = pd.to_numeric(values, errors="coerce")
    wrong = values.notna() if values.dtype.kind == "b" else values.notna() & numbers.isna()
    if wrong.any():
        raise errors.file_not_a_number(path, values.name, values[wrong].iloc[0])
    return numbers.astype(float)
