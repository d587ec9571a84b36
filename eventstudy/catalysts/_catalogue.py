"""The catalogue as an events table: read, filter, flag."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pandas as pd

from eventstudy import errors
from eventstudy.catalysts._data import catalogue
from eventstudy.catalysts._flags import flagged
from eventstudy.events import day_of

#: deal: a firm's own AI or hosting business; earnings: a hyperscaler reports; capex: it
#: guides its capital expenditure; nvidia: Nvidia reports; product: a product presentation;
#: macro: bitcoin, markets, politics
CATEGORIES = ("deal", "earnings", "capex", "nvidia", "product", "macro")
CONFIDENCES = ("low", "medium", "high")


@cache
def _flagged_catalogue() -> pd.DataFrame:
    return flagged(catalogue())


def load(
    category: str | Iterable[str] | None = None,
    since: object = None,
    until: object = None,
    ids: str | Iterable[str] | None = None,
    min_confidence: str = "medium",
) -> pd.DataFrame:
    """Give the dated events of the catalogue: AI deals of miners and what moved the sector.

    Parameters
    ----------
    category
        One or several of ``deal`` (a firm's own AI or hosting business), ``earnings`` (a
        hyperscaler reports), ``capex`` (a hyperscaler guides its capital expenditure),
        ``nvidia`` (Nvidia reports), ``product`` (a product presentation) and ``macro``
        (bitcoin, markets, politics). Default all.
    since, until
        First and last date, both included.
    ids
        One or several event ids.
    min_confidence
        ``low``, ``medium`` or ``high``: how sure the *date* must be. Events of low confidence
        are to be checked before use and are left out by default.

    Returns
    -------
    DataFrame
        An events table, in the order of the catalogue. ``ticker`` is the first of
        ``tickers``, or missing for news about a sector or the market (see `expand`).
        ``date`` is the day in New York, but the halving's is the day in UTC. ``time_et`` is
        the time of day where known (~: usual for such news). ``scheduled``: the day was
        public beforehand, so for reports, presentations and announced decisions; never for a
        deal, even if told with a report, because nobody knew that a deal would come.
        ``usd`` is the size in US dollars (capex: midpoint of the guided range), ``mw`` the
        power in megawatts (lower end of a range). ``surprise`` is midpoint / consensus − 1.
        Flags that spoil a reading: ``own_earnings`` (the firm reported within one weekday,
        as far as the catalogue knows its reports, and the event is not that report),
        ``concurrent_financing`` (it sold securities the same day), ``merger_arbitrage`` (its
        price followed a merger ratio).

    Raises
    ------
    OptionError
        A category, id or confidence is not known; an id is less sure than
        `min_confidence`; nothing is left.

    Examples
    --------
    >>> from eventstudy import catalysts
    >>> deals = catalysts.load(category="deal", since="2025-11-01", until="2025-11-05")
    >>> deals[["ticker", "usd", "mw"]].to_dict("records")[0]
    {'ticker': 'CIFR', 'usd': 5500000000.0, 'mw': 300.0}
    """
    events = _flagged_catalogue()
    if min_confidence not in CONFIDENCES:
        raise errors.unknown_option("min_confidence", min_confidence, CONFIDENCES)
    keep = events["confidence"].isin(CONFIDENCES[CONFIDENCES.index(min_confidence) :])
    if ids is not None:
        keep &= events.index.isin(_known_ids(ids, events, keep, min_confidence))
    if category is not None:
        keep &= events["category"].isin(_known_categories(category))
    if since is not None:
        keep &= events["date"] >= day_of(since)
    if until is not None:
        keep &= events["date"] <= day_of(until)
    if not keep.any():
        raise errors.catalysts_nothing_left()
    return events[keep].copy()


def _known_ids(
    ids: str | Iterable[str], events: pd.DataFrame, sure: pd.Series, least: str
) -> list[str]:
    asked = [ids] if isinstance(ids, str) else list(ids)
    if unknown := [name for name in asked if name not in events.index]:
        raise errors.catalysts_unknown_ids(unknown, list(events.index))
    if unsure := [name for name in asked if not sure[name]]:
        raise errors.catalysts_not_sure_enough(unsure, least)
    return asked


def _known_categories(category: str | Iterable[str]) -> list[str]:
    asked = [category] if isinstance(category, str) else list(category)
    for name in asked:
        if name not in CATEGORIES:
            raise errors.unknown_option("category", name, CATEGORIES)
    return asked
