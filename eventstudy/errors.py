"""Every sentence the library refuses an input with.

One function a sentence: the caller writes ``raise errors.no_such_column(...)``, so that all
texts stand side by side here, say what came, what was needed and what to do, and can be
tested word for word.

The tree::

    EventStudyError (ValueError)
    ├── EventsError      the events table
    ├── PanelError       prices, returns, factors
    ├── WindowError      estimation and event windows
    ├── ModelError       models of the expected return
    ├── OptionError      an option, a name or a value that is not known
    ├── LoaderError      a source of prices
    ├── ContractBroken   a model or a test of your own (also an AssertionError)
    └── NothingLeft      every event was dropped
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any


class EventStudyError(ValueError):
    """Base of every error that the library raises on purpose."""


class EventsError(EventStudyError):
    """The events table does not keep its contract."""


class PanelError(EventStudyError):
    """Prices, returns or factors do not keep their contract."""


class WindowError(EventStudyError):
    """A window is malformed or lies where it must not."""


class ModelError(EventStudyError):
    """A model cannot be fitted to what it was given."""


class OptionError(EventStudyError):
    """An option, a name or a value is not known."""


class LoaderError(EventStudyError):
    """A source did not deliver; ``report``, if there is one, says why by ticker.

    ``status`` is the word of such a report for the whole failure, as "timeout", if there is one.
    """

    report: Any = None

    def __init__(self, sentence: str, status: str = "") -> None:
        super().__init__(sentence)
        self.status = status


class ContractBroken(EventStudyError, AssertionError):  # noqa: N818  (reads as a sentence)
    """A model or a test does not keep its contract; see `eventstudy.testing`."""


class NothingLeft(EventStudyError):  # noqa: N818  (reads as a sentence where it is raised)
    """Every event was dropped; ``dropped`` is the table that says why."""

    dropped: Any = None


def did_you_mean(name: str, known: Iterable[object]) -> str:
    """`` Did you mean 'x'?`` with the nearest known name, or nothing."""
    near = get_close_matches(str(name), [str(k) for k in known], n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""


def listed(names: Iterable[object], most: int = 5) -> str:
    """The first few names, and how many more there are."""
    shown = [str(n) for n in names]
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more


# ── windows ──────────────────────────────────────────────────────────────────────────────
def window_malformed(value: object) -> WindowError:
    return WindowError(
        f"{value!r} is not a window; give (first, last) in trading days around day 0, "
        f"as in (-1, 1), or one day as an integer."
    )


def window_backwards(first: int, last: int) -> WindowError:
    return WindowError(
        f"The window ({first}, {last}) ends before it begins; give ({last}, {first})."
    )


def window_outside(window: object, event_window: object) -> WindowError:
    return WindowError(
        f"{window} is not inside the event window {event_window}; "
        f"widen `window=` of the study or ask for fewer days."
    )


def estimation_reaches_event(estimation: object, window: object, last: int) -> WindowError:
    return WindowError(
        f"The estimation window {estimation} reaches into the event window {window}; "
        f"end it at {last} or earlier."
    )


def interval_meets_event(interval: object, window: object) -> WindowError:
    return WindowError(
        f"The estimation interval {interval} meets the event window {window}; "
        f"end it before the event window or begin it after."
    )


def intervals_overlap(one: object, two: object) -> WindowError:
    return WindowError(
        f"The estimation intervals {one} and {two} overlap; give intervals without common days."
    )


# ── contracts of models and tests ────────────────────────────────────────────────────────
def contract_broken(name: str, what: str) -> ContractBroken:
    return ContractBroken(f"{name} does not keep its contract: {what}.")


# ── before and beside a study ────────────────────────────────────────────────────────────
def choices_not_a_list(name: str, value: object) -> OptionError:
    return OptionError(
        f"{name}={value!r} is no list of choices; give the values that are to be tried, as in "
        f"{name}=[…, …]."
    )


def choice_twice(name: str, label: str) -> OptionError:
    return OptionError(f"The choices of {name} hold {label} twice; give each value once.")


def too_many_specifications(n: int, most: int) -> OptionError:
    return OptionError(
        f"The choices make {n} specifications, more than {most}; leave out what nobody would do."
    )


def no_event_in_all_specifications(n: int) -> EventsError:
    return EventsError(
        f"No event is kept by all {n} studies of the curve, so they cannot move to the same "
        f"placebo dates; leave out the choice that drops them, or ask for draws=0."
    )


def nothing_ahead(last: str, n: int) -> EventsError:
    return EventsError(
        f"None of the {n} events lies ahead of the data, which end on {last}; `preview` is for "
        f"events that have not happened, `run` for those that have."
    )


# ── options ──────────────────────────────────────────────────────────────────────────────
def unknown_option(option: str, value: object, known: Sequence[object]) -> OptionError:
    return OptionError(
        f"{option}={value!r} is not known; choose one of {', '.join(map(repr, known))}."
        + did_you_mean(str(value), known)
    )


# ── events ───────────────────────────────────────────────────────────────────────────────
_EVENT_SYNONYMS = {
    "ticker": ("symbol", "tic", "ric", "permno", "security", "stock", "firm", "company", "name"),
    "date": ("when", "announced", "announcement", "announcement_date", "event_date", "eventdate",
             "day", "day0", "datetime", "timestamp", "time", "anndats", "rdq", "published"),
}  # fmt: skip


def events_not_a_table(got: object) -> EventsError:
    return EventsError(
        f"Events came as {type(got).__name__}; give a DataFrame with the columns `ticker` and "
        f"`date`, or the path of a file to `read_events`."
    )


def events_empty() -> EventsError:
    return EventsError("The events table has no rows; give at least one event.")


def events_file_kind(name: str) -> EventsError:
    return EventsError(
        f"`{name}` is not a kind of file that is read; give a .csv, .csv.gz or .parquet file, "
        f"or a DataFrame."
    )


def events_file_missing(path: object) -> EventsError:
    return EventsError(f"There is no file `{path}`; check the path of the events.")


def events_file_unreadable(name: str, reason: object) -> EventsError:
    return EventsError(
        f"`{name}` cannot be read ({reason}); save it as UTF-8 CSV with one header line."
    )


def parquet_needs_pyarrow() -> EventsError:
    return EventsError(
        "Reading Parquet needs the package `pyarrow`; install it, or give the events as CSV."
    )


def no_event_column(name: str, columns: Sequence[object], index: Sequence[object]) -> EventsError:
    """``name`` is missing: say which column it probably is."""
    have = f"The events have no column `{name}` (they have {listed(columns, 8)});"
    if name in index:
        return EventsError(f"{have} `{name}` is in the index: call `reset_index()` first.")
    lower = {str(c).strip().lower().replace(" ", "_"): str(c) for c in columns}
    known = (name, *_EVENT_SYNONYMS.get(name, ()))
    near = [c for c in known if c in lower] or get_close_matches(name, lower, n=1, cutoff=0.6)
    if near:
        return EventsError(f"{have} if `{lower[near[0]]}` is meant, rename it to `{name}`.")
    return EventsError(f"{have} add it.")


def events_column_twice(name: str) -> EventsError:
    return EventsError(f"The events have the column `{name}` more than once; keep one.")


def events_index_levels(names: Sequence[object]) -> EventsError:
    return EventsError(
        f"The events have an index of {len(names)} levels ({listed(names)}); call "
        f"`reset_index()`, or give an `event_id`."
    )


def events_on_length(name: str, got: int, needed: int) -> EventsError:
    return EventsError(
        f"`{name}` has {got} values for {needed} tickers; give one value, or one a ticker."
    )


def event_id_missing(rows: Iterable[object]) -> EventsError:
    return EventsError(
        f"`event_id` is missing in row {listed(rows)}; fill it, or leave the column out and "
        f"ids are made."
    )


def event_id_repeated(ids: Iterable[object]) -> EventsError:
    return EventsError(
        f"`event_id` {listed(ids)} stands more than once; every event needs an id of its own. "
        f"Leave the column out and ids are made."
    )


def ticker_missing(rows: Iterable[object]) -> EventsError:
    return EventsError(f"`ticker` is missing in event {listed(rows)}; name a ticker in every row.")


def ticker_not_text(kind: str) -> EventsError:
    return EventsError(f"`ticker` holds {kind} values; give tickers as text or whole numbers.")


def ticker_of_sector_news(rows: Iterable[object]) -> EventsError:
    return EventsError(
        f"Event {listed(rows)} is news about a sector and names no ticker; call "
        f"`es.catalysts.expand(events, tickers)` to make it one event a firm."
    )


def date_missing(rows: Iterable[object]) -> EventsError:
    return EventsError(f"`date` is missing in event {listed(rows)}; give a date in every row.")


def date_unreadable(value: str, row: object) -> EventsError:
    """Say of a text that is no date why not."""
    start = f"`date` {value!r} (event {row})"
    if re.fullmatch(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", value):
        return EventsError(f"{start} is a number but not a day as in 20260225; give real dates.")
    if re.match(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}", value):
        return EventsError(
            f"{start} does not begin with the year, and day and month are not guessed; write "
            f"dates as 2026-02-25."
        )
    return EventsError(f"{start} cannot be read as a date; write dates as 2026-02-25.")


def date_outside(value: object, row: object) -> EventsError:
    return EventsError(
        f"`date` {value} (event {row}) lies outside the years 1900 to 2100; correct it."
    )


def date_with_time(value: object, row: object) -> EventsError:
    return EventsError(
        f"`date` {str(value)!r} (event {row}) has a time of day but no time zone; give the day "
        f"alone with a `session`, or add the time zone and say `calendar='XNYS'`."
    )


def date_with_zone(value: object, row: object) -> EventsError:
    return EventsError(
        f"`date` {str(value)!r} (event {row}) has a time zone, and its day depends on the "
        f"exchange; say `calendar='XNYS'` in `read_events` or `events_on`, or give the day alone "
        f"with a `session`."
    )


def session_unknown(value: object, row: object) -> EventsError:
    known = ("before_open", "intraday", "after_close", "unknown", "bmo", "amc")
    return EventsError(
        f"`session` {value!r} (event {row}) is not known; choose one of "
        f"{', '.join(map(repr, known))}." + did_you_mean(str(value), known)
    )


def session_contradicts(said: object, seen: object, row: object) -> EventsError:
    return EventsError(
        f"`session` of event {row} says {said!r}, its time of day says {seen!r}; correct one "
        f"of them or leave `session` out."
    )


def scheduled_unreadable(value: object, row: object) -> EventsError:
    return EventsError(
        f"`scheduled` {value!r} (event {row}) is neither true nor false; write true or false."
    )


def calendar_needs_package(calendar: str, instead: str) -> EventsError:
    return EventsError(
        f"calendar={calendar!r} needs the package `exchange_calendars`; install it, or {instead}."
    )


def calendar_bounds(
    calendar: str, day: object, first: object, last: object, instead: str
) -> EventsError:
    ends = (f"{word} {end}" for word, end in (("from", first), ("to", last)) if end is not None)
    return EventsError(
        f"calendar={calendar!r} knows the sessions {' '.join(ends)}, and {day} lies outside; "
        f"{instead}."
    )


def calendar_unusable(
    calendar: str, first: object, last: object, error: Exception, instead: str
) -> EventsError:
    return EventsError(
        f"calendar={calendar!r} cannot be computed from {first} to {last} by the installed "
        f"`exchange_calendars` ({type(error).__name__}); {instead}."
    )


def calendar_unknown(calendar: str, known: Sequence[str]) -> EventsError:
    return EventsError(
        f"calendar={calendar!r} is not an exchange that is known; give its code, as 'XNYS' for "
        f"New York." + did_you_mean(calendar, known)
    )


def screen_not_a_table(got: object) -> EventsError:
    return EventsError(
        f"against= is a {type(got).__name__}; give one events table of other news, with the "
        f"columns `ticker` and `date` (pd.concat joins several)."
    )


def sessions_unreadable(got: object) -> EventsError:
    return EventsError(
        f"sessions= holds no dates (a {type(got).__name__} came); give a Panel, dates such as "
        f"prices.index, or an exchange as 'XNYS'."
    )


# ── panel ────────────────────────────────────────────────────────────────────────────────
def panel_not_frame(what: str, value: object) -> PanelError:
    return PanelError(
        f"`{what}` is a {type(value).__name__}; give a DataFrame with a row a date and a column "
        f"a ticker."
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
        f"The median |return| is {median:.2g}: these look like percent. Divide by 100."
    )


def panel_factor_percent(name: str, median: float) -> PanelError:
    return PanelError(
        f"The median |{name}| is {median:.2g}: the factors look like percent. Divide by 100."
    )


def panel_rate(median: float) -> PanelError:
    return PanelError(
        f"The median risk-free rate is {median:.2g} a session: this looks like percent or an "
        f"annual rate. Give a fraction per session, such as 0.0002."
    )


def panel_prices_not_returns(median: float) -> PanelError:
    return PanelError(
        f"The median value is {median:.2g} and none is negative: these look like prices. "
        f"Use `Panel.from_prices`."
    )


def panel_log_returns(name: str, date: object, value: float) -> PanelError:
    return PanelError(
        f"The simple return of `{name}` on {date} is {value:.4g}, below −1: these look like log "
        f'returns. Pass kind="log", or convert them by `np.expm1`.'
    )


def panel_no_market(name: str, known: Sequence[str]) -> PanelError:
    return PanelError(
        f"The market {name!r} is neither a ticker nor a factor; choose one of {listed(known)}, "
        f"or give it as a Series." + did_you_mean(name, known)
    )


def panel_market_type(value: object) -> PanelError:
    return PanelError(
        f"`market` is a {type(value).__name__}; give the name of a ticker or factor, a Series, or "
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
        f"`factors` is a {type(value).__name__}; give names of tickers, a DataFrame of factor "
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
        f"`own_since` is a {type(value).__name__}; give a mapping of ticker to date, such as "
        f'{{"HUT": "2023-12-04"}}.'
    )


def panel_fields_type(value: object) -> PanelError:
    return PanelError(
        f"`fields` is a {type(value).__name__}; give a mapping of name to DataFrame, such as "
        f'{{"volume": volumes}}.'
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


def panel_gaps_are_logs() -> PanelError:
    return PanelError(
        "across_gaps=True needs log returns, which add up over the sessions of a gap; "
        "give kind='log'."
    )


def panel_shape(what: str, shape: tuple[int, ...], needed: tuple[int, ...]) -> PanelError:
    return PanelError(
        f"`{what}` of the panel has shape {shape}; {needed} is needed: securities × sessions for "
        f"returns and fields, sessions first for factors and the risk-free rate."
    )


# ── saved panels ─────────────────────────────────────────────────────────────────────────
def _kept(path: object) -> str:
    return f"The saved panel {str(path)!r}"


def saved_absent(path: object, *, parquet: bool) -> PanelError:
    if parquet:
        return PanelError(
            f"{str(path)!r} holds Parquet; name a folder for the panel that is made of it once, as "
            f"es.Panel.open(path, into='panel', market='SPY')."
        )
    return PanelError(f"There is no saved panel at {str(path)!r}; write one with panel.save(path).")


def saved_damaged(path: object, what: str) -> PanelError:
    return PanelError(f"{_kept(path)} is damaged: {what}; save it again.")


def saved_version(path: object, version: object, known: int) -> PanelError:
    return PanelError(
        f"{_kept(path)} has format version {version!r} and this release reads {known}; save it "
        f"again, or open it with the release that wrote it."
    )


def saved_replaced(path: object) -> PanelError:
    return PanelError(
        f"{_kept(path)} is another one than when this was begun; open it again and start anew."
    )


def saved_exists(path: object, *, saved: bool) -> PanelError:
    if saved:
        return PanelError(
            f"{_kept(path)} exists; give overwrite=True to replace it, or name another folder."
        )
    return PanelError(
        f"{str(path)!r} exists and is no saved panel, so it is not replaced; name another folder."
    )


def saved_unwritable(path: object, why: OSError) -> PanelError:
    return PanelError(
        f"A panel cannot be written to {str(path)!r} ({why.strerror}); name a folder with room."
    )


def saved_options(names: Iterable[object]) -> PanelError:
    return PanelError(
        f"A saved panel is opened as it is, without {listed(names)}; these are for Parquet that "
        f"becomes a panel, together with `into`."
    )


def saved_market() -> PanelError:
    return PanelError(
        "Parquet that becomes a saved panel needs `market`: a ticker, or a series of its own, "
        "whose prices say which days are sessions."
    )


def saved_other(into: object) -> PanelError:
    return PanelError(
        f"{_kept(into)} was made of other files or with other options; name another folder, or "
        f"remove it."
    )


# ── CRSP ─────────────────────────────────────────────────────────────────────────────────
def crsp_no_code(column: object, value: object, known: Iterable[str]) -> PanelError:
    return PanelError(
        f"Column {column!r} holds {value!r}, which is neither a number nor one of CRSP's codes for "
        f"a missing return ({', '.join(sorted(known))}); correct it, or make it missing (NaN)."
    )


def crsp_delistings_type(value: object) -> PanelError:
    return PanelError(
        f"delistings= is a {type(value).__name__}; give a DataFrame with a row a delisting: the "
        f"column of the tickers, DLSTDT and DLRET."
    )


def crsp_delistings_column(names: Iterable[str], known: Iterable[object]) -> PanelError:
    return PanelError(
        f"delistings= has no column {' or '.join(names)}; it has {listed(known, 8)}. Rename one by "
        f"`.rename(columns=...)`."
    )


def crsp_delisting_incomplete(column: str, count: int) -> PanelError:
    return PanelError(
        f"delistings= misses {column} in {count} rows; drop those rows or fill it in."
    )


def crsp_delisting_twice(ticker: str, date: object) -> PanelError:
    return PanelError(
        f"delistings= has more than one row for `{ticker}` on {date}; keep one row a delisting."
    )


def crsp_delistings_are_daily(ret: str, ticker: str) -> PanelError:
    return PanelError(
        f"delistings= has several rows for `{ticker}` and no column DLRET: by its column {ret} it "
        f"holds daily returns. Give a table with a row a delisting and the column DLRET."
    )


def crsp_delisting_below(ticker: str, date: object, value: float) -> PanelError:
    return PanelError(
        f"The delisting return of `{ticker}` on {date} is {value:.4g}, below −1 and none of CRSP's "
        f"codes; give fractions (−0.3 is −30 %), and NaN where there is none."
    )


def crsp_delistings_there(ret: str) -> PanelError:
    return PanelError(
        f"CRSP's new layout has the delisting returns in its daily returns ({ret}) already, and "
        f"delistings= would count them twice; leave it out."
    )


def crsp_delistings_simple(price: str | None, kind: str) -> PanelError:
    return PanelError(
        f"delistings= holds simple returns, which go with `ret=` and kind='simple'; this panel has "
        f"price={price!r} and kind={kind!r}."
    )


# ── catalysts and universe ───────────────────────────────────────────────────────────────
def catalysts_unknown_ids(ids: Iterable[object], known: Sequence[object]) -> OptionError:
    names = [str(i) for i in ids]
    return OptionError(
        f"The catalogue has no event {listed(names)}; `es.catalysts.load(min_confidence='low')` "
        f"lists all." + did_you_mean(names[0], known)
    )


def catalysts_not_sure_enough(ids: Iterable[object], least: str) -> OptionError:
    return OptionError(
        f"The date of {listed(ids)} is less sure than min_confidence={least!r}; leave it out, "
        f"or ask for min_confidence='low'."
    )


def catalysts_nothing_left() -> OptionError:
    return OptionError(
        "The catalogue has no event for these filters; widen `category`, `since`, `until`, "
        "`ids` or `min_confidence`."
    )


def expand_without_tickers() -> OptionError:
    return OptionError("`tickers` is empty; name at least one ticker that reacts.")


def expand_nothing_left(who: str) -> OptionError:
    return OptionError(
        f"who={who!r} leaves no event: no news that concerns the tickers while they were "
        f"listed; give other events or tickers."
    )


# ── loaders ──────────────────────────────────────────────────────────────────────────────
def loader_names(option: str, value: object) -> LoaderError:
    return LoaderError(
        f"{option}={value!r} does not name what to load; give one text or a list of texts, "
        f"none of them empty."
    )


def loader_date(option: str, value: object) -> LoaderError:
    return LoaderError(f"{option}={value!r} is not a date; give a date or text as in '2026-02-25'.")


def loader_dates_backwards(start: object, end: object) -> LoaderError:
    return LoaderError(
        f"The prices asked for end ({end}) before they begin ({start}); swap `start` and `end`."
    )


def loader_no_field(source: str, field: str, available: Iterable[object]) -> LoaderError:
    return LoaderError(
        f"There is no field {field!r} in {source}, which has {listed(available, 8)}; "
        f"ask for other `fields` or name the column {field!r}."
    )


def loader_nothing_found(
    source: str, tickers: Sequence[str], unknown: Sequence[str], start: object, end: object
) -> LoaderError:
    why = f" (unknown there: {listed(unknown)})" if unknown else ""
    return LoaderError(
        f"Not one price was found in {source} for {listed(tickers)} from {start} to {end}{why}; "
        f"check the tickers and the dates."
    )


def _place(path: object) -> str:
    """Call a file a file; another source, given as text, bears a name of its own."""
    return f"The {path}" if isinstance(path, str) else f"The file {str(path)!r}"


def file_missing(path: object) -> LoaderError:
    return LoaderError(f"There is no file or folder {str(path)!r}; check the path.")


def file_empty(path: object) -> LoaderError:
    return LoaderError(
        f"The file {str(path)!r} has no rows; it needs a header and one row for each date."
    )


def file_is_html(path: object) -> LoaderError:
    return LoaderError(
        f"The file {str(path)!r} holds a web page, not a table; download the data itself."
    )


def file_is_not_text(path: object) -> LoaderError:
    return LoaderError(
        f"The file {str(path)!r} is not text in UTF-8; save it as CSV, or read a Parquet file "
        f"with es.loaders.parquet."
    )


def file_unreadable(path: object, why: object) -> LoaderError:
    reason = " ".join(str(why).split())
    return LoaderError(f"The file {str(path)!r} cannot be read as a table ({reason}); repair it.")


def file_columns_repeat(path: object, names: Iterable[object]) -> LoaderError:
    return LoaderError(
        f"The header of {str(path)!r} names {listed(names)} more than once; "
        f"give each column a name of its own."
    )


def file_no_date_column(path: object, names: Iterable[object]) -> LoaderError:
    return LoaderError(
        f"No column of {str(path)!r} holds dates (it has {listed(names)}); name one `date`, "
        f"written as in 2026-02-25."
    )


def file_bad_date(path: object, value: object) -> LoaderError:
    return LoaderError(
        f"{_place(path)} holds {str(value)!r} where a date is needed; write dates as in 2026-02-25."
    )


def file_no_price_column(path: object, names: Iterable[object]) -> LoaderError:
    return LoaderError(
        f"No column of {str(path)!r} holds prices (it has {listed(names)}); name one `adj_close`."
    )


def file_not_a_number(path: object, column: object, value: object) -> LoaderError:
    return LoaderError(
        f"{_place(path)} holds {str(value)!r} in column {str(column)!r} where a number is "
        f"needed; leave missing prices empty."
    )


def file_price_repeats(path: object, ticker: object, date: object) -> LoaderError:
    return LoaderError(f"{_place(path)} has more than one row for {ticker} on {date}; keep one.")


def file_without_ticker(path: object) -> LoaderError:
    return LoaderError(
        f"{_place(path)} has a row without a ticker; give it one or leave the row out."
    )


def folder_price_repeats(path: object, ticker: object, date: object) -> LoaderError:
    return LoaderError(
        f"The files in {str(path)!r} together have more than one row for {ticker} on {date}; "
        f"keep one."
    )


def folder_kinds_differ(path: object, one: str, other: str) -> LoaderError:
    return LoaderError(
        f"The folder {str(path)!r} holds tables of different kinds ({one} and {other}); "
        f"keep one kind in a folder."
    )


def folder_field_missing(path: object, field: str) -> LoaderError:
    return LoaderError(
        f"The file {str(path)!r} has no column {field!r}, and other files of its folder have one; "
        f"add it or move the file."
    )


def folder_without_files(path: object, endings: Iterable[str]) -> LoaderError:
    return LoaderError(
        f"The folder {str(path)!r} holds no file that ends in {' or '.join(endings)}; "
        f"put one file for each ticker there, as in IREN{next(iter(endings))}."
    )


def folder_files_repeat(path: object, ticker: str, names: Iterable[str]) -> LoaderError:
    return LoaderError(
        f"The folder {str(path)!r} has more than one file for {ticker} ({listed(names)}); keep one."
    )


def pyarrow_absent() -> LoaderError:
    return LoaderError(
        "Parquet files need pyarrow, which is not installed; "
        "run `pip install pyarrow` or save the file as CSV."
    )


# ── cache ────────────────────────────────────────────────────────────────────────────────
def cache_absent(package: str) -> LoaderError:
    return LoaderError(
        f"A cache of prices needs {package}, which is not installed; "
        f'run pip install "eventstudy-numpy[cache]".'
    )


def cache_twice(folder: object) -> LoaderError:
    return LoaderError(
        f"This loader is cached already, in {str(folder)!r}; give the loader below it."
    )


def cache_folder_unusable(folder: object, why: object) -> LoaderError:
    reason = getattr(why, "strerror", None) or why
    return LoaderError(
        f"The cache folder {str(folder)!r} cannot be used ({reason}); give one that can be "
        f"written, or use `offline` to read what it holds."
    )


def cache_busy(folder: object, seconds: float) -> LoaderError:
    return LoaderError(
        f"Another process fills the cache folder {str(folder)!r} and did not end within "
        f"{seconds:g} s; wait for it, or give another folder."
    )


def cache_fields_refused(loader: str, fields: Iterable[str]) -> LoaderError:
    return LoaderError(
        f"{loader} has no argument `fields`, so it gives adj_close alone and not "
        f"{listed(fields, 8)}; add the argument, or ask for adj_close."
    )


def cache_answer_unusable(loader: str, got: str) -> LoaderError:
    return LoaderError(
        f"{loader} answered with {got}, which cannot be kept; a loader gives a DataFrame of "
        f"dates × tickers, or × (field, ticker), with numbers."
    )


def cache_nothing(
    loader: str, causes: Mapping[str, tuple[Sequence[str], str]], first: object, last: object
) -> LoaderError:
    return LoaderError(
        f"{loader} gave no price from {first} to {last}: {_by_status(causes)}; check the tickers, "
        f"the dates and the connection."
    )


def cache_empty_offline(
    folder: object, tickers: Sequence[str], days: tuple[object, object], causes: Iterable[str]
) -> LoaderError:
    why = f" ({listed(distinct)})" if (distinct := dict.fromkeys(causes)) else ""
    return LoaderError(
        f"Offline, and the cache folder {str(folder)!r} holds not one price of "
        f"{listed(tickers)} from {days[0]} to {days[1]}{why}; leave out `offline` once to fetch "
        f"them."
    )


# ── Yahoo ────────────────────────────────────────────────────────────────────────────────
def yfinance_absent(lacking: str) -> LoaderError:
    state = "is not installed" if lacking == "yfinance" else f"lacks a package, {lacking}"
    return LoaderError(
        f"Prices of Yahoo Finance need yfinance, which {state}; "
        f"run `pip install yfinance` or load a file."
    )


def yahoo_session(kind: str) -> LoaderError:
    return LoaderError(
        f"session= is a {kind}; give a Session of curl_cffi or of requests that keeps no cache "
        f"of its own, or leave it out."
    )


def yahoo_option(option: str, value: object, needed: str) -> LoaderError:
    return LoaderError(f"{option}={value!r} of es.loaders.Yahoo cannot be; give {needed}.")


def tqdm_absent() -> LoaderError:
    return LoaderError(
        "progress=True needs tqdm, which is not installed; "
        "run `pip install tqdm` or leave `progress` out."
    )


def yahoo_nothing(
    causes: Mapping[str, tuple[Sequence[str], str]], first: object, last: object
) -> LoaderError:
    """Causes: status → the tickers it met, and one sentence why."""
    asked = sum(len(tickers) for tickers, _ in causes.values())
    if causes.keys() & {"network", "timeout"}:
        advice = "check the connection, or load a file or what es.loaders.cached has kept"
    elif "rate_limited" in causes:
        advice = "try again in some minutes, with fewer tickers at a time"
    elif "bad_answer" in causes:
        advice = "try again later"
    else:
        advice = "check the tickers and the dates"
    return LoaderError(
        f"Yahoo gave no price for {asked} ticker{'s' * (asked > 1)} from {first} to {last}: "
        f"{_by_status(causes)}; {advice}."
    )


def _by_status(causes: Mapping[str, tuple[Sequence[str], str]]) -> str:
    return "; ".join(
        f"{status} ({len(tickers)}: {listed(tickers)}): {why}"
        for status, (tickers, why) in causes.items()
    )


def earnings_limit(limit: object) -> LoaderError:
    return LoaderError(
        f"limit={limit!r} is not a number of reports; give a whole number of 1 or more, or leave "
        f"it out."
    )


def earnings_retries(retries: object) -> LoaderError:
    return LoaderError(
        f"retries={retries!r} is not a number of waits; give a whole number from 0 to 10."
    )


def earnings_nothing(causes: Mapping[str, tuple[Sequence[str], str]]) -> LoaderError:
    """Causes: status → the tickers it met, and one sentence why."""
    told = "; ".join(
        f"{status} ({len(tickers)}: {listed(tickers)}): {why}"
        for status, (tickers, why) in causes.items()
    )
    return LoaderError(
        f"Yahoo gave no earnings date: {told}; check the tickers, the days and the connection, or "
        f"read events from a file."
    )


# ── databases ────────────────────────────────────────────────────────────────────────────
def sql_no_connection(value: object) -> LoaderError:
    kind = value.__name__ if isinstance(value, type) else type(value).__name__
    return LoaderError(
        f"`connection` is a {kind}, over which no query can be run; give an open DB-API "
        f"connection, a connection of DuckDB, or an Engine or Connection of SQLAlchemy."
    )


def sql_no_query(value: object) -> LoaderError:
    kind = "empty" if isinstance(value, str) else f"a {type(value).__name__}"
    return LoaderError(
        f"`query` is {kind}; give the text of a query, in which the tickers stand as "
        f"`ticker IN (:tickers)`."
    )


def sql_unknown_parameter(name: str, known: Sequence[str]) -> LoaderError:
    return LoaderError(
        f"The query has a parameter :{name}, which no loader is asked; it may have "
        f"{listed([f':{each}' for each in known], 9)}." + did_you_mean(name, known)
    )


def sql_failed(driver: str, why: str) -> LoaderError:
    return LoaderError(
        f"The database ({driver}) did not run the query: {why}; check the query, and whether the "
        f"connection is open."
    )


def sql_no_table() -> LoaderError:
    return LoaderError(
        "The query gave no table; give one that selects rows, as `SELECT ...` or `WITH ...` do."
    )


def sql_columns_repeat(names: Iterable[str]) -> LoaderError:
    return LoaderError(
        f"The query gives more than one column {listed(sorted(names))}; name each by `AS`."
    )


def sql_no_ticker_column(names: Iterable[str], tickers: int) -> LoaderError:
    return LoaderError(
        f"{tickers} tickers were asked for, and the query gives {listed(names, 8)} without saying "
        f"whose prices they are; select the ticker too, and call it `ticker`."
    )


# ── the web and keys ─────────────────────────────────────────────────────────────────────
def address_not_https(host: str) -> LoaderError:
    return LoaderError(
        f"The address at {host!r} does not begin with https://, so that others could read and "
        f"change what is sent; give one that does."
    )


def address_with_password(host: str) -> LoaderError:
    return LoaderError(
        f"The address at {host} holds a user name or a password; send it as a header, with the "
        f"value in an es.loaders.Key."
    )


def request_unusable(host: str) -> LoaderError:
    return LoaderError(
        f"The request to {host} cannot be sent; look for line ends and signs beyond ASCII in its "
        f"headers and its address."
    )


def host_unreachable(host: str, why: str) -> LoaderError:
    return LoaderError(
        f"{host} cannot be reached ({why}); check the connection and try again.", "network"
    )


def host_silent(host: str, seconds: float) -> LoaderError:
    return LoaderError(
        f"{host} did not finish its answer within {seconds:g} seconds; try again later.", "timeout"
    )


def host_wants_rest(host: str, wait: float | None) -> LoaderError:
    said = f" for {wait:.0f} seconds" if wait and wait < 1e9 else ""
    return LoaderError(
        f"{host} asks to be left alone{said} (status 429); ask again later, and for less.",
        "rate_limited",
    )


_ANSWERS = {
    401: "the key is missing or is not accepted",
    403: "access is refused",
    404: "there is nothing at this address",
    410: "there is nothing at this address any more",
}


def host_answered(host: str, status: int) -> LoaderError:
    server = "the server failed" if status >= 500 else "not what was asked for"
    return LoaderError(
        f"{host} answered with status {status} ({_ANSWERS.get(status, server)}); check what was "
        f"asked for, or try again later.",
        "not_found" if status in (404, 410) else "bad_answer",
    )


def redirect_refused(host: str, why: str) -> LoaderError:
    return LoaderError(
        f"{host} sends us on {why}, and that is not followed; check the address.", "bad_answer"
    )


def answer_too_large(host: str, most: int) -> LoaderError:
    return LoaderError(
        f"The answer of {host} is larger than {most:,} bytes and was not read to its end; ask "
        f"for less.",
        "bad_answer",
    )


def answer_broken_off(host: str) -> LoaderError:
    return LoaderError(f"The answer of {host} broke off; try again.", "bad_answer")


def answer_not_json(host: str, found: str) -> LoaderError:
    return LoaderError(
        f"{host} answered with {found} where JSON was needed; check the address, or try again "
        f"later.",
        "bad_answer",
    )


def key_absent(name: str) -> LoaderError:
    return LoaderError(
        f"The environment has no variable {name}, or it is empty; set it to your key."
    )


def key_unusable(name: str) -> LoaderError:
    return LoaderError(
        f"The key {name} is empty, or holds line ends or signs beyond ASCII; copy it again."
    )


def key_not_saved(name: str) -> LoaderError:
    return LoaderError(
        f"The key {name} is not written to files or sent to other processes; read it there with "
        f"es.loaders.Key.from_env."
    )


# ── factors of the library ───────────────────────────────────────────────────────────────
def folder_without_french(path: object) -> LoaderError:
    return LoaderError(
        f"The folder {str(path)!r} holds no CSV or zip; put files of the Kenneth French library "
        f"there."
    )


def archive_unusable(name: object, why: str) -> LoaderError:
    return LoaderError(
        f"The file {str(name)!r} cannot be unpacked ({why}); download it again.", "bad_answer"
    )


def french_no_factors(name: str) -> LoaderError:
    return LoaderError(
        f"No line of {name!r} names factors such as Mkt-RF, SMB or Mom; give a CSV or zip of the "
        f"Kenneth French library.",
        "bad_answer",
    )


def french_no_rows(name: str) -> LoaderError:
    return LoaderError(
        f"No row of numbers follows the names of the factors in {name!r}; download it again.",
        "bad_answer",
    )


def french_row(name: str, row: str, why: str) -> LoaderError:
    shown = " ".join(row.split())
    shown = shown if len(shown) <= 60 else f"{shown[:60]}…"
    return LoaderError(
        f"The row {shown!r} of {name!r} {why}; download the file again.", "bad_answer"
    )


def french_fractions(name: str, frequency: str, median: float) -> LoaderError:
    return LoaderError(
        f"Half of the {frequency} factors in {name!r} are below {median:.2g}, so they are "
        f"fractions already; give the library's own file, in percent, or the table itself to the "
        f"Panel."
    )


def french_frequency(name: str, found: str, asked: str) -> LoaderError:
    instead = (
        "give the daily or the monthly file"
        if found == "weekly"
        else f"say frequency={found!r}, or give the other file"
    )
    return LoaderError(
        f"{name!r} holds {found} factors and frequency={asked!r} was asked; {instead}."
    )


def french_two_smb() -> OptionError:
    return OptionError(
        "sets names '3' and '5', which have an SMB each; choose one of them, and read the other "
        "in a call of its own."
    )


def french_set_absent(name: str, columns: Sequence[str], files: Sequence[str]) -> LoaderError:
    seen = f"in none of {listed(files)}" if files else "in no file"
    return LoaderError(
        f"The set {name!r} ({', '.join(columns)}) is {seen} in this frequency; give its file too, "
        f"or leave it out of `sets`."
    )


def french_set_twice(name: str, files: Sequence[str]) -> LoaderError:
    return LoaderError(f"The set {name!r} is in {' and in '.join(files)}; give one of them.")


# ── filings with the SEC ─────────────────────────────────────────────────────────────────
def edgar_cik(value: object) -> LoaderError:
    return LoaderError(
        f"{value!r} is not a CIK, a number of at most ten digits by which the SEC knows a filer; "
        f"give such numbers, or a mapping as in {{'IREN': 1878848}}."
    )


def edgar_user_agent() -> LoaderError:
    return LoaderError(
        "user_agent does not say who asks; the SEC wants a name and an address, as in "
        "'Jane Doe jane@example.org'."
    )


def edgar_item(value: str) -> LoaderError:
    return LoaderError(
        f"items holds {value!r}, which is no item of an 8-K; write them as in '2.02', or give () "
        f"for all."
    )


def edgar_layout(cik: int) -> LoaderError:
    return LoaderError(
        f"The SEC's list of filings of CIK {cik} is not laid out as it used to be; look whether a "
        f"newer version of eventstudy reads it.",
        "bad_answer",
    )


def edgar_not_asked(status: str) -> LoaderError:
    return LoaderError(
        "It was not asked for, because the SEC did not answer what was asked before.", status
    )


def edgar_unread(filers: Sequence[str], first: LoaderError) -> LoaderError:
    return LoaderError(
        f"Not one list of filings could be read ({listed(filers)}): {first}", first.status
    )


def edgar_nothing(filers: Sequence[str], forms: Sequence[str], failed: int) -> LoaderError:
    more = f" {failed} of the lists could not be read." if failed else ""
    return LoaderError(
        f"Not one filing {' or '.join(forms)} with such items was found of {listed(filers)} on the "
        f"days asked for; ask for other forms, items or days.{more}"
    )


# ── models and engine ────────────────────────────────────────────────────────────────────
def no_risk_free(model: str) -> ModelError:
    return ModelError(
        f"{model} explains returns in excess of the risk-free rate, and the panel has none; "
        f"give `risk_free=` to the Panel."
    )


def empty_model() -> ModelError:
    return ModelError(
        "FactorModel got no factor and no intercept; name a factor, or use RawReturn()."
    )


def factor_twice(names: Sequence[str], model: str = "FactorModel") -> ModelError:
    return ModelError(f"{model} got a factor twice: {', '.join(names)}; name each once.")


def garch_needs_arch() -> ModelError:
    return ModelError(
        "GarchMarketModel needs the package `arch`; install it, or the extra that brings it: "
        'pip install "eventstudy-numpy[garch]".'
    )


def wrong_shape(model: str, part: str, got: Sequence[int], need: Sequence[int]) -> ModelError:
    return ModelError(
        f"{model}.fit gave `{part}` with shape {tuple(got)} where {tuple(need)} was needed; "
        f"see eventstudy.Fit for the shapes."
    )


def not_a_fit(model: str, got: str) -> ModelError:
    return ModelError(f"{model}.fit gave a {got}; it must return an eventstudy.Fit.")


def parameters_renamed(model: str, one: Iterable[object], two: Iterable[object]) -> ModelError:
    return ModelError(
        f"{model}.fit named its parameters ({listed(one)}) on one date and ({listed(two)}) on "
        f"another; all dates must have the same."
    )


# ── many events ──────────────────────────────────────────────────────────────────────────
def workers_not_counted(value: object) -> OptionError:
    return OptionError(f"workers={value!r} is no number of threads; give 1 or more.")


def not_an_executor(value: object) -> OptionError:
    return OptionError(
        f"executor is a {type(value).__name__}; give a concurrent.futures.Executor, such as a "
        f"ProcessPoolExecutor or what client.get_executor() of Dask returns."
    )


def model_cannot_travel(name: str) -> ModelError:
    return ModelError(
        f"{name} cannot be sent to another process; define the model and what it holds at the top "
        f"of a module that the workers can import, or use workers= instead of an executor."
    )


def file_not_here(path: object) -> PanelError:
    return PanelError(
        f"The file {str(path)!r} of the panel cannot be opened in this process; it has to lie "
        f"under this path wherever a worker runs, and to stay there while they work."
    )


def workers_and_executor(workers: int) -> OptionError:
    return OptionError(
        f"workers={workers} and an executor were given; the executor decides how many work, so "
        f"give one of the two."
    )


def windows_without_store() -> OptionError:
    return OptionError(
        "windows= was given, and store='full' keeps every day of the event window; leave it out, "
        "or say store='car' or store='aggregate'."
    )


# ── thin trading and robust lines ────────────────────────────────────────────────────────
def bad_lags(value: object) -> OptionError:
    return OptionError(
        f"Dimson got lags={value!r}; give how many days before and after count, as in lags=1."
    )


def weights_without_use(weights: str, lags: int, mode: str) -> OptionError:
    return OptionError(
        f"Dimson got weights={weights!r} with lags={lags} and mode={mode!r}; these weights are "
        f"published for lags 1 and 2 and weigh the sum of the slopes (mode='sum')."
    )


def bad_huber_k(value: object) -> OptionError:
    return OptionError(
        f"RobustMarketModel got k={value!r}; give a number above 0, as in k=1.345 (infinity is "
        f"least squares)."
    )


def option_of_another_method(option: str, value: object, method: str, chosen: str) -> OptionError:
    return OptionError(
        f"RobustMarketModel got {option}={value!r}, which is for method={method!r}; leave it out "
        f"with method={chosen!r}."
    )


# ── peers, benchmarks, donors, gaps ──────────────────────────────────────────────────────
def peers_not_a_list(value: object) -> ModelError:
    return ModelError(
        f"peers got {value!r}; give a list of tickers, such as es.factors.peers(['IREN', 'CIFR'])."
    )


def peers_least(value: object) -> ModelError:
    return ModelError(f"min_peers={value!r} is not a number of peers; give 1 or more.")


def peers_too_few(tickers: Sequence[str], least: int) -> ModelError:
    return ModelError(
        f"peers got {len(tickers)} of the {least} tickers that min_peers={least} asks for "
        f"({listed(tickers) or 'none'}); list more, or lower `min_peers`."
    )


def peers_without_prices(name: str, lost: Sequence[str], found: int, least: int) -> ModelError:
    return ModelError(
        f"Of the tickers of `{name}` the panel has {found} and min_peers={least} are needed; "
        f"it lacks {listed(lost)}: load their prices too."
    )


def benchmark_unreadable(value: object) -> ModelError:
    return ModelError(
        f"BenchmarkPortfolio got {value!r}; give a mapping of ticker to ticker, list or "
        f"{{ticker: weight}}, or es.factors.peers([...])."
    )


def benchmark_empty(ticker: str) -> ModelError:
    return ModelError(f"The benchmark of {ticker} is empty; name at least one ticker.")


def benchmark_of_itself(ticker: str) -> ModelError:
    return ModelError(f"{ticker} is in its own benchmark; leave it out there.")


def benchmark_weights(ticker: str, total: float) -> ModelError:
    return ModelError(
        f"The weights of the benchmark of {ticker} add up to {total:g}; they must add up to 1."
    )


def donors_too_few(model: str, donors: Sequence[str]) -> ModelError:
    return ModelError(
        f"{model} got {len(donors)} donors ({listed(donors) or 'none'}); name two or more tickers, "
        f"each once."
    )


def donors_not_a_list(model: str, value: object) -> ModelError:
    return ModelError(
        f"{model} got {value!r} as donors; give a list of tickers, such as ['MSFT', 'ORCL']."
    )


def donors_with_events(model: str, tickers: Sequence[str]) -> ModelError:
    return ModelError(
        f"{model} has donors with events of their own ({listed(tickers)}); a donor must never be "
        f"treated: leave them out of the donors, or their events out of the study."
    )


def elastic_net_mix(value: object) -> ModelError:
    return ModelError(
        f"ElasticNetModel got alpha={value!r}; give a share of the absolute penalty above 0 and "
        f"up to 1."
    )


def elastic_net_penalty(value: object) -> ModelError:
    return ModelError(
        f"ElasticNetModel got penalty={value!r}; give a number of 0 or more, or None to choose it "
        f"by cross-validation."
    )


def no_gap_returns(model: str) -> ModelError:
    return ModelError(
        f"{model} needs returns since the last trade; make the panel by "
        f"Panel.from_prices(prices, kind='log', across_gaps=True)."
    )


# ── inference ────────────────────────────────────────────────────────────────────────────
def window_not_folded(window: object, kept: Iterable[object]) -> OptionError:
    return OptionError(
        f'The window {window} was not summed with store="aggregate"; kept are {listed(kept)}, '
        f"each event day, and from the first to each: name it in windows= and run again."
    )


def events_not_kept(name: str) -> OptionError:
    return OptionError(
        f'store="aggregate" keeps sums over the events, and {name!r} needs each of them; run '
        f'with store="car" or "full".'
    )


def unknown_test(name: object, known: Sequence[str]) -> OptionError:
    return OptionError(
        f"There is no test named {name!r}; choose one of {', '.join(known)}, or give a function."
        + did_you_mean(str(name), known)
    )


def min_overlap_too_small(value: object) -> OptionError:
    return OptionError(
        f"`min_overlap` is {value!r}, but a correlation needs at least 3 common days; "
        f"give a whole number from 3 up."
    )


def min_events_too_small(value: object) -> OptionError:
    return OptionError(
        f"`min_events` is {value!r}, but the jackknife leaves one event out and needs a spread of "
        f"the rest; give a whole number from 3 up."
    )


def level_outside(value: object) -> OptionError:
    return OptionError(
        f"`level` is {value!r}, but a significance level lies between 0 and 1; "
        f"give 0.05 for five per cent."
    )


def contrast_shape(shape: Sequence[int], n: int) -> OptionError:
    return OptionError(
        f"weights of shape {tuple(shape)} do not fit {n} events; give one weight an event, or a "
        f"row of them for each contrast."
    )


def contrast_values() -> OptionError:
    return OptionError(
        "weights must be finite numbers, not all of them zero in a contrast; give 1/N each for "
        "a mean, or 'equal' to compare all effects."
    )


def rng_unusable(value: object) -> OptionError:
    return OptionError(
        f"rng={value!r} cannot make random numbers; give a seed, a whole number from 0 up, "
        f"or a numpy.random.Generator."
    )


def not_a_count(option: str, value: object) -> OptionError:
    return OptionError(f"{option}={value!r} is not a count; give a whole number from 1 up.")


def no_placebo_sessions(least: int) -> OptionError:
    return OptionError(
        f"No event has {least} sessions on which it could have lain without news, with both "
        f"windows inside the data; give longer prices or a shorter estimation window."
    )


def placebo_dates_do_not_fit(dates: int, sessions: int) -> OptionError:
    return OptionError(
        f"{dates} placebo dates do not fit beside each other into {sessions} sessions; give "
        f"longer prices, fewer dates or shorter windows."
    )


def effect_not_a_fraction(value: object) -> OptionError:
    return OptionError(
        f"effects holds {value!r}; give returns as fractions, as in (0.01, 0.02) for one and two "
        f"per cent."
    )


def no_test_to_calibrate() -> OptionError:
    return OptionError("tests is empty; name at least one test, or leave it out to ask all.")


def strata_too_few(value: object) -> OptionError:
    return OptionError(
        f"strata={value!r} is no number of parts; give a whole number from 2 up, such as 3."
    )


def strata_without_market() -> OptionError:
    return OptionError(
        "Strata are parts of the market's volatility and the panel has no market; "
        "give `market=` to the Panel, or leave `strata` out."
    )


def strata_unusable(got: object, days: int) -> OptionError:
    return OptionError(
        f"`strata` is {got}; give a number of groups from 2 up, or one label for each of the "
        f"{days} estimation days."
    )


def stratum_alone() -> OptionError:
    return OptionError(
        "`stratum` names the stratum of the event where `strata` holds one label a day; "
        "give both, or a number of groups alone."
    )


def not_pvalues(option: str, worst: object) -> OptionError:
    return OptionError(f"`{option}` holds {worst}, but a p-value lies between 0 and 1.")


def draws_misshapen(draws: object, statistics: object) -> OptionError:
    return OptionError(
        f"`draws` has the shape {draws} for statistics of the shape {statistics}; give one row "
        f"a draw, with one column for each statistic."
    )


# ── study and result ─────────────────────────────────────────────────────────────────────
def nothing_to_draw(name: str) -> OptionError:
    return OptionError(f"`{name}` is empty, so there is nothing to draw; give at least one row.")


def one_group_per_ax(groups: int) -> OptionError:
    return OptionError(
        f"`ax` takes one group but {groups} came; leave `ax` out for one picture a group."
    )


def negative_shift(value: object) -> OptionError:
    return OptionError(f"max_shift={value!r} is not a number of calendar days; give 0 or more.")


def no_market(model: str) -> ModelError:
    return ModelError(
        f"{model} needs a market and the panel has none; give `market=` to the Panel."
    )


def duplicate_event(event: str, original: str, ticker: str) -> EventsError:
    return EventsError(
        f"Events {original!r} and {event!r} share ticker {ticker} and day 0; remove one, or use "
        f"Timing(duplicates='first') or Timing(duplicates='keep')."
    )


def not_a_session(event: str, ticker: str, day: str, count: int) -> EventsError:
    more = f" (and {count - 1} more)" if count > 1 else ""
    return EventsError(
        f"Event {event!r} of {ticker} falls on {day}, which is not a session{more}; "
        f"use Timing(roll='forward') to take the next one."
    )


def not_a_model(value: object) -> ModelError:
    return ModelError(
        f"model={value!r} is not a model; give an object with `needs` and `fit(block)`, "
        f"such as es.MarketModel()."
    )


def model_is_a_class(name: str) -> ModelError:
    return ModelError(f"model={name} is a class; give an instance: model={name}().")


def needs_unreadable(model: str, needs: object) -> ModelError:
    return ModelError(
        f"{model}.needs is {needs!r}; give a tuple of names of factors, such as ('market',)."
    )


def not_a_timing(value: object) -> OptionError:
    return OptionError(
        f"timing={value!r} is not a Timing; give an instance such as es.Timing(duplicates='keep')."
    )


def not_a_panel(got: str) -> PanelError:
    return PanelError(f"panel is a {got}; make one with es.Panel.from_prices(prices, market=...).")


def min_obs_out_of_range(value: object, length: int) -> WindowError:
    return WindowError(
        f"min_obs={value!r} does not fit an estimation window of {length} days; "
        f"give a whole number from 1 to {length}."
    )


def estimation_too_short(length: int, need: int, model: str) -> WindowError:
    return WindowError(
        f"The estimation window has {length} days and {model} needs at least {need}; "
        f"begin it earlier."
    )


def nothing_left(reasons: str, first: str, dropped: object) -> NothingLeft:
    error = NothingLeft(f"Every event was dropped: {reasons}. The first: {first}.")
    error.dropped = dropped
    return error


def unknown_test_option(test: str, option: str, known: Sequence[str]) -> OptionError:
    return OptionError(
        f"{test} has no option {option!r}; it has {', '.join(known)}." + did_you_mean(option, known)
    )


def test_option_missing(test: str, option: str) -> OptionError:
    return OptionError(
        f"{test} cannot be asked without `{option}`; ask it alone, as in "
        f"result.test({test!r}, window, {option}=...)."
    )


def no_such_group(column: object, known: Sequence[object]) -> OptionError:
    return OptionError(
        f"The events have no column {column!r}; they have {listed(known, 8)}."
        + did_you_mean(str(column), known)
    )


def bad_mask(got: int, need: int) -> OptionError:
    return OptionError(
        f"The mask has {got} entries for {need} events; give one truth value an event, "
        f"in the order of result.events or with its index."
    )


def mask_not_truth(kind: str) -> OptionError:
    return OptionError(
        f"The mask holds {kind} values; give one truth value an event, as in "
        f"result.where(result.events['usd'] > 1e9)."
    )


def no_such_part(group: object, known: Sequence[object]) -> OptionError:
    return OptionError(
        f"There is no group {group!r}; the groups are {listed(known, 8)}."
        + did_you_mean(str(group), known)
    )


def bad_bins(bins: object, dtype: str) -> OptionError:
    return OptionError(
        f"bins={bins!r} cuts numbers into 2 or more groups, and the column is of type {dtype}; "
        f"leave bins out to group by value."
    )


def empty_selection() -> OptionError:
    return OptionError("The mask selects no event; choose at least one.")


def not_a_loader(value: object) -> LoaderError:
    return LoaderError(
        f"loader={value!r} cannot be called; give a loader such as es.loaders.sample or "
        f"es.loaders.csv(path), or a function of (tickers, start, end)."
    )


def load_without_series(source: str, causes: Mapping[str, str]) -> LoaderError:
    names = [f"{name} ({cause})" if cause else name for name, cause in causes.items()]
    return LoaderError(
        f"{source} gave no price of {listed(names)}, which the study needs as market or factor; "
        f"check the name."
    )


def load_without_start(loader: str) -> LoaderError:
    return LoaderError(f"{loader} gave no prices; check the tickers and the dates of the events.")


# ── groups and the cross-section ─────────────────────────────────────────────────────────
def formula_not_right_side(value: object) -> OptionError:
    return OptionError(
        f"formula={value!r} is not the right side of a regression; name what explains the CAR, "
        f"as in 'surprise + size'."
    )


def formula_unreadable(formula: str, reason: str, columns: Sequence[object]) -> OptionError:
    return OptionError(
        f"The formula {formula!r} cannot be read ({reason}); write it as in 'surprise + size', "
        f"with columns of the events ({listed(columns, 8)})."
    )


def formula_infinite(formula: str) -> OptionError:
    return OptionError(
        f"The formula {formula!r} gives an infinite value for an event; leave the event out by "
        f"result.where, or transform the column otherwise."
    )


def formula_without_terms(formula: str) -> OptionError:
    return OptionError(
        f"The formula {formula!r} has no term; name a column, or '1' for the mean alone."
    )


def too_few_to_explain(events: int, terms: int, gone: int) -> OptionError:
    why = f" ({gone} more lack a value)" if gone else ""
    return OptionError(
        f"{events} events{why} are too few for a regression with {terms} terms; name fewer "
        f"terms or take more events."
    )


def regressor_constant(name: str, events: int) -> OptionError:
    return OptionError(
        f"The term {name!r} is the same for all {events} events, so it explains no difference "
        f"between them; leave it out."
    )


def regressors_collinear(names: Sequence[str]) -> OptionError:
    return OptionError(
        f"The terms before it determine {listed(map(repr, names))}, so their effects cannot be "
        f"told apart; leave it out."
    )


def draws_without_clusters(draws: object, se: str) -> OptionError:
    return OptionError(
        f"draws={draws!r} asks for the wild cluster bootstrap, and se={se!r} has no clusters; "
        f"give se='date', or leave draws out."
    )


def one_group_only(groups: Sequence[object]) -> OptionError:
    return OptionError(
        f"The events make {len(groups)} group{'' if len(groups) == 1 else 's'} "
        f"({listed(groups)}), and a comparison needs two or more; choose another key."
    )


def not_two_groups(groups: object) -> OptionError:
    return OptionError(
        f"groups={groups!r} does not name two different groups; give two or more, or one group "
        f"that all others are compared with."
    )


# ── one firm, one event ──────────────────────────────────────────────────────────────────
def no_such_event(event: object, known: Sequence[object]) -> OptionError:
    return OptionError(
        f"The result has no event {event!r}; its events are {listed(known)}."
        + did_you_mean(str(event), known)
    )


def event_was_dropped(event: object, reason: str, detail: str) -> OptionError:
    return OptionError(
        f"Event {event!r} was dropped ({reason}: {detail}), so it has no abnormal return; mend "
        f"that first."
    )


def no_amount(option: str, value: object) -> OptionError:
    return OptionError(f"{option}={value!r} is no amount; give one number above 0.")


def shares_or_cap(shares: object, cap: object) -> OptionError:
    return OptionError(
        f"shares={shares!r} and market_cap={cap!r}: either one gives the market capitalisation; "
        f"leave one out."
    )


def shares_without_price(ticker: str, day: str) -> OptionError:
    return OptionError(
        f"shares= needs the price of {ticker} before the window ({day}), and the panel has no "
        f"`close` there; give `price=` too."
    )


def around_negative(value: object) -> OptionError:
    return OptionError(f"around={value!r} is no number of sessions; give a whole number from 0 up.")


def firm_without_prices(ticker: object, known: Sequence[object]) -> OptionError:
    return OptionError(
        f"The panel has no prices of {ticker!r}; it has {listed(known)}."
        + did_you_mean(str(ticker), known)
    )


def power_outside(power: object, level: object) -> OptionError:
    return OptionError(
        f"power={power!r} lies outside {level!r} and 1; give 0.8 for four times in five."
    )


# ── every day ────────────────────────────────────────────────────────────────────────────
def not_a_study(got: str) -> OptionError:
    return OptionError(f"study is a {got}; make one with es.EventStudy(model=...).")


def threshold_not_positive(value: object) -> OptionError:
    return OptionError(f"z={value!r} is no threshold; give a number above 0, such as 4.")


def estimation_holds_day(window: object) -> WindowError:
    return WindowError(
        f"The estimation window {window} holds day 0, and a day is never measured against itself; "
        f"end it before, as in estimation=(-250, -11)."
    )


def detect_without_tickers() -> OptionError:
    return OptionError(
        "No ticker is left to look at beside those that the model needs; name some in `tickers`."
    )


def detect_tickers(value: object) -> OptionError:
    return OptionError(
        f"tickers={value!r} names no tickers; give one as text, or a list such as ['IREN', 'CIFR']."
    )


def detect_date(option: str, value: object) -> OptionError:
    return OptionError(
        f"{option}={value!r} is no day; give a date without a time or a time zone, such as "
        f"'2026-02-25'."
    )


def detect_no_session(since: object, until: object, first: object, last: object) -> OptionError:
    return OptionError(
        f"since={since!r} and until={until!r} leave no session; the panel runs from {first} to "
        f"{last}."
    )


def detect_nothing_measured(need: int, label: str, sessions: int) -> OptionError:
    return OptionError(
        f"No day can be measured: {need} valid days in the estimation window {label} are needed "
        f"before a day, and the panel has {sessions} sessions; load earlier prices, or shorten "
        f"the window."
    )


def detect_too_many(model: str, tickers: int, sessions: int, limit: int) -> OptionError:
    return OptionError(
        f"{model} is fitted day by day, and {tickers} × {sessions:,} days are more than "
        f"{limit:,}; name fewer `tickers`, or a later `since`."
    )


def detect_catalysts(value: object) -> OptionError:
    return OptionError(
        f"catalysts is a {type(value).__name__}; give an events table, None for the packaged "
        f"catalogue, or False for none."
    )


# ── command line ─────────────────────────────────────────────────────────────────────────
def no_such_prices(source: str) -> LoaderError:
    return LoaderError(
        f"--prices {source}: there is no such file or folder; give a CSV or Parquet file of "
        f"prices, `yahoo`, or `sample` for simulated ones."
    )


def offline_without_cache() -> OptionError:
    return OptionError(
        "--offline uses prices that were kept, and none are kept here: name their folder with "
        "--cache DIR."
    )


def nothing_kept_in(folder: object, why: object) -> str:
    """No error: what is printed where the user's cache folder cannot be used."""
    return (
        f"The prices are fetched and not kept, because {str(folder)!r} cannot be used ({why}): "
        f"name a folder with --cache DIR, or say --no-cache."
    )


