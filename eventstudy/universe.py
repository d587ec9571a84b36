"""The firms and benchmarks of the catalogue, and since when each price is the firm's own.

``MINERS`` are the thirteen tickers that the examples study; ``OWN_SINCE`` is for panels,
``Panel.from_prices(..., own_since=OWN_SINCE)``. Facts about listings come from public pages;
where only memory or the first stored price speaks for a day, the ``note`` says so.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

__all__ = [
    "BENCHMARKS",
    "HOLDINGS",
    "HYPERSCALERS",
    "MINERS",
    "OWN_SINCE",
    "Holding",
    "holdings",
    "pivoted",
    "table",
]


class _Row(NamedTuple):
    ticker: str
    name: str
    kind: str
    own_since: str = ""
    ai_since: str = ""
    note: str = ""


_ROWS = (
    _Row("IREN", "IREN Ltd", "miner", "2021-11-17", "2025-08-28",
         "First price of the Nasdaq listing. Formerly Iris Energy; fiscal year ends in June. "
         "Rented out GPUs before the first deal of the catalogue."),
    _Row("CIFR", "Cipher Digital", "miner", "2021-08-30", "2025-01-31",
         "A shell company until the merger of August 2021; day from memory. "
         "Cipher Mining until February 2026."),
    _Row("HUT", "Hut 8", "miner", "2023-12-04", "2024-06-24",
         "Before: the old Hut 8 Mining, merged away; one new share for five, day from memory. "
         "Owns about 80 % of ABTC."),
    _Row("WULF", "TeraWulf", "miner", "2021-12-14", "2024-12-23",
         "First price after the merger with Ikonics."),
    _Row("CORZ", "Core Scientific", "miner", "2024-01-24", "2024-06-03",
         "New shares after bankruptcy. A first AI contract of March 2024 is of low confidence "
         "and not counted. Traded on a merger ratio from 2025-07-07 to 2025-10-30."),
    _Row("RIOT", "Riot Platforms", "miner", "", "2026-01-16", "Listed all along."),
    _Row("MARA", "MARA Holdings", "miner", "", "2025-08-11",
         "Listed all along; Marathon Digital until August 2024."),
    _Row("CLSK", "CleanSpark", "miner", "", "2025-10-20",
         "Listed all along; fiscal year ends in September."),
    _Row("BTDR", "Bitdeer", "miner", "2023-04-14", "2025-10-15",
         "A shell company until its merger closed on 2023-04-13, from memory; first session "
         "after it."),
    _Row("BITF", "Bitfarms, now Keel Infrastructure", "miner", "", "2025-11-13",
         "Symbol KEEL since April 2026: sources that know today's symbols only have the whole "
         "history there."),
    _Row("HIVE", "HIVE Digital", "miner", "", "2026-05-18",
         "Also in Toronto; fiscal year ends in March. A plan of 2026-05-08 is of low confidence "
         "and not counted."),
    _Row("APLD", "Applied Digital", "miner", "2022-04-13", "2025-06-02",
         "First price of the Nasdaq listing. Applied Blockchain until November 2022. Hosted AI "
         "before the first deal of the catalogue."),
    _Row("GLXY", "Galaxy Digital", "miner", "2025-05-16", "2025-03-28",
         "Nasdaq listing; before that in Toronto only (GLXY.TO)."),
    _Row("GLXY.TO", "Galaxy Digital, Toronto", "related", "", "2025-03-28",
         "Canadian dollars; the line of the deals before the Nasdaq listing."),
    _Row("ABTC", "American Bitcoin", "related", "2025-09-03", "",
         "Before: Gryphon, another business. About 80 % Hut 8, so not independent of HUT."),
    _Row("WYFI", "WhiteFiber", "related", "2025-08-07", "2025-12-19",
         "About 70 % Bit Digital, so not independent of BTBT."),
    _Row("BTBT", "Bit Digital", "related", "", "2025-07-16",
         "Holds ether instead of mining since June 2025."),
    _Row("MSFT", "Microsoft", "hyperscaler"),
    _Row("META", "Meta Platforms", "hyperscaler"),
    _Row("AMZN", "Amazon", "hyperscaler"),
    _Row("GOOGL", "Alphabet", "hyperscaler"),
    _Row("NVDA", "Nvidia", "supplier", note="Ten-for-one split in June 2024: adjusted prices."),
    _Row("AMD", "Advanced Micro Devices", "supplier"),
    _Row("DELL", "Dell Technologies", "supplier"),
    _Row("ORCL", "Oracle", "cloud"),
    _Row("CRWV", "CoreWeave", "cloud", "2025-03-28", note="Initial offering, day from memory."),
    _Row("NBIS", "Nebius", "cloud", "2024-10-21", note="First price after the trading halt."),
    _Row("SPY", "S&P 500 fund", "benchmark"),
    _Row("QQQ", "Nasdaq 100 fund", "benchmark",
         note="Holds Nvidia and the hyperscalers: moves with their news by construction."),
    _Row("IWM", "Russell 2000 fund", "benchmark"),
    _Row("SMH", "Semiconductor fund", "benchmark", note="Holds Nvidia."),
    _Row("WGMI", "Bitcoin miners fund", "benchmark", "2022-02-08",
         note="Managed; holds the miners themselves, IREN for about a fifth in October 2025."),
    _Row("IBIT", "Bitcoin fund", "benchmark", "2024-01-11"),
    _Row("BTC-USD", "Bitcoin", "benchmark",
         note="Seven days a week; a day ends at 00:00 UTC, hours after the close."),
    _Row("^GSPC", "S&P 500 index", "benchmark", note="Without dividends."),
)  # fmt: skip

_HYPERSCALERS = tuple(row.ticker for row in _ROWS if row.kind == "hyperscaler")


class Holding(NamedTuple):
    """A ticker inside a fund that serves as a benchmark.

    Examples
    --------
    >>> HOLDINGS[0].fund, HOLDINGS[0].ticker, HOLDINGS[0].weight
    ('WGMI', 'IREN', 0.198)
    """

    fund: str
    ticker: str
    #: share of the fund, 0 where it is not known, in the month that it was read for
    weight: float
    month: str
    source: str


_SEEN = "a public page with the weights of 2025-10-31"
_BY_RULE = "the fund's index, from memory; the weight changes and was not looked up"
#: who is inside which benchmark, as far as the catalogue's sources say; not a list of holdings
HOLDINGS: tuple[Holding, ...] = (
    Holding("WGMI", "IREN", 0.198, "October 2025", _SEEN),
    Holding("WGMI", "CIFR", 0.173, "October 2025", _SEEN),
    Holding("WGMI", "BITF", 0.087, "October 2025", _SEEN),
    Holding("WGMI", "NVDA", 0.0, "October 2025", "the same page, without the weight"),
    Holding("SMH", "NVDA", 0.0, "", _BY_RULE),
    *(Holding("QQQ", ticker, 0.0, "", _BY_RULE) for ticker in ("NVDA", *_HYPERSCALERS)),
)

#: the thirteen listed miners of the catalogue; related lines of the same firms are left out
MINERS: tuple[str, ...] = tuple(row.ticker for row in _ROWS if row.kind == "miner")
#: the four firms whose reports and capital expenditure the catalogue follows
HYPERSCALERS: tuple[str, ...] = _HYPERSCALERS
#: market, sector and bitcoin series to measure against
BENCHMARKS: tuple[str, ...] = tuple(row.ticker for row in _ROWS if row.kind == "benchmark")
#: first session on which a price is the firm's own; tickers without such a limit are not in it
OWN_SINCE: dict[str, date] = {
    row.ticker: date.fromisoformat(row.own_since) for row in _ROWS if row.own_since
}


def table() -> pd.DataFrame:
    """Give every ticker that the catalogue speaks of, and what one must know of it.

    Returns
    -------
    DataFrame
        ``ticker``; ``name``; ``kind`` (miner, related, hyperscaler, supplier, cloud,
        benchmark); ``own_since``, the first session on which the price is the firm's own
        (missing: no limit); ``ai_since``, the date of its first AI deal in the catalogue with
        medium or high confidence (missing: none yet); ``note``.

    Examples
    --------
    >>> from eventstudy import universe
    >>> universe.table().set_index("ticker").loc["HUT", "own_since"].date().isoformat()
    '2023-12-04'
    """
    frame = pd.DataFrame(_ROWS, columns=list(_Row._fields))
    days = ["own_since", "ai_since"]
    return frame.assign(**{c: pd.to_datetime(frame[c], format="%Y-%m-%d") for c in days})


def holdings() -> pd.DataFrame:
    """Give the funds among the benchmarks that are known to hold a ticker of the catalogue.

    Measured against such a fund a ticker's own news is partly taken away. What is not in the
    table is not known, which does not mean that the fund does not hold it.

    Returns
    -------
    DataFrame
        ``fund``, ``ticker``, ``weight`` (a fraction; missing: not known), ``month`` that it was
        read for, ``source``.

    Examples
    --------
    >>> from eventstudy import universe
    >>> universe.holdings().set_index(["fund", "ticker"]).loc[("WGMI", "IREN"), "weight"]
    np.float64(0.198)
    """
    frame = pd.DataFrame(HOLDINGS, columns=list(Holding._fields))
    return frame.assign(weight=frame["weight"].where(frame["weight"] > 0))


def pivoted(events: pd.DataFrame) -> pd.Series:
    """Tell for each event whether its firm had announced an AI deal before that date.

    Strictly before: on the day of its first deal a firm still counts as a pure miner.
    Firms without an AI deal, or unknown to the catalogue, are never pivoted.

    Parameters
    ----------
    events
        Events with the columns ``ticker`` and ``date``.

    Returns
    -------
    Series
        True or False, with the index of `events`: a column to group by.

    Examples
    --------
    >>> import pandas as pd
    >>> from eventstudy import universe
    >>> events = pd.DataFrame({"ticker": ["HUT", "RIOT"], "date": pd.Timestamp("2025-11-03")})
    >>> universe.pivoted(events).tolist()
    [True, False]
    """
    since = events["ticker"].map(table().set_index("ticker")["ai_since"]).to_numpy()
    before = since.astype("datetime64[D]") < events["date"].to_numpy().astype("datetime64[D]")
    return pd.Series(np.asarray(before), index=events.index, name="pivoted", dtype=bool)
