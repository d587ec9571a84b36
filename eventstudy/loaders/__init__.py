"""Sources of prices: one callable each, all with the same arguments and the same answer.

A loader is a callable ``(tickers, start, end, fields=("adj_close",)) -> DataFrame``: sessions ×
tickers, or × (field, ticker) for several fields, `end` included. What happened to each ticker
is in ``frame.attrs["report"]``. Any function of a user's own with the first three arguments is
a loader too.

Two are ready: ``yahoo``, which is ``Yahoo()``, and ``sample``, which is ``SimulatedPrices()``.
`csv`, `parquet`, `sql` and `cached` make one.
"""

from eventstudy.loaders._cached import CachedPrices, cached
from eventstudy.loaders._files import csv, parquet
from eventstudy.loaders._request import Loader
from eventstudy.loaders._simulated import SimulatedPrices, sample
from eventstudy.loaders._sql import sql
from eventstudy.loaders._yahoo import Yahoo, yahoo
from eventstudy.web import Key, Page, https_get

__all__ = [
    "CachedPrices",
    "Key",
    "Loader",
    "Page",
    "SimulatedPrices",
    "Yahoo",
    "cached",
    "csv",
    "https_get",
    "parquet",
    "sample",
    "sql",
    "yahoo",
]
