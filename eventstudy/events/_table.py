"""The canonical events table, from a file, a DataFrame, or one piece of news and many firms."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import DateArray
from eventstudy.events._columns import (
    AFTER_CLOSE,
    READ_AS_TEXT,
    SESSIONS,
    Tickers,
    scheduled_flags,
    tickers_of,
    written,
)
from eventstudy.events._counting import effective_days
from eventstudy.events._dates import days_and_sessions
from eventstudy.events._files import read_file
from eventstudy.events._ids import event_ids

#: nanoseconds
_DAY = 86_400 * 10**9


@dataclass(frozen=True)
class Checked:
    """A canonical table of E events, and as arrays what placing them on sessions needs."""

    table: pd.DataFrame
    tickers: Tickers
    #: (E,) the first day on which the market can know
    effective: DateArray

    @classmethod
    def of(cls, table: pd.DataFrame) -> Checked:
        """Read a table that `check_events` gave."""
        return cls(table, Tickers.of(table["ticker"]), effective_days(table))


def read_events(
    source: str | os.PathLike[str] | pd.DataFrame, *, calendar: str | None = None
) -> pd.DataFrame:
    """Events from a CSV file, a Parquet file or a DataFrame, in canonical form.

    Parameters
    ----------
    source
        Path of a ``.csv``, ``.csv.gz`` or ``.parquet`` file, or a DataFrame. It needs the
        columns ``ticker`` and ``date``. Optional: ``event_id``; ``session`` (``before_open``
        or ``bmo``, ``intraday``, ``after_close`` or ``amc``, ``unknown``; missing: unknown);
        ``scheduled`` (was the day public beforehand? missing: False). Every other column is
        kept as it is. Numeric tickers, such as CRSP permnos, become text.
    calendar
        An exchange, as ``"XNYS"`` (package ``exchange_calendars``). Needed only for dates
        with a time zone: they become the exchange's local day and session, half days
        included. It changes nothing in plain dates.

    Returns
    -------
    DataFrame
        Index ``event_id``: the column of that name, or the table's own index unless it is a
        plain count from 0, or made as ``TICKER|YYYY-MM-DD|k`` with k = 1, 2, … within a ticker and
        date.

    Raises
    ------
    EventsError
        A column, ticker or date is missing; a date cannot be read in one way only (dates are
        ISO text, ``YYYYMMDD``, or date objects, from 1900 to 2100); an ``event_id`` repeats.

    Examples
    --------
    >>> import pandas as pd
    >>> from eventstudy.events import read_events
    >>> table = pd.DataFrame({"ticker": ["IREN", "CIFR"], "date": [20251103, 20251103]})
    >>> list(read_events(table).index)
    ['IREN|2025-11-03|1', 'CIFR|2025-11-03|1']
    """
    return check_events(
        source if isinstance(source, pd.DataFrame) else read_file(Path(source)), calendar
    )


def events_on(
    date: object,
    tickers: str | Iterable[str],
    *,
    session: str = "unknown",
    scheduled: bool = False,
    calendar: str | None = None,
    **columns: object,
) -> pd.DataFrame:
    """One piece of news, many firms: an event of each ticker on one date.

    Parameters
    ----------
    date
        The day of the news; or its moment, with a time zone and a ``calendar``.
    tickers
        One ticker or many.
    session, scheduled, calendar
        As in `read_events`, the same for all.
    **columns
        Further columns: one value for all, or one value a ticker.

    Raises
    ------
    EventsError
        As `read_events`; or a column has another number of values than there are tickers.

    Examples
    --------
    >>> from eventstudy.events import events_on
    >>> events_on("2026-02-25", ["IREN", "HUT"], session="after_close")["session"].tolist()
    ['after_close', 'after_close']

    With the package `exchange_calendars` the exchange's clock says so, on half days too:

    >>> events_on("2026-11-27 13:30-05:00", "IREN", calendar="XNYS")["session"].tolist()
    ['after_close']
    """
    names = [tickers] if isinstance(tickers, str) else list(tickers)
    table: dict[str, list[object]] = {"ticker": list(names)}
    given = {"date": date, "session": session, "scheduled": scheduled, **columns}
    for name, value in given.items():
        if isinstance(value, Iterable) and not isinstance(value, str):
            values = list(value)
            if len(values) != len(names):
                raise errors.events_on_length(name, len(values), len(names))
            table[name] = values
        else:
            table[name] = [value] * len(names)
    return check_events(pd.DataFrame(table), calendar)


def check_events(
    events: pd.DataFrame, calendar: str | None = None, *, named: bool = True
) -> pd.DataFrame:
    """Bring an events table into its canonical form; checking twice changes nothing.

    Parameters
    ----------
    events
        As in `read_events`. It is not changed.
    calendar
        As in `read_events`.
    named
        Whether every row must name its ticker. The catalogue's sector news does not, until
        `catalysts.expand` gave it to the miners.

    Raises
    ------
    EventsError
        As `read_events`.

    Examples
    --------
    >>> import pandas as pd
    >>> from eventstudy.events import check_events
    >>> once = check_events(pd.DataFrame({"ticker": ["IREN"], "date": ["2026-02-05"]}))
    >>> check_events(once).equals(once)
    True
    """
    return checked(events, calendar, named=named).table


def checked(events: pd.DataFrame, calendar: str | None = None, *, named: bool = True) -> Checked:
    """Check an events table, as `check_events`, and keep what was learnt on the way."""
    if not isinstance(events, pd.DataFrame):
        raise errors.events_not_a_table(events)
    if not len(events):
        raise errors.events_empty()
    _refuse_columns(events)
    rows = pd.Index(events["event_id"]) if "event_id" in events else events.index
    tickers = tickers_of(events, rows, named=named)
    days, sessions = days_and_sessions(events, rows, calendar)
    columns = {
        "ticker": tickers.text,
        "date": (days.view(np.int64) * _DAY).view("datetime64[ns]"),
        "session": written(SESSIONS, sessions),
        "scheduled": scheduled_flags(events, rows),
    }
    ids = event_ids(rows, tickers, days)
    table = _with_others(pd.DataFrame(columns, index=ids, copy=False), events)
    late = sessions == AFTER_CLOSE
    return Checked(table, tickers, (days.view(np.int64) + late).view("datetime64[D]"))


def _refuse_columns(events: pd.DataFrame) -> None:
    """Refuse a table without what is needed, or with a column that is there twice."""
    for column in ("ticker", "date"):
        if column not in events:
            raise errors.no_event_column(column, list(events.columns), list(events.index.names))
    if not events.columns.is_unique:
        for column in READ_AS_TEXT:
            if (events.columns == column).sum() > 1:
                raise errors.events_column_twice(column)
    if events.index.nlevels > 1 and "event_id" not in events:
        raise errors.events_index_levels(list(events.index.names))


def _with_others(table: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Add the columns that are not read here, as they are."""
    if events.columns.dtype == table.columns.dtype and set(events.columns) <= set(READ_AS_TEXT):
        return table
    others = events.drop(columns=[c for c in READ_AS_TEXT if c in events])
    return pd.concat([table, others.set_axis(table.index, axis="index")], axis="columns")
