"""Sentences about a panel's market, factors, fields and options."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eventstudy.errors.kinds import PanelError
from eventstudy.errors.wording import did_you_mean, kind_of, listed


def panel_no_market(name: str, known: Sequence[str]) -> PanelError:
    return PanelError(
        f"The market {name!r} is neither a ticker nor a factor; choose one of {listed(known)}, "
        f"or give it as a Series." + did_you_mean(name, known)
    )


def panel_market_type(value: object) -> PanelError:
    return PanelError(
        f"`market` is {kind_of(value)}; give the name of a ticker or factor, a Series, or "
        f"a DataFrame of one column."
    )


def panel_market_columns(count: int) -> PanelError:
    return PanelError(f"`market` has {count} columns; give one series, or the name of a ticker.")


def panel_market_empty(name: str) -> PanelError:
    return PanelError(
        f"The market `{name}` has no value on any date; sessions are the dates on which the market "
        f"has one: choose another market."
    )


def panel_market_taken(name: str) -> PanelError:
    return PanelError(
        f"`market` is named `{name}`, as is another series of the panel with other values; rename "
        f"it, or pass market={name!r} to use the one that is there."
    )


def panel_no_factor(name: str, known: Sequence[str]) -> PanelError:
    return PanelError(
        f"The factor {name!r} is no ticker of the panel; choose among {listed(known)}, or give "
        f"the factors as a DataFrame of returns." + did_you_mean(name, known)
    )


def panel_factors_type(value: object) -> PanelError:
    return PanelError(
        f"`factors` is {kind_of(value)}; give names of tickers, a DataFrame of factor "
        f"returns, or a named Series."
    )


def panel_factor_unnamed() -> PanelError:
    return PanelError('The factor has no name; name the Series, as in `series.rename("SMB")`.')


def panel_no_risk_free(name: str, known: Sequence[str]) -> PanelError:
    return PanelError(
        f"The risk-free rate {name!r} is no column of `factors` (there: "
        f"{listed(known) or 'none'}); give a column's name, a Series or a number."
        + did_you_mean(name, known)
    )


def panel_risk_free_type(value: object) -> PanelError:
    return PanelError(
        f"`risk_free` is {value!r}; give the name of a factor column, a Series, or a rate per "
        f"session as a number."
    )


def panel_no_series(name: str, factors: Sequence[str], tickers: Sequence[str]) -> PanelError:
    return PanelError(
        f"{name!r} is neither a factor ({listed(factors) or 'none'}) nor a ticker "
        f"({listed(tickers)}) of the panel; add it by `factors=` or to the prices."
        + did_you_mean(name, [*factors, *tickers])
    )


def panel_own_since(ticker: object, value: object) -> PanelError:
    return PanelError(
        f"`own_since` of `{ticker}` is {value!r}, which is no date; give a date such as 2023-12-04."
    )


def panel_own_since_type(value: object) -> PanelError:
    return PanelError(
        f"`own_since` is {kind_of(value)}; give a mapping of ticker to date, such as "
        f'{{"HUT": "2023-12-04"}}.'
    )


def panel_fields_type(value: object) -> PanelError:
    return PanelError(
        f"`fields` is {kind_of(value)}; give a mapping of name to DataFrame, such as "
        f'{{"volume": volumes}}.'
    )


def panel_fields_of_long(value: object) -> PanelError:
    return PanelError(
        f"`fields` is {kind_of(value)}; give a mapping of name to column of the table, "
        f'such as {{"volume": "VOL"}}, or to DataFrame.'
    )


def panel_field_foreign(name: str) -> PanelError:
    return PanelError(
        f"The field {name!r} shares no ticker or no date with the panel; give a row a date and "
        f"a column a ticker, named as in the panel."
    )


def panel_no_column(name: object, known: Iterable[object]) -> PanelError:
    columns = list(known)
    return PanelError(
        f"The table has no column {name!r}; it has {listed(columns)} (an index becomes columns by "
        f"`reset_index()`)." + did_you_mean(str(name), columns)
    )


def panel_ret_or_price(ret: object, price: object) -> PanelError:
    return PanelError(
        f"ret={ret!r} and price={price!r}: name the column of the returns by `ret=` or the column "
        f"of the prices by `price=`, one of the two."
    )


def panel_missing_tickers(column: object, count: int) -> PanelError:
    return PanelError(
        f"Column {column!r} misses the ticker in {count} rows; drop those rows or fill it in."
    )


def panel_duplicate_pair(ticker: str, date: object, count: int) -> PanelError:
    return PanelError(
        f"`{ticker}` has more than one row on {date} ({count} such rows in all); keep one row a "
        f"ticker and date."
    )


def panel_until(date: object, first: str) -> PanelError:
    return PanelError(
        f"{date!r} is no date on which the panel knows anything; give one from {first} on, as "
        f'"2026-02-25".'
    )


def panel_splice_nothing(name: str) -> PanelError:
    return PanelError(f"The spliced factor {name!r} got no series; name one or more.")


def panel_splice_taken(name: str) -> PanelError:
    return PanelError(f"{name!r} is in the panel already; give the spliced factor another name.")


def panel_shape(what: str, shape: tuple[int, ...], needed: tuple[int, ...]) -> PanelError:
    return PanelError(
        f"`{what}` of the panel has shape {shape}; {needed} is needed: securities × sessions for "
        f"returns and fields, sessions first for factors and the risk-free rate."
    )
