"""Sentences about a table of prices or returns: its rows, columns and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eventstudy.errors.kinds import PanelError
from eventstudy.errors.wording import kind_of, listed


def panel_not_frame(what: str, value: object) -> PanelError:
    return PanelError(
        f"`{what}` is {kind_of(value)}; give a DataFrame with a row a date and a column a ticker."
    )


def panel_empty(what: str, rows: int, columns: int) -> PanelError:
    return PanelError(
        f"`{what}` is empty ({rows} rows × {columns} columns); give a DataFrame with a row a date "
        f"and a column a ticker."
    )


def panel_no_values(what: str) -> PanelError:
    return PanelError(f"`{what}` holds no value at all; give at least one security with numbers.")


def panel_index_levels(what: str, levels: int) -> PanelError:
    return PanelError(
        f"The index of `{what}` has {levels} levels; give one row a date, or use `Panel.from_long` "
        f"for a table with a row a ticker and date."
    )


def panel_column_levels(what: str, levels: int) -> PanelError:
    return PanelError(
        f"`{what}` has {levels} column levels; give one column a ticker (prices may also have two "
        f"levels: field and ticker)."
    )


def panel_not_dates(where: str, value: object) -> PanelError:
    return PanelError(
        f"{where} holds {value!r}, which is no date; give dates such as 2026-02-25 or 20260225."
    )


def panel_dates_in_column(what: str, column: object) -> PanelError:
    return PanelError(
        f"The dates of `{what}` are in its column {column!r}; make it the index by "
        f"`{what}.set_index({column!r})`."
    )


def panel_missing_dates(where: str, count: int) -> PanelError:
    return PanelError(f"{where} has {count} missing dates; drop those rows or fill in the dates.")


def panel_intraday(where: str, stamp: object) -> PanelError:
    return PanelError(
        f"{where} holds {stamp}, a time of day; give one row a session, dated by the day alone."
    )


def panel_utc(where: str, stamp: object) -> PanelError:
    return PanelError(
        f"{where} holds {stamp}, which is no midnight in UTC; convert it to the exchange's time "
        f'zone first, for instance by `.tz_convert("America/New_York")`.'
    )


def panel_duplicate_dates(what: str, date: object) -> PanelError:
    return PanelError(f"`{what}` has more than one row for {date}; keep one row a date.")


def panel_duplicate_columns(what: str, names: Iterable[object]) -> PanelError:
    return PanelError(
        f"`{what}` has more than one column for {listed(names)}; keep one column a name."
    )


def panel_unnamed_columns(what: str, count: int) -> PanelError:
    return PanelError(f"`{what}` has {count} columns without a name; name each by its ticker.")


def panel_not_numeric(what: str, names: Sequence[object], value: object) -> PanelError:
    return PanelError(
        f"`{what}` holds {value!r} in `{names[0]}`, which is no number; convert such columns "
        f"first, for instance by `pd.to_numeric` (not numeric: {listed(names)})."
    )


def panel_infinite(what: str, name: str, date: object) -> PanelError:
    return PanelError(
        f"`{what}` is infinite for `{name}` on {date}; set such values to missing (NaN)."
    )


def panel_price_not_positive(name: str, date: object, value: float) -> PanelError:
    return PanelError(
        f"The price of `{name}` on {date} is {value:g}; prices must be positive: set days without "
        f"a price to missing (NaN), and drop the minus sign where it only marks a midpoint."
    )


def panel_fields_of_one(columns: Iterable[object]) -> PanelError:
    return PanelError(
        f"The columns of `prices` are the fields of one security ({listed(columns)}); name the "
        f'column of its prices by the ticker, as in `prices[["Close"]].set_axis(["SPY"], axis=1)`.'
    )


def panel_no_price_level(fields: Iterable[object]) -> PanelError:
    return PanelError(
        f"No column level of `prices` holds `adj_close` or `close` (found: {listed(fields)}); "
        f"give the levels (field, ticker)."
    )


def panel_percent(median: float) -> PanelError:
    return PanelError(
        f"The median |return| is {median:.2g}: these look like percent; divide by 100."
    )


def panel_factor_percent(name: str, median: float) -> PanelError:
    return PanelError(
        f"The median |{name}| is {median:.2g}: the factors look like percent; divide by 100."
    )


def panel_rate(median: float) -> PanelError:
    return PanelError(
        f"The median risk-free rate is {median:.2g} a session: this looks like percent or an "
        f"annual rate; give a fraction per session, such as 0.0002."
    )


def panel_prices_not_returns(median: float) -> PanelError:
    return PanelError(
        f"The median value is {median:.2g} and none is negative: these look like prices; "
        f"use `Panel.from_prices`."
    )


def panel_log_returns(name: str, date: object, value: float) -> PanelError:
    return PanelError(
        f"The simple return of `{name}` on {date} is {value:.4g}, below −1: these look like log "
        f'returns; pass kind="log", or convert them by `np.expm1`.'
    )
