"""News that concerns many firms becomes one event a firm."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import DateArray
from eventstudy.catalysts._catalogue import CATEGORIES, CONFIDENCES
from eventstudy.catalysts._data import own_deals
from eventstudy.catalysts._flags import flagged, near
from eventstudy.events import check_events, effective_days
from eventstudy.universe import MINERS, OWN_SINCE
from eventstudy.universe import table as universe_table

#: which category names a shock of several: the first of these, then the rest in their order
_FIRST = ("nvidia", "capex", "earnings")
PRIORITY = (*_FIRST, *(name for name in CATEGORIES if name not in _FIRST))
WHO = ("sector", "peers")
#: how the texts of one shock are joined; every other column is the leading row's
_JOINED = {"catalyst": "+", "issuer": "+", "tickers": ";", "headline": "; ", "source": "; "}


def expand(
    events: pd.DataFrame, tickers: str | Iterable[str] = MINERS, who: str = "sector"
) -> pd.DataFrame:
    """Turn news about others into one event for each firm that may react to it.

    Parameters
    ----------
    events
        Events with a ``category``, such as `load` gives; ``tickers`` (symbols joined by
        ``;``) names firms that are part of the news themselves.
    tickers
        The firms that react. A firm takes part from its ``own_since`` on.
    who
        ``"sector"``: news of which no miner is the issuer (reports of hyperscalers and
        Nvidia, sector and market news) becomes one event a firm; the firms' own events stay
        as they are, in front of other news of the same day; events of miners outside
        `tickers` are left out. ``"peers"``: each ``deal`` that names its issuer becomes an
        event of every other firm; firms named in the deal take no part; all else is left
        out.

    Returns
    -------
    DataFrame
        An events table, sorted by day 0, with ids ``<catalyst>:<ticker>``. News that reaches
        a firm on the same day 0 (after the close, or before or during the next session) is
        one shock and one event: ids are joined by ``+``, the category and all other columns
        are those of the leading row (nvidia before capex before earnings before the rest),
        ``scheduled`` only if all were, ``confidence`` the lowest. Added columns:
        ``catalyst``, the ids without the ticker; ``is_nvidia``, ``is_capex``, …, one a
        category; ``own_news``, the firm is the issuer; ``own_earnings`` and
        ``merger_arbitrage`` as in `load`, here of the firm that reacts; ``own_deal``, it
        announced another deal of the catalogue within one weekday;
        ``concurrent_financing``, only ever of a firm's own event; with ``who="peers"`` the
        ``issuer``.

    Raises
    ------
    EventsError
        `events` is not an events table or has no ``category``.
    OptionError
        `who` is not known, `tickers` is empty, or nothing is left.

    Examples
    --------
    >>> from eventstudy import catalysts
    >>> evening = catalysts.load(category="nvidia", ids="20260225-nvda-earnings")
    >>> catalysts.expand(evening, ["IREN", "HUT"])["own_earnings"].to_dict()
    {'20260225-nvda-earnings:IREN': False, '20260225-nvda-earnings:HUT': True}
    """
    if who not in WHO:
        raise errors.unknown_option("who", who, WHO)
    names = [tickers] if isinstance(tickers, str) else list(dict.fromkeys(tickers))
    if not names:
        raise errors.expand_without_tickers()
    table = check_events(events, named=False)
    if "category" not in table:
        raise errors.no_event_column("category", list(table.columns), [])
    ids = pd.Series(table.index.astype(str), index=table.index)
    table = table.assign(catalyst=table["catalyst"].fillna(ids) if "catalyst" in table else ids)
    if who == "peers":
        deals = table[(table["category"] == "deal") & table["ticker"].notna()]
        own, news = table.iloc[:0], deals.assign(issuer=deals["ticker"])
    else:
        own, news = table[table["ticker"].isin(names)], table[_about_others(table, names)]
    shocks = _shocks(_reactions(news, names))
    both = [part for part in (_marked(own), shocks) if len(part)]
    if not both:
        raise errors.expand_nothing_left(who)
    return _flags_of_each(pd.concat(both))


def _about_others(table: pd.DataFrame, names: list[str]) -> pd.Series:
    """News of which neither a firm of ``names`` nor any other miner is the issuer."""
    universe = universe_table()
    miners = universe.loc[universe["kind"].isin(["miner", "related"]), "ticker"]
    return ~table["ticker"].isin([*names, *miners])


def _reactions(news: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Every news × every firm that was listed then and is not part of the news."""
    firms = pd.DataFrame({"_firm": names})
    firms["_listed"] = pd.to_datetime(firms["_firm"].map(OWN_SINCE))
    pairs = news.reset_index(drop=True).merge(firms, how="cross")
    part = news["tickers"] if "tickers" in news else news["ticker"]
    part = part.fillna("").astype(str).str.split(";").set_axis(news["catalyst"]).explode()
    inside = pd.MultiIndex.from_frame(pairs[["catalyst", "_firm"]]).isin(
        pd.MultiIndex.from_arrays([part.index, part.to_numpy()])
    )
    there = ~((pairs["_listed"] > pairs["date"]).to_numpy(bool) | inside)
    return pairs.assign(ticker=pairs["_firm"])[there].drop(columns=["_firm", "_listed"])


