"""Sentences about the events table, its dates and the exchange."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from eventstudy.errors.kinds import EventsError
from eventstudy.errors.wording import did_you_mean, kind_of, listed

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
        "Parquet files need the package `pyarrow`; run pip install pyarrow, "
        "or give the events as CSV."
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
        f"`event_id` {listed(ids)} stands more than once; give every event an id of its own, "
        f"or leave the column out and ids are made."
    )


def events_index_repeated(ids: Iterable[object]) -> EventsError:
    return EventsError(
        f"The index of the events, which names them, holds {listed(ids)} more than once; call "
        f"`reset_index(drop=True)`, and ids are made."
    )


def ticker_missing(rows: Iterable[object]) -> EventsError:
    return EventsError(f"`ticker` is missing in event {listed(rows)}; name a ticker in every row.")


def ticker_not_text(kind: str) -> EventsError:
    return EventsError(f"`ticker` holds {kind} values; give tickers as text or whole numbers.")


def ticker_of_sector_news(rows: Iterable[object]) -> EventsError:
    return EventsError(
        f"News about a sector names no ticker (event {listed(rows)}); call "
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
        f"calendar={calendar!r} needs the package `exchange_calendars`; run "
        f"pip install exchange_calendars, or {instead}."
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
        f"against= is {kind_of(got)}; give one events table of other news, with the "
        f"columns `ticker` and `date` (pd.concat joins several)."
    )


def sessions_unreadable(got: object) -> EventsError:
    return EventsError(
        f"sessions= holds no dates ({kind_of(got)} came); give a Panel, dates such as "
        f"prices.index, or an exchange as 'XNYS'."
    )