def nothing_kept(absent: Iterable[object]) -> str:
    """No error: what is printed where prices cannot be kept."""
    return (
        f"The prices are fetched and not kept, because {listed(absent)} is not installed: "
        f"pip install 'eventstudy-numpy[cache]', or say --no-cache."
    )


def one_window_only(n: int) -> OptionError:
    return OptionError(f"`preview` looks at one window and --car names {n}; give one of them.")


def no_such_file(option: str, path: str) -> EventStudyError:
    return EventStudyError(f"{option} {path}: there is no such file.")


def path_unusable(path: object, reason: object) -> EventStudyError:
    return EventStudyError(f"{path} cannot be used ({reason}); name another file or folder.")


def events_left_out() -> EventStudyError:
    return EventStudyError(
        "--events is needed with prices of your own; only `--prices sample` brings events."
    )


def model_without_factors() -> ModelError:
    return ModelError(
        "--model FactorModel needs `--factors`, as in --factors SPY,IBIT; in --models write "
        "FactorModel:SPY+IBIT."
    )


def model_without_donors(model: str) -> ModelError:
    return ModelError(
        f"--model {model} needs donors, tickers without events, as `--factors`: --factors A,B,C."
    )


def model_needs_python(model: str) -> ModelError:
    return ModelError(
        f"--model {model} needs a benchmark for each ticker, which the command line cannot say; "
        f"use es.{model}(...) in Python."
    )


def factors_without_use(model: str) -> ModelError:
    return ModelError(
        f"--factors goes with models that take names, such as FactorModel, not with {model}, "
        f"whose factors are fixed."
    )
