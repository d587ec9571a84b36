"""What was in the news on a day: catalysts whose day 0 it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from eventstudy import catalysts, errors, universe
from eventstudy.align import Timing, day_zero
from eventstudy.events import check_events
from eventstudy.panel import Panel

#: how deals of other miners are called
PEER = {"category": "peer deal"}


def with_catalysts(
    found: pd.DataFrame, panel: Panel, timing: Timing, given: object
) -> pd.DataFrame:
    """Add ids, category and headline of the news of each day; missing where there is none.

    News that names the firm stands before news that concerns all. ``attrs["spelled"]`` tells
    which tickers the news spells otherwise: name in the news → ticker.
    """
    tickers = list(found["ticker"].unique())
    news = _news([*tickers, *(ticker.upper() for ticker in tickers)], given)
    spelled = _spelled(news, panel.tickers, tickers)
    day = day_zero(news, panel.sessions, timing) if len(news) else np.empty(0, dtype=np.int64)
    told = (
        _told(news)
        .replace({"ticker": spelled})
        .assign(day=panel.sessions[day].astype("datetime64[ns]"))[day >= 0]
    )
    days = pd.DataFrame({"ticker": found["ticker"].array, "day": found["date"].array})
    days["event"] = found.index
    own = days.merge(told, on=["ticker", "day"])
    others = days.merge(told[told["ticker"].isna()].drop(columns="ticker"), on="day")
    hits = pd.concat([own, others]).groupby("event", sort=False)
    texts = {"catalyst": "+", "headline": "; "}
    columns = {name: hits[name].agg(partial(_joined, mark)) for name, mark in texts.items()}
    columns["category"] = hits["category"].first()
    names = ("catalyst", "category", "headline")
    added = {name: columns[name].reindex(found.index).astype(object) for name in names}
    made = found.assign(**{name: text.where(text != "", None) for name, text in added.items()})
    made.attrs["spelled"] = spelled
    return made


def _spelled(news: pd.DataFrame, tickers: Sequence[str], wanted: Iterable[str]) -> dict[str, str]:
    """Names in the news that mean one of the tickers ``wanted``, but for capital letters.

    Only where it can be no other one: neither the panel nor the news has these letters twice.
    """
    names = news["ticker"].dropna().astype(str).unique() if len(news) else ()
    asked = set(wanted)
    alike: dict[str, tuple[set[str], set[str]]] = {}
    for side, spellings in enumerate((names, tickers)):
        for name in spellings:
            alike.setdefault(name.upper(), (set(), set()))[side].add(name)
    pairs = [(*said, *known) for said, known in alike.values() if len(said) == len(known) == 1]
    return {said: known for said, known in pairs if said != known and known in asked}


def _news(tickers: Sequence[str], given: object) -> pd.DataFrame:
    """The user's news, or the catalogue: of the tickers; for miners of sector and peers too."""
    if isinstance(given, pd.DataFrame):
        return check_events(given, named=False) if len(given) else given
    if given is not None and given is not True:
        raise errors.detect_catalysts(given)
    listed = catalysts.load()
    named = listed.assign(ticker=listed["tickers"].fillna(listed["ticker"]).str.split(";"))
    named = named.explode("ticker")
    parts = [named[named["ticker"].isin(tickers)]]
    miners = [ticker for ticker in tickers if ticker in universe.MINERS]
    if miners:
        sector = catalysts.expand(listed, miners)
        peers = catalysts.expand(listed, miners, who="peers")
        said = peers["issuer"] + ": " + peers["headline"]
        parts += [sector[~sector["own_news"]], peers.assign(headline=said, **PEER)]
    return pd.concat(parts)


def _joined(mark: str, texts: Iterable[str]) -> str:
    return mark.join(filter(None, texts))


def _told(news: pd.DataFrame) -> pd.DataFrame:
    """Ticker, id, category and headline of each piece of news, as text."""
    ids = pd.Series(news.index.astype(str), news.index, dtype=object)
    text = {"ticker": news["ticker"] if len(news) else ids}
    text["catalyst"] = news["catalyst"].fillna(ids) if "catalyst" in news else ids
    for name, sources in (("category", ("category",)), ("headline", ("headline", "title"))):
        said = pd.Series("", news.index, dtype=object)
        for source in sources:
            if source in news:
                said = said.where(said != "", news[source].astype(object).fillna(""))
        text[name] = said.astype(str).astype(object)
    return pd.DataFrame(text)