def _day_zero(events: pd.DataFrame) -> DateArray:
    """Find the weekday on which news can first be traded; holidays are not known here."""
    return np.busday_offset(effective_days(events), 0, roll="forward")


def _marked(events: pd.DataFrame) -> pd.DataFrame:
    """Mark the category of each event by a boolean column; what is marked already stays."""
    marks = {f"is_{c}": (events["category"] == c).to_numpy(bool) for c in _categories(events)}
    marks["own_news"] = np.ones(len(events), dtype=bool)
    new = {name: mark for name, mark in marks.items() if name not in events}
    return events.assign(**new, _day0=_day_zero(events))


def _categories(events: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys((*CATEGORIES, *events["category"].dropna().unique())))


def _shocks(pairs: pd.DataFrame) -> pd.DataFrame:
    """Merge the news that reaches a firm on one day 0."""
    turn = pairs["session"].map({"before_open": 0, "unknown": 0, "intraday": 1, "after_close": 2})
    rank = pairs["category"].map({name: k for k, name in enumerate(PRIORITY)})
    rows = _marked(pairs).assign(_turn=turn, _rank=rank.fillna(len(PRIORITY)), own_news=False)
    rows = rows.sort_values(["date", "_turn", "catalyst"], kind="stable")
    key = ["ticker", "_day0"]
    together = rows.groupby(key, sort=False)
    shocks = rows.sort_values("_rank", kind="stable").drop_duplicates(key).set_index(key)
    shocks[["date", "session"]] = together[["date", "session"]].first()
    marks = [f"is_{name}" for name in _categories(rows)]
    shocks[marks] = together[marks].any()
    shocks["scheduled"] = together["scheduled"].all()
    several = rows[rows.duplicated(key, keep=False)].groupby(key, sort=False)
    for name in _JOINED.keys() & set(rows) if len(several) else ():
        texts = several[name].agg(_joined, mark=_JOINED[name])
        shocks.loc[texts.index, name] = texts
    if "confidence" in rows:
        sure = pd.Categorical(rows["confidence"], categories=CONFIDENCES).codes
        least = rows.assign(sure=sure).groupby(key, sort=False)["sure"].min()
        shocks["confidence"] = least.map(dict(enumerate(CONFIDENCES)))
    shocks = shocks.reset_index()
    ids = pd.Index(shocks["catalyst"] + ":" + shocks["ticker"], name="event_id")
    return shocks.set_index(ids).drop(columns=["_turn", "_rank"])


def _joined(texts: pd.Series, mark: str) -> str:
    return mark.join(dict.fromkeys(mark.join(texts.dropna().astype(str)).split(mark)))


def _flags_of_each(events: pd.DataFrame) -> pd.DataFrame:
    """Flag what spoils the reading of each firm, and sort by day 0, own events first."""
    own = events["own_news"].to_numpy(bool)
    itself = own & (events["category"] == "deal").to_numpy(bool)
    financing = events.get("concurrent_financing", pd.Series(False, index=events.index))
    events = flagged(events).assign(
        own_deal=near(events, own_deals()) & ~itself,
        concurrent_financing=financing.to_numpy(bool) & own,
        _after=~own,
    )
    events = events.sort_values(["_day0", "_after"], kind="stable")
    return check_events(events.drop(columns=["_after", "_day0"]))
