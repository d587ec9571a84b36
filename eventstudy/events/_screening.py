"""Other news near an event: what else may have moved the price is flagged, never dropped."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import IntArray
from eventstudy.events._columns import TextArray
from eventstudy.events._neighbours import Places, nearest, places_of, same_news
from eventstudy.events._table import check_events
from eventstudy.windows import Window, WindowLike, as_window

WHO = ("own", "all")
#: columns that say what a piece of news was: the first of them that do
WORDS = (("category",), ("form", "items"), ("headline",), ("title",))
#: so many pieces of news are told of each event, and so many letters of each
SHOWN, LETTERS = 3, 40


def screen(
    events: pd.DataFrame,
    against: pd.DataFrame | None = None,
    within: WindowLike = (-1, 1),
    *,
    who: str = "own",
    sessions: object = None,
) -> pd.DataFrame:
    """Flag the events near which other news became known.

    Parameters
    ----------
    events
        The events of the study.
    against
        An events table of other news. Rows of the same ticker count, and rows without a
        ticker: news about the market or a sector. Default: the events themselves.
    within
        Sessions before and after that are looked at: ``(-1, 1)`` from the session before the
        event to the one after it, day 0 being the session that can first trade on the news.
    who
        ``"own"``: other firms' news does not count; news about others that concerns a firm
        counts after `catalysts.expand` gave it to the firm. ``"all"``: news of every ticker
        counts, as in a table of the reports of Nvidia and the hyperscalers.
    sessions
        What sessions are: a `Panel`, dates, or an exchange as ``"XNYS"`` (package
        ``exchange_calendars``). Default, and before and after the dates given: Monday to
        Friday, so that a holiday counts as a session.

    Returns
    -------
    DataFrame
        The events, all of them and in their order, with the columns ``confounded`` and
        ``confounded_by``: what, when and on which event day, nearest first. False says that
        `against` holds nothing else, not that nothing else happened.

        No event confounds itself: neither a row of the same ``event_id`` nor the news that it
        was expanded from (column ``catalyst``). An id that was made (``TICKER|date|1``) says
        only firm and day; such rows are the same news where `against` holds all of `events`.

    Raises
    ------
    EventsError
        `events` or `against` is not an events table, or `sessions` cannot be read.
    WindowError
        `within` is not a window.

    Examples
    --------
    >>> import eventstudy as es
    >>> deals = es.events_on("2025-11-03", ["CIFR", "IREN"], category="deal")
    >>> reports = es.events_on("2025-11-03", "CIFR", session="bmo", category="earnings")
    >>> found = es.screen(deals, against=reports)
    >>> found["confounded_by"].tolist()
    ['earnings 2025-11-03 (day 0)', '']
    >>> clean = found[~found["confounded"]]
    """
    window = as_window(within)
    if who not in WHO:
        raise errors.unknown_option("who", who, WHO)
    table = check_events(events, named=False)
    news = table if against is None else _news(against)
    count, told = np.zeros(len(table), dtype=np.int64), np.full(len(table), "", dtype=object)
    if len(news):
        piece = pd.Series(np.arange(len(news)), news.index)
        if who == "all":
            news, piece = _once(news, piece)
        places = places_of(table, news, sessions, every=who == "all")
        count, told = _near(table, news, window, places, piece)
    screened = table.assign(
        confounded=count > 0, confounded_by=pd.Series(told, index=table.index).astype("str")
    )
    screened.attrs = dict(events.attrs)
    return screened


def _news(against: object) -> pd.DataFrame:
    if not isinstance(against, pd.DataFrame):
        raise errors.screen_not_a_table(against)
    return check_events(against, named=False) if len(against) else against


def _once(news: pd.DataFrame, piece: pd.Series[int]) -> tuple[pd.DataFrame, pd.Series[int]]:
    """News that was expanded to many firms as one piece of news, and the piece of each row."""
    if "catalyst" not in news:
        return news, piece
    key = ["catalyst", "date", "session"]
    given = news["catalyst"].notna()
    several = given & news.duplicated(key, keep=False)
    again = given & news.duplicated(key)
    first = piece.mask(again).groupby([news[name] for name in key], dropna=False)
    piece = piece.mask(again, first.transform("first")).rank(method="dense").astype(np.int64) - 1
    alone = news.assign(ticker=news["ticker"].mask(several))
    return alone[~again], piece


def _near(
    table: pd.DataFrame,
    news: pd.DataFrame,
    window: Window,
    places: Places,
    piece: pd.Series[int],
) -> tuple[IntArray, TextArray]:
    """(E,) how many other pieces of news lie in the window, and what the nearest are."""
    event, row = same_news(table, news, places, piece)
    inside = places.concern((event, row), window)
    itself = event[inside] * np.int64(len(news)) + row[inside]
    own = np.bincount(event[inside], minlength=len(table))
    count, (event, row) = nearest(places, window, own + SHOWN)
    other = ~np.isin(event * np.int64(len(news)) + row, itself)
    event, row = event[other], row[other]
    apart = places.news_day[row] - places.day[event]
    order = np.lexsort((row, apart, np.abs(apart), event))
    event, row, apart = event[order], row[order], apart[order]
    rank = np.arange(len(event)) - np.searchsorted(event, event)
    text = _labels(table, news, event, row) + " (day " + _signed(apart) + ")"
    told = np.full(len(table), "", dtype=object)
    for k in range(SHOWN):
        at = rank == k
        told[event[at]] += (", " if k else "") + text[at]
    more = count - own - SHOWN
    told[more > 0] += " and " + more[more > 0].astype(str).astype(object) + " more"
    return count - own, told


def _labels(table: pd.DataFrame, news: pd.DataFrame, event: IntArray, row: IntArray) -> TextArray:
    """(P,) what a piece of news was and when; of another firm also whose."""
    said = pd.Series("", index=news.index, dtype=object)
    for names in WORDS:
        text = pd.Series("", index=news.index, dtype=object)
        for name in names:
            if name in news:
                text += " " + news[name].astype(object).where(news[name].notna(), "").astype(str)
        said = said.where(said != "", text.str.strip())
    long = said.str.len() > LETTERS
    said = said.mask(long, said.str.slice(0, LETTERS - 1) + "…").replace("", "news")
    label = np.asarray(said + " " + news["date"].dt.strftime("%Y-%m-%d"), dtype=object)[row]
    whose = np.asarray(news["ticker"].astype(object).fillna(""), dtype=object)[row]
    other = (whose != "") & (whose != np.asarray(table["ticker"], dtype=object)[event])
    return np.asarray(np.where(other, whose + " ", "") + label, dtype=object)


def _signed(days: IntArray) -> TextArray:
    """``-1``, ``0``, ``+1``."""
    kinds, which = np.unique(days, return_inverse=True)
    return np.array([f"{day:+d}" if day else "0" for day in kinds], dtype=object)[which]
